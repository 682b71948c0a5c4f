"""First use: agencies and offices to begin with, and the first administrator.

What is created is a starting point that the administrator amends: names are generic, and `SPECIALISED` is general
knowledge about the year 2023 that the prosecution service confirms.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from sistra.codebook.dictionary import record
from sistra.codebook.roles import Role
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.rules.entries import LIMA, read, required
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import accounts, audit

SPECIALISED = ("ARE", "AYA", "CAL", "CUS", "HUA", "LIM", "LLI", "LOR", "MDD", "PIU", "PUN", "TAC", "TUM", "UCA")
"""Fiscal districts that begin with a specialised trafficking office: fourteen, as `agency.csv` counts them."""

_TYPES = {"MP": "FIS", "PNP": "POL", "PJ": "JUD", "MIGRACIONES": "MIG", "MINSA": "SAL", "GORE": "GLO", "ONG": "ONG",
          "IOM": "INT", "UNODC": "INT"}
"""Type of agency by the head of its line in `agency.csv`; any other is national government."""

_FIGURES_ONLY = ("INEI", "IOM", "UNODC", "ONG")
"""They get figures and no file (notes of `agency.csv`)."""

_UNITS = (("COO", "Coordinación Nacional de las Fiscalías Especializadas en Delitos de Trata de Personas", "FISTRAP",
           "COO"),
          ("OBS", "Observatorio de Criminalidad", "OBS", "OBS"))
_OF_EACH_DISTRICT = (("FPE", "Fiscalía Provincial Especializada en Delitos de Trata de Personas", "FISTRAP"),
                     ("FPP", "Fiscalía Provincial Penal", "FISPRO"),
                     ("UVT", "Unidad Distrital de Asistencia a Víctimas y Testigos", "UDAVIT"))
"""Prefix of the code (it is the kind of office), name and agency; the specialised ones only in `SPECIALISED`."""

_OF = {"CAL": "del Callao", "SAN": "del Santa"}
"""Districts that Spanish names with the article."""

ADMINISTRATION = "OBS"
"""The office of the first administrator: its agency keeps the system."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """The codes of what was added; what stood there already is left as it is."""

    agencies: tuple[str, ...]
    offices: tuple[str, ...]


def seed_offices(*, at: datetime, door: str = "cli", system_user: str | None = None) -> Seeded:
    """Adds the agencies of `agency.csv` and offices for every fiscal district, where they are missing.

    Run inside a unit of work.
    """
    agencies = _add_agencies(at)
    held = set(db.session.scalars(select(Office.code)))
    keys = {row.code: row.id for row in db.session.execute(select(Agency.code, Agency.id))}
    added = [office for office in _offices(keys, at) if office.code not in held]
    db.session.add_all(added)
    db.session.flush()
    seeded = Seeded(tuple(agencies), tuple(office.code for office in added))
    if seeded.agencies or seeded.offices:
        audit.note(None, "offices.seeded", audit.Subject("office"), at=at, door=door, detail={
            "agencies": list(seeded.agencies), "offices": list(seeded.offices), "system_user": system_user})
    return seeded


def _recorded(at: datetime) -> dict[str, Any]:
    return {"created_at": at, "updated_at": at, "origin": "FOR", "version": 1, "valid_from": at.astimezone(LIMA).date()}


def _add_agencies(at: datetime) -> list[str]:
    listed = codelist("agency")
    rows = {row.code: row for row in db.session.scalars(select(Agency))}
    added = [code for code in listed if code not in rows]
    for code in added:
        figures_only = code in _FIGURES_ONLY
        rows[code] = Agency(
            code=code, name=listed[code].label_es, agency_type=_TYPES.get(listed.top(code), "GCE"), catalog_code=code,
            country="PE", may_receive=not figures_only, ceiling_profile=None if figures_only else "SID",
            **_recorded(at))
        db.session.add(rows[code])
    db.session.flush()
    for code in added:
        if (parent := listed[code].parent) in rows:
            rows[code].parent_id = rows[parent].id
    db.session.flush()
    return added


def _offices(agencies: Mapping[str, int], at: datetime) -> Iterator[Office]:
    for code, name, agency, kind in _UNITS:
        yield _office(code, name, agencies[agency], kind, at)
    for district, term in codelist("fiscal_district").items():
        where = _OF.get(district, f"de {term.label_es}")
        for prefix, name, agency in _OF_EACH_DISTRICT:
            if prefix != "FPE" or district in SPECIALISED:
                yield _office(f"{prefix}-{district}", f"{name} {where}", agencies[agency], prefix, at, district)
    listed = codelist("agency")
    for code, term in listed.items():
        if listed.top(code) != "MP" and code not in _FIGURES_ONLY:
            kind = {"POL": "COM", "JUD": "JUZ"}.get(_TYPES.get(listed.top(code), ""), "AGE")
            yield _office(f"{kind}-{code}", f"{term.label_es}: enlace de trata de personas", agencies[code], kind, at)


def _office(code: str, name: str, agency_id: int, kind: str, at: datetime, district: str | None = None) -> Office:
    return Office(code=code, name=name, agency_id=agency_id, office_kind=kind, fiscal_district=district,
                  specialised=kind == "FPE", **_recorded(at))


def first_administrator(username: str, full_name: str, email: str, *, at: datetime, door: str = "cli",
                        system_user: str | None = None) -> str:
    """Creates the first administrator and gives the token of their link.

    Needs the offices seeded; run inside a unit of work. Raises Rejected: an administrator exists already,
    or what was given does not do.
    """
    in_force = select(User.id).where(User.roles.like(f"%;{Role.ADMINISTRATOR};%"), User.valid_to.is_(None)).limit(1)
    if db.session.scalar(in_force):
        raise Rejected(Problem("", said("Ya existe una persona que administra: pídale que invite a las demás")))
    office = db.session.scalars(select(Office).where(Office.code == ADMINISTRATION)).one()
    username = username.strip().lower()
    fields = [record("user").fields[name] for name in ("username", "full_name", "email")]
    texts = {"username": [username], "full_name": [full_name], "email": [email]}
    values, problems = read(fields, texts, at.astimezone(LIMA).date())
    problems += required(fields, values) + (accounts.username_problems(username) if username else [])
    if problems:
        raise Rejected(problems)
    person = User(office_id=office.id, roles=(Role.ADMINISTRATOR.value,), shortcuts_off=False, **values,
                  **_recorded(at))
    db.session.add(person)
    db.session.flush()
    audit.note(None, "user.invited", audit.subject_of(person), at=at, door=door,
               detail={"version": 1, "roles": [Role.ADMINISTRATOR.value], "office": office.id,
                       "system_user": system_user})
    return accounts.new_link(person, accounts.INVITATION_LASTS, at)
