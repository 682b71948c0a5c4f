"""Years, months and days, as a judgment says them."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A term in years, months and days: never turned into days, for months differ."""

    years: int = 0
    months: int = 0
    days: int = 0

    def text(self) -> str:
        """As it is read: "12 años, 6 meses"."""
        parts = [(self.years, "año", "años"), (self.months, "mes", "meses"), (self.days, "día", "días")]
        return ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in parts if number) or "0 días"
