"""How a viewer stands to one charge, and the two ways of being refused."""
from __future__ import annotations

from dataclasses import dataclass

from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.sharing import Shared


class NotVisible(LookupError):
    """There is no such thing for this viewer: whether it exists is not said (404)."""


class Forbidden(PermissionError):
    """The thing is visible, the act is not allowed (403). Carries the capability, never content."""

    def __init__(self, capability: str) -> None:
        self.capability = capability
        super().__init__(capability)


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a viewer's position matters for the policy on one charge.

    `outline`: a supervisor's view of a sealed charge. `on_team`: a member of the case team today. `shared`: what the grants
    in force open to somebody who sees the charge by no right of their own; None for everybody else. `supervised`: the charge
    is within the subsystem or the district that the viewer supervises, whatever else they may be. `supports`: somebody of the
    unit that assists victims whom the prosecutor put on the case team; unlike `on_team` it opens nothing that is sealed.
    """

    own_office: bool
    on_team: bool
    outline: bool
    confidentiality: str
    joined: bool = False
    referred: bool = False
    shared: Shared | None = None
    supervised: bool = False
    supports: bool = False

    def reads(self, *sections: str) -> bool:
        """Whether one of the sections (`grant_section`) is open: all are to whoever sees the charge by right, in full."""
        return any(map(self.shared.reads, sections)) if self.shared else not self.outline

    def profile(self, section: str) -> str | None:
        """The profile under which a section is shared; None where it is not, or is seen by right."""
        return self.shared.profiles.get(section) if self.shared else None

    @property
    def sealed(self) -> bool:
        return self.confidentiality in TEAM_ONLY
