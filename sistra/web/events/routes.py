"""The pages of the events of a charge: list, entry in two steps, one act and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import Field, record
from sistra.codebook.event_types import EventType, Offer
from sistra.rules.acts import OWN_PAGE
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges, event_pages, events
from sistra.services.event_pages import EventLine, EventPage
from sistra.services.records import Conflict
from sistra.web import conflicts
from sistra.web.acts import accept, carried_out, entry_of, once
from sistra.web.events import words
from sistra.web.folders import FolderView, charge_folder
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

bp = Blueprint("events", __name__)

_FIELDS = record("event").fields
NOTIFY = (replace(_FIELDS["notified_on"], need="R"),)
REVERSE = (replace(_FIELDS["reason"], need="R"), replace(_FIELDS["occurred_on"], need="O"))


def folder_of(number: str) -> FolderView:
    return charge_folder(charges.folder(viewer(), number), "events.index")


@bp.get("/<number>/actuaciones")
@can("charge.read_in_full")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    return render_template("events/index.html", folder=charge_folder(found, "events.index"), found=found, number=number,
                           acts=[words.line(one) for one in event_pages.listed(viewer(), number)])


# -- entry: first the type, then what it asks -------------------------------------------------------------------------

@bp.get("/<number>/actuaciones/nueva")
@can("event.record")
def create(number: str) -> str:
    text = request.args.get("q", "").strip()
    offers = event_pages.offered(viewer(), number, text=text)
    frequent = [one for one in offers if one.event_type.frequent and one.expected]
    return render_template(
        "events/choose.html", folder=folder_of(number), number=number, text=text, found=offers if text else [],
        frequent=[] if text else frequent,
        groups=[] if text else _groups([one for one in offers if one not in frequent]))


def _groups(offers: Sequence[Offer]) -> list[tuple[str, list[Offer]]]:
    """The types by what they are about, in alphabetical order."""
    headings = {"course": _("Decisiones y cambios de etapa"), "measure": _("Detención y medidas"),
                "victims": _("Personas agraviadas"), "accused": _("Personas imputadas"),
                "authority": _("Pedidos y comunicaciones con entidades"), "rest": _("Diligencias y otras")}
    found: dict[str, list[Offer]] = {theme: [] for theme in headings}
    for one in offers:
        found[words.theme(one.event_type)].append(one)
    return [(headings[theme], sorted(group, key=lambda one: one.event_type.label(language())))
            for theme, group in found.items() if group]


def _entry_form(number: str, code: str) -> tuple[DictionaryForm, list[Field], EventType]:
    kind = events.kind_for(code)
    if code in OWN_PAGE:
        raise NotVisible
    offered = words.offered(event_pages.choices(viewer(), number))
    fields = _answerable(events.form_fields(viewer(), number, code), offered)
    form = dictionary_form(fields, language=language(), choices=_choices(offered, fields))()
    if not request.form:
        form.fill({"occurred_on": PartialDate.of_day(viewer().today)})
    return form, fields, kind


def _answerable(fields: Sequence[Field], offered: words.Offered) -> list[Field]:
    """Without the optional fields that name something of which the charge has nothing yet."""
    kept = [field for field in fields if field.name not in offered or offered[field.name] or field.need == "R"]
    return [replace(field, need="R") if field.name == "regress_reason" else field for field in kept]


def _choices(offered: words.Offered, fields: Sequence[Field]) -> words.Offered:
    return {field.name: offered[field.name] for field in fields if field.name in offered}


@bp.get("/<number>/actuaciones/nueva/<event_type>")
@can("event.record")
def enter(number: str, event_type: str) -> str:
    form, _fields, kind = _entry_form(number, event_type)
    return _entering(number, form, kind)


@bp.post("/<number>/actuaciones/nueva/<event_type>")
@can("event.record")
def record_event(number: str, event_type: str) -> Any:
    form, fields, kind = _entry_form(number, event_type)
    if form.wants_places:
        return _entering(number, form, kind)
    return once(form, lambda: _recorded(number, form, fields, kind)) or (_entering(number, form, kind), 422)


def _recorded(number: str, form: DictionaryForm, fields: Sequence[Field], kind: EventType) -> str | None:
    entry = entry_of(form, fields, "event")
    location = carried_out(form, _record_and_accept, number, kind.code, entry, form.once.data) if entry else None
    if location is not None:
        task = kind.task(language())
        flash(
            _("Se registró la actuación. Sigue: %(task)s.", task=task) if task else _("Se registró la actuación."),
            "success",
        )
    return location


def _record_and_accept(who: Any, number: str, code: str, entry: Entry, token: str) -> str:
    key = events.record(who, number, code, entry)
    return accept(token, url_for("events.show", number=number, event_id=key))


def _entering(number: str, form: DictionaryForm, kind: EventType) -> str:
    lacking = "measure" in form.answers and not form.answers["measure"].choices
    return render_template(
        "events/enter.html", folder=folder_of(number), number=number, form=form, kind=kind, lacking=lacking
    )


# -- one act ----------------------------------------------------------------------------------------------------------

@bp.get("/<number>/actuaciones/<int:event_id>")
@can("charge.read_in_full")
def show(number: str, event_id: int) -> str:
    page = event_pages.show(viewer(), number, event_id)
    return render_template(
        "events/show.html", folder=folder_of(number), number=number, page=page, act=words.line(page.line),
        rows=words.rows(page, event_pages.choices(viewer(), number)),
        terms=[words.term_row(one) for one in page.deadlines],
        reverses=_other(page.reverses), reversed_by=_other(page.reversed_by),
        warnings=[{"text": _(one.message), "url": None} for one in page.warnings])


def _other(line: EventLine | None) -> words.ActLine | None:
    return words.line(line) if line else None


def _open(number: str, event_id: int, what: str) -> EventPage:
    """The act, where the viewer may do that with it. Raises NotVisible."""
    page = event_pages.show(viewer(), number, event_id)
    if not getattr(page, what):
        raise NotVisible
    return page


@bp.get("/<number>/actuaciones/<int:event_id>/notificacion")
@can("event.record")
def notify(number: str, event_id: int) -> str:
    page = _open(number, event_id, "may_notify")
    return _notifying(number, dictionary_form(NOTIFY, language=language())(), page)


@bp.post("/<number>/actuaciones/<int:event_id>/notificacion")
@can("event.record")
def register_notification(number: str, event_id: int) -> Any:
    page = event_pages.show(viewer(), number, event_id)
    form = dictionary_form(NOTIFY, language=language())()
    return once(form, lambda: _notified(number, event_id, form)) or (_notifying(number, form, page), 422)


def _notified(number: str, event_id: int, form: DictionaryForm) -> str | None:
    entry = entry_of(form, NOTIFY, "event")
    location = carried_out(form, _notify_and_accept, number, event_id, entry, form.once.data) if entry else None
    if location is not None:
        flash(_("Se registró la notificación. Los plazos que corren desde ella ya están abiertos."), "success")
    return location


def _notify_and_accept(who: Any, number: str, event_id: int, entry: Entry, token: str) -> str:
    notified_on: Any = entry.values.get("notified_on")
    events.register_notification(who, number, event_id, notified_on)
    return accept(token, url_for("events.show", number=number, event_id=event_id))


def _notifying(number: str, form: DictionaryForm, page: EventPage) -> str:
    return render_template(
        "events/act.html",
        folder=folder_of(number),
        number=number,
        form=form,
        act=words.line(page.line),
        heading=_("Registrar notificación"),
        action=_("Registrar notificación"),
        danger=False,
        sentences=[_("Los plazos que corren desde la notificación se abren con esta fecha.")],
    )


@bp.get("/<number>/actuaciones/<int:event_id>/dejar-sin-efecto")
@can("event.reverse")
def reversal(number: str, event_id: int) -> str:
    page = _open(number, event_id, "may_reverse")
    form = dictionary_form(REVERSE, language=language())()
    form.fill({"occurred_on": PartialDate.of_day(viewer().today)})
    return _reversing(number, form, page)


@bp.post("/<number>/actuaciones/<int:event_id>/dejar-sin-efecto")
@can("event.reverse")
def reverse(number: str, event_id: int) -> Any:
    page = event_pages.show(viewer(), number, event_id)
    form = dictionary_form(REVERSE, language=language())()
    return once(form, lambda: _reversed(number, event_id, form)) or (_reversing(number, form, page), 422)


def _reversed(number: str, event_id: int, form: DictionaryForm) -> str | None:
    entry = entry_of(form, REVERSE, "event")
    location = carried_out(form, _reverse_and_accept, number, event_id, entry, form.once.data) if entry else None
    if location is not None:
        flash(_("La actuación quedó sin efecto y sigue a la vista. Registre ahora la correcta, si la hay."), "success")
    return location


def _reverse_and_accept(who: Any, number: str, event_id: int, entry: Entry, token: str) -> str:
    events.reverse(who, number, event_id, reason=str(entry.values.get("reason") or ""),
                   occurred_on=entry.values.get("occurred_on"))
    return accept(token, url_for("events.show", number=number, event_id=event_id))


def _reversing(number: str, form: DictionaryForm, page: EventPage) -> str:
    return render_template(
        "events/act.html",
        folder=folder_of(number),
        number=number,
        form=form,
        act=words.line(page.line),
        heading=_("Dejar sin efecto"),
        action=_("Dejar sin efecto"),
        danger=True,
        sentences=[
            _(
                "Se registra una corrección. La actuación sigue a la vista, pero ya no cuenta: la etapa, los "
                "resultados y los plazos se calculan sin ella."
            ),
            _("Si solo hay un error de escritura en la fecha, el lugar, el número o la nota, corríjalo."),
        ],
    )


def _amend_form(number: str, page: EventPage) -> tuple[DictionaryForm, list[Field]]:
    view = page.line.view
    offered = words.offered(event_pages.choices(viewer(), number))
    fields = _answerable(events.amend_fields(events.kind_for(str(view.event_type))), offered)
    form = dictionary_form(fields, language=language(), choices=_choices(offered, fields))()
    if not request.form:
        form.fill({field.name: getattr(view, field.name) for field in fields})
        form.version.data = str(view.version)
    return form, fields


@bp.get("/<number>/actuaciones/<int:event_id>/corregir")
@can("event.record")
def edit(number: str, event_id: int) -> str:
    page = _open(number, event_id, "may_amend")
    return _editing(number, _amend_form(number, page)[0], page)


@bp.post("/<number>/actuaciones/<int:event_id>/corregir")
@can("event.record")
def amend(number: str, event_id: int) -> Any:
    page = _open(number, event_id, "may_amend")
    form, fields = _amend_form(number, page)
    entry = None if form.wants_places else entry_of(form, fields, "event")
    if entry is None:
        return _editing(number, form, page), 200 if form.wants_places else 422
    try:
        changed = carried_out(form, events.amend, number, event_id, conflicts.decided(entry, request.form))
    except Conflict as conflict:
        back = url_for("events.edit", number=number, event_id=event_id)
        return conflicts.page(conflict, folder_of(number), back), 409
    if changed is None:
        return _editing(number, form, page), 422
    flash(
        _("Guardado: %(fields)s.", fields=", ".join(changed)) if changed else _("No había cambios que guardar."),
        "success",
    )
    return redirect(url_for("events.show", number=number, event_id=event_id))


def _editing(number: str, form: DictionaryForm, page: EventPage) -> str:
    return render_template(
        "events/act.html",
        folder=folder_of(number),
        number=number,
        form=form,
        act=words.line(page.line),
        heading=_("Corregir"),
        action=_("Guardar"),
        danger=False,
        sentences=[
            _(
                "Aquí se corrigen errores de escritura. Si la actuación no ocurrió o decidió otra cosa, déjela "
                "sin efecto y registre la correcta."
            )
        ],
    )


from sistra.web.events import terms  # noqa: E402, F401 - the pages of deadlines join the blueprint
