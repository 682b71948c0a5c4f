"""The walls between floors, rooms and desks (`[tool.importlinter]`), and whether they would stop anybody."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories.databases import ROOT

_LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", _LINT, "--no-cache"], cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"})


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The source and its contracts, to be spoilt."""
    shutil.copytree(ROOT / "sistra", tmp_path / "sistra",
                    ignore=lambda folder, names: [name for name in names if "." in name and not name.endswith(".py")])
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_wall_stands() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(("module", "line", "contract"), [
    ("rules/problems.py", "import sistra.db", "Imports go down the floors only"),
    ("formats/table.py", "import sistra.access.may", "Imports go down the floors only"),
    ("web/ui/options.py", "import sistra.web.guards", "Rooms of the web do not know one another"),
    ("services/audit.py", "import sistra.services.accounts", "Desks stand above files, files above helpers"),
    ("codebook/terms.py", "import sqlalchemy", "Code lists, rules and formats are pure"),
    ("web/safe_next.py", "import sistra.models.charges", "Doors see no table"),
    ("cli/__init__.py", "import sqlalchemy.orm", "Doors see no table"),
    ("access/may.py", "import flask", "Verbs know no request"),
    ("upstairs.py", "", "Imports go down the floors only"),
], ids=lambda value: value if value.endswith(".py") else "")
def test_a_wall_stops_who_walks_through_it(copied: Path, module: str, line: str, contract: str) -> None:
    with (copied / "sistra" / module).open("a") as source:
        source.write(f"\n{line}\n")
    done = _lint(copied)
    assert done.returncode != 0
    assert any(contract in said and "BROKEN" in said for said in done.stdout.splitlines()), done.stdout
