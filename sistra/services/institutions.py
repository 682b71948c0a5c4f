"""Agencies and offices as the administrator keeps them: added, amended, ended. Nothing is deleted.

Sealed fields (the street of a shelter) have no part here: who keeps the lists does not read them.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from sqlalchemy import func, or_, select

from sistra.access.fields import value_of
from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.models.charges import Charge
from sistra.rules.entries import Entry, required
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, charge_access, records

Kind: TypeAlias = Literal["agency", "office"]
"""Which of the two lists."""

_MODELS: Mapping[str, type[Agency] | type[Office]] = {"agency": Agency, "office": Office}


@dataclass(frozen=True, slots=True)
class Institution:
    """One agency or office: its values by field, and what is shown of others beside it.

    `belongs_to` is the name of the agency above, `units` how many offices (of an agency) or users (of an office) are
    in force.
    """

    id: int
    code: str
    name: str
    belongs_to: str
    units: int
    valid_to: date | None
    version: int
    values: Mapping[str, Any]


def fields_of(kind: Kind, *, added: bool) -> list[Field]:
    """The fields that the administrator enters; the code only when it is `added`."""
    left_out = {"valid_to"} if added else {"valid_to", "code"}
    return [field for field in record(kind).fields.values()
            if field.entered and not field.encrypted and field.name not in left_out]


def listed(viewer: Viewer, kind: Kind, *, text: str = "", ended: bool = False, after: str = "", before: str = "",
           limit: int = 50) -> list[Institution]:
    """Agencies or offices by code: those after `after`, or the last ones before `before`.

    `ended` adds those no longer in force. Raises Forbidden.
    """
    require(viewer, "accounts.manage")
    model: Any = _MODELS[kind]
    query = select(model).order_by(model.code.desc() if before else model.code).limit(limit)
    if text:
        like = [func.lower(column).contains(text.lower(), autoescape=True) for column in (model.code, model.name)]
        query = query.where(or_(*like))
    if not ended:
        query = query.where(model.valid_to.is_(None))
    if before:
        query = query.where(model.code < before)
    elif after:
        query = query.where(model.code > after)
    rows = list(db.session.scalars(query))
    return _shown(kind, rows[::-1] if before else rows)


def one(viewer: Viewer, kind: Kind, code: str) -> Institution:
    """One agency or office by its code. Raises Forbidden, NotVisible."""
    require(viewer, "accounts.manage")
    return _shown(kind, [_load(kind, code)])[0]


def _load(kind: Kind, code: str) -> Any:
    model: Any = _MODELS[kind]
    row = db.session.scalar(select(model).where(model.code == code))
    if row is None:
        raise NotVisible
    return row


def _shown(kind: Kind, rows: Sequence[Any]) -> list[Institution]:
    counted = _units(kind, [row.id for row in rows])
    above = {row.id: row.parent_id if kind == "agency" else row.agency_id for row in rows}
    wanted = {key for key in above.values() if key}
    named = db.session.execute(select(Agency.id, Agency.name).where(Agency.id.in_(wanted)))
    names: dict[int, str] = {row.id: row.name for row in named}
    asked = fields_of(kind, added=True)
    return [Institution(row.id, row.code, row.name, names.get(above[row.id], ""), counted.get(row.id, 0),
                        row.valid_to, row.version,
                        {field.name: value_of(row, field) for field in asked}) for row in rows]


def _units(kind: Kind, keys: Sequence[int]) -> dict[int, int]:
    """How many offices (of agencies) or users (of offices) in force each of the keys has; none where it is absent."""
    model: Any = Office if kind == "agency" else User
    inside = Office.agency_id if kind == "agency" else User.office_id
    rows = db.session.execute(select(inside, func.count()).where(inside.in_(keys),
                                                                 model.valid_to.is_(None)).group_by(inside))
    return {row[0]: row[1] for row in rows}


def add(viewer: Viewer, kind: Kind, entry: Entry) -> str:
    """Adds an agency or office and gives its code. Raises Forbidden, Rejected."""
    require(viewer, "accounts.manage")
    code = str(entry.values.get("code") or "").upper()
    values = {"valid_from": viewer.today, **{name: value for name,
                                             value in entry.values.items() if value is not None}, "code": code}
    asked = fields_of(kind, added=True)
    problems = required(asked, {field.name: values.get(field.name) for field in asked})
    if code and not re.fullmatch(r"[A-Z0-9][A-Z0-9._-]{0,39}", code):
        problems.append(Problem("code", said(
            "El código lleva letras sin tilde, números, punto, guion o guion bajo, hasta 40")))
    elif code and db.session.scalar(select(_MODELS[kind].id).where(_MODELS[kind].code == code)):
        problems.append(Problem("code", said("Ya existe un registro con ese código")))
    problems += _reference_problems(values, None)
    if problems:
        raise Rejected(problems)
    records.create(viewer, _MODELS[kind](), values, f"{kind}.added")
    return code


def amend(viewer: Viewer, kind: Kind, code: str, entry: Entry) -> None:
    """Changes what the entry says; the code stays. Who supervises the office's charges follows from it at once.

    Raises Forbidden, NotVisible, Rejected, records.Conflict."""
    require(viewer, "accounts.manage")
    row = _load(kind, code)
    problems = required(fields_of(kind, added=False), entry.values) + _reference_problems(entry.values, row)
    if problems:
        raise Rejected(problems)
    changed = records.amend(viewer, row, entry, f"{kind}.amended")
    if kind == "office" and {field.name for field in changed} & {"specialised", "fiscal_district"}:
        for charge in db.session.scalars(select(Charge).where(Charge.office_id == row.id)):
            charge_access.refresh(viewer, charge)


def _reference_problems(values: Mapping[str, Any], row: Any) -> list[Problem]:
    """Problems of the fields that name an agency or office: it exists, is another one, and is in force unless kept."""
    problems = []
    models: Mapping[str, Any] = {"agency": Agency, "parent": Agency, "superior": Office}
    for name, model in models.items():
        key = values.get(name)
        if key is None or (row is not None and key == getattr(row, f"{name}_id", None)):
            continue
        named = db.session.get(model, key)
        itself = row is not None and isinstance(row, model) and row.id == key
        if named is None or named.valid_to is not None or itself:
            problems.append(Problem(name, said("Elija una opción de la lista")))
    return problems


def end(viewer: Viewer, kind: Kind, code: str, reason: str) -> None:
    """Ends the validity today. Refused while users (of an office) or offices (of an agency) in force remain in it.

    Raises Forbidden, NotVisible, Rejected.
    """
    require(viewer, "accounts.manage")
    row = _load(kind, code)
    problems = []
    if row.valid_to is not None:
        problems.append(Problem("", said("Ya no está vigente")))
    if left := _units(kind, [row.id]).get(row.id):
        said_of = {
            "office": said("En el despacho quedan personas usuarias (%(count)s): páselas a otro o suspéndalas antes"),
            "agency": said("En la entidad quedan despachos vigentes (%(count)s): termine su vigencia antes")}
        problems.append(Problem("", said_of[kind], {"count": left}))
    if not reason.strip():
        problems.append(Problem("reason", said("Escriba el motivo")))
    if problems:
        raise Rejected(problems)
    row.valid_to = viewer.today
    records.touch(viewer, row)
    audit.note(viewer, f"{kind}.ended", audit.subject_of(row), reason=reason.strip(),
               changes=[{"field": "valid_to", "before": None, "after": viewer.today.isoformat()}])
    db.session.flush()
