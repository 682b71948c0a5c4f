"""The pages of the deadlines of a charge."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import record
from sistra.services import charges, deadlines, measures
from sistra.services.records import Conflict
from sistra.web import conflicts
from sistra.web.acts import carried_out, entry_of
from sistra.web.events import words
from sistra.web.events.routes import bp, folder_of
from sistra.web.folders import charge_folder
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

_DEADLINE = record("deadline").fields
BY_HAND = (replace(_DEADLINE["due_on"], need="R"), replace(_DEADLINE["set_by_hand_reason"], need="R"))


@bp.get("/<number>/plazos", endpoint="deadlines")
@can("charge.read_in_full")
def listed(number: str) -> str:
    found = charges.folder(viewer(), number)
    rows = [words.term_row(one) for one in deadlines.listed(viewer(), number)]
    return render_template(
        "events/deadlines.html",
        folder=charge_folder(found, "events.index"),
        found=found,
        number=number,
        running=[row for row in rows if row.open],
        ended=[row for row in rows if not row.open],
        measures=[words.measure_row(one) for one in measures.ending(viewer(), number)],
    )


def _form(line: deadlines.DeadlineLine) -> DictionaryForm:
    form = dictionary_form(BY_HAND, language=language())()
    if not request.form:
        form.fill({"due_on": line.view.due_on, "set_by_hand_reason": line.view.set_by_hand_reason})
        form.version.data = str(line.view.version)
    return form


@bp.get("/<number>/plazos/<int:deadline_id>")
@can("event.record")
def due_date(number: str, deadline_id: int) -> str:
    line = deadlines.show(viewer(), number, deadline_id)
    if line.view.closed_on is not None:
        raise NotVisible
    return _setting(number, _form(line), line)


@bp.post("/<number>/plazos/<int:deadline_id>")
@can("event.record")
def set_due(number: str, deadline_id: int) -> Any:
    line = deadlines.show(viewer(), number, deadline_id)
    form = _form(line)
    entry = entry_of(form, BY_HAND, "deadline")
    if entry is None:
        return _setting(number, form, line), 422
    entry = conflicts.decided(entry, request.form)
    try:
        carried_out(form, deadlines.set_due, number, deadline_id, due_on=entry.values.get("due_on"),
                    reason=str(entry.values.get("set_by_hand_reason") or ""), version=entry.version)
    except Conflict as conflict:
        back = url_for("events.due_date", number=number, deadline_id=deadline_id)
        return conflicts.page(conflict, folder_of(number), back), 409
    if form.errors:
        return _setting(number, form, line), 422
    flash(_("Se fijó la fecha de vencimiento."), "success")
    return redirect(url_for("events.deadlines", number=number))


def _setting(number: str, form: DictionaryForm, line: deadlines.DeadlineLine) -> str:
    return render_template(
        "events/due.html", folder=folder_of(number), number=number, form=form, row=words.term_row(line)
    )
