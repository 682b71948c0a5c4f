"""How an answer is coarsened before it may stand in a fact: the `fact` column of the dictionary, rules of `coarsening.csv`.

What is stored as text keeps the answers NSP and N/C as words; numbers, days and amounts cannot, and leave them to the row.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sistra.codebook.dictionary import Field
from sistra.codebook.terms import Unknown
from sistra.rules.durations import Duration
from sistra.rules.entries import LIMA
from sistra.rules.partial_dates import PartialDate

YES, NO = "1", "0"
_NONE = ("NIN",)
"""The answer of a list that says that there is nothing to name."""
NOT_KNOWN, NOT_APPLICABLE = str(Unknown.NOT_KNOWN), str(Unknown.NOT_APPLICABLE)


class Kind(StrEnum):
    """What a column of a fact holds.

    PERIOD is a month (`2026-03`), a quarter (`2026-Q1`), or the year alone; TERM is in months, a day being a thirtieth of
    one; KEYS are codes that are keys of records.
    """

    CODE = "code"
    CODES = "codes"
    TEXT = "text"
    YES_NO = "yes_no"
    BAND = "band"
    PERIOD = "period"
    NUMBER = "number"
    AMOUNT = "amount"
    TERM = "term"
    DAY = "day"
    KEY = "key"
    KEYS = "keys"


WORDED = frozenset({Kind.CODE, Kind.CODES, Kind.TEXT, Kind.YES_NO, Kind.BAND, Kind.PERIOD, Kind.KEYS})
"""Kinds whose column holds the words NSP and N/C themselves."""

_AS_IT_IS: Mapping[str, Kind] = MappingProxyType({
    "code": Kind.CODE, "country": Kind.CODE, "codes": Kind.CODES, "bool": Kind.YES_NO, "integer": Kind.NUMBER,
    "decimal": Kind.AMOUNT, "money_pen": Kind.AMOUNT, "duration_ymd": Kind.TERM, "ref": Kind.KEY, "refs": Kind.KEYS,
    "text": Kind.TEXT, "number_format": Kind.TEXT})
_COARSER: Mapping[str, Kind] = MappingProxyType({
    "1:yes": Kind.YES_NO, "1:band": Kind.BAND, "1:department": Kind.CODE, "1:day": Kind.DAY, "1:month": Kind.PERIOD,
    "1:quarter": Kind.PERIOD})


def kind_of(field: Field) -> Kind:
    """What the column of a field holds. Raises KeyError for a field that stands in no fact."""
    return _COARSER[field.fact] if field.fact != "1" else _AS_IT_IS[field.type]


def coarse(field: Field, value: Any) -> Any:
    """A value as it may stand in a fact, None where it was never answered or the column cannot hold the answer."""
    if field.fact == "1:yes":
        return _filled(field, value)
    if value in (None, (), ""):
        return None
    if isinstance(value, Unknown):
        return _word(kind_of(field), value)
    match field.fact:
        case "1:band":
            return _band(field, value)
        case "1:department":
            return department(value)
        case "1:day":
            return day_of(value)
        case "1:month":
            return month(value)
        case "1:quarter":
            return quarter(value)
        case _:
            return _plain(value)


def _word(kind: Kind, value: Unknown) -> Any:
    if kind not in WORDED:
        return None
    return (str(value),) if kind in (Kind.CODES, Kind.KEYS) else str(value)


def _plain(value: Any) -> Any:
    match value:
        case bool():
            return YES if value else NO
        case Duration():
            return (value.years * 12 + value.months + Decimal(value.days) / 30).quantize(Decimal("0.01"))
        case Decimal():
            return value.quantize(Decimal("0.01"))
        case tuple():
            return tuple(str(one) for one in value)
        case _:
            return value


def _filled(field: Field, value: Any) -> str | None:
    """Whether a field is filled; a blank list was not asked, a blank reference says that there is none."""
    if isinstance(value, Unknown):
        return str(value)
    if value in (None, (), ""):
        return NO if field.type == "ref" else None
    return NO if value == _NONE else YES


# -- places and dates ------------------------------------------------------------------------------------------------


def department(code: str | None) -> str | None:
    """The department of a place; NSP and N/C stay."""
    return None if not code else code if code in (NOT_KNOWN, NOT_APPLICABLE) else code[:2]


def _ends(value: PartialDate | date) -> tuple[date, date] | None:
    if isinstance(value, PartialDate):
        return (value.earliest, value.latest) if value.earliest and value.latest else None
    return value, value


def month(value: PartialDate | date) -> str:
    """`2026-03`, `2026` where the month is not known, NSP where not even the year is."""
    ends = _ends(value)
    if ends is None or ends[0].year != ends[1].year:
        return NOT_KNOWN
    return f"{ends[0]:%Y-%m}" if ends[0].month == ends[1].month else f"{ends[0]:%Y}"


def quarter(value: PartialDate | date) -> str:
    """`2026-Q1`, `2026` where the quarter is not known, NSP where not even the year is."""
    ends = _ends(value)
    if ends is None or ends[0].year != ends[1].year:
        return NOT_KNOWN
    first, last = ((one.month - 1) // 3 + 1 for one in ends)
    return f"{ends[0]:%Y}-Q{first}" if first == last else f"{ends[0]:%Y}"


def day_of(value: Any) -> date | None:
    """The exact day in Lima; None where only a period is known."""
    if isinstance(value, datetime):
        return value.astimezone(LIMA).date()
    if isinstance(value, PartialDate):
        return value.earliest if value.earliest == value.latest else None
    return value if isinstance(value, date) else None


# -- bands -----------------------------------------------------------------------------------------------------------

_AMOUNTS = (("<1000", 1000), ("<5000", 5000), ("<10000", 10000), ("<50000", 50000))
_TERMS = (("<8", 8), ("8-12", 12), ("12-15", 15), ("15-20", 20), ("20-25", 25))
_COMPLETENESS = (("<50", 50), ("50-79", 80), ("80-99", 100))


def _under(value: Any, steps: tuple[tuple[str, int], ...], above: str) -> str:
    return next((name for name, limit in steps if value < limit), above)


def _band(field: Field, value: Any) -> str:
    if field.type == "money_pen":
        return amount_band(value)
    if field.name == "completeness":
        return _under(value, _COMPLETENESS, "100")
    if field.name == "number_of_children":
        return str(value) if value < 3 else "3+"
    raise ValueError(f"no bands for {field.record}.{field.name}")


def amount_band(amount: Decimal) -> str:
    """The band of an amount in soles: nothing at all is a band of its own."""
    return NO if amount == 0 else _under(amount, _AMOUNTS, "50000+")


def term_band(months: Decimal | None) -> str | None:
    """The band of a prison term in years (R14): the upper end belongs to the next one."""
    return None if months is None else _under(months / 12, _TERMS, "25+")


# -- ages ------------------------------------------------------------------------------------------------------------

_OLDEST = 999
_SCHEMES: Mapping[str, Mapping[str, tuple[int, int]]] = MappingProxyType({
    "age_observatory": {"00-12": (0, 12), "13-17": (13, 17), "18-24": (18, 24), "25-34": (25, 34), "35-44": (35, 44),
                        "45-59": (45, 59), "60+": (60, _OLDEST)},
    "age_legal": {"L-U14": (0, 13), "L-14-17": (14, 17), "L-18": (18, _OLDEST)},
    "age_inei": {"I-U18": (0, 17), "I-18-29": (18, 29), "I-30-59": (30, 59), "I-60": (60, _OLDEST)},
    "age_unodc": {"U-NIN": (0, 17), "U-ADU": (18, _OLDEST)},
})
_STATED = {"L-U18": (0, 17)}
"""Entered where only minority is stated; no age ever gives it."""
_GROUPS = {code: ends for bands in _SCHEMES.values() for code, ends in bands.items()} | _STATED
AGE_COLUMNS = (*_SCHEMES, "minor")


def ages(age: Any, group: Any) -> dict[str, str | None]:
    """The age in each scheme of `age_group`, and minority, from the exact age or else from the group that was entered.

    NSP where the answer does not tell the band; None where neither was answered.
    """
    ends = (age, age) if isinstance(age, int) and not isinstance(age, bool) else _GROUPS.get(str(group))
    if ends is None:
        asked = isinstance(age, Unknown) or group is not None
        return dict.fromkeys(AGE_COLUMNS, NOT_KNOWN if asked else None)
    found: dict[str, str | None] = {scheme: _within(ends, bands) for scheme, bands in _SCHEMES.items()}
    if group in _STATED and found["age_legal"] == NOT_KNOWN:
        found["age_legal"] = str(group)
    return found | {"minor": YES if ends[1] < 18 else NO if ends[0] >= 18 else NOT_KNOWN}


def _within(ends: tuple[int, int], bands: Mapping[str, tuple[int, int]]) -> str:
    return next((code for code, (low, high) in bands.items() if low <= ends[0] and ends[1] <= high), NOT_KNOWN)
