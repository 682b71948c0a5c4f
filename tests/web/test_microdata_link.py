"""The page of microdata under a permanent link."""
from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlsplit

from tests.conftest import Visitor

QUESTION = {"units": ["victim", "count"], "desde": ["2026-01"], "hasta": ["2026-03"], "distrito": ["MDD"], "solo_trata": ["1"],
            "format": ["csv"]}


def test_the_data_of_now_are_asked_with_the_question_of_the_link(sign_in: Callable[[str], Visitor]) -> None:
    page = sign_in("analista").get("/reportes/microdatos", query_string=QUESTION | {"al": "2026-03-27T15:00:00+00:00"}).text
    assert "Datos tal como estaban el 27/03/2026 10:00." in page
    found = re.search(r'<a href="([^"]+)">Usar los datos de ahora</a>', page)
    assert found is not None and parse_qs(urlsplit(unescape(found[1])).query) == QUESTION
