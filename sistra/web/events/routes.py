"""The pages of the events of a charge: list, entry in two steps, one act and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.codebook.event_types import EventType, Offer, plain
from sistra.rules.acts import OWN_PAGE
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges, event_pages, events
from sistra.services.event_pages import EventLine, EventPage
from sistra.web.acts import amended, answerable, entered, form_of, tell_changed, values_of
from sistra.web.events import terms, words
from sistra.web.events.room import bp, folder_of
from sistra.web.folders import charge_folder
from sistra.web.guards import NotVisible, can, standing, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

__all__ = ["bp", "terms"]

_FIELDS = record("event").fields
NOTIFY = (replace(_FIELDS["notified_on"], need="R"),)
REVERSE = (replace(_FIELDS["reason"], need="R"), replace(_FIELDS["occurred_on"], need="O"))


@bp.get("/<number>/actuaciones")
@can("events.read")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    return render_template("events/index.html", folder=charge_folder(found, "events.index"), found=found, number=number,
                           acts=[words.line(one) for one in event_pages.listed(viewer(), number)])


# -- entry: first the type, then what it asks -------------------------------------------------------------------------

@bp.get("/<number>/actuaciones/nueva")
@can("event.contribute")
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
    return [(headings[theme], sorted(group, key=lambda one: plain(one.event_type.label(language()))))
            for theme, group in found.items() if group]


def _entry_form(number: str, code: str) -> tuple[DictionaryForm, list[Field], EventType]:
    kind = events.kind_for(code)
    if code in OWN_PAGE:
        raise NotVisible
    offered = words.offered(event_pages.choices(viewer(), number))
    fields = _answerable(events.form_fields(viewer(), number, code), offered)
    return form_of(fields, {"occurred_on": PartialDate.of_day(viewer().today)}, _choices(offered, fields)), fields, kind


def _answerable(fields: Sequence[Field], offered: words.Offered) -> list[Field]:
    """What can be answered on this charge; an act that takes the stage back says why."""
    return [replace(field, need="R") if field.name == "regress_reason" else field for field in answerable(fields, offered)]


def _choices(offered: words.Offered, fields: Sequence[Field]) -> words.Offered:
    return {field.name: offered[field.name] for field in fields if field.name in offered}


@bp.get("/<number>/actuaciones/nueva/<event_type>")
@can("event.contribute")
def enter(number: str, event_type: str) -> str:
    form, _fields, kind = _entry_form(number, event_type)
    return _entering(number, form, kind)


@bp.post("/<number>/actuaciones/nueva/<event_type>")
@can("event.contribute")
def record_event(number: str, event_type: str) -> Any:
    form, fields, kind = _entry_form(number, event_type)
    if form.wants_places:
        return _entering(number, form, kind)
    task = kind.task(language())
    told = _("Se registró la actuación. Sigue: %(task)s.", task=task) if task else _("Se registró la actuación.")

    def act(who: Viewer, entry: Entry) -> str:
        return url_for("events.show", number=number, event_id=events.record(who, number, kind.code, entry))

    return entered(form, fields, "event", act, told) or (_entering(number, form, kind), 422)


def _entering(number: str, form: DictionaryForm, kind: EventType) -> str:
    lacking = "measure" in form.answers and not form.answers["measure"].choices
    return render_template("events/enter.html", folder=folder_of(number), number=number, form=form, kind=kind, lacking=lacking)


# -- one act ----------------------------------------------------------------------------------------------------------

@bp.get("/<number>/actuaciones/<int:event_id>")
@can("events.read")
def show(number: str, event_id: int) -> str:
    page = event_pages.show(viewer(), number, event_id)
    return render_template(
        "events/show.html", folder=folder_of(number), number=number, page=page, act=words.line(page.line),
        rows=words.rows(page, event_pages.referred(viewer(), number)),
        terms=[words.term_row(one, number) for one in page.deadlines],
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

    def act(who: Viewer, entry: Entry) -> str:
        notified_on: Any = entry.values.get("notified_on")
        events.register_notification(who, number, event_id, notified_on)
        return url_for("events.show", number=number, event_id=event_id)

    told = _("Se registró la notificación. Los plazos que corren desde ella ya están abiertos.")
    return entered(form, NOTIFY, "event", act, told) or (_notifying(number, form, page), 422)


def _notifying(number: str, form: DictionaryForm, page: EventPage) -> str:
    return _asking(number, form, page, _("Registrar notificación"), _("Registrar notificación"),
                   [_("Los plazos que corren desde la notificación se abren con esta fecha.")])


def _asking(number: str, form: DictionaryForm, page: EventPage, heading: str, action: str, sentences: Sequence[str], *,
            danger: bool = False) -> str:
    """The page of a form about one act: what it will do, in sentences, and the button that does it."""
    return render_template("events/act.html", folder=folder_of(number), number=number, form=form, act=words.line(page.line),
                           heading=heading, action=action, danger=danger, sentences=sentences)


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

    def act(who: Viewer, entry: Entry) -> str:
        events.reverse(who, number, event_id, reason=str(entry.values.get("reason") or ""),
                       occurred_on=entry.values.get("occurred_on"))
        return url_for("events.show", number=number, event_id=event_id)

    told = _("La actuación quedó sin efecto y sigue a la vista. Registre ahora la correcta, si la hay.")
    return entered(form, REVERSE, "event", act, told) or (_reversing(number, form, page), 422)


def _reversing(number: str, form: DictionaryForm, page: EventPage) -> str:
    return _asking(number, form, page, _("Dejar sin efecto"), _("Dejar sin efecto"), [
        _("Se registra una corrección. La actuación sigue a la vista, pero ya no cuenta: la etapa, los "
          "resultados y los plazos se calculan sin ella."),
        _("Si solo hay un error de escritura en la fecha, el lugar, el número o la nota, corríjalo.")], danger=True)


def _amend_form(number: str, page: EventPage) -> tuple[DictionaryForm, list[Field]]:
    view = page.line.view
    offered = words.offered(event_pages.choices(viewer(), number))
    fields = [field for field in _answerable(events.amend_fields(events.kind_for(str(view.event_type))), offered)
              if field.name != "attachment" or standing().shared is None]
    return form_of(fields, values_of(view, fields), _choices(offered, fields), version=view.version), fields


@bp.get("/<number>/actuaciones/<int:event_id>/corregir")
@can("event.contribute")
def edit(number: str, event_id: int) -> str:
    page = _open(number, event_id, "may_amend")
    return _editing(number, _amend_form(number, page)[0], page)


@bp.post("/<number>/actuaciones/<int:event_id>/corregir")
@can("event.contribute")
def amend(number: str, event_id: int) -> Any:
    page = _open(number, event_id, "may_amend")
    form, fields = _amend_form(number, page)
    if form.wants_places:
        return _editing(number, form, page)

    def act(who: Viewer, entry: Entry) -> list[str]:
        return events.amend(who, number, event_id, entry)

    return amended(form, fields, "event", act, tell=tell_changed, edit=url_for("events.edit", number=number, event_id=event_id),
                   to=url_for("events.show", number=number, event_id=event_id),
                   folder=lambda: folder_of(number)) or (_editing(number, form, page), 422)


def _editing(number: str, form: DictionaryForm, page: EventPage) -> str:
    return _asking(number, form, page, _("Corregir"), _("Guardar"), [
        _("Aquí se corrigen errores de escritura. Si la actuación no ocurrió o decidió otra cosa, déjela "
          "sin efecto y registre la correcta.")])
