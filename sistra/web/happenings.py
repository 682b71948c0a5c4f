"""The entries of a history as its page tells them: reasons in words, whose identity was opened, like readings on one line."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext as _

from sistra.rules.entries import LIMA
from sistra.services.history import Happening
from sistra.services.identities import FILE
from sistra.web.pages import term

_REASONS = {"identity.revealed": "reveal_reason", "attachment.read": "reveal_reason"} | dict.fromkeys(
    ("charge.exported", "list.exported", "court_case.exported"), "export_reason")
"""Acts whose reason is a code, with its list: alone, or before a colon and what was added by hand."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line: the newest of `times` like readings, or a single entry."""

    one: Happening
    reason: str
    about: str
    times: int = 1


def told(happened: Sequence[Happening]) -> list[Told]:
    """The lines of a page, newest first. Readings in a row of one kind, by one person, on one day in Lima, become one."""
    lines: list[Told] = []
    for _key, like in groupby(happened, key=_alike):
        group = list(like)
        lines.append(Told(group[0], _reason(group[0]), _about(group[0]), len(group)))
    return lines


def _alike(one: Happening) -> tuple[object, ...]:
    if one.changes or one.reason or one.about:
        return (one.number,)
    return (one.action, one.actor, one.thing, one.thing_id, one.at.astimezone(LIMA).date())


def _reason(one: Happening) -> str:
    if one.reason is None or one.action not in _REASONS:
        return one.reason or ""
    code, colon, text = one.reason.partition(": ")
    return f"{term(code, _REASONS[one.action])}{colon}{text}"


def _about(one: Happening) -> str:
    return _("datos reservados de la denuncia") if one.about == FILE else one.about
