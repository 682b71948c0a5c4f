"""Code lists, rules and formats work where there is neither a database nor a web."""
from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import sistra
from tests.factories.databases import ROOT

_IMPURE = (
    "flask",
    "flask_babel",
    "flask_sqlalchemy",
    "sqlalchemy",
    "wtforms",
    "sistra.db",
    "sistra.models",
    "sistra.services",
)
_ALONE = """
import importlib, importlib.abc, sys, types

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if any(name == one or name.startswith(one + ".") for one in {impure!r}):
            raise ImportError("impure: " + name)

sys.meta_path.insert(0, Refuse())
package = types.ModuleType("sistra")
package.__path__ = [{path!r}]
sys.modules["sistra"] = package
for name in {names!r}:
    importlib.import_module(name)
print("pure")
"""


def _modules(floor: str) -> list[str]:
    path = ROOT / "sistra" / floor
    return [f"sistra.{floor}", *(found.name for found in pkgutil.walk_packages([str(path)], f"sistra.{floor}."))]


@pytest.mark.parametrize("floor", ["codebook", "rules", "formats"])
def test_a_pure_floor_is_imported_where_database_and_web_are_refused(floor: str) -> None:
    script = _ALONE.format(impure=_IMPURE, path=str(ROOT / "sistra"), names=_modules(floor))
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "pure", done.stderr


def test_an_impure_floor_would_be_told_apart() -> None:
    script = _ALONE.format(impure=_IMPURE, path=str(ROOT / "sistra"), names=["sistra.access.scope"])
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert "impure: " in done.stderr


def test_every_floor_carries_a_door_plate() -> None:
    for floor in pkgutil.iter_modules(sistra.__path__):
        if floor.ispkg:
            assert (ROOT / "sistra" / floor.name / "__init__.py").read_text().startswith('"""'), floor.name
