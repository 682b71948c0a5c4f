"""Finding people by name or document without opening a name; and linking parts that are one person."""
from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, delete, func, or_, select

from sistra.access import scope
from sistra.access.may import require
from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.charges import Charge, SavedForm
from sistra.models.keys import IdentityToken
from sistra.models.people import Accused, Identity, Person, Victim
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.entries import Entry
from sistra.rules.matching import document_key, name_tokens
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, charges, drafts, parts, records
from sistra.services.identities import DOCUMENT, NAME, SOUND, Tokens, blind
from sistra.services.parts import Part

LASTS = timedelta(minutes=30)
LIMIT = 50
FORM = "person.search:"
"""What the name of a saved form begins with that is no draft but a stored search."""


@dataclass(frozen=True, slots=True)
class Found:
    """A part in the viewer's sight: never a name. `by` says what matched: document, name or sound."""

    number: str
    code: str
    by: str
    office: str
    sex: str | None
    person: int | None


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found. `elsewhere`: offices with a possible match out of sight; `more`: LIMIT cut the list."""

    found: Sequence[Found]
    elsewhere: Sequence[str]
    more: bool
    searched_at: datetime


def search(viewer: Viewer, *, names: str = "", document: str = "") -> str:
    """Keeps a search and gives its opaque id. Only fingerprints of what was typed are kept, encrypted, for 30 minutes.

    Raises Forbidden, Rejected (neither a name nor a document).
    """
    require(viewer, "person.search")
    tokens = name_tokens(names)
    documents = {key for kind in ("", "DNI") if (key := document_key(kind, document))}
    if not tokens and not documents:
        raise Rejected(Problem("names", said("Escriba un nombre o un número de documento")))
    key = secrets.token_urlsafe(16)
    wanted = blind([names], documents)
    drafts.keep(viewer, FORM + key, {kind: sorted(one.hex() for one in of_kind) for kind, of_kind in wanted.items()})
    db.session.execute(delete(SavedForm).where(
        SavedForm.user_id == viewer.user_id, SavedForm.form.startswith(FORM, autoescape=True),
        SavedForm.saved_at < viewer.at - LASTS))
    audit.note(viewer, "person.searched", audit.Subject("person"), detail={
        kind: sorted(one.hex() for one in wanted[kind]) for kind in (NAME, DOCUMENT) if wanted[kind]})
    return key


def results(viewer: Viewer, key: str) -> Results:
    """What a search of this viewer finds now. Raises Forbidden, NotVisible (not the viewer's own, or expired)."""
    require(viewer, "person.search")
    draft = drafts.resume(viewer, FORM + key[:40])
    if draft is None or draft.saved_at + LASTS < viewer.at:
        raise NotVisible
    wanted = {kind: frozenset(bytes.fromhex(one) for one in draft.texts.get(kind, ()))
              for kind in (NAME, SOUND, DOCUMENT)}
    matched = _matching(wanted)
    found, elsewhere = _in_sight(viewer, matched, LIMIT + 1), _elsewhere(viewer, matched)
    audit.note(viewer, "person.results_read", audit.Subject("person"), detail={
        "parts": [f"{one.number}/{one.code}" for one in found[:LIMIT]], "elsewhere": len(elsewhere)})
    return Results(found[:LIMIT], elsewhere, len(found) > LIMIT, draft.saved_at)


def _matching(wanted: Tokens) -> Subquery:
    """(identity_id, documents, names, alike): identities with the document, with every name, or with every sound.

    `alike` is 1 where every name is written the same.
    """
    def holds(kind: str) -> ColumnElement[bool]:
        return and_(IdentityToken.kind == kind, IdentityToken.token.in_(wanted[kind]))

    def counted(kind: str) -> ColumnElement[int]:
        return func.sum(case((IdentityToken.kind == kind, 1), else_=0))
    asked = [kind for kind in (NAME, SOUND, DOCUMENT) if wanted[kind]]
    enough = [counted(kind) >= (1 if kind == DOCUMENT else len(wanted[kind])) for kind in asked]
    alike = case((counted(NAME) >= max(1, len(wanted[NAME])), 1), else_=0)
    return (select(IdentityToken.identity_id, counted(DOCUMENT).label("documents"), counted(NAME).label("names"),
                   alike.label("alike"))
            .where(or_(*(holds(kind) for kind in asked))).group_by(IdentityToken.identity_id)
            .having(or_(*enough)).subquery())


def _parts(matched: Subquery, model: type[Any], column: Any) -> Select[Any]:
    return (select(Charge.number, model.code, matched.c.documents, matched.c.names, matched.c.alike, Office.name,
                   model.sex, model.person_id)
            .join(Identity, column == model.id).join(matched, matched.c.identity_id == Identity.id)
            .join(Charge, model.charge_id == Charge.id).join(Office, Charge.office_id == Office.id)
            .where(model.withdrawn_at.is_(None)))


_KINDS: tuple[tuple[type[Any], Any], ...] = ((Victim, Identity.victim_id), (Accused, Identity.accused_id))


def _in_sight(viewer: Viewer, matched: Subquery, limit: int, *, without: Part | None = None) -> list[Found]:
    """The best matches first: by document, then by the number of names written alike."""
    rows: list[Any] = []
    for model, column in _KINDS:
        query = _parts(matched, model, column).where(scope.sees(viewer, in_full=True))
        if without is not None and isinstance(without, model):
            query = query.where(model.id != without.id)
        rows += db.session.execute(query.order_by(
            matched.c.documents.desc(), matched.c.names.desc(), Charge.id.desc(), model.id).limit(limit))
    rows.sort(key=lambda row: (-row.documents, -row.names, row.number, row.code))
    return [Found(row.number, row.code, DOCUMENT if row.documents else NAME if row.alike else SOUND, row.name, row.sex,
                  row.person_id) for row in rows[:limit]]


def _elsewhere(viewer: Viewer, matched: Subquery) -> list[str]:
    """One name per office that holds a match out of sight. Sealed files of others are not told of."""
    names: set[str] = set()
    for model, column in _KINDS:
        names.update(db.session.scalars(
            _parts(matched, model, column).with_only_columns(Office.name).where(
                ~scope.sees(viewer), Charge.confidentiality.not_in(TEAM_ONLY)).distinct()))
    return sorted(names)


def likely_same(viewer: Viewer, number: str, code: str) -> list[Found]:
    """Parts within the viewer's sight that may be the same person: same document, or all names alike and no other sex.

    A warning while entering, never an error; parts already linked are left out. A reading, on the trail with what it
    found, wherever there was an identity to compare. Raises NotVisible, Forbidden.
    """
    charge, _ = parts.in_charge(viewer, number, "charge.read_in_full")
    part = parts.find(charge, code)
    held: dict[str, set[bytes]] = {NAME: set(), DOCUMENT: set(), SOUND: set()}
    if identity := parts.identity_of(part):
        for one in db.session.scalars(select(IdentityToken).where(IdentityToken.identity_id == identity.id)):
            held[one.kind].add(one.token)
    wanted = {NAME: frozenset(held[NAME]) if len(held[NAME]) > 1 else frozenset(), DOCUMENT: frozenset(held[DOCUMENT]),
              SOUND: frozenset[bytes]()}
    if not wanted[NAME] and not wanted[DOCUMENT]:
        return []
    found = [one for one in _in_sight(viewer, _matching(wanted), 10, without=part)
             if (one.by == DOCUMENT or _may_be_alike(one.sex, part.sex))
             and (one.person is None or one.person != part.person_id)]
    audit.note(viewer, "person.alike_read", audit.subject_of(part), detail={
        "parts": [f"{one.number}/{one.code}" for one in found]})
    return found


def _may_be_alike(one: str | None, other: str | None) -> bool:
    return one == other or None in (one, other) or "NSP" in (one, other)


# -- one person in several charges ------------------------------------------------------------------------------------


def link(viewer: Viewer, number: str, code: str, *, other_number: str, other_code: str, reason: str) -> None:
    """States that two parts, both seen in full, are the same human being. Each keeps its own identity.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, _ = parts.in_charge(viewer, number, "person.link")
    one = parts.find(charge, code)
    other_charge, other = _other(viewer, other_number, other_code)
    if not reason.strip():
        raise Rejected(Problem("reason", said("Escriba el sustento")))
    if one is other:
        raise Rejected(Problem("other_code", said("Elija a otra persona: es la misma ficha")))
    if one.person_id is not None and other.person_id is not None:
        if one.person_id == other.person_id:
            raise Rejected(Problem("other_code", said("Ya están vinculadas")))
        raise Rejected(Problem("other_code", said(
            "Cada una ya está vinculada con otras fichas: desvincule primero una de ellas")))
    person = _person(viewer, one.person_id or other.person_id, reason.strip())
    for part in (one, other):
        if part.person_id is None:
            _set_person(viewer, part, person.id, "person.linked")
    charges.settle(viewer, charge)
    if other_charge.id != charge.id:
        charges.settle(viewer, other_charge)


def _other(viewer: Viewer, number: str, code: str) -> tuple[Charge, Part]:
    try:
        charge, _ = parts.in_charge(viewer, number, "person.link")
        return charge, parts.find(charge, code)
    except (NotVisible, Forbidden):
        raise Rejected(Problem("other_number", said("No hay tal ficha entre las que usted puede ver"))) from None


def _person(viewer: Viewer, key: int | None, reason: str) -> Person:
    if key is None:
        values = {"key": secrets.token_hex(8), "linked_by": viewer.user_id, "linked_at": viewer.at, "reason": reason}
        return records.create(viewer, Person(), values, "person.created")
    person = db.session.get_one(Person, key)
    values = {"linked_by": viewer.user_id, "linked_at": viewer.at, "reason": reason}
    records.amend(viewer, person, Entry("person", values), "person.amended")
    return person


def _set_person(viewer: Viewer, part: Part, key: int | None, action: str, reason: str | None = None) -> None:
    records.amend(viewer, part, Entry(part.__tablename__, {"person": key}), action, reason=reason)


def unlink(viewer: Viewer, number: str, code: str, *, reason: str) -> None:
    """Takes a part out of its person. Nothing else changes: the part, its identity and the others stay as they are.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, _ = parts.in_charge(viewer, number, "person.link")
    part = parts.find(charge, code)
    if part.person_id is None:
        raise Rejected(Problem("", said("Esta ficha no está vinculada con otra")))
    _set_person(viewer, part, None, "person.unlinked", parts.stated(reason))
    charges.settle(viewer, charge)


def linked(viewer: Viewer, number: str, code: str) -> list[Found]:
    """The other parts of the same person in charges that the viewer sees in full; of others nothing is said.

    Raises NotVisible, Forbidden.
    """
    charge, _ = parts.in_charge(viewer, number, "charge.read_in_full")
    part = parts.find(charge, code)
    if part.person_id is None:
        return []
    found: list[Found] = []
    for model, _column in _KINDS:
        query = (select(Charge.number, model.code, Office.name, model.sex, model.person_id)
                 .join(Charge, model.charge_id == Charge.id).join(Office, Charge.office_id == Office.id)
                 .where(model.person_id == part.person_id, model.withdrawn_at.is_(None),
                        scope.sees(viewer, in_full=True)))
        if isinstance(part, model):
            query = query.where(model.id != part.id)
        found += [Found(row.number, row.code, "person", row.name, row.sex, row.person_id)
                  for row in db.session.execute(query)]
    return sorted(found, key=lambda one: (one.number, one.code))
