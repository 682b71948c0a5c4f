"""Words: how they are cut and folded, when they match, and the extract around them."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.rules.full_text import extract, matches, wanted, words


@pytest.mark.parametrize(("text", "cut"), [
    ("Captación, captación; CAPTACIÓN", ("captacion",)), ("Niña de 15 años", ("nina", "de", "15", "anos")),
    ("PE-129A", ("pe", "129a")), ("D'Angelo", ("d", "angelo")), ("Cafe\u0301", ("cafe",)), ("Straße", ("strasse",)),
    ("北京", ("u5317u4eac",)), ("½", ("12",)), ("", ()),
    ("«--»", ()), ("a_b", ("a", "b"))])
def test_a_text_is_cut_into_folded_words(text: str, cut: tuple[str, ...]) -> None:
    assert words(text) == cut


@given(st.text())
def test_words_are_ascii_letters_and_digits(text: str) -> None:
    assert all(word.isascii() and word.isalnum() and word == word.lower() and len(word) <= 60 for word in words(text))


@given(st.text())
def test_a_word_folds_to_itself(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)


def test_eight_words_are_searched_at_most() -> None:
    assert wanted(" ".join(f"palabra{n}" for n in range(20))) == tuple(f"palabra{n}" for n in range(8))


@pytest.mark.parametrize(("searched", "match"), [
    ("bar", True), ("ba", False), ("barc", False), ("menor", True), ("bar menor", True), ("bar hotel", False), ("", False)])
def test_all_words_must_stand_and_three_letters_are_enough(searched: str, match: bool) -> None:
    assert matches("Un bar con menores", wanted(searched)) is match


@given(st.text(max_size=600), st.text(max_size=30))
def test_an_extract_is_a_part_of_the_text_with_only_searched_words_marked(text: str, typed: str) -> None:
    searched, plain = wanted(typed), " ".join(text.split())
    pieces = extract(text, searched)
    assert "".join(piece.text for piece in pieces).removeprefix("…").removesuffix("…") in plain + "…"
    assert all(matches(piece.text, [one for one in searched if matches(piece.text, [one])]) for piece in pieces if piece.found)


def test_an_extract_holds_the_first_word_that_was_searched() -> None:
    pieces = extract("x " * 500 + "Pampa " + "y " * 500, wanted("pampa"))
    assert [piece.text for piece in pieces if piece.found] == ["Pampa"]
    assert pieces[0].text == "…" and pieces[-1].text.endswith("…")


def test_a_word_longer_than_the_extract_is_cut() -> None:
    assert len("".join(piece.text for piece in extract("z" * 5000, wanted("pampa")))) < 230
