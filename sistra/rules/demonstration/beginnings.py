"""How an investigation begins, and what may happen on its way."""

from __future__ import annotations

from sistra.rules.demonstration.course import Course
from sistra.rules.demonstration.inquiries import work
from sistra.rules.demonstration.shapes import Ref


def taken_up(c: Course) -> None:
    if c.facts.source == "OPE":
        c.act("OPE-RES")
    if c.chance.yes(0.6):
        c.go(0, 3).act("CAL-INI")


def inquiries(c: Course, least: int = 2, most: int = 5, pace: int = 26) -> None:
    taken_up(c)
    c.go(0, 4).act("DIP-INI", term_days=c.chance.one((60, 60, 90, 120, 120)))
    work(c, least, most, pace=pace)


def extended(c: Course) -> None:
    c.go(3, 8).act("DIP-AMP", term_days=c.chance.one((60, 60, 90)))


def retyped(c: Course) -> None:
    """The prosecutor finds another offence in a count."""
    if c.counts and c.chance.yes(0.5):
        c.act("TIP-FIS", counts=(Ref(c.counts[0]),), offence=other_offence(c))


def other_offence(c: Course) -> str:
    to = "PE-129C" if c.facts.sexual else "PE-129O"
    return to if to != c.offence else "PE-129A"


def regime(c: Course, share: float = 0.12) -> None:
    if c.chance.yes(share):
        c.act(c.chance.one(("REG-COM", "REG-COM", "REG-ORG")), term_days=None)
        if c.chance.yes(0.3):
            c.go(10, 30).act("REG-ORD")
