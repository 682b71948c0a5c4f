"""Three real proceedings, entered through the verbs from what is typed into the forms: every stated fact finds its field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from sistra.codebook.dictionary import record
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.court_cases import CourtCase, Remedy
from sistra.models.judgments import Judgment, Ruling
from sistra.models.people import Accused, Victim
from sistra.rules.entries import Entry, read
from sistra.services import charges, counts, court_cases, court_events, judgments, people, records, remedies, routes, victim_lists
from sistra.services.judgments import JudgmentEntry
from sistra.services.unit import unit_of_work
from tests.factories.facts import Facts, stated
from tests.factories.proceedings import PROCEEDINGS, Answers, Decided, Filed, Noted, Proceeding
from tests.factories.rows import made
from tests.factories.world import World


def posted(answers: Answers) -> dict[str, list[str]]:
    """Answers as a browser posts them."""
    texts: dict[str, list[str]] = {}
    for name, value in answers.items():
        texts[name] = [value] if isinstance(value, str) else list(value)
        if isinstance(value, str) and "|" in value:
            code, text = value.split("|")
            texts |= {name: [text], f"{name}-choice": [code]}
        if name == "imprisonment":
            del texts[name]
            texts |= {
                f"{name}-{part}": [number]
                for part, number in zip(("years", "months", "days"), str(value).split("-"), strict=True)
            }
    return texts


class Clerk:
    """Enters a proceeding through the verbs as one prosecutor."""

    def __init__(self, viewer: Any) -> None:
        self.viewer, self.number, self.case = viewer, "", 0

    def entry(self, name: str, answers: Answers, **more: Any) -> Entry:
        fields = list(record(name).fields.values())
        values, problems = read(fields, posted(answers), self.viewer.today)
        assert not problems, problems
        assert set(values) == set(answers), set(answers) - set(values)
        return Entry(name, values | more)

    def enter(self, what: Proceeding) -> None:
        with unit_of_work():
            self.number = charges.open_charge(self.viewer, self.entry("charge", what.charge, responsible=self.viewer.user_id))
            for answers in (what.facts, what.procedure):
                charges.amend(self.viewer, self.number, self.entry("charge", answers))
            people.add_accused(self.viewer, self.number, self.entry("accused", what.accused))
            people.add_victim(self.viewer, self.number, self.entry("victim", what.victim))
            for name, rows in (("recruitment", what.recruitments), ("exploitation", what.exploitations)):
                for answers in rows:
                    victim_lists.add(self.viewer, self.number, "A-1", self.entry(name, answers))
            for answers in what.legs:
                routes.add_leg(self.viewer, self.number, self.entry("route_leg", answers))
            self._counts(what)
            self.case = court_cases.open_case(self.viewer, self.entry("court_case", what.court_case), number=self.number)
        for step in what.course:
            with unit_of_work():
                self.take(step)
        with unit_of_work():
            charge = self.charge()
            records.create(
                self.viewer,
                Attachment(charge_id=charge.id, storage_key="x"),
                {"kind": "SEN", "title": "Decisión publicada", "contains_identity": False, "source_reference": what.source},
                "attachment.added",
            )

    def charge(self) -> Charge:
        return db.session.scalars(select(Charge).where(Charge.number == self.number)).one()

    def _counts(self, what: Proceeding) -> None:
        charge = self.charge()
        accused = db.session.scalars(select(Accused.id).where(Accused.charge_id == charge.id)).one()
        victim = db.session.scalars(select(Victim.id).where(Victim.charge_id == charge.id)).one()
        for answers in what.counts:
            counts.add(self.viewer, self.number, self.entry("count", answers, accused=accused), victims=[victim])

    def take(self, step: Decided | Filed | Noted) -> None:
        held = list(db.session.scalars(select(Count).where(Count.charge_id == self.charge().id).order_by(Count.id)))
        if isinstance(step, Noted):
            court_events.record(self.viewer, self.case, step.event_type, self.entry("event", step.answers))
        elif isinstance(step, Filed):
            detail = {name: text for name, text in step.remedy.items() if name == "party_detail"}
            own = {name: text for name, text in step.remedy.items() if name != "party_detail"}
            remedies.file(self.viewer, self.case, self.entry("remedy", own, **detail))
        else:
            filed = list(db.session.scalars(select(Remedy.id).where(Remedy.court_case_id == self.case).order_by(Remedy.id)))
            judgments.record(
                self.viewer,
                self.case,
                JudgmentEntry(
                    self.entry("judgment", step.judgment),
                    {held[one.count - 1].id: self.entry("ruling", one.answers) for one in step.rulings},
                    {held[0].accused_id: self.entry("penalty", step.penalty)} if step.penalty else {},
                    [self.entry("reparation", step.reparation)] if step.reparation else [],
                    remedy=filed[step.remedy] if step.remedy is not None else None,
                ),
            )


def clerk_of(world: World, district: str) -> Any:
    """A prosecutor of an office of that district."""
    if district == "MDD":
        return world.viewer("fiscal.mdd")
    with unit_of_work():
        office = made(
            Office,
            code=district,
            name=f"Despacho {district}",
            agency_id=world.agencies["mp"],
            office_kind="FPE",
            fiscal_district=district,
            specialised=True,
        )
        user = made(
            User,
            username=f"fiscal.{district.lower()}",
            full_name="Persona",
            email=f"{district}@example.test",
            office_id=office.id,
            roles=("FISCAL",),
            password_hash="-",
        )
    from sistra.services import signin
    from tests.factories.rows import AT

    return signin.as_viewer(user, office, at=AT, door="web")


@pytest.fixture
def entered(session: Any, world: World) -> Any:
    def enter(number: int) -> Clerk:
        clerk = Clerk(clerk_of(world, PROCEEDINGS[number].district))
        clerk.enter(PROCEEDINGS[number])
        return clerk

    return enter


@pytest.mark.parametrize("number", PROCEEDINGS)
def test_every_stated_fact_of_a_real_proceeding_finds_its_field(entered: Any, number: int) -> None:
    clerk = entered(number)
    facts = Facts(clerk.charge())
    missing = [fact for fact in stated(number) if not facts.hold(fact)]
    assert missing == []


@pytest.mark.parametrize("number", PROCEEDINGS)
def test_a_real_proceeding_comes_to_its_stage_status_and_states(entered: Any, number: int) -> None:
    charge = entered(number).charge()
    states = tuple(db.session.scalars(select(Count.state).where(Count.charge_id == charge.id).order_by(Count.id)))
    assert (charge.stage, charge.status, states) == PROCEEDINGS[number].came_to


def test_the_conviction_stays_readable_after_appeal_and_cassation(entered: Any) -> None:
    entered(1)
    rows = db.session.execute(
        select(Judgment.instance, Ruling.verdict, Ruling.remedy_outcome)
        .join(Ruling, Ruling.judgment_id == Judgment.id)
        .order_by(Judgment.id)
    ).all()
    assert [tuple(row) for row in rows] == [("1", "COND", None), ("2", "ABS", "REV-ABS"), ("S", "NSP", "FUN")]


def test_each_unknown_of_a_source_stays_unknown(entered: Any) -> None:
    clerk = entered(2)
    charge, case = clerk.charge(), db.session.get_one(CourtCase, clerk.case)
    assert (str(charge.received_on.precision), charge.notice_source, charge.carpeta_number) == ("nsp", "NSP", None)
    assert charge.unknowns == {"carpeta_number": "NSP"} and case.unknowns == {"docket_number": "NSP"}


def test_the_first_instance_conviction_keeps_its_year_whatever_the_remedies_did(entered: Any) -> None:
    charge = entered(1).charge()
    count = db.session.scalars(select(Count).where(Count.charge_id == charge.id)).one()
    assert (count.first_instance_on.iso(), count.outcome) == ("2018-08-21", "CAS-FUN")


def test_an_acquittal_that_the_supreme_court_lets_stand_is_final(entered: Any) -> None:
    clerk = entered(3)
    finality: Mapping[str, str | None] = {row.instance: row.finality for row in db.session.scalars(select(Judgment))}
    assert finality == {"1": "NFI", "S": "EJE"}
    assert {one.final_on.iso() for one in db.session.scalars(select(Count).where(Count.charge_id == clerk.charge().id))} == {
        "2011-10-28"
    }
