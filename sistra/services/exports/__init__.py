"""What leaves the house as a file: tidy tables of the list on screen, and printed case files. Only what the viewer sees."""

from sistra.services.exports.case_json import charge_json
from sistra.services.exports.court_dossiers import COURT_SECTIONS as _COURT_SECTIONS
from sistra.services.exports.court_dossiers import of_court_case
from sistra.services.exports.dossier_sections import SECTIONS
from sistra.services.exports.dossiers import Reveal, of_charge, offered
from sistra.services.exports.files import (
    Ask,
    Exported,
    Progress,
    at_once,
    checked,
    filter_words,
    make,
    most_at_once,
    note,
    told,
    units_of,
)
from sistra.services.exports.tables import Selection, count_rows, select_charges, unit_table, unit_tables
from sistra.services.exports.units import UNITS, fields_of

CHARGE_SECTIONS = {name: label for name, (label, _printer) in SECTIONS.items()}
"""Sections of a charge's printed file: name -> label."""

COURT_SECTIONS = {name: label for name, (label, _printer) in _COURT_SECTIONS.items()}
"""Sections of a court case's printed file: name -> label."""

__all__ = [
    "CHARGE_SECTIONS",
    "COURT_SECTIONS",
    "UNITS",
    "Ask",
    "Exported",
    "Progress",
    "Reveal",
    "Selection",
    "at_once",
    "charge_json",
    "checked",
    "count_rows",
    "fields_of",
    "filter_words",
    "make",
    "most_at_once",
    "note",
    "of_charge",
    "of_court_case",
    "offered",
    "select_charges",
    "told",
    "unit_table",
    "unit_tables",
    "units_of",
]
