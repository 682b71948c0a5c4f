"""Joinder: one charge of the office absorbed by another, and its end. Both stay readable; only the receiving one counts.

Who sees the joined charge, and by which grants, does not change: being joined opens nothing of it to anybody.
"""
from __future__ import annotations

from typing import Any

from sistra.access import scope
from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.codebook.event_types import event_type
from sistra.rules import acts
from sistra.rules.confidentiality import COLLABORATION
from sistra.rules.entries import Entry
from sistra.rules.numbering import normalise_charge_number
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.stages import CLOSED
from sistra.services import events
from sistra.services.joinders import JOINS

ENTERED: tuple[Field, ...] = tuple(field for field in acts.asked(event_type(JOINS)) if field.name != "target_charge")
"""What joinder asks beside the number of the other charge, and its end too."""


def join(viewer: Viewer, number: str, target: str, entry: Entry) -> str:
    """Joins the charge into that of number `target`; gives that number. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.join", stands)
    wanted = normalise_charge_number(target) or target.strip()
    if not wanted:
        raise Rejected(Problem("target_charge", said("Escriba el número de la denuncia que la recibe")))
    if wanted == charge.number:
        raise Rejected(Problem("target_charge", said("Una denuncia no se acumula a sí misma")))
    if charge.stage == CLOSED:
        raise Rejected(Problem("", said("Esta denuncia está concluida o archivada: reábrala antes de acumularla")))
    if charge.confidentiality == COLLABORATION:
        raise Rejected(Problem("", said("Una denuncia con colaboración eficaz no sale de su equipo: no se deriva ni se acumula")))
    try:
        other, _stands = scope.charge(viewer, wanted)
    except NotVisible:
        raise Rejected(Problem("target_charge", said("No hay una denuncia con ese número a su alcance"))) from None
    events.record(viewer, number, JOINS, _with(entry, target_charge=other.id))
    return other.number


def separate(viewer: Viewer, number: str, entry: Entry) -> None:
    """Ends the joinder of the charge by an act of its own: it goes on where it stood. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.separate", stands)
    if charge.joined_into_id is None:
        raise Rejected(Problem("", said("La denuncia no está acumulada a otra")))
    if not str(entry.values.get("reason") or "").strip():
        raise Rejected(Problem("reason", said("Escriba el motivo")))
    events.record(viewer, number, "ACM-REV", _with(entry, target_charge=charge.joined_into_id))


def _with(entry: Entry, **more: Any) -> Entry:
    return Entry("event", {**entry.values, **more})
