"""Random histories of a charge: acts through the real verbs, one unit of work each, told by lists of numbers.

Each act takes a number that chooses among what it may do; what the rules refuse is not done, as at a desk.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, select

from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge, RouteLeg
from sistra.models.counts import Count
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Reparation
from sistra.models.measures import Measure
from sistra.models.people import Accused, Exploitation, Recruitment, Victim
from sistra.rules.durations import Duration
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.services import (
    charges,
    counts,
    court_case_links,
    court_cases,
    court_corrections,
    court_events,
    events,
    judgments,
    measures,
    people,
    person_search,
    routes,
    victim_lists,
)
from sistra.services.judgments import JudgmentEntry
from sistra.services.unit import unit_of_work
from tests.factories.people import opened

_DATES = (PartialDate.of_day(date(2026, 1, 10)), PartialDate.of_day(date(2026, 1, 12)), PartialDate.of_month(2026, 1),
          PartialDate.of_year(2025), Unknown.NOT_KNOWN)
_OFFENCES = ("PE-129A", "PE-129B-1", "PE-129C", "PE-303A")
_ACTS = ("DIP-INI", "FOR-DIS", "ACU-REQ", "DIP-ARC", "DEC-TES", "DIP-RES", "SOB-REQ", "CAL-ARC")


@dataclass
class History:
    """The charges of one history. `viewer` acts a minute later with each act."""

    viewer: Viewer
    numbers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.numbers = [opened(self.viewer, notice_place=place) for place in ("170101", "15")]

    def act(self, verb: str, choice: int) -> bool:
        """Does it, unless the rules refuse or what it is about was withdrawn before; tells whether it was done."""
        self.viewer = replace(self.viewer, at=self.viewer.at + timedelta(minutes=1))
        with suppress(Rejected, NotVisible), unit_of_work():
            VERBS[verb](self.viewer, self.numbers[choice % 7 == 0], choice)
            return True
        return False


def _key(number: str) -> int:
    return db.session.scalars(select(Charge.id).where(Charge.number == number)).one()


def _one(model: Any, choice: int, *conditions: Any) -> Any:
    """A row of a model, chosen by number; None when there is none."""
    table: Table = model.__table__
    wanted = [*conditions, *([table.c.withdrawn_at.is_(None)] if "withdrawn_at" in table.c else [])]
    rows = db.session.scalars(select(model).where(*wanted).order_by(model.id)).all()
    return rows[choice % len(rows)] if rows else None


def _of(model: Any, number: str, choice: int) -> Any:
    return _one(model, choice, model.charge_id == _key(number))


def _among(options: Sequence[Any], choice: int) -> Any:
    return options[choice % len(options)]


def _amend_charge(viewer: Viewer, number: str, choice: int) -> Any:
    values = _among([
        {"received_on": _among(_DATES, choice // 8)}, {"notice_place": _among(("20", "NSP", "150101"), choice // 8)},
        {"purpose_known": _among((("SEX",), ("SEX", "LAB"), ("NSP",)), choice // 8)}, {"victims_declared": Unknown.NOT_KNOWN},
        {"facts_from": _among(_DATES, choice // 8)}, {"economic_benefit": True}, {"exploitation_place": "1701"},
        {"victims_declared": choice % 9}], choice)
    return charges.amend(viewer, number, Entry("charge", values))


def _person(choice: int) -> dict[str, Any]:
    return _among([{"sex": "M", "age_at_facts": 16}, {"sex": "H", "age_at_facts": 31}, {"age_at_facts": Unknown.NOT_KNOWN},
                   {"sex": "NSP", "age_group": "L-U18"}, {"citizenships": ("PE", "BO")}, {"age_at_facts": 17}], choice)


def _add_victim(viewer: Viewer, number: str, choice: int) -> Any:
    return people.add_victim(viewer, number, Entry("victim", _person(choice)))


def _amend_victim(viewer: Viewer, number: str, choice: int) -> Any:
    one = _of(Victim, number, choice)
    return one and people.amend_victim(viewer, number, one.code, Entry("victim", _person(choice // 3)))


def _add_accused(viewer: Viewer, number: str, choice: int) -> Any:
    return people.add_accused(viewer, number, Entry("accused", {"identified": choice % 4 != 0} | _person(choice)))


def _amend_accused(viewer: Viewer, number: str, choice: int) -> Any:
    one = _of(Accused, number, choice)
    values = _person(choice // 3) | _among(({}, {"roles": ("CAP", "REC")}), choice)
    return one and people.amend_accused(viewer, number, one.code, Entry("accused", values))


def _withdraw(viewer: Viewer, number: str, choice: int) -> Any:
    one = _of(_among((Victim, Accused), choice), number, choice // 2)
    return one and people.withdraw(viewer, number, one.code, reason="Se ingresó por error")


def _list_row(viewer: Viewer, number: str, choice: int) -> Any:
    one = _of(Victim, number, choice)
    entry = _among([Entry("exploitation", {"purpose": "SEX", "place": "170101"}), Entry("exploitation", {"purpose": "LAB"}),
                    Entry("recruitment", {"methods": ("OFE",)})], choice // 2)
    return one and victim_lists.add(viewer, number, one.code, entry)


def _take_back(viewer: Viewer, number: str, choice: int) -> Any:
    name, model = _among((("exploitation", Exploitation), ("recruitment", Recruitment)), choice)
    row = _one(model, choice, model.victim_id.in_(select(Victim.id).where(Victim.charge_id == _key(number))))
    if row is None:
        return None
    victim = db.session.get_one(Victim, row.victim_id)
    return victim_lists.withdraw(viewer, number, victim.code, name, row.id, reason="Se ingresó por error")


def _leg(viewer: Viewer, number: str, choice: int) -> Any:
    row = _of(RouteLeg, number, choice)
    values = {"point": _among(("ORI", "TRA", "DES"), choice), "country": _among(("PE", "BO"), choice // 3), "place": "21"}
    if choice % 5 == 0 and (one := _of(Victim, number, choice)) is not None:
        values["victims"] = (one.id,)
    if row is not None and choice % 4 == 0:
        return routes.amend_leg(viewer, number, row.id, Entry("route_leg", values))
    return routes.add_leg(viewer, number, Entry("route_leg", values))


def _add_count(viewer: Viewer, number: str, choice: int) -> Any:
    one, victim = _of(Accused, number, choice), _of(Victim, number, choice)
    entry = one and Entry("count", {"accused": one.id, "offence": _among(_OFFENCES, choice)})
    return entry and counts.add(viewer, number, entry, victims=[victim.id] if victim else [])


def _amend_count(viewer: Viewer, number: str, choice: int) -> Any:
    one, victim = _of(Count, number, choice), _of(Victim, number, choice // 2)
    victims = [victim.id] if victim and choice % 3 else []
    values = _among(({"purposes": ("SEX",)}, {"degree": "TEN"}), choice)
    return one and counts.amend(viewer, number, one.id, Entry("count", values), victims=victims)


def _retypify(viewer: Viewer, number: str, choice: int) -> Any:
    one = _of(Count, number, choice)
    return one and counts.retypify(viewer, number, one.id, offence=_among(_OFFENCES, choice // 2), reason="Otros hechos",
                                   occurred_on=PartialDate.of_day(viewer.today))


def _record(viewer: Viewer, number: str, choice: int) -> Any:
    one = _of(Accused, number, choice // 2)
    values: dict[str, Any] = {"occurred_on": _among(_DATES[:3], choice // 7)}
    if one is not None and choice % 2:
        values["accused"] = (one.id,)
    return events.record(viewer, number, _among(_ACTS, choice), Entry("event", values))


def _reverse(viewer: Viewer, number: str, choice: int) -> Any:
    one = _one(Event, choice, Event.charge_id == _key(number), Event.reversed_by_id.is_(None))
    return one and events.reverse(viewer, number, one.id, reason="Se registró por error")


def _measure(viewer: Viewer, number: str, choice: int) -> Any:
    one = _of(Accused, number, choice)
    started = date(2026, 1, 20)
    held = _of(Measure, number, choice)
    if held is not None and choice % 3 == 0:
        return measures.end(viewer, number, held.id, state="CES", ended_on=date(2026, 2, 20), reason="Venció")
    return one and measures.add(viewer, number, Entry("measure", {
        "kind": "COE", "accused": one.id, "coercive_measure": _among(("PP", "COM-RES"), choice), "state": "VIG",
        "ordered_on": started, "starts_on": started, "term_months": 9}))


def _case(viewer: Viewer, number: str, choice: int) -> Any:
    values = {"docket_number": "00231-2026-0-2701-JR-PE-01", "court_case_kind": "PRI", "court_instance": "JPC",
              "procedure_code": "ncpp"}
    return court_cases.open_case(viewer, Entry("court_case", values), number=number)


def _case_of(number: str, choice: int) -> int | None:
    row = _of(ChargeCourtCase, number, choice)
    return row.court_case_id if row else None


def _in_court(viewer: Viewer, number: str, choice: int) -> Any:
    case = _case_of(number, choice)
    values = {"occurred_on": PartialDate.of_day(date(2026, 2, 2))}
    return case and court_events.record(viewer, case, _among(("JUI-CIT", "JUI-INS"), choice), Entry("event", values))


def _judge(viewer: Viewer, number: str, choice: int) -> Any:
    case, one = _case_of(number, choice), _of(Count, number, choice)
    if case is None or one is None:
        return None
    penalty = {"sentence_types": ("PPL-EFE",), "imprisonment": Duration(choice % 30 + 1, 6, 0)}
    convicted = choice % 2 == 0
    victim = _of(Victim, number, choice)
    owed = _among(({"amount_ordered": Decimal(choice * 100)}, {"amount_ordered": Unknown.NOT_KNOWN},
                   {"amount_ordered": Decimal("900"), "victims": (victim.id,) if victim else ()}), choice)
    entry = JudgmentEntry(
        Entry("judgment", {"decision_kind": "SEN", "instance": "1", "decided_on": PartialDate.of_day(date(2026, 3, 2))}),
        {one.id: Entry("ruling", {"verdict": "COND" if convicted else "ABS"})},
        {one.accused_id: Entry("penalty", penalty)} if convicted else {},
        [Entry("reparation", owed)] if convicted else [], regress_reason="Así consta")
    return judgments.record(viewer, case, entry)


def _put_right(viewer: Viewer, number: str, choice: int) -> Any:
    """Amends a judgment of the charge's court case, or a reparation that it orders."""
    case = _case_of(number, choice)
    if choice % 2:
        one = _one(Judgment, choice, Judgment.court_case_id == case)
        values = _among(({"decided_on": _DATES[2]}, {"finality": "CON"}, {"court_instance": "JPC"}), choice // 2)
        return one and judgments.amend(viewer, one.court_case_id, one.id, Entry("judgment", values))
    owed, victim = _one(Reparation, choice, Reparation.court_case_id == case), _of(Victim, number, choice)
    values = _among(({"amount_ordered": Decimal("60000")}, {"joint_liability": Unknown.NOT_KNOWN},
                     {"victims": (victim.id,) if victim else ()}, {"victims": Unknown.NOT_KNOWN}), choice // 2)
    return owed and judgments.amend_reparation(viewer, owed.court_case_id, owed.id, Entry("reparation", values))


def _undo_judgment(viewer: Viewer, number: str, choice: int) -> Any:
    """Leaves the act of a judgment without effect: it was never given."""
    one = _one(Event, choice, Event.court_case_id == _case_of(number, choice), Event.judgment_id.is_not(None),
               Event.event_type.in_(("SEN-CON", "SEN-ABS")), Event.reversed_by_id.is_(None))
    return one and court_corrections.reverse(viewer, one.court_case_id, one.id, reason="Se registró por error")


def _pay(viewer: Viewer, number: str, choice: int) -> Any:
    """A payment of a reparation, or one taken for not made."""
    case = _case_of(number, choice)
    paid = _one(Event, choice, Event.court_case_id == case, Event.event_type == "EJE-PAG", Event.reversed_by_id.is_(None))
    if paid is not None and choice % 3 == 0:
        return court_corrections.reverse(viewer, paid.court_case_id, paid.id, reason="No se pagó")
    owed = _one(Reparation, choice, Reparation.court_case_id == case)
    values = {"occurred_on": PartialDate.of_day(date(2026, 3, 10)), "amount": Decimal(choice + 1)}
    return owed and court_events.record(viewer, owed.court_case_id, "EJE-PAG", Entry("event", values | {"reparation": owed.id}))


def _link_case(viewer: Viewer, number: str, choice: int) -> Any:
    """The court case of the charge holds the other charge too, from now on or no longer."""
    row = _one(ChargeCourtCase, choice)
    if row is None:
        return None
    linked = _one(ChargeCourtCase, choice, ChargeCourtCase.court_case_id == row.court_case_id,
                  ChargeCourtCase.unlinked_on.is_(None), ChargeCourtCase.charge_id != _key(number))
    if linked is not None and choice % 2:
        return court_case_links.unlink(viewer, linked.court_case_id, linked.id, reason="Se vinculó por error")
    return court_case_links.link(viewer, row.court_case_id, number=number, reason="ORI")


def _link(viewer: Viewer, number: str, choice: int) -> Any:
    one, other = _of(Victim, number, choice), _of(Victim, number, choice + 1)
    if one is None or choice % 3 == 0:
        return one and person_search.unlink(viewer, number, one.code, reason="No es la misma")
    return person_search.link(viewer, number, one.code, other_number=number, other_code=other.code, reason="Mismo documento")


def _together(viewer: Viewer, number: str, choice: int) -> Any:
    """Several entries settled at once."""
    with charges.settled_together():
        code = people.add_victim(viewer, number, Entry("victim", _person(choice)))
        victim_lists.add(viewer, number, code, Entry("exploitation", {"purpose": "LAB"}))
        return people.add_accused(viewer, number, Entry("accused", {"identified": True}))


Verb = Callable[[Viewer, str, int], Any]

VERBS: Mapping[str, Verb] = {
    "amend_charge": _amend_charge, "add_victim": _add_victim, "amend_victim": _amend_victim, "add_accused": _add_accused,
    "amend_accused": _amend_accused, "withdraw": _withdraw, "list_row": _list_row, "take_back": _take_back, "leg": _leg,
    "add_count": _add_count, "amend_count": _amend_count, "retypify": _retypify, "record": _record, "reverse": _reverse,
    "measure": _measure, "case": _case, "in_court": _in_court, "judge": _judge, "undo_judgment": _undo_judgment,
    "put_right": _put_right, "pay": _pay, "link_case": _link_case, "link": _link, "together": _together}
