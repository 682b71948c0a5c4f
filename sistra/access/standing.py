"""How a viewer stands to one charge, and the two ways of being refused."""
from __future__ import annotations

from dataclasses import dataclass


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

    `outline`: a supervisor's view of a sealed charge. `on_team`: a member of the case team today.
    """

    own_office: bool
    on_team: bool
    outline: bool
    confidentiality: str
    joined: bool = False
    referred: bool = False

    @property
    def sealed(self) -> bool:
        return self.confidentiality in ("SEL", "COL")
