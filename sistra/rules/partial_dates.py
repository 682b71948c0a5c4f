"""Partial dates: a day, a month, a year, a period, or a date known to be unknown; and what people type for them."""
from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sistra.rules.problems import said

FIRST_YEAR = 1900
"""Earlier years are taken for slips: no fact, person or document of a case is that old."""

_Written = Callable[[date], str]


class Precision(StrEnum):
    """How much of a date is known. The values are those stored."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"
    NOT_KNOWN = "nsp"
    NOT_APPLICABLE = "n/c"


class DateRefused(ValueError):
    """A text that is no acceptable date. `message` is a Spanish sentence with `%(name)s` parameters in `params`."""

    def __init__(self, message: str, params: Mapping[str, object] | None = None) -> None:
        self.message, self.params = message, params or {}
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """The first and last day that the date can be, both included, and its precision. Both are None when not known.

    Build it with the class methods: they keep one value for one meaning (a range of one whole month is that month).
    The three-argument constructor is for the database, whose `precision` is plain text.
    """

    earliest: date | None
    latest: date | None
    precision: str

    def __composite_values__(self) -> tuple[date | None, date | None, str]:
        return self.earliest, self.latest, str(self.precision)

    @classmethod
    def of_day(cls, day: date) -> PartialDate:
        return cls(day, day, Precision.DAY)

    @classmethod
    def of_month(cls, year: int, month: int) -> PartialDate:
        return cls(date(year, month, 1), _month_end(year, month), Precision.MONTH)

    @classmethod
    def of_year(cls, year: int) -> PartialDate:
        return cls(date(year, 1, 1), date(year, 12, 31), Precision.YEAR)

    @classmethod
    def of_range(cls, earliest: date, latest: date) -> PartialDate:
        """The days from `earliest` to `latest`; a day, month or year when they are exactly one.

        Raises ValueError when `latest` comes first.
        """
        if latest < earliest:
            raise ValueError("a range ends on or after the day it starts")
        for simpler in (cls.of_day(earliest), cls.of_month(earliest.year, earliest.month), cls.of_year(earliest.year)):
            if (simpler.earliest, simpler.latest) == (earliest, latest):
                return simpler
        return cls(earliest, latest, Precision.RANGE)

    @classmethod
    def not_known(cls) -> PartialDate:
        return cls(None, None, Precision.NOT_KNOWN)

    @classmethod
    def not_applicable(cls) -> PartialDate:
        return cls(None, None, Precision.NOT_APPLICABLE)

    @classmethod
    def from_iso(cls, text: str) -> PartialDate:
        """The value that `iso` wrote. Raises ValueError for any other text."""
        if text.lower() in (Precision.NOT_KNOWN, Precision.NOT_APPLICABLE):
            return cls(None, None, Precision(text.lower()))
        first, slash, last = text.partition("/")
        start, end = _iso_part(first), _iso_part(last) if slash else None
        if end is None:
            return start
        assert start.earliest is not None and end.latest is not None
        return cls.of_range(start.earliest, end.latest)

    @property
    def known(self) -> bool:
        """Whether there is any date at all."""
        return self.earliest is not None

    @property
    def day(self) -> date | None:
        """The day, when it is exactly known: only then does a deadline start from it."""
        return self.earliest if self.precision == Precision.DAY else None

    def surely_before(self, other: PartialDate) -> bool:
        """Whether its latest day lies before the earliest of the other; False where either is not known."""
        return self.latest is not None and other.earliest is not None and self.latest < other.earliest

    @property
    def sort_key(self) -> tuple[date, str]:
        """Earliest day, then precision in the order of its text, as the database sorts it; the unknown come last."""
        return self.earliest or date.max, str(self.precision)

    def text(self) -> str:
        """As it is read in Peru: 27/03/2026, 03/2026, 2026, 03/2025 a 08/2026; "" when not known."""
        return self._written(_day_text, lambda day: f"{day.month:02d}/{day.year:04d}", " a ")

    def iso(self) -> str:
        """2026-03-27, 2026-03, 2026, 2025-03/2026-08; "NSP" or "N/C" when not known, as code lists write it."""
        if self.known:
            return self._written(date.isoformat, lambda day: day.isoformat()[:7], "/")
        return str(self.precision).upper()

    def _written(self, by_day: _Written, by_month: _Written, between: str) -> str:
        first, last = self.earliest, self.latest
        if first is None or last is None:
            return ""
        if self.precision == Precision.DAY:
            return by_day(first)
        if self.precision == Precision.MONTH:
            return by_month(first)
        if self.precision == Precision.YEAR:
            return f"{first.year:04d}"
        whole_months = first.day == 1 and last == _month_end(last.year, last.month)
        written = by_month if whole_months else by_day
        return f"{written(first)}{between}{written(last)}"


def parse_partial_date(text: str, today: date, *, future: bool = False) -> PartialDate:
    """The date that a person typed: 27/3/2026, 3/2025, marzo de 2025, 2025, hoy, "3/2025 a 8/2026", "entre X y Y"...

    A year of two digits is the latest such year that has begun or, with `future`, the one from 79 years ago to 20 years
    ahead. Without `future`, a date or an end of a period that begins after `today` is refused. Raises DateRefused.
    """
    plain = _plain(text)
    found = _single(plain, today, future)
    if found is not None:
        return found
    for halves in _halves(plain):
        start, end = (_single(half, today, future) for half in halves)
        if start is None or end is None or start.earliest is None or end.latest is None:
            continue
        if end.latest < start.earliest:
            raise DateRefused(said("El periodo termina antes de empezar: escriba primero la fecha más antigua, "
                                   "como 3/2025 a 8/2026"))
        return PartialDate.of_range(start.earliest, end.latest)
    raise DateRefused(said("Escriba la fecha como 27/3/2026, 3/2025 o 2025"))


def parse_date(text: str, today: date, *, future: bool = False) -> date:
    """The day that a person typed, as in `parse_partial_date`; less than a day is refused. Raises DateRefused."""
    day = parse_partial_date(text, today, future=future).day
    if day is None:
        raise DateRefused(said("Falta el día: escriba la fecha completa, como 27/3/2026"))
    return day


_MONTH_NAMES = (
    "enero january", "febrero february", "marzo march", "abril april", "mayo may", "junio june", "julio july",
    "agosto august", "septiembre setiembre september", "octubre october", "noviembre november", "diciembre december",
)
_MONTHS = {name: month for month, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_MONTHS |= {name[:3]: month for name, month in _MONTHS.items()} | {"sept": 9}
_DAYS_BACK = {"hoy": 0, "today": 0, "ayer": 1, "yesterday": 1}
_FILLERS = {"de", "del", "el", "dia", "mes", "ano", "of", "the"}
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_ORDINAL = re.compile(r"\b([0-9]{1,2})(?:\.?(?:ro|er|o|st|nd|rd|th)\b|°)|\bprimero\b")
_PIECE = re.compile(r"[0-9]+|[a-z]+")
_BETWEEN = re.compile(r"(?:entre|between) (.+) (?:y|and) (.+)")
_FROM = re.compile(r"^(?:desde|from|de|del) ")
_TO = re.compile(r" (?:a|al|hasta|to|until) ")

# The kinds of piece that a single date is made of (n: one or two digits, y: four, w: a month's name) -> which of its
# pieces are the day, the month and the year.
_SHAPES: Mapping[str, str] = {
    "y": "y", "ny": "my", "yn": "ym", "wy": "my", "yw": "ym",
    "nny": "dmy", "nnn": "dmy", "ynn": "ymd", "nwy": "dmy", "nwn": "dmy", "wny": "mdy",
}


def _plain(text: str) -> str:
    """Lower case without accents, one kind of dash, single spaces, no punctuation at the ends."""
    marked = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in marked if unicodedata.category(letter) not in ("Mn", "Cf"))
    plain = " ".join(_DASHES.sub("-", plain).split())
    return re.sub(r"^[^0-9a-z]+|[^0-9a-z]+$", "", plain)


def _single(plain: str, today: date, future: bool) -> PartialDate | None:
    """The day, month or year written; None when it is none of them in form. Raises DateRefused for its content."""
    if plain in _DAYS_BACK:
        return _day(today - timedelta(days=_DAYS_BACK[plain]), today, future)
    plain = _ORDINAL.sub(lambda found: found[1] or "1", plain)
    if _PIECE.sub("", plain).strip(" /.,-"):
        return None
    pieces = [piece for piece in _PIECE.findall(plain) if piece not in _FILLERS]
    order = _SHAPES.get("".join(map(_kind, pieces)))
    if order is None:
        return None
    part = {name: _MONTHS.get(piece) or int(piece) for name, piece in zip(order, pieces, strict=True)}
    if len(pieces[order.index("y")]) < 4:
        if len(pieces[-1]) != 2:
            return None
        part["y"] = _whole_year(part["y"], today, future)
    return _dated(part["y"], part.get("m"), part.get("d"), today, future)


def _kind(piece: str) -> str:
    if piece in _MONTHS:
        return "w"
    return {1: "n", 2: "n", 4: "y"}.get(len(piece), "?") if piece.isdigit() else "?"


def _whole_year(two_digits: int, today: date, future: bool) -> int:
    last = today.year + 20 if future else today.year
    return last - (last - two_digits) % 100


def _dated(year: int, month: int | None, day: int | None, today: date, future: bool) -> PartialDate:
    if year < FIRST_YEAR:
        raise DateRefused(said("El año %(year)s es anterior a %(first)s: revise el año"),
                          {"year": year, "first": FIRST_YEAR})
    if month is not None and not 1 <= month <= 12:
        raise DateRefused(said("El mes %(month)s no existe: escriba primero el día y luego el mes, como 27/3/2026"),
                          {"month": month})
    if month is None:
        return _not_future(PartialDate.of_year(year), today, future)
    if day is None:
        return _not_future(PartialDate.of_month(year, month), today, future)
    if not 1 <= day <= monthrange(year, month)[1]:
        raise DateRefused(said("El %(day)s/%(month)s/%(year)s no existe: revise el día y el mes"),
                          {"day": day, "month": month, "year": year})
    return _day(date(year, month, day), today, future)


def _day(day: date, today: date, future: bool) -> PartialDate:
    return _not_future(PartialDate.of_day(day), today, future)


def _not_future(found: PartialDate, today: date, future: bool) -> PartialDate:
    if not future and found.earliest is not None and found.earliest > today:
        raise DateRefused(said("La fecha %(date)s no puede ser posterior a hoy, %(today)s"),
                          {"date": found.text(), "today": _day_text(today)})
    return found


def _halves(plain: str) -> list[tuple[str, str]]:
    """The ways to read a text as two ends of a period."""
    between = _BETWEEN.fullmatch(plain)
    if between:
        return [(between[1], between[2])]
    bare = _FROM.sub("", plain)
    splits = [_TO.split(bare), *(bare.split(mark) for mark in (" - ", "-", "/"))]
    return [(parts[0].strip(), parts[1].strip()) for parts in splits if len(parts) == 2]


def _iso_part(text: str) -> PartialDate:
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", text)
    if found is None:
        raise ValueError("not an ISO date, month or year")
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    if month is None:
        return PartialDate.of_year(year)
    return PartialDate.of_month(year, month) if day is None else PartialDate.of_day(date(year, month, day))


def _month_end(year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError("month must be in 1..12")
    return date(year, month, monthrange(year, month)[1])


def _day_text(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
