"""Entries: what a person or a file says of a record, checked against the dictionary.

Form, API and importer call `read` with the texts they received and get values and problems in one shape. A key that is
absent was not offered and changes nothing; a key that is present and empty is a blank.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from sistra.codebook import places
from sistra.codebook.countries import is_country, is_language
from sistra.codebook.dictionary import Field
from sistra.codebook.terms import Unknown
from sistra.rules.durations import Duration
from sistra.rules.matching import document_key
from sistra.rules.numbering import normalise_number
from sistra.rules.partial_dates import DateRefused, PartialDate, parse_date, parse_partial_date
from sistra.rules.problems import Problem, said

LIMA = ZoneInfo("America/Lima")
TEXT_LENGTH = 250
LONG_TEXT_LENGTH = 40_000
_FUTURE = re.compile(r"until|scheduled|due_on|served|retention|planned|valid|ends_on|term_")
_SAID_UNKNOWN = {
    "nsp": Unknown.NOT_KNOWN, "no se sabe": Unknown.NOT_KNOWN, "not known": Unknown.NOT_KNOWN,
    "n/c": Unknown.NOT_APPLICABLE, "no corresponde": Unknown.NOT_APPLICABLE, "not applicable": Unknown.NOT_APPLICABLE,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """The checked answers to some fields of one record: field name -> value, Unknown or None (blank).

    `version` is that of the record the person had in front of them; None when the record is new.
    """

    record: str
    values: Mapping[str, object]
    version: int | None = None


class _Refused(ValueError):
    def __init__(self, message: str, params: Mapping[str, object] | None = None) -> None:
        self.message, self.params = message, params or {}
        super().__init__(message)


def read(fields: Iterable[Field], posted: Mapping[str, Sequence[str]], today: date) -> tuple[dict[str, object], list[Problem]]:
    """The values of the fields among `posted` (name -> texts) and the problems found.

    A field with a problem has no value in the answer. Beside a field's own key, `<name>-unknown` says that it is not
    known or does not apply, `<name>-choice` picks one of several places, and `<name>-years`, `-months`, `-days` hold a term.
    """
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for field in fields:
        if not _offered(field, posted):
            continue
        try:
            values[field.name] = _value(field, posted, today)
        except DateRefused as refused:
            problems.append(Problem(field.name, refused.message, refused.params))
        except _Refused as refused:
            problems.append(Problem(field.name, refused.message, refused.params))
    return values, problems


def required(fields: Iterable[Field], values: Mapping[str, object]) -> list[Problem]:
    """A problem for each field needed to open the record that is still blank. NSP is an answer."""
    return [Problem(field.name, said("Responda «%(label)s»"), {"label": field.label_es})
            for field in fields if field.need == "R" and field.name in values and values[field.name] in (None, "", ())]


def _offered(field: Field, posted: Mapping[str, Sequence[str]]) -> bool:
    names = (field.name, f"{field.name}-unknown", f"{field.name}-choice", f"{field.name}-years")
    return any(name in posted for name in names)


def _value(field: Field, posted: Mapping[str, Sequence[str]], today: date) -> object:
    texts = [clean(text, lines=field.type == "longtext" or field.name == "aliases") for text in posted.get(field.name, ())]
    texts = [text for text in texts if text]
    unknown = _unknown(field, [*posted.get(f"{field.name}-unknown", ()), *texts])
    if field.type == "codes" or field.type == "refs":
        return unknown or (_codes(field, texts) if field.type == "codes" else _refs(texts))
    if field.type == "duration_ymd":
        return unknown or _duration(field, posted)
    if field.type == "place":
        return unknown or _place(posted.get(f"{field.name}-choice", ()), texts)
    if unknown:
        return unknown
    return _READERS.get(field.type, _text)(field, texts[0], today) if texts else None


def _unknown(field: Field, texts: Sequence[str]) -> Unknown | None:
    for text in texts:
        unknown = _SAID_UNKNOWN.get(text.strip().lower())
        if unknown is None:
            continue
        if unknown in field.unknown or (field.terms is not None and unknown.value in field.terms):
            return unknown
        if field.type not in ("text", "longtext", "person_name", "address"):
            raise _Refused(said("«%(answer)s» no es una respuesta posible en este dato"), {"answer": text.strip()})
    return None


def clean(text: str, *, lines: bool = False) -> str:
    """The text as it is kept: composed (NFC), without control characters, trimmed; one line unless `lines`."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(char for char in text if char == "\n" or char == "\t" or unicodedata.category(char) not in ("Cc", "Cs"))
    return kept.strip() if lines else " ".join(kept.split())


def _text(field: Field, text: str, today: date) -> str:
    limit = LONG_TEXT_LENGTH if field.type == "longtext" else TEXT_LENGTH
    if len(text) > limit:
        raise _Refused(said("El texto tiene %(length)s caracteres y caben %(limit)s: acórtelo"),
                       {"length": len(text), "limit": limit})
    return text


def _code(field: Field, text: str, today: date) -> str:
    known = (field.terms is not None and text in field.terms) or (
        field.list_name == "ISO-3166" and is_country(text)) or (field.list_name == "ISO-639" and is_language(text))
    if not known:
        raise _Refused(said("Elija una opción de la lista"))
    return text


