"""The blueprint that the pages of charges hang on, and the sections that its forms follow."""
from __future__ import annotations

from flask import Blueprint

from sistra.codebook.dictionary import Field, record

bp = Blueprint("charges", __name__)

SECTIONS = {"denuncia": "denuncia", "registro": "registro", "procedencia": "procedencia", "hechos": "hechos",
            "procedimiento": "procedimiento"}
"""Sections of the dictionary that have a form of their own below `/editar/`."""


def section_fields(section: str) -> list[Field]:
    """The fields that a person enters in a section of a charge."""
    return [field for field in record("charge").of_section(section)
            if field.entered and (field.type != "ref" or section == "denuncia")]
