"""Tasks: which are still to be done, which are late, and what a task must say."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sistra.rules.problems import Problem, said

DONE = "HEC"
OPEN = ("PEN", "CUR")
"""States (`task_status`) in which a task is still to be done."""


def late(status: object, due_on: object, today: date) -> bool:
    """Whether a task is still to be done and its day has gone by."""
    return status in OPEN and isinstance(due_on, date) and due_on < today


def check_new_task(values: Mapping[str, Any], today: date) -> list[Problem]:
    """A new task is not due on a day gone by."""
    due = values.get("due_on")
    gone_by = isinstance(due, date) and due < today
    return [Problem("due_on", said("La fecha ya pasó: elija hoy o un día posterior"))] if gone_by else []
