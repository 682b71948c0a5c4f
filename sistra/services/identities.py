"""The identity of a part: entered without being shown, found by blind indexes, opened with a reason on the trail."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from sistra.access import lens, scope, vault
from sistra.access.fields import value_of
from sistra.access.may import may, require
from sistra.access.standing import Forbidden, Standing
from sistra.access.viewer import Viewer
from sistra.access.views import AccusedView, ChargeView, ExploitationView, IdentityView, RecruitmentView, ServiceView, VictimView
from sistra.codebook.dictionary import record
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.keys import IdentityToken
from sistra.models.people import Accused, Identity, Victim
from sistra.models.services import Service
from sistra.rules.entries import Entry
from sistra.rules.masking import Reserved
from sistra.rules.matching import document_key, name_tokens, phonetic_key
from sistra.rules.person_checks import answered, check_age, check_identity
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.sharing import FULL
from sistra.services import audit, charges, parts, records, victim_lists
from sistra.services.parts import Part, Saved

NAME, SOUND, DOCUMENT = "name", "sound", "document"
"""The kinds of blind-index tokens."""

NAMES = ("surname_paternal", "surname_maternal", "given_names", "aliases", "legal_name")
INDEXED = (*NAMES, "id_document_type", "id_document_number")
"""The answers by which an identity is found."""
FILE = "denuncia"
"""Stands among codes for the charge's own reserved answers (who reported, contacts)."""

Tokens = Mapping[str, frozenset[bytes]]


@dataclass(frozen=True, slots=True)
class Revealed:
    """The opened views of one part (or of the charge itself): for the page that asked, and no other."""

    code: str
    part: VictimView | AccusedView | ChargeView
    identity: IdentityView | None = None
    recruitments: Sequence[RecruitmentView] = ()
    exploitations: Sequence[ExploitationView] = ()
    services: Sequence[ServiceView] = ()


def masked(viewer: Viewer, number: str, code: str) -> IdentityView | None:
    """The identity of a part with every answer reserved: what a form needs to offer its replacement.

    Raises NotVisible, Forbidden.
    """
    charge, stands = parts.in_charge(viewer, number, "victims.read" if code.startswith("A") else "accused.read")
    identity = parts.identity_of(parts.find(charge, code))
    return lens.see(identity, lens.clearance(stands)) if identity is not None else None


# -- entering ---------------------------------------------------------------------------------------------------------


def enter(viewer: Viewer, number: str, code: str, entry: Entry) -> Saved:
    """Writes what was typed of an identity, keeps its index, and works the age out. Whoever enters sees nothing of it.

    Raises NotVisible, Forbidden, Rejected, Conflict (whose recorded values are reserved).
    """
    charge, _ = parts.in_charge(viewer, number, "identity.enter")
    part = parts.find(charge, code)
    parts.only_entered(entry)
    identity, former = parts.identity_of(part), parts.computed_age(part, charge.facts_from)
    before = _before(identity)
    values, lost = parts.without_unasked(record("identity"), before, _normal(before, entry.values))
    _check(part, charge, before, values, former)
    if identity is None:
        values = {name: value for name, value in values.items() if value not in (None, "", ())}
        if not values:
            return Saved(code)
        owner = {"victim_id": part.id} if isinstance(part, Victim) else {"accused_id": part.id}
        identity = records.create(viewer, Identity(**owner), values, "identity.entered", detail={"code": code})
        changed = [record("identity").fields[name] for name in values]
    else:
        changed = records.amend(viewer, identity, Entry("identity", values, entry.version or 0), "identity.entered")
    if changed:
        _index(identity)
        parts.rederive_age(part, charge, former)
        charges.settle(viewer, charge)
    return Saved(code, tuple(field.label(viewer.language) for field in changed),
                 tuple(field.label(viewer.language) for field in lost if field in changed))


def _before(identity: Identity | None) -> dict[str, Any]:
    """What is recorded, opened: to compare with, never to be handed on."""
    fields = record("identity").fields
    return {name: value_of(identity, field) for name, field in fields.items() if field.encrypted} if identity else {}


