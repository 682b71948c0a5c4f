"""The masthead stands on one line where the screen holds it, and breaks in whole groups where it does not."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

TOPS = "() => new Set(Array.from(document.querySelectorAll('.s-menu a'), link => link.getBoundingClientRect().top)).size"
HEIGHT = "() => document.querySelector('.s-masthead__row').getBoundingClientRect().height"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG_NAME = "() => { document.querySelector('.s-user a').textContent = 'Marisol Jhoselyn Chuquihuanca Espinoza' }"


@pytest.mark.parametrize("user", ["fiscal.mdd", "asistente.mdd", "coordinadora", "victimas"])
def test_the_menu_never_takes_two_lines(page_of: Callable[[str], Any], user: str) -> None:
    page = page_of(user)
    page.goto("/mesa")
    page.evaluate(LONG_NAME)
    for width in (1920, 1366, 1280, 1240, 1239, 1024, 821):
        page.set_viewport_size({"width": width, "height": 768})
        assert (page.evaluate(TOPS), page.evaluate(OVERFLOW)) == (1, 0), width
        assert page.evaluate(HEIGHT) <= (60 if width >= 1240 else 120), width
