"""Measures of a charge, coercive ones on accused and protective ones for victims: registered, changed, prolonged, ended."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.db import Base, db
from sistra.models.accounts import Agency
from sistra.models.charges import Charge
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim
from sistra.rules import measures as rules
from sistra.rules.entries import Entry, required
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import charges, deadlines, records
from sistra.services.parts import in_charge

ENDINGS = ("CES", "REV", "VAR", "VEN")
"""States (codes of `measure_state`) in which a measure ends."""

_NEVER_AMENDED = frozenset({"kind", "charge", "accused", "victim", "extends"})
_TERM = ("starts_on", "term_months", "term_days", "ends_on")


def in_force(row: Measure, today: date) -> bool:
    """Whether a measure stands on that day."""
    return rules.in_force(row.state, row.starts_on, row.ends_on, row.ended_on, today)


def own(charge: Charge, measure_id: int) -> Measure:
    """The measure of that key in the charge. Raises NotVisible."""
    found = select(Measure).where(Measure.id == measure_id, Measure.charge_id == charge.id)
    row: Measure | None = db.session.scalar(found)
    if row is None:
        raise NotVisible
    return row


def add(viewer: Viewer, number: str, entry: Entry) -> int:
    """Registers a measure and gives its key; without an end of its own it ends with its term.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, _ = in_charge(viewer, number, "measure.amend")
    return _put(viewer, charge, dict(entry.values), "measure.added")


def _put(viewer: Viewer, charge: Charge, values: dict[str, Any], action: str) -> int:
    fields = record("measure").fields
    values.setdefault("state", None)
    problems = required([fields["kind"], fields["state"]], {"kind": values.get("kind"), "state": values["state"]})
    if problems := problems + (rules.check_measure(values) if values.get("kind") else []) + _foreign(charge, values):
        raise Rejected(problems)
    other = ("victim", "protection_measure") if values["kind"] == rules.COERCIVE else ("accused", "coercive_measure")
    values = {name: value for name, value in values.items() if name not in (*other, "charge")}
    row = Measure(charge_id=charge.id)
    # The key that encrypts the place of protection is that of the victim: it must be set before the row is sealed.
    row.accused_id, row.victim_id = values.get("accused"), values.get("victim")
    records.create(viewer, row, _with_end(values), action)
    _settle(viewer, charge, row)
    return row.id


