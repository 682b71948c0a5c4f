from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from sistra.db import about_to_write, db
from sistra.models.audit import TrailHead
from sistra.models.full_text import of_the_engine
from tests.factories.databases import OwnDatabase, alembic_of, downgrade, upgrade
from tests.factories.rows import one_row_in_each

pytestmark = pytest.mark.both_databases


def _tables(own: OwnDatabase) -> set[str]:
    with own.app.app_context():
        return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def _fill(own: OwnDatabase) -> None:
    """A row in each table that there is."""
    present = _tables(own)
    with own.app.app_context(), about_to_write(), db.engine.begin() as connection:
        one_row_in_each(connection, [table for table in db.metadata.sorted_tables if table.name in present])


def _revisions(own: OwnDatabase) -> list[str]:
    """From the newest to the first."""
    with own.app.app_context():
        return [found.revision for found in ScriptDirectory.from_config(alembic_of(own.app)).walk_revisions()]


def test_the_schema_after_the_last_revision_is_that_of_the_models(own_database: OwnDatabase) -> None:
    with own_database.app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": True, "include_object": lambda item, name, kind, *rest: not of_the_engine(name, kind)})
        assert compare_metadata(context, db.metadata) == []


def test_constraints_and_indexes_bear_the_names_that_the_models_give_them(own_database: OwnDatabase) -> None:
    with own_database.app.app_context():
        built = inspect(db.engine)
        for table in db.metadata.sorted_tables:
            preparer = db.engine.dialect.identifier_preparer
            expected = {str(preparer.format_constraint(key)).strip('"') for key in table.foreign_key_constraints}
            assert {key["name"] for key in built.get_foreign_keys(table.name)} == expected


def test_the_revisions_form_one_numbered_line(own_database: OwnDatabase) -> None:
    revisions = _revisions(own_database)[::-1]
    assert revisions == [f"{number:04d}" for number in range(1, len(revisions) + 1)]


def test_going_down_to_nothing_leaves_no_table(own_database: OwnDatabase) -> None:
    downgrade(own_database.app, "base")
    assert _tables(own_database) == set()


def test_what_went_down_comes_up_again_the_same(own_database: OwnDatabase) -> None:
    before = _tables(own_database)
    downgrade(own_database.app, "base")
    upgrade(own_database.app)
    assert _tables(own_database) == before


def test_each_revision_goes_down_and_up_again_with_rows_in_place(own_database: OwnDatabase) -> None:
    for revision in _revisions(own_database):
        _fill(own_database)
        downgrade(own_database.app, "-1")
        upgrade(own_database.app, revision)
        _fill(own_database)
        downgrade(own_database.app, "-1")
    assert _tables(own_database) == set()


def test_rows_of_other_tables_outlive_a_revision_that_goes(own_database: OwnDatabase) -> None:
    _fill(own_database)
    downgrade(own_database.app, "0001")
    with own_database.app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM user_account")) == 1


def test_the_trail_starts_with_a_head_that_every_writer_can_lock(own_database: OwnDatabase) -> None:
    with own_database.app.app_context():
        assert db.session.scalar(select(TrailHead.number)) == 0


def test_a_walk_that_fails_half_way_leaves_the_database_as_it_was(
        empty_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Operations.create_table

    def failing(self: Any, name: str, *columns: Any, **options: Any) -> Any:
        if name == "court_case":
            raise RuntimeError("cut")
        return made(self, name, *columns, **options)
    monkeypatch.setattr(Operations, "create_table", failing)
    with pytest.raises(RuntimeError, match="cut"):
        upgrade(empty_database.app)
    assert _tables(empty_database) == set()
    monkeypatch.undo()
    upgrade(empty_database.app)
    assert "court_case" in _tables(empty_database)
