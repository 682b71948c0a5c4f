"""A sealed charge is opened by two: one of its team asks, another person decides."""
from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from sistra.access.standing import Forbidden, NotVisible
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge
from sistra.models.unsealing import Unsealing
from sistra.rules.problems import Rejected
from sistra.services import charges, unsealing
from sistra.services.unit import Busy, unit_of_work
from tests.factories.charges import open_charge
from tests.factories.databases import OwnDatabase
from tests.factories.rows import AT
from tests.factories.world import World, build_world

pytestmark = pytest.mark.both_databases
WHY = "El operativo ya se realizó en el puerto"


@pytest.fixture
def number(session: Any, world: World) -> str:
    """A sealed charge whose team is fiscal.mdd alone."""
    number = open_charge(world.viewer("fiscal.mdd"))
    act(charges.seal, world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=1)
    return number


def act(verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with unit_of_work():
        return verb(*args, **kwargs)


def ask(world: World, number: str, wanted: str = "RES", by: str = "fiscal.mdd") -> None:
    act(unsealing.request, world.viewer(by), number, confidentiality=wanted, reason=WHY)


def decide(world: World, number: str, by: str, *, approve: bool = True, reason: str = "Conforme") -> None:
    act(unsealing.decide, world.viewer(by), number, approve=approve, reason=reason)


def join(world: World, number: str, name: str, part: str = "ADJ") -> None:
    act(charges.add_member, world.viewer("fiscal.mdd"), number, user_id=world.users[name], part=part)


def level(number: str) -> str:
    return db.session.scalars(select(Charge.confidentiality).where(Charge.number == number)).one()


def entries(prefix: str) -> list[TrailEntry]:
    return list(db.session.scalars(select(TrailEntry).where(TrailEntry.action.startswith(prefix)).order_by(TrailEntry.number)))


@pytest.mark.parametrize(("present", "wanted"), [("SEL", "RES"), ("COL", "RES"), ("COL", "SEL")])
def test_nobody_opens_a_charge_further_alone(world: World, number: str, present: str, wanted: str) -> None:
    if present == "COL":
        act(charges.seal, world.viewer("fiscal.mdd"), number, confidentiality="COL", reason="Riesgo", version=2)
    with pytest.raises(Rejected):
        act(charges.seal, world.viewer("fiscal.mdd"), number, confidentiality=wanted, reason=WHY, version=3)
    assert level(number) == present


def test_a_charge_is_closed_further_by_one_person(world: World, number: str) -> None:
    act(charges.seal, world.viewer("fiscal.mdd"), number, confidentiality="COL", reason="Riesgo", version=2)
    assert level(number) == "COL"


def test_a_request_changes_nothing_but_stands_with_its_reason(world: World, number: str) -> None:
    ask(world, number)
    asked = unsealing.pending(world.viewer("coordinadora"), number)
    assert level(number) == "SEL"
    assert asked is not None and (asked.present, asked.wanted, asked.reason) == ("SEL", "RES", WHY)
    assert asked.requested_by == "Persona fiscal.mdd" and asked.decides and not asked.own
    with pytest.raises(NotVisible):
        charges.folder(world.viewer("fiscal2.mdd"), number)


@pytest.mark.parametrize("name", ["coordinadora", "presidencia.mdd"])
def test_a_supervisor_within_whose_sight_it_is_approves_with_effect_at_once(world: World, number: str, name: str) -> None:
    ask(world, number)
    decide(world, number, name)
    assert level(number) == "RES"
    assert charges.folder(world.viewer("fiscal2.mdd"), number).charge.number == number
    assert unsealing.pending(world.viewer(name), number) is None


def test_another_prosecutor_of_the_team_approves(world: World, number: str) -> None:
    join(world, number, "fiscal2.mdd")
    ask(world, number)
    decide(world, number, "fiscal2.mdd")
    assert level(number) == "RES"


def test_who_asked_does_not_decide(world: World, number: str) -> None:
    ask(world, number)
    with pytest.raises(Rejected):
        decide(world, number, "fiscal.mdd")
    assert level(number) == "SEL"


@pytest.mark.parametrize("name", ["fiscal2.mdd", "fiscal.lim", "asistente.mdd", "agencia", "auditora", "admin", "analista"])
def test_for_nobody_else_there_is_anything_to_decide(world: World, number: str, name: str) -> None:
    ask(world, number)
    for verb in (lambda viewer: unsealing.pending(viewer, number), lambda viewer: decide(world, number, name)):
        with pytest.raises(NotVisible):
            verb(world.viewer(name))


def test_an_assistant_of_the_team_neither_asks_nor_decides(world: World, number: str) -> None:
    join(world, number, "asistente.mdd", "ASI")
    with pytest.raises(Forbidden):
        ask(world, number, by="asistente.mdd")
    ask(world, number)
    with pytest.raises(Forbidden):
        decide(world, number, "asistente.mdd")
    assert unsealing.pending(world.viewer("asistente.mdd"), number) is None


def test_supervisors_do_not_ask(world: World, number: str) -> None:
    with pytest.raises(Forbidden):
        ask(world, number, by="coordinadora")


def test_effective_collaboration_is_decided_within_the_team(world: World, number: str) -> None:
    act(charges.seal, world.viewer("fiscal.mdd"), number, confidentiality="COL", reason="Riesgo", version=2)
    join(world, number, "fiscal2.mdd")
    ask(world, number, "SEL")
    with pytest.raises(NotVisible):
        decide(world, number, "coordinadora")
    decide(world, number, "fiscal2.mdd")
    assert level(number) == "SEL"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_both_give_their_reason(world: World, number: str, reason: str) -> None:
    with pytest.raises(Rejected):
        act(unsealing.request, world.viewer("fiscal.mdd"), number, confidentiality="RES", reason=reason)
    ask(world, number)
    with pytest.raises(Rejected):
        decide(world, number, "coordinadora", reason=reason)
    assert level(number) == "SEL"


@pytest.mark.parametrize("wanted", ["SEL", "COL", "PUB", ""])
def test_only_less_than_the_present_level_is_asked_for(world: World, number: str, wanted: str) -> None:
    with pytest.raises(Rejected):
        ask(world, number, wanted)


def test_there_is_one_pending_request_at_a_time(world: World, number: str) -> None:
    ask(world, number)
    with pytest.raises(Rejected):
        ask(world, number)


def test_a_refusal_leaves_the_seal_and_another_request_may_follow(world: World, number: str) -> None:
    ask(world, number)
    decide(world, number, "coordinadora", approve=False)
    assert level(number) == "SEL" and unsealing.pending(world.viewer("fiscal.mdd"), number) is None
    ask(world, number)


def test_a_request_is_taken_back_by_who_made_it_alone(world: World, number: str) -> None:
    join(world, number, "fiscal2.mdd")
    ask(world, number)
    with pytest.raises(Rejected):
        act(unsealing.withdraw, world.viewer("fiscal2.mdd"), number)
    act(unsealing.withdraw, world.viewer("fiscal.mdd"), number)
    with pytest.raises(Rejected):
        decide(world, number, "coordinadora")
    assert level(number) == "SEL"


def test_a_request_of_who_left_the_team_is_not_approved(world: World, number: str) -> None:
    join(world, number, "fiscal2.mdd")
    ask(world, number, by="fiscal2.mdd")
    act(charges.remove_member, world.viewer("fiscal.mdd"), number, user_id=world.users["fiscal2.mdd"])
    with pytest.raises(Rejected):
        decide(world, number, "coordinadora")
    decide(world, number, "coordinadora", approve=False)


def test_a_request_does_not_outlive_a_change_of_the_seal(world: World, number: str) -> None:
    join(world, number, "fiscal2.mdd")
    ask(world, number)
    act(charges.seal, world.viewer("fiscal2.mdd"), number, confidentiality="COL", reason="Colabora", version=2)
    with pytest.raises(Rejected):
        decide(world, number, "fiscal2.mdd")
    assert level(number) == "COL"


def test_each_step_is_on_the_trail_of_the_charge_with_who_took_it(world: World, number: str) -> None:
    ask(world, number)
    decide(world, number, "coordinadora")
    found = entries("unsealing.") + entries("charge.unsealed")
    assert [(one.action, one.actor_id) for one in found] == [
        ("unsealing.requested", world.users["fiscal.mdd"]), ("unsealing.approved", world.users["coordinadora"]),
        ("charge.unsealed", world.users["coordinadora"])]
    assert len({one.charge_id for one in found}) == 1 and found[0].charge_id is not None


def test_reasons_stand_nowhere_in_plain(world: World, number: str) -> None:
    ask(world, number)
    decide(world, number, "coordinadora", reason="Conforme con el puerto")
    row = db.session.scalars(select(Unsealing)).one()
    assert b"puerto" not in row.reason and row.decision_reason is not None and b"puerto" not in row.decision_reason
    assert all("puerto" not in repr((one.changes, one.detail, one.reason)) for one in entries("unsealing."))


def test_of_many_who_decide_at_once_one_does(own_database: OwnDatabase) -> None:
    app = own_database.app
    with app.app_context():
        with unit_of_work():
            world = build_world()
        number = open_charge(world.viewer("fiscal.mdd"))
        act(charges.seal, world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=1)
        ask(world, number)
        db.session.remove()
    done: list[bool] = []

    def decided(place: int) -> None:
        with app.app_context():
            viewer = world.viewer(("coordinadora", "presidencia.mdd")[place % 2], at=AT + timedelta(seconds=place))
            try:
                act(unsealing.decide, viewer, number, approve=place % 3 > 0, reason="Conforme")
                done.append(place % 3 > 0)
            except (Rejected, Busy):
                pass
            db.session.remove()
    threads = [threading.Thread(target=decided, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert len(done) == 1
        assert (level(number) == "RES") == done[0]
        assert db.session.scalar(select(func.count()).select_from(TrailEntry).where(
            TrailEntry.action.in_(("unsealing.approved", "unsealing.refused")))) == 1
        db.session.remove()
