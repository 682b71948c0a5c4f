"""Tasks: added to a charge, given to somebody of its office, done; nobody else's business."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.tasks import Task
from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.services import charges, events, history, tasks
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.files import on
from tests.factories.rows import AT
from tests.factories.sharing import ALL_SECTIONS, shared
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def number(session: Any, world: World) -> str:
    return open_charge(world.viewer("fiscal.mdd"))


def added(world: World, number: str, name: str = "fiscal.mdd", **values: Any) -> int:
    with unit_of_work():
        return tasks.add(world.viewer(name), number, Entry("task", {
            "title": "Pedir el parte policial", "assignee": world.users["asistente.mdd"], "due_on": AT.date(),
            "priority": "ALT"} | values))


def titles(lines: list[tasks.TaskLine]) -> list[str]:
    return [str(line.view.title) for line in lines]


def test_a_task_is_the_assignees_and_the_offices_until_it_is_done(world: World, number: str) -> None:
    key = added(world, number, note="Llamar a la DIRCTPTIM")
    assistant = world.viewer("asistente.mdd")
    assert titles(tasks.listed(assistant, tasks.MINE)) == ["Pedir el parte policial"]
    assert titles(tasks.listed(world.viewer("fiscal2.mdd"), tasks.OFFICE)) == ["Pedir el parte policial"]
    assert tasks.listed(world.viewer("fiscal.mdd"), tasks.MINE) == []
    with unit_of_work():
        tasks.finish(assistant, number, key)
    assert tasks.listed(assistant, tasks.MINE) == tasks.listed(assistant, tasks.OFFICE) == []
    (ended,) = tasks.listed(assistant, tasks.ENDED)
    assert (ended.view.status, ended.view.done_at, ended.open) == ("HEC", AT, False)
    with pytest.raises(Rejected), unit_of_work():
        tasks.finish(assistant, number, key)


def test_tasks_come_by_their_day_and_say_when_it_has_gone_by(world: World, number: str) -> None:
    added(world, number, title="Sin fecha", due_on=None)
    added(world, number, title="Después", due_on=date(2026, 4, 30))
    added(world, number, title="Antes")
    later = world.viewer("asistente.mdd", at=AT + timedelta(days=3))
    assert titles(tasks.of_charge(later, number)) == ["Antes", "Después", "Sin fecha"]
    assert [line.late for line in tasks.listed(later, tasks.MINE)] == [True, False, False]


@pytest.mark.parametrize(("values", "field"), [
    ({"title": ""}, "title"), ({"assignee": None}, "assignee"), ({"due_on": AT.date() - timedelta(days=1)}, "due_on"),
    ({"from_event": 10**6}, "from_event")])
def test_a_task_that_says_too_little_is_refused(world: World, number: str, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected, match=field):
        added(world, number, **values)


@pytest.mark.parametrize("name", ["fiscal.lim", "presidencia.mdd", "agencia", "coordinadora"])
def test_a_task_is_given_to_a_prosecutor_or_assistant_of_the_office_alone(world: World, number: str, name: str) -> None:
    with pytest.raises(Rejected, match="assignee"):
        added(world, number, assignee=world.users[name])


def test_supervisors_read_tasks_and_add_none(world: World, number: str) -> None:
    key = added(world, number)
    for name in ("coordinadora", "presidencia.mdd"):
        assert [line.may_amend for line in tasks.of_charge(world.viewer(name), number)] == [False]
        with pytest.raises(Forbidden):
            added(world, number, name)
        with pytest.raises(Forbidden), unit_of_work():
            tasks.finish(world.viewer(name), number, key)
        with pytest.raises(Forbidden):
            tasks.listed(world.viewer(name), tasks.MINE)


def test_tasks_are_not_shared_whatever_is(world: World, number: str) -> None:
    key = added(world, number)
    shared(world, number, profile="COM", sections=ALL_SECTIONS, permission="APO")
    shared(world, number, "office:lim", accepted_by="fiscal.lim", profile="COM", sections=ALL_SECTIONS, permission="APO")
    for name in ("agencia", "fiscal.lim"):
        for reading in (lambda who: tasks.of_charge(who, number), lambda who: tasks.show(who, number, key)):
            with pytest.raises(Forbidden):
                reading(world.viewer(name))
    assert charges.folder(world.viewer("agencia"), number).tasks == 0
    assert charges.folder(world.viewer("fiscal.mdd"), number).tasks == 1
    assert tasks.listed(world.viewer("fiscal.lim"), tasks.OFFICE) == []


def test_a_sealed_charge_keeps_its_tasks_to_the_team(world: World, number: str) -> None:
    added(world, number)
    version = charges.folder(world.viewer("fiscal.mdd"), number).charge.version
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=version)
    assert tasks.listed(world.viewer("asistente.mdd"), tasks.MINE) == []
    assert tasks.listed(world.viewer("fiscal2.mdd"), tasks.OFFICE) == []
    with pytest.raises(NotVisible):
        tasks.of_charge(world.viewer("asistente.mdd"), number)
    with pytest.raises(Rejected, match="assignee"):
        added(world, number)
    added(world, number, assignee=world.users["fiscal.mdd"], title="Del equipo")
    assert titles(tasks.listed(world.viewer("fiscal.mdd"), tasks.MINE)) == ["Del equipo"]


def test_a_task_is_changed_with_its_version_and_taken_up_again(world: World, number: str) -> None:
    key = added(world, number)
    with unit_of_work():
        tasks.finish(world.viewer("asistente.mdd"), number, key)
    with pytest.raises(Conflict), unit_of_work():
        tasks.amend(world.viewer("fiscal.mdd"), number, key, Entry("task", {"status": "ANU"}, 1))
    with unit_of_work():
        assert tasks.amend(world.viewer("fiscal.mdd"), number, key, Entry("task", {"status": "CUR"}, 2)) == ["Estado"]
    assert db.session.get_one(Task, key).done_at is None


def test_a_task_keeps_an_assignee_who_left_and_is_given_to_nobody_who_did(world: World, number: str) -> None:
    from sistra.models.accounts import User
    key = added(world, number)
    db.session.get_one(User, world.users["asistente.mdd"]).valid_to = AT.date()
    db.session.commit()
    with unit_of_work():
        tasks.amend(world.viewer("fiscal.mdd"), number, key, Entry("task", {
            "assignee": world.users["asistente.mdd"], "priority": "NOR"}))
    with pytest.raises(Rejected, match="assignee"):
        added(world, number)


def test_the_task_that_an_act_leaves_is_proposed_but_not_of_a_sealed_act(world: World, number: str) -> None:
    with unit_of_work():
        open_one = events.record(world.viewer("fiscal.mdd"), number, "OFI-SOL", Entry("event", {"occurred_on": on(AT.date())}))
        sealed = events.record(world.viewer("fiscal.mdd"), number, "COE-INI", Entry("event", {"occurred_on": on(AT.date())}))
    assert tasks.follows(world.viewer("fiscal.mdd"), number, open_one) == "Verificar la respuesta"
    assert tasks.follows(world.viewer("fiscal.mdd"), number, sealed) == ""
    with pytest.raises(NotVisible):
        tasks.follows(world.viewer("fiscal2.mdd"), number, sealed)
    added(world, number, from_event=open_one)
    with pytest.raises(Rejected, match="from_event"):
        added(world, number, from_event=sealed)


def test_what_is_done_with_a_task_is_on_the_trail_and_in_the_history(world: World, number: str) -> None:
    key = added(world, number, note="Anotado")
    with unit_of_work():
        tasks.finish(world.viewer("asistente.mdd"), number, key)
    acted = db.session.scalars(select(TrailEntry.action).where(TrailEntry.thing == "task").order_by(TrailEntry.number)).all()
    assert acted == ["task.added", "task.done"]
    (new,) = [one for one in history.of_charge(world.viewer("fiscal.mdd"), number) if one.action == "task.added"]
    told = {change.field.name: change.after for change in new.changes}
    assert (told["assignee"], told["note"], told["title"]) == ("Persona asistente.mdd", "Anotado", "Pedir el parte policial")