def _normal(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """A document number as its kind writes it: a DNI regains the zeros that a spreadsheet dropped."""
    values = dict(given)
    kind, number = {**before, **values}.get("id_document_type"), values.get("id_document_number")
    if answered(kind) and isinstance(number, str) and answered(number):
        values["id_document_number"] = document_key(str(kind), number) or number
    return values


def _check(part: Part, charge: Charge, before: Mapping[str, Any], values: Mapping[str, Any],
           former: int | None) -> None:
    kind = part.kind if isinstance(part, Accused) else None
    problems = check_identity({**before, **values}, kind=kind)
    if part.identified is False:
        problems += [Problem(name, said("Registre la identidad solo de quien está identificado; un alias sí se admite"))
                     for name, value in values.items() if name != "aliases" and answered(value)]
    if "birth_date" in values:
        typed = None if part.age_at_facts == former else part.age_at_facts
        found = check_age({"age_at_facts": typed, "birth_date": values["birth_date"], "facts_from": charge.facts_from})
        problems += [Problem("birth_date", problem.message, problem.params) for problem in found]
    parts.fresh(problems, check_identity(before, kind=kind))


def _index(identity: Identity) -> None:
    """Writes the identity's tokens anew, in the act that changed it."""
    fields = record("identity").fields
    db.session.execute(delete(IdentityToken).where(IdentityToken.identity_id == identity.id))
    given = {name: value_of(identity, fields[name]) for name in INDEXED}
    if rows := [{"identity_id": identity.id, **one} for one in index_rows(given)]:
        db.session.execute(insert(IdentityToken), rows)


def index_rows(answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The kind and token of every row of the index that an identity of those answers (the names of INDEXED) has."""
    names = [value for name in NAMES if isinstance(value := answers.get(name), str) and answered(value)]
    number, kind = answers.get("id_document_number"), answers.get("id_document_type")
    numbers = [number] if isinstance(number, str) and answered(number) else []
    documents = [document_key(str(kind) if answered(kind) else "", one) for one in numbers]
    return [{"kind": of_kind, "token": one} for of_kind, tokens in blind(names, documents).items() for one in sorted(tokens)]


def blind(names: Iterable[str], documents: Iterable[str]) -> Tokens:
    """The fingerprints of names and document keys, by kind: what is stored of an identity and of a search."""
    tokens = name_tokens(*names)
    ring = db.keyring
    return {NAME: frozenset(ring.blind(NAME, token) for token in tokens),
            SOUND: frozenset(ring.blind(SOUND, phonetic_key(token)) for token in tokens),
            DOCUMENT: frozenset(ring.blind(DOCUMENT, key) for key in documents if key)}


# -- opening ----------------------------------------------------------------------------------------------------------


def capability(part: Part, stands: Standing) -> str:
    """What opening the identity of a part asks: a minor's, or anyone's in a sealed charge, is for the case team.

    A victim who is a minor opens besides, where the charge is not sealed, to who assists victims and was put on the team.
    """
    if stands.sealed or not parts.minor(part):
        return "identity.reveal_minor" if stands.sealed else "identity.reveal_adult"
    return "identity.reveal_minor_victim" if isinstance(part, Victim) else "identity.reveal_minor"


def revealable(viewer: Viewer, number: str) -> list[tuple[str, bool, bool]]:
    """(code, guarded as a minor, may be opened by this viewer) of every part of a charge.

    Raises NotVisible, Forbidden.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.print", stands)
    both: list[Part] = [*(parts.of_charge(charge.id, Victim) if _opens(stands, "AGR") else ()),
                        *(parts.of_charge(charge.id, Accused) if _opens(stands, "IMP") else ())]
    return [(part.code, parts.minor(part), may(viewer, capability(part, stands), stands)) for part in both]


def reveal(viewer: Viewer, number: str, codes: Sequence[str], *, reason_code: str,
           reason_text: str = "") -> list[Revealed]:
    """Opens the identities of the parts named, for one page. Each leaves its entry, with the reason, before the values.

    `codes` may hold FILE for the reserved answers of the charge itself. One part that this viewer may not open refuses
    all. Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "identity.reveal_adult", stands)
    reason = _reason(reason_code, reason_text)
    wanted = [code for code in dict.fromkeys(codes) if code != FILE]
    if not codes:
        raise Rejected(Problem("codes", said("Elija al menos a una persona")))
    found = [parts.find(charge, code) for code in wanted]
    for part in found:
        require(viewer, capability(part, stands), stands)
        if not _opens(stands, "AGR" if isinstance(part, Victim) else "IMP"):
            raise Forbidden("identity.reveal_adult")
    if FILE in codes and not _opens(stands, "HEC"):
        raise Forbidden("identity.reveal_adult")
    if FILE in codes:
        require(viewer, "identity.reveal_minor" if stands.sealed else "identity.reveal_adult", stands)
    for row in ([charge] if FILE in codes else []) + found:
        audit.note(viewer, "identity.revealed", audit.subject_of(row), reason=reason,
                   detail={"code": getattr(row, "code", FILE), "reason_code": reason_code})
    clear = lens.clearance(stands, revealed=True)
    opened = [Revealed(FILE, lens.see(charge, clear, team=stands.on_team))] if FILE in codes else []
    return opened + [_opened(part, clear, stands) for part in found]


def _opens(stands: Standing, section: str) -> bool:
    """Whether identities of a section may be opened at all: to who sees the charge by right or by a full grant."""
    return stands.profile(section) == FULL if stands.shared else not stands.outline


def _reason(code: str, text: str) -> str:
    reasons, text = codelist("reveal_reason"), " ".join(text.split())
    if code not in reasons:
        raise Rejected(Problem("reason_code", said("Elija el motivo")))
    if code == "OTH" and not text:
        raise Rejected(Problem("reason_text", said("Explique el motivo")))
    if len(text) > 500:
        raise Rejected(Problem("reason_text", said("Explique el motivo en no más de 500 caracteres")))
    return f"{code}: {text}" if text else code


def _opened(part: Part, clear: lens.Reach, stands: Standing) -> Revealed:
    kind = part.__tablename__
    vault.fetch_keys([(kind, part.id)])
    identity = parts.identity_of(part)
    view = lens.see(identity, clear) if identity is not None else None
    if not isinstance(part, Victim):
        return Revealed(part.code, lens.see(part, clear), view)
    lists = [[lens.see(row, clear) for row in victim_lists.rows(part, name)]
             for name in ("recruitment", "exploitation")]
    services = select(Service).where(Service.victim_id == part.id, Service.withdrawn_at.is_(None)).order_by(Service.id)
    given = [lens.see(row, clear) for row in db.session.scalars(services)] if stands.reads("ATE") else []
    return Revealed(part.code, lens.see(part, clear), view, lists[0], lists[1], given)


def full_name(view: IdentityView | None) -> str:
    """The name of an opened identity as lists write it in Peru: surnames, then given names; a legal name as it is."""
    if view is None:
        return ""
    surnames = " ".join(_known(view.surname_paternal, view.surname_maternal))
    return ", ".join(one for one in (surnames, *_known(view.given_names)) if one) or "".join(_known(view.legal_name))


def _known(*values: object) -> list[str]:
    return [value for value in values if isinstance(value, str) and not isinstance(value, Reserved) and answered(value)]
