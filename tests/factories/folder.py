"""A folder with something in every section: parts with identities, a count, acts, a measure, a service, a task, a court case."""
from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.people import Accused, Victim
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import counts, court_cases, events, identities, measures, people, tasks, victim_services
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.world import World


def full_folder(world: World, *, name: str = "fiscal.mdd", canary: str = "", at: datetime | None = None) -> tuple[str, int]:
    """Opens a charge as that prosecutor (now, or at that instant), fills it, and gives its number and the key of its court case.

    `canary` stands in every text of an identity.
    """
    viewer = world.viewer(name, at=at or datetime.now(UTC))
    number = open_charge(viewer, received_on="ayer", carpeta_number="2706014501-2026-417-0")
    with unit_of_work():
        _parts(viewer, number, canary or "Quispe")
        court_case = _procedure(viewer, number)
    return number, court_case


def _parts(viewer: Viewer, number: str, name: str) -> None:
    people.add_victim(viewer, number,
                      Entry("victim", {"sex": "M", "age_at_facts": 16, "citizenships": ("PE",), "main_purpose": "SEX"}))
    people.add_victim(viewer, number, Entry("victim", {"sex": "M", "age_at_facts": 24, "citizenships": ("BO",)}))
    people.add_accused(viewer, number, Entry("accused", {"identified": True, "kind": "NAT", "sex": "H", "roles": ("CAP",)}))
    for code in ("A-1", "A-2", "I-1"):
        identities.enter(viewer, number, code, Entry("identity", {
            "surname_paternal": name, "surname_maternal": f"{name} M", "given_names": f"{name} G", "aliases": f"{name} alias",
            "id_document_type": "DNI", "id_document_number": "40404040", "email": "persona@example.test",
            "safe_contact": f"{name} vecina", "address_street": f"Jirón {name} 123"}))


def _procedure(viewer: Viewer, number: str) -> int:
    accused = db.session.scalars(select(Accused.id).order_by(Accused.id.desc())).first()
    victim = db.session.scalars(select(Victim.id).order_by(Victim.id.desc())).first()
    today = PartialDate.of_day(viewer.today)
    counts.add(viewer, number, Entry("count", {"accused": accused, "offence": "PE-129B-1"}), victims=[victim] if victim else [])
    events.record(viewer, number, "DIP-INI", Entry("event", {"occurred_on": today, "term_days": 60}))
    measure: dict[str, Any] = {"kind": "COE", "accused": accused, "coercive_measure": "COM-RES", "state": "VIG",
                               "starts_on": date(viewer.today.year, 1, 2), "term_months": 9}
    measures.add(viewer, number, Entry("measure", measure))
    victim_services.add(viewer, number, "A-2", Entry("service", {
        "service_type": "ALO", "status": "DER", "referred_on": viewer.today, "referral_details": "Sin familia en la ciudad"}))
    tasks.add(viewer, number, Entry("task", {
        "title": "Confirmar la acogida", "assignee": viewer.user_id, "due_on": viewer.today, "note": "Antes del mediodía"}))
    return court_cases.open_case(viewer, Entry("court_case", {
        "docket_number": "00231-2026-0-2701-JR-PE-01", "court_case_kind": "PRI", "court_instance": "JIP",
        "court_name": "Juzgado de Investigación Preparatoria de Tambopata", "opened_on": today}), number=number)
