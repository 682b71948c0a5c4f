"""What victims and accused share as parts of a charge: how they are reached, numbered, guarded and taken back."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from sistra.access import lens, scope
from sistra.access.fields import column_name, record_of, value_of
from sistra.access.may import require
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, Record, record
from sistra.db import Base, db
from sistra.models.charges import Charge
from sistra.models.people import Accused, Identity, Victim
from sistra.rules.entries import Entry, required
from sistra.rules.masking import RESERVED
from sistra.rules.partial_dates import PartialDate
from sistra.rules.person_checks import age_span, counts_as_minor, unasked
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, charge_access, records
from sistra.services.folder_rows import parts_of

REASON_LENGTH = 500

Part = Victim | Accused
MODELS: Mapping[str, type[Victim] | type[Accused]] = {"A": Victim, "I": Accused}
"""The letter of a code -> the kind of part: A-1 is a victim, I-1 an accused."""

_PARENTS = frozenset({"charge", "code", "person", "victim"})
_ENTERED_BY_HAND = frozenset({("accused", "status")})


@dataclass(frozen=True, slots=True)
class Saved:
    """What an act on a part changed. `cleared` are the labels of answers that another answer took away."""

    code: str
    changed: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()


def entered_fields(record_name: str, *sections: str) -> list[Field]:
    """The fields of a part's record that a person enters, of the named sections or of all."""
    return [field for field in record(record_name).fields.values()
            if field.name not in _PARENTS and (not sections or field.section in sections)
            and (field.entered or (record_name, field.name) in _ENTERED_BY_HAND)]


def in_charge(viewer: Viewer, number: str, capability: str) -> tuple[Charge, Standing]:
    """The charge in which something is read or done, and how the viewer stands to it. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, capability, stands)
    return charge, stands


def find(charge: Charge, code: str) -> Part:
    """The part with that code. Raises NotVisible, also where it was withdrawn."""
    model: Any = MODELS.get(code[:1])
    row: Part | None = db.session.scalar(select(model).where(
        model.charge_id == charge.id, model.code == code, model.withdrawn_at.is_(None))) if model else None
    if row is None:
        raise NotVisible
    return row


def of_charge(charge_id: int, model: type[Any]) -> Sequence[Any]:
    """The victims, or the accused, of a charge in the order of their codes."""
    return parts_of(model, charge_id)


def codes(charge_id: int, model: type[Victim] | type[Accused]) -> Mapping[int, str]:
    """Key -> code of the victims (A-1), or the accused (I-1), of a charge, in the order of their codes."""
    return {one.id: one.code for one in parts_of(model, charge_id)}


def next_code(charge: Charge, letter: str) -> str:
    """A-1, A-2...: one more than were ever given in this charge, withdrawn parts included.

    The charge is held until the act is committed, so that two acts never give one code. Raises Stale.
    """
    charge_access.hold(charge)
    model = MODELS[letter]
    given = db.session.scalar(select(func.count(model.id)).where(model.charge_id == charge.id)) or 0
    return f"{letter}-{given + 1}"


def identity_of(part: Part) -> Identity | None:
    """The identity of a part, where something of it was entered."""
    column = Identity.victim_id if isinstance(part, Victim) else Identity.accused_id
    return db.session.scalar(select(Identity).where(column == part.id))


def minor(part: Part) -> bool:
    """Whether the identity of a part is guarded as a minor's. A legal entity is none; see `counts_as_minor`."""
    if isinstance(part, Accused) and part.kind == "JUR":
        return False
    return counts_as_minor(part.age_at_facts, part.age_group)


def recorded(row: Base) -> dict[str, Any]:
    """What is recorded of each field: its value, or RESERVED for an encrypted one, which is not opened here."""
    found = {}
    for field in record_of(row).fields.values():
        if hasattr(type(row), column_name(field)):
            stored = getattr(row, column_name(field))
            found[field.name] = (RESERVED if stored is not None else None) if field.encrypted else value_of(row, field)
    return found


