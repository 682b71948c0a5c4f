"""Two acts at once: one waits for the other, and the second goes by what the first left."""
from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.db import db
from sistra.models.charges import Charge, ChargeAccess
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Event
from sistra.models.sharing import AccessRequest
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.services import charges, court_events, people
from sistra.services.hand_over import joining, referrals
from sistra.services.sharing import answers, offers, requests
from sistra.services.unit import Busy, Stale, unit_of_work
from tests.factories.charges import open_charge
from tests.factories.databases import OwnDatabase
from tests.factories.hand_over import joinder_entry, referral_entry
from tests.factories.people import victim_in
from tests.factories.rows import AT, made
from tests.factories.sharing import UNTIL, offer_entry, offered, shared
from tests.factories.world import World, build_world

pytestmark = pytest.mark.both_databases
Act = Callable[[World], Any]
REFUSALS = (NotVisible, Forbidden, Rejected, Stale, Busy)
PATIENCE = 1.0
"""Seconds that the second act has to come as far as it can before the first is kept."""


class Stage:
    """A charge in a database of its own, on which two acts meet."""

    def __init__(self, own: OwnDatabase) -> None:
        self.app = own.app
        with self.app.app_context():
            with unit_of_work():
                self.world = build_world()
            self.number = open_charge(self.world.viewer("fiscal.mdd"), victims_declared="0", minors_declared="0")
            db.session.remove()

    def prepared(self, act: Callable[[], Any]) -> Any:
        with self.app.app_context():
            found = act()
            db.session.remove()
        return found

    def meet(self, first: Act, second: Act) -> list[BaseException | None]:
        """Lets `second` run while what `first` wrote is not kept yet; gives what each was refused by."""
        refused: list[BaseException | None] = [None, None]
        written, kept = threading.Event(), threading.Event()

        def lead() -> None:
            with unit_of_work():
                first(self.world)
                db.session.flush()
                written.set()
                kept.wait(10)

        def follow() -> None:
            with unit_of_work():
                second(self.world)

        def run(place: int, act: Callable[[], None]) -> None:
            with self.app.app_context():
                try:
                    act()
                except REFUSALS as error:
                    refused[place] = error
                finally:
                    written.set()
                    db.session.remove()
        threads = [threading.Thread(target=run, args=(0, lead)), threading.Thread(target=run, args=(1, follow))]
        threads[0].start()
        assert written.wait(10)
        threads[1].start()
        threads[1].join(PATIENCE)
        kept.set()
        for thread in threads:
            thread.join(20)
        return refused

    def seal(self, world: World) -> None:
        version = db.session.scalars(select(Charge.version).where(Charge.number == self.number)).one()
        charges.seal(world.viewer("fiscal.mdd"), self.number, confidentiality="SEL", reason="Riesgo", version=version)

    def granted_rows(self) -> list[str]:
        return self.prepared(lambda: list(db.session.scalars(select(ChargeAccess.principal).where(ChargeAccess.grant_id != 0))))


@pytest.fixture
def stage(own_database: OwnDatabase) -> Stage:
    return Stage(own_database)


@pytest.mark.parametrize("sealed_first", [True, False])
def test_an_offer_accepted_while_the_charge_is_sealed_opens_nothing(stage: Stage, sealed_first: bool) -> None:
    key = stage.prepared(lambda: offered(stage.world, stage.number))

    def accept(world: World) -> None:
        answers.accept(world.viewer("agencia"), key)
    stage.meet(*((stage.seal, accept) if sealed_first else (accept, stage.seal)))
    assert stage.prepared(lambda: db.session.scalars(select(Charge.confidentiality)).one()) == "SEL"
    assert stage.granted_rows() == []


@pytest.mark.parametrize("sealed_first", [True, False])
def test_a_request_granted_while_the_charge_is_sealed_opens_nothing(stage: Stage, sealed_first: bool) -> None:
    def asked() -> int:
        shared(stage.world, stage.number)
        with unit_of_work():
            return requests.ask(stage.world.viewer("agencia"), stage.number, Entry("access_request", {
                "sections": ("DEL",), "profile": "SID", "purpose": "PRO", "legal_basis": "PROT", "until": UNTIL,
                "reason": "Cruce"}))
    key = stage.prepared(asked)

    def grant(world: World) -> None:
        entry = offer_entry(world, sections=("DEL",))
        values = {name: value for name, value in entry.values.items() if not name.startswith("target")}
        requests.grant(world.viewer("fiscal2.mdd"), stage.number, key, Entry("grant", values))
    stage.meet(*((stage.seal, grant) if sealed_first else (grant, stage.seal)))
    assert stage.prepared(lambda: db.session.scalars(select(Charge.confidentiality)).one()) == "SEL"
    assert stage.granted_rows() == []


