"""Numbers: SISTRA's own charge number, and the usual shapes of the numbers that other institutions give."""
from __future__ import annotations

import re
import unicodedata

from sistra.rules.problems import Problem, said

_CHARGE = re.compile(r"SIS-[0-9]{4}-[A-Z]{3}-[0-9]{5}")
_CHARGE_TYPED = re.compile(r"SIS[ \-/.]*([0-9]{4})[ \-/.]*([A-Z]{3})[ \-/.]*([0-9]{1,5})")
_CARPETA = re.compile(r"[0-9]{6,10}-[0-9]{4}-[0-9]{1,6}(-[0-9]{1,3})?")
_DOCKET = re.compile(r"[0-9]{5}-[0-9]{4}-[0-9]{1,3}-[0-9]{4}-[A-Z]{2}-[A-Z]{2}-[0-9]{2}")
_MINUS = "\u2212"


def charge_number(year: int, fiscal_district: str, sequence: int) -> str:
    """SIS-YYYY-DDD-NNNNN: year of reception in Lima, code of the fiscal district, sequence within both from 1.

    Raises ValueError when a part does not fit its place.
    """
    number = f"SIS-{year:04d}-{fiscal_district}-{sequence:05d}"
    if sequence < 1 or not is_charge_number(number):
        raise ValueError("a charge number takes a year, a district of three capitals and a sequence from 1 to 99999")
    return number


def is_charge_number(text: str) -> bool:
    """Whether `text` is written exactly as `charge_number` writes."""
    return _CHARGE.fullmatch(text) is not None and not text.endswith("-00000")


def normalise_charge_number(text: str) -> str | None:
    """The charge number meant by `sis 2026 mdd 417` and the like; None when it is not one."""
    typed = _CHARGE_TYPED.fullmatch(normalise_number(text).upper())
    if typed is None or int(typed[3]) == 0:
        return None
    return charge_number(int(typed[1]), typed[2], int(typed[3]))


def carpeta_warning(text: str) -> Problem | None:
    """A warning when a carpeta fiscal number has not the usual shape (dispatch code, year, sequence, part).

    Old and regional numbers differ: whoever gets the warning keeps the number as typed. None when blank.
    """
    if _usual(_CARPETA, text):
        return None
    return Problem("carpeta_number", said("El número de carpeta fiscal no tiene la forma usual, como "
                                          "2706014501-2026-417-0. Revíselo; se guarda como está escrito"))


def docket_warning(text: str) -> Problem | None:
    """A warning when a docket has not the usual shape (number, year, incident, court, instance, specialty, judge).

    Old and short dockets exist: whoever gets the warning keeps the number as typed. None when blank.
    """
    if _usual(_DOCKET, text):
        return None
    return Problem("docket_number", said("El número de expediente no tiene la forma usual, como "
                                         "00231-2026-0-2701-JR-PE-01. Revíselo; se guarda como está escrito"))


def normalise_number(text: str) -> str:
    """A number as it is stored: trimmed, single spaces, plain hyphens, composed (NFC), without invisible characters."""
    seen = "".join(mark for mark in text if mark.isspace() or unicodedata.category(mark) not in ("Cc", "Cf"))
    composed = unicodedata.normalize("NFC", seen)
    dashed = ("-" if mark == _MINUS or unicodedata.category(mark) == "Pd" else mark for mark in composed)
    return " ".join("".join(dashed).split())


def folded_number(text: str) -> str:
    """A number as it is searched: its letters and digits only, in capitals and without accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).upper())
    return "".join(mark for mark in plain if mark.isalnum())


def _usual(shape: re.Pattern[str], text: str) -> bool:
    number = normalise_number(text).upper()
    return not number or shape.fullmatch(number) is not None
