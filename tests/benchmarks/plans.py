"""How SQLite carries out the statements of a job: whole big tables read, rows sorted aside, and which of that is known."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from sistra.db import db

BIG = ("charge", "charge_access", "charge_purpose", "victim", "accused", "event", "trail_entry", "count", "deadline")
_PART = re.compile(r"(LAST|RIGHT).* OF ")
_SCAN = re.compile(r"SCAN (\w+?)(?:_\d+)?\b")

_LISTS, _ALL = ("list", "export", "desk", "report"), ("list", "export", "charge", "new", "search", "desk", "report")
KNOWN: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType({
    "sorting aside for GROUP BY": (_LISTS, "totals and facets: some hundred groups, whatever the size"),
    "sorting aside for DISTINCT": (_LISTS, "a charge counts once however many principals let a viewer in, a person once a year"),
    "sorting aside for count(DISTINCT)": (_LISTS, "a charge with two purposes of one group counts once in it"),
    "sorting aside for ORDER BY": (_ALL, "a page's own rows, merged from those of each principal, or the parts of one charge"),
})
"""Findings that are accepted: in jobs whose name begins so, and why."""


def known(job: str, finding: str) -> str:
    """Why a finding is accepted in a job; "" where it is not."""
    jobs, why = KNOWN.get(finding, ((), ""))
    return why if job.startswith(jobs) and jobs else ""


Statement = tuple[str, Any]


@contextmanager
def noted(app: Flask) -> Iterator[list[Statement]]:
    """The statements issued inside, session and trail included, with their parameters."""
    found: list[Statement] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            found.append((statement, parameters))
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def findings(app: Flask, statements: list[Statement]) -> set[str]:
    """What the plans of those statements show: big tables read whole, rows sorted aside."""
    found: set[str] = set()
    with app.app_context():
        cursor = db.session.connection().connection.cursor()
        for statement, parameters in statements:
            one = parameters[0] if isinstance(parameters, list) else parameters
            for *_, told in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", one).fetchall():
                if (scan := _SCAN.match(told)) and scan[1] in BIG:
                    found.add(f"scan of {scan[1]}")
                if told.startswith("USE TEMP B-TREE FOR"):
                    found.add(f"sorting aside for {_PART.sub('', told.split(' FOR ')[1])}")
        db.session.rollback()
    return found


def sizes(app: Flask) -> dict[str, int]:
    """How many rows the big tables hold."""
    with app.app_context():
        held = {name: db.session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in BIG}
        db.session.rollback()
    return held
