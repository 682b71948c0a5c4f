"""What one victim lived: recruitments, exploitations, relations to the accused. Lists below a victim of a charge."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from sistra.access import lens
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.terms import Unknown, codelist
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.people import Accused, Exploitation, Recruitment, Victim, VictimAccusedRelation
from sistra.rules.entries import Entry
from sistra.rules.masking import Clearance
from sistra.rules.person_checks import check_exploitation, check_recruitment
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.purposes import main_purpose, purposes_top
from sistra.services import charges, parts, records
from sistra.services.parts import Part, Saved

ROWS: Mapping[str, type[Recruitment] | type[Exploitation] | type[VictimAccusedRelation]] = {
    "recruitment": Recruitment, "exploitation": Exploitation, "victim_accused_relation": VictimAccusedRelation}
"""The lists below a victim, by record."""

_SHARED_ROWS = {
    "recruitment": ("accused", "methods", "means", "contact_channel", "platforms", "offer", "venue_name",
                    "recruited_on", "country", "place", "locality", "region_abroad"),
    "exploitation": ("purpose", "consummated", "place_types", "venue_name", "economic_activity", "platforms",
                     "started_on", "ended_on", "country", "place", "locality", "region_abroad"),
}


def rows(part: Part, name: str) -> list[Any]:
    """The rows of one list of a victim, as they were entered; an accused has none."""
    model = ROWS[name]
    if not isinstance(part, Victim):
        return []
    return list(db.session.scalars(
        select(model).where(model.victim_id == part.id, model.withdrawn_at.is_(None)).order_by(model.id)))


def add(viewer: Viewer, number: str, code: str, entry: Entry) -> int:
    """Adds a recruitment, an exploitation or a relation (`entry.record`) to a victim and gives its key.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, victim = _victim(viewer, number, code)
    values = parts.ready(entry, {})[0]
    model = ROWS[entry.record]
    row = model(victim_id=victim.id)
    links = _check_row(charge, victim, None, {}, entry, values)
    records.create(viewer, row, values, f"{entry.record}.added", detail={"code": code}, links=links)
    settle(viewer, charge, victim)
    return row.id


def amend(viewer: Viewer, number: str, code: str, key: int, entry: Entry) -> Saved:
    """Writes what the entry changes of one row of a list. Raises NotVisible, Forbidden, Rejected, Conflict."""
    charge, victim = _victim(viewer, number, code)
    row = _row(victim, entry.record, key)
    before = parts.recorded(row)
    values, lost = parts.ready(entry, before)
    links = _check_row(charge, victim, row, before, entry, values)
    changed = records.amend(viewer, row, Entry(entry.record, values, entry.version), f"{entry.record}.amended",
                          links=links)
    if changed:
        settle(viewer, charge, victim)
    return parts.saved(viewer, victim, changed, lost)


def one(viewer: Viewer, number: str, code: str, name: str, key: int) -> Any:
    """The view of one row of a victim's lists. Raises NotVisible, Forbidden."""
    charge, stands = parts.in_charge(viewer, number, "victims.read")
    return parts.seen([_row(parts.find(charge, code), name, key)], stands)[0]


def withdraw(viewer: Viewer, number: str, code: str, name: str, key: int, *, reason: str) -> None:
    """Takes back a recruitment, an exploitation or a relation; it stays on the trail.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, victim = _victim(viewer, number, code)
    parts.take_back(viewer, _row(victim, name, key), f"{name}.withdrawn", reason, code)
    settle(viewer, charge, victim)


def _victim(viewer: Viewer, number: str, code: str) -> tuple[Charge, Victim]:
    charge, _ = parts.in_charge(viewer, number, "person.amend")
    part = parts.find(charge, code)
    if not isinstance(part, Victim):
        raise NotVisible
    return charge, part


def _row(part: Part, name: str, key: int) -> Any:
    found = next((one for one in rows(part, name) if one.id == key), None) if name in ROWS else None
    if found is None:
        raise NotVisible
    return found


def _check_row(charge: Charge, victim: Victim, row: Any, before: Mapping[str, Any], entry: Entry,
               values: Mapping[str, Any]) -> dict[str, list[Accused]]:
    """Raises Rejected; gives the accused among whom the row may name."""
    unanswered = dict.fromkeys(record(entry.record).fields) if row is None else {}
    parts.refuse(entry, unanswered | dict(values))
    offered = list(parts.of_charge(charge.id, Accused))
    keys = {one.id for one in offered}
    named = values.get("accused")
    if isinstance(named, Unknown) or named is None:
        chosen: set[int] = set()
    else:
        chosen = set(named) if isinstance(named, tuple) else {named}
    if not chosen <= keys | set(_held(before.get("accused"))):
        raise Rejected(Problem("accused", said("Elija a un imputado de esta denuncia")))
    after = {**before, **values}
    if entry.record == "recruitment":
        adult = not parts.minor(victim)
        parts.fresh(check_recruitment(after, adult=adult), check_recruitment(before, adult=adult))
    elif entry.record == "exploitation":
        parts.fresh(check_exploitation(after), check_exploitation(before))
    elif any(one.accused_id in chosen and one is not row for one in rows(victim, entry.record)):
        raise Rejected(Problem("accused", said("La relación con ese imputado ya está registrada")))
    return {"accused": list(db.session.scalars(select(Accused).where(Accused.id.in_(chosen))))}


def _held(value: Any) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) if isinstance(value, int) else ()


def copy(viewer: Viewer, source: Part, victim: Victim) -> None:
    """Gives a victim the rows of another of the same charge, as far as they are alike for both (`_SHARED_ROWS`).

    What is not asked of adults (means "not required") is not copied to one.
    """
    for name, shared in _SHARED_ROWS.items():
        for one in rows(source, name):
            view = lens.see(one, Clearance.CASE, only=frozenset(shared))
            values = {field: getattr(view, field) for field in shared if not lens.blank(view, field)}
            if values.get("means") == ("NRQ",) and not parts.minor(victim):
                del values["means"]
            links = {"accused": list(one.accused)} if name == "recruitment" else None
            records.create(viewer, ROWS[name](victim_id=victim.id), values, f"{name}.added",
                           detail={"code": victim.code, "copied_from": source.code}, links=links)


def settle(viewer: Viewer, charge: Charge, victim: Victim) -> None:
    """Main purpose and relation follow from the rows where these say more than what was typed."""
    codes = [row.purpose for row in rows(victim, "exploitation")]
    heads = purposes_top(codes)
    if len(heads) > 1 or victim.main_purpose == "MIX" or (victim.main_purpose is None and codes):
        records.derive(victim, "main_purpose", main_purpose(codes))
    related = {row.relation for row in rows(victim, "victim_accused_relation")}
    if related and victim.relation_to_accused not in related:
        nearest = next(code for code in codelist("victim_perpetrator_relation") if code in related)
        records.derive(victim, "relation_to_accused", nearest)
    db.session.flush()
    charges.settle(viewer, charge)
