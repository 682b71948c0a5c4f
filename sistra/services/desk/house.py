"""The desks of those who see no case: users for the administrator, the trail for the auditor, own downloads for the analyst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.audit import TrailEntry, TrailHead
from sistra.services import accounts, audit, signin
from sistra.services.desk.changes import last_sign_in

MOST = 10


@dataclass(frozen=True, slots=True)
class Trail:
    """How long the trail is, and what was noted on it since the auditor signed in the time before: (act, how often)."""

    entries: int
    acts: Sequence[tuple[str, int]]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Download:
    """A file that the viewer took away."""

    action: str
    at: datetime


def users(viewer: Viewer) -> dict[str, int]:
    """How many users stand in each of the states of `accounts.STATES`. Raises Forbidden."""
    require(viewer, "accounts.manage")
    shut = signin.shut_out(viewer.at)
    return {state: accounts.counted(viewer, state=state, shut_out=shut) for state in accounts.STATES}


def trail(viewer: Viewer) -> Trail:
    """The length of the trail and the acts noted on it lately, the most frequent first; no case and no person.

    A reading, itself on the trail. Raises Forbidden.
    """
    require(viewer, "trail.read")
    since = last_sign_in(viewer)
    head = db.session.get(TrailHead, 1)
    times = func.count().label("times")
    rows = db.session.execute(
        select(TrailEntry.action, times)
        .where(TrailEntry.number > since.number)
        .group_by(TrailEntry.action)
        .order_by(times.desc(), TrailEntry.action)
        .limit(MOST)
    )
    audit.note(viewer, "trail.read", audit.Subject("trail_entry"), detail={"from": since.number})
    return Trail(head.number if head else 0, [(action, number) for action, number in rows], since.at)


def downloads(viewer: Viewer) -> list[Download]:
    """The files that the viewer took away last, the latest first."""
    rows = db.session.execute(
        select(TrailEntry.action, TrailEntry.at)
        .where(
            TrailEntry.actor_id == viewer.user_id,
            or_(TrailEntry.action.like("%.exported"), TrailEntry.action.like("%.downloaded")),
        )
        .order_by(TrailEntry.number.desc())
        .limit(MOST)
    )
    return [Download(action, at) for action, at in rows]
