"""The wall between statistics and persons: nothing that makes or reads a fact can reach a name."""
from __future__ import annotations

import ast

import pytest
from sqlalchemy import LargeBinary, Select
from sqlalchemy.sql import visitors

from sistra.models.facts import FACTS
from sistra.models.people import Identity
from sistra.services.fact_reading import _statement
from tests.factories.databases import ROOT

MODULES = ("rules/coarsening.py", "rules/fact_answers.py", "rules/fact_dimensions.py", "rules/facts.py", "models/facts.py",
           "services/fact_reading.py", "services/fact_rebuilding.py", "services/facts.py", "services/fact_book.py",
           "access/figures.py")
_FORBIDDEN = {"Identity", "IdentityToken", "DataKey", "vault", "keyring", "Person"}


def _columns(statement: Select[tuple[object, ...]]) -> list[object]:
    return [one for one in visitors.iterate(statement, {}) if one.__visit_name__ == "column"]


@pytest.mark.parametrize("module", MODULES)
def test_what_makes_facts_names_nothing_that_leads_to_an_identity(module: str) -> None:
    tree = ast.parse((ROOT / "sistra" / module).read_text(encoding="utf-8"))
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    named |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom | ast.Import) for alias in node.names}
    assert not named & _FORBIDDEN


@pytest.mark.parametrize("unit", FACTS)
def test_no_fact_table_points_at_another_table(unit: str) -> None:
    assert not FACTS[unit].foreign_keys


@pytest.mark.parametrize("unit", FACTS)
def test_no_column_of_a_fact_holds_bytes(unit: str) -> None:
    assert not [column.name for column in FACTS[unit].c if isinstance(column.type, LargeBinary)]


@pytest.mark.parametrize("unit", FACTS)
def test_the_statement_of_a_unit_reads_no_ciphertext_and_no_table_of_identities(unit: str) -> None:
    read = _columns(_statement(unit))
    assert not [one for one in read if isinstance(one.type, LargeBinary)]  # type: ignore[attr-defined]
    tables = {table.name for one in read if (table := getattr(one, "table", None)) is not None and hasattr(table, "name")}
    assert not tables & {Identity.__table__.name, "identity_token", "data_key", "person", "user_account"}  # type: ignore[attr-defined]
    assert f"fact_{unit}" in tables


def test_nobody_but_the_fact_services_imports_the_tables_of_facts() -> None:
    importing = {str(path.relative_to(ROOT / "sistra")) for path in (ROOT / "sistra").rglob("*.py")
                 if "sistra.models.facts" in path.read_text(encoding="utf-8")}
    assert importing == {
        "access/figures.py", "services/fact_reading.py", "services/fact_rebuilding.py", "services/facts.py",
        "services/reports.py", "services/fact_book.py", "services/counted_facts.py"}
