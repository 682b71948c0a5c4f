"""What has served its time is deleted: marks of the brake on guessing, sessions, links, stored searches, forms kept for a page,
tokens of forms carried out, files of exports.

Each goes by the lifetime that its own desk gives it. A session that time has ended stays a while longer: by it the form that
was still on the screen finds its author. A token is there so that a form sent twice is carried out once; both come within
seconds, or after a page that stayed open over a leave was sent again: three months outlast any of them, and without an end the
table would grow with every act of the house. Drafts are not among them: a draft is kept until its author sends
or discards it, however old it grows.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select

from sistra.db import db
from sistra.models.accounts import Invitation, SignInSession, Throttle
from sistra.models.charges import AcceptedForm, SavedForm
from sistra.services import audit, drafts, export_runs, kept_forms, person_search, signin, text_index, throttle


def _expired(at: datetime) -> Mapping[str, tuple[type[Any], ColumnElement[bool]]]:
    """What is counted under which name: the table, and the condition that a row has served its time at that instant."""
    return {
        "attempts": (Throttle, and_(Throttle.window_from < at - throttle.WINDOW,
                                    or_(Throttle.blocked_until.is_(None), Throttle.blocked_until <= at))),
        "sessions": (SignInSession, or_(SignInSession.ended_at.is_not(None), SignInSession.seen_at < at - signin.LAPSED_LASTS)),
        "links": (Invitation, or_(Invitation.used_at.is_not(None), Invitation.expires_at <= at)),
        "searches": (SavedForm, and_(SavedForm.form.startswith(person_search.FORM, autoescape=True),
                                     SavedForm.saved_at < at - person_search.LASTS)),
        "forms": (SavedForm, and_(SavedForm.form.startswith(kept_forms.FORM, autoescape=True),
                                  SavedForm.saved_at < at - kept_forms.LASTS)),
        "tokens": (AcceptedForm, AcceptedForm.at < at - drafts.ACCEPTED_LASTS),
    }


def expired(at: datetime) -> dict[str, int]:
    """How many of each kind have served their time: attempts, sessions, links, searches, forms, tokens, files of exports."""
    return {name: db.session.scalar(select(func.count()).select_from(model).where(condition)) or 0
            for name, (model, condition) in _expired(at).items()} | {"exports": export_runs.expired(at)}


def prune(*, at: datetime, system_user: str) -> dict[str, int]:
    """Deletes them and gives how many of each kind; where there were any, one entry of the trail says so, in numbers alone.

    The search of summaries forgets the words that were taken out of them. Run inside a unit of work.
    """
    counts = {name: int(db.session.execute(  # type: ignore[attr-defined]
        delete(model).where(condition), execution_options={"synchronize_session": False}).rowcount)
        for name, (model, condition) in _expired(at).items()} | {"exports": export_runs.expire(at)}
    text_index.tidy()
    if any(counts.values()):
        audit.note(None, "house.pruned", audit.Subject("house"), at=at, door="cli", detail=counts | {"system_user": system_user})
    return counts
