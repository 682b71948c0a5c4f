"""Services for victims: what their answers must agree on, which of them run, and who may change one."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sistra.rules.problems import Problem, said

DECLINED = "REH"
OPEN = frozenset({"SOL", "DER", "ACE", "CUR"})
"""States (`service_status`) in which something is still to come."""
_BEGUN = frozenset({"CUR", "DAD", "INT", "CON"})
"""States in which somebody gave, or gives, the service."""
_ORDER = (("referred_on", "starts_on", said("La atención no puede empezar antes de la derivación")),
          ("referred_on", "ended_on", said("La atención no puede terminar antes de la derivación")),
          ("starts_on", "planned_end_on", said("El fin previsto no puede ser anterior al inicio")),
          ("starts_on", "ended_on", said("La atención no puede terminar antes de empezar")))


def check_service(values: Mapping[str, Any]) -> list[Problem]:
    """Problems between the answers of a service: order of its days, why it was declined, who gave it. NSP is an answer."""
    status = values.get("status")
    problems = []
    if values.get("service_type") == DECLINED:
        problems.append(Problem("service_type", said(
            "Elija la atención que se ofreció y, como estado, «Rechazada por la persona»")))
    if status == DECLINED and values.get("decline_reason") is None:
        problems.append(Problem("decline_reason", said("Indique por qué la rechazó, o que no se sabe")))
    if status in _BEGUN and values.get("provider") is None:
        problems.append(Problem("provider", said("Indique la entidad que presta la atención, o que no se sabe")))
    if status in OPEN and isinstance(values.get("ended_on"), date):
        problems.append(Problem("status", said("La atención tiene fecha de fin: elija cómo terminó")))
    for earlier, later, message in _ORDER:
        first, last = values.get(earlier), values.get(later)
        if isinstance(first, date) and isinstance(last, date) and last < first:
            problems.append(Problem(later, message))
    return problems


def may_change(*, by_right: bool, assists: bool, own: bool, provides: bool) -> bool:
    """Whether somebody who may write services may change this one.

    The office by right and the unit that assists victims change any; another recipient only what it entered itself, or
    what its agency provides: nobody rewrites what another agency answered for.
    """
    return by_right or assists or own or provides
