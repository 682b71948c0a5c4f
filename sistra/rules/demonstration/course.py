"""The course of one charge while it is drawn: a day that moves on, and the steps taken so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sistra.codebook.event_types import EventType, asks_notified_on, event_type
from sistra.codebook.terms import Unknown
from sistra.rules import acts
from sistra.rules.demonstration.chance import Chance, has_phrase, weights
from sistra.rules.demonstration.facts import Facts, reason
from sistra.rules.demonstration.shapes import ASSISTANT, PROSECUTOR, Agency, Ref, Step
from sistra.rules.entries import LIMA
from sistra.rules.partial_dates import PartialDate

_AUTHORITIES: Mapping[str, str] = {
    "NOT-IPO": "DIRCTPTIM",
    "CEM-DER": "CEM",
    "UPE-DER": "UPE",
    "DPV-ASI": "MINJUS",
    "CON-CON": "RREE",
    "MIG-CAL": "MIGRACIONES",
    "RET-ASI": "RREE",
    "VIC-IDE": "FISTRAP",
    "ARC-CNF": "FISSUP",
    "ARC-REV": "FISSUP",
    "COO-INT": "RREE",
    "REO-PUE": "PNP",
    "EXD-ACT": "RREE",
    "EJE-ING": "INPE",
    "RNU-DIC": "FISUPREMA",
    "DER-CTD": "FISSUP",
    "DER-EXT": "RREE",
}
_ASKED_OF = ("RENIEC", "MIGRACIONES", "PNP", "MTC", "MINSA", "SUNAFIL", "MINEDU", "IML")
_RESULTS = {
    "DEC": "REA:9;PAR:1",
    "PER": "POS:6;NEG:2;NCO:1",
    "ALL-AUT": "FUN:5;FUP:1",
    "OPE-SIN": "NEG:1",
    "OFI-RES": "POS:3;NEG:1;PAR:1",
}
_DECIDED = frozenset(
    {
        "INC-CNF",
        "COM-INT",
        "COM-LEV",
        "BAN-LEV",
        "DET-ORD",
        "IPF-CTD",
        "TUT-DER",
        "ACI-CON",
        "TCI-INC",
        "PJU-INC",
        "HAB-COR",
        "EJE-BEN",
        "EJE-DEC",
        "EJE-EMB",
        "DER-CTD",
        "EXD-ACT",
        "COE-ACU",
        "QUE-INT",
        "REV-DEM",
        "MIG-CAL",
        "RET-ASI",
    }
)
_EXPERTS = {"PER-PSI": "PSI", "PER-SOC": "SOC", "PER-EDA": "EDA", "PER-MED": "MED", "PER-DIG": "DIG", "PER-OTR": "CON"}


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure in force: its label, the act that ends it, whom it is on, and the court case if a court ordered it."""

    label: str
    ended_by: str
    on: str
    persons: Mapping[str, Any]


