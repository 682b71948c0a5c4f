"""Asking for an export, following it, giving it up."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from sistra.access.may import may, require
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import User
from sistra.models.exports import ExportRun
from sistra.rules.problems import Problem, Rejected, said
from sistra.services.export_runs.keeping import (
    CANCELLED,
    DONE,
    QUEUED,
    REASONS,
    RUNNING,
    UNFINISHED,
    ask_of,
    end,
    maker_of,
    note,
    own_run,
    sealed,
    shown_state,
)
from sistra.services.export_runs.makers import MAKERS

MOST_WAITING: Final = 5
"""Exports of one person that may wait or be in the making at a time."""
LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Run:
    """An export as its owner sees it.

    `told` says why it came to nothing; `again` are the texts of the address that asks it anew.
    """

    slug: str
    kind: str
    label: str
    state: str
    rows_done: int
    rows_total: int
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    file_name: str | None
    size_bytes: int | None
    downloads: int
    told: str | None
    again: Mapping[str, Sequence[str]]

    @property
    def unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def percent(self) -> int:
        """How far it has come. A hundred is said of a finished file alone: rows may have been added since they were counted."""
        if self.state not in UNFINISHED:
            return 100 if self.state == DONE else 0
        return min(99, 100 * self.rows_done // max(self.rows_total, 1))


def may_ask(viewer: Viewer) -> bool:
    """Whether the viewer may ask for any kind of export."""
    return any(may(viewer, maker.capability) for maker in MAKERS.values())


def queue(viewer: Viewer, kind: str, ask: Any, rows: int) -> tuple[str, int]:
    """Takes the order for an export and gives its slug and its key, which goes to the queue once the transaction is kept.

    `rows` is how many rows were counted. Run inside a unit of work. Raises Forbidden, and Rejected for an ask that cannot be
    made and where too many of the viewer's are still waiting.
    """
    maker = MAKERS[kind]
    require(viewer, maker.capability)
    reason = maker.reason(ask)
    # two at once of one person wait in line
    db.session.execute(select(User.id).where(User.id == viewer.user_id).with_for_update())
    waiting = select(func.count()).where(ExportRun.owner_id == viewer.user_id, ExportRun.state.in_(UNFINISHED))
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Rejected(Problem("", said(
            "Ya tiene %(count)s descargas en preparación: espere a que terminen o cancele alguna en «Mis descargas»"),
            {"count": MOST_WAITING}))
    slug = secrets.token_urlsafe(18)
    run = ExportRun(slug=slug, owner_id=viewer.user_id, kind=kind, state=QUEUED, rows_total=rows, rows_done=0, attempts=0,
                    downloads=0, created_at=viewer.at, ask=sealed(viewer.user_id, slug, "ask", maker.packed(ask)),
                    seen=sealed(viewer.user_id, slug, "seen", maker.sight(viewer, ask)))
    db.session.add(run)
    db.session.flush()
    note(viewer, "export.queued", run, reason=reason, rows=rows, **maker.described(ask))
    return slug, run.id


def status(viewer: Viewer, slug: str) -> Run:
    """How the viewer's own export stands. Raises NotVisible."""
    return _shown(viewer, own_run(viewer, slug))


def own(viewer: Viewer) -> list[Run]:
    """The viewer's own exports, newest first; the latest of them."""
    rows = db.session.scalars(
        select(ExportRun).where(ExportRun.owner_id == viewer.user_id)
        .order_by(ExportRun.created_at.desc(), ExportRun.id.desc()).limit(LISTED))
    return [_shown(viewer, row) for row in rows]


def cancel(viewer: Viewer, slug: str) -> bool:
    """Gives up an export that waits or is in the making, or removes a finished file before its time.

    False where it had come to its end already. Run inside a unit of work. Raises NotVisible.
    """
    run = own_run(viewer, slug, to_write=True)
    before = shown_state(run, viewer.at)
    if before not in (QUEUED, RUNNING, DONE):
        return False
    end(run, CANCELLED, viewer.at)
    note(viewer, "export.cancelled", run, state=before)
    return True


def _shown(viewer: Viewer, run: ExportRun) -> Run:
    maker = maker_of(run)
    return Run(
        slug=run.slug, kind=run.kind, label=maker.label, state=shown_state(run, viewer.at), rows_done=run.rows_done,
        rows_total=run.rows_total, created_at=run.created_at, finished_at=run.finished_at, expires_at=run.expires_at,
        file_name=run.file_name, size_bytes=run.size_bytes, downloads=run.downloads,
        told=REASONS[run.reason] if run.reason else None, again=maker.arguments(ask_of(run)),
    )
