"""A small world: two offices specialised in trafficking, an ordinary one, two other agencies, a user for each role."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.services import signin
from tests.factories.rows import AT, made

PASSWORD = "puente de madera sobre el Tambopata"
"""Everybody's password."""

_AGENCIES = {
    "mp": ("Ministerio Público", "FIS"),
    "pnp": ("Policía Nacional", "POL"),
    "mimp": ("Ministerio de la Mujer", "GCE"),
}
_OFFICES: Mapping[str, tuple[str, str, str | None, bool]] = {
    "mdd": ("mp", "FPE", "MDD", True), "lim": ("mp", "FPE", "LIM", True), "ordinaria": ("mp", "FPP", "MDD", False),
    "coordinacion": ("mp", "COO", None, False), "observatorio": ("mp", "OBS", None, False),
    "udavit": ("mp", "UVT", "MDD", False), "pnp": ("pnp", "COM", None, False), "mimp": ("mimp", "AGE", None, False)}
_USERS = {
    "fiscal.mdd": ("mdd", "FISCAL"),
    "fiscal2.mdd": ("mdd", "FISCAL"),
    "asistente.mdd": ("mdd", "ASISTENTE"),
    "fiscal.lim": ("lim", "FISCAL"),
    "asistente.lim": ("lim", "ASISTENTE"),
    "fiscal.ordinaria": ("ordinaria", "FISCAL"),
    "coordinadora": ("coordinacion", "COORD"),
    "presidencia.mdd": ("mdd", "PRESID"),
    "analista": ("observatorio", "ANALISTA"),
    "agencia": ("pnp", "AGENCIA"),
    "victimas": ("udavit", "VICTIMAS"),
    "auditora": ("coordinacion", "AUDITOR"),
    "admin": ("coordinacion", "ADMIN"),
}
ONE_OF_EACH_ROLE = ("fiscal.mdd", "asistente.mdd", "coordinadora", "presidencia.mdd", "analista", "agencia", "victimas",
                    "auditora", "admin")
"""A user name for each of the nine roles."""


@dataclass(frozen=True, slots=True)
class World:
    """Keys by short name: agencies, offices and users. No row of the database is held."""

    agencies: Mapping[str, int]
    offices: Mapping[str, int]
    users: Mapping[str, int]

    def viewer(self, username: str, *, at: datetime = AT, **more: Any) -> Viewer:
        """The viewer that a user is (needs an application context); `more` as `signin.as_viewer` takes it."""
        person = db.session.get_one(User, self.users[username])
        return signin.as_viewer(person, db.session.get_one(Office, person.office_id), at=at, **({"door": "web"} | more))


@cache
def _password_hash() -> str:
    return signin.hash_password(PASSWORD)


def build_world() -> World:
    """Adds the rows; the caller commits."""
    agencies = {name: made(Agency, code=name.upper(), name=full, agency_type=kind, may_receive=name != "mp").id
                for name, (full, kind) in _AGENCIES.items()}
    offices = {
        name: made(
            Office,
            code=name.upper(),
            name=f"Despacho {name}",
            agency_id=agencies[agency],
            office_kind=kind,
            fiscal_district=district,
            specialised=specialised,
        ).id
        for name, (agency, kind, district, specialised) in _OFFICES.items()
    }
    users = {
        name: made(
            User,
            username=name,
            full_name=f"Persona {name}",
            email=f"{name}@example.test",
            office_id=offices[office],
            roles=(role,),
            password_hash=_password_hash(),
        ).id
        for name, (office, role) in _USERS.items()
    }
    return World(agencies, offices, users)
