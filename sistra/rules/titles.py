"""Titles of charges and court cases: what they are about, never whom."""
from __future__ import annotations

from typing import Any

from sistra.codebook import places
from sistra.codebook.terms import codelist


def charge_title(language: str, *, offence: Any, purposes: Any, place: Any, nickname: Any = None) -> str:
    """For example "Trata de personas: explotación laboral, minería (Inambari)". Unknown and reserved parts are left out."""
    if isinstance(nickname, str) and nickname and offence is None:
        return nickname
    offences, forms = codelist("offence"), codelist("exploitation_purpose")
    undetermined = "Delito por determinar" if language == "es" else "Offence not determined"
    head = offences[offence].label(language) if offence in offences else undetermined
    known = [code for code in (purposes if isinstance(purposes, tuple) else ()) if code in forms and code != "NSP"]
    narrowest = [code for code in known if not any(other != code and forms[other].parent == code for other in known)]
    named = ", ".join(_lower(forms[code].label(language)) for code in narrowest[:3])
    where = places.place(place) if isinstance(place, str) and places.is_place(place) else None
    last = (where.district or where.province or where.department) if where else ""
    return f"{head}{f': {named}' if named else ''}{f' ({last})' if last else ''}"


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
