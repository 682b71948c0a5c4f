from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.rules.matching import document_key, fold, name_tokens, phonetic_key


@pytest.mark.parametrize(("name", "folded"), [
    ("  Muñoz   PÉREZ ", "munoz perez"), ("Mun\u0303oz", "munoz"), ("Agüero-Díaz", "aguero diaz"),
    ("D'Angelo", "dangelo"),
    ("D’Angelo", "dangelo"), ("Ma. Elena 2", "ma elena"), ("Юлия Смирнова", "юлия смирнова"), ("李明", "李明"),
    ("123 !", ""),
])
def test_a_name_is_folded_to_plain_lower_case_words(name: str, folded: str) -> None:
    assert fold(name) == folded


@given(st.text(max_size=60))
def test_a_folded_name_folds_to_itself(name: str) -> None:
    assert fold(fold(name)) == fold(name)


def test_tokens_do_not_depend_on_order_particles_or_initials() -> None:
    expected = {"rosa", "cruz", "quispe"}
    assert name_tokens("Rosa M.", "de la Cruz y Quispe") == name_tokens("CRUZ QUISPE", "rosa") == expected


def test_san_is_part_of_a_surname() -> None:
    assert name_tokens("San Martín") == {"san", "martin"}


def test_a_name_of_particles_only_keeps_them() -> None:
    assert name_tokens("Ana", "De la O") == {"ana", "de", "la"}


@pytest.mark.parametrize(("name", "tokens"), [
    ("李 明", {"李", "明"}), ("王小红", {"王小红"}), ("Ли Юлия", {"ли", "юлия"}),
])
def test_names_in_other_scripts_keep_their_words(name: str, tokens: set[str]) -> None:
    assert name_tokens(name) == tokens


def test_no_names_have_no_tokens() -> None:
    assert name_tokens("", " - ") == name_tokens() == frozenset()


@pytest.mark.parametrize(("one", "other"), [
    ("HUAMAN", "WAMAN"), ("Huamán", "Guamán"), ("HUILLCA", "WILLCA"), ("QUISPE", "KISPE"), ("VALVERDE", "BALBERDE"),
    ("ZEVALLOS", "SEBAYOS"), ("HUALLPA", "WALPA"), ("CAHUANA", "KAWANA"), ("YUPANQUI", "YUPANKI"), ("CCORI", "QORI"),
    ("HURTADO", "URTADO"), ("NÚÑEZ", "NUNES"), ("GIMÉNEZ", "JIMENES"), ("XIMENA", "JIMENA"), ("XIOMARA", "SIOMARA"),
    ("ROXANA", "ROSANA"), ("FÉLIX", "FELIS"), ("ALEXIS", "ALECSIS"), ("JHON", "JOHN"), ("LEYDY", "LEIDI"),
    ("KATTY", "CATI"), ("SOPHIA", "SOFIA"), ("SHEYLA", "SEILA"), ("STEFANY", "ESTEFANI"), ("ENBER", "EMVER"),
    ("GUERRA", "GUERA"), ("CECILIA", "SESILIA"),
])
def test_names_that_sound_alike_in_peru_have_one_key(one: str, other: str) -> None:
    assert phonetic_key(one) == phonetic_key(other)


@pytest.mark.parametrize(("one", "other"), [
    ("ROJAS", "ROSAS"), ("QUISPE", "QUISPI"), ("GUERRA", "JERRA"), ("CHUQUI", "HUQUI"), ("MARIO", "MARIA"),
    ("CHAVEZ", "JAVEZ"), ("LLOSA", "LOSA"), ("CARRASCO", "CHARASCO"),
])
def test_names_that_sound_different_have_different_keys(one: str, other: str) -> None:
    assert phonetic_key(one) != phonetic_key(other)


@pytest.mark.parametrize("token", ["mamani", "condori", "apaza", "смирнова", "李明"])
def test_a_token_without_variants_is_almost_its_own_key(token: str) -> None:
    assert phonetic_key(token) == token.replace("z", "s").replace("c", "k")


@given(st.text(max_size=60))
def test_every_name_has_a_key_for_each_token_that_does_not_depend_on_accents_or_case(name: str) -> None:
    for token in name_tokens(name):
        assert phonetic_key(token) == phonetic_key(fold(token)) != ""


def test_a_document_is_compared_without_signs() -> None:
    assert document_key("PAS", " ab-12.34 5 ") == document_key("", "AB12345") == "AB12345"


def test_a_dni_regains_its_leading_zeros() -> None:
    assert document_key("DNI", "1 234 567") == "01234567"
    assert document_key("CE", "1234567") == "1234567"


def test_no_document_has_no_key() -> None:
    assert document_key("DNI", " - ") == ""
