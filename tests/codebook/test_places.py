from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.codebook.places import LEVELS, Place, is_place, labelled, place, resolve, search
from sistra.codebook.terms import codelist

ALL = [place(code) for level in LEVELS for code in codelist(f"ubigeo_{level}")]


def _labels(text: str, limit: int = 20) -> list[str]:
    return [labelled(one) for one in search(text, limit)]


def test_a_place_knows_the_places_it_lies_in() -> None:
    assert place("170102") == Place("170102", "district", "Madre de Dios", "Tambopata", "Inambari")
    assert place("1701") == Place("1701", "province", "Madre de Dios", "Tambopata")
    assert place("17") == Place("17", "department", "Madre de Dios")


def test_a_label_goes_down_to_the_level_known() -> None:
    assert [place(code).label for code in ("17", "1701", "170102")] == [
        "Madre de Dios", "Madre de Dios · Tambopata", "Madre de Dios · Tambopata · Inambari"]


@pytest.mark.parametrize("code", ["", "99", "1799", "170199", "1", "17010", "INAMBARI"])
def test_an_unknown_code_is_no_place(code: str) -> None:
    assert not is_place(code)
    with pytest.raises(KeyError):
        place(code)


def test_every_code_of_the_three_lists_is_a_place() -> None:
    assert len(ALL) == len({one.code for one in ALL}) == 25 + 196 + 1891
    assert all(is_place(one.code) for one in ALL)


def test_every_place_is_read_back_from_its_code() -> None:
    assert [one for one in ALL if resolve(one.code) != one] == []


def test_every_place_is_read_back_from_its_unambiguous_label() -> None:
    assert [one for one in ALL if resolve(labelled(one)) != one] == []


def test_every_province_and_district_is_read_back_from_its_plain_label() -> None:
    assert [one for one in ALL if one.level != "department" and resolve(one.label) != one] == []


def test_every_place_is_found_by_its_own_label() -> None:
    assert [one for one in ALL[::25] if one not in search(labelled(one))] == []


@pytest.mark.parametrize(("text", "code"), [
    ("inambari", "170102"), ("INAMBARI", "170102"), ("  Inambari ", "170102"), ("Inambari, Tambopata", "170102"),
    ("Inambari, Madre de Dios", "170102"), ("Inambari - Tambopata - Madre de Dios", "170102"),
    ("madre de dios tambopata inambari", "170102"), ("madre de dios", "17"), ("Ancash", "02"), ("la libertad", "13"),
    ("departamento Puno", "21"), ("Región Puno", "21"), ("provincia de Puno", "2101"), ("distrito Puno", "210101"),
    ("Puno (departamento)", "21"), ("Puno · Puno (provincia)", "2101"), ("Puno · Puno · Puno", "210101"),
    ("Puno · Puno", "2101"), ("huac huas", "050607"), ("distrito de Madre de Dios", "170203"),
    ("provincia de La Mar", "0505"),
])
def test_a_text_that_names_one_place_is_that_place(text: str, code: str) -> None:
    assert resolve(text) == place(code)


@pytest.mark.parametrize("text", ["Puno", "Lima", "Tambopata", "Santa Rosa", "distrito Santa Rosa", "", " · ", "inamb",
                                  "99", "Lugar Inexistente", "distrito", "provincia de Inambari", "北京"])
def test_a_text_that_names_several_places_or_none_is_left_to_the_person(text: str) -> None:
    assert resolve(text) is None


def test_a_name_is_searched_without_accents_or_case() -> None:
    assert search("HUANUCO") == search("huánuco") != []


def test_the_place_named_exactly_comes_before_those_that_start_so() -> None:
    assert _labels("inambari") == ["Madre de Dios · Tambopata · Inambari", "Puno · Sandia · Alto Inambari"]


def test_a_name_that_starts_so_comes_before_one_with_a_later_word_that_does() -> None:
    found = [one.names[-1] for one in search("distrito rosa", 200)]
    assert found.index("Rosaspata") < found.index("Santa Rosa")


def test_among_equals_the_larger_place_comes_first() -> None:
    assert _labels("puno", 3) == ["Puno (departamento)", "Puno · Puno (provincia)", "Puno · Puno · Puno"]


def test_the_places_within_come_after_the_place_named() -> None:
    assert _labels("tambopata") == [
        "Madre de Dios · Tambopata (provincia)", "Madre de Dios · Tambopata · Tambopata",
        "Madre de Dios · Tambopata · Inambari", "Madre de Dios · Tambopata · Laberinto",
        "Madre de Dios · Tambopata · Las Piedras"]


@pytest.mark.parametrize("text", ["inam tambo", "tambopata · inambari", "Inambari, Madre de Dios", "inambari/tambopata",
                                  "MADRE DIOS INAM", "170102"])
def test_every_word_typed_narrows_the_search(text: str) -> None:
    assert _labels(text) == ["Madre de Dios · Tambopata · Inambari"]


def test_a_level_word_leaves_only_that_level() -> None:
    assert {one.level for one in search("distrito santa", 100)} == {"district"}


def test_a_code_is_searched_by_its_first_digits() -> None:
    assert [one.code for one in search("1701")] == ["1701", "170102", "170104", "170103", "170101"]


def test_a_search_gives_no_more_than_its_limit() -> None:
    assert len(search("a", 7)) == 7 and len(search("a")) == 20


@pytest.mark.parametrize("text", ["", "  ", "·", "zzz", "北京"])
def test_nothing_typed_or_nothing_known_finds_nothing(text: str) -> None:
    assert search(text) == []


@given(st.text(max_size=60))
def test_any_text_can_be_searched_and_resolved(text: str) -> None:
    found = resolve(text)
    assert len(search(text, 5)) <= 5 and (found is None or is_place(found.code))
