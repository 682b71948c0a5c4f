"""The nine roles (`user_role.csv`) by name, and which of them may stand together."""
from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    PROSECUTOR = "FISCAL"
    ASSISTANT = "ASISTENTE"
    COORDINATOR = "COORD"
    DISTRICT_HEAD = "PRESID"
    ANALYST = "ANALISTA"
    AGENCY = "AGENCIA"
    VICTIM_SUPPORT = "VICTIMAS"
    AUDITOR = "AUDITOR"
    ADMINISTRATOR = "ADMIN"


CASE_READERS = frozenset(
    {Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD, Role.AGENCY, Role.VICTIM_SUPPORT})
"""Those with whom a charge may be shared by name. The others read figures, users or the trail, and no case."""
EXCLUSIVE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""They exclude each other and every other role: who keeps the users or the trail has no part in the cases."""


def may_stand_together(roles: frozenset[str]) -> bool:
    """Whether one user may hold these roles at once. No role at all is no set of roles."""
    return bool(roles) and (len(roles) == 1 or not roles & EXCLUSIVE)
