"""What has served its time goes, what has not stays; drafts have no end."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from sistra.db import db
from sistra.models.accounts import Invitation, SignInSession, Throttle
from sistra.models.audit import TrailEntry
from sistra.models.charges import AcceptedForm, SavedForm
from sistra.services import audit, drafts, kept_forms, person_search, pruning
from sistra.services.unit import unit_of_work
from tests.factories.rows import AT, made
from tests.factories.world import World

pytestmark = pytest.mark.both_databases
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def pruned(at: datetime = AT) -> dict[str, int]:
    with unit_of_work():
        return pruning.prune(at=at, system_user="cron")


def left(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def some(**counts: int) -> dict[str, int]:
    return dict.fromkeys(("attempts", "sessions", "links", "searches", "forms", "tokens", "exports"), 0) | counts


@pytest.mark.parametrize(("window", "blocked", "gone"), [
    (AT - 11 * MINUTE, None, True), (AT - 9 * MINUTE, None, False), (AT - 11 * MINUTE, AT + MINUTE, False),
    (AT - 11 * MINUTE, AT - MINUTE, True)])
def test_marks_of_attempts_go_with_their_window_and_block(session: Any, world: World, window: datetime,
                                                         blocked: datetime | None, gone: bool) -> None:
    with unit_of_work():
        made(Throttle, key="address:203.0.113.9", failures=3, window_from=window, blocked_until=blocked)
    assert pruned() == some(attempts=int(gone)) and left(Throttle) == int(not gone)


@pytest.mark.parametrize(("begun", "seen", "ended", "gone"), [
    (AT - HOUR, AT - MINUTE, None, False), (AT - HOUR, AT - 31 * MINUTE, None, False), (AT - 13 * HOUR, AT, None, False),
    (AT - 170 * HOUR, AT - 167 * HOUR, None, False), (AT - 170 * HOUR, AT - 169 * HOUR, None, True), (AT - HOUR, AT, AT, True)])
def test_sessions_go_when_they_were_ended_or_are_a_week_out_of_use(session: Any, world: World, begun: datetime, seen: datetime,
                                                     ended: datetime | None, gone: bool) -> None:
    with unit_of_work():
        made(SignInSession, user_id=world.users["fiscal.mdd"], created_at=begun, seen_at=seen, ended_at=ended)
    assert pruned() == some(sessions=int(gone)) and left(SignInSession) == int(not gone)


@pytest.mark.parametrize(("expires", "used", "gone"), [(AT + MINUTE, None, False), (AT, None, True), (AT + MINUTE, AT, True)])
def test_links_go_when_used_or_expired(session: Any, world: World, expires: datetime, used: datetime | None, gone: bool) -> None:
    with unit_of_work():
        made(Invitation, user_id=world.users["fiscal.mdd"], expires_at=expires, used_at=used)
    assert pruned() == some(links=int(gone)) and left(Invitation) == int(not gone)


def test_searches_go_after_half_an_hour_and_drafts_never(session: Any, world: World) -> None:
    with unit_of_work():
        drafts.keep(world.viewer("fiscal.mdd"), "charges.create", {"summary": ["x"]})
        person_search.search(world.viewer("fiscal.mdd"), names="Zoraida Quimera")
    assert pruned(AT + 29 * MINUTE) == some()
    assert pruned(AT + timedelta(days=20_000)) == some(searches=1)
    assert db.session.scalars(select(SavedForm.form)).all() == ["charges.create"]


def test_forms_kept_for_their_page_go_after_a_week(session: Any, world: World) -> None:
    with unit_of_work():
        kept_forms.keep(world.users["fiscal.mdd"], "/denuncias/nueva", {"summary": ["x"]}, why="session", at=AT)
    assert pruned(AT + 167 * HOUR) == some()
    assert pruned(AT + 169 * HOUR) == some(forms=1) and left(SavedForm) == 0


def test_tokens_of_forms_carried_out_go_after_ninety_days(session: Any, world: World) -> None:
    viewer = world.viewer("fiscal.mdd")
    with unit_of_work():
        drafts.accept(viewer, "t" * 40, "/denuncias/SIS-2026-MDD-00001")
    assert pruned(viewer.at + timedelta(days=90)) == some()
    assert drafts.accepted(viewer, "t" * 40) == "/denuncias/SIS-2026-MDD-00001"
    assert pruned(viewer.at + timedelta(days=90) + MINUTE) == some(tokens=1) and left(AcceptedForm) == 0


def test_counting_deletes_nothing(session: Any, world: World) -> None:
    with unit_of_work():
        made(Invitation, user_id=world.users["fiscal.mdd"], expires_at=AT)
    assert pruning.expired(AT) == some(links=1) and left(Invitation) == 1


def test_a_pruning_is_one_entry_of_the_trail_in_numbers_alone(session: Any, world: World) -> None:
    with unit_of_work():
        made(Invitation, user_id=world.users["fiscal.mdd"], expires_at=AT)
        made(Throttle, key="address:203.0.113.9", failures=3, window_from=AT - HOUR)
    before = left(TrailEntry)
    pruned()
    assert left(TrailEntry) == before + 1
    entry = db.session.scalars(select(TrailEntry).order_by(TrailEntry.number.desc()).limit(1)).one()
    assert (entry.action, entry.door, entry.changes) == ("house.pruned", "cli", None)
    assert entry.detail == some(links=1, attempts=1) | {"system_user": "cron"}
    assert audit.verify().intact


def test_where_nothing_is_pruned_nothing_is_noted(session: Any, world: World) -> None:
    before = left(TrailEntry)
    pruned()
    assert left(TrailEntry) == before
