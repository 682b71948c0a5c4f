"""How far something is closed, in order: reserved to office and supervisors, sealed to the team, effective collaboration."""
from __future__ import annotations

RESERVED, SEALED, COLLABORATION = "RES", "SEL", "COL"
LEVELS = (RESERVED, SEALED, COLLABORATION)
"""Codes of `confidentiality` that a charge may have, from the widest circle of readers to the narrowest."""

TEAM_ONLY = (SEALED, COLLABORATION)
"""What only the case team reads: a charge of which others see at most the outline, an act or document that is not there."""


def lowers(present: str, wanted: str) -> bool:
    """Whether going from one level to the other lets more people in: that takes the approval of a second person."""
    return LEVELS.index(wanted) < LEVELS.index(present)
