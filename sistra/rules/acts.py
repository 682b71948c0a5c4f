"""What the form of a procedural act asks, which acts are decisions, and which are sealed from the start."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sistra.codebook.dictionary import Field, record
from sistra.codebook.event_types import EventType, asks_notified_on, event_types, regime_set, reversal_types
from sistra.rules.confidentiality import SEALED
from sistra.rules.deadlines import LIMA
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, said
from sistra.rules.stages import CLOSED

ENDS_TRANSFER = frozenset({"DER-ACE", "DER-REC", "ACM-REV"})
"""Acts that bring a referred or joined charge back: the only ones, beside corrections, that such a charge takes."""

FILED_BY_FORM = frozenset({"APE-INT", "CAS-INT", "RNU-INT", "QUE-INT", "REV-DEM", "HAB-COR", "AUT-APE"})
"""Acts that file a remedy: its form writes them."""

DECIDED_BY_FORM = frozenset(code for code, kind in event_types().items() if "judgment" in kind.needs and kind.outcome) | {
    "SEN-NSP",
    "JUI-CON",
    "APE-INA",
    "CAS-INA",
    "AUT-RES",
}
"""Acts that are judgments, or decide a remedy: the judgment's form writes them."""

OWN_PAGE = frozenset({"NOT-REC", "DER-DIS", "DER-ACE", "DER-REC", "SEL-PON", "SEL-LEV", "REA-RES"}) | reversal_types()
"""Acts that a page of their own writes (opening, referral, sealing, correcting): no form offers them by type."""

SCHEDULES = frozenset({"AUD-PRG", "EUN-PRG", "JUI-CIT"})
"""Acts that do nothing but set a date to come: without it, or with one gone by, they say nothing."""

_NOT_KEPT = frozenset({"referral"})
_OBLIGATORY = frozenset(
    {
        "occurred_on",
        "offence",
        "reversed_event",
        "target_office",
        "target_charge",
        "target_court_case",
        "responsible",
        "closing_reason",
    }
)
_OF_A_MEASURE = frozenset({"MED-VEN", "PP-ORD", "PP-COM", "PP-ORG"})
_DECISIONS = frozenset({"SEL-PON", "SEL-LEV", "RTA-PON", "REA-RES", "REA-CIE", "TIP-FIS", "SEP-DIS", *ENDS_TRANSFER})
_SEALED = frozenset({"ALL-REQ", "COM-INT", "VID-VIG", "AGE-ENC", "DET-REQ"})
_FIXED = frozenset(
    {
        "counts",
        "accused",
        "offence",
        "measure",
        "judgment",
        "target_office",
        "target_charge",
        "target_court_case",
        "responsible",
        "closing_reason",
        "reversed_event",
        "notified_on",
    }
)


def asked(kind: EventType, *, regress: bool = False) -> list[Field]:
    """The fields that the act asks, in order. Only the date, the thing it acts on and a day it sets are obligatory (need R).

    `regress` adds the reason for taking the stage back.
    """
    fields = record("event").fields
    names = [name for name in kind.needs if name not in _NOT_KEPT]
    if asks_notified_on(kind):
        names.insert(1, "notified_on")
    if kind.code == "TIP-JUD":
        names.append("reason")
    if regress:
        names.append("regress_reason")
    return [replace(fields[name], need="R" if _obligatory(kind, name) else "O") for name in names]


def _obligatory(kind: EventType, name: str) -> bool:
    if name == "measure":
        return bool(_OF_A_MEASURE.intersection(kind.closes))
    if name == "scheduled_for":
        return kind.code in SCHEDULES
    return name in _OBLIGATORY or (name == "reason" and bool(reversal_types() & {kind.code} or kind.code == "TIP-FIS"))


def amendable(kind: EventType) -> list[Field]:
    """What a slip in the entry may be put right in: everything that it asks but what the act decided and on whom.

    The day on which a charge was received is put right in the charge.
    """
    fixed = _FIXED | {"occurred_on"} if kind.code == "NOT-REC" else _FIXED
    return [field for field in asked(kind) if field.name not in fixed]


def decides(kind: EventType) -> bool:
    """Whether the act closes something, or is a decision of the prosecutor: an assistant may not enter it."""
    return (kind.stage_to == CLOSED or bool(kind.outcome and kind.who == "fiscal") or regime_set(kind) is not None
            or kind.code in _DECISIONS)


_CONTRIBUTORS = frozenset({"police", "victim_unit"})
"""Whose acts they are (column `who` of the catalogue) that somebody outside the prosecution enters."""


def contributed(kind: EventType) -> bool:
    """Whether a recipient of access who may contribute enters the act: it is the police's or a victim unit's own.

    It neither decides, nor moves a stage, nor sets an outcome, nor opens or ends a time limit of the prosecution; it acts
    on no measure, and is not sealed from the start.
    """
    moves = kind.stage_to or kind.outcome or kind.opens or kind.closes or "measure" in kind.needs
    return (kind.who in _CONTRIBUTORS and not moves and not decides(kind) and confidentiality(kind) is None
            and kind.fits("charge", None) and kind.code not in OWN_PAGE)


def contributable(kind: EventType) -> list[Field]:
    """The fields that a contributed act asks: documents are not contributed."""
    return [field for field in asked(kind) if field.name != "attachment"]


def confidentiality(kind: EventType) -> str | None:
    """The confidentiality from the start: COL for effective collaboration, SEL for covert acts, else none."""
    if kind.code.startswith("COE-"):
        return "COL"
    return SEALED if kind.code in _SEALED else None


def check_act(values: Mapping[str, Any], today: date, *, kind: EventType | None = None) -> list[Problem]:
    """Problems with the dates of an act: it has happened, and was notified no earlier than it happened.

    With `kind`, also that a date which the act does nothing but set has not gone by (Lima days).
    """
    problems = []
    occurred, notified = values.get("occurred_on"), values.get("notified_on")
    if isinstance(occurred, PartialDate) and occurred.earliest and occurred.earliest > today:
        problems.append(Problem("occurred_on", said("La fecha de la actuación no puede ser futura")))
    if isinstance(notified, date):
        if notified > today:
            problems.append(Problem("notified_on", said("La fecha de notificación no puede ser futura")))
        if isinstance(occurred, PartialDate) and occurred.earliest and notified < occurred.earliest:
            problems.append(Problem("notified_on", said("La notificación no puede ser anterior a la actuación")))
    scheduled = values.get("scheduled_for")
    if kind is not None and kind.code in SCHEDULES and isinstance(scheduled, date) and _day(scheduled) < today:
        problems.append(Problem("scheduled_for", said("La fecha señalada ya pasó")))
    return problems


def _day(moment: date) -> date:
    """The day in Lima; an instant without zone is Lima time already."""
    if not isinstance(moment, datetime):
        return moment
    return (moment.astimezone(LIMA) if moment.tzinfo else moment).date()


def text(value: Any) -> str:
    """A text without its margins, "" for anything else."""
    return value.strip() if isinstance(value, str) else ""
