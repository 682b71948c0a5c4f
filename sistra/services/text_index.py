"""The full text of summaries, and the one place that knows how each database searches it (FTS5, tsvector).

A row per charge holds its words and, as tokens, whom its access rows let read texts. It follows every transaction that changes
a summary or an access row, and no verb has to ask for it. It proposes; `search` asks the access rows before anything is shown.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ScalarSelect,
    Select,
    bindparam,
    cast,
    delete,
    event,
    func,
    insert,
    inspect,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from sistra.access import scope
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge, ChargeAccess
from sistra.models.full_text import CHARGE_TEXT, LEXEMES
from sistra.rules.full_text import PREFIX_FROM, words
from sistra.rules.sharing import HEADER
from sistra.services import audit
from sistra.services.unit import before_trail

SECTION = HEADER
"""The section of a grant to which the summary belongs."""
_KEY = CHARGE_TEXT.c.rowid
_LONGEST_PREFIX = 8
"""FTS5 keeps the rows of a prefix of three to eight letters ready, newest first; a longer one it would collect at each search."""
_TOUCHED, _CHUNK = "text_index", 500


# -- kept ----------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Touched:
    """What a session has changed: the charges whose summary it wrote, the keys of those whose access rows it wrote, and of
    those that it removed.
    """

    written: dict[int, Charge] = field(default_factory=dict)
    access: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)


@event.listens_for(Session, "after_flush")
def _note(session: Session, context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Charge) and row in session.deleted:
            _touched(session).removed.add(row.id)
        elif isinstance(row, Charge) and (row in session.new or _changed(row, "summary")):
            _touched(session).written[row.id] = row
        elif isinstance(row, ChargeAccess) and (row not in session.dirty or _changed(row, "outline", "profile", "sections")):
            _touched(session).access.add(row.charge_id)


def _touched(session: Session) -> _Touched:
    touched: _Touched = session.info.setdefault(_TOUCHED, _Touched())
    return touched


def _changed(row: Any, *names: str) -> bool:
    return any(inspect(row).attrs[name].history.has_changes() for name in names)


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_TOUCHED, None)


@before_trail
def follow() -> None:
    """Has the index follow what this transaction wrote: one statement for summaries, one for access rows alone."""
    touched: _Touched | None = db.session().info.pop(_TOUCHED, None)
    if touched is None:
        return
    if written := {key: row.summary for key, row in sorted(touched.written.items()) if key not in touched.removed}:
        _write(written)
    if alone := sorted(touched.access - touched.written.keys() - touched.removed):
        db.session.execute(update(CHARGE_TEXT).where(_KEY.in_(alone)).values(access=_tokens(_KEY)))
    if touched.removed:
        db.session.execute(delete(CHARGE_TEXT).where(_KEY.in_(sorted(touched.removed))))


def _write(summaries: dict[int, str]) -> None:
    """Adds or replaces the rows of these charges; who may read them is asked of the access rows as they stand."""
    values = {"rowid": bindparam("key"), "words": bindparam("folded"), "access": _tokens(bindparam("key"))}
    statement = insert(CHARGE_TEXT).prefix_with("OR REPLACE").values(values)
    if _on_postgresql():
        added = postgresql.insert(CHARGE_TEXT).values(values)
        statement = added.on_conflict_do_update(
            index_elements=["rowid"], set_={"words": added.excluded.words, "access": added.excluded.access})
    db.session.execute(statement, [{"key": key, "folded": " ".join(words(summary))} for key, summary in summaries.items()])


def _tokens(charge_id: Any) -> ScalarSelect[Any]:
    """The principals whom the access rows of a charge let read texts, as tokens."""
    token = literal("=") + func.lower(func.replace(func.replace(ChargeAccess.principal, ":", ""), "-", ""))
    joined = func.string_agg if _on_postgresql() else func.group_concat
    return select(func.coalesce(joined(token, literal_column("' '")), "")).where(
        ChargeAccess.charge_id == charge_id, scope.opens(SECTION, texts=True)).scalar_subquery()


def _token(principal: str) -> str:
    return "=" + principal.replace(":", "").replace("-", "").lower()


def _on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


# -- searched ------------------------------------------------------------------------------------------------------------


def newest(viewer: Viewer, charges: Select[Charge], searched: Sequence[str], *, after: int | None = None,
           before: int | None = None) -> Select[Charge]:
    """Narrows a select of charges to those whose summary has each of the words (`rules.full_text.wanted`), newest first.

    `after` a key come those older than it; `before` one those newer, the oldest of them first.
    Only charges are left that some principal of the viewer was let into; whether that still holds is for the select to ask.
    Needs a word and a viewer with a principal.
    """
    access = [_token(principal) for principal in scope.principals(viewer)]
    if _on_postgresql():
        matching = literal_column(f"{CHARGE_TEXT.name}.{LEXEMES}").op("@@")(cast(_tsquery(access, searched), postgresql.TSQUERY))
    else:
        matching = literal_column(CHARGE_TEXT.name).op("MATCH")(_fts5(access, searched))
        long = [word for word in searched if len(word) > _LONGEST_PREFIX]
        charges = charges.where(*((literal(" ") + CHARGE_TEXT.c.words).contains(f" {word}") for word in long))
    if after is not None:
        charges = charges.where(after > _KEY)
    elif before is not None:
        charges = charges.where(before < _KEY)
    order = _KEY.desc() if before is None else _KEY.asc()
    return charges.select_from(CHARGE_TEXT).join(Charge, Charge.id == _KEY).where(matching).order_by(order)


def _fts5(access: Sequence[str], searched: Sequence[str]) -> str:
    """The query in FTS5's language. Words are letters and digits: nothing that was typed is read as an operator."""
    asked = (f'"{word[:_LONGEST_PREFIX]}"' + " *" * (len(word) >= PREFIX_FROM) for word in searched)
    return " AND ".join(["(" + " OR ".join(f'"{token}"' for token in access) + ")", *asked])


