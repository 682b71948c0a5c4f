"""The catalogue of procedural acts (`lists/event_type.csv`), typed, and what a form asks of it."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from sistra.codebook.terms import Term, codelist

Subject = Literal["charge", "court_case"]

ANYWHERE = "*"
"""In `stage_from`: the act may be entered at every stage."""

_REGIMES = MappingProxyType({"REG-COM": "complex", "REG-ORG": "organised", "REG-ORD": "ordinary"})


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the catalogue. Empty text where the row is silent.

    `needs` are fields of the record `event` in the order asked; `opens` and `closes` are codes of the list `deadline`;
    `scope` says whose outcome it sets (count, accused, charge); `frequent` ones stand first in the form.
    """

    code: str
    label_es: str
    label_en: str
    applies_to: str
    stage_from: tuple[str, ...]
    stage_to: str
    outcome: str
    scope: str
    needs: tuple[str, ...]
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    task_es: str
    task_en: str
    who: str
    frequent: bool
    procedure_code: str
    source: str
    note: str
    verified: bool

    def label(self, language: str) -> str:
        return self.label_en if language == "en" else self.label_es

    def task(self, language: str) -> str:
        """The task that follows the act, "" when none does."""
        return self.task_en if language == "en" else self.task_es

    def allowed_from(self, stage: str) -> bool:
        """Whether the code of procedure foresees the act at `stage` (a code of `procedural_stage`)."""
        return ANYWHERE in self.stage_from or stage in self.stage_from

    def fits(self, subject: Subject | None, procedure_code: str | None) -> bool:
        """Whether it can be entered on the subject under that procedural code; None leaves either open."""
        return (subject is None or self.applies_to in (subject, "both")) and (
            procedure_code not in ("ncpp", "1940") or self.procedure_code in (procedure_code, "any"))


@dataclass(frozen=True, slots=True)
class Offer:
    """An event type as a form offers it. `expected` is False where the stage does not foresee it: offered, but flagged."""

    event_type: EventType
    expected: bool


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


def _event_type(term: Term) -> EventType:
    row = term.extra
    return EventType(
        code=term.code, label_es=term.label_es, label_en=term.label_en, applies_to=row["applies_to"],
        stage_from=_parts(row["stage_from"]), stage_to=row["stage_to"], outcome=row["outcome"], scope=row["scope"],
        needs=_parts(row["needs"]), opens=_parts(row["opens"]), closes=_parts(row["closes"]),
        task_es=row["task_es"], task_en=row["task_en"], who=row["who"], frequent=row["frequent"] == "1",
        procedure_code=row["procedure_code"], source=term.source, note=term.note, verified=term.verified)


@cache
def event_types() -> Mapping[str, EventType]:
    """Every event type by code, in catalogue order."""
    return MappingProxyType({code: _event_type(term) for code, term in codelist("event_type").items()})


def event_type(code: str) -> EventType:
    """The event type `code`. Raises KeyError when the catalogue has none."""
    return event_types()[code]


@cache
def reversal_types() -> frozenset[str]:
    """The codes of the acts that undo another one: those that ask which act they reverse."""
    return frozenset(code for code, kind in event_types().items() if "reversed_event" in kind.needs)


def offered(subject: Subject, procedure_code: str | None = None, stage: str | None = None) -> list[Offer]:
    """What can be entered on `subject`: the frequent ones, then those that the stage foresees, then the rest, flagged.

    Acts of the other procedural code are left out; where code or stage are not known nothing is left out or flagged.
    """
    offers = [Offer(kind, not stage or kind.allowed_from(stage))
              for kind in event_types().values() if kind.fits(subject, procedure_code)]
    return sorted(offers, key=lambda offer: (not offer.event_type.frequent, not offer.expected))


def plain(text: str) -> str:
    """`text` in lower case and without accents, as searches compare it."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))


@cache
def _haystacks() -> Mapping[str, str]:
    return {code: plain(f"{code} {kind.label_es} {kind.label_en}") for code, kind in event_types().items()}


def _closeness(words: list[str], haystack: str) -> int:
    """0 when the text begins with the first word, 1 when every word begins one of its words, else 2."""
    if haystack.startswith(words[0]):
        return 0
    return 1 if all(f" {word}" in f" {haystack}" for word in words) else 2


def search(text: str, subject: Subject | None = None, procedure_code: str | None = None, *,
           among: Iterable[EventType] | None = None, limit: int | None = None) -> list[EventType]:
    """The event types whose code or label (either language) holds every word of `text`, best first; accents do not count.

    Blank text finds nothing. `among` narrows to, and keeps the order of, a list such as that of `offered`.
    """
    words = plain(text).split()
    if not words:
        return []
    found = [kind for kind in (event_types().values() if among is None else among)
             if kind.fits(subject, procedure_code) and all(word in _haystacks()[kind.code] for word in words)]
    return sorted(found, key=lambda kind: _closeness(words, _haystacks()[kind.code]))[:limit]


def asks_notified_on(kind: EventType) -> bool:
    """Whether a deadline that the act opens runs from its notification, so that the form asks that date too."""
    return any(codelist("deadline")[rule].extra["starts_at"] == "notified_on" for rule in kind.opens)


def regime_set(kind: EventType) -> str | None:
    """The regime (a code of `regime`) that the act gives the charge, or None."""
    return _REGIMES.get(kind.code)
