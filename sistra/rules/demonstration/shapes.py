"""What a plan consists of: steps that say which verb is carried out when, by whom, on what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

PROSECUTOR, ASSISTANT = "fiscal", "asistente"
"""Who carries a step out: the responsible prosecutor of the charge, or the assistant of the office."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Something of the same charge by its label: a part (A-1, I-1), a count (C-1), or what an earlier step made (E-1, M-2)."""

    label: str


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency by its code."""

    code: str


@dataclass(frozen=True, slots=True)
class OtherOffice:
    """An office by its code."""

    code: str


@dataclass(frozen=True, slots=True)
class OtherCharge:
    """Another charge by its place in the plan."""

    place: int


@dataclass(frozen=True, slots=True)
class OtherCase:
    """The first court case of another charge, by the charge's place in the plan."""

    place: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """The second prosecutor of the charge's office."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act of a user: `by` is PROSECUTOR, ASSISTANT or a user name.

    `verb` names what the services do; `label` is how later steps call what it makes; `on` what it acts on.
    `values` are answers as an `Entry` holds them, where a `Ref` and its like stand for keys.
    """

    verb: str
    at: datetime
    by: str
    code: str = ""
    label: str = ""
    on: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedCharge:
    """A charge from its opening on. `office` is a code, `responsible` a user name, `story` how its course was drawn.

    `opening` are the answers of the form that opens it; the first step that follows is later than `opened_at`.
    """

    story: str
    office: str
    responsible: str
    assistant: str
    colleague: str
    opened_by: str
    opened_at: datetime
    received_on: date
    opening: Mapping[str, Any]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """A user of the demonstration. `signs_in` is False for colleagues who are only named in files."""

    username: str
    full_name: str
    role: str
    office: str
    job_title: str
    signs_in: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Users, and charges in the order of their opening. The same numbers, seed and day give the same plan."""

    begins_at: datetime
    staff: tuple[Staff, ...]
    charges: tuple[PlannedCharge, ...]
