from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.rules.numbering import (
    carpeta_warning,
    charge_number,
    docket_warning,
    folded_number,
    is_charge_number,
    normalise_charge_number,
    normalise_number,
)


def test_a_charge_number_holds_year_district_and_sequence() -> None:
    assert charge_number(2026, "MDD", 417) == "SIS-2026-MDD-00417"


@pytest.mark.parametrize(("year", "district", "sequence"), [
    (26, "", 1), (12026, "MDD", 1), (2026, "mdd", 1), (2026, "MD", 1), (2026, "MDD", 0), (2026, "MDD", 100_000),
    (2026, "MDD", -1),
])
def test_a_charge_number_of_another_shape_is_not_made(year: int, district: str, sequence: int) -> None:
    with pytest.raises(ValueError):
        charge_number(year, district, sequence)


@pytest.mark.parametrize("text", ["sis-2026-MDD-00417", "SIS-2026-MDD-417", "SIS-2026-MDD-00000", "SIS-2026-MDD-00417 ",
                                  "SIS-2026-MDD-00417\n", "SIS-٢٠٢٦-MDD-00417", ""])
def test_only_the_exact_writing_is_a_charge_number(text: str) -> None:
    assert is_charge_number("SIS-2026-MDD-00417") and not is_charge_number(text)


@pytest.mark.parametrize("text", ["SIS-2026-MDD-00417", " sis-2026-mdd-417 ", "sis 2026 mdd 417", "SIS–2026–MDD–0417",
                                  "SIS - 2026 - MDD - 417", "sis2026mdd00417", "SIS/2026/MDD/417"])
def test_a_charge_number_is_found_however_it_is_typed(text: str) -> None:
    assert normalise_charge_number(text) == "SIS-2026-MDD-00417"


@pytest.mark.parametrize("text", ["", "417", "2026-MDD-417", "SIS-2026-MDD-0", "SIS-2026-MDD-100000", "SIS-2026-MD-417",
                                  "SIS-2026-MDD-417-1", "XSIS-2026-MDD-417", "2706014501-2026-417-0"])
def test_another_text_is_no_charge_number(text: str) -> None:
    assert normalise_charge_number(text) is None


@given(st.integers(1000, 9999), st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3), st.integers(1, 99_999))
def test_a_charge_number_is_read_back(year: int, district: str, sequence: int) -> None:
    number = charge_number(year, district, sequence)
    assert is_charge_number(number) and normalise_charge_number(number.lower().replace("-", " ")) == number


@pytest.mark.parametrize("text", ["2706014501-2026-417-0", "2706014501-2026-417", "270601-2019-1",
                                  " 2706014501–2026–417–0 ", "", "  "])
def test_a_usual_carpeta_number_gives_no_warning(text: str) -> None:
    assert carpeta_warning(text) is None


@pytest.mark.parametrize("text", ["417-2026", "2706014501-26-417", "12345-2026-417", "Caso 12",
                                  "2706014501-2026-417-0-1"])
def test_an_unusual_carpeta_number_gives_a_warning_for_its_field(text: str) -> None:
    warning = carpeta_warning(text)
    assert warning is not None and warning.field == "carpeta_number" and "se guarda como está escrito" in str(warning)


@pytest.mark.parametrize("text", ["00231-2026-0-2701-JR-PE-01", "00203-2024-23-5001-JR-PE-01",
                                  "00231-2026-0-2701-jr-pe-01", ""])
def test_a_usual_docket_gives_no_warning(text: str) -> None:
    assert docket_warning(text) is None


@pytest.mark.parametrize("text", ["231-2026", "00231-2026-0-2701-JR-PE-1", "00231-2026-2701-JR-PE-01",
                                  "Casación 1351-2019"])
def test_an_unusual_docket_gives_a_warning_for_its_field(text: str) -> None:
    warning = docket_warning(text)
    assert warning is not None and warning.field == "docket_number" and "no tiene la forma usual" in str(warning)


def test_a_number_is_stored_with_plain_hyphens_and_single_spaces() -> None:
    assert normalise_number("  Casacio\u0301n \t 1351—2019\u00a0\u2212 Puno\u200b ") == "Casación 1351-2019 - Puno"


def test_a_number_is_searched_by_letters_and_digits() -> None:
    assert folded_number(" Casación n.º 1351-2019 / Puno") == "CASACIONNO13512019PUNO"


@given(st.text(max_size=80))
def test_a_stored_number_does_not_change_when_stored_again(text: str) -> None:
    assert normalise_number(normalise_number(text)) == normalise_number(text)


@given(st.text(max_size=80))
def test_a_number_is_found_by_the_text_that_was_stored(text: str) -> None:
    assert folded_number(folded_number(text)) == folded_number(text)
