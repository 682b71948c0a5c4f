"""How far a charge is closed, in order: reserved to office and supervisors, sealed to the team, effective collaboration."""
from __future__ import annotations

LEVELS = ("RES", "SEL", "COL")
"""Codes of `confidentiality` that a charge may have, from the widest circle of readers to the narrowest."""


def lowers(present: str, wanted: str) -> bool:
    """Whether going from one level to the other lets more people in: that takes the approval of a second person."""
    return LEVELS.index(wanted) < LEVELS.index(present)
