"""Bar charts: what stands beside a table, wide and narrow."""
from __future__ import annotations

import re

import pytest
from reportlab.graphics.shapes import String

from sistra.formats import chart
from sistra.formats.chart import NARROW, WIDTH, Bars

SERIES = ("En trámite", "Archivada", "Con sentencia", "Concluida", "Sin dato")
BARS = Bars("Denuncias por etapa", SERIES, (("Investigación preparatoria", (5, 2, 0, 1, 0)), ("Juicio oral", (0, 0, 3, 0, 0))))


def words(width: float) -> dict[str, tuple[float, float]]:
    """Each text of the drawing and where it begins."""
    return {one.text: (one.x, one.y) for one in chart.drawing(BARS, width).contents if isinstance(one, String)}


@pytest.mark.parametrize("width", [WIDTH, NARROW])
def test_every_name_of_a_part_stands_within_the_drawing(width: float) -> None:
    found = words(width)
    assert all(found[name][0] + chart._wide(name) <= width for name in SERIES)


def test_names_that_do_not_fit_go_on_below_on_a_line_of_their_own() -> None:
    assert len({words(WIDTH)[name][1] for name in SERIES}) == 1
    lines = [words(NARROW)[name][1] for name in SERIES]
    assert len(set(lines)) == 2 and lines == sorted(lines, reverse=True)
    assert min(lines) > max(y for text, (_, y) in words(NARROW).items() if text not in SERIES)


@pytest.mark.parametrize(("width", "narrow"), [(WIDTH, False), (NARROW, True)])
def test_the_drawing_of_a_telephone_has_a_class_of_its_own(width: float, narrow: bool) -> None:
    painted = chart.svg(chart.drawing(BARS, width), BARS.title)
    assert ("s-chart--narrow" in painted) == narrow
    assert re.search(rf'viewBox="0 0 {width:g} ', painted)
