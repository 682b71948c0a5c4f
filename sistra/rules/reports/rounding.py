"""Figures that leave the prosecution service: rounded to a multiple of five by a keyed rule.

Until suppression with its test of attack exists, no agency is told an exact figure. A figure goes up or down at random, the
nearer multiple more often, so that it is right on average; and always the same way for the same records, however they were
asked for. A total is rounded for itself, so that the rows do not add up to it and no single difference gives a row back.

Other records are drawn anew, so that many sets which differ by the same few would give these back on average: agencies choose
among few periods therefore (`Period.plain`). Instants they still choose freely: who compares the tables of two instants learns
that something changed between them.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

BASE: Final = 5

Keyed = Callable[[str], bytes]
"""A keyed fingerprint of a text, of eight bytes or more, that nobody without the key can work out."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many, and two sums over the keys of what was counted by which the same records are known again.

    `amount` is a sum of money in hundredths, where that is what is told.
    """

    number: int = 0
    keys: int = 0
    squares: int = 0
    amount: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.number + other.number, self.keys + other.keys, self.squares + other.squares,
                       self.amount + other.amount)


NONE: Final = Counted()


def together(found: Iterable[Counted]) -> Counted:
    return sum(found, NONE)


def exact(counted: Counted, what: str) -> int:
    """The figure as it is, for those who may know it."""
    return counted.number


def rounded(keyed: Keyed) -> Callable[[Counted, str], int]:
    """The rule under a key: (what was counted, in a word that names its unit) -> a multiple of five at most four away."""
    def figure(counted: Counted, what: str) -> int:
        rest = counted.number % BASE
        if not rest:
            return counted.number
        chance = int.from_bytes(keyed(f"{what}|{counted.number}|{counted.keys}|{counted.squares}")[:8]) / 2**64
        return counted.number - rest + (BASE if chance < rest / BASE else 0)
    return figure
