"""Charges that meet others: offered to another office in every state that a referral can have, and joined to a court case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sistra.rules import hand_over
from sistra.rules.demonstration.chance import Chance
from sistra.rules.demonstration.courts import CASE
from sistra.rules.demonstration.shapes import ASSISTANT, PROSECUTOR, OtherCase, PlannedCharge, Step
from sistra.rules.entries import LIMA

_ANSWERS = (hand_over.ACCEPTED, hand_over.OFFERED, hand_over.WITHDRAWN, hand_over.PREPARED, hand_over.ACCEPTED)
"""How a referral that nobody sends back stands at the end, in turn."""
_JOINING = frozenset({"en-diligencias", "en-diligencias-ampliadas", "continua", "reapertura"})
"""Stories that may come before the court in a case that another charge began."""
_EVERY = 4
"""One of so many that may is joined to a case."""


def met(chance: Chance, charges: Sequence[PlannedCharge], today: date) -> Iterator[PlannedCharge]:
    """The charges with the steps by which some of them meet others, all before `today`."""
    turn, cases, able = 0, defaultdict[str, list[int]](list), 0
    for place, one in enumerate(charges):
        own = chance.of(place)
        if one.story == "derivada":
            one = _referred(one, _ANSWERS[turn % len(_ANSWERS)], own, today)
            turn += 1
        elif one.story in _JOINING and (found := _open_to(one, cases[one.office], charges, own, today)) is not None:
            able += 1
            if able % _EVERY == 1:
                one = replace(one, steps=(*one.steps, found))
        if any(step.label == CASE for step in one.steps) and not any(step.code == "SEL-PON" for step in one.steps):
            cases[one.office].append(place)
        yield one


def _next(at: datetime, chance: Chance, today: date) -> datetime | None:
    """A working hour of one of the following days, if it is before `today`."""
    day = at.astimezone(LIMA).date() + timedelta(days=chance.number(1, 9))
    return datetime.combine(day, time(9 + chance.number(0, 7), chance.number(0, 59)), LIMA) if day < today else None


def _referred(one: PlannedCharge, state: str, chance: Chance, today: date) -> PlannedCharge:
    """A charge whose last step offers it to another office, with what became of that."""
    *before, offer = one.steps
    if state == hand_over.PREPARED:
        return replace(one, steps=(*before, replace(offer, verb="prepare", by=ASSISTANT)))
    at = _next(offer.at, chance, today)
    if state == hand_over.OFFERED or at is None:
        return one
    return replace(one, steps=(*one.steps, Step("referral", at, PROSECUTOR, state)))


def _open_to(
    one: PlannedCharge, cases: Sequence[int], charges: Sequence[PlannedCharge], chance: Chance, today: date
) -> Step | None:
    """The step that joins a charge to the case of an earlier one of its office, of which everything was told by then."""
    if any(step.code == "SEL-PON" for step in one.steps) or not one.steps:
        return None
    at = _next(one.steps[-1].at, chance, today)
    if at is None:
        return None
    told = [place for place in cases if charges[place].steps[-1].at < at]
    return Step("join_case", at, PROSECUTOR, "ACM", values={"court_case": OtherCase(told[-1])}) if told else None
