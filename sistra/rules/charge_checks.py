"""What the answers of a charge must agree on among themselves. Used by form, importer and API alike."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sistra.codebook.terms import Unknown
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, said


def check_charge(values: Mapping[str, Any]) -> list[Problem]:
    """Problems between fields. `values` are those of the record after the entry; fields that are absent are not checked."""
    problems = []
    victims, minors = values.get("victims_declared"), values.get("minors_declared")
    if isinstance(victims, int) and isinstance(minors, int) and minors > victims:
        problems.append(Problem("minors_declared",
                                said("No puede haber más menores de edad (%(minors)s) que personas agraviadas (%(victims)s)"),
                                {"minors": minors, "victims": victims}))
    problems += check_period(values, "facts_from", "facts_to")
    problems += check_exclusive(values, "purpose_known", "acts", "means", "recruitment_methods")
    if "MIX" in _codes(values.get("purpose_known")):
        problems.append(Problem("purpose_known", said("«Formas mixtas» se calcula sola: marque cada finalidad conocida")))
    if "NRQ" in _codes(values.get("means")) and len(_codes(values["means"])) > 1:
        problems.append(Problem("means", said("«No exigible» no se combina con otros medios")))
    return problems


def check_period(values: Mapping[str, Any], first: str, last: str) -> list[Problem]:
    """A problem where a period ends before it begins (partial dates: its latest end before its earliest beginning)."""
    starts, ends = values.get(first), values.get(last)
    if isinstance(starts, PartialDate) and isinstance(ends, PartialDate) and ends.surely_before(starts):
        return [Problem(last, said("Termina antes de empezar: revise las dos fechas"))]
    return []


def check_exclusive(values: Mapping[str, Any], *names: str) -> list[Problem]:
    """A problem for each list field where "not specified" stands beside a code."""
    return [Problem(name, said("«No se sabe» no se combina con otras respuestas")) for name in names
            if Unknown.NOT_KNOWN.value in _codes(values.get(name)) and len(_codes(values[name])) > 1]


def _codes(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()

