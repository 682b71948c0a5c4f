"""What the pages of a folder say in words: its history, its doubts, the hearings to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.factories.cases import a_case, a_judgment, act
from tests.factories.charges import open_charge
from tests.factories.files import File, a_file
from tests.factories.world import World

CARPETA = "2706014500-2026-12-0"
TO_COME = datetime(2120, 3, 4, 14, 0, tzinfo=UTC)


@pytest.fixture
def file(app: Flask, world: World) -> File:
    with app.app_context():
        return a_file(world.viewer("fiscal.mdd"))


@pytest.fixture
def case(app: Flask, world: World, file: File) -> int:
    with app.app_context():
        fiscal = world.viewer("fiscal.mdd")
        key = a_case(fiscal, file)
        a_judgment(fiscal, key, {file.counts[0]: "COND"}, years={file.accused[0]: 8})
        return key


@pytest.fixture
def fiscal(sign_in: Callable[[str], Any]) -> Any:
    return sign_in("fiscal.mdd")


def test_the_history_of_a_charge_names_the_accused_and_the_responsible(fiscal: Any, file: File) -> None:
    page = fiscal.get(f"/denuncias/{file.number}/historial").text
    assert all(f'<ins class="s-text">{word}</ins>' in page for word in ("I-2", "Persona fiscal.mdd"))


def test_the_history_of_a_court_case_names_what_was_ruled_on(fiscal: Any, case: int) -> None:
    page = fiscal.get(f"/expedientes/{case}/historial").text
    assert "I-1, Trata de personas" in page and "Encabezado del expediente" in page


def test_the_history_pages_on_within_its_own_folder(fiscal: Any, case: int, file: File) -> None:
    for address in (f"/expedientes/{case}/historial", f"/denuncias/{file.number}/historial"):
        assert f'href="{address}?consultas=1"' in fiscal.get(address).text
        assert f'href="{address}"' in fiscal.get(f"{address}?consultas=1").text


@pytest.mark.parametrize("path", ["", "/completar"])
def test_a_carpeta_used_twice_leads_to_the_other_charge(app: Flask, world: World, fiscal: Any, path: str) -> None:
    with app.app_context():
        first, second = (open_charge(world.viewer("fiscal.mdd"), carpeta_number=CARPETA) for _ in range(2))
    page = fiscal.get(f"/denuncias/{second}{path}").text
    assert f'<a href="/denuncias/{first}">El despacho ya usa esa carpeta fiscal este año en la denuncia {first}</a>' in page


@pytest.mark.parametrize(
    ("event_type", "values", "named"),
    [
        ("AUD-PRG", {"hearing_type": "PPR"}, "Prisión preventiva"),
        ("AUD-PRG", {}, "Audiencia de clase no indicada"),
        ("JUI-CIT", {}, "Juicio oral"),
        ("IPF-CTR", {}, "Control de plazo"),
        ("CAC-AUD", {}, "Audiencia de control de acusación o sobreseimiento"),
    ],
)
def test_a_hearing_to_come_names_its_kind(
    app: Flask, world: World, fiscal: Any, case: int, event_type: str, values: dict[str, Any], named: str
) -> None:
    with app.app_context():
        act(world.viewer("fiscal.mdd"), case, event_type, scheduled_for=TO_COME, **values)
    page = fiscal.get(f"/expedientes/{case}").text
    card = page[page.index("Próximas audiencias"):].split("</section>")[0]
    assert f">{named}</a>" in card
