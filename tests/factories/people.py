"""Charges with people in them, made through the verbs as a person would. All names are invented and improbable."""
from __future__ import annotations

from datetime import date
from typing import Any

from sistra.access.viewer import Viewer
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges, identities, people
from sistra.services.unit import unit_of_work

RECEIVED = PartialDate.of_day(date(2026, 3, 20))


def opened(viewer: Viewer, **values: Any) -> str:
    """The number of a charge that the viewer opens, committed."""
    answers = {"received_on": RECEIVED, "notice_source": "OPE", "reported_offence": "PE-129A", "notice_place": "170101",
               "summary": "Operativo conjunto en un local"} | values
    later = {name: answers.pop(name) for name in ("facts_from",) if name in answers}
    with unit_of_work():
        number = charges.open_charge(viewer, Entry("charge", answers))
        if later:
            charges.amend(viewer, number, Entry("charge", later))
    return number


def victim_in(viewer: Viewer, number: str, identity: dict[str, Any] | None = None, **values: Any) -> str:
    """The code of a victim added to a charge, with an identity where one is given, committed."""
    with unit_of_work():
        code = people.add_victim(viewer, number, Entry("victim", values))
        if identity:
            identities.enter(viewer, number, code, Entry("identity", identity))
    return code


def accused_in(viewer: Viewer, number: str, identity: dict[str, Any] | None = None, **values: Any) -> str:
    """The code of an accused added to a charge, identified unless said otherwise, committed."""
    with unit_of_work():
        code = people.add_accused(viewer, number, Entry("accused", {"identified": True} | values))
        if identity:
            identities.enter(viewer, number, code, Entry("identity", identity))
    return code
