"""The one who asks: frozen for the length of a request or command."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sistra.codebook.roles import Role
from sistra.rules.entries import LIMA


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in user (or a user as whom a command acts) at one instant. First argument of every verb.

    `at` is the clock of the request: expiry and "today" come from it. `system_user` is the operating-system user of a command.
    `seen_at` is when the session was last noted as in use.
    `stepped_up` says that the password was given again within the last minutes.
    """

    user_id: int
    username: str
    full_name: str
    roles: frozenset[str]
    office_id: int
    office_name: str
    agency_id: int
    fiscal_district: str | None
    specialised: bool
    at: datetime
    language: str = "es"
    door: str = "web"
    address: str | None = None
    request_id: str | None = None
    session_id: int | None = None
    stepped_up: bool = False
    system_user: str | None = None
    seen_at: datetime | None = None
    preferences: Mapping[str, bool] = field(default_factory=dict, compare=False)

    @property
    def today(self) -> date:
        """The calendar day in Lima."""
        return self.at.astimezone(LIMA).date()

    def has(self, *roles: Role) -> bool:
        """Whether the viewer holds any of the roles."""
        return not self.roles.isdisjoint(roles)
