"""What is done before the courts: accusation, trial, judgments, remedies, enforcement."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sistra.codebook.offences import offences
from sistra.rules.demonstration.course import Course
from sistra.rules.demonstration.courts import CASE, court
from sistra.rules.demonstration.inquiries import end_measures
from sistra.rules.demonstration.shapes import Agency, Ref
from sistra.rules.durations import Duration
from sistra.rules.partial_dates import PartialDate

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


def judged(
    c: Course,
    verdict: str,
    *,
    kind: str = "SEN",
    reserved: bool = False,
    suspended: bool = False,
    label: str = "J-1",
) -> None:
    """A judgment of first instance on every count charged, with penalties and reparation where it convicts."""
    c.go(4, 9)
    convicts = verdict in ("COND", "REC")
    other = _lesser_offence(c)
    ruling: dict[str, Any] = {"verdict": verdict}
    if verdict == "REC":
        ruling["convicted_offence"] = other
    elif verdict == "ABS":
        ruling["acquittal_reason"] = c.chance.one(("DUD", "DUD", "FIN", "AUT", "MED"))
    values: dict[str, Any] = {
        "judgment": _judgment(c, kind, "1", "JIP" if kind in ("STA", "SCE") else "JPC"),
        "rulings": {Ref(one): ruling for one in c.court_counts},
        "regress_reason": "",
    }
    if convicts:
        values["penalties"] = {
            Ref(one): _penalty(c, other if verdict == "REC" else c.offence, reserved, suspended) for one in c.tried()
        }
        values["reparations"] = [_reparation(c)]
    c.step("judgment", values, on=CASE, label=label)
    end_measures(c, "Se dictó sentencia")


def _lesser_offence(c: Course) -> str:
    """What courts find instead of trafficking, in the text in force at the facts."""
    if c.facts.old_law:
        return "PE-179" if c.facts.sexual else "PE-168B-2017"
    return "PE-129C" if c.facts.sexual else "PE-129O"


def _judgment(c: Course, kind: str, instance: str, organ: str) -> dict[str, Any]:
    day = c.date()
    names = {
        "JIP": "Juzgado de Investigación Preparatoria",
        "JPC": "Juzgado Penal Colegiado",
        "SPA": "Sala Penal de Apelaciones",
        "SPS": "Sala Penal Permanente",
        "SPE-ANT": "Sala Penal Superior",
    }
    found: dict[str, Any] = {
        "decision_kind": kind,
        "instance": instance,
        "decided_on": PartialDate.of_day(day),
        "court_instance": organ,
        "court_name": names[organ],
        "resolution_number": f"Resolución n.° {c.chance.number(4, 48)}",
    }
    if c.chance.yes(0.85):
        found["notified_on"] = PartialDate.of_day(day)
    if c.chance.yes(0.5):
        found["procedural_remark"] = (
            "La sala valoró la entrevista única como prueba preconstituida y la corroboró con la pericia psicológica."
        )
    return found


def _penalty(c: Course, offence: str, reserved: bool, suspended: bool) -> dict[str, Any]:
    least = offences()[offence].penalty_min_years or 4
    if reserved:
        return {"sentence_types": ("RFC", "RC"), "suspension_term": Duration(2)}
    if suspended:
        return {
            "sentence_types": ("PPL-SUS", "RC"),
            "imprisonment": Duration(4),
            "suspension_term": Duration(3),
            "below_minimum_reason": "Reducción por conformidad y responsabilidad restringida.",
        }
    found: dict[str, Any] = {
        "sentence_types": ("PPL-EFE", "INH", "RC"),
        "imprisonment": Duration(least + c.chance.number(0, 7), c.chance.one((0, 0, 6))),
        "disqualification": Duration(5),
    }
    if c.chance.yes(0.4):
        found["served_from"] = c.date()
    return found


def _reparation(c: Course) -> dict[str, Any]:
    found: dict[str, Any] = {
        "victims": tuple(map(Ref, c.victims)),
        "debtors": tuple(map(Ref, c.tried())),
        "joint_liability": True,
        "amount_ordered": Decimal(c.chance.one((3000, 5000, 8000, 10000, 12000, 15000, 20000, 30000, 50000))),
    }
    return found


# -- remedies ---------------------------------------------------------------------------------------------------------


def appealed(c: Course, *, by: Sequence[str] = ("IMP",)) -> str:
    """An appeal against the last judgment, granted and heard. Gives its label."""
    c.go(3, 5)
    remedy = _filed(c, "APE", by, "SPA", "Sala Penal de Apelaciones")
    c.go(8, 20)
    court(c, "APE-CCS", court_name="Sala Penal de Apelaciones")
    c.go(40, 90)
    court(c, "APE-AUD")
    return remedy


def cassation(c: Course, *, by: Sequence[str] = ("IMP",)) -> str:
    """A cassation, granted and heard. Gives its label."""
    c.go(5, 9)
    remedy = _filed(c, "CAS", by, "SPS", "Sala Penal Permanente")
    c.go(60, 140)
    court(c, "CAS-ADM", court_name="Sala Penal Permanente")
    c.go(40, 120)
    court(c, "CAS-AUD")
    return remedy


def _filed(c: Course, kind: str, by: Sequence[str], instance: str, court_name: str) -> str:
    label = c.label("Q")
    c.step(
        "remedy",
        {
            "kind": kind,
            "filed_by": tuple(by),
            "filed_on": PartialDate.of_day(c.date()),
            "court_instance": instance,
            "court_name": court_name,
        },
        on=CASE,
        label=label,
    )
    return label


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


def decided(
    c: Course, remedy: str, kind: str, effect: str, *, label: str, verdict: str | None = None, remand_to: str | None = None
) -> None:
    """The judgment that decides a remedy, with the same effect on every count."""
    c.go(10, 35)
    instance, organ = {"SVI": ("2", "SPA"), "SCA": ("S", "SPS"), "EJS": ("S", "SPS")}[kind]
    ruling: dict[str, Any] = {"remedy_outcome": effect}
    if verdict is not None:
        ruling["verdict"] = verdict
    if effect == "REC":
        ruling |= {"verdict": "REC", "convicted_offence": "PE-179" if c.facts.sexual else "PE-129O"}
    values: dict[str, Any] = {
        "judgment": _judgment(c, kind, instance, organ),
        "rulings": {Ref(one): ruling for one in c.court_counts},
        "remedy": Ref(remedy),
        "remand_to": remand_to,
        "regress_reason": "Lo ordena la decisión que resuelve el recurso",
    }
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
    if c.turn < 4 or c.chance.yes(0.35):
        c.go(30, 90)
        more = ("EJE-BEN", "EJE-DEC", "EJE-EMB", "EJE-REV")[(c.turn + (code == "FIR-CON")) % 4]
        court(c, more, accused=tuple(map(Ref, c.tried()[:1])), reparation=Ref("R-1"))
