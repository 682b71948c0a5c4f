"""A report before it has a format: headline, tables with their charts, and how the figures were made. Texts are final."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sistra.formats.chart import Bars
from sistra.formats.table import Table


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table as it is read: its last row is the total, save in a list (`total` False). `note` stands under it."""

    table: Table
    bars: Bars | None = None
    note: str = ""
    total: bool = True


@dataclass(frozen=True, slots=True)
class FigureReport:
    """`headline` are figures with their words, `method` label and text of how they were made; `data` holds every figure, tidy.

    `number` stands on every page and before the title, where there is one; `banner` above it.
    """

    number: str
    title: str
    scope: str
    headline: Sequence[tuple[str, str]]
    tables: Sequence[FigureTable]
    method: Sequence[tuple[str, str]]
    data: Table
    digest: str
    footer: str
    banner: str
