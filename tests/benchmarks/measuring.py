"""CPU times of a job at several sizes, interleaved with its yardstick: medians, ratio, exponent."""
from __future__ import annotations

import csv
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

from flask import Flask, render_template_string
from openpyxl import Workbook

from sistra.services import signin
from sistra.services.charge_list import Query
from sistra.services.exports.tables import select_charges, unit_table
from tests.benchmarks import plans
from tests.benchmarks.jobs import OFFICE, Act, Job
from tests.factories.rows import AT


@dataclass(frozen=True, slots=True)
class Measured:
    """A job's medians in ms of CPU by size, those of its yardstick, its statements and what their plans show.

    `rows` are those of a file by size, None for a page; a file's yardstick writes the same cells.
    """

    job: Job
    sizes: Sequence[int]
    times: Sequence[float]
    floor: float
    statements: Sequence[int]
    findings: frozenset[str]
    rows: Sequence[int] | None = None

    @property
    def ratio(self) -> float:
        """Largest size to smallest; of a file, by row."""
        return self._last / self._first

    @property
    def exponent(self) -> float:
        """How the time grows with the size: 0 not at all, 1 in proportion."""
        return math.log(self.times[-1] / self.times[0]) / math.log(self.sizes[-1] / self.sizes[0])

    @property
    def _first(self) -> float:
        return self.times[0] / (self.rows[0] if self.rows else 1)

    @property
    def _last(self) -> float:
        return self.times[-1] / (self.rows[-1] if self.rows else 1)

    @property
    def times_floor(self) -> float:
        """A page at the smallest size to a bare page of its bytes; a file at the largest to the bare writing of its cells."""
        return (self.times[-1] if self.rows else self.times[0]) / self.floor


def cpu(act: Act) -> float:
    """CPU milliseconds of one call."""
    started = time.process_time()
    act()
    return (time.process_time() - started) * 1000


def measure(job: Job, apps: Sequence[tuple[int, Flask]]) -> Measured:
    """Runs a job at every size and its yardstick in turns."""
    acts = [job.ready(app) for _, app in apps]
    answers = [act() for act in acts]
    floor = bare_page(answers[0]) if job.page else bare_file(job.name, apps[-1][1])
    floor()
    times: list[list[float]] = [[] for _ in (*acts, floor)]
    for _ in range(job.rounds):
        for place, act in enumerate((*acts, floor)):
            times[place].append(cpu(act))
    *found, low = (statistics.median(one) for one in times)
    counts, seen = [], set[str]()
    for (_, app), act in zip(apps, acts, strict=True):
        with plans.noted(app) as statements:
            act()
        counts.append(len(statements))
        seen = plans.findings(app, statements)
    return Measured(job, [size for size, _ in apps], found, low, counts, frozenset(seen), None if job.page else answers)


# -- yardsticks -----------------------------------------------------------------------------------------------------------


def bare_page(page: bytes) -> Act:
    """A Flask page of the same bytes and nothing else."""
    bare, body = Flask("bare"), page.decode()

    @bare.get("/")
    def index() -> str:
        return render_template_string("{{ body | safe }}", body=body)
    client = bare.test_client()
    return lambda: client.get("/")


def bare_file(name: str, app: Flask) -> Act:
    """The same cells, at hand, written by openpyxl's write-only sheet or by the csv module."""
    with app.app_context():
        viewer = signin.command_viewer(OFFICE, at=AT, system_user="benchmarks")
        table = unit_table(viewer, "charges", select_charges(viewer, Query()))
        rows = [[cell if cell is None or isinstance(cell, (int, float)) else str(cell) for cell in row] for row in table.rows]
    write: Callable[[list[list[Any]]], None] = _xlsx if "xlsx" in name else _csv
    return lambda: write(rows)


def _xlsx(rows: list[list[Any]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(BytesIO())


def _csv(rows: list[list[Any]]) -> None:
    csv.writer(StringIO()).writerows(rows)
