"""Passwords: long and unexpected, nothing else is asked of them."""
from __future__ import annotations

import pytest

from sistra.rules.passwords import password_problems

PHRASE = "siete canoas amarradas en el puerto"


@pytest.mark.parametrize("password", [PHRASE, "ñandú lluvioso 77 tambor", "kX9#vQ2m!pL7", "龍が川を渡る夜の静かな橋"])
def test_long_and_unexpected_passwords_are_accepted_whatever_they_are_made_of(password: str) -> None:
    assert password_problems(password, password, "fiscal.mdd") == []


@pytest.mark.parametrize("password", [
    "", "corta", "x" * 129, "aaaaaaaaaaaa", "123456789012", "password1234", "contraseña123", "Contrasena2026",
    "fiscal.mdd2026", "Ministerio2026", "qwertyuiop12"])
def test_short_endless_and_expected_passwords_are_refused(password: str) -> None:
    assert [problem.field for problem in password_problems(password, password, "fiscal.mdd")] == ["password"]


def test_a_slip_in_the_repetition_is_said_at_the_repetition() -> None:
    assert [problem.field for problem in password_problems(PHRASE, PHRASE + " ", "fiscal.mdd")] == ["repeated"]


def test_twelve_and_a_hundred_and_twenty_eight_characters_are_the_bounds() -> None:
    assert password_problems("kX9#vQ2m!pL", "kX9#vQ2m!pL", "x")
    assert not password_problems("kX9#vQ2m!pL7", "kX9#vQ2m!pL7", "x")
    longest = ("canoa puerto tambor lluvia selva " * 4)[:128]
    assert not password_problems(longest, longest, "x")
