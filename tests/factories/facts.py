"""The facts that three real proceedings state (`tests/journeys/cases_check.csv`), and whether a charge as stored holds them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from sistra.access.fields import value_of
from sistra.codebook.dictionary import record
from sistra.codebook.terms import Unknown
from sistra.db import Base, db
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge, RouteLeg
from sistra.models.counts import Count, CountVictim
from sistra.models.court_cases import ChargeCourtCase, CourtCase, Remedy
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling
from sistra.models.people import Accused, Exploitation, Recruitment, Victim
from sistra.rules.durations import Duration
from sistra.rules.partial_dates import PartialDate

_CSV = Path(__file__).parents[1] / "journeys" / "cases_check.csv"
_OF_CHARGE = {"accused": Accused, "victim": Victim, "count": Count, "route_leg": RouteLeg, "attachment": Attachment}
_OF_VICTIM = {"recruitment": Recruitment, "exploitation": Exploitation}
_OF_CASE = {"judgment": Judgment, "ruling": Ruling, "penalty": Penalty, "reparation": Reparation, "remedy": Remedy}


@dataclass(frozen=True)
class Fact:
    """A stated fact: where it is kept, and its value as text."""

    fact: str
    record: str
    field: str
    value: str


def stated(case: int) -> list[Fact]:
    """The facts of one of the proceedings."""
    with _CSV.open(encoding="utf-8", newline="") as source:
        return [
            Fact(row["fact"], *row["field"].split("."), row["value"])  # type: ignore[call-arg]
            for row in csv.DictReader(source)
            if row["case"] == str(case)
        ]


class Facts:
    """What is stored below one charge."""

    def __init__(self, charge: Charge) -> None:
        self.charge = charge
        self.cases = select(ChargeCourtCase.court_case_id).where(ChargeCourtCase.charge_id == charge.id)

    def hold(self, fact: Fact) -> bool:
        """Whether some record of that kind has the value in that field."""
        return any(_agrees(self._shown(row, fact), fact.value) for row in self._rows(fact.record))

    def _rows(self, name: str) -> Iterator[Base]:
        if name == "charge":
            yield self.charge
        elif name in _OF_CHARGE:
            yield from self._all(_OF_CHARGE[name], _OF_CHARGE[name].charge_id == self.charge.id)
        elif name in _OF_VICTIM:
            yield from self._all(
                _OF_VICTIM[name], _OF_VICTIM[name].victim_id.in_(select(Victim.id).where(Victim.charge_id == self.charge.id))
            )
        elif name in _OF_CASE:
            yield from self._all(_OF_CASE[name], _OF_CASE[name].court_case_id.in_(self.cases))
        elif name == "court_case":
            yield from self._all(CourtCase, CourtCase.id.in_(self.cases))
        elif name == "event":
            yield from self._all(Event, (Event.charge_id == self.charge.id) | Event.court_case_id.in_(self.cases))
        else:
            yield from self._all(CountVictim, CountVictim.count_id.in_(select(Count.id).where(Count.charge_id == self.charge.id)))

    def _all(self, model: Any, condition: Any) -> list[Any]:
        return list(db.session.scalars(select(model).where(condition)))

    def _shown(self, row: Any, fact: Fact) -> Any:
        if (fact.record, fact.field) == ("count_victim", "victim"):
            return db.session.get_one(Victim, row.victim_id).code
        if (fact.record, fact.field) == ("judgment", "remedy"):
            return _reviewed(row)
        return value_of(row, record(fact.record).fields[fact.field])


def _reviewed(judgment: Judgment) -> str:
    """The judgment that another one reviews, by its date."""
    remedy = db.session.get(Remedy, judgment.remedy_id) if judgment.remedy_id else None
    former = [db.session.get_one(Judgment, one.judgment_id) for one in remedy.against] if remedy else []
    return f"(judgment of {former[0].decided_on.iso()})" if former and former[0].decided_on else ""


def _agrees(stored: Any, told: str) -> bool:
    if told == "(text)":
        return isinstance(stored, str) and len(stored) > 10
    if isinstance(stored, Unknown):
        return stored.value == told
    if isinstance(stored, tuple):
        return set(stored) == set(told.split(";"))
    if isinstance(stored, PartialDate):
        return stored.iso() == told
    if isinstance(stored, Duration):
        return f"{stored.years}-{stored.months}-{stored.days}" == told
    if isinstance(stored, bool):
        return str(int(stored)) == told
    if hasattr(stored, "normalize") and not isinstance(stored, str):
        return float(stored) == float(told)
    return str(stored) == told
