"""What pages show of the counts of a charge: who is accused of what, against whom, its history, what a new one starts from."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from sistra.access import lens, scope
from sistra.access.may import may
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.access.views import CountView, RetypificationView
from sistra.codebook.offences import Offence, in_force, offences
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count, CountVictim
from sistra.models.people import Accused, Victim, VictimAccusedRelation
from sistra.rules import aggravations
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, said
from sistra.services import accounts, audit, counts, retypifications
from sistra.services.parts import codes, in_charge


@dataclass(frozen=True, slots=True)
class CountLine:
    """A count as lists show it: its view, the codes of its accused and victims, whether its offence changed."""

    view: CountView
    accused: str
    victims: tuple[str, ...]
    victim_ids: tuple[int, ...]
    retypified: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the offence of a count, with who entered it. Its event is hidden (0) where it is sealed."""

    view: RetypificationView
    author: str
    count: int


@dataclass(frozen=True, slots=True)
class CountPage:
    line: CountLine
    history: Sequence[Change]
    warnings: Sequence[Problem]
    may_amend: bool
    may_retypify: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of a count starts from: parts by code, offences offered and the others, the answers filled in.

    `proposed` are aggravating circumstances that the records bear out: told, never chosen, for choosing them is to qualify.
    """

    accused: Sequence[tuple[int, str]]
    victims: Sequence[tuple[int, str]]
    offered: Sequence[Offence]
    others: Sequence[Offence]
    values: Mapping[str, Any]
    proposed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Typification:
    """The offences of a charge in time: as it was reported, each count's first offence, and every change since."""

    reported: str
    received_on: PartialDate | None
    counts: Sequence[CountLine]
    changes: Sequence[Change]


def listed(viewer: Viewer, number: str) -> list[CountLine]:
    """The counts of a charge by accused. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "counts.read")
    audit.note(viewer, "counts.read", audit.subject_of(charge))
    rows = db.session.scalars(select(Count).where(Count.charge_id == charge.id).order_by(Count.accused_id, Count.id))
    return _lines(stands, charge, list(rows))


def _lines(stands: Standing, charge: Charge, rows: list[Count]) -> list[CountLine]:
    accused, victims = codes(charge.id, Accused), codes(charge.id, Victim)
    held: dict[int, list[int]] = {}
    for link in db.session.scalars(select(CountVictim).join(Count, CountVictim.count_id == Count.id).where(
            Count.charge_id == charge.id).order_by(CountVictim.victim_id)):
        held.setdefault(link.count_id, []).append(link.victim_id)
    views = lens.see_all(list(rows), lens.clearance(stands), team=stands.on_team) if rows else []
    return [
        CountLine(
            view,
            accused[row.accused_id],
            tuple(victims[key] for key in held.get(row.id, ())),
            tuple(held.get(row.id, ())),
            row.offence != row.first_offence,
        )
        for row, view in zip(rows, views, strict=True)
    ]


def show(viewer: Viewer, number: str, count_id: int) -> CountPage:
    """One count with the history of its offence. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "counts.read")
    row = counts.own(charge, count_id)
    audit.note(viewer, "count.read", audit.subject_of(row))
    return CountPage(_lines(stands, charge, [row])[0], _changes(stands, [row.id]), _warnings(charge, row),
                     may(viewer, "count.amend", stands), may(viewer, "event.decide", stands))


def _changes(stands: Standing, count_ids: Sequence[int]) -> list[Change]:
    rows = retypifications.history(count_ids)
    authors = accounts.user_names([row.author_id for row in rows])
    views = lens.see_all(list(rows), lens.clearance(stands), team=stands.on_team) if rows else []
    return [
        Change(view, authors.get(row.author_id or 0, ""), row.count_id) for row, view in zip(rows, views, strict=True)
    ]


def typification(viewer: Viewer, number: str) -> Typification:
    """The typification history of a charge; the reported offence stands first. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    lines = listed(viewer, number)
    return Typification(
        charge.reported_offence, charge.received_on, lines, _changes(stands, [line.view.id for line in lines])
    )


def form(viewer: Viewer, number: str, *, accused_id: int | None = None) -> Form:
    """What a new count starts from; the aggravating circumstances are those that the persons' records bear out.

    Raises NotVisible, Forbidden.
    """
    charge, _ = in_charge(viewer, number, "count.amend")
    accused, victims = codes(charge.id, Accused), codes(charge.id, Victim)
    chosen = accused_id if accused_id in accused else next(iter(accused)) if len(accused) == 1 else None
    offered = in_force(*_period(charge, None))
    values: dict[str, Any] = {
        "accused": chosen, "acts": charge.acts, "means": charge.means, "purposes": charge.purpose_known,
        "offence": charge.reported_offence if charge.reported_offence in {one.code for one in offered} else None}
    return Form(list(accused.items()), list(victims.items()), offered,
                [one for one in offences().values() if one not in offered], values,
                proposed_aggravating(charge.id, chosen, tuple(victims)))


def _period(charge: Charge, count: Count | None) -> tuple[date | None, date | None]:
    """First and last possible day of the facts: the count's own, else the charge's; if they go on, until reception."""
    starts = (count.facts_from if count else None) or charge.facts_from
    ends = (count.facts_to if count else None) or charge.facts_to or charge.received_on
    return (starts.earliest if starts else None), (ends.latest if ends else None)


def proposed_aggravating(charge_id: int, accused_id: int | None, victim_ids: Sequence[int]) -> tuple[str, ...]:
    """The aggravating circumstances that the records of these persons bear out."""
    charge = db.session.get_one(Charge, charge_id)
    persons = list(db.session.scalars(select(Accused).where(Accused.charge_id == charge_id)))
    accused = next((one for one in persons if one.id == accused_id), None)
    relations = (
        list(
            db.session.scalars(
                select(VictimAccusedRelation).where(
                    VictimAccusedRelation.victim_id.in_(victim_ids),
                    VictimAccusedRelation.accused_id == accused_id,
                    VictimAccusedRelation.withdrawn_at.is_(None),
                )
            )
        )
        if victim_ids
        else []
    )
    victims = db.session.scalars(select(Victim).where(Victim.charge_id == charge_id, Victim.id.in_(victim_ids)))
    return aggravations.proposed(
        [_aggrieved(one, [link for link in relations if link.victim_id == one.id]) for one in victims],
        accused=len(persons),
        public_official=bool(accused and accused.public_official),
        organised=bool(charge.organised_group),
    )


def _aggrieved(victim: Victim, links: Sequence[VictimAccusedRelation]) -> aggravations.Aggrieved:
    disabled = bool(set(victim.disabilities or ()) - {"NIN", Unknown.NOT_KNOWN.value, Unknown.NOT_APPLICABLE.value})
    return aggravations.Aggrieved(
        victim.age_at_facts, victim.age_group, disabled, bool(victim.pregnant_at_facts),
        [link.relation for link in links], any(link.same_household for link in links))


def _warnings(charge: Charge, row: Count) -> list[Problem]:
    """What looks unusual about a count and was kept as entered."""
    found = []
    first, last = _period(charge, row)
    known = offences().get(row.offence)
    if known is not None and not known.in_force(first, last):
        found.append(Problem("offence", said("El delito elegido no estaba vigente a la fecha de los hechos")))
    if not db.session.scalar(select(CountVictim.id).where(CountVictim.count_id == row.id).limit(1)):
        found.append(Problem("victims", said("La imputación no indica a ninguna persona agraviada")))
    return found