def only_entered(entry: Entry) -> None:
    """Refuses an entry that names what nobody enters: codes, parents, links, derived fields. Raises Rejected."""
    offered = {field.name for field in entered_fields(entry.record)}
    strange = [name for name in entry.values if name not in offered]
    if strange:
        raise Rejected([Problem(name, said("Este dato no se registra aquí")) for name in strange])


def without_unasked(record: Record, before: Mapping[str, Any],
                    values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Field, ...]]:
    """The values with a blank for each answer that is no longer asked, and which fields lose something."""
    lost = unasked(record, before, values)
    return {**values, **dict.fromkeys(lost)}, tuple(record.fields[name] for name in lost)


def fresh(problems: Iterable[Problem], former: Iterable[Problem]) -> None:
    """Raises Rejected for the problems that the record did not have before the act."""
    known = list(former)
    if new := [problem for problem in problems if problem not in known]:
        raise Rejected(new)


def birth_date(part: Part) -> Any:
    """The birth date entered for a part, decrypted, or None."""
    identity = identity_of(part)
    return value_of(identity, record("identity").fields["birth_date"]) if identity is not None else None


def computed_age(part: Part, facts_from: PartialDate | None) -> int | None:
    """The age at the start of the facts where birth date and facts leave no doubt about it."""
    span = age_span(birth_date(part), facts_from)
    return span[0] if span is not None and span[0] == span[1] and span[0] >= 0 else None


def rederive_age(part: Part, charge: Charge, former: int | None = None) -> None:
    """Writes the computed age where none is recorded, or where the one recorded was itself computed (`former`).

    A typed age is never written over.
    """
    age = computed_age(part, charge.facts_from)
    held = value_of(part, record_of(part).fields["age_at_facts"])
    if age is None or held == age or not (held is None or (held == former and former is not None)):
        return
    records.derive(part, "age_at_facts", age)
    if isinstance(part, Victim) and part.age_basis is None:
        records.derive(part, "age_basis", "NAC")


def rederive_ages(charge: Charge, former: PartialDate | None) -> None:
    """After the start of the facts was changed from `former`: the computed ages follow it, the typed ones stay."""
    for model in MODELS.values():
        for part in of_charge(charge.id, model):
            rederive_age(part, charge, computed_age(part, former))


def seen(rows: Sequence[Any], stands: Standing) -> list[Any]:
    """The views of rows of one record as the viewer of that standing may see them."""
    return lens.see_all(list(rows), lens.clearance(stands), team=stands.on_team)


def stated(reason: str, field: str = "reason") -> str:
    """A reason as the trail keeps it for good. Raises Rejected, on `field`, where there is none or it is too long."""
    if not reason.strip():
        raise Rejected(Problem(field, said("Escriba el motivo")))
    if len(reason) > REASON_LENGTH:
        raise Rejected(Problem(field, said("Explique el motivo en no más de 500 caracteres")))
    return reason.strip()


def take_back(viewer: Viewer, row: Any, action: str, reason: str, code: str) -> None:
    """Marks a row as withdrawn. Raises Rejected where no reason is given, or one too long for the trail."""
    reason = stated(reason)
    row.withdrawn_at = viewer.at
    records.touch(viewer, row)
    db.session.flush()
    audit.note(viewer, action, audit.subject_of(row), reason=reason,
               detail={"code": code, "version": row.version},
               changes=[{"field": "withdrawn_at", "before": None, "after": viewer.at.isoformat()}])


def ready(entry: Entry, before: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[Any]]:
    """The values of an entry and the fields that lose their answer by it. Raises Rejected for what nobody enters."""
    only_entered(entry)
    return without_unasked(record(entry.record), before, entry.values)


def refuse(entry: Entry, values: Mapping[str, Any]) -> None:
    """Raises Rejected where an answer needed to open the record is given as a blank."""
    if problems := required(entered_fields(entry.record), values):
        raise Rejected(problems)


def saved(viewer: Viewer, part: Part, changed: Sequence[Any], lost: Sequence[Any]) -> Saved:
    """What an act changed and cleared, by label."""
    return Saved(part.code, tuple(field.label(viewer.language) for field in changed),
                 tuple(field.label(viewer.language) for field in lost if field in changed))
