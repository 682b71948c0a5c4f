"""Acts and deadlines in words: what lists, pages and forms of events show."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from flask import url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import record
from sistra.codebook.event_types import EventType, asks_notified_on, event_type, regime_set
from sistra.services import events
from sistra.services.deadline_pages import DeadlineLine
from sistra.services.event_pages import Choices, EventLine, EventPage
from sistra.services.measure_pages import MeasureLine
from sistra.web.folders import Line, lines
from sistra.web.guards import standing
from sistra.web.pages import day, moment, shown, term

_ALL = record("event").fields

COLOURS: Mapping[str, str] = {"VEN": "red", "PRX": "amber", "ABI": "blue", "CUM": "green", "CFT": "amber"}
"""Colour of the tag of each state of a deadline; the rest are grey."""


@dataclass(frozen=True, slots=True)
class ActLine:
    """An act as one row: `about` names counts, accused and victims by code; `moved` says how the stage changed.

    `court_case` is the key of the case in which it happened, None for an act of the charge's own.
    """

    id: int
    number: int
    title: str
    when: str
    about: str
    author: str
    recorded: str
    moved: str
    outcome: str
    reversed: bool
    sealed: bool
    own: bool
    contributed: str
    court_case: int | None


def line(one: EventLine) -> ActLine:
    view = one.view
    moved = view.stage_after if view.stage_after != view.stage_before else None
    return ActLine(
        int(view.id),
        one.number,
        term(view.event_type, "event_type"),
        day(_known(view.occurred_on)) or _("fecha no conocida"),
        _about(one),
        one.author,
        day(one.recorded_at),
        term(moved, "procedural_stage") if moved else "",
        term(view.outcome, "stage_outcome") if view.outcome else "",
        one.reversed,
        one.sealed,
        one.own,
        one.contributed_by,
        one.court_case,
    )


def _known(value: Any) -> Any:
    return value if hasattr(value, "earliest") else None


def _about(one: EventLine) -> str:
    said = [f"{accused}: {term(offence, 'offence')}" for accused, offence in one.counts]
    named = {accused for accused, _offence in one.counts}
    return "; ".join([*said, *(code for code in one.accused if code not in named), *one.victims])


def theme(kind: EventType) -> str:
    """What a type is about: the course, a measure, victims, accused, another agency, or the rest."""
    if kind.stage_to or kind.outcome or regime_set(kind) is not None:
        return "course"
    if "measure" in kind.needs or kind.code.startswith("DET-"):
        return "measure"
    return next((name for name in ("victims", "accused", "authority") if name in kind.needs), "rest")


Offered: TypeAlias = dict[str, list[tuple[int, str]]]
"""Field that names something -> (key, words) of what it may name."""


def offered(known: Choices) -> Offered:
    """The choices of the fields that name something, in words."""
    return {
        "counts": [(key, f"{accused}: {term(offence, 'offence')}") for key, accused, offence in known.counts],
        "accused": list(known.accused), "victims": list(known.victims),
        "measure": [(key, f"{part}: {_measure(code)}") for key, part, code in known.measures],
        "attachment": list(known.attachments), "authority": list(known.agencies), "target_office": list(known.offices),
        "responsible": list(known.prosecutors), "target_charge": list(known.charges),
        "service": [(one.id, f"{one.code}: {term(one.service_type, 'victim_service')}") for one in known.services]}


def _measure(code: str) -> str:
    coercive = term(code, "coercive_measure")
    return coercive if coercive != code else term(code, "protection_measure")


def rows(page: EventPage, known: Choices) -> list[Line]:
    """What an act says, as rows: the fields that its type asks, and the others that hold something."""
    view = page.line.view
    kind = event_type(str(view.event_type))
    fields = {field.name: field for field in events.amend_fields(kind)}
    for name in kind.needs:
        if name in _ALL and name not in fields:
            fields[name] = _ALL[name]
    if asks_notified_on(kind) or view.notified_on is not None:
        fields["notified_on"] = _ALL["notified_on"]
    if view.regress_reason is not None:
        fields["regress_reason"] = _ALL["regress_reason"]
    told = [field for field in sorted(fields.values(), key=lambda one: one.order)
            if field.name in kind.needs or field.name in ("notified_on", "regress_reason")
            or getattr(view, field.name) not in (None, ())]
    return lines(view, told, overrides=_overrides(page, known))


def _overrides(page: EventPage, known: Choices) -> dict[str, str]:
    """The words of the fields that name something."""
    view = page.line.view
    texts = dict(page.named) | {
        name: _("Documento reservado") if name == "attachment" else _("Reservado") for name in page.hidden
    }
    for name, choices in offered(known).items():
        held = getattr(view, name)
        keys = held if isinstance(held, tuple) else (held,)
        if name not in texts and (found := [label for key, label in choices if key in keys]):
            texts[name] = "; ".join(found)
    if isinstance(view.scheduled_for, datetime):
        texts["scheduled_for"] = moment(view.scheduled_for)
    if page.reverses is not None:
        texts["reversed_event"] = line(page.reverses).title
    return texts


@dataclass(frozen=True, slots=True)
class TermRow:
    """A deadline as a row."""

    id: int
    name: str
    accused: str
    starts: str
    due: str
    state: str
    colour: str
    opened_by: str
    opened_at: str | None
    closed: str
    reason: str
    verified: bool
    open: bool


def _opener(one: DeadlineLine, number: str) -> str | None:
    """The page of the act that opened a deadline, where the viewer may read it."""
    stands, key = standing(), int(one.view.opened_by)  # type: ignore[arg-type]
    if not stands.reads("ACT") or (one.court_case is not None and not stands.reads("EXP")):
        return None
    if one.court_case is not None:
        return url_for("court_cases.act", key=one.court_case, event_id=key)
    return url_for("events.show", number=number, event_id=key)


def term_row(one: DeadlineLine, number: str) -> TermRow:
    view = one.view
    waiting = _("Sin fecha") if view.closed_on is not None else _(one.pending, days=one.amount)
    due = day(view.due_on) if view.due_on is not None else waiting  # type: ignore[arg-type]
    if isinstance(view.due_at, datetime):
        due = moment(view.due_at)
    undated = view.due_on is None and one.state == "ABI"
    return TermRow(
        int(view.id), term(view.rule, "deadline"), one.accused, day(view.starts_on), due,  # type: ignore[arg-type]
        _("Sin fecha") if undated else term(one.state, "deadline_state"),
        "grey" if undated else COLOURS.get(one.state, "grey"), term(one.opened_by, "event_type"),
        _opener(one, number), day(view.closed_on), shown(view.set_by_hand_reason) if one.by_hand else "",  # type: ignore[arg-type]
        one.verified, one.state in ("ABI", "PRX", "VEN", "SUS"))


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure near its end or past it, as a line among the deadlines."""

    id: int
    name: str
    ends: str
    state: str
    colour: str


def measure_row(one: MeasureLine) -> MeasureRow:
    list_name = "coercive_measure" if one.view.kind == "COE" else "protection_measure"
    overdue = one.state == "VEN"
    return MeasureRow(
        int(one.view.id),
        ", ".join(text for text in (term(getattr(one.view, list_name), list_name), one.part) if text),
        day(one.view.ends_on),  # type: ignore[arg-type]
        term("VEN", "measure_state") if overdue else term("PRX", "deadline_state"),
        COLOURS["VEN" if overdue else "PRX"],
    )
