"""Another charge out of one that is told already: the same course, on other days, elsewhere, with other people.

What a rule hangs on stays: how many persons, who is a child, an adolescent or grown up, who is identified, the kind of
exploitation, on which side of a change of law the facts lie.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sistra.rules.demonstration import names
from sistra.rules.demonstration.chance import Chance
from sistra.rules.demonstration.facts import District, Facts, Sketch, men_among, premises_for, told
from sistra.rules.demonstration.people import birth
from sistra.rules.partial_dates import PartialDate, Precision

_YEAR = re.compile(r"(?<=-)20\d\d(?=-|$)")
_DOCKET = re.compile(r"\d{5}-(\d{4})-(.*)")

_ALIKE = (
    ("SEX-BAR", "SEX-PRO", "SEX-TUR"),
    ("LAB-MIN", "LAB-LOG", "LAB-AGR", "LAB-FIS", "LAB-MAN", "LAB-COM", "LAB-DOM", "LAB-CON"),
)
"""Purposes that may stand for one another in a course: the same offences, the same acts."""

_BANDS = ((8, 11), (12, 13), (14, 17), (18, 29), (30, 60))
"""Ages, both included, that law and forms treat alike."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Moves everything that happened by so many days. Whole weeks keep the working days; Lima changes no clocks."""

    days: int
    today: date

    def day(self, on: date) -> date:
        return on + timedelta(days=self.days)

    def instant(self, at: datetime) -> datetime:
        return at + timedelta(days=self.days)

    def partial(self, when: PartialDate, *, end: bool = False) -> PartialDate:
        """As exactly known as before; a period that would reach `today` ends the day before.

        `end` says that it tells when something ended: a month or year then goes by its last day.
        """
        if when.earliest is None or when.latest is None:
            return when
        first, last = self.day(when.earliest), self.day(when.latest)
        if when.precision == Precision.DAY:
            return PartialDate.of_day(first)
        anchor = last if end else first
        if when.precision == Precision.MONTH:
            found = PartialDate.of_month(anchor.year, anchor.month)
        else:
            found = PartialDate.of_year(anchor.year) if when.precision == Precision.YEAR else PartialDate.of_range(first, last)
        if found.latest is None or found.latest < self.today:
            return found
        return PartialDate.of_range(min(first, self.today - timedelta(days=1)), self.today - timedelta(days=1))

    def number(self, text: str, on: date) -> str:
        """The number of a document (`Disposición n.° 3-2024`) with the year that follows from when it was given."""
        moved = self.day(on).year - on.year
        return _YEAR.sub(lambda found: str(int(found[0]) + moved), text)

    def docket(self, chance: Chance, text: str, on: date) -> str:
        """Another docket of the same court; incidents of one docket are to be given the same `chance`."""
        shape = _DOCKET.fullmatch(text)
        return f"{chance.number(1, 3999):05d}-{int(shape[1]) + self.day(on).year - on.year}-{shape[2]}" if shape else text


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is known of a charge that is told already. None: the file does not say."""

    district: District
    purpose: str | None
    premises: str | None
    place: str
    origin: str | None
    source: str
    method: str
    victims: Sequence[Sketch]
    accused: Sequence[Sketch]
    fixed: bool
    """Whether sexes stay as they are: something recorded hangs on them."""


def varied(chance: Chance, pattern: Pattern, starts: PartialDate, ends: PartialDate | None) -> Facts:
    """Facts of the pattern's shape; `starts` and `ends` are those of the new charge."""
    district = pattern.district
    purpose = _purpose(chance, pattern)
    premises = pattern.premises if pattern.premises and purpose == pattern.purpose else premises_for(chance, purpose)
    place = chance.one(district.places)
    origin = place if pattern.origin == pattern.place else chance.one(district.origins)
    victims = [_aged(chance, one if pattern.fixed else replace(one, sex="H" if chance.yes(men_among(purpose)) else "M"))
               for one in pattern.victims]
    accused = [_grown(chance, one) for one in pattern.accused]
    source, method = pattern.source, pattern.method
    return told(chance, district, purpose, place, origin, premises, source, method, victims, accused, starts, ends)


def _purpose(chance: Chance, pattern: Pattern) -> str:
    """One of those alike that the district knows, in its shares. Children under 12 stay with what was done to them."""
    known = pattern.purpose or chance.by_weight(pattern.district.purposes)
    young = any(one.age is not None and one.age < 12 for one in pattern.victims)
    for alike in _ALIKE:
        offered = {code: share for code, share in pattern.district.purposes.items() if code in alike}
        if known in alike and offered and pattern.purpose and not young:
            return chance.by_weight(offered)
    return known


def _grown(chance: Chance, one: Sketch) -> Sketch:
    """An accused of about that age, never a minor."""
    return one if one.age is None else replace(one, age=max(21, min(62, one.age + chance.number(-6, 6))))


def _aged(chance: Chance, one: Sketch) -> Sketch:
    for least, most in _BANDS:
        if one.age is not None and least <= one.age <= most:
            near = range(max(least, one.age - 5), min(most, one.age + 5) + 1)
            return replace(one, age=chance.one(near))
    return one


def identity(chance: Chance, facts: Facts, sketch: Sketch, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Another person's answers for those of `recorded` that tell who one is: what was blank stays blank."""
    origins = facts.district.surnames
    drawn: dict[str, Any] = {
        "surname_paternal": names.surname(chance, origins),
        "surname_maternal": names.surname(chance, origins),
        "given_names": names.given_names(chance, sketch.sex),
        "legal_name": names.company(chance),
        "mobile_phone": names.mobile(chance),
        "id_document_number": names.document(chance, str(recorded.get("id_document_type"))),
    }
    if sketch.age is not None and facts.starts.earliest:
        drawn["birth_date"] = birth(chance, sketch.age, facts.starts.earliest)
    return {name: drawn[name] for name, value in recorded.items() if name in drawn and value is not None}
