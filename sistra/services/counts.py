"""Counts of a charge, who is accused of what and against whom: added, changed, given another offence."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.offences import offences
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count, CountVictim
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.people import Accused, Victim
from sistra.rules.charge_checks import check_exclusive, check_period
from sistra.rules.entries import Entry, required
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, charges, court_events, events, records
from sistra.services.parts import codes, in_charge

_OTHER = "OTRO"
"""The offence that is not in the list: its article and law are written out."""

_SET_ONCE = frozenset({"charge", "accused", "offence", "first_offence"})


def own(charge: Charge, count_id: int) -> Count:
    """The count of that key in the charge. Raises NotVisible."""
    row: Count | None = db.session.scalar(select(Count).where(Count.id == count_id, Count.charge_id == charge.id))
    if row is None:
        raise NotVisible
    return row


def add(viewer: Viewer, number: str, entry: Entry, *, victims: Sequence[int] = ()) -> int:
    """Adds a count and gives its key; its first offence is kept for good, a degree left blank is that of a completed one.

    Raises NotVisible, Forbidden, Rejected."""
    charge, _ = in_charge(viewer, number, "count.amend")
    values = dict(entry.values)
    values["degree"] = values.get("degree") or "CON"
    fields = record("count").fields
    problems = required(
        [fields["accused"], fields["offence"]], {name: values.get(name) for name in ("accused", "offence")}
    )
    if values.get("accused") is not None and values["accused"] not in codes(charge.id, Accused):
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
    if values.get("offence") == _OTHER and not values.get("offence_other"):
        problems.append(Problem("offence_other", said("Escriba el artículo y la norma del otro delito")))
    if not set(victims or ()) <= set(codes(charge.id, Victim)):
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
    charge, _ = in_charge(viewer, number, "count.amend")
    row = own(charge, count_id)
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
    charge, _ = in_charge(viewer, number, "event.decide")
    row = own(charge, count_id)
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
