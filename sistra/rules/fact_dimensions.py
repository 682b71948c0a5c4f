"""The dimensions of fact rows that no field holds: worked out from what the records say, with the kind of each."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from sistra.codebook.dictionary import record
from sistra.codebook.offences import offences
from sistra.codebook.terms import Unknown, codelist
from sistra.rules.coarsening import NO, NOT_KNOWN, YES, Kind, ages, amount_band, coarse, day_of, department, month, term_band
from sistra.rules.fact_answers import Told
from sistra.rules.outcomes import CONVICTED
from sistra.rules.purposes import main_purpose
from sistra.rules.stages import CLOSED, group_of

NOT_COUNTED = frozenset({"DER", "ACU"})
"""Statuses of a charge of which only the receiving charge counts (counting rule 6)."""

_ORIGIN, _TRANSIT, _DESTINATION, _HOME = "ORI", "TRA", "DES", "PE"


@dataclass(frozen=True, slots=True)
class Milestones:
    """How far one count has come: its stage, its state, and its dates: a PartialDate or Unknown where it got there."""

    stage: str | None
    state: str | None
    prosecuted: Any
    accusation: Any
    judged: Any
    final: Any

    @property
    def reached(self) -> str | None:
        """The furthest stage group that the count was ever known to be in: of what is final, a conviction alone is enforced."""
        groups = list(codelist("stage_group"))
        enforced = self.final if self.state in CONVICTED else None
        been = {group for group, when in zip(groups[1:], (self.prosecuted, self.accusation, None, self.judged, enforced),
                                             strict=True) if when is not None}
        if self.stage in codelist("procedural_stage") and self.stage != CLOSED:
            been.add(group_of(str(self.stage)))
        return max(been, key=groups.index) if been else groups[0]


_MILESTONES = ("prosecution", "accusation", "judgment", "final")


def yes(answer: bool) -> str:
    return YES if answer else NO


def core(offence: str | None) -> str | None:
    """Whether an offence is trafficking itself; None where the answer is no offence of the list."""
    found = offences().get(offence or "")
    return None if found is None else yes(found.core)


@cache
def _borders() -> Mapping[str, tuple[str, ...]]:
    """Department -> the countries it borders on."""
    found: dict[str, list[str]] = {}
    for term in codelist("border_region").values():
        found.setdefault(term.extra["department"], []).append(term.parent)
    return MappingProxyType({code: tuple(sorted(countries)) for code, countries in found.items()})


def _days(since: date | None, until: Any) -> int | None:
    """Days between two exact days."""
    day = day_of(until)
    return None if since is None or day is None else (day - since).days


def _received(told: Told) -> date | None:
    return day_of(told.date("charge", "received_on"))


# -- what each unit derives ------------------------------------------------------------------------------------------


def context(told: Told) -> dict[str, Any]:
    """What the row of every unit says of its charge. Court acts of a case without a charge say nothing."""
    status = told.raw("charge__status")
    return {"charge_id": told.raw("charge__id"), "reported_core": core(told.raw("charge__reported_offence")),
            "counted": None if status is None else yes(status not in NOT_COUNTED)}


CONTEXT = {"charge_id": Kind.KEY, "reported_core": Kind.YES_NO, "counted": Kind.YES_NO}


def _of_charge(told: Told) -> dict[str, Any]:
    counts = [_milestones(one) for one in str(told.raw("counts") or "").split(";") if one]
    since, groups = _received(told), list(codelist("stage_group"))
    dates = [[one.prosecuted, one.accusation, one.judged, one.final] for one in counts]
    reached = [group for group in (one.reached for one in counts) if group]
    place = told.raw("charge__exploitation_place") or told.raw("charge__notice_place")
    return {
        "counts": len(counts),
        "victims": told.raw("charge__victims_total"), "minors": told.raw("charge__minors_total"),
        "accused": told.raw("charge__accused_total"),
        "form": main_purpose(told.raw("charge__purpose_known") or ()),
        "border_regions": _borders().get(department(place) or "") or None,
        "reached": max(reached, key=groups.index) if reached else groups[0],
        "convicted": yes(any(one.state in CONVICTED for one in counts)),
    } | {f"days_to_{name}": _least(_days(since, row[place]) for row in dates) for place, name in enumerate(_MILESTONES)}


def _least(found: Iterable[int | None]) -> int | None:
    return min((one for one in found if one is not None), default=None)


def _milestones(text: str) -> Milestones:
    """`stage,state` and four dates: an ISO day, `?` where it is not exact, empty where it did not happen."""
    stage, state, *dates = text.split(",")
    return Milestones(stage or None, state or None, *(_milestone(one) for one in dates))


def _milestone(text: str) -> Any:
    if not text:
        return None
    return Unknown.NOT_KNOWN if text == "?" else date.fromisoformat(text)


def _of_victim(told: Told) -> dict[str, Any]:
    purposes = told.several("purposes") or _if_known(told.raw("victim__main_purpose"))
    legs = sorted((one.split(",") for one in str(told.raw("legs") or "").split(";") if one), key=lambda leg: int(leg[0]))
    ways = {point: [leg for leg in legs if leg[1] == point] for point in (_ORIGIN, _TRANSIT, _DESTINATION)}
    countries = {leg[2] for leg in legs if leg[2] and leg[2] != NOT_KNOWN}
    return {
        "purposes": purposes or None, "form": main_purpose(purposes),
        "recruitment_methods": told.several("recruitment_methods") or None,
        "recruitment_channels": told.several("recruitment_channels") or None,
        "exploitation_departments": _departments(told.several("exploitation_places")),
        "place_types": told.several("place_types") or None,
        "relations": told.several("relations") or None,
        "origin_country": _first(ways[_ORIGIN], 2), "origin_department": _first(ways[_ORIGIN], 3),
        "transit_departments": _departments(leg[3] for leg in ways[_TRANSIT]),
        "destination_country": _first(ways[_DESTINATION][::-1], 2),
        "destination_department": _first(ways[_DESTINATION][::-1], 3),
        "cross_border": yes(bool(countries - {_HOME})) if countries else None,
    }


def _if_known(code: str | None) -> tuple[str, ...]:
    return (code,) if code else ()


def _departments(places: Iterable[str]) -> tuple[str, ...] | None:
    return tuple(sorted({found for one in places if (found := department(one))})) or None


def _first(legs: Sequence[Sequence[str]], place: int) -> str | None:
    """Country (2) or department (3) of the first leg."""
    found = legs[0][place] if legs else ""
    return (department(found) if place == 3 else found) or None


def _of_count(told: Told) -> dict[str, Any]:
    own = Milestones(told.raw("count__stage"), told.raw("count__state"), *(
        told.date("count", name) for name in ("prosecuted_on", "accusation_on", "first_instance_on", "final_on")))
    persons = [ages(int(age) if age else None, group or None)["minor"]
               for age, _, group in (one.partition(",") for one in str(told.raw("persons") or "").split(";") if one)]
    steps = (own.prosecuted, own.accusation, own.judged, own.final)
    since = _received(told)
    return {
        "core": core(told.raw("count__offence")),
        "retypified": yes(told.raw("count__first_offence") not in (None, told.raw("count__offence"))),
        "form": main_purpose(told.raw("count__purposes") or ()),
        "victims": len(persons), "minors": persons.count(YES), "reached": own.reached,
    } | {f"days_to_{name}": _days(since, steps[place]) for place, name in enumerate(_MILESTONES)} | {
        f"days_{before}_to_{after}": _days(day_of(steps[place]), steps[place + 1])
        for place, (before, after) in enumerate(zip(_MILESTONES, _MILESTONES[1:], strict=False))}


def _of_ruling(told: Told) -> dict[str, Any]:
    told_of = told.raw("ruling__convicted_offence")
    convicted_of = told_of if told_of in offences() else told.raw("count__offence")
    term: Decimal | None = coarse(_IMPRISONMENT, told.value("penalty", _IMPRISONMENT))
    return {"core": core(convicted_of), "form": main_purpose(told.raw("count__purposes") or ()),
            "retypified": yes(told.raw("count__first_offence") not in (None, convicted_of)),
            "imprisonment_band": term_band(term)}


_IMPRISONMENT = record("penalty").fields["imprisonment"]


def _of_retypification(told: Told) -> dict[str, Any]:
    return {"from_core": core(told.raw("retypification__from_offence")), "to_core": core(told.raw("retypification__to_offence")),
            "form": main_purpose(told.raw("count__purposes") or ())}


def _of_reparation(told: Told) -> dict[str, Any]:
    return {name: _amount_band(told.value("reparation", field)) for name, field in _AMOUNTS.items()}


_AMOUNTS = {f"{name}_band": record("reparation").fields[f"amount_{name}"] for name in ("ordered", "paid")}


def _amount_band(amount: Any) -> str | None:
    return amount if amount is None else str(amount) if isinstance(amount, Unknown) else amount_band(amount)


def _of_event(told: Told) -> dict[str, Any]:
    when = told.date("event", "occurred_on")
    return {"occurred_month": str(when) if isinstance(when, Unknown) else month(when) if when else None}


def _none(told: Told) -> dict[str, Any]:
    return {}


_PROGRESS = {"reached": Kind.CODE} | {f"days_to_{name}": Kind.NUMBER for name in _MILESTONES}

DERIVED: Mapping[str, tuple[Mapping[str, Kind], Callable[[Told], dict[str, Any]]]] = MappingProxyType({
    "charge": ({"counts": Kind.NUMBER, "victims": Kind.NUMBER, "minors": Kind.NUMBER, "accused": Kind.NUMBER, "form": Kind.CODE,
                "border_regions": Kind.CODES, "convicted": Kind.YES_NO} | _PROGRESS, _of_charge),
    "victim": ({"purposes": Kind.CODES, "form": Kind.CODE, "recruitment_methods": Kind.CODES, "recruitment_channels": Kind.CODES,
                "exploitation_departments": Kind.CODES, "place_types": Kind.CODES, "relations": Kind.CODES,
                "origin_country": Kind.CODE, "origin_department": Kind.CODE, "transit_departments": Kind.CODES,
                "destination_country": Kind.CODE, "destination_department": Kind.CODE, "cross_border": Kind.YES_NO}, _of_victim),
    "accused": ({}, _none),
    "count": ({"core": Kind.YES_NO, "retypified": Kind.YES_NO, "form": Kind.CODE, "victims": Kind.NUMBER, "minors": Kind.NUMBER}
              | _PROGRESS | {f"days_{one}_to_{other}": Kind.NUMBER
                             for one, other in zip(_MILESTONES, _MILESTONES[1:], strict=False)}, _of_count),
    "event": ({"occurred_month": Kind.PERIOD}, _of_event),
    "ruling": ({"core": Kind.YES_NO, "retypified": Kind.YES_NO, "form": Kind.CODE, "imprisonment_band": Kind.BAND}, _of_ruling),
    "retypification": ({"from_core": Kind.YES_NO, "to_core": Kind.YES_NO, "form": Kind.CODE}, _of_retypification),
    "reparation": ({"ordered_band": Kind.BAND, "paid_band": Kind.BAND}, _of_reparation),
    "measure": ({}, _none),
    "service": ({}, _none),
})
"""Unit -> its derived columns, and what works them out."""
