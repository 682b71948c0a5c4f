"""Who saw a charge, as the auditor is told: lists that name its persons or its work included."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.rules.entries import Entry
from sistra.services import court_cases, desk, oversight, person_search, service_pages, tasks
from sistra.services.desk import duties
from sistra.services.unit import unit_of_work
from tests.factories.assistance import a_service
from tests.factories.charges import open_charge
from tests.factories.people import victim_in
from tests.factories.rows import AT, made
from tests.factories.sharing import shared
from tests.factories.world import World

DAY = timedelta(days=1)


@pytest.fixture
def number(session: Any, world: World) -> str:
    fiscal = world.viewer("fiscal.mdd")
    number = open_charge(fiscal)
    victim_in(fiscal, number, {"given_names": "Qanaria", "surname_paternal": "Inventada"}, sex="M", age_at_facts=24)
    a_service(fiscal, number)
    return number


def told(world: World, number: str, username: str) -> set[str]:
    with unit_of_work():
        pass
    return {one.action for one in oversight.who(world.viewer("auditora"), number, AT - DAY, AT + DAY) if one.username == username}


def test_who_read_the_list_of_services_is_told(world: World, number: str) -> None:
    shared(world, number, "user:victimas", accepted_by="victimas", sections=("AGR", "ATE"))
    with unit_of_work():
        assert [one.number for one in service_pages.across(world.viewer("victimas"), service_pages.Query()).rows] == [number]
    assert "services.listed" in told(world, number, "victimas")


def test_who_read_the_list_of_tasks_or_their_desk_is_told(world: World, number: str) -> None:
    other = world.viewer("fiscal2.mdd")
    with unit_of_work():
        tasks.add(other, number, Entry("task", {"title": "Oficiar", "assignee": world.users["asistente.mdd"]}))
    reader = world.viewer("asistente.mdd")
    with unit_of_work():
        assert [one.number for one in tasks.listed(reader, tasks.MINE)] == [number]
        desk.note(reader, [one.charge_id for one in duties.tasks(reader).rows])
    assert {"tasks.listed", "desk.read"} <= told(world, number, "asistente.mdd")


def test_who_found_its_persons_by_name_is_told_and_who_found_others_is_not(world: World, number: str) -> None:
    with unit_of_work():
        found = person_search.search(world.viewer("asistente.mdd"), names="Qanaria Inventada")
        other = person_search.search(world.viewer("fiscal2.mdd"), names="Nadie Conocida")
    with unit_of_work():
        assert [one.number for one in person_search.results(world.viewer("asistente.mdd"), found).found] == [number]
        assert person_search.results(world.viewer("fiscal2.mdd"), other).found == []
    assert "person.results_read" in told(world, number, "asistente.mdd")
    assert "person.results_read" not in told(world, number, "fiscal2.mdd")


def test_who_read_a_court_case_through_the_charge_is_told_and_who_came_by_another_is_not(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.lim"))
    with unit_of_work():
        case = made(CourtCase, court_case_kind="PRI", created_at=AT, updated_at=AT)
        for charge_id in db.session.scalars(select(Charge.id)).all():
            made(ChargeCourtCase, charge_id=charge_id, court_case_id=case.id, link="INI", unlinked_on=None)
    for name in ("asistente.mdd", "asistente.lim"):
        with unit_of_work():
            court_cases.folder(world.viewer(name), case.id)
    assert "court_case.read" in told(world, number, "asistente.mdd")
    assert "court_case.read" not in told(world, number, "asistente.lim")
    assert "court_case.read" in told(world, other, "asistente.lim")
