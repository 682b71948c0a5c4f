"""The source reads as pyproject.toml says it should: ruff finds nothing in the whole repository."""
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ruff import find_ruff_bin

ROOT = Path(__file__).parents[2]


def ruff(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs `ruff check` under the settings of the repository, whatever folder is looked at."""
    return subprocess.run([find_ruff_bin(), "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), "--output-format",
                           "concise", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_ruff_finds_nothing() -> None:
    found = ruff(".")
    assert found.returncode == 0, found.stdout + found.stderr


def test_ruff_looks_at_every_part_of_the_repository() -> None:
    seen = {Path(line).relative_to(ROOT).parts[0] for line in ruff("--show-files", ".").stdout.splitlines()}
    assert {"config.py", "migrations", "sistra", "tests", "wsgi.py"} <= seen


def test_no_line_is_excused_from_its_length() -> None:
    found = ruff("--select", "E501", "--ignore-noqa", ".")
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(("planted", "rule"), [
    ("import os\n", "F401"), (f"NAME = {'x' * 140!r}\n", "E501"), ("def CamelCase() -> None:\n    return None\n", "N802"),
    ("def kept(found: list[int] = []) -> None:\n    found.clear()\n", "B006"), ("NAME = 1  # noqa: F401\n", "RUF100")])
def test_ruff_would_find_what_is_planted(tmp_path: Path, planted: str, rule: str) -> None:
    (tmp_path / "planted.py").write_text(planted)
    found = ruff(tmp_path)
    assert found.returncode == 1 and rule in found.stdout, found.stdout + found.stderr
