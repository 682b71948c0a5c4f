"""What a reader may be handed of a field: its value, the word that it is reserved, or nothing."""
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sistra.codebook.dictionary import Field


class Reserved(StrEnum):
    """Stands where a value exists that is not for this reader. It never carries the value."""

    RESERVED = "Reservado"


RESERVED = Reserved.RESERVED


class Clearance(StrEnum):
    """How far into a record a reader sees, from least to most.

    OUTLINE is what a supervisor sees of a sealed charge: number, office, responsible, stage. SUMMARY is codes, numbers and
    dates of sensitivity case, without any text (grants of the profile RES); CASE is every field of sensitivity case;
    IDENTITY adds revealed identities; SEALED adds what stays inside the case team.
    """

    OUTLINE = "outline"
    SUMMARY = "summary"
    CASE = "case"
    IDENTITY = "identity"
    SEALED = "sealed"


OUTLINE_FIELDS = frozenset({"number", "office", "fiscal_district", "responsible", "stage", "confidentiality"})
"""The fields of a sealed charge that its supervisors keep seeing."""

_OPENS = {
    Clearance.OUTLINE: frozenset[str](),
    Clearance.SUMMARY: frozenset({"case"}),
    Clearance.CASE: frozenset({"case"}),
    Clearance.IDENTITY: frozenset({"case", "identity"}),
    Clearance.SEALED: frozenset({"case", "identity", "sealed"}),
}


_WITHOUT_TEXT = frozenset({"code", "codes", "place", "country", "ref", "refs", "date", "partial_date", "datetime", "integer",
                           "bool", "number_format", "duration_ymd"})
"""Types of which no text can come. The code of a part (A-1) is none either, though its type would allow it."""


def shows(clearance: Clearance, field: Field) -> bool:
    """Whether a field is shown as it is to a reader of that clearance."""
    if clearance is Clearance.OUTLINE:
        return field.name in OUTLINE_FIELDS
    if clearance is Clearance.SUMMARY and field.type not in _WITHOUT_TEXT and field.name != "code":
        return False
    return field.sensitivity in _OPENS[clearance]


_OUTSIDE: Mapping[tuple[str, str], str] = {
    ("procedural_stage", "X-PES-CE"): "40-IPF",
    ("stage_outcome", "CE-SEN"): "SEN-CON",
    ("closing_reason", "COL"): "OTH",
}


def outside_team(list_name: str, value: Any) -> Any:
    """A code as people outside the case team read it: effective collaboration reads as what it is part of.

    The stage X-PES-CE reads as the investigation, its stage group: that somebody collaborates never leaves the team.
    """
    return _OUTSIDE.get((list_name, value), value) if isinstance(value, str) else value
