"""How the month of a report is named."""
from __future__ import annotations

from datetime import date

import pytest

from sistra.rules.reports.periods import month_named


@pytest.mark.parametrize(("language", "named"), [("es", "setiembre de 2026"), ("en", "September 2026")])
def test_a_month_is_named_as_it_is_read_in_peru_and_in_english(language: str, named: str) -> None:
    assert month_named(date(2026, 9, 30), language) == named
