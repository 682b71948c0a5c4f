"""Victims and accused of invented facts, as the forms would be filled in: their answers, identities and lists."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sistra.codebook.terms import Unknown
from sistra.rules.demonstration import names
from sistra.rules.demonstration.chance import Chance, weights
from sistra.rules.demonstration.facts import Facts, Sketch
from sistra.rules.demonstration.shapes import Ref
from sistra.rules.partial_dates import PartialDate

Answers = dict[str, Any]
_LANGUAGES = {"cas": "spa", "que": "que", "aym": "aym", "ama": "shp"}
_ABROAD = "VE:50;CO:16;EC:14;BO:14;BR:3;HT:3"
_ADULT_WORK = "MES:4;COM:4;DES:4;HOG:3;EST:2;AGR:2;TDO:2;OBR:1;OTH:1;NSP:2"
_RELATIONS = "LAB:22;LAB-ENG:18;DES:16;CON-RED:12;CON-AMI:9;FAM-OTR:6;FAM-PAR:3;PAR:6;CON-VEC:4;NSP:6"
_FACTORS = ("ECO", "FAM", "VIO", "EDU", "VIO-RED", "LAB")
_CONTROL = ("DEB", "GAN", "FIN", "AMF", "AMH", "PSI", "PRO", "MOV", "HOR", "DOC")


def victim(chance: Chance, facts: Facts, sketch: Sketch, *, identified_victim: bool) -> Answers:
    """The answers about a victim. `identified_victim`: an authority has determined that it is one."""
    origins = facts.district.surnames
    found: Answers = {"identified": sketch.identified, "sex": sketch.sex if chance.yes(0.99) else Unknown.NOT_KNOWN.value}
    found |= _age(chance, sketch)
    found["citizenships"] = (chance.by_weight(weights(_ABROAD)),) if chance.yes(_foreign(facts)) else ("PE",)
    if found["citizenships"] == ("PE",):
        found["primary_language"] = "spa" if chance.yes(0.75) else _LANGUAGES[chance.by_weight(origins)]
        found["residence_before"] = facts.origin
    found["main_purpose"] = facts.purpose
    if chance.yes(0.7):
        found["education"] = chance.by_weight(weights(_schooling(sketch)))
    if chance.yes(0.7):
        minor = sketch.age is not None and sketch.age < 18
        found["occupation"] = "EST" if minor and chance.yes(0.7) else chance.by_weight(weights(_ADULT_WORK))
    if chance.yes(0.75):
        found["relation_to_accused"] = chance.by_weight(weights(_RELATIONS))
    found["condition"] = "RES" if facts.source == "OPE" else chance.by_weight(weights("IDE:5;ESC:3;FAM:2;NUB:1;DES:0.4;NSP:1"))
    found |= _situation(chance, facts)
    if identified_victim:
        found |= {"status": "IDE", "status_authority": "JUD"}
    return found


def _foreign(facts: Facts) -> float:
    return {"TUM": 0.4, "LIM": 0.2, "TAC": 0.25, "PUN": 0.12, "MDD": 0.08}.get(facts.district.code, 0.06)


def _age(chance: Chance, sketch: Sketch) -> Answers:
    if sketch.age is None:
        return chance.one(
            ({"age_at_facts": Unknown.NOT_KNOWN}, {"age_group": "L-18"}, {"age_group": "L-U18", "age_basis": "EST"})
        )
    return {"age_at_facts": sketch.age, "age_basis": chance.by_weight(weights("NAC:6;DEC:4;PER:1"))}


def _schooling(sketch: Sketch) -> str:
    if sketch.age is None or sketch.age >= 18:
        return "PRI:2;SEC:7;SNU:2;SUN:1;NSP:1"
    return "PRI:6;NIN:1" if sketch.age < 13 else "PRI:2;SEC:8;NSP:0.5"


def _situation(chance: Chance, facts: Facts) -> Answers:
    found: Answers = {}
    if chance.yes(0.6):
        found["vulnerability_factors"] = chance.some(_FACTORS, 3)
    if chance.yes(0.5):
        found["control_methods"] = chance.some(_CONTROL, 3)
    if chance.yes(0.5):
        found["risk_level"] = chance.by_weight(weights("ALT:3;MED:4;BAJ:2;NSP:1"))
    if facts.sexual and chance.yes(0.04):
        found["pregnant_at_facts"] = True
    return found


def accused(chance: Chance, facts: Facts, sketch: Sketch) -> Answers:
    """The answers about an accused, identified or not."""
    found: Answers = {"identified": sketch.identified}
    if not sketch.identified:
        return found | {"status": "LQR", "description": facts.text(chance, "desconocido")}
    if sketch.kind == "JUR":
        return found | {"kind": "JUR"}
    found |= {
        "kind": "NAT",
        "sex": sketch.sex,
        "citizenships": ("PE",) if chance.yes(0.92) else (chance.by_weight(weights(_ABROAD)),),
    }
    if sketch.age is not None:
        found["age_at_facts"] = sketch.age
    else:
        found["age_at_facts"] = Unknown.NOT_KNOWN
    if chance.yes(0.7):
        found["occupation"] = chance.by_weight(weights("COM:6;TRA:3;EMP:2;MIN:1.5;OBR:1;HOG:1;PNP:0.3;NSP:1"))
    found["roles"] = chance.some(("CAP", "TRA", "REC", "EXP", "ADM", "DUE"), 2)
    if chance.yes(0.5):
        found["criminal_record"] = (chance.by_weight(weights("NIN:6;POL:3;PEN:1;NSP:2")),)
    return found


def identity(chance: Chance, facts: Facts, sketch: Sketch, answers: Answers) -> Answers:
    """Names, document and birth of a part; nothing of who is not identified."""
    if not sketch.identified:
        return {}
    if sketch.kind == "JUR":
        return {
            "legal_name": names.company(chance),
            "id_document_type": "RUC",
            "id_document_number": names.document(chance, "RUC"),
        }
    origins = facts.district.surnames
    found: Answers = {
        "surname_paternal": names.surname(chance, origins),
        "surname_maternal": names.surname(chance, origins),
        "given_names": names.given_names(chance, sketch.sex),
    }
    if answers.get("citizenships") == ("PE",) and chance.yes(0.85):
        found |= {"id_document_type": "DNI", "id_document_number": names.document(chance, "DNI")}
    elif answers.get("citizenships") != ("PE",):
        found |= {
            "id_document_type": "EXT",
            "id_document_number": names.document(chance, "EXT"),
            "id_document_country": (answers.get("citizenships") or ("PE",))[0],
        }
    if sketch.age is not None and facts.starts.earliest and chance.yes(0.7):
        found["birth_date"] = birth(chance, sketch.age, facts.starts.earliest)
    if chance.yes(0.3):
        found["mobile_phone"] = names.mobile(chance)
    return found


def birth(chance: Chance, age: int, on: date) -> PartialDate:
    """A birth date that gives the age on that day."""
    born = on - timedelta(days=int(365.25 * age) + chance.number(20, 340))
    return PartialDate.of_day(born) if chance.yes(0.9) else PartialDate.of_month(born.year, born.month)


def recruitment(chance: Chance, facts: Facts, sketch: Sketch, accused_codes: tuple[str, ...]) -> Answers:
    """How a victim was recruited."""
    online = facts.method.startswith("RED")
    minor = sketch.age is not None and sketch.age < 18
    found: Answers = {
        "methods": (facts.method,),
        "contact_channel": "LIN" if online else chance.by_weight(weights("PRE:6;TEL:2;TER:1;NSP:1")),
        "country": "PE",
        "place": facts.origin,
    }
    if online:
        found["platforms"] = chance.some(("FACEBOOK", "FBM", "IG", "WA", "TT"), 2)
    if facts.method != "NSP":
        found["offer"] = f"Trabajo como {facts.words['oferta']}"
    found["means"] = ("NRQ",) if minor and chance.yes(0.6) else chance.some(("AME", "ENG", "VUL"), 2)
    if accused_codes and chance.yes(0.6):
        found["accused"] = tuple(Ref(code) for code in accused_codes[:1])
    if facts.starts.known:
        found["recruited_on"] = facts.starts
    return found


def exploitation(chance: Chance, facts: Facts) -> Answers:
    """How a victim was exploited."""
    found: Answers = {
        "purpose": facts.purpose,
        "consummated": chance.yes(0.9),
        "place_types": (facts.premises,),
        "country": "PE",
        "place": facts.place,
    }
    if facts.activity and chance.yes(0.6):
        found["economic_activity"] = facts.activity
    if facts.starts.known:
        found["started_on"] = facts.starts
    if chance.yes(0.4):
        found |= {
            "hours_per_day": Decimal(chance.number(8, 16)),
            "days_per_week": chance.one((6, 7, 7)),
            "paid": chance.yes(0.4),
            "lodging_given": chance.yes(0.6),
        }
    return found
