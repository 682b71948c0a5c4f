"""What the records say of one fact row, before it is coarsened."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sistra.codebook.dictionary import Field
from sistra.codebook.terms import UNKNOWN_WORDS, Unknown
from sistra.rules.partial_dates import PartialDate, Precision

_PARTS = ("earliest", "latest", "precision")
_ASIDE = {"nsp": Unknown.NOT_KNOWN, "n/c": Unknown.NOT_APPLICABLE}


def stored_in(field: Field) -> tuple[str, ...]:
    """The columns of its record that hold a field; none for references to several records."""
    if field.type == "partial_date":
        return tuple(f"{field.name}_{part}" for part in _PARTS)
    return () if field.type == "refs" else (f"{field.name}_id" if field.type == "ref" else field.name,)


class Told:
    """One row of the statement of a unit: columns of records by `record__column`, and what else it reads by name.

    `<record>__unknowns` holds the answers that the columns cannot; a field `refs` comes as keys joined by semicolons.
    """

    def __init__(self, values: Mapping[Any, Any]) -> None:
        self._values = values

    def raw(self, name: str) -> Any:
        """A value as it was read."""
        return self._values[name]

    def blank(self, record: str, name: str) -> bool:
        """Whether nothing was read there and no unknown answer is noted of the record."""
        return self._values[name] is None and not self._values[f"{record}__unknowns"]

    def several(self, name: str) -> tuple[str, ...]:
        """What was read as texts joined by semicolons: each once, in order; Codes among them fall apart."""
        return tuple(sorted({one for one in str(self._values[name] or "").split(";") if one}))

    def value(self, record: str, field: Field) -> Any:
        """The answer: a value of the field's type, an Unknown, or None where it was never answered."""
        if field.type == "refs":
            return tuple(sorted(self.several(f"{record}__{field.name}"), key=int)) or self._noted(record, field) or ()
        if field.type == "partial_date":
            return self.date(record, field.name)
        found = self._values[f"{record}__{stored_in(field)[0]}"]
        if found is None:
            return self._noted(record, field)
        word = found[0] if isinstance(found, tuple) and len(found) == 1 else found
        return UNKNOWN_WORDS.get(word, found) if isinstance(word, str) else found

    def _noted(self, record: str, field: Field) -> Unknown | None:
        word = (self._values[f"{record}__unknowns"] or {}).get(field.name)
        return Unknown(word) if word else None

    def date(self, record: str, name: str) -> Any:
        """A partial date, an Unknown, or None."""
        earliest, latest, precision = (self._values[f"{record}__{name}_{part}"] for part in _PARTS)
        if precision is None or precision in _ASIDE:
            return _ASIDE.get(precision)
        return PartialDate(earliest, latest, Precision(precision))
