"""Pages of hearings, orders and other acts of a court case: list, entry in two steps, one act, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.codebook.event_types import EventType, Offer, plain
from sistra.rules.acts import DECIDED_BY_FORM, FILED_BY_FORM
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import court_cases, court_corrections, court_event_pages, court_events
from sistra.services.court_event_pages import ActPage
from sistra.web.acts import amended, entered, form_of, tell_changed, values_of
from sistra.web.court_cases import words
from sistra.web.court_cases.room import bp, case_folder, page
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

REVERSE: tuple[Field, ...] = (replace(record("event").fields["reason"], need="R"),)


@bp.get("/expedientes/<int:key>/actuaciones")
@can("court_case.read")
def acts(key: int) -> Any:
    return page(
        "court_cases/acts.html", key, "court_cases.acts", acts=[words.act(one) for one in court_event_pages.listed(viewer(), key)]
    )


# -- entry: first the type, then what it asks -------------------------------------------------------------------------


@bp.get("/expedientes/<int:key>/actuaciones/nueva")
@can("court_case.amend")
def choose_act(key: int) -> Any:
    text = request.args.get("q", "").strip()[:80]
    offers = court_event_pages.offered(viewer(), key, text=text)
    frequent = [one for one in offers if one.event_type.frequent and one.expected]
    return page(
        "court_cases/choose_act.html",
        key,
        "court_cases.acts",
        text=text,
        found_types=offers if text else [],
        frequent=[] if text else frequent,
        groups=[] if text else _groups([one for one in offers if one not in frequent]),
        address=_address,
    )


def _address(key: int, code: str) -> str:
    """Where an act of that type is entered: its own form, or that of judgments or remedies."""
    if code in DECIDED_BY_FORM:
        first = code[:3] in ("SEN", "TAN", "COE", "JUI") or code in ("ANT-SCO", "ANT-SAB")
        return url_for("court_cases.new_judgment", key=key) if first else url_for("court_cases.remedies", key=key)
    if code in FILED_BY_FORM:
        kind = {
            "APE-INT": "APE",
            "AUT-APE": "APE",
            "CAS-INT": "CAS",
            "RNU-INT": "RN",
            "QUE-INT": "QUE",
            "REV-DEM": "REV",
            "HAB-COR": "HC",
        }[code]
        return url_for("court_cases.new_remedy", key=key, clase=kind, auto="1" if code == "AUT-APE" else None)
    return url_for("court_cases.enter_act", key=key, event_type=code)


def _groups(offers: Sequence[Offer]) -> list[tuple[str, list[Offer]]]:
    """Those that the stage foresees, then the others, which are kept and flagged."""
    parts = [
        (_("Previstas en esta etapa"), [one for one in offers if one.expected]),
        (_("Otras actuaciones"), [one for one in offers if not one.expected]),
    ]
    told = language()
    return [(heading, sorted(found, key=lambda one: plain(one.event_type.label(told)))) for heading, found in parts if found]


def _asked(field: Field) -> Field:
    """A document is chosen among those of the file, not attached here."""
    return replace(field, help_es="", help_en="") if field.name == "attachment" else field


def _choices(key: int, fields: Sequence[Field]) -> dict[str, list[tuple[int, str]]]:
    known = words.offered(court_event_pages.choices(viewer(), key))
    return {field.name: known[field.name] for field in fields if field.name in known}


def _entry_form(key: int, code: str) -> tuple[DictionaryForm, list[Field], EventType]:
    kind = court_events.kind_for(code)
    fields = [_asked(field) for field in court_events.form_fields(viewer(), key, code)]
    return form_of(fields, {"occurred_on": PartialDate.of_day(viewer().today)}, _choices(key, fields)), fields, kind


@bp.get("/expedientes/<int:key>/actuaciones/nueva/<event_type>")
@can("court_case.amend")
def enter_act(key: int, event_type: str) -> Any:
    form, _fields, kind = _entry_form(key, event_type)
    return _entering(key, form, kind)


def _entering(key: int, form: DictionaryForm, kind: EventType) -> Any:
    return page(
        "court_cases/form.html",
        key,
        "court_cases.acts",
        form=form,
        title=kind.label(language()),
        action=_("Registrar"),
        up=(_("Elegir otro tipo"), url_for("court_cases.choose_act", key=key)),
        back=url_for("court_cases.acts", key=key),
    )


@bp.post("/expedientes/<int:key>/actuaciones/nueva/<event_type>")
@can("court_case.amend")
def record_act(key: int, event_type: str) -> Any:
    form, fields, kind = _entry_form(key, event_type)
    if form.wants_places:
        return _entering(key, form, kind)
    task = kind.task(language())
    told = _("Se registró la actuación. Sigue: %(task)s.", task=task) if task else _("Se registró la actuación.")

    def act(who: Viewer, entry: Entry) -> str:
        return url_for("court_cases.act", key=key, event_id=court_events.record(who, key, kind.code, entry))

    return entered(form, fields, "event", act, told) or _entering(key, form, kind)


# -- one act ----------------------------------------------------------------------------------------------------------


@bp.get("/expedientes/<int:key>/actuaciones/<int:event_id>")
@can("court_case.read")
def act(key: int, event_id: int) -> Any:
    found = court_event_pages.show(viewer(), key, event_id)
    view = found.line.view
    known = court_event_pages.choices(viewer(), key)
    return page(
        "court_cases/act.html",
        key,
        "court_cases.acts",
        act=words.act(found.line),
        one=found,
        rows=words.act_rows(found, known),
        judgment_id=view.judgment if view.judgment in [one[0] for one in known.judgments] else None,
        remedy_id=view.remedy,
    )


def _open(key: int, event_id: int, what: str) -> ActPage:
    """The act, where the viewer may do that with it. Raises NotVisible."""
    found = court_event_pages.show(viewer(), key, event_id)
    if not getattr(found, what):
        raise NotVisible
    return found


@bp.get("/expedientes/<int:key>/actuaciones/<int:event_id>/dejar-sin-efecto")
@can("court_case.amend")
def reversal(key: int, event_id: int) -> Any:
    return _reversing(key, dictionary_form(REVERSE, language=language())(), _open(key, event_id, "may_reverse"))


def _reversing(key: int, form: DictionaryForm, found: ActPage) -> Any:
    said = words.act(found.line)
    return page(
        "court_cases/confirm.html",
        key,
        "court_cases.acts",
        form=form,
        title=_("Dejar sin efecto: %(act)s", act=said.title),
        sentences=[
            _(
                "Se registra una corrección. La actuación sigue a la vista, pero ya no cuenta: la etapa, los resultados y los "
                "plazos se calculan sin ella."
            )
        ],
        action=_("Dejar sin efecto"),
        danger=True,
        back=url_for("court_cases.act", key=key, event_id=said.id),
    )


@bp.post("/expedientes/<int:key>/actuaciones/<int:event_id>/dejar-sin-efecto")
@can("court_case.amend")
def reverse(key: int, event_id: int) -> Any:
    form = dictionary_form(REVERSE, language=language())()

    def act(who: Viewer, entry: Entry) -> str:
        court_corrections.reverse(who, key, event_id, reason=str(entry.values.get("reason") or ""))
        return url_for("court_cases.act", key=key, event_id=event_id)

    return entered(form, REVERSE, "event", act) or _reversing(key, form, court_event_pages.show(viewer(), key, event_id))


def _amend_form(key: int, found: ActPage) -> tuple[DictionaryForm, list[Field]]:
    view = found.line.view
    fields = [_asked(field) for field in court_corrections.amend_fields(court_events.kind_for(str(view.event_type)))]
    return form_of(fields, values_of(view, fields), _choices(key, fields), version=view.version), fields


@bp.get("/expedientes/<int:key>/actuaciones/<int:event_id>/corregir")
@can("court_case.amend")
def edit_act(key: int, event_id: int) -> Any:
    found = _open(key, event_id, "may_amend")
    return _editing(key, _amend_form(key, found)[0], found)


def _editing(key: int, form: DictionaryForm, found: ActPage) -> Any:
    said = words.act(found.line)
    return page(
        "court_cases/form.html",
        key,
        "court_cases.acts",
        form=form,
        title=_("Corregir: %(act)s", act=said.title),
        lead=_(
            "Aquí se corrigen errores de escritura. Si la actuación no ocurrió o decidió otra cosa, déjela sin efecto "
            "y registre la correcta."
        ),
        back=url_for("court_cases.act", key=key, event_id=said.id),
    )


@bp.post("/expedientes/<int:key>/actuaciones/<int:event_id>/corregir")
@can("court_case.amend")
def amend_act(key: int, event_id: int) -> Any:
    found = _open(key, event_id, "may_amend")
    form, fields = _amend_form(key, found)
    if form.wants_places:
        return _editing(key, form, found)

    def act(who: Viewer, entry: Entry) -> list[str]:
        return court_corrections.amend(who, key, event_id, entry)

    return amended(
        form,
        fields,
        "event",
        act,
        tell=tell_changed,
        edit=url_for("court_cases.edit_act", key=key, event_id=event_id),
        to=url_for("court_cases.act", key=key, event_id=event_id),
        folder=lambda: case_folder(court_cases.folder(viewer(), key), "court_cases.acts"),
        shell="shells/court_case.html",
    ) or _editing(key, form, found)
