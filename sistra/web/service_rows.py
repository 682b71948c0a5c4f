"""A service for a victim as a row: the pages of services and that of the victim show the same."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sistra.access.views import ServiceView
from sistra.rules.services import OPEN
from sistra.services.service_pages import ServiceLine
from sistra.web.folders import state_of
from sistra.web.guards import viewer
from sistra.web.pages import day, shown, term

COLOURS = {"SOL": "amber", "DER": "amber", "ACE": "blue", "CUR": "blue", "DAD": "green", "CON": "green", "NDI": "red"}
"""Colour of the tag of each state; the rest are grey."""


@dataclass(frozen=True, slots=True)
class Row:
    """A service in a table."""

    id: int
    code: str
    name: str
    provider: str
    status: str
    colour: str
    starts: str
    ends: str
    planned: bool
    late: bool
    author: str
    contributed: str


def row_of(line: ServiceLine) -> Row:
    """A service of a charge as its list shows it."""
    return row(line.view, line.code, line.provider, line.author, line.contributed_by)


def row(view: ServiceView, code: str, provider: str, author: str = "", contributed: str = "") -> Row:
    """A service by its view; `ends` is the planned end while it runs, then the day on which it ended."""
    open_ = view.status in OPEN
    ends: Any = view.planned_end_on if open_ else view.ended_on
    late = open_ and state_of(ends) == "value" and ends < viewer().today
    return Row(int(view.id), code, term(view.service_type, "victim_service"), provider or shown(view.provider),
               term(view.status, "service_status"), COLOURS.get(str(view.status), "grey"), _day(view.starts_on),
               _day(ends), open_, late, author, contributed)


def _day(value: Any) -> str:
    return day(value) if state_of(value) == "value" else shown(value)
