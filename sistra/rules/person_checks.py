"""What the answers about victims and accused must agree on, and what follows from them: ages, who is guarded."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sistra.codebook.dictionary import Record
from sistra.codebook.terms import Unknown
from sistra.rules.charge_checks import check_exclusive, check_period
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, said
from sistra.rules.purposes import MIXED, purposes_top

ADULT = 18
OLDEST = 120
_GROUPS = {"L-U14": (0, 13), "L-14-17": (14, 17), "L-U18": (0, 17), "L-18": (18, OLDEST)}
LEGAL_GROUPS = tuple(_GROUPS)
"""The age groups that a person enters; the other schemes of the list are derived from the age."""

HUMAN_ANSWERS = ("sex", "gender_identity", "age_at_facts", "age_group", "citizenships", "occupation", "public_official",
                 "public_institution", "primary_language", "immigration_status", "education")
"""What only a human being has: not asked of a legal entity."""

HUMAN_NAMES = ("surname_paternal", "surname_maternal", "given_names", "aliases", "court_initials", "salutation",
               "birth_date", "birth_country", "birth_place", "deceased", "deceased_on")
"""The answers of an identity that only a human being has."""


def answered(value: Any) -> bool:
    """Whether there is a value: neither blank nor one of the unknown answers."""
    return value not in (None, "", ()) and not isinstance(value, Unknown)


def age_span(birth: Any, facts: Any) -> tuple[int, int] | None:
    """The least and the greatest completed years from birth to the start of the facts; None when either is unknown.

    Both are equal where days, or months that do not hold the birthday, leave no doubt.
    """
    if not (isinstance(birth, PartialDate) and isinstance(facts, PartialDate) and birth.earliest and birth.latest
            and facts.earliest and facts.latest):
        return None
    return _years(birth.latest, facts.earliest), _years(birth.earliest, facts.latest)


def _years(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def counts_as_minor(age: Any, age_group: Any) -> bool:
    """Whether identities are guarded as a minor's: under 18 at the facts, or nobody has said that the person was 18.

    The restrictive reading: an age that is blank or not known never opens a name beyond the case team.
    """
    return age < ADULT if isinstance(age, int) else age_group != "L-18"


def check_age(values: Mapping[str, Any]) -> list[Problem]:
    """Problems between an age, its legal group, and the age that `birth_date` and `facts_from` give (where present)."""
    age, group, problems = values.get("age_at_facts"), values.get("age_group"), []
    if isinstance(age, int) and age > OLDEST:
        problems.append(Problem("age_at_facts", said("La edad va de 0 a %(oldest)s años"), {"oldest": OLDEST}))
    if answered(group) and group not in _GROUPS:
        problems.append(Problem("age_group", said("Elija un grupo de edad legal: los demás se calculan con la edad")))
    elif isinstance(age, int) and group in _GROUPS and not _GROUPS[group][0] <= age <= _GROUPS[group][1]:
        message = said("El grupo de edad no corresponde a una persona de %(age)s años")
        problems.append(Problem("age_group", message, {"age": age}))
    span = age_span(values.get("birth_date"), values.get("facts_from"))
    if span is not None and span[1] < 0:
        problems.append(Problem("birth_date", said("La fecha de nacimiento es posterior al inicio de los hechos")))
    elif span is not None and isinstance(age, int) and not span[0] - 1 <= age <= span[1] + 1:
        problems.append(Problem("age_at_facts", said(
            "La edad registrada (%(age)s) difiere en más de un año de la que da la fecha de nacimiento: revise ambas"),
            {"age": age}))
    return problems


def check_victim(values: Mapping[str, Any], *, purposes: Iterable[str] = (),
                 relations: Iterable[str] = ()) -> list[Problem]:
    """Problems of a victim. `purposes` and `relations` are the codes of its exploitation and relation rows."""
    problems = check_age(values)
    problems += check_exclusive(values, "citizenships", "disabilities", "control_methods", "vulnerability_factors",
                                "risk_kinds", "other_languages")
    heads, main = purposes_top(purposes), values.get("main_purpose")
    if main == MIXED and len(heads) < 2:
        problems.append(Problem("main_purpose", said("«Formas mixtas» se calcula sola: registre cada explotación")))
    elif len(heads) > 1 and answered(main) and main != MIXED:
        problems.append(Problem("main_purpose", said("Hay explotaciones de formas distintas: son «Formas mixtas»")))
    elif len(heads) == 1 and answered(main) and purposes_top([str(main)]) != heads:
        problems.append(Problem("main_purpose", said("La forma principal no está entre las explotaciones registradas")))
    related, relation = set(relations), values.get("relation_to_accused")
    if related and answered(relation) and relation not in related:
        problems.append(Problem("relation_to_accused", said("Esa relación no está entre las registradas una por una")))
    return problems


def check_accused(values: Mapping[str, Any]) -> list[Problem]:
    """Problems of an accused: what a legal entity does not have, and which situations a person enters."""
    problems = check_age(values) + check_exclusive(values, "citizenships", "roles", "criminal_record")
    if values.get("kind") == "JUR":
        problems += [Problem(name, said("Una persona jurídica no tiene este dato: déjelo sin respuesta"))
                     for name in HUMAN_ANSWERS if answered(values.get(name))]
    if values.get("status") == "LQR" and values.get("identified") is True:
        problems.append(Problem("status", said("«Los que resulten responsables» es de quien no está identificado")))
    if values.get("status") == "RCO" and values.get("identified") is False:
        problems.append(Problem("status", said("Solo una persona identificada puede ser reo contumaz o ausente")))
    return problems


_DIGITS: Mapping[Any, tuple[int, str]] = {
    "DNI": (8, said("El DNI tiene 8 dígitos")), "RUC": (11, said("El RUC tiene 11 dígitos"))}


def check_identity(values: Mapping[str, Any], *, kind: str | None) -> list[Problem]:
    """Problems of the identity of a part: a legal entity (`kind` JUR) has a legal name, a human being has names."""
    wrong = HUMAN_NAMES if kind == "JUR" else ("legal_name",)
    said_so = (said("Una persona jurídica no tiene este dato: registre su razón social") if kind == "JUR"
               else said("La razón social es solo de una persona jurídica"))
    problems = [Problem(name, said_so) for name in wrong if answered(values.get(name))]
    document, number = values.get("id_document_type"), values.get("id_document_number")
    if document in _DIGITS and answered(number):
        digits, message = _DIGITS[document]
        if not (str(number).isdigit() and len(str(number)) == digits):
            problems.append(Problem("id_document_number", message))
    return problems


def check_typed(part: Mapping[str, Any], identity: Mapping[str, Any], *, today: date) -> list[Problem]:
    """Problems within what one form says of a part and of its identity, before either is written.

    The birth date stands in the message: it is for whoever has just typed it.
    """
    problems = []
    if part.get("kind") == "JUR" and "legal_name" in identity and not answered(identity["legal_name"]):
        problems.append(Problem("legal_name", said("Escriba la razón social")))
    age, birth = part.get("age_at_facts"), identity.get("birth_date")
    if isinstance(age, int) and isinstance(birth, PartialDate) and birth.earliest \
            and age > _years(birth.earliest, today) + 1:
        problems.append(Problem("age_at_facts", said("La edad (%(age)s) no concuerda con la fecha de nacimiento (%(birth)s)"),
                                {"age": age, "birth": birth.text()}))
    return problems


def check_said(*entries: Mapping[str, Any]) -> list[Problem]:
    """The problem of a new person of whom nothing was said."""
    if any(value not in (None, "", ()) for values in entries for value in values.values()):
        return []
    return [Problem("", said("Escriba al menos un dato de la persona"))]


def check_recruitment(values: Mapping[str, Any], *, adult: bool) -> list[Problem]:
    """Problems of one recruitment. `adult`: the victim is known to have been 18 or older at the facts."""
    problems = check_exclusive(values, "methods", "means", "platforms")
    means = values.get("means")
    if isinstance(means, tuple) and "NRQ" in means:
        if len(means) > 1:
            problems.append(Problem("means", said("«No exigible» no se combina con otros medios")))
        if adult:
            problems.append(Problem("means", said("Los medios son exigibles: la persona tenía 18 años o más")))
    return problems


def check_exploitation(values: Mapping[str, Any]) -> list[Problem]:
    """Problems of one exploitation: purpose, period, hours and days."""
    problems = check_period(values, "started_on", "ended_on") + check_exclusive(values, "place_types", "platforms")
    if values.get("purpose") == MIXED:
        problems.append(Problem("purpose", said("«Formas mixtas» se calcula sola: registre cada explotación")))
    limits = {"hours_per_day": (24, said("Un día tiene 24 horas")),
              "days_per_week": (7, said("Una semana tiene 7 días"))}
    return problems + [Problem(name, message) for name, (most, message) in limits.items()
                       if answered(values.get(name)) and values[name] > most]


def unasked(record: Record, before: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """The fields that lose their answer because another answer, given now, says that they are not asked.

    `before` holds what is recorded (any non-blank mark for values that are not read), `given` what the entry says. An
    answer stays where its trigger is blank, and where neither of the two changes.
    """
    after = {**before, **given}
    lost: list[str] = []
    for field in record.fields.values():
        condition = field.condition
        if condition is None or condition.field not in record.fields or after.get(field.name) in (None, "", ()):
            continue
        trigger = after.get(condition.field)
        changed = any(name in given and given[name] != before.get(name) for name in (field.name, condition.field))
        refused = trigger not in (None, "", ()) and changed and not condition.met(trigger)
        if refused or condition.field in lost:
            after[field.name] = None
            lost.append(field.name)
    return lost
