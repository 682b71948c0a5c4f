"""Many charges out of few: finished folders of a demonstration copied, each told anew, without carrying out its acts again.

A copy has keys, numbers, dates, people, words and data keys of its own; its trail tells of it as that of the folder does, and
is chained after it. Only a demonstration is made so: nothing that people entered is ever copied.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, func, insert, select, text, update

from sistra.access import vault
from sistra.db import db
from sistra.models.charges import NumberSequence
from sistra.models.keys import DataKey, IdentityToken
from sistra.rules.demonstration.chance import Chance
from sistra.rules.demonstration.facts import NEW_LAW
from sistra.rules.demonstration.variations import Shift
from sistra.rules.entries import LIMA
from sistra.services import audit, fact_rebuilding, identities, text_index
from sistra.services.demonstration_bulk.copies import Copy, Mould, Values
from sistra.services.demonstration_bulk.folders import all_folders, links, tables
from sistra.services.demonstration_bulk.telling import Numbers
from sistra.services.unit import unit_of_work

_DATA_KEYS, _TOKENS = (cast(Table, model.__table__) for model in (DataKey, IdentityToken))
MULTIPLIED = "demonstration.multiplied"
_BATCH = 100
"""Copies of one unit of work."""
_CLOSED_WEEKS, _LIVE_WEEKS = 26, 5
"""How far a copy may lie from its folder: what goes on still goes on lately."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """A copy before it is made. `turn` tells copies of one plan apart."""

    turn: int
    mould: Mould
    shift: Shift

    @property
    def begins(self) -> datetime:
        return self.shift.instant(self.mould.begins)


def multiply(number: int, *, seed: int, today: date, since: datetime, progress: Callable[[int], None] | None = None) -> list[str]:
    """Makes `number` charges more out of those that a demonstration holds and gives their numbers.

    Nothing in them is older than `since`, when the users began, and nothing was entered on `today` or later. The same
    arguments over the same charges give the same rows but for keys and ciphertext. `progress` hears how many are made.
    Raises ValueError where the charges held do not add up to that number.
    """
    chance = Chance(seed, "bulk")
    moulds = [Mould(folder) for folder in all_folders()]
    db.session.rollback()
    planned = sorted(_planned(chance, moulds, number, today, since), key=lambda one: (one.begins, one.turn))
    with unit_of_work():
        numbers = Numbers({(row.year, row.fiscal_district): row.last for row in db.session.scalars(select(NumberSequence))},
                          [line for mould in moulds for line in mould.folder.of("charge")])
        audit.note(None, MULTIPLIED, audit.Subject("demonstration"), at=max(mould.ends for mould in moulds), door="cli",
                   detail={"charges": number, "folders": len(moulds)})
    writer, made = _Writer(chance, numbers), list[str]()
    with _at_rest():
        for start in range(0, len(planned), _BATCH):
            with unit_of_work():
                _widen()
                made += writer.write(planned[start : start + _BATCH])
            if progress is not None:
                progress(len(made))
    _rebuild_derived()
    return made


@contextmanager
def _at_rest() -> Iterator[None]:
    """The folders are no garbage: inside, nobody looks through them for some."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _widen() -> None:
    """Room for the pages of all indexes: SQLite's own two megabytes are read and written over and over."""
    if db.engine.dialect.name == "sqlite":
        db.session.connection().exec_driver_sql("PRAGMA cache_size=-262144")


def _rebuild_derived() -> None:
    """After bulk: tables that are worked out from others as a whole are rebuilt here, by their own services."""
    with unit_of_work():
        _continue_keys()
    for keys in text_index.chunks():
        with unit_of_work():
            text_index.fill(keys)


