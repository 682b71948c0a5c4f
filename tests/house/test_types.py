"""The types of the house hold: mypy, strict, over the whole package."""
from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def checking(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What mypy is told in both tests: what it learnt of the package in one it need not learn again in the other."""
    return ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path_factory.mktemp("mypy"))]


def test_mypy_finds_nothing(checking: list[str]) -> None:
    out, errors, status = api.run([*checking, str(ROOT / "sistra")])
    assert status == 0, out + errors


def test_mypy_would_find_a_field_that_a_view_does_not_have(tmp_path: Path, checking: list[str]) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("from sistra.access.views import ChargeView\n\n\n"
                       "def f(view: ChargeView) -> object:\n    return view.no_such_field\n")
    out, _, status = api.run([*checking, str(planted)])
    assert status == 1 and "no_such_field" in out
