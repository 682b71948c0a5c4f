"""Aggravating circumstances that the records of the persons bear out: proposed, never imposed (CP art. 129-B)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sistra.codebook.terms import codelist

_FAMILY = frozenset({"FAM", "FAM-PAR", "FAM-TUT", "FAM-OTR", "PAR"})


@dataclass(frozen=True, slots=True)
class Aggrieved:
    """What counts of one victim. `relations` are codes of what the accused is to the victim."""

    age: int | None = None
    age_group: str | None = None
    disabled: bool = False
    pregnant: bool = False
    relations: Collection[str] = ()
    same_household: bool = False


def proposed(victims: Sequence[Aggrieved], *, accused: int, public_official: bool, organised: bool) -> tuple[str, ...]:
    """The codes that the records bear out, in list order. `accused` is how many the charge has."""
    found = set()
    if len(victims) > 1:
        found.add("PLU")
    if accused > 1:
        found.add("DOS")
    if public_official:
        found.add("FUN")
    if organised:
        found.add("OCR")
    for one in victims:
        found |= _of(one)
    return tuple(code for code in codelist("aggravating_circumstance") if code in found)


def _of(victim: Aggrieved) -> set[str]:
    found = set()
    if victim.age_group == "L-U14" or (victim.age is not None and victim.age < 14) or victim.disabled:
        found.add("U14")
    if victim.age_group == "L-14-17" or (victim.age is not None and 14 <= victim.age < 18):
        found.add("A14")
    if victim.pregnant:
        found.add("GES")
    if victim.same_household or _FAMILY.intersection(victim.relations):
        found.add("FAM")
    return found