def _continue_keys() -> None:
    """PostgreSQL numbers on after the highest key; SQLite does so by itself."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in (*tables(), _DATA_KEYS, _TOKENS):
        if "id" in table.c:
            highest = db.session.scalar(select(func.max(table.c.id)))
            if highest is not None:
                db.session.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"),
                                   {"name": f'"{table.name}"', "highest": highest})


# -- what is copied, and when it happened ------------------------------------------------------------------------------


def _planned(chance: Chance, moulds: Sequence[Mould], number: int, today: date, since: datetime) -> Iterator[_Planned]:
    """Every folder once a round, in an order of chance; the last round takes what still fits."""
    turn, left = 0, number
    while left:
        fitting = [mould for mould in chance.of("round", turn).shuffled(moulds) if len(mould.originals) <= left]
        if not fitting:
            raise ValueError("no folder is small enough")
        for mould in fitting:
            if len(mould.originals) <= left:
                yield _Planned(turn, mould, _shift(chance.of("shift", turn), mould, today, since))
                turn, left = turn + 1, left - len(mould.originals)


def _shift(chance: Chance, mould: Mould, today: date, since: datetime) -> Shift:
    """So many weeks that nothing is entered before the users were there or on `today`, and no fact passes a change of law."""
    most = _LIVE_WEEKS if mould.live else _CLOSED_WEEKS
    ahead = (today - timedelta(days=1) - mould.ends.astimezone(LIMA).date()).days // 7
    back = (mould.begins - since).days // 7
    weeks = [one for one in range(-min(most, back), min(most, ahead) + 1)
             if all((begun < NEW_LAW) is (begun + timedelta(weeks=one) < NEW_LAW) for begun in mould.facts_begin)]
    return Shift(7 * chance.one(weeks or [0]), today)


# -- writing ------------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes copies, many at a time. Keys follow the highest that is there."""

    def __init__(self, chance: Chance, numbers: Numbers) -> None:
        self._chance, self._numbers = chance, numbers
        self._last = {table.name: db.session.scalar(select(func.max(table.c.id))) or 0 for table in tables() if "id" in table.c}

    def write(self, planned: Sequence[_Planned]) -> list[str]:
        """Makes these copies inside a unit of work and gives the numbers of their charges."""
        rows: dict[str, list[Values]] = {table.name: [] for table in tables()}
        secrets, entries, given = list[Values](), list[Values](), list[str]()
        for one in planned:
            copy = self._begun(one, secrets)
            for table, values in one.mould.rows(copy):
                rows[table.name].append(values)
            entries += one.mould.entries(copy)
            given += [told.number for told in copy.told.values()]
            self._index(one.mould, copy, rows)
        db.session.execute(insert(_DATA_KEYS), secrets)
        self._insert(rows)
        # They hold since the last change of their charge.
        fact_rebuilding.fill({name: [one["id"] for one in found] for name, found in rows.items() if found and "id" in found[0]},
                             {one["id"]: one["updated_at"] for one in rows["charge"]})
        self._keep_numbers()
        audit.repeat(entries)
        return given

    def _begun(self, one: _Planned, secrets: list[Values]) -> Copy:
        """A copy with the keys of its rows and its data keys."""
        chance, keys, opened = self._chance.of("copy", one.turn), dict[tuple[str, int], int](), dict[tuple[str, int], bytes]()
        for table, key in one.mould.lines:
            self._last[table] += 1
            keys[table, key] = self._last[table]
        for kind, key in one.mould.folder.owners:
            opened[kind, key], row = vault.fresh_key((kind, keys[kind, key]))
            secrets.append(row)
        told = {key: original.tell(chance.of(key), one.shift, self._numbers) for key, original in one.mould.originals.items()}
        return Copy(one.shift, chance, told, keys, opened, one.mould.lines)

    def _index(self, mould: Mould, copy: Copy, rows: dict[str, list[Values]]) -> None:
        tokens = rows.setdefault(_TOKENS.name, [])
        for line, answers in mould.identities(copy):
            tokens += [{"identity_id": copy.keys["identity", line.key or 0], **one} for one in identities.index_rows(answers)]

    def _insert(self, rows: dict[str, list[Values]]) -> None:
        """Row by row as their tables refer to one another; what refers to a later row of its own table is put in afterwards."""
        for table in (*tables(), _TOKENS):
            own = [column for column, target in links(table).items() if target == table.name]
            late = [(column, values["id"], values[column]) for values in rows[table.name] for column in own
                    if values[column] is not None and values[column] > values["id"]]
            blank = {(column, key) for column, key, _ in late}
            if found := [values | {column: None for column in own if (column, values["id"]) in blank} if own else values
                         for values in rows[table.name]]:
                db.session.execute(insert(table), found)
            for column in own:
                put = update(table).where(table.c.id == bindparam("at")).values({column: bindparam("to")})
                if later := [{"at": key, "to": target} for name, key, target in late if name == column]:
                    db.session.execute(put, later)

    def _keep_numbers(self) -> None:
        held = {(row.year, row.fiscal_district): row for row in db.session.scalars(select(NumberSequence))}
        for (year, district), last in sorted(self._numbers.sequences.items()):
            row = held.get((year, district)) or NumberSequence(year=year, fiscal_district=district)
            row.last = last
            db.session.add(row)
        db.session.flush()
