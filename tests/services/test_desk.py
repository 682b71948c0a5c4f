"""What waits on each desk: counted as the lists count, seen through the same scope, told without a value."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import User
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate, Precision
from sistra.services import accounts, audit, charge_list, charges, drafts, kept_forms, service_pages, signin, tasks
from sistra.services.charge_list import Query
from sistra.services.desk import changes, duties, figures, house, note, received, unsent
from sistra.services.hand_over import readings, reassignment
from sistra.services.sharing import offers, requests, shares
from sistra.services.throttle import Throttled
from sistra.services.unit import unit_of_work
from tests.factories import hand_over
from tests.factories.charges import amend_charge, open_charge
from tests.factories.rows import AT, made
from tests.factories.sharing import offered, shared
from tests.factories.world import PASSWORD, World

pytestmark = pytest.mark.both_databases
TODAY = date(2026, 3, 27)


@pytest.fixture
def number(fiscal: Viewer) -> str:
    return open_charge(fiscal)


def row(number: str) -> Charge:
    return db.session.scalars(select(Charge).where(Charge.number == number)).one()


def seal(viewer: Viewer, number: str) -> None:
    with unit_of_work():
        charges.seal(viewer, number, confidentiality="SEL", reason="Riesgo", version=row(number).version)


def a_deadline(number: str, days: int, *, confidentiality: str | None = None, **values: Any) -> int:
    """An open deadline of a charge, due so many days from today, and the act that opened it."""
    key = row(number).id
    opener = made(
        Event,
        charge_id=key,
        number=90,
        event_type="DEC-TES",
        occurred_on=PartialDate.of_day(TODAY),
        confidentiality=confidentiality,
    )
    found = made(
        Deadline,
        charge_id=key,
        rule="DIP-ORD",
        opened_by_id=opener.id,
        due_on=TODAY + timedelta(days=days),
        state="ABI",
        **values,
    ).id
    db.session.commit()
    return found


# -- deadlines and tasks ----------------------------------------------------------------------------------------------


def test_deadlines_overdue_or_due_in_fifteen_days_stand_with_the_oldest_first(fiscal: Viewer, number: str) -> None:
    wanted = [a_deadline(number, days) for days in (-40, 0, 15)]
    a_deadline(number, 16)
    a_deadline(number, -3, closed_on=TODAY)
    found = duties.deadlines(fiscal)
    assert ([one.deadline_id for one in found.rows], found.total) == (wanted, 3)


def test_of_many_deadlines_the_first_stand_and_all_are_counted(fiscal: Viewer, number: str) -> None:
    for days in range(12):
        a_deadline(number, days)
    found = duties.deadlines(fiscal)
    assert (len(found.rows), found.total) == (duties.MOST, 12)


def test_each_sees_the_deadlines_of_their_own_charges(world: World, number: str) -> None:
    a_deadline(number, -1)
    assert {
        name: duties.deadlines(world.viewer(name)).total
        for name in ("fiscal.mdd", "fiscal2.mdd", "asistente.mdd", "fiscal.lim", "asistente.lim")
    } == {"fiscal.mdd": 1, "fiscal2.mdd": 0, "asistente.mdd": 1, "fiscal.lim": 0, "asistente.lim": 0}


def test_what_a_sealed_act_opened_is_for_the_team_alone(world: World, fiscal: Viewer, number: str) -> None:
    a_deadline(number, -1, confidentiality="SEL")
    assert (duties.deadlines(fiscal).total, duties.deadlines(world.viewer("asistente.mdd")).total) == (1, 0)


def test_a_charge_sealed_leaves_the_desk_of_who_is_not_on_its_team(world: World, fiscal: Viewer, number: str) -> None:
    a_deadline(number, -1)
    seal(fiscal, number)
    assert (duties.deadlines(fiscal).total, duties.deadlines(world.viewer("asistente.mdd")).total) == (1, 0)


def test_a_shared_charge_is_not_among_ones_own(world: World, fiscal: Viewer, number: str) -> None:
    a_deadline(number, -1)
    shared(world, number, "office:lim", accepted_by="fiscal.lim", sections=("RES", "PLA", "ACT"))
    assert duties.deadlines(world.viewer("fiscal.lim")).total == duties.deadlines(world.viewer("asistente.lim")).total == 0


def a_task(viewer: Viewer, number: str, **values: Any) -> int:
    with unit_of_work():
        return tasks.add(
            viewer,
            number,
            Entry(
                "task",
                {"title": "Pedir informe", "assignee": viewer.user_id, "due_on": None, "priority": "NOR", "note": None} | values,
            ),
        )


def test_own_tasks_stand_by_their_day_and_those_of_others_do_not(world: World, fiscal: Viewer, number: str) -> None:
    without, dated = a_task(fiscal, number), a_task(fiscal, number, due_on=TODAY)
    a_task(world.viewer("fiscal2.mdd"), number)
    done = a_task(fiscal, number)
    with unit_of_work():
        tasks.finish(fiscal, number, done)
    assert [one.task_id for one in duties.tasks(fiscal).rows] == [dated, without]


def test_a_task_of_a_charge_that_moved_away_is_gone(world: World, fiscal: Viewer, number: str) -> None:
    a_task(fiscal, number)
    hand_over.accepted(world, hand_over.offered(world, number))
    assert duties.tasks(fiscal).total == 0


# -- what was typed ---------------------------------------------------------------------------------------------------


def typed(viewer: Viewer, number: str) -> None:
    with unit_of_work():
        drafts.keep(viewer, "charges.create", {"received_on": ["hoy"], "notice_source": ["PNP"], "summary": [" "]})
        drafts.keep(viewer, "charges.edit.hechos", {"narrative": ["x"]}, number=number)
        kept_forms.keep(viewer.user_id, f"/denuncias/{number}/actuaciones/nueva", {"note": ["x"]}, why="session", at=viewer.at)


def test_drafts_and_kept_forms_stand_together(fiscal: Viewer, number: str) -> None:
    typed(fiscal, number)
    found = {one.form.partition(":")[0]: one for one in unsent.listed(fiscal)}
    assert set(found) == {"charges.create", "charges.edit.hechos", "kept"}
    assert found["charges.create"].percent == 100 * 2 // 13
    assert (found["charges.edit.hechos"].number, found["charges.edit.hechos"].percent) == (number, row(number).completeness)
    assert found["kept"].page == f"/denuncias/{number}/actuaciones/nueva"


def test_nobody_sees_what_another_typed(world: World, fiscal: Viewer, number: str) -> None:
    typed(fiscal, number)
    assert unsent.listed(world.viewer("fiscal2.mdd")) == unsent.listed(world.viewer("agencia")) == []


def test_what_was_typed_in_a_charge_out_of_sight_is_not_told(world: World, fiscal: Viewer, number: str) -> None:
    other = world.viewer("asistente.mdd")
    typed(other, number)
    seal(fiscal, number)
    assert [one.form for one in unsent.listed(other)] == ["charges.create"]


def test_a_form_kept_for_more_than_a_week_is_gone(world: World, fiscal: Viewer, number: str) -> None:
    typed(fiscal, number)
    later = world.viewer("fiscal.mdd", at=AT + kept_forms.LASTS + timedelta(seconds=1))
    assert {one.page for one in unsent.listed(later)} == {None}


# -- what was received ------------------------------------------------------------------------------------------------


def test_offers_are_those_of_the_inbox(world: World, fiscal: Viewer, number: str) -> None:
    offered(world, number)
    agency = world.viewer("agencia")
    (one,) = received.grants(agency).offers
    assert (one.number, one.office) == (number, "Despacho mdd")
    assert shares.counted(agency)["recibidas"] == 1 and received.grants(world.viewer("victimas")).offers == []


def test_an_offer_expired_or_of_a_charge_sealed_since_is_gone(world: World, fiscal: Viewer, number: str) -> None:
    offered(world, number, valid_until=TODAY)
    assert received.grants(world.viewer("agencia", at=AT + timedelta(days=1))).offers == []
    seal(fiscal, number)
    assert received.grants(world.viewer("agencia")).offers == []


@pytest.mark.parametrize(("days", "count"), [(0, 1), (15, 1), (16, 0)])
def test_accesses_that_end_within_fifteen_days_are_told(world: World, fiscal: Viewer, number: str, days: int, count: int) -> None:
    shared(world, number, valid_until=TODAY + timedelta(days=days))
    assert len(received.grants(world.viewer("agencia")).ending) == count


def test_referrals_are_those_that_wait_for_the_office(world: World, fiscal: Viewer, number: str) -> None:
    hand_over.offered(world, number)
    for name in ("fiscal.lim", "fiscal.mdd", "coordinadora", "fiscal.ordinaria"):
        viewer = world.viewer(name)
        assert (
            len(received.referrals(viewer))
            == readings.counted(viewer)["por-responder"]
            == (name in ("fiscal.lim", "coordinadora"))
        )


def test_requests_wait_for_the_prosecutors_of_the_office(world: World, fiscal: Viewer, number: str) -> None:
    shared(world, number)
    with unit_of_work():
        requests.ask(
            world.viewer("agencia"),
            number,
            Entry(
                "access_request",
                {
                    "sections": ("DOC",),
                    "profile": "SID",
                    "purpose": "INV",
                    "legal_basis": None,
                    "until": None,
                    "reason": "Para ubicar testigos",
                },
            ),
        )
    assert {
        name: len(received.requests(world.viewer(name))) for name in ("fiscal.mdd", "fiscal2.mdd", "asistente.mdd", "fiscal.lim")
    } == {"fiscal.mdd": 1, "fiscal2.mdd": 1, "asistente.mdd": 0, "fiscal.lim": 0}
    seal(fiscal, number)
    assert received.requests(fiscal) == []


# -- changes ----------------------------------------------------------------------------------------------------------


def sign_in(world: World, name: str, *, at: Any = AT) -> Viewer:
    """A viewer whose session has just begun."""
    signin.sign_in(name, PASSWORD, at=at, address=None, device=None, agent=None, ask_second_factor=False)
    key = max(one.id for one in signin.own_sessions(world.viewer(name, at=at)))
    return world.viewer(name, at=at + timedelta(seconds=1), session_id=key)


def test_changes_begin_at_the_sign_in_before_the_present_one(world: World, fiscal: Viewer, number: str) -> None:
    other = world.viewer("fiscal2.mdd")
    amend_charge(other, number, row(number).version, case_nickname="Antes")
    sign_in(world, "fiscal.mdd", at=AT + timedelta(hours=1))
    amend_charge(
        world.viewer("fiscal2.mdd", at=AT + timedelta(hours=2)),
        number,
        row(number).version,
        carpeta_number="2706014501-2026-417-0",
    )
    found = changes.of_own(sign_in(world, "fiscal.mdd", at=AT + timedelta(hours=3)))
    assert found.since == AT + timedelta(hours=1)
    assert [(one.number, one.action, [field.name for field in one.fields], one.who) for one in found.rows] == [
        (number, "charge.amended", ["carpeta_number"], "Persona fiscal2.mdd")
    ]


def test_at_a_first_sign_in_changes_begin_with_the_account(world: World, fiscal: Viewer, number: str) -> None:
    amend_charge(world.viewer("fiscal2.mdd"), number, row(number).version, case_nickname="Otro")
    db.session.get_one(User, world.users["fiscal.mdd"]).created_at = AT - timedelta(days=9)
    db.session.commit()
    found = changes.of_own(sign_in(world, "fiscal.mdd", at=AT + timedelta(hours=1)))
    assert found.since == AT - timedelta(days=9)
    assert [one.action for one in found.rows] == ["charge.amended"]


def test_an_account_made_by_invitation_has_no_older_news(world: World, fiscal: Viewer, number: str) -> None:
    amend_charge(world.viewer("fiscal2.mdd"), number, row(number).version, case_nickname="Antes")
    with unit_of_work():
        accounts.set_roles(
            world.viewer("admin"), "asistente.mdd", roles=("ASISTENTE",), office_id=world.offices["lim"], reason="Traslado"
        )
    with unit_of_work():
        accounts.set_roles(
            world.viewer("admin"), "asistente.mdd", roles=("ASISTENTE",), office_id=world.offices["mdd"], reason="Regreso"
        )
    amend_charge(world.viewer("fiscal2.mdd"), number, row(number).version, case_nickname="Luego")
    assert len(changes.of_own(world.viewer("asistente.mdd")).rows) == 1


def test_ones_own_changes_are_no_news(world: World, fiscal: Viewer, number: str) -> None:
    amend_charge(fiscal, number, row(number).version, case_nickname="Mío")
    assert changes.of_own(fiscal).rows == []


def test_ten_changes_stand_and_more_are_told_of(world: World, fiscal: Viewer, number: str) -> None:
    for times in range(11):
        amend_charge(world.viewer("fiscal2.mdd"), number, row(number).version, case_nickname=f"Caso {times}")
    found = changes.of_own(fiscal)
    assert (len(found.rows), found.more) == (10, True)
    assert found.rows[0].at >= found.rows[-1].at


def test_changes_are_of_ones_own_charges_alone(world: World, fiscal: Viewer, number: str) -> None:
    amend_charge(fiscal, number, row(number).version, case_nickname="Otro")
    shared(world, number, "office:lim", accepted_by="fiscal.lim")
    seen = {
        name: len(changes.of_own(world.viewer(name)).rows)
        for name in ("fiscal2.mdd", "asistente.mdd", "fiscal.lim", "asistente.lim")
    }
    assert seen["asistente.mdd"] > 0 and (seen["fiscal2.mdd"], seen["fiscal.lim"], seen["asistente.lim"]) == (0, 0, 0)
    seal(fiscal, number)
    assert changes.of_own(world.viewer("asistente.mdd")).rows == []


def test_a_sealed_act_is_no_news_outside_the_team(world: World, fiscal: Viewer, number: str) -> None:
    hidden = a_deadline(number, 3, confidentiality="SEL")
    key = row(number).id
    with unit_of_work():
        for thing, thing_id in (("deadline", hidden), ("event", db.session.get_one(Deadline, hidden).opened_by_id)):
            audit.note(
                world.viewer("fiscal2.mdd"),
                f"{thing}.amended",
                audit.Subject(thing, thing_id, key),
                changes=[{"field": "note", "before": 1, "after": 2}],
            )
    assert {one.action for one in changes.of_own(fiscal).rows} >= {"deadline.amended", "event.amended"}
    assert not {one.action for one in changes.of_own(world.viewer("asistente.mdd")).rows} & {"deadline.amended", "event.amended"}


def shared_changes(world: World, name: str = "agencia", *, at: Any = AT) -> list[tuple[str, list[str], str]]:
    return [
        (one.action, [field.name for field in one.fields], one.who) for one in changes.of_shared(world.viewer(name, at=at)).rows
    ]


def test_a_recipient_reads_changes_of_open_sections_since_it_accepted(world: World, fiscal: Viewer, number: str) -> None:
    later = world.viewer("fiscal.mdd", at=AT + timedelta(hours=1))
    amend_charge(fiscal, number, row(number).version, summary="Antes de compartir")
    shared(world, number, sections=("RES",), at=AT + timedelta(minutes=1))
    amend_charge(later, number, row(number).version, summary="Después", organised_group=True, narrative="Otro relato")
    assert shared_changes(world, at=AT + timedelta(hours=2)) == [("charge.amended", ["summary"], "Despacho mdd")]


def test_a_recipient_reads_of_parts_only_in_open_sections(world: World, fiscal: Viewer, number: str) -> None:
    shared(world, number, sections=("RES", "AGR"))
    key, late = row(number).id, AT + timedelta(hours=1)
    with unit_of_work():
        for thing in ("victim", "accused", "identity", "task", "charge_grant", "event"):
            audit.note(
                world.viewer("fiscal.mdd", at=late),
                f"{thing}.amended",
                audit.Subject(thing, 999, key),
                changes=[{"field": "x", "before": 1, "after": 2}],
            )
    assert [action for action, *_ in shared_changes(world, at=late)] == ["victim.amended"]


def test_a_recipient_reads_of_measures_only_of_the_kind_that_is_open(world: World, fiscal: Viewer, number: str) -> None:
    shared(world, number, sections=("RES", "MPR"))
    key, late = row(number).id, AT + timedelta(hours=1)
    with unit_of_work():
        for kind, field in (("COE", "ordered_on"), ("PRO", "requested_on")):
            audit.note(
                world.viewer("fiscal.mdd", at=late),
                "measure.amended",
                audit.Subject("measure", made(Measure, charge_id=key, kind=kind, state="VIG").id, key),
                changes=[{"field": field, "before": 1, "after": 2}],
            )
    assert [fields for _, fields, _ in shared_changes(world, at=late)] == [["requested_on"]]


def test_after_revocation_or_sealing_a_recipient_reads_nothing(world: World, fiscal: Viewer, number: str) -> None:
    key = shared(world, number)
    amend_charge(world.viewer("fiscal.mdd", at=AT + timedelta(hours=1)), number, row(number).version, summary="Otro")
    at = AT + timedelta(hours=2)
    assert len(shared_changes(world, at=at)) == 1
    assert shared_changes(world, "victimas", at=at) == []
    with unit_of_work():
        offers.revoke(world.viewer("fiscal.mdd", at=at), number, key, "Ya no hace falta")
    assert shared_changes(world, at=at) == []


# -- figures ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def several(world: World, fiscal: Viewer) -> list[str]:
    """Charges of two offices: overdue, due, closed, undetermined, sealed, and one shared with Lima."""
    found = [open_charge(fiscal) for _ in range(5)] + [
        open_charge(world.viewer(name)) for name in ("fiscal2.mdd", "fiscal.lim", "fiscal.ordinaria")
    ]
    for number, days in ((found[0], -1), (found[1], 3), (found[6], -9)):
        row(number).next_due_on = TODAY + timedelta(days=days)
    row(found[2]).status, row(found[3]).completeness = "ARC", 100
    row(found[1]).purpose_known, row(found[1]).received_on = None, PartialDate.of_day(TODAY - timedelta(days=200))
    db.session.commit()
    seal(fiscal, found[4])
    shared(world, found[0], "office:lim", accepted_by="fiscal.lim", sections=("RES",))
    shared(world, found[1])
    return found


FIGURES = {
    "of_prosecution": ("fiscal.mdd", "fiscal2.mdd", "asistente.mdd", "fiscal.lim"),
    "of_supervision": ("coordinadora", "presidencia.mdd"),
    "of_quality": ("coordinadora", "presidencia.mdd"),
    "of_recipient": ("agencia", "victimas"),
}


@pytest.mark.parametrize(("which", "name"), [(which, name) for which, names in FIGURES.items() for name in names])
def test_every_figure_is_the_total_of_the_list_that_it_opens(world: World, several: list[str], which: str, name: str) -> None:
    viewer = world.viewer(name)
    found = getattr(figures, which)(viewer)
    assert [one.number for one in found] == [charge_list.page(viewer, one.query).totals.charges for one in found]


def test_the_figures_of_a_prosecutor(world: World, fiscal: Viewer, several: list[str]) -> None:
    assert {one.name: one.number for one in figures.of_prosecution(fiscal)} == {
        "abiertas": 4,
        "vencidas": 1,
        "por-vencer": 1,
        "incompletas": 3,
        "despacho": 5,
        "despacho-vencidas": 1,
    }


@pytest.mark.parametrize("name", ["coordinadora", "presidencia.mdd"])
def test_every_number_of_the_load_is_the_total_of_its_list(world: World, several: list[str], name: str) -> None:
    viewer = world.viewer(name)
    found = figures.loads(viewer, world.offices["mdd"])
    assert found.offices and found.people
    for one in (*found.offices, *found.people):
        assert one.open == charge_list.page(viewer, one.query(figures.OPEN_ONES)).totals.charges
        assert one.overdue == charge_list.page(viewer, one.query(figures.OVERDUE)).totals.charges


def test_the_load_tells_the_median_days_and_the_most_overdue_first(world: World, fiscal: Viewer, several: list[str]) -> None:
    days = {several[0]: 10, several[1]: 200, several[3]: 31, several[5]: 41}
    for number, since in days.items():
        row(number).received_on = PartialDate.of_day(TODAY - timedelta(days=since))
    db.session.commit()
    found = figures.loads(world.viewer("coordinadora"), world.offices["mdd"])
    assert {one.name: (one.open, one.overdue) for one in found.offices} == {"Despacho mdd": (4, 1), "Despacho lim": (1, 1)}
    assert next(one.median_days for one in found.offices if one.name == "Despacho mdd") == 36
    assert [(one.name, one.median_days) for one in found.people] == [("Persona fiscal.mdd", 31), ("Persona fiscal2.mdd", 41)]


def _moved(charge: Charge, before: str, after: str, days: int | None, **values: Any) -> Event:
    """An act that took the charge from one stage to another, so many days ago (None: nobody knows when)."""
    found = PartialDate.of_day(TODAY - timedelta(days=days)) if days is not None else PartialDate(None, None, Precision.NOT_KNOWN)
    about = {"charge_id": charge.id} if "court_case_id" not in values else {}
    return made(Event, number=80 + (days or 0), event_type="FOR-DIS", occurred_on=found, stage_before=before, stage_after=after,
                confidentiality=None, **about, **values)


def test_the_median_counts_from_the_day_the_stage_began(world: World, fiscal: Viewer, number: str) -> None:
    charge = row(number)
    case = made(CourtCase, court_case_kind="PRI")
    made(ChargeCourtCase, charge_id=charge.id, court_case_id=case.id, link="ORI")

    def told() -> int | None:
        db.session.commit()
        return figures.loads(world.viewer("coordinadora"), world.offices["mdd"]).people[0].median_days

    charge.received_on = PartialDate.of_day(TODAY - timedelta(days=400))
    assert told() == 400
    charge.stage = "40-IPF"
    _moved(charge, "30-DIP", "40-IPF", 90)
    within = _moved(charge, "40-IPF", "40-IPF", 20)
    assert within.stage_before == "40-IPF" and told() == 90, "what moves nothing begins nothing"
    charge.stage = "60-JUI"
    entered = _moved(charge, "50-INT", "60-JUI", 30, court_case_id=case.id)
    assert told() == 30, "acts of a court case count too"
    later = _moved(charge, "50-INT", "60-JUI", 5, court_case_id=case.id)
    assert told() == 5
    later.reversed_by_id = entered.id
    assert told() == 30, "an act left without effect began nothing"
    charge.stage = "70-SEN"
    _moved(charge, "60-JUI", "70-SEN", None)
    assert told() is None, "a stage that began on no known day is not counted from the reception"


def test_an_office_out_of_sight_is_no_choice(world: World, several: list[str]) -> None:
    found = figures.loads(world.viewer("presidencia.mdd"), world.offices["lim"])
    assert found.people == [] and "Despacho lim" not in {one.name for one in found.offices}


def test_charges_without_a_prosecutor_in_office_are_those_of_assignment(world: World, several: list[str]) -> None:
    with unit_of_work():
        accounts.set_suspended(world.viewer("admin"), "fiscal2.mdd", suspend=True, reason="Cese")
    viewer = world.viewer("coordinadora", at=AT + timedelta(days=1))
    assert reassignment.without_responsible(viewer) == 1
    assert reassignment.assignment(viewer, reassignment.Filters(absent=True)).total == 1


def test_services_pending_are_the_rows_of_their_list(world: World, several: list[str]) -> None:
    viewer = world.viewer("fiscal.mdd")
    for code, number in service_pages.pending(viewer).items():
        assert service_pages.across(viewer, service_pages.Query({"situacion": (code,)})).total == number


# -- those who see no case --------------------------------------------------------------------------------------------


def test_users_are_counted_as_their_list_shows_them(world: World, session: Any) -> None:
    admin = world.viewer("admin")
    with unit_of_work():
        accounts.invite(
            admin,
            username="nueva",
            full_name="Persona Nueva",
            email="nueva@example.test",
            office_id=world.offices["mdd"],
            roles=("FISCAL",),
        )
        accounts.set_suspended(admin, "fiscal2.mdd", suspend=True, reason="Cese")
    for _ in range(signin.ACCOUNT_FAILURES):
        with pytest.raises((signin.Refused, Throttled)):
            signin.sign_in("asistente.mdd", "otra", at=AT, address=None, device=None, agent=None)
    assert house.users(admin) == {"invitadas": 1, "suspendidas": 1, "bloqueadas": 1}
    shut = signin.shut_out(admin.at)
    listed = {state: [one.username for one in accounts.users(admin, state=state, shut_out=shut)] for state in accounts.STATES}
    assert listed == {"invitadas": ["nueva"], "suspendidas": ["fiscal2.mdd"], "bloqueadas": ["asistente.mdd"]}
    assert signin.shut_out(AT + timedelta(hours=1)) == frozenset()


def test_the_auditor_reads_how_often_each_act_was_noted(world: World, fiscal: Viewer, number: str) -> None:
    found = house.trail(world.viewer("auditora"))
    assert ("charge.opened", 1) in found.acts
    assert found.entries == len(db.session.scalars(select(TrailEntry.number)).all())


def test_downloads_are_ones_own(world: World, fiscal: Viewer) -> None:
    with unit_of_work():
        audit.note(fiscal, "list.exported", audit.Subject("charge"))
    assert [one.action for one in house.downloads(fiscal)] == ["list.exported"]
    assert house.downloads(world.viewer("analista")) == []


@pytest.mark.parametrize(
    ("question", "names"),
    [
        (duties.deadlines, ("agencia", "coordinadora", "admin")),
        (duties.tasks, ("agencia", "analista")),
        (changes.of_own, ("agencia", "auditora")),
        (changes.of_shared, ("admin", "analista", "auditora")),
        (received.grants, ("admin", "analista")),
        (received.referrals, ("agencia", "admin")),
        (figures.of_prosecution, ("admin", "auditora")),
        (figures.of_supervision, ("admin",)),
        (figures.loads, ("fiscal.mdd", "agencia", "admin")),
        (house.users, ("fiscal.mdd", "auditora")),
        (house.trail, ("fiscal.mdd", "admin")),
        (reassignment.without_responsible, ("fiscal.mdd",)),
    ],
)
def test_a_block_is_refused_to_other_roles(session: Any, world: World, question: Any, names: tuple[str, ...]) -> None:
    for name in names:
        with pytest.raises(Forbidden):
            question(world.viewer(name))


def test_a_desk_that_showed_charges_is_on_the_trail_once(fiscal: Viewer, number: str) -> None:
    with unit_of_work():
        note(fiscal, [])
        note(fiscal, [2, 1, 2])
    entries = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "desk.read")).all()
    assert [entry.detail for entry in entries] == [{"charges": [1, 2]}]


def test_an_empty_query_counts_everything_in_sight(world: World, several: list[str]) -> None:
    assert charge_list.numbers(world.viewer("coordinadora"), [Query()]) == [7]
