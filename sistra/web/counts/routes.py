"""The pages of the counts of a charge."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.offences import offences
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges, count_pages, counts
from sistra.web import offence_choices
from sistra.web.acts import amended, entered, form_of, values_of, whole_number
from sistra.web.folders import FolderView, charge_folder, lines
from sistra.web.guards import can, viewer
from sistra.web.pages import term
from sistra.web.ui.forms import DictionaryForm

bp = Blueprint("counts", __name__)

_COUNT, _EVENT = record("count").fields, record("event").fields
VICTIMS = replace(
    _EVENT["victims"], record="count", label_es="Personas agraviadas", label_en="Victims", help_es="", help_en=""
)
"""The victims of a count, asked in its form and kept as links."""

_PERSONS = (_COUNT["accused"], VICTIMS)
_OFFENCE = (_COUNT["offence"], _COUNT["offence_other"])
_DETAIL_NAMES = ("participation", "degree", "aggravating", "concurrence", "main", "facts_from", "facts_to", "acts", "means",
                 "purposes", "description")
_DETAILS = tuple(_COUNT[name] for name in _DETAIL_NAMES)
_REQUESTED = (_COUNT["penalty_requested"], _COUNT["reparation_requested"])
NEW = (*_PERSONS, *_OFFENCE, *_DETAILS)
CHANGED = (VICTIMS, _COUNT["offence_other"], *_DETAILS, *_REQUESTED)
RETYPIFY = (
    replace(_EVENT["offence"], need="R"),
    _EVENT["occurred_on"],
    replace(_EVENT["reason"], need="R"),
    _EVENT["resolution_number"],
)
SHOWN = ("offence_other", *_DETAIL_NAMES, "penalty_requested", "reparation_requested")
COURSE = ("stage", "outcome", "state", "prosecuted_on", "accusation_on", "first_instance_on", "final_on")


def _folder(number: str) -> FolderView:
    return charge_folder(charges.folder(viewer(), number), "counts.index")


@bp.get("/<number>/imputaciones")
@can("counts.read")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    history = count_pages.typification(viewer(), number)
    return render_template(
        "counts/index.html",
        folder=charge_folder(found, "counts.index"),
        found=found,
        history=history,
        lines=history.counts,
        accused=found.counted.get("accused", 0),
    )


def _start(number: str) -> count_pages.Form:
    accused = request.args.get("imputado", "")
    return count_pages.form(viewer(), number, accused_id=whole_number(accused))


def _new_form(start: count_pages.Form) -> DictionaryForm:
    return form_of(NEW, start.values, {"accused": start.accused, "victims": start.victims,
                                       "offence": offence_choices.by_date(start.offered, start.others)})


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

    def act(who: Viewer, entry: Entry) -> str:
        key = counts.add(who, number, _without_victims(entry), victims=_victims(entry) or ())
        return url_for("counts.show", number=number, count_id=key)

    return entered(form, NEW, "count", act, _("Se agregó la imputación.")) or (_new(number, form, start), 422)


def _victims(entry: Entry) -> tuple[int, ...] | None:
    chosen = entry.values.get("victims", ())
    return chosen if isinstance(chosen, tuple) else None


def _without_victims(entry: Entry) -> Entry:
    return replace(entry, values={name: value for name, value in entry.values.items() if name != "victims"})


def _new(number: str, form: DictionaryForm, start: count_pages.Form) -> str:
    return render_template("counts/new.html", folder=_folder(number), number=number, form=form, proposed=start.proposed,
                           without_accused=not form.answers["accused"].options)


@bp.get("/<number>/imputaciones/<int:count_id>")
@can("counts.read")
def show(number: str, count_id: int) -> str:
    page = count_pages.show(viewer(), number, count_id)
    fields = record("count").fields
    return render_template(
        "counts/show.html", folder=_folder(number), number=number, page=page, named=_named(page.line),
        rows=lines(page.line.view, [fields[name] for name in SHOWN]),
        course=lines(page.line.view, [fields[name] for name in COURSE]),
        warnings=[{"text": _(one.message), "url": None} for one in page.warnings])


def _named(line: count_pages.CountLine) -> str:
    return f"{line.accused}: {term(line.view.offence, 'offence')}"


def _edit_form(number: str, count_id: int) -> tuple[DictionaryForm, count_pages.CountPage]:
    page = count_pages.show(viewer(), number, count_id)
    start = count_pages.form(viewer(), number)
    values = values_of(page.line.view, [field for field in CHANGED if field is not VICTIMS]) | {"victims": page.line.victim_ids}
    return form_of(CHANGED, values, {"victims": start.victims}, version=page.line.view.version), page


@bp.get("/<number>/imputaciones/<int:count_id>/editar")
@can("count.amend")
def edit(number: str, count_id: int) -> str:
    return _editing(number, *_edit_form(number, count_id))


@bp.post("/<number>/imputaciones/<int:count_id>/editar")
@can("count.amend")
def amend(number: str, count_id: int) -> Any:
    form, page = _edit_form(number, count_id)

    def act(who: Viewer, entry: Entry) -> list[str]:
        return counts.amend(who, number, count_id, _without_victims(entry), victims=_victims(entry))

    return amended(form, CHANGED, "count", act, tell=lambda changed: flash(_("Se guardó la imputación."), "success"),
                   edit=url_for("counts.edit", number=number, count_id=count_id),
                   to=url_for("counts.show", number=number, count_id=count_id),
                   folder=lambda: _folder(number)) or (_editing(number, form, page), 422)


def _editing(number: str, form: DictionaryForm, page: count_pages.CountPage) -> str:
    return render_template("counts/edit.html", folder=_folder(number), number=number, form=form, page=page,
                           named=_named(page.line))


def _retypify_form(page: count_pages.CountPage) -> DictionaryForm:
    others = [one for one in offences().values() if one.code != page.line.view.offence]
    return form_of(RETYPIFY, {"occurred_on": PartialDate.of_day(viewer().today)},
                   {"offence": offence_choices.by_date(others, [])})


@bp.get("/<number>/imputaciones/<int:count_id>/recalificar")
@can("event.decide")
def retypify(number: str, count_id: int) -> str:
    page = count_pages.show(viewer(), number, count_id)
    return _retypifying(number, _retypify_form(page), page)


@bp.post("/<number>/imputaciones/<int:count_id>/recalificar")
@can("event.decide")
def give_offence(number: str, count_id: int) -> Any:
    page = count_pages.show(viewer(), number, count_id)
    form = _retypify_form(page)

    def act(who: Viewer, entry: Entry) -> str:
        values = entry.values
        counts.retypify(who, number, count_id, offence=str(values.get("offence") or ""), reason=str(values.get("reason") or ""),
                        occurred_on=values.get("occurred_on"), resolution_number=_text(values.get("resolution_number")))
        return url_for("counts.show", number=number, count_id=count_id)

    told = _("Se registró la recalificación. El delito anterior queda en el historial.")
    return entered(form, RETYPIFY, "event", act, told) or (_retypifying(number, form, page), 422)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _retypifying(number: str, form: DictionaryForm, page: count_pages.CountPage) -> str:
    return render_template("counts/retypify.html", folder=_folder(number), number=number, form=form, page=page,
                           named=_named(page.line))


