"""Words as the full text of summaries is searched: cut and folded here, so that both databases find the same."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PREFIX_FROM = 3
"""Letters from which a searched word finds those that begin with it; a shorter one finds itself alone."""
_MOST_WORDS, _LONGEST, _WIDTH, _BEFORE = 8, 60, 220, 70
_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an extract, and whether it is a word that was searched."""

    text: str
    found: bool = False


def _folded(word: str) -> str:
    """ASCII letters and digits in lower case. Other scripts are spelt by the codes of their letters.

    No database has then to know which signs of Unicode are letters.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    kept = (mark for mark in plain if mark.isalnum())
    return "".join(mark if mark.isascii() else f"u{ord(mark):x}" for mark in kept)[:_LONGEST]


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of the text folded, with where it begins and ends."""
    for match in _WORD.finditer(text):
        if folded := _folded(match[0]):
            yield folded, match.start(), match.end()


def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded, each once, in order of appearance."""
    return tuple(dict.fromkeys(word for word, _, _ in _words(text)))


def wanted(text: str) -> tuple[str, ...]:
    """The words that somebody searches: eight at most. Signs, quotes and operators part words and mean nothing else."""
    return words(text[:1000])[:_MOST_WORDS]


def _is_wanted(word: str, searched: Sequence[str]) -> bool:
    return any(word.startswith(one) if len(one) >= PREFIX_FROM else word == one for one in searched)


def matches(text: str, searched: Sequence[str]) -> bool:
    """Whether each searched word stands in the text, or begins one of its words."""
    held = words(text)
    return bool(searched) and all(any(_is_wanted(word, (one,)) for word in held) for one in searched)


def extract(text: str, searched: Sequence[str]) -> tuple[Piece, ...]:
    """Some 220 characters of the text around the first searched word, in pieces, the searched words marked."""
    text = " ".join(text.split())
    places = [(start, end) for word, start, end in _words(text) if _is_wanted(word, searched)]
    begin, end = _window(text, places[0][0] if places else 0)
    pieces, at = [Piece("…")] if begin else [], begin
    for start, stop in places:
        if begin <= start and stop <= end:
            pieces += [Piece(text[at:start]), Piece(text[start:stop], True)]
            at = stop
    pieces.append(Piece(text[at:end] + ("…" if end < len(text) else "")))
    return tuple(piece for piece in pieces if piece.text)


def _window(text: str, first: int) -> tuple[int, int]:
    """Where the extract begins and ends, not within a word unless the word is longer than the extract."""
    begin = max(0, first - _BEFORE)
    if begin:
        begin = text.rfind(" ", 0, begin + 1) + 1 or begin
    end = min(len(text), begin + _WIDTH)
    if end < len(text) and (space := text.rfind(" ", first, end)) > first:
        end = space
    return begin, end
