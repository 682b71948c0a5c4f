"""Writes `views.py`: one frozen, typed view per record of the dictionary. Run `python -m sistra.access.generate`."""
from __future__ import annotations

from pathlib import Path

from sistra.codebook.dictionary import Field, Record, records

_TYPES = {
    "code": "str", "codes": "tuple[str, ...]", "integer": "int", "decimal": "Decimal", "money_pen": "Decimal", "bool": "bool",
    "date": "date", "partial_date": "PartialDate", "datetime": "datetime", "duration_ymd": "Duration", "ref": "int",
    "refs": "tuple[int, ...]",
}
_HEAD = '''"""What a viewer is handed of each record: generated from the data dictionary by `python -m sistra.access.generate`.

A field holds its value, `Unknown` (asked, not known or not applicable), `Reserved` (exists, not for this viewer) or None (blank).
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sistra.codebook.terms import Unknown
from sistra.rules.durations import Duration
from sistra.rules.masking import Reserved
from sistra.rules.partial_dates import PartialDate


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What every view has: the key of its row, and which record it shows."""

    id: int
    record: str
'''


def class_name(record: Record) -> str:
    """`charge_court_case` -> `ChargeCourtCaseView`."""
    return "".join(part.title() for part in record.name.split("_")) + "View"


def _line(field: Field) -> str:
    return f"    {field.name}: {_TYPES.get(field.type, 'str')} | Unknown | Reserved | None = None"


def source() -> str:
    """The text of `views.py`."""
    classes = []
    for record in records().values():
        lines = "\n".join(_line(field) for field in record.fields.values())
        classes.append(f'\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass {class_name(record)}(View):\n'
                       f'    """{record.label_en}."""\n\n{lines}\n')
    names = "\n".join(f'    "{record.name}": {class_name(record)},' for record in records().values())
    return _HEAD + "".join(classes) + f"\n\nVIEWS: dict[str, type[View]] = {{\n{names}\n}}\n"


if __name__ == "__main__":
    Path(__file__).with_name("views.py").write_text(source(), encoding="utf-8")
