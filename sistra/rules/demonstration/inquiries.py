"""What is done while a charge is investigated: statements, reports, requests, searches, protection, custody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sistra.rules.demonstration.chance import weights
from sistra.rules.demonstration.course import Course, Measure
from sistra.rules.demonstration.shapes import Agency, Ref

SINGLES = (
    "NOT-IPO",
    "NOT-AMP",
    "NOT-VER",
    "DIP-URG",
    "DEC-AGR",
    "CON-FRO",
    "REC-PER",
    "REC-COS",
    "OPE-SIN",
    "ALL-REQ",
    "ALL-EJE",
    "INC-BIE",
    "COM-INT",
    "COM-LEV",
    "BAN-LEV",
    "DIG-EXT",
    "VID-VIG",
    "AGE-ENC",
    "COO-INT",
    "DET-REQ",
    "DET-EJE",
    "PAN-REQ",
    "CEM-DER",
    "UPE-DER",
    "CAR-ING",
    "CAR-EGR",
    "DPV-ASI",
    "CON-CON",
    "MIG-CAL",
    "RET-ASI",
    "ATE-REG",
    "ATE-REH",
    "PLA-REI",
    "ATE-CIE",
    "VIC-IDE",
    "MPR-SOL",
    "NOT-PAR",
    "CST-NOT",
    "PER-OTR",
    "PER-DIG",
    "DER-CTD",
    "REO-PUE",
    "EXD-ACT",
    "PER-SOC",
    "PER-EDA",
    "PER-MED",
)
"""Acts of the investigation that stand alone; the plan gives each of them to some charges."""

_OF_ACCUSED = frozenset({"CON-FRO", "REC-PER", "DET-REQ", "DET-EJE", "REO-PUE", "EXD-ACT", "INC-BIE", "DIG-EXT", "PER-DIG"})


def single(c: Course, code: str) -> None:
    """One of `SINGLES`, where the charge has what it is about."""
    if code in _OF_ACCUSED and not c.named():
        code = "CST-NOT"
    c.act(code)
    if code == "DET-EJE":
        c.go(1, 3).act("DET-LIB")


def interview(c: Course) -> None:
    """The single interview: set, perhaps frustrated, held."""
    c.act("EUN-PRG")
    if c.chance.yes(0.25):
        c.go(3, 10).act("EUN-FRU")
    c.go(4, 15).act("EUN-REA")


def expert(c: Course) -> None:
    """A report asked for and, most times, received."""
    kind = c.chance.by_weight(weights("PSI:6;MED:3;SOC:2;EDA:2;DIG:2"))
    c.act("PER-SOL", expert_report_kind=kind, term_days=None)
    if c.chance.yes(0.7) or not c.live:
        c.go(8, 30).act(f"PER-{kind}")


def request(c: Course) -> None:
    """Information asked from an agency: answered, reminded, or still out."""
    agency = Agency(c.chance.one(("RENIEC", "MIGRACIONES", "PNP", "MTC", "MINSA", "SUNAFIL")))
    c.act("OFI-SOL", authority=agency)
    if c.chance.yes(0.2):
        c.go(10, 20).act("OFI-REI", authority=agency)
    if c.chance.yes(0.7) or not c.live:
        c.go(5, 20).act("OFI-RES", authority=agency)


def asked_by_agency(c: Course) -> None:
    agency = Agency(c.chance.one(("DP", "MIMP", "MININTER")))
    c.act("ENT-PED", authority=agency)
    c.go(2, 8).act("ENT-RES", authority=agency)


def protection(c: Course) -> None:
    """A protection measure, sometimes prolonged or ended."""
    label, victim = c.label("M"), c.chance.one(c.victims)
    day = c.date()
    measure = c.chance.by_weight(weights("IDE:5;ACG:3;ACO:3;POL:2;DOM:1;OCU:1;MIG:0.5"))
    c.step(
        "measure",
        {
            "kind": "PRO",
            "victim": Ref(victim),
            "protection_measure": measure,
            "ordered_on": day,
            "starts_on": day,
            "term_months": c.chance.one((3, 6, 6, 12)),
            "state": "VIG",
        },
        label=label,
    )
    c.act("MPR-DIS", victims=(Ref(victim),), measure=Ref(label))
    if c.chance.yes(0.15):
        c.go(40, 80).act("MPR-PRO", victims=(Ref(victim),), measure=Ref(label))
    c.in_force.append(Measure(label, "MPR-CES", "", {"victims": (Ref(victim),)}))


def end_measures(c: Course, reason: str) -> None:
    """Ends every measure in force."""
    while c.in_force:
        one = c.in_force.pop(0)
        c.go(0, 2).act(one.ended_by, on=one.on, measure=Ref(one.label), **one.persons)
        c.step("end_measure", {"state": "CES", "ended_on": c.date(), "reason": reason}, on=one.label)


def arrest(c: Course) -> None:
    """An arrest at the scene, ended by release."""
    if c.named():
        person = c.named()[0]
        c.act("DET-FLA", accused=(Ref(person),))
        c.go(1, 2).act("DET-LIB", accused=(Ref(person),))


def care(c: Course) -> None:
    c.act("RIE-VAL")
    c.act("UDV-DER")


_PLAIN: Mapping[str, str] = MappingProxyType(
    {"testigo": "DEC-TES", "imputado": "DEC-IMP", "lugar": "INS-LUG", "nota": "CST-NOT", "informe": "NOT-IPO"}
)
_GROUPS: Mapping[str, Callable[[Course], None]] = MappingProxyType(
    {
        "entrevista": interview,
        "pericia": expert,
        "oficio": request,
        "pedido": asked_by_agency,
        "proteccion": protection,
        "flagrancia": arrest,
        "atencion": care,
    }
)
_WEIGHTS = weights(
    "testigo:9;imputado:6;lugar:4;nota:2;informe:2;entrevista:7;pericia:9;oficio:9;pedido:1;proteccion:5;flagrancia:1.5;atencion:5"
)


def work(c: Course, least: int, most: int, *, pace: int = 26) -> None:
    """Between `least` and `most` pieces of work, some days apart; those that the plan gave this charge among them."""
    for _ in range(c.chance.number(least, most)):
        c.go(2, pace)
        if c.singles and c.chance.yes(0.4):
            single(c, c.singles.pop(0))
            continue
        drawn = c.chance.by_weight(_WEIGHTS)
        if drawn in _GROUPS:
            _GROUPS[drawn](c)
        elif drawn != "imputado" or c.named():
            c.act(_PLAIN[drawn])
    while c.singles:
        c.go(1, 5)
        single(c, c.singles.pop(0))
