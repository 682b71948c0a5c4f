"""The months that a report covers. Facts hold months, so a report never cuts one."""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton

from sistra.rules.problems import Problem, Rejected, said

LONGEST = 40
"""Years that one report may cover."""


def month_named(day: date, language: str) -> str:
    """The month of a day as it is read: "setiembre de 2026", as Peru spells it, or "September 2026"."""
    return str(format_skeleton("yMMMM", day, locale="es_PE" if language == "es" else "en"))


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day of a month to the last day of one, both included."""

    first: date
    last: date

    @classmethod
    def months_of(cls, first: date, last: date) -> Period:
        """The whole months that touch the days from `first` to `last`. Raises Rejected where they stand the wrong way round."""
        if last < first:
            raise Rejected(Problem("hasta", said("El periodo termina antes de empezar: revise las fechas")))
        if last.year - first.year > LONGEST:
            raise Rejected(Problem("desde", said("El periodo puede abarcar hasta %(years)s años"), {"years": LONGEST}))
        return cls(first.replace(day=1), last.replace(day=monthrange(last.year, last.month)[1]))

    @property
    def since(self) -> str:
        """The first month as facts write it: `2026-03`."""
        return f"{self.first:%Y-%m}"

    @property
    def until(self) -> str:
        return f"{self.last:%Y-%m}"

    @property
    def years(self) -> range:
        return range(self.first.year, self.last.year + 1)

    @property
    def whole_years(self) -> tuple[str, ...]:
        """The years of which every month is covered: a date of which only the year is known counts there, and nowhere else."""
        first = self.first.year + (self.first.month > 1)
        last = self.last.year - (self.last.month < 12)
        return tuple(str(year) for year in range(first, last + 1))

    @property
    def cut_years(self) -> tuple[str, ...]:
        """The years of which a part alone is covered: of a date of that year nobody knows whether it belongs here."""
        whole = set(self.whole_years)
        return tuple(str(year) for year in self.years if str(year) not in whole)

    def plain(self, present: date) -> bool:
        """Whether it is a month, a year, or whole years until the present month or later: no two of these differ by a month.

        Rounded figures of windows that slide over the months, each drawn anew, would give every month back on average.
        """
        if self.since == self.until:
            return True
        whole_year = self.first.year == self.last.year and self.last.month == 12
        return self.first.month == 1 and (whole_year or (self.last.year, self.last.month) >= (present.year, present.month))

    def holds(self, month: str | None) -> bool:
        """Whether a fact of that month (`2026-03`), or year (`2026`), is counted."""
        if month is None or not month[:4].isdigit():
            return False
        return month in self.whole_years if len(month) == 4 else self.since <= month <= self.until

    def months(self) -> Iterator[str]:
        """Every month, as facts write it."""
        for year in self.years:
            yield from (text for month in range(1, 13) if self.since <= (text := f"{year}-{month:02}") <= self.until)

    def before(self) -> Period:
        """The period of as many months that ends where this one begins."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        index = self.first.year * 12 + self.first.month - 1
        start, end = index - months, index - 1
        return Period.months_of(date(start // 12, start % 12 + 1, 1), date(end // 12, end % 12 + 1, 1))
