"""What a copy of a charge tells: its facts, people, numbers and words, in the place of those of the charge it is made of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sistra.access.fields import from_json, to_json
from sistra.codebook.dictionary import record
from sistra.codebook.terms import Unknown, codelist
from sistra.rules.demonstration import variations
from sistra.rules.demonstration.chance import Chance
from sistra.rules.demonstration.facts import Facts, Sketch, activity_of, districts, narrative, summary
from sistra.rules.demonstration.variations import Pattern, Shift
from sistra.rules.entries import LIMA
from sistra.rules.numbering import charge_number
from sistra.rules.partial_dates import PartialDate
from sistra.services.demonstration_bulk.folders import Folder, Line

_CARPETA = re.compile(r"(?:(\d{10})-(\d{4})-(\d+)-0)|(?:(\d+)-(\d{4}))")


class Numbers:
    """The last numbers given: of charges by year and district, of carpetas by office and year."""

    def __init__(self, sequences: Mapping[tuple[int, str], int], charges: Iterable[Line]) -> None:
        self.sequences = Counter(sequences)
        self._carpetas: Counter[tuple[int, int]] = Counter()
        for line in charges:
            if shape := _shape(line):
                last, year = int(shape[3] or shape[4]), int(shape[2] or shape[5])
                key = (line.values["office_id"], year)
                self._carpetas[key] = max(self._carpetas[key], last)

    def charge(self, year: int, district: str) -> str:
        self.sequences[year, district] += 1
        return charge_number(year, district, self.sequences[year, district])

    def carpeta(self, chance: Chance, line: Line, opened_at: datetime) -> str | None:
        """Another carpeta of the office, written as that of the row; what is no number stays."""
        year = opened_at.astimezone(LIMA).year
        if (shape := _shape(line)) is None:
            found: str | None = line.values["carpeta_number"]
            return found
        key = (line.values["office_id"], year)
        self._carpetas[key] += chance.number(1, 9)
        return f"{shape[1]}-{year}-{self._carpetas[key]}-0" if shape[1] else f"{self._carpetas[key]}-{year}"


def _shape(line: Line) -> re.Match[str] | None:
    return _CARPETA.fullmatch(line.values["carpeta_number"] or "")


@dataclass(frozen=True, slots=True)
class Told:
    """A charge told anew. `codes` (by code list), `places` and `offers` are what stands for what; `people` by table and key."""

    number: str
    year: int
    carpeta: str | None
    facts: Facts
    summary: str
    narrative: str
    people: Mapping[tuple[str, int], Sketch]
    identities: Mapping[tuple[str, int], Mapping[str, Any]]
    codes: Mapping[str, Mapping[str, str]]
    places: Mapping[str, str]
    chance: Chance


class Original:
    """A charge of a folder as a pattern: read once, told as often as wanted."""

    def __init__(self, folder: Folder, line: Line) -> None:
        self.line = line
        mine = [one for one in folder.lines if one.charge == line.key]
        self.victims = sorted((one for one in mine if one.table.name == "victim"), key=lambda one: one.key or 0)
        self.accused = sorted((one for one in mine if one.table.name == "accused"), key=lambda one: one.key or 0)
        self.identities = [one for one in mine if one.table.name == "identity"]
        self.pattern = self._pattern([one for one in mine if one.table.name in ("exploitation", "recruitment")])

    def _pattern(self, lists: list[Line]) -> Pattern:
        values, first = self.line.values, self.victims[0].values if self.victims else {}
        premises = values["exploitation_place_types"] or _listed(lists, "place_types")
        method = values["recruitment_methods"] or _listed(lists, "methods")
        district = districts()[values["number"].split("-")[2]]
        return Pattern(
            district, first.get("main_purpose"), premises[0] if premises else None, values["notice_place"],
            values["recruitment_place"] or first.get("residence_before"), values["notice_source"], method[0] if method else "NSP",
            [_sketch(one) for one in self.victims], [_sketch(one) for one in self.accused],
            fixed=any(one.values["pregnant_at_facts"] is not None for one in self.victims))

    def tell(self, chance: Chance, shift: Shift, numbers: Numbers) -> Told:
        values, pattern = self.line.values, self.pattern
        starts, ends = (_period(values, name, shift) for name in ("facts_from", "facts_to"))
        facts = variations.varied(chance.of("facts"), pattern, starts or PartialDate.not_known(), ends)
        received, opened_at = _period(values, "received_on", shift), shift.instant(values["created_at"])
        year = received.earliest.year if received and received.earliest else opened_at.astimezone(LIMA).year
        sketched = zip((*self.victims, *self.accused), (*facts.victims, *facts.accused), strict=True)
        people = {(one.table.name, one.key or 0): sketch for one, sketch in sketched}
        of = [(part_of(one), one) for one in self.identities]
        identities = {part: _answers(chance.of(*part), facts, people[part], one) for part, one in of}
        return Told(
            numbers.charge(year, pattern.district.code), year, numbers.carpeta(chance.of("carpeta"), self.line, opened_at), facts,
            summary(chance.of("summary"), facts), narrative(chance.of("narrative"), facts), people, identities,
            self._codes(facts), self._places(facts), chance.of("words"))

    def _codes(self, facts: Facts) -> dict[str, dict[str, str]]:
        former, found = self.pattern, dict[str, dict[str, str]]()
        if former.purpose is not None:
            found["exploitation_purpose"] = {former.purpose: facts.purpose}
        if former.premises is not None:
            found["place_of_exploitation"] = {former.premises: facts.premises}
        if former.purpose is not None and former.purpose != facts.purpose:
            none = Unknown.NOT_APPLICABLE.value
            found["economic_activity"] = {activity_of(former.purpose) or none: facts.activity or none}
        return found

    def _places(self, facts: Facts) -> dict[str, str]:
        origin = {self.pattern.origin: facts.origin} if self.pattern.origin else {}
        return origin | {self.pattern.place: facts.place}


def flags(codes: tuple[str, ...] | None, facts: Facts) -> tuple[str, ...] | None:
    """The strategic flags of a charge that has some: whether it is of the mines follows from what is told now."""
    mining = {"MIN"} if facts.purpose == "LAB-MIN" or facts.premises == "CAM" else set()
    wanted = (set(codes) - {"MIN"} | mining) if codes else set()
    return tuple(code for code in codelist("strategic_flag") if code in wanted) or None


def _listed(lines: Iterable[Line], name: str) -> tuple[str, ...] | None:
    return next((line.values[name] for line in lines if name in line.values), None)


def _sketch(line: Line) -> Sketch:
    values = line.values
    sex = values["sex"] if values["sex"] in ("M", "H") else "M"
    return Sketch(sex, values["age_at_facts"], bool(values["identified"]), values.get("kind") or "NAT")


def _period(values: Mapping[str, Any], name: str, shift: Shift) -> PartialDate | None:
    if values[f"{name}_precision"] is None:
        return None
    when = PartialDate(*(values[f"{name}_{part}"] for part in ("earliest", "latest", "precision")))
    return shift.partial(when, end=name.endswith("_to"))


def part_of(identity: Line) -> tuple[str, int]:
    """The table and key of the person whose identity it is."""
    victim = identity.values["victim_id"]
    return ("victim", victim) if victim is not None else ("accused", identity.values["accused_id"])


def _answers(chance: Chance, facts: Facts, sketch: Sketch, line: Line) -> dict[str, Any]:
    """All answers of an identity as JSON values: those that tell who one is drawn anew, the others as they stand."""
    fields = record("identity").fields
    recorded = {name: from_json(fields[name], value) for name, value in line.opened.items()}
    known = {name: value for name, value in recorded.items() if not isinstance(value, Unknown)}
    drawn = variations.identity(chance, facts, sketch, known)
    return line.opened | {name: to_json(value) for name, value in drawn.items()}
