"""Names of files: from the numbers of records, safe on any disk."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sistra.codebook.terms import Unknown
from sistra.rules.file_names import of_court_case, stem


@given(some.text())
def test_any_text_gives_plain_letters_digits_and_hyphens(text: str) -> None:
    assert re.fullmatch(r"([A-Za-z0-9]([A-Za-z0-9-]{0,58}[A-Za-z0-9])?)?", stem(text))


@pytest.mark.parametrize(
    ("numbers", "name"),
    [
        (("00231-2026-0-2701-JR-PE-01", "77"), "expediente-00231-2026-0-2701-JR-PE-01"),
        (("../../Exp. N.º 77/2026 (Año)", None), "expediente-Exp-N-o-77-2026-Ano"),
        ((Unknown.NOT_KNOWN, "R.N. 1610-2018"), "expediente-R-N-1610-2018"),
        (("¿?", None), "expediente-registro-7"),
        ((None, Unknown.NOT_APPLICABLE.value), "expediente-registro-7"),
    ],
)
def test_a_court_case_is_named_by_its_first_known_number(numbers: tuple[object, ...], name: str) -> None:
    assert of_court_case(numbers, 7) == name
