"""A finished export on its way out: what was allowed when it was made must be allowed still. And its end by time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from sistra.access.may import may
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.exports import ExportRun
from sistra.services import file_store
from sistra.services.export_runs.keeping import (
    DONE,
    EXPIRED,
    FAILED,
    REFUSED,
    ask_of,
    end,
    maker_of,
    note,
    opened,
    own_run,
    shown_state,
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file to hand out: its plain bytes in pieces, proved whole before the first."""

    pieces: Iterator[bytes]
    name: str
    media_type: str
    size: int


def fetch(viewer: Viewer, slug: str) -> Fetched | None:
    """The file of the viewer's own export, with its entry on the trail; None where there is none to have (`status` says why).

    Where the capability is gone, or anything in the file is no longer open as it was, the file is destroyed and nothing
    leaves: the unit of work must be kept in that case too. Run inside a unit of work, before the bytes leave. Raises NotVisible.
    """
    run = own_run(viewer, slug, to_write=True)
    if shown_state(run, viewer.at) != DONE:
        return None
    refusal = why_not(viewer, run)
    if refusal is not None:
        refuse(viewer, run, refusal)
        return None
    maker, ask = maker_of(run), ask_of(run)
    try:
        pieces = file_store.read(("user", run.owner_id), run.storage_key or "")
    except file_store.Damaged:
        end(run, FAILED, viewer.at, "damaged")
        note(viewer, "export.failed", run, why="damaged")
        return None
    run.downloads += 1
    db.session.flush()
    note(viewer, "export.downloaded", run, reason=maker.reason(ask), sha256=run.sha256, digests=run.digests,
         **maker.described(ask), charges=list(maker.charges(opened(run, "seen"))))
    return Fetched(pieces, run.file_name or run.slug, run.media_type or "application/octet-stream", run.size_bytes or 0)


def why_not(viewer: Viewer, run: ExportRun) -> str | None:
    """Why a finished file may not be handed to its owner as they are now: a code of `REASONS`, or None."""
    maker = maker_of(run)
    if not may(viewer, maker.capability):
        return "capability"
    return None if maker.still_allowed(viewer, opened(run, "seen")) else "changed"


def refuse(viewer: Viewer, run: ExportRun, why: str) -> None:
    """Destroys what there is of an export and says so on the trail."""
    end(run, REFUSED, viewer.at, why)
    note(viewer, "export.refused", run, why=why)


def _past(at: datetime) -> ColumnElement[bool]:
    return and_(ExportRun.state == DONE, ExportRun.expires_at <= at)


def expired(at: datetime) -> int:
    """How many finished files have served their time."""
    return db.session.scalar(select(func.count()).select_from(ExportRun).where(_past(at))) or 0


def expire(at: datetime) -> int:
    """Removes the files that have served their time and gives how many. Run inside a unit of work."""
    rows = db.session.scalars(select(ExportRun).where(_past(at)).with_for_update()).all()
    for run in rows:
        end(run, EXPIRED, at)
    return len(rows)
