"""The pages of the deadlines of a charge."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.rules.entries import Entry
from sistra.services import charges, deadline_pages, measure_pages
from sistra.web.acts import amended, form_of, values_of
from sistra.web.events import words
from sistra.web.events.room import bp, folder_of
from sistra.web.folders import charge_folder
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.ui.forms import DictionaryForm

_DEADLINE = record("deadline").fields
BY_HAND = (replace(_DEADLINE["due_on"], need="R"), replace(_DEADLINE["set_by_hand_reason"], need="R"))


@bp.get("/<number>/plazos", endpoint="deadlines")
@can("deadlines.read")
def listed(number: str) -> str:
    found = charges.folder(viewer(), number)
    rows = [words.term_row(one, number) for one in deadline_pages.listed(viewer(), number)]
    return render_template(
        "events/deadlines.html",
        folder=charge_folder(found, "events.deadlines"),
        found=found,
        number=number,
        running=[row for row in rows if row.open],
        ended=[row for row in rows if not row.open],
        measures=[words.measure_row(one) for one in measure_pages.ending(viewer(), number)],
    )


def _form(line: deadline_pages.DeadlineLine) -> DictionaryForm:
    return form_of(BY_HAND, values_of(line.view, BY_HAND), version=line.view.version)


@bp.get("/<number>/plazos/<int:deadline_id>")
@can("event.record")
def due_date(number: str, deadline_id: int) -> str:
    line = deadline_pages.show(viewer(), number, deadline_id)
    if line.view.closed_on is not None:
        raise NotVisible
    return _setting(number, _form(line), line)


@bp.post("/<number>/plazos/<int:deadline_id>")
@can("event.record")
def set_due(number: str, deadline_id: int) -> Any:
    line = deadline_pages.show(viewer(), number, deadline_id)
    form = _form(line)

    def act(who: Viewer, entry: Entry) -> None:
        due_on: Any = entry.values.get("due_on")
        deadline_pages.set_due(who, number, deadline_id, due_on=due_on, reason=str(entry.values.get("set_by_hand_reason") or ""),
                          version=entry.version)

    return amended(form, BY_HAND, "deadline", act, tell=lambda nothing: flash(_("Se fijó la fecha de vencimiento."), "success"),
                   edit=url_for("events.due_date", number=number, deadline_id=deadline_id),
                   to=url_for("events.deadlines", number=number),
                   folder=lambda: folder_of(number)) or (_setting(number, form, line), 422)


def _setting(number: str, form: DictionaryForm, line: deadline_pages.DeadlineLine) -> str:
    return render_template("events/due.html", folder=folder_of(number), number=number, form=form,
                           row=words.term_row(line, number))