def _with_end(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the end that follows from beginning and term, unless an end was given."""
    starts, months, days, given = (values.get(name) for name in _TERM)
    if given is not None or not isinstance(starts, date):
        return dict(values)
    ends = rules.ends_on(starts, _number(months), _number(days))
    return dict(values) | ({"ends_on": ends} if ends else {})


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _foreign(charge: Charge, values: Mapping[str, Any]) -> list[Problem]:
    """A problem for each thing named that is not of this charge, or was withdrawn from it."""
    wrong: list[str] = []
    models: Mapping[str, type[Base]] = {"accused": Accused, "victim": Victim, "extends": Measure}
    for name, model in models.items():
        if isinstance(key := values.get(name), int):
            thing: Any = db.session.get(model, key)
            here = thing is not None and thing.charge_id == charge.id and getattr(thing, "withdrawn_at", None) is None
            wrong += [] if here else [name]
    if isinstance(key := values.get("agency"), int) and db.session.get(Agency, key) is None:
        wrong.append("agency")
    if isinstance(key := values.get("court_case"), int) and not db.session.scalar(select(ChargeCourtCase.id).where(
            ChargeCourtCase.court_case_id == key, ChargeCourtCase.charge_id == charge.id)):
        wrong.append("court_case")
    return [Problem(name, said("Elija una opción de la lista")) for name in wrong]


def amend(viewer: Viewer, number: str, measure_id: int, entry: Entry) -> list[str]:
    """Writes what the entry changes and gives the labels of the fields changed. Kind and person of a measure stay.

    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    charge, _ = in_charge(viewer, number, "measure.amend")
    row = own(charge, measure_id)
    values = {name: value for name, value in entry.values.items() if name not in _NEVER_AMENDED}
    before = {
        name: getattr(row, name) for name in (*_TERM, "kind", "ended_on", "coercive_measure", "protection_measure")
    }
    before |= {"accused": row.accused_id, "victim": row.victim_id}
    fields = record("measure").fields
    problems = (
        required([fields[name] for name in values], values)
        + rules.check_measure(before | values)
        + _foreign(charge, values)
    )
    if problems:
        raise Rejected(problems)
    changed = records.amend(viewer, row, replace(entry, values=_moved_end(before, values)), "measure.amended")
    if changed:
        _settle(viewer, charge, row)
    return [field.label(viewer.language) for field in changed]


def _moved_end(before: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Where beginning or term changed and the end was the derived one, the end moves with them."""
    derived = rules.ends_on(before["starts_on"], before["term_months"], before["term_days"])
    if any(name in values for name in _TERM[:3]) and values.get("ends_on", before["ends_on"]) in (None, derived):
        fresh = _with_end({name: values.get(name, before[name]) for name in _TERM[:3]})
        return values | ({"ends_on": fresh["ends_on"]} if "ends_on" in fresh else {})
    return values


def extend(viewer: Viewer, number: str, measure_id: int, entry: Entry) -> int:
    """Prolongs a measure by a new one that follows it, and gives the new one's key. The former reads as extended.

    The entry holds the new order: its days, term and document. Raises NotVisible, Forbidden, Rejected.
    """
    charge, _ = in_charge(viewer, number, "measure.amend")
    former = own(charge, measure_id)
    if db.session.scalar(select(Measure.id).where(Measure.extends_id == former.id)):
        raise Rejected(Problem("", said("Esta medida ya fue prolongada: prolongue la última")))
    values = {name: value for name, value in entry.values.items() if name not in _NEVER_AMENDED} | {
        "kind": former.kind,
        "accused": former.accused_id,
        "victim": former.victim_id,
        "coercive_measure": former.coercive_measure,
        "protection_measure": former.protection_measure,
        "extends": former.id,
        "state": "VIG",
    }
    if values.get("starts_on") is None:
        values["starts_on"] = former.ends_on
    if not isinstance(values.get("ends_on"), date) and not any(
        _number(values.get(name)) for name in ("term_months", "term_days")
    ):
        raise Rejected(Problem("term_months", said("Indique el plazo de la prolongación o su fecha de término")))
    records.amend(viewer, former, Entry("measure", {"state": "PRL"}), "measure.amended")
    return _put(viewer, charge, values, "measure.extended")


def end(viewer: Viewer, number: str, measure_id: int, *, state: str, ended_on: date | None, reason: str,
        version: int | None = None) -> None:
    """Ends a measure: ceased, revoked, replaced or expired. Raises NotVisible, Forbidden, Rejected, Conflict."""
    charge, _ = in_charge(viewer, number, "measure.amend")
    row = own(charge, measure_id)
    problems = []
    if state not in ENDINGS:
        problems.append(Problem("state", said("Elija cómo terminó la medida")))
    if ended_on is None:
        problems.append(Problem("ended_on", said("Indique cuándo terminó la medida")))
    elif ended_on > viewer.today or (row.starts_on is not None and ended_on < row.starts_on):
        problems.append(Problem("ended_on", said("La medida termina después de empezar y no en el futuro")))
    if problems:
        raise Rejected(problems)
    values = {"state": state, "ended_on": ended_on, "end_reason": reason.strip() or None}
    records.amend(viewer, row, Entry("measure", values, version), "measure.ended")
    _settle(viewer, charge, row)


def _settle(viewer: Viewer, charge: Charge, row: Measure) -> None:
    deadlines.follow(viewer, row)
    if row.accused_id is not None:
        _put_custody(viewer, row.accused_id)
    charges.settle(viewer, charge)


def _put_custody(viewer: Viewer, accused_id: int) -> None:
    """Whether the accused is in custody, as measures tell; without one of that kind the entered answer stays."""
    rows = [one for one in db.session.scalars(select(Measure).where(Measure.accused_id == accused_id))
            if one.coercive_measure in rules.CUSTODY]
    if rows:
        accused = db.session.get_one(Accused, accused_id)
        records.derive(accused, "custody", any(in_force(one, viewer.today) for one in rows))
