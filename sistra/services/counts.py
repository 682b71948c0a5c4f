"""Counts of a charge: who is accused of what, against whom; their history. Reached through the scope."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from sistra.access import lens, scope
from sistra.access.may import may, require
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.access.views import CountView, RetypificationView
from sistra.codebook.dictionary import record
from sistra.codebook.offences import Offence, in_force, offences
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count, CountVictim
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.people import Accused, Victim, VictimAccusedRelation
from sistra.rules import aggravations
from sistra.rules.charge_checks import check_exclusive, check_period
from sistra.rules.entries import Entry, required
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import accounts, audit, charges, court_events, events, records, retypifications

OTHER = "OTRO"
"""The offence that is not in the list: its article and law are written out."""

_SET_ONCE = frozenset({"charge", "accused", "offence", "first_offence"})


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


def listed(viewer: Viewer, number: str) -> list[CountLine]:
    """The counts of a charge by accused. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.read_in_full", stands)
    audit.note(viewer, "counts.read", audit.subject_of(charge))
    rows = db.session.scalars(select(Count).where(Count.charge_id == charge.id).order_by(Count.accused_id, Count.id))
    return _lines(stands, charge, list(rows))


def _lines(stands: Standing, charge: Charge, rows: list[Count]) -> list[CountLine]:
    accused, victims = _codes(Accused, charge.id), _codes(Victim, charge.id)
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


def _codes(model: type[Accused] | type[Victim], charge_id: int) -> dict[int, str]:
    rows = db.session.execute(select(model.id, model.code).where(
        model.charge_id == charge_id, model.withdrawn_at.is_(None)).order_by(model.id))
    return {row.id: row.code for row in rows}


def _own(charge: Charge, count_id: int) -> Count:
    row: Count | None = db.session.scalar(select(Count).where(Count.id == count_id, Count.charge_id == charge.id))
    if row is None:
        raise NotVisible
    return row


def show(viewer: Viewer, number: str, count_id: int) -> CountPage:
    """One count with the history of its offence. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.read_in_full", stands)
    row = _own(charge, count_id)
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


@dataclass(frozen=True, slots=True)
class Typification:
    """The offences of a charge in time: as it was reported, each count's first offence, and every change since."""

    reported: str
    received_on: PartialDate | None
    counts: Sequence[CountLine]
    changes: Sequence[Change]


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
    charge, stands = scope.charge(viewer, number)
    require(viewer, "count.amend", stands)
    accused, victims = _codes(Accused, charge.id), _codes(Victim, charge.id)
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


