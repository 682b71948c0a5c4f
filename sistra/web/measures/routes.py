"""The pages of the measures of a charge."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import codelist
from sistra.rules.entries import Entry
from sistra.services import charges, measures
from sistra.services.measures import ENDINGS, MeasureLine
from sistra.services.records import Conflict
from sistra.web import conflicts
from sistra.web.acts import accept, carried_out, entry_of, once
from sistra.web.folders import FolderView, charge_folder, lines
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import day, language, term
from sistra.web.ui.forms import DictionaryForm, dictionary_form

bp = Blueprint("measures", __name__)

_M = record("measure").fields
_WHICH = ("kind", "accused", "coercive_measure", "victim", "protection_measure", "state")
_ORDER = ("court_case", "court_name", "agency", "requested_on", "ordered_on", "resolution_number")
_TERM = ("starts_on", "term_months", "term_days", "ends_on")
_CONTENT = ("amount", "goods", "prison", "restrictions", "location", "breached", "note")
ENTERED = tuple(
    replace(_M[name], need="R") if name in _WHICH else _M[name] for name in (*_WHICH, *_ORDER, *_TERM, *_CONTENT)
)
"""The fields of the form. Of person and measure only those of its kind are needed; `services.measures` checks it."""
EXTENSION = tuple(_M[name] for name in ("ordered_on", "resolution_number", *_TERM, "note"))
END = (
    replace(_M["state"], unknown=frozenset()),
    replace(_M["ended_on"], need="R", unknown=frozenset()),
    _M["end_reason"],
)
_COERCIVE_ONLY = frozenset({"accused", "coercive_measure", "goods", "prison", "restrictions"})
_PROTECTIVE_ONLY = frozenset({"victim", "protection_measure", "location"})
_COLOURS = {"VIG": "green", "PRL": "green", "VEN": "red", "SOL": "amber"}


def _folder(number: str) -> FolderView:
    return charge_folder(charges.folder(viewer(), number), "measures.index")


def _row(line: MeasureLine) -> dict[str, Any]:
    """A measure as a row of the list."""
    view = line.view
    list_name = "coercive_measure" if view.kind == "COE" else "protection_measure"
    return {
        "id": view.id,
        "part": line.part,
        "name": term(getattr(view, list_name), list_name),
        "coercive": view.kind == "COE",
        "starts": _day(view.starts_on),
        "ends": _day(view.ends_on),
        "state": term(line.state, "measure_state"),
        "colour": _COLOURS.get(line.state or "", "grey"),
        "in_force": line.in_force,
        "extended": line.extended_by is not None,
        "ended": line.state in ENDINGS and line.view.ended_on is not None,
    }


def _day(value: Any) -> str:
    return day(value) if hasattr(value, "strftime") else ""


@bp.get("/<number>/medidas")
@can("charge.read_in_full")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    part = request.args.get("persona", "")
    rows = [_row(line) for line in measures.listed(viewer(), number, part=part)]
    return render_template(
        "measures/index.html",
        folder=charge_folder(found, "measures.index"),
        found=found,
        number=number,
        part=part,
        coercive=[row for row in rows if row["coercive"]],
        protective=[row for row in rows if not row["coercive"]],
    )


def _choices(number: str) -> dict[str, list[tuple[Any, str]]]:
    known = measures.choices(viewer(), number)
    return {"accused": list(known.accused), "victim": list(known.victims), "agency": list(known.agencies),
            "court_case": list(known.court_cases)}


def _answerable(fields: Sequence[Field], choices: dict[str, list[tuple[Any, str]]]) -> list[Field]:
    """Without the optional fields that name something of which the charge has nothing yet."""
    return [field for field in fields if field.name not in choices or choices[field.name] or field.need == "R"]


def _new_form(number: str) -> DictionaryForm:
    choices = _choices(number)
    form = dictionary_form(_answerable(ENTERED, choices), language=language(), choices=choices)()
    if not request.form:
        kind = request.args.get("clase", "")
        part = request.args.get("persona", "")
        form.fill({"kind": kind if kind in codelist("measure_kind") else None, "state": "VIG"} | {
            name: key for name in ("accused", "victim") for key, code in choices[name] if code == part})
    return form


@bp.get("/<number>/medidas/nueva")
@can("measure.amend")
def create(number: str) -> str:
    return _new(number, _new_form(number))


@bp.post("/<number>/medidas/nueva")
@can("measure.amend")
def add(number: str) -> Any:
    form = _new_form(number)
    return once(form, lambda: _added(number, form)) or (_new(number, form), 422)


def _added(number: str, form: DictionaryForm) -> str | None:
    entry = entry_of(form, ENTERED, "measure")
    location = carried_out(form, _add_and_accept, number, entry, form.once.data) if entry else None
    if location is not None:
        flash(_("Se registró la medida."), "success")
    return location


def _add_and_accept(who: Any, number: str, entry: Entry, token: str) -> str:
    return accept(token, url_for("measures.show", number=number, measure_id=measures.add(who, number, entry)))


def _new(number: str, form: DictionaryForm) -> str:
    return render_template(
        "measures/new.html",
        folder=_folder(number),
        number=number,
        form=form,
        which=_WHICH,
        order=_ORDER,
        term_fields=_TERM,
        content=_CONTENT,
    )


@bp.get("/<number>/medidas/<int:measure_id>")
@can("charge.read_in_full")
def show(number: str, measure_id: int) -> str:
    line = measures.show(viewer(), number, measure_id)
    choices = _choices(number)
    overrides = {name: label for name in choices for key, label in choices[name] if key == getattr(line.view, name)}
    fields = [field for field in _of_kind(line, ENTERED) if field.name not in ("kind", "state")]
    return render_template(
        "measures/show.html",
        folder=_folder(number),
        number=number,
        line=line,
        row=_row(line),
        rows=lines(
            line.view,
            [*fields, *((_M["ended_on"], _M["end_reason"]) if line.view.ended_on else ())],
            overrides=overrides,
        ),
        may_end=line.may_amend and line.view.ended_on is None,
        may_extend=line.may_amend and line.extended_by is None and line.state in ("VIG", "PRL", "VEN"),
        warnings=[{"text": _(one.message), "url": None} for one in measures.warnings(line)],
    )


def _of_kind(line: MeasureLine, fields: Sequence[Field]) -> list[Field]:
    """Without the fields of the other kind of measure; what is left of its own is asked whatever the kind."""
    left_out = _PROTECTIVE_ONLY if line.view.kind == "COE" else _COERCIVE_ONLY
    return [replace(field, condition=None) if field.condition and field.condition.field == "kind" else field
            for field in fields if field.name not in left_out]


def _edit_form(number: str, line: MeasureLine) -> tuple[DictionaryForm, list[Field]]:
    choices = _choices(number)
    fields = _answerable(_of_kind(line, ENTERED), choices)
    fields = [field for field in fields if field.name not in ("kind", "accused", "victim")]
    form = dictionary_form(fields, language=language(), choices=choices)()
    if not request.form:
        form.version.data = str(line.view.version)
    form.fill({field.name: getattr(line.view, field.name) for field in fields})
    return form, fields


@bp.get("/<number>/medidas/<int:measure_id>/editar")
@can("measure.amend")
def edit(number: str, measure_id: int) -> str:
    line = measures.show(viewer(), number, measure_id)
    return _editing(number, _edit_form(number, line)[0], line)


@bp.post("/<number>/medidas/<int:measure_id>/editar")
@can("measure.amend")
def amend(number: str, measure_id: int) -> Any:
    line = measures.show(viewer(), number, measure_id)
    form, fields = _edit_form(number, line)
    entry = entry_of(form, fields, "measure")
    if entry is None:
        return _editing(number, form, line), 422
    try:
        changed = carried_out(form, measures.amend, number, measure_id, conflicts.decided(entry, request.form))
    except Conflict as conflict:
        back = url_for("measures.edit", number=number, measure_id=measure_id)
        return conflicts.page(conflict, _folder(number), back), 409
    if changed is None:
        return _editing(number, form, line), 422
    flash(
        _("Guardado: %(fields)s.", fields=", ".join(changed)) if changed else _("No había cambios que guardar."),
        "success",
    )
    return redirect(url_for("measures.show", number=number, measure_id=measure_id))


def _editing(number: str, form: DictionaryForm, line: MeasureLine) -> str:
    return _act(number, form, line, _("Cambiar medida"), _("Guardar"))


def _act(number: str, form: DictionaryForm, line: MeasureLine, heading: str, action: str, text: str = "") -> str:
    return render_template(
        "measures/act.html",
        folder=_folder(number),
        number=number,
        form=form,
        row=_row(line),
        heading=heading,
        action=action,
        text=text,
    )


@bp.get("/<number>/medidas/<int:measure_id>/prolongar")
@can("measure.amend")
def extension(number: str, measure_id: int) -> str:
    line = measures.show(viewer(), number, measure_id)
    form = dictionary_form(EXTENSION, language=language())()
    form.fill({"starts_on": line.view.ends_on})
    return _extending(number, form, line)


@bp.post("/<number>/medidas/<int:measure_id>/prolongar")
@can("measure.amend")
def extend(number: str, measure_id: int) -> Any:
    line = measures.show(viewer(), number, measure_id)
    form = dictionary_form(EXTENSION, language=language())()
    return once(form, lambda: _extended(number, measure_id, form)) or (_extending(number, form, line), 422)


def _extended(number: str, measure_id: int, form: DictionaryForm) -> str | None:
    entry = entry_of(form, EXTENSION, "measure")
    location = carried_out(form, _extend_and_accept, number, measure_id, entry, form.once.data) if entry else None
    if location is not None:
        flash(_("Se registró la prolongación como una medida que sigue a la anterior."), "success")
    return location


def _extend_and_accept(who: Any, number: str, measure_id: int, entry: Entry, token: str) -> str:
    key = measures.extend(who, number, measure_id, entry)
    return accept(token, url_for("measures.show", number=number, measure_id=key))


def _extending(number: str, form: DictionaryForm, line: MeasureLine) -> str:
    return _act(number, form, line, _("Prolongar"), _("Registrar prolongación"),
                _("Se crea una medida nueva que sigue a esta; la anterior queda como prolongada."))


def _end_form() -> DictionaryForm:
    return dictionary_form(END, language=language(), choices={
        "state": [(code, term(code, "measure_state")) for code in ENDINGS]})()


@bp.get("/<number>/medidas/<int:measure_id>/terminar")
@can("measure.amend")
def ending(number: str, measure_id: int) -> str:
    line = measures.show(viewer(), number, measure_id)
    if line.view.ended_on is not None:
        raise NotVisible
    form = _end_form()
    form.fill({"ended_on": viewer().today})
    form.version.data = str(line.view.version)
    return _ending(number, form, line)


@bp.post("/<number>/medidas/<int:measure_id>/terminar")
@can("measure.amend")
def end(number: str, measure_id: int) -> Any:
    line = measures.show(viewer(), number, measure_id)
    form = _end_form()
    entry = entry_of(form, END, "measure")
    if entry is None:
        return _ending(number, form, line), 422
    entry = conflicts.decided(entry, request.form)
    try:
        carried_out(
            form,
            measures.end,
            number,
            measure_id,
            state=str(entry.values.get("state") or ""),
            ended_on=entry.values.get("ended_on"),
            reason=str(entry.values.get("end_reason") or ""),
            version=entry.version,
        )
    except Conflict as conflict:
        return conflicts.page(
            conflict, _folder(number), url_for("measures.ending", number=number, measure_id=measure_id)
        ), 409
    if form.errors:
        return _ending(number, form, line), 422
    flash(_("Se registró el término de la medida."), "success")
    return redirect(url_for("measures.show", number=number, measure_id=measure_id))


def _ending(number: str, form: DictionaryForm, line: MeasureLine) -> str:
    return _act(number, form, line, _("Terminar"), _("Registrar término"))
