"""What each report counts where it is easily wrong: judgments undone, other offences, legal entities, shared cases."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count, Retypification
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Event
from sistra.models.facts import FACTS
from sistra.models.judgments import Judgment, Reparation, Ruling
from sistra.rules.partial_dates import PartialDate
from sistra.rules.reports.periods import Period
from sistra.services import facts, report_files, reports
from sistra.services.reports import Ask, Told
from sistra.services.unit import unit_of_work
from tests.factories.rows import AT, a_charge, an_accused, made
from tests.factories.world import World

pytestmark = pytest.mark.both_databases
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
LATER = AT + timedelta(days=2)


def told(world: World, code: str, hours: int = 0, **more: Any) -> Told:
    return reports.tell(world.viewer("analista", at=LATER + timedelta(hours=hours)), Ask(code, YEAR, **more))


def asides(found: Told) -> list[int]:
    return [number for _, number in found.asides]


def column(found: Told, table: int, code: str) -> int | None:
    """The total of a column."""
    one = found.tables[table]
    return dict(zip((head.code for head in one.columns), one.foot.figures, strict=True))[code]


def judged(world: World, *counts: tuple[str, str, str], office: str = "mdd", kind: str = "NAT",
           owed: str = "") -> tuple[Charge, Judgment]:
    """A charge with a court case and one judgment. Each count is (offence at first, offence now, verdict), each of an accused."""
    with unit_of_work():
        charge = a_charge(world.offices[office], world.users[f"fiscal.{office}"])
        case = made(CourtCase, court_case_kind="PRI")
        made(ChargeCourtCase, charge_id=charge.id, court_case_id=case.id, link="ORI")
        judgment = made(Judgment, court_case_id=case.id, decision_kind="SEN", instance="1", updated_at=AT,
                        decided_on=PartialDate.of_day(date(2026, 3, 2)))
        for place, (first, now, verdict) in enumerate(counts, 1):
            person = an_accused(charge, code=f"I-{place}", identified=True, kind=kind)
            count = made(Count, charge_id=charge.id, accused_id=person.id, first_offence=first, offence=now, updated_at=AT)
            made(Ruling, court_case_id=case.id, judgment_id=judgment.id, count_id=count.id, verdict=verdict, updated_at=AT)
        if owed:
            made(Reparation, court_case_id=case.id, judgment_id=judgment.id, amount_ordered=Decimal(owed), updated_at=AT)
    return charge, judgment


def test_a_judgment_on_other_offences_is_told_aside_and_one_on_both_is_counted(session: Any, world: World) -> None:
    judged(world, ("PE-129A", "PE-129A", "COND"))
    judged(world, ("PE-303A", "PE-303A", "COND"), ("PE-179", "PE-179", "ABS"))
    judged(world, ("PE-129A", "PE-129A", "ABS"), ("PE-303A", "PE-303A", "COND"))
    judged(world, ("PE-129A", "PE-179", "COND"))
    found = told(world, "R13")
    assert (found.total, asides(found)) == (3, [2])
    assert [column(found, 0, one) for one in ("judgments", "convicted", "elsewhere", "acquitted")] == [3, 1, 1, 1]
    assert found.tables[1].foot.total == 3, "rulings, those alone that decide on trafficking"
    assert (told(world, "R12").total, asides(told(world, "R12"))) == (1, [1])


def test_reparations_are_those_of_judgments_that_convict_of_trafficking(session: Any, world: World) -> None:
    for verdict, owed in (("COND", "100"), ("ABS", "20")):
        judged(world, ("PE-129A", "PE-129A", verdict), owed=owed)
    judged(world, ("PE-303A", "PE-303A", "COND"), owed="7000")
    found = told(world, "R14")
    assert (column(found, 2, "reparations"), column(found, 2, "ordered")) == (1, 100)
    assert asides(found)[-1] == 2


def test_a_judgment_whose_act_was_left_without_effect_is_counted_until_then_alone(session: Any, world: World) -> None:
    _, judgment = judged(world, ("PE-129A", "PE-129A", "COND"), owed="100")
    common = {"court_case_id": judgment.court_case_id, "occurred_on": PartialDate.of_day(date(2026, 3, 2)),
              "confidentiality": None}
    with unit_of_work():
        act = made(Event, number=1, event_type="SEN-CON", judgment_id=judgment.id, updated_at=AT, **common)
        made(Event, number=2, event_type="SEN-LEI", judgment_id=judgment.id, updated_at=AT, **common)
    assert [told(world, code).total for code in ("R12", "R13", "R14")] == [1, 1, 1]
    with unit_of_work():
        by = made(Event, number=3, event_type="COR-ACT", reversed_event_id=act.id, updated_at=LATER + timedelta(hours=1),
                  **common)
        act.reversed_by_id, act.updated_at = by.id, LATER + timedelta(hours=1)
    assert [told(world, code, 2).total for code in ("R12", "R13", "R14")] == [0, 0, 0]
    assert column(told(world, "R14", 2), 2, "reparations") == 0
    assert [told(world, code, 2, at=LATER - timedelta(minutes=5)).total for code in ("R12", "R13", "R14")] == [1, 1, 1]
    assert any("quedó sin efecto" in text for _, text in report_files.method(told(world, "R13"), "es"))


def test_a_legal_entity_is_no_person_accused_or_convicted_and_is_told_aside(session: Any, world: World) -> None:
    judged(world, ("PE-129A", "PE-129A", "COND"), kind="JUR")
    judged(world, ("PE-129A", "PE-129A", "COND"))
    assert (told(world, "R09").total, asides(told(world, "R09"))[-1]) == (1, 1)
    assert told(world, "R12").total == 1


def test_a_change_of_offence_that_does_not_touch_trafficking_is_told_aside(session: Any, world: World) -> None:
    charge, _ = judged(world, ("PE-129A", "PE-129A", "ABS"))
    count = db.session.scalars(select(Count)).one()
    with unit_of_work():
        act = made(Event, charge_id=charge.id, number=1, event_type="TIP-FIS", occurred_on=PartialDate.of_day(date(2026, 3, 2)),
                   confidentiality=None, updated_at=AT)
        for before, after, approval in (
                ("PE-129A", "PE-179", "PEN"), ("PE-303A", "PE-129A", "APR"), ("PE-129A", "PE-129B-1", "NOR"),
                ("PE-303A", "PE-179", "NOR"), ("PE-129A", "PE-303A", "DEN")):
            made(Retypification, charge_id=charge.id, count_id=count.id, event_id=act.id, from_offence=before, to_offence=after,
                 approval=approval, retypified_on=date(2026, 3, 2), decided_by="FIS", updated_at=AT)
    found = told(world, "R21")
    assert (found.total, asides(found)) == (3, [1, 1]), "pending ones are counted and said, others and refused ones are not"


def test_a_reparation_of_a_case_of_several_charges_counts_once_under_one_that_counts(session: Any, world: World) -> None:
    first, judgment = judged(world, ("PE-129A", "PE-129A", "COND"), owed="100")
    with unit_of_work():
        other = a_charge(world.offices["lim"], world.users["fiscal.lim"], fiscal_district="LIM")
        accused = an_accused(other, identified=True)
        count = made(Count, charge_id=other.id, accused_id=accused.id, offence="PE-129A", updated_at=AT)
        made(Ruling, court_case_id=judgment.court_case_id, judgment_id=judgment.id, count_id=count.id, verdict="COND",
             updated_at=AT)
        link = made(ChargeCourtCase, charge_id=other.id, court_case_id=judgment.court_case_id, link="ACU", updated_at=AT)

    def belongs_to() -> tuple[int, int | None]:
        (row,) = facts.rows("reparation")
        return row["charge_id"], column(told(world, "R14"), 2, "ordered")
    assert belongs_to() == (first.id, 100)
    with unit_of_work():
        first.status, first.updated_at = "ACU", AT
    assert belongs_to() == (other.id, 100), "a joined charge is not counted, what its case orders is"
    assert told(world, "R13").total == 1
    with unit_of_work():
        first.status, link.unlinked_on, link.updated_at = "TRA", date(2026, 3, 20), AT
    assert belongs_to() == (first.id, 100)
    with unit_of_work():
        first.status = "ACU"
    assert belongs_to()[0] == first.id, "a link that was ended gives the case to nobody"
    assert db.session.scalar(select(FACTS["reparation"].c.counted).where(FACTS["reparation"].c.valid_to.is_(None))) == "0"


def test_districts_asked_for_one_by_one_may_add_up_to_more_than_the_country(session: Any, world: World) -> None:
    first, judgment = judged(world, ("PE-129A", "PE-129A", "COND"))
    with unit_of_work():
        other = a_charge(world.offices["lim"], world.users["fiscal.lim"], fiscal_district="LIM")
        accused = an_accused(other, identified=True)
        count = made(Count, charge_id=other.id, accused_id=accused.id, offence="PE-129A", updated_at=AT)
        made(Ruling, court_case_id=judgment.court_case_id, judgment_id=judgment.id, count_id=count.id, verdict="ABS",
             updated_at=AT)
    country = told(world, "R13")
    assert (country.total, sum(line.figures[0] or 0 for line in country.tables[0].lines)) == (1, 1)
    assert [told(world, "R13", district=one).total for one in (first.fiscal_district, "LIM")] == [1, 1]
    assert any("pueden sumar más que el total del país" in one for one in country.report.definition)


def test_the_articles_printed_are_those_of_every_fact_that_may_be_counted(session: Any, world: World) -> None:
    """A charge of today may be of facts under a law that is no longer in force."""
    printed = report_files.articles(YEAR)
    assert [one.split(" (")[0] for one in printed] == [
        "art. 182", "art. 153", "art. 153-A", "art. 153", "art. 129-A", "art. 129-B"]
    assert all("129" not in one for one in report_files.articles(Period(date(2020, 1, 1), date(2020, 12, 31))))