def add(viewer: Viewer, number: str, entry: Entry, *, victims: Sequence[int] = ()) -> int:
    """Adds a count and gives its key; its first offence is kept for good, a degree left blank is that of a completed one.

    Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "count.amend", stands)
    values = dict(entry.values)
    values["degree"] = values.get("degree") or "CON"
    fields = record("count").fields
    problems = required(
        [fields["accused"], fields["offence"]], {name: values.get(name) for name in ("accused", "offence")}
    )
    if values.get("accused") is not None and values["accused"] not in _codes(Accused, charge.id):
        problems.append(Problem("accused", said("Elija una opción de la lista")))
    if problems := problems + _problems(charge, values, victims):
        raise Rejected(problems)
    row = Count(charge_id=charge.id, first_offence=values["offence"], state="ABI", stage=charge.stage)
    records.create(viewer, row, {name: value for name, value in values.items() if name != "charge"}, "count.added")
    _put_victims(viewer, row, victims)
    charges.settle(viewer, charge)
    return row.id


def _problems(charge: Charge, values: Mapping[str, Any], victims: Sequence[int] | None) -> list[Problem]:
    problems = check_period(values, "facts_from", "facts_to") + check_exclusive(
        values, "aggravating", "acts", "means", "purposes"
    )
    if values.get("offence") == OTHER and not values.get("offence_other"):
        problems.append(Problem("offence_other", said("Escriba el artículo y la norma del otro delito")))
    if not set(victims or ()) <= set(_codes(Victim, charge.id)):
        problems.append(Problem("victims", said("Elija una opción de la lista")))
    return problems


def _put_victims(viewer: Viewer, row: Count, victims: Sequence[int]) -> None:
    held = {
        link.victim_id: link for link in db.session.scalars(select(CountVictim).where(CountVictim.count_id == row.id))
    }
    before, after = sorted(held), sorted(set(victims))
    if before == after:
        return
    if gone := set(before) - set(after):
        db.session.execute(delete(CountVictim).where(CountVictim.count_id == row.id, CountVictim.victim_id.in_(gone)))
    for key in set(after) - set(before):
        db.session.add(
            CountVictim(count_id=row.id, victim_id=key, created_at=viewer.at, created_by_id=viewer.user_id, version=1)
        )
    db.session.flush()
    if before:
        records.touch(viewer, row)
    audit.note(
        viewer,
        "count.victims",
        audit.subject_of(row),
        changes=[{"field": "victims", "before": before, "after": after}],
        detail={"version": row.version},
    )


def amend(
    viewer: Viewer, number: str, count_id: int, entry: Entry, *, victims: Sequence[int] | None = None
) -> list[str]:
    """Writes what the entry changes of a count and gives the labels of the fields changed; `victims` None leaves them.

    Accused and first offence stay; the offence changes only by re-typification.
    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "count.amend", stands)
    row = _own(charge, count_id)
    problems = []
    if entry.values.get("offence", row.offence) != row.offence:
        problems.append(Problem("offence", said("El delito de una imputación cambia solo por recalificación")))
    values = {name: value for name, value in entry.values.items() if name not in _SET_ONCE}
    after = {
        "offence": row.offence,
        "offence_other": row.offence_other,
        "facts_from": row.facts_from,
        "facts_to": row.facts_to,
    } | values
    if problems := problems + _problems(charge, after, victims):
        raise Rejected(problems)
    changed = records.amend(viewer, row, Entry("count", values, entry.version), "count.amended")
    if victims is not None:
        _put_victims(viewer, row, victims)
    charges.settle(viewer, charge)
    return [field.label(viewer.language) for field in changed]


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


def retypify(
    viewer: Viewer,
    number: str,
    count_id: int,
    *,
    offence: str,
    reason: str,
    occurred_on: Any,
    event_type: str = "TIP-FIS",
    court_case_id: int | None = None,
    resolution_number: str | None = None,
) -> int:
    """Gives a count another offence by a recorded act and gives the act's key; the former offence stays in its history.

    `TIP-FIS` is the prosecutor's act on the charge, `TIP-JUD` the court's in a court case linked to the charge.
    SEN-REC and APE-REC come with their judgment. Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "event.decide", stands)
    row = _own(charge, count_id)
    problems = []
    if offence not in offences() or offence == row.offence:
        problems.append(Problem("offence", said("Elija el nuevo delito, distinto del actual")))
    if not reason.strip():
        problems.append(Problem("reason", said("Escriba el motivo")))
    if event_type not in ("TIP-FIS", "TIP-JUD"):
        problems.append(Problem("event_type", said("Esa recalificación se registra con su sentencia")))
    if problems:
        raise Rejected(problems)
    values = {"occurred_on": occurred_on, "counts": (row.id,), "offence": offence, "reason": reason.strip(),
              "resolution_number": resolution_number}
    if event_type == "TIP-FIS":
        return events.record(viewer, number, event_type, Entry("event", values))
    return _retypify_in_court(viewer, charge, values, court_case_id)


def _retypify_in_court(
    viewer: Viewer, charge: Charge, values: Mapping[str, Any], court_case_id: int | None
) -> int:
    cases = list(
        db.session.scalars(
            select(ChargeCourtCase.court_case_id).where(
                ChargeCourtCase.charge_id == charge.id, ChargeCourtCase.unlinked_on.is_(None)
            )
        )
    )
    chosen = court_case_id if court_case_id is not None else cases[0] if len(cases) == 1 else None
    if chosen is None or chosen not in cases:
        raise Rejected(Problem("court_case", said("Elija el expediente en que el juzgado recalificó")))
    return court_events.record(viewer, chosen, "TIP-JUD", Entry("event", values))