def test_a_second_offer_to_the_same_agency_is_told_of_the_first(stage: Stage) -> None:
    def offer(name: str) -> Act:
        return lambda world: offers.offer(world.viewer(name), stage.number, offer_entry(world))
    refused = stage.meet(offer("fiscal.mdd"), offer("fiscal2.mdd"))
    assert refused[0] is None and isinstance(refused[1], Rejected)


def test_of_two_requests_at_once_of_one_agency_one_waits_and_the_other_joins_it(stage: Stage) -> None:
    stage.prepared(lambda: shared(stage.world, stage.number))

    def ask(section: str) -> Act:
        return lambda world: requests.ask(world.viewer("agencia"), stage.number, Entry("access_request", {
            "sections": (section,), "profile": "SID", "purpose": "PRO", "legal_basis": "PROT", "until": UNTIL,
            "reason": "Cruce"}))
    stage.meet(ask("DEL"), ask("IMP"))
    waiting = stage.prepared(lambda: [row.sections for row in db.session.scalars(
        select(AccessRequest).where(AccessRequest.state == requests.PENDING))])
    assert waiting == [("RES", "IMP", "DEL")]


def test_nothing_is_joined_to_a_charge_that_is_just_being_referred(stage: Stage) -> None:
    other = stage.prepared(lambda: open_charge(stage.world.viewer("fiscal.mdd")))
    refused = stage.meet(
        lambda world: referrals.offer(world.viewer("fiscal.mdd"), stage.number, referral_entry(world)),
        lambda world: joining.join(world.viewer("fiscal2.mdd"), other, stage.number, joinder_entry()))
    assert refused[0] is None and isinstance(refused[1], (Stale, Rejected))
    assert stage.prepared(lambda: db.session.scalars(select(Charge.joined_into_id).where(Charge.number == other)).one()) is None


def test_a_court_case_tells_the_hearing_that_stands_after_two_acts_at_once(stage: Stage) -> None:
    def case_of() -> int:
        charge_id = db.session.scalars(select(Charge.id)).one()
        with unit_of_work():
            case = made(
                CourtCase, court_case_kind="PRI", prosecution_office_id=stage.world.offices["mdd"], created_at=AT, updated_at=AT)
            made(ChargeCourtCase, charge_id=charge_id, court_case_id=case.id, link="INI", unlinked_on=None)
            case_id = int(case.id)
        with unit_of_work():
            schedule(case_id, 10)(stage.world)
        return case_id

    def schedule(key: int, days: int, by: str = "fiscal.mdd") -> Act:
        return lambda world: court_events.record(world.viewer(by), key, "JUI-CIT", Entry("event", {
            "occurred_on": PartialDate.of_day(AT.date()), "scheduled_for": AT + timedelta(days=days)}))
    key = stage.prepared(case_of)
    stage.meet(schedule(key, 5), schedule(key, 10, "fiscal2.mdd"))
    told, last = stage.prepared(lambda: (db.session.scalars(select(CourtCase.next_hearing_at)).one(), db.session.scalars(
        select(Event.scheduled_for).where(Event.court_case_id == key).order_by(Event.id.desc())).first()))
    assert told == last


def test_totals_count_what_two_acts_at_once_left(stage: Stage) -> None:
    def two() -> None:
        for _ in range(2):
            victim_in(stage.world.viewer("fiscal.mdd"), stage.number, sex="M", age_at_facts=24)
    stage.prepared(two)

    def withdraw(world: World) -> None:
        people.withdraw(world.viewer("fiscal.mdd"), stage.number, "A-2", reason="Se registró dos veces")

    def add(world: World) -> None:
        people.add_victim(world.viewer("fiscal2.mdd"), stage.number, Entry("victim", {"sex": "H", "age_at_facts": 30}))
    refused = stage.meet(withdraw, add)
    entered = 2 - (refused[0] is None) + (refused[1] is None)
    assert stage.prepared(lambda: db.session.scalars(select(Charge.victims_total)).one()) == entered