def _tsquery(access: Sequence[str], searched: Sequence[str]) -> str:
    asked = (f"'{word}'" + ":*" * (len(word) >= PREFIX_FROM) for word in searched)
    return " & ".join(["(" + " | ".join(f"'{token}'" for token in access) + ")", *asked])


# -- verified and rebuilt ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A charge whose row is not the one that is due, and the columns in which they differ."""

    charge_id: int
    number: str
    columns: tuple[str, ...]


def chunks() -> Iterator[list[int]]:
    """The keys of all charges, some hundreds at a time: each may be put right in a transaction of its own."""
    last = 0
    while keys := list(db.session.scalars(select(Charge.id).where(Charge.id > last).order_by(Charge.id).limit(_CHUNK))):
        yield keys
        last = keys[-1]


def differences(keys: Sequence[int]) -> list[Difference]:
    """Compares the rows of these charges with summaries and access rows."""
    held = {row.rowid: row for row in db.session.execute(select(CHARGE_TEXT).where(_KEY.in_(keys)))}
    readers: dict[int, set[str]] = {}
    for key, principal in db.session.execute(select(ChargeAccess.charge_id, ChargeAccess.principal).where(
            ChargeAccess.charge_id.in_(keys), scope.opens(SECTION, texts=True))):
        readers.setdefault(key, set()).add(_token(principal))
    found = []
    for key, number, summary in db.session.execute(
            select(Charge.id, Charge.number, Charge.summary).where(Charge.id.in_(keys)).order_by(Charge.id)):
        row = held.get(key)
        wrong = (("words", row is None or row.words != " ".join(words(summary))),
                 ("access", row is None or set(row.access.split()) != readers.get(key, set())))
        if any(differs for _, differs in wrong):
            found.append(Difference(key, number, tuple(name for name, differs in wrong if differs)))
    return found


def orphans() -> list[int]:
    """Keys of rows whose charge is not there: only what is done past the application leaves one."""
    return list(db.session.scalars(select(_KEY).where(_KEY.not_in(select(Charge.id)))))


def fill(keys: Sequence[int]) -> None:
    """Writes the rows of these charges anew, whatever they hold. Run inside a unit of work."""
    rows = db.session.execute(select(Charge.id, Charge.summary).where(Charge.id.in_(keys)))
    if summaries := {row.id: row.summary for row in rows}:
        _write(summaries)


def rebuild(viewer: Viewer, keys: Sequence[int]) -> int:
    """Puts right the rows of these charges and gives how many were not. Run inside a unit of work. Raises Forbidden."""
    require(viewer, "accounts.manage")
    wrong = [one.charge_id for one in differences(keys)]
    fill(wrong)
    return len(wrong)


def finish(viewer: Viewer, corrected: int) -> None:
    """Ends the rebuilding: rows of no charge go, the engine's own part is made anew from the rows, and the trail says so.

    Run inside a unit of work. Raises Forbidden.
    """
    require(viewer, "accounts.manage")
    db.session.execute(delete(CHARGE_TEXT).where(_KEY.in_(orphans())))
    if _on_postgresql():
        db.session.execute(text("REINDEX INDEX ix_charge_text_lexemes"))
    else:
        _command("rebuild")
    audit.note(viewer, "search.rebuilt", audit.Subject("charge"), detail={"corrected": corrected})


def sound() -> bool:
    """Whether FTS5's part holds what the rows hold; PostgreSQL computes its own. Takes the lock of a writer."""
    if _on_postgresql():
        return True
    try:
        db.session.execute(text("INSERT INTO charge_text (charge_text, rank) VALUES ('integrity-check', 1)"))
    except DatabaseError:
        return False
    return True


def tidy() -> None:
    """Has FTS5 forget words that no summary has any more: until then they stand in older parts of its file."""
    if not _on_postgresql():
        _command("optimize")


def _command(word: str) -> None:
    db.session.execute(text("INSERT INTO charge_text (charge_text) VALUES (:word)"), {"word": word})
