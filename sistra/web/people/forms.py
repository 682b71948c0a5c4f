"""Forms about one person: two records, the part and its identity, asked on one page and read into two entries."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from sistra.codebook.dictionary import Field
from sistra.codebook.terms import Unknown, codelist
from sistra.rules.entries import Entry
from sistra.rules.person_checks import LEGAL_GROUPS, check_said, check_typed
from sistra.services import identities, people
from sistra.services.course import ENTERED_STATUSES
from sistra.web import conflicts
from sistra.web.acts import entry_of, whole_number
from sistra.web.guards import viewer
from sistra.web.pages import language
from sistra.web.people.room import HUMAN, IDENTITY_NAMES, Kind, asked_of, fields_of
from sistra.web.ui.forms import DictionaryForm, dictionary_form

IDENTITY_VERSION = "identity_version"


def asked(name: str, label_es: str, label_en: str, *, type: str = "text", list_name: str = "", need: str = "R",
          help_es: str = "", help_en: str = "") -> Field:
    """A question of an act (a reason, a choice of people): asked like a field of the dictionary, kept by the act."""
    return Field(record="victim", name=name, order=0, section="", label_es=label_es, label_en=label_en, help_es=help_es,
                 help_en=help_en, type=type, refers_to="", list_name=list_name, need=need, unknown=frozenset(),
                 sensitivity="case", fact="", condition=None, note="")


REASON = asked("reason", "Motivo", "Reason", help_es="Queda en la bitácora. Sin nombres",
               help_en="It stays in the trail. No names")


def reason_form() -> DictionaryForm:
    """The form that asks why something is taken back or undone."""
    return dictionary_form((REASON,), language=language())()


def reason_of(form: DictionaryForm) -> str | None:
    """The reason that a posted form states, or None after its problems were put on it."""
    entry = entry_of(form, (REASON,), "victim")
    return None if entry is None else str(entry.values.get("reason") or "")


def fill_blanks(form: DictionaryForm, values: Mapping[str, Any]) -> None:
    """Shows values in the answers that are still blank; what was typed, or kept in a draft, stays."""
    for name, value in values.items():
        answer = form.answers.get(name)
        if answer is not None and not any([*answer.texts, *answer.unknowns, *answer.choice, *answer.parts.values()]):
            answer.fill(value)


def choices_for(kind: Kind) -> dict[str, list[tuple[str, str]]]:
    """The offers that differ from the whole code list: legal age groups, the two situations that are entered."""
    groups, statuses = codelist("age_group"), codelist("defendant_status")
    offered = {"age_group": [(code, groups[code].label(language())) for code in LEGAL_GROUPS]}
    if kind.record == "accused":
        offered["status"] = [(code, statuses[code].label(language())) for code in ENTERED_STATUSES]
    return offered


def person_form(kind: Kind, fields: Sequence[Field], *, file: people.PartFile | None = None, number: str = "",
                prefilled: Mapping[str, Any] | None = None) -> DictionaryForm:
    """The form over `fields` of a part and its identity, showing what is recorded; an identity only as reserved."""
    values: dict[str, Any] = dict(prefilled or {})
    if file is not None:
        masked = identities.masked(viewer(), number, str(file.part.code))
        for field in fields:
            view = masked if field.name in IDENTITY_NAMES else file.part
            values[field.name] = getattr(view, field.name) if view is not None else None
        if values.get("status") not in (*ENTERED_STATUSES, Unknown.NOT_KNOWN) and kind.record == "accused":
            values.pop("status", None)
    if kind.record == "accused" and not values.get("kind"):
        values["kind"] = "NAT"
    form = dictionary_form(fields, language=language(), choices=choices_for(kind),
                           extra_hidden=(IDENTITY_VERSION, "like"))()
    form.fill(values)
    if not request.form and file is not None:
        form.version.data = str(file.part.version)
        form[IDENTITY_VERSION].data = "" if file.identity_version is None else str(file.identity_version)
    return form


def entries_of(form: DictionaryForm, kind: Kind, fields: Sequence[Field], *,
               new: bool = False) -> tuple[Entry, Entry] | None:
    """What was said of the part and of its identity, or None after the problems were put on their fields."""
    both = entry_of(form, fields, kind.record)
    if both is None:
        return None
    version = whole_number(form[IDENTITY_VERSION].data)
    named = {name: value for name, value in both.values.items() if name in IDENTITY_NAMES}
    rest = {name: value for name, value in both.values.items() if name not in IDENTITY_NAMES}
    problems = check_typed(rest, named, today=viewer().today)
    if problems := problems + (check_said(rest, named) if new and kind.record == "victim" else []):
        form.land(problems)
        return None
    return (conflicts.decided(Entry(kind.record, rest, both.version), request.form),
            conflicts.decided(Entry("identity", named, version), request.form))


def section_fields(kind: Kind, section: str, *, legal: bool = False) -> list[Field]:
    """The fields of one edit page, of a legal entity only what it has. Raises KeyError when there is no such page."""
    fields = asked_of(kind, [
        field for record_name, name in kind.sections[section] for field in fields_of(record_name, name)])
    asks_kind = any(field.name == "kind" for field in fields)
    return [field for field in fields if asks_kind or not legal or field.name not in HUMAN]
