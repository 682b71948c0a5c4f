"""The court case of a charge: how it is opened, its acts, and the measures that a court orders in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sistra.rules.demonstration.course import Course, Measure
from sistra.rules.demonstration.shapes import Agency, Ref
from sistra.rules.partial_dates import PartialDate

CASE = "X-1"
"""Label of the main docket."""

SINGLES = (
    "ALL-AUT",
    "INC-CNF",
    "DET-ORD",
    "IPF-CTR",
    "IPF-CTD",
    "TUT-DER",
    "ACI-CON",
    "TCI-INC",
    "PJU-INC",
    "PAN-ACT",
    "MCO-REQ",
    "MCO-DEN",
    "AUD-PRG",
    "AUD-REA",
    "AUD-FRU",
    "HAB-COR",
    "MPR-JUD",
    "REO-CON",
    "AUT-APE",
    "NOT-PAR",
    "CST-NOT",
    "COM-LEV",
    "BAN-LEV",
    "EUN-REA",
    "DEC-AGR",
    "OFI-SOL",
)
"""Acts of a court case that stand alone before the trial."""

_FILED_BY_FORM = {"AUT-APE": "APE", "HAB-COR": "HC"}


def opened(c: Course, *, old: bool = False) -> None:
    """The docket that the court opens for the charge."""
    number, code = c.chance.number(12, 2900), c.facts.district.court_code
    name = f"{c.chance.number(1, 4)}.° {'Juzgado Penal' if old else 'Juzgado de Investigación Preparatoria'}"
    c.step(
        "court_case",
        {
            "court_case_kind": "PRI",
            "docket_number": f"{number:05d}-{c.date().year}-0-{code}-JR-PE-0{c.chance.number(1, 4)}",
            "procedure_code": "1940" if old else "ncpp",
            "court_instance": "JPE-ANT" if old else "JIP",
            "court_name": name,
            "fiscal_district": c.facts.district.code,
            "opened_on": PartialDate.of_day(c.date()),
            "accused": tuple(map(Ref, c.tried())),
        },
        label=CASE,
    )


def court(c: Course, code: str, **given: Any) -> str:
    """An act in the main docket."""
    return c.act(code, on=CASE, **given)


def singles(c: Course) -> None:
    """The acts of the court case that the plan gave this charge."""
    while c.court_singles:
        c.go(2, 9)
        code = c.court_singles.pop(0)
        if code in _FILED_BY_FORM:
            remedy = c.label("Q")
            c.step(
                "remedy",
                {"kind": _FILED_BY_FORM[code], "filed_by": ("IMP",), "filed_on": PartialDate.of_day(c.date()), "against": ()},
                on=CASE,
                label=remedy,
            )
            if c.chance.yes(0.7):
                c.go(10, 25)
                c.step(
                    "decision",
                    {"decided_on": PartialDate.of_day(c.date()), "outcome": c.chance.one(("INF", "INF", "FUN", "INA"))},
                    on=CASE,
                    code=remedy,
                )
        else:
            _ordered(c, code)


def _ordered(c: Course, code: str) -> None:
    """An act of the court, and the answer where it asks for one."""
    if code != "OFI-SOL":
        court(c, code)
        return
    agency = Agency(c.chance.one(("RENIEC", "INPE", "PNP")))
    court(c, code, authority=agency)
    c.go(5, 15)
    court(c, "OFI-RES", authority=agency)


def custody(c: Course) -> str | None:
    """Pre-trial detention or another measure for an accused; gives the label of a detention in force."""
    if not c.named():
        return None
    person = (Ref(c.named()[0]),)
    c.go(1, 4).act("PPR-REQ", accused=person, term_days=270)
    c.go(1, 3)
    if c.chance.yes(0.3):
        court(c, "PPR-INF", accused=person)
        restrictions(c)
        return None
    label = c.label("M")
    _measure(c, label, "PRI-PRE", 9)
    court(c, "PPR-FUN", accused=person, measure=Ref(label), exact=True)
    c.in_force.append(Measure(label, "PPR-CES", CASE, {"accused": person}))
    return label


def restrictions(c: Course) -> None:
    """Appearance with restrictions, sometimes prolonged or changed."""
    label, person = c.label("M"), {"accused": (Ref(c.named()[0]),)}
    _measure(c, label, c.chance.one(("COM-RES", "COM-RES", "IMP-SAL", "DOM")), c.chance.one((6, 9, 12)))
    court(c, "MCO-DIC", measure=Ref(label), exact=True, **person)
    following = c.chance.one(("MCO-PRL", "MCO-VAR", "", "", ""))
    if following:
        c.go(30, 90)
        court(c, following, measure=Ref(label), **person)
    if following == "MCO-VAR":
        c.step("end_measure", {"state": "VAR", "ended_on": c.date(), "reason": "Variada por otra"}, on=label)
    else:
        c.in_force.append(Measure(label, "MCO-CES", CASE, person))


def _measure(c: Course, label: str, code: str, months: int) -> None:
    day = c.date()
    c.step(
        "measure",
        {
            "kind": "COE",
            "accused": Ref(c.named()[0]),
            "coercive_measure": code,
            "requested_on": day - timedelta(days=2),
            "ordered_on": day,
            "starts_on": day,
            "term_months": months,
            "state": "VIG",
        },
        label=label,
    )


def release(c: Course, label: str | None) -> None:
    """What becomes of a detention before the trial: prolonged, varied, expired, or in force until the judgment."""
    if label is None:
        return
    person = {"accused": (Ref(c.named()[0]),)}
    c.in_force = [one for one in c.in_force if one.label != label]
    drawn = c.chance.one(("PPR-PRO", "PPR-CES", "PPR-VEN", ""))
    if drawn in ("PPR-CES", "PPR-VEN"):
        court(c, drawn, measure=Ref(label), **person)
        state, reason = ("CES", "Variada a comparecencia") if drawn == "PPR-CES" else ("VEN", "Vencimiento del plazo")
        c.step("end_measure", {"state": state, "ended_on": c.date(), "reason": reason}, on=label)
        return
    if drawn == "PPR-PRO":
        court(c, "PPR-PRQ", measure=Ref(label), **person)
        c.go(2, 6)
        former, label = label, c.label("M")
        c.step("extend_measure", {"term_months": 9, "ordered_on": c.date(), "starts_on": c.date()}, on=former, label=label)
        court(c, "PPR-PRO", measure=Ref(label), exact=True, **person)
    c.in_force.append(Measure(label, "PPR-CES", CASE, person))
