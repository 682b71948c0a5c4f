"""Places of Peru by INEI code (ubigeo): found by what a person types, named without doubt."""
from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from sistra.codebook.terms import codelist

LEVELS = ("department", "province", "district")
_LEVEL_ES = {"department": "departamento", "province": "provincia", "district": "distrito"}
_LEVEL_WORDS = {
    "departamento": "department", "department": "department", "dpto": "department", "region": "department",
    "provincia": "province", "province": "province", "prov": "province",
    "distrito": "district", "district": "district", "dist": "district",
}
_BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class Place:
    """A department (code of 2 digits), province (4) or district (6), with the names down to its own level, else ""."""

    code: str
    level: str
    department: str
    province: str = ""
    district: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """From the department down to the place itself."""
        return tuple(name for name in (self.department, self.province, self.district) if name)

    @property
    def label(self) -> str:
        """Madre de Dios · Tambopata · Inambari."""
        return _BETWEEN.join(self.names)


@dataclass(frozen=True, slots=True)
class _Index:
    """`entries`: place, its own folded name, its folded label, from the largest place to the smallest, then by name."""

    places: Mapping[str, Place]
    entries: tuple[tuple[Place, str, str], ...]
    labels: Mapping[str, tuple[Place, ...]]
    mentions: Mapping[str, tuple[Place, ...]]


def place(code: str) -> Place:
    """The place of an INEI code. Raises KeyError when there is none."""
    return _index().places[code]


def is_place(code: str) -> bool:
    return code in _index().places


def labelled(one: Place) -> str:
    """A label that `resolve` reads back to the same place: Puno (departamento), Puno · Puno (provincia)."""
    return one.label if one.level == "district" else f"{one.label} ({_LEVEL_ES[one.level]})"


def search(text: str, limit: int = 20) -> list[Place]:
    """The places in whose label every word typed occurs, or whose code starts with the digits typed.

    First those named exactly so, then names that start so, names that hold all the words or some of them, and places
    within a place so named; among equals the larger place first, then by label. A level word
    ("distrito Puno") leaves only that level.
    """
    words, level = _asked(text)
    if not words:
        return []
    typed, found = " ".join(words), []
    for one, own, label in _index().entries:
        if level in (None, one.level) and (one.code.startswith(typed) or all(word in label for word in words)):
            found.append((_rank(typed, words, own), one))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])][:limit]


def resolve(text: str) -> Place | None:
    """The one place that `text` names: its code, its label, or a name (qualified or not) that only it bears.

    A department's name means the department unless one of its provinces bears it too: "Madre de Dios" is the
    department in spite of the district, "Puno" is nobody until the person chooses. None when ambiguous or unknown.
    """
    index, (words, level) = _index(), _asked(text)
    typed = " ".join(words)
    if typed in index.places:
        return index.places[typed]
    for known in (index.labels, index.mentions):
        found = [one for one in known.get(typed, ()) if level in (None, one.level)]
        if len(found) == 1:
            return found[0]
        departments = [one for one in found if one.level == "department"]
        if departments and all(one.level != "province" for one in found):
            return departments[0]
    return None


def _asked(text: str) -> tuple[list[str], str | None]:
    """The folded words of a text and the level that its first or last word names."""
    words = _folded(text).split()
    if len(words) > 1 and words[-1] in _LEVEL_WORDS:
        return words[:-1], _LEVEL_WORDS[words[-1]]
    if len(words) > 1 and words[0] in _LEVEL_WORDS:
        rest = words[2:] if words[1] in ("de", "del") and len(words) > 2 else words[1:]
        return rest, _LEVEL_WORDS[words[0]]
    return words, None


def _rank(typed: str, words: list[str], own: str) -> int:
    if own == typed:
        return 0
    if own.startswith(typed):
        return 1
    if all(f" {word}" in f" {own}" for word in words):
        return 2
    if all(word in own for word in words):
        return 3
    return 4 if any(word in own for word in words) else 5


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


@cache
def _index() -> _Index:
    places = _read()
    ordered = sorted(places.values(), key=lambda one: (LEVELS.index(one.level), _folded(one.label), one.code))
    labels, mentions = defaultdict(list), defaultdict(list)
    for one in ordered:
        if one.level != "department":
            labels[_folded(one.label)].append(one)
        for mention in _mentions([_folded(name) for name in one.names]):
            mentions[mention].append(one)
    return _Index(
        MappingProxyType(places),
        tuple((one, _folded(one.names[-1]), _folded(one.label)) for one in ordered),
        MappingProxyType({text: tuple(found) for text, found in labels.items()}),
        MappingProxyType({text: tuple(found) for text, found in mentions.items()}),
    )


def _read() -> dict[str, Place]:
    names = {term.code: term.label_es for level in LEVELS for term in codelist(f"ubigeo_{level}").values()}
    return {code: Place(code, LEVELS[len(code) // 2 - 1], *(names[code[:end]] for end in range(2, len(code) + 1, 2)))
            for code in names}


def _mentions(names: list[str]) -> set[str]:
    """The ways to mention a place: by its name alone, with all that it lies in or with one of them, in either order."""
    *around, own = names
    spoken = {own, " ".join(names), " ".join(reversed(names))}
    for larger in around:
        spoken |= {f"{own} {larger}", f"{larger} {own}"}
    return spoken