def _codes(field: Field, texts: Sequence[str]) -> tuple[str, ...] | None:
    chosen = {_code(field, text, date.min) for text in texts}
    if field.terms is not None:
        return tuple(code for code in field.terms if code in chosen) or None
    return tuple(sorted(chosen)) or None


def _refs(texts: Sequence[str]) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(text) for text in texts}))
    except ValueError:
        raise _Refused(said("Elija una opción de la lista")) from None


def _ref(field: Field, text: str, today: date) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise _Refused(said("Elija una opción de la lista"))
    return int(text)


def _integer(field: Field, text: str, today: date) -> int:
    digits = re.sub(r"[\s.,']", "", text)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 7:
        raise _Refused(said("Escriba un número entero, por ejemplo 3"))
    return int(digits)


def _decimal(field: Field, text: str, today: date) -> Decimal:
    plain = re.sub(r"[\sS/'$]", "", text)
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)?", plain) and field.type == "money_pen":
        plain = plain.replace(".", "")
    plain = plain.replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise _Refused(said("Escriba un número, por ejemplo 1500.50")) from None
    if not number.is_finite() or abs(number) >= 10**11:
        raise _Refused(said("El número es demasiado grande"))
    if field.type == "money_pen" and number < 0:
        raise _Refused(said("El monto no puede ser negativo"))
    return number.quantize(Decimal("0.01") if field.type == "money_pen" else Decimal("0.000001"))


def _bool(field: Field, text: str, today: date) -> bool:
    if text not in ("0", "1"):
        raise _Refused(said("Elija una opción de la lista"))
    return text == "1"


def lies_ahead(field: Field) -> bool:
    """Whether a date of the field may be later than today."""
    return bool(_FUTURE.search(field.name))


def _date(field: Field, text: str, today: date) -> date:
    return parse_date(text, today, future=lies_ahead(field))


def _partial_date(field: Field, text: str, today: date) -> PartialDate:
    return parse_partial_date(text, today, future=lies_ahead(field))


def _datetime(field: Field, text: str, today: date) -> datetime:
    moment = re.fullmatch(r"(.+?)[\sT,]+(?:a las )?(\d{1,2})[:.h](\d{2})(?::\d{2})?", text)
    day = parse_date(moment[1] if moment else text, today, future=True)
    hour, minute = (int(moment[2]), int(moment[3])) if moment else (0, 0)
    if hour > 23 or minute > 59:
        raise _Refused(said("Escriba la hora como 09:30"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LIMA).astimezone(UTC)


def _duration(field: Field, posted: Mapping[str, Sequence[str]]) -> Duration | None:
    numbers = []
    for part in ("years", "months", "days"):
        text = "".join(posted.get(f"{field.name}-{part}", ())).strip()
        if text and not (text.isascii() and text.isdigit() and len(text) <= 3):
            raise _Refused(said("Escriba años, meses y días con números enteros"))
        numbers.append(int(text) if text else None)
    if all(number is None for number in numbers):
        return None
    years, months, days = (number or 0 for number in numbers)
    return Duration(years, months, days)


def _place(choices: Sequence[str], texts: Sequence[str]) -> str | None:
    for choice in choices:
        if places.is_place(choice) and (not texts or places.place(choice) in places.search(texts[0], limit=20)
                                        or places.resolve(texts[0]) == places.place(choice)):
            return choice
    if not texts:
        return None
    found = places.resolve(texts[0])
    if found is not None:
        return found.code
    if places.search(texts[0], limit=1):
        raise _Refused(said("Hay más de un lugar con ese nombre: elija uno de la lista"))
    raise _Refused(said("No se encontró «%(text)s»: escriba un distrito, provincia o departamento, por ejemplo «Inambari»"),
                   {"text": texts[0][:60]})


def _number(field: Field, text: str, today: date) -> str:
    return _text(field, normalise_number(text), today)[:60]


def _document(field: Field, text: str, today: date) -> str:
    return _text(field, document_key("", text) or text, today)


def _phone(field: Field, text: str, today: date) -> str:
    digits = re.sub(r"[^\d+]", "", text)
    if not re.fullmatch(r"\+?\d{6,15}", digits):
        raise _Refused(said("Escriba el teléfono con sus dígitos, por ejemplo 987 654 321"))
    return digits if digits.startswith("+") else f"+51{digits}" if len(digits) == 9 else digits


def _email(field: Field, text: str, today: date) -> str:
    if not re.fullmatch(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", text) or len(text) > TEXT_LENGTH:
        raise _Refused(said("Escriba un correo como nombre@entidad.gob.pe"))
    return text


_READERS: Mapping[str, Callable[[Field, str, date], object]] = {
    "code": _code, "country": _code, "ref": _ref, "integer": _integer, "decimal": _decimal, "money_pen": _decimal,
    "bool": _bool, "date": _date, "partial_date": _partial_date, "datetime": _datetime, "number_format": _number,
    "document_number": _document, "phone": _phone, "email": _email,
}
