"""Chance with a seed, and words drawn by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from types import MappingProxyType
from typing import TypeVar

from sistra.codebook.terms import read_rows

T = TypeVar("T")
_FORMS = re.compile(r"\[([^\]]*)\]")
Weighted = Mapping[str, float]


class Chance:
    """Draws that repeat for the same seed. Branches (`of`) do not disturb one another."""

    def __init__(self, *seed: object) -> None:
        self._seed = seed
        # Plausible texts and dates, no secret: a repeatable generator is what is wanted.
        self._random = Random("|".join(map(str, seed)))

    def of(self, *more: object) -> Chance:
        """A chance of its own for a part of the plan."""
        return Chance(*self._seed, *more)

    def yes(self, share: float) -> bool:
        """True in that share (0 to 1) of draws."""
        return self._random.random() < share

    def number(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, both included."""
        return self._random.randint(least, most)

    def one(self, things: Sequence[T]) -> T:
        return self._random.choice(things)

    def some(self, things: Sequence[T], most: int) -> tuple[T, ...]:
        """One to `most` of the things, in their order."""
        count = min(len(things), self._random.randint(1, most))
        return tuple(things[place] for place in sorted(self._random.sample(range(len(things)), count)))

    def by_weight(self, weights: Weighted) -> str:
        return self._random.choices(list(weights), list(weights.values()))[0]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        return self._random.sample(things, len(things))


def weights(text: str) -> Weighted:
    """`A:3;B:1` as weights."""
    pairs = (part.split(":") for part in text.split(";"))
    return {name: float(weight) for name, weight in pairs}


def by_share(shares: Weighted, number: int) -> list[str]:
    """So many names in their shares, by largest remainder; among equals the first."""
    total = sum(shares.values())
    exact = {name: share * number / total for name, share in shares.items()}
    dealt = {name: int(share) for name, share in exact.items()}
    for name in sorted(exact, key=lambda name: dealt[name] - exact[name])[: number - sum(dealt.values())]:
        dealt[name] += 1
    return [name for name, times in dealt.items() for _ in range(times)]


@cache
def phrases() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The phrases by kind and what they are about; `*` is about anything."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in read_rows("demo", "phrases"):
        found.setdefault((row["kind"], row["about"]), []).append(row["text"])
    return MappingProxyType({key: tuple(texts) for key, texts in found.items()})


def phrase(chance: Chance, kind: str, about: str = "*", words: Mapping[str, str] | None = None, form: int = 0) -> str:
    """A phrase of that kind with its words put in. `form` 0 to 3: feminine, masculine, feminine plural, masculine plural.

    `about` falls back on the head of its code (`LAB-MIN`, `LAB`), then on `*`.
    """
    known = phrases()
    texts = known.get((kind, about)) or known.get((kind, about.partition("-")[0])) or known[kind, "*"]
    said = _FORMS.sub(lambda found: _form(found[1].split("|"), form), chance.one(texts))
    for name, word in (words or {}).items():
        said = said.replace(f"{{{name}}}", word)
    return said


def _form(forms: Sequence[str], form: int) -> str:
    return forms[form // 2] if len(forms) == 2 else forms[form]


def has_phrase(kind: str, about: str) -> bool:
    """Whether there is a phrase about exactly that."""
    return (kind, about) in phrases()