class Course:
    """Steps of a charge received on `origin`. `today` closes the calendar: hearings after it are to come."""

    def __init__(self, chance: Chance, facts: Facts, origin: date, today: date, *, assistant: bool) -> None:
        self.chance, self.facts, self.origin, self.today = chance, facts, origin, today
        self._clock = chance.of("clock")
        self.assistant = assistant
        """Whether an assistant takes some of the steps: not where the charge is sealed to its team."""
        self.day, self.steps = 0, list[Step]()
        self.victims = tuple(f"A-{place}" for place in range(1, len(facts.victims) + 1))
        self.accused = tuple(f"I-{place}" for place in range(1, len(facts.accused) + 1))
        self.counts, self.count_of = list[str](), dict[str, str]()
        self.court_counts, self.offence = list[str](), ""
        self.live, self.in_force = False, list[Measure]()
        """Whether it goes on today: what is over has left nothing open. The measures that are to be ended then."""
        self.elsewhere, self.turn = "", 0
        """Code of another office; how many charges of the same story were drawn before: alternatives that are rare take turns."""
        self.singles, self.court_singles = list[str](), list[str]()
        self._made, self._orders, self._resolutions = 0, 0, 0
        self._last_at: datetime | None = None

    # -- the calendar -------------------------------------------------------------------------------------------------

    def go(self, least: int, most: int) -> Course:
        """Lets that many days pass."""
        self.day += self.chance.number(least, most)
        return self

    def date(self, offset: int | None = None) -> date:
        """The day, or the one so many days after reception; a Friday where it would fall on a weekend."""
        found = self.origin + timedelta(days=self.day if offset is None else offset)
        return found - timedelta(days=max(0, found.weekday() - 4))

    def when(self) -> PartialDate | Unknown:
        """The present day as a file knows it: seldom only its month, its year, or not at all."""
        day = self.date()
        known = self.chance.by_weight(weights("day:955;month:22;year:5;range:8;nsp:10"))
        first = day - timedelta(days=9)
        found: dict[str, PartialDate | Unknown] = {
            "day": PartialDate.of_day(day),
            "range": PartialDate.of_range(first, day),
            "month": PartialDate.of_month(day.year, day.month)
            if (day.year, day.month) < (self.today.year, self.today.month)
            else PartialDate.of_day(day),
            "year": PartialDate.of_year(day.year) if day.year < self.today.year else PartialDate.of_day(day),
            "nsp": Unknown.NOT_KNOWN,
        }
        return found[known]

    def hearing(self, days: int) -> datetime:
        """A hearing so many days on, in the morning or afternoon."""
        hour = time(self.chance.one((8, 9, 10, 11, 12, 14, 15, 16)), self.chance.one((0, 0, 30)))
        return datetime.combine(self.date(self.day + days), hour, LIMA).astimezone(UTC)

    def coming(self, least: int, most: int) -> datetime:
        """A hearing so many days after today: for what is still going on."""
        ahead = (self.today - self.origin).days + self.chance.number(least, most) - self.day
        return self.hearing(ahead + 3)

    def _entered_at(self) -> datetime:
        """When the step is typed in: on its day or a few after, never before the step that came first, never today."""
        day = min(
            self.date() + timedelta(days=int(self._clock.by_weight(weights("0:6;1:3;2:1;4:0.5")))), self.today - timedelta(days=1)
        )
        at = datetime.combine(day, time(self._clock.number(8, 17), self._clock.number(0, 59)), LIMA).astimezone(UTC)
        if self._last_at is not None and at <= self._last_at:
            at = self._last_at + timedelta(minutes=self._clock.number(2, 6))
        self._last_at = at
        return at

    # -- steps --------------------------------------------------------------------------------------------------------

    def step(
        self,
        verb: str,
        values: Mapping[str, Any] | None = None,
        *,
        code: str = "",
        label: str = "",
        on: str = "",
        by: str = PROSECUTOR,
    ) -> None:
        self.steps.append(
            Step(verb, self._entered_at(), by if self.assistant else PROSECUTOR, code, label, on, dict(values or {}))
        )

    def label(self, letter: str) -> str:
        """A label that no step has yet."""
        self._made += 1
        return f"{letter}-{self._made}"

    def act(self, code: str, *, on: str = "", label: str = "", exact: bool = False, **given: Any) -> str:
        """An act of the charge, or of the court case `on`, on the present day. Gives its label.

        What is not `given` of its answers is filled in.
        """
        kind = event_type(code)
        label = label or self.label("E")
        occurred = PartialDate.of_day(self.date()) if exact or kind.outcome or kind.stage_to or kind.opens else self.when()
        values = {"occurred_on": occurred} | self._answers(kind) | given
        notified = self.chance.by_weight(weights("now:5;later:3;not:2")) if asks_notified_on(kind) else "not"
        if notified == "now":
            values["notified_on"] = self.date()
        values = {name: value for name, value in values.items() if value is not None}
        own = acts.decides(kind) or acts.confidentiality(kind) is not None
        by = PROSECUTOR if self.chance.yes(0.55) or own else ASSISTANT
        self.step("court_event" if on else "event", values, code=code, label=label, on=on, by=by)
        if notified == "later" and not on:
            self.go(1, 6).step("notify", {"notified_on": self.date()}, on=label)
        return label

    def _answers(self, kind: EventType) -> dict[str, Any]:
        return {name: value for name in kind.needs if (value := self._answer(kind.code, name)) is not None}

    def _answer(self, code: str, name: str) -> Any:
        """What a form would be answered for a field of an act; None leaves it blank."""
        chance, facts = self.chance, self.facts
        if name == "authority":
            return Agency(_AUTHORITIES.get(code) or chance.one(_ASKED_OF))
        if name == "victims":
            return tuple(map(Ref, self.victims if len(self.victims) < 3 or chance.yes(0.5) else chance.some(self.victims, 2)))
        if name == "accused":
            return self.named() and tuple(map(Ref, self.named()[:1] if chance.yes(0.7) else self.named())) or None
        if name == "result":
            return self._result(code)
        if name == "place":
            return facts.place
        if name == "reason":
            return reason(chance, code)
        if name == "note":
            return facts.text(chance, "nota", code if has_phrase("nota", code) else "*")
        return self._detail(code, name)

    def _detail(self, code: str, name: str) -> Any:
        chance = self.chance
        if name == "resolution_number":
            return self._number(code)
        if name == "term_days":
            return chance.one((5, 7, 10, 15)) if code.startswith(("OFI", "ENT")) else None
        if name == "term_until":
            return self.date() + timedelta(days=chance.one((30, 60)))
        if name == "scheduled_for":
            return self.hearing(chance.number(6, 25))
        if name == "party":
            return chance.one(("IMP", "IMP", "AGR", "ACI", "PRO"))
        if name == "hearing_type":
            return "CAC" if code == "CAC-AUD" else "JUI"
        if name == "expert_report_kind":
            return _EXPERTS.get(code, "PSI")
        if name == "risk_level":
            return chance.by_weight(weights("ALT:3;MED:4;BAJ:2"))
        if name == "court_name":
            return "Juzgado de Investigación Preparatoria"
        return None

    def _result(self, code: str) -> str:
        if code in _DECIDED:
            return self.chance.by_weight(weights("FUN:7;INF:2;FUP:1"))
        drawn = _RESULTS.get(code) or _RESULTS.get(code[:3]) or "REA:8;PAR:1;POS:1"
        return "GSI" if code == "DEC-IMP" and self.chance.yes(0.3) else self.chance.by_weight(weights(drawn))

    def _number(self, code: str) -> str:
        if event_type(code).who == "fiscal":
            self._orders += 1
            return f"Disposición n.° {self._orders}-{self.date().year}"
        self._resolutions += 1
        return f"Resolución n.° {self._resolutions}"

    # -- parts --------------------------------------------------------------------------------------------------------

    def named(self) -> Sequence[str]:
        """The codes of the accused who are identified human beings."""
        return [code for code, one in zip(self.accused, self.facts.accused, strict=True) if one.identified and one.kind == "NAT"]

    def charged(self) -> tuple[Ref, ...]:
        """The counts that stand before the court."""
        return tuple(map(Ref, self.court_counts))

    def tried(self) -> Sequence[str]:
        """The accused of the counts that stand before the court, once each."""
        return list(dict.fromkeys(self.count_of[one] for one in self.court_counts))
