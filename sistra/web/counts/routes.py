"""The pages of the counts of a charge."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import record
from sistra.codebook.offences import offences
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges, counts
from sistra.services.records import Conflict
from sistra.web import conflicts, offence_choices
from sistra.web.acts import accept, carried_out, entry_of, once
from sistra.web.folders import FolderView, charge_folder, lines
from sistra.web.guards import can, viewer
from sistra.web.pages import language, term
from sistra.web.ui.forms import DictionaryForm, dictionary_form

bp = Blueprint("counts", __name__)

_COUNT, _EVENT = record("count").fields, record("event").fields
VICTIMS = replace(
    _EVENT["victims"], record="count", label_es="Personas agraviadas", label_en="Victims", help_es="", help_en=""
)
"""The victims of a count, asked in its form and kept as links."""

_PERSONS = (_COUNT["accused"], VICTIMS)
_OFFENCE = (_COUNT["offence"], _COUNT["offence_other"])
_DETAILS = tuple(
    _COUNT[name]
    for name in (
        "participation",
        "degree",
        "aggravating",
        "concurrence",
        "main",
        "facts_from",
        "facts_to",
        "acts",
        "means",
        "purposes",
        "description",
    )
)
_REQUESTED = (_COUNT["penalty_requested"], _COUNT["reparation_requested"])
NEW = (*_PERSONS, *_OFFENCE, *_DETAILS)
CHANGED = (VICTIMS, _COUNT["offence_other"], *_DETAILS, *_REQUESTED)
RETYPIFY = (
    replace(_EVENT["offence"], need="R"),
    _EVENT["occurred_on"],
    replace(_EVENT["reason"], need="R"),
    _EVENT["resolution_number"],
)
SHOWN = (
    "offence_other",
    "participation",
    "degree",
    "aggravating",
    "concurrence",
    "main",
    "facts_from",
    "facts_to",
    "acts",
    "means",
    "purposes",
    "description",
    "penalty_requested",
    "reparation_requested",
)
COURSE = ("stage", "outcome", "state", "prosecuted_on", "accusation_on", "first_instance_on", "final_on")


def _folder(number: str) -> FolderView:
    return charge_folder(charges.folder(viewer(), number), "counts.index")


@bp.get("/<number>/imputaciones")
@can("charge.read_in_full")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    history = counts.typification(viewer(), number)
    return render_template(
        "counts/index.html",
        folder=charge_folder(found, "counts.index"),
        found=found,
        history=history,
        lines=history.counts,
        accused=found.counted.get("accused", 0),
    )


def _start(number: str) -> counts.Form:
    accused = request.args.get("imputado", "")
    return counts.form(viewer(), number, accused_id=int(accused) if accused.isdecimal() else None)


def _new_form(start: counts.Form) -> DictionaryForm:
    form = dictionary_form(NEW, language=language(), choices={
        "accused": start.accused, "victims": start.victims,
        "offence": offence_choices.by_date(start.offered, start.others)})()
    if not request.form:
        form.fill(start.values)
    return form


@bp.get("/<number>/imputaciones/nueva")
@can("count.amend")
def create(number: str) -> str:
    start = _start(number)
    return _new(number, _new_form(start), start)


@bp.post("/<number>/imputaciones/nueva")
@can("count.amend")
def add(number: str) -> Any:
    start = _start(number)
    form = _new_form(start)
    return once(form, lambda: _added(number, form)) or (_new(number, form, start), 422)


def _added(number: str, form: DictionaryForm) -> str | None:
    entry = entry_of(form, NEW, "count")
    location = carried_out(form, _add_and_accept, number, entry, form.once.data) if entry else None
    if location is not None:
        flash(_("Se agregó la imputación."), "success")
    return location


def _add_and_accept(who: Any, number: str, entry: Entry, token: str) -> str:
    key = counts.add(who, number, _without_victims(entry), victims=_victims(entry) or ())
    return accept(token, url_for("counts.show", number=number, count_id=key))


def _victims(entry: Entry) -> tuple[int, ...] | None:
    chosen = entry.values.get("victims", ())
    return chosen if isinstance(chosen, tuple) else None


def _without_victims(entry: Entry) -> Entry:
    return replace(entry, values={name: value for name, value in entry.values.items() if name != "victims"})


def _new(number: str, form: DictionaryForm, start: counts.Form) -> str:
    return render_template("counts/new.html", folder=_folder(number), number=number, form=form, proposed=start.proposed,
                           without_accused=not form.answers["accused"].options)


@bp.get("/<number>/imputaciones/<int:count_id>")
@can("charge.read_in_full")
def show(number: str, count_id: int) -> str:
    page = counts.show(viewer(), number, count_id)
    fields = record("count").fields
    return render_template(
        "counts/show.html", folder=_folder(number), number=number, page=page, named=_named(page.line),
        rows=lines(page.line.view, [fields[name] for name in SHOWN]),
        course=lines(page.line.view, [fields[name] for name in COURSE]),
        warnings=[{"text": _(one.message), "url": None} for one in page.warnings])


def _named(line: counts.CountLine) -> str:
    return f"{line.accused}: {term(line.view.offence, 'offence')}"


def _edit_form(number: str, count_id: int) -> tuple[DictionaryForm, counts.CountPage]:
    page = counts.show(viewer(), number, count_id)
    start = counts.form(viewer(), number)
    form = dictionary_form(CHANGED, language=language(), choices={"victims": start.victims})()
    if not request.form:
        values: Mapping[str, object] = {field.name: getattr(page.line.view, field.name) for field in CHANGED
                                        if field is not VICTIMS}
        form.fill({**values, "victims": page.line.victim_ids})
        form.version.data = str(page.line.view.version)
    return form, page


@bp.get("/<number>/imputaciones/<int:count_id>/editar")
@can("count.amend")
def edit(number: str, count_id: int) -> str:
    return _editing(number, *_edit_form(number, count_id))


@bp.post("/<number>/imputaciones/<int:count_id>/editar")
@can("count.amend")
def amend(number: str, count_id: int) -> Any:
    form, page = _edit_form(number, count_id)
    entry = entry_of(form, CHANGED, "count")
    if entry is None:
        return _editing(number, form, page), 422
    entry = conflicts.decided(entry, request.form)
    try:
        changed = carried_out(form, counts.amend, number, count_id, _without_victims(entry), victims=_victims(entry))
    except Conflict as conflict:
        back = url_for("counts.edit", number=number, count_id=count_id)
        return conflicts.page(conflict, _folder(number), back), 409
    if changed is None:
        return _editing(number, form, page), 422
    flash(_("Se guardó la imputación."), "success")
    return redirect(url_for("counts.show", number=number, count_id=count_id))


def _editing(number: str, form: DictionaryForm, page: counts.CountPage) -> str:
    return render_template("counts/edit.html", folder=_folder(number), number=number, form=form, page=page,
                           named=_named(page.line))


def _retypify_form(page: counts.CountPage) -> DictionaryForm:
    others = [one for one in offences().values() if one.code != page.line.view.offence]
    form = dictionary_form(RETYPIFY, language=language(), choices={"offence": offence_choices.by_date(others, [])})()
    if not request.form:
        form.fill({"occurred_on": PartialDate.of_day(viewer().today)})
    return form


@bp.get("/<number>/imputaciones/<int:count_id>/recalificar")
@can("event.decide")
def retypify(number: str, count_id: int) -> str:
    page = counts.show(viewer(), number, count_id)
    return _retypifying(number, _retypify_form(page), page)


@bp.post("/<number>/imputaciones/<int:count_id>/recalificar")
@can("event.decide")
def give_offence(number: str, count_id: int) -> Any:
    page = counts.show(viewer(), number, count_id)
    form = _retypify_form(page)
    return once(form, lambda: _retypified(number, count_id, form)) or (_retypifying(number, form, page), 422)


def _retypified(number: str, count_id: int, form: DictionaryForm) -> str | None:
    entry = entry_of(form, RETYPIFY, "event")
    location = carried_out(form, _retypify_and_accept, number, count_id, entry, form.once.data) if entry else None
    if location is not None:
        flash(_("Se registró la recalificación. El delito anterior queda en el historial."), "success")
    return location


def _retypify_and_accept(who: Any, number: str, count_id: int, entry: Entry, token: str) -> str:
    values = entry.values
    counts.retypify(
        who,
        number,
        count_id,
        offence=str(values.get("offence") or ""),
        reason=str(values.get("reason") or ""),
        occurred_on=values.get("occurred_on"),
        resolution_number=_text(values.get("resolution_number")),
    )
    return accept(token, url_for("counts.show", number=number, count_id=count_id))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _retypifying(number: str, form: DictionaryForm, page: counts.CountPage) -> str:
    return render_template("counts/retypify.html", folder=_folder(number), number=number, form=form, page=page,
                           named=_named(page.line))


