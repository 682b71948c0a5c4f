"""Charges as a prosecutor opens them."""
from __future__ import annotations

from typing import Any

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.rules.entries import Entry, read
from sistra.services import charges
from sistra.services.unit import unit_of_work

POSTED = {
    "received_on": "20/03/2026",
    "notice_source": "PNP",
    "reported_offence": "PE-129A",
    "purpose_known": ["LAB", "LAB-MIN"],
    "notice_place": "Inambari",
    "summary": "Captación con oferta de trabajo en un bar.",
    "victims_declared": "3",
    "minors_declared": "1",
    "accused_declared": "2",
    "immediate_risk": "NIN",
}
"""The twelve fields as a person types them (the office and the responsible are prefilled)."""


def posted(**changes: Any) -> dict[str, Any]:
    """`POSTED` with other texts; None leaves a field out."""
    return {name: text for name, text in (POSTED | changes).items() if text is not None}


def open_charge(viewer: Viewer, **changes: Any) -> str:
    """Opens a charge through the verbs, commits, and gives its number."""
    texts = {name: text if isinstance(text, list) else [text] for name, text in posted(**changes).items()}
    values, problems = read(record("charge").of_section("denuncia"), texts, viewer.today)
    assert not problems, problems
    with unit_of_work():
        return charges.open_charge(viewer, Entry("charge", values))


def amend_charge(viewer: Viewer, number: str, version: int, **values: Any) -> list[str]:
    """Amends a charge through the verb and commits."""
    with unit_of_work():
        return charges.amend(viewer, number, Entry("charge", values, version))
