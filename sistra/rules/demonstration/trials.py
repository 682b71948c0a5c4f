"""What is done before the courts: custody, hearings, trial, judgments, remedies, enforcement."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sistra.codebook.offences import offences
from sistra.rules.demonstration.course import Course
from sistra.rules.demonstration.shapes import Agency, Ref
from sistra.rules.durations import Duration
from sistra.rules.partial_dates import PartialDate

CASE = "X-1"
"""Label of the main docket."""

SINGLES = (
    "ALL-AUT", "INC-CNF", "DET-ORD", "IPF-CTR", "IPF-CTD", "TUT-DER", "ACI-CON", "TCI-INC", "PJU-INC", "PAN-ACT", "MCO-REQ", "MCO-DEN",
    "AUD-PRG", "AUD-REA", "AUD-FRU", "HAB-COR", "MPR-JUD", "REO-CON", "AUT-APE", "NOT-PAR", "CST-NOT", "COM-LEV", "BAN-LEV", "EUN-REA",
    "DEC-AGR", "OFI-SOL", "OFI-RES")
"""Acts of a court case that stand alone before the trial."""

_FILED_BY_FORM = {"AUT-APE": "APE", "HAB-COR": "HC"}


def opened(c: Course, *, old: bool = False) -> None:
    """The docket that the court opens for the charge."""
    number, code = c.chance.number(12, 2900), c.facts.district.court_code
    name = f"{c.chance.number(1, 4)}.° {'Juzgado Penal' if old else 'Juzgado de Investigación Preparatoria'}"
    c.step("court_case", {
        "court_case_kind": "PRI", "docket_number": f"{number:05d}-{c.date().year}-0-{code}-JR-PE-0{c.chance.number(1, 4)}",
        "procedure_code": "1940" if old else "ncpp", "court_instance": "JPE-ANT" if old else "JIP", "court_name": name,
        "fiscal_district": c.facts.district.code, "opened_on": PartialDate.of_day(c.date()), "accused": tuple(map(Ref, c.tried()))}, label=CASE)


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
            c.step("remedy", {"kind": _FILED_BY_FORM[code], "filed_by": ("IMP",), "filed_on": PartialDate.of_day(c.date()), "against": ()},
                   on=CASE, label=remedy)
            if c.chance.yes(0.7):
                c.go(10, 25)
                c.step("decision", {"decided_on": PartialDate.of_day(c.date()), "outcome": c.chance.one(("INF", "INF", "FUN", "INA"))},
                       on=CASE, code=remedy)
        else:
            court(c, code)


# -- custody ----------------------------------------------------------------------------------------------------------


def custody(c: Course) -> str | None:
    """Pre-trial detention or another measure for an accused; gives the label of a detention in force."""
    if not c.named():
        return None
    person = (Ref(c.named()[0]),)
    c.go(1, 4).act("PPR-REQ", accused=person, term_days=270)
    c.go(1, 3)
    if c.chance.yes(0.3):
        court(c, "PPR-INF", accused=person)
        return restrictions(c)
    label = c.label("M")
    _measure(c, label, "PRI-PRE", 9)
    court(c, "PPR-FUN", accused=person, measure=Ref(label), exact=True)
    return label


def restrictions(c: Course) -> None:
    """Appearance with restrictions, sometimes prolonged, changed or ended."""
    label, person = c.label("M"), (Ref(c.named()[0]),)
    _measure(c, label, c.chance.one(("COM-RES", "COM-RES", "IMP-SAL", "DOM")), c.chance.one((6, 9, 12)))
    court(c, "MCO-DIC", accused=person, measure=Ref(label), exact=True)
    if c.chance.yes(0.4):
        code = c.chance.one(("MCO-PRL", "MCO-VAR", "MCO-CES"))
        c.go(30, 90)
        court(c, code, accused=person, measure=Ref(label))
        if code != "MCO-PRL":
            c.step("end_measure", {"state": "CES" if code == "MCO-CES" else "VAR", "ended_on": c.date(), "reason": "Resolución judicial"}, on=label)


def _measure(c: Course, label: str, code: str, months: int) -> None:
    day = c.date()
    c.step("measure", {"kind": "COE", "accused": Ref(c.named()[0]), "coercive_measure": code, "requested_on": day - timedelta(days=2),
                       "ordered_on": day, "starts_on": day, "term_months": months, "state": "VIG"}, label=label)


def release(c: Course, label: str | None) -> None:
    """What becomes of a detention in the end: ceased, or expired; now and then prolonged before."""
    if label is None:
        return
    person = (Ref(c.named()[0]),)
    drawn = c.chance.one(("PPR-PRO", "PPR-CES", "PPR-VEN", ""))
    if drawn == "PPR-PRO":
        court(c, "PPR-PRQ", accused=person, measure=Ref(label))
        c.go(2, 6)
        following = c.label("M")
        c.step("extend_measure", {"term_months": 9, "ordered_on": c.date()}, on=label, label=following)
        court(c, "PPR-PRO", accused=person, measure=Ref(following), exact=True)
    elif drawn:
        court(c, drawn, accused=person, measure=Ref(label))
        c.step("end_measure", {"state": "CES" if drawn == "PPR-CES" else "VEN", "ended_on": c.date(),
                               "reason": "Variación a comparecencia" if drawn == "PPR-CES" else "Vencimiento del plazo"}, on=label)


# -- trial ------------------------------------------------------------------------------------------------------------


def accusation(c: Course, code: str = "ACU-REQ") -> None:
    """The intermediate stage up to its hearing."""
    c.go(6, 14).act(code, counts=c.charged(), exact=True)
    c.go(4, 12)
    court(c, "ACU-TRA")
    c.go(8, 15)
    court(c, "ACU-ABS")
    if c.chance.yes(0.15):
        c.go(5, 12)
        court(c, "ACU-DEV")
        c.go(3, 8)
        court(c, "ACU-SUB", counts=c.charged())
    c.go(15, 40)
    court(c, "CAC-AUD")


def trial(c: Course, *, sessions: tuple[int, int] = (2, 5), live: bool = False) -> None:
    """The order for trial and its sessions; a live one ends with a hearing to come."""
    c.go(3, 10)
    court(c, "ENJ-AUT", counts=c.charged(), exact=True)
    c.go(10, 30)
    court(c, "JUI-CIT", court_name="Juzgado Penal Colegiado")
    c.go(15, 40)
    court(c, "JUI-INS", court_name="Juzgado Penal Colegiado", exact=True)
    held = c.chance.number(*sessions)
    for place in range(held):
        c.go(7, 11)
        court(c, "JUI-SES", exact=True, **({"scheduled_for": c.coming(1, 12)} if live and place == held - 1 else {}))
    if not live:
        if c.chance.yes(0.12):
            c.go(9, 15)
            court(c, "JUI-QUI", exact=True, scheduled_for=c.hearing(20))
            c.go(15, 30)
            court(c, "JUI-SES", exact=True)
        c.go(5, 9)
        court(c, "JUI-ALE", scheduled_for=c.hearing(6))


def judged(c: Course, verdict: str, *, kind: str = "SEN", reserved: bool = False, suspended: bool = False, label: str = "J-1",
           regress: str = "") -> None:
    """A judgment of first instance on every count charged, with penalties and reparation where it convicts."""
    c.go(4, 9)
    convicts = verdict in ("COND", "REC")
    other = ("PE-129C" if c.facts.sexual and not c.facts.old_law else "PE-179" if c.facts.sexual else "PE-168B-2017" if c.facts.old_law else "PE-129O")
    ruling: dict[str, Any] = {"verdict": verdict}
    if verdict == "REC":
        ruling["convicted_offence"] = other
    elif verdict == "ABS":
        ruling["acquittal_reason"] = c.chance.one(("DUD", "DUD", "FIN", "AUT", "MED"))
    values: dict[str, Any] = {
        "judgment": _judgment(c, kind, "1", "JIP" if kind in ("STA", "SCE") else "JPC"),
        "rulings": {Ref(one): ruling for one in c.court_counts}, "regress_reason": regress}
    if convicts:
        values["penalties"] = {Ref(one): _penalty(c, other if verdict == "REC" else c.offence, reserved, suspended) for one in c.tried()}
        values["reparations"] = [_reparation(c)]
    c.step("judgment", values, on=CASE, label=label)


def _judgment(c: Course, kind: str, instance: str, organ: str) -> dict[str, Any]:
    day = c.date()
    names = {"JIP": "Juzgado de Investigación Preparatoria", "JPC": "Juzgado Penal Colegiado", "SPA": "Sala Penal de Apelaciones",
             "SPS": "Sala Penal Permanente", "SPE-ANT": "Sala Penal Superior"}
    found: dict[str, Any] = {"decision_kind": kind, "instance": instance, "decided_on": PartialDate.of_day(day), "court_instance": organ,
                             "court_name": names[organ], "resolution_number": f"Resolución n.° {c.chance.number(4, 48)}"}
    if c.chance.yes(0.85):
        found["notified_on"] = PartialDate.of_day(day)
    if c.chance.yes(0.5):
        found["procedural_remark"] = "La sala valoró la entrevista única como prueba preconstituida y la corroboró con la pericia psicológica."
    return found


def _penalty(c: Course, offence: str, reserved: bool, suspended: bool) -> dict[str, Any]:
    least = offences()[offence].penalty_min_years or 4
    if reserved:
        return {"sentence_types": ("RFC", "RC"), "suspension_term": Duration(2)}
    if suspended:
        return {"sentence_types": ("PPL-SUS", "RC"), "imprisonment": Duration(4), "suspension_term": Duration(3),
                "below_minimum_reason": "Reducción por conformidad y responsabilidad restringida."}
    found: dict[str, Any] = {"sentence_types": ("PPL-EFE", "INH", "RC"), "imprisonment": Duration(least + c.chance.number(0, 7), c.chance.one((0, 0, 6))),
                             "disqualification": Duration(5)}
    if c.chance.yes(0.4):
        found["served_from"] = c.date()
    return found


def _reparation(c: Course) -> dict[str, Any]:
    found: dict[str, Any] = {"victims": tuple(map(Ref, c.victims)), "debtors": tuple(map(Ref, c.tried())), "joint_liability": True,
                             "amount_ordered": Decimal(c.chance.one((3000, 5000, 8000, 10000, 12000, 15000, 20000, 30000, 50000)))}
    return found


# -- remedies ---------------------------------------------------------------------------------------------------------


def appealed(c: Course, *, by: Sequence[str] = ("IMP",)) -> str:
    """An appeal against the last judgment, granted and heard. Gives its label."""
    c.go(3, 5)
    remedy = c.label("Q")
    c.step("remedy", {"kind": "APE", "filed_by": tuple(by), "filed_on": PartialDate.of_day(c.date()), "court_instance": "SPA",
                      "court_name": "Sala Penal de Apelaciones"}, on=CASE, label=remedy)
    c.go(8, 20)
    court(c, "APE-CCS", court_name="Sala Penal de Apelaciones")
    c.go(40, 90)
    court(c, "APE-AUD")
    return remedy


def cassation(c: Course, *, by: Sequence[str] = ("IMP",)) -> str:
    """A cassation, granted and heard. Gives its label."""
    c.go(5, 9)
    remedy = c.label("Q")
    c.step("remedy", {"kind": "CAS", "filed_by": tuple(by), "filed_on": PartialDate.of_day(c.date()), "court_instance": "SPS",
                      "court_name": "Sala Penal Permanente"}, on=CASE, label=remedy)
    c.go(60, 140)
    court(c, "CAS-ADM", court_name="Sala Penal Permanente")
    c.go(40, 120)
    court(c, "CAS-AUD")
    return remedy


def nullity(c: Course) -> str:
    """The nullity appeal of the old code, up to the opinion of the supreme prosecutor. Gives its label."""
    c.go(1, 2)
    remedy = c.label("Q")
    c.step("remedy", {"kind": "RN", "filed_by": ("IMP",), "filed_on": PartialDate.of_day(c.date())}, on=CASE, label=remedy)
    c.go(5, 9)
    court(c, "RNU-FUN", party="IMP")
    c.go(80, 150)
    court(c, "RNU-DIC")
    return remedy


def decided(c: Course, remedy: str, kind: str, effect: str, *, label: str, verdict: str | None = None, remand_to: str | None = None) -> None:
    """The judgment that decides a remedy, with the same effect on every count."""
    c.go(10, 35)
    instance, organ = {"SVI": ("2", "SPA"), "SCA": ("S", "SPS"), "EJS": ("S", "SPS")}[kind]
    ruling: dict[str, Any] = {"remedy_outcome": effect}
    if verdict is not None:
        ruling["verdict"] = verdict
    if effect == "REC":
        ruling |= {"verdict": "REC", "convicted_offence": "PE-179" if c.facts.sexual else "PE-129O"}
    values: dict[str, Any] = {"judgment": _judgment(c, kind, instance, organ), "rulings": {Ref(one): ruling for one in c.court_counts},
                              "remedy": Ref(remedy), "remand_to": remand_to, "regress_reason": "Lo ordena la decisión que resuelve el recurso"}
    if effect in ("PEN", "REV-CON"):
        values["penalties"] = {Ref(one): _penalty(c, c.offence, False, False) for one in c.tried()}
    c.step("judgment", values, on=CASE, label=label)


# -- enforcement ------------------------------------------------------------------------------------------------------


def enforced(c: Course, code: str, label: str, *, pays: int = 2) -> None:
    """The conviction becomes final and is enforced; `pays` payments of the reparation at most."""
    c.go(6, 20)
    court(c, code, judgment=Ref(label), exact=True)
    c.go(5, 20)
    if c.chance.yes(0.7):
        court(c, "EJE-ING", accused=tuple(map(Ref, c.tried()[:1])), authority=Agency("INPE"))
    else:
        court(c, "EJE-CAP", accused=tuple(map(Ref, c.tried()[:1])))
    c.go(15, 60)
    court(c, "EJE-REQ", accused=tuple(map(Ref, c.tried()[:1])), reparation=Ref("R-1"), term_days=30)
    for _ in range(c.chance.number(0, pays)):
        c.go(20, 60)
        court(c, "EJE-PAG", reparation=Ref("R-1"), amount=Decimal(c.chance.one((300, 500, 800, 1000, 1500, 2500))))
    if c.chance.yes(0.35):
        c.go(30, 90)
        court(c, c.chance.one(("EJE-BEN", "EJE-DEC", "EJE-EMB", "EJE-REV")), accused=tuple(map(Ref, c.tried()[:1])), reparation=Ref("R-1"))
