"""What a page of a court case costs in statements does not grow with what it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from tests.conftest import Visitor
from tests.factories.cases import a_case, a_judgment, a_remedy, act
from tests.factories.files import a_file
from tests.factories.rows import AT
from tests.factories.world import World
from tests.web.test_query_counts import counted


def _with_children(app: Flask, world: World, many: int) -> int:
    """A court case with that many accused, hearings, judgments and remedies."""
    with app.app_context():
        viewer = world.viewer("fiscal.mdd")
        file = a_file(viewer, accused=many, victims=many, counts_of=tuple(range(many)))
        case = a_case(viewer, file)
        for place in range(many):
            act(viewer, case, "AUD-REA", hearing_type="JUI", accused=(file.accused[place],))
            a_judgment(viewer, case, {file.counts[place]: "COND"}, years={file.accused[place]: 12})
            a_remedy(viewer, case, number=str(place))
    return case


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("", 30),
        ("/denuncias", 25),
        ("/actuaciones", 24),
        ("/sentencias", 25),
        ("/recursos", 26),
        ("/cuadernos", 24),
        ("/historial", 42),
        ("/actuaciones/nueva/REO-CON", 33),
        ("/sentencias/nueva", 25),
    ],
)
def test_a_page_of_a_case_costs_the_same_for_one_and_for_eight_of_everything(
    app: Flask, world: World, sign_in: Callable[[str], Visitor], path: str, most: int
) -> None:
    client, costs = sign_in("fiscal.mdd"), []
    for case in (_with_children(app, world, 1), _with_children(app, world, 8)):
        client.get(f"/expedientes/{case}{path}")
        with counted(app) as found:
            assert client.get(f"/expedientes/{case}{path}").status_code == 200
        costs.append(len(found))
    assert costs[1] <= costs[0] <= most, costs


def test_the_list_of_cases_costs_the_same_for_one_and_for_many(
    app: Flask, world: World, sign_in: Callable[[str], Visitor]
) -> None:
    client, costs = sign_in("fiscal.mdd"), []
    for many in (1, 12):
        with app.app_context():
            for place in range(many):
                case = a_case(world.viewer("fiscal.mdd"), a_file(world.viewer("fiscal.mdd")), docket_number=str(place))
                act(world.viewer("fiscal.mdd"), case, "AUD-PRG", hearing_type="JUI", scheduled_for=AT + timedelta(days=9))
        with counted(app) as found:
            assert client.get("/expedientes/?filas=100").status_code == 200
        costs.append(len(found))
    assert costs[0] == costs[1] <= 21, costs
