"""The pages of the measures of a charge."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import codelist
from sistra.rules.entries import Entry
from sistra.rules.measures import NOT_RUN
from sistra.services import charges, measure_pages, measures
from sistra.services.measure_pages import MeasureLine
from sistra.services.measures import ENDINGS
from sistra.web.acts import amended, answerable, entered, tell_changed
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
        "starts": _day(view.starts_on) if line.state not in NOT_RUN else "",
        "ends": _day(view.ended_on or view.ends_on) if line.state not in NOT_RUN else "",
        "term": _day(view.ends_on) if view.ended_on and view.ended_on != view.ends_on else "",
        "not_run": line.state in NOT_RUN,
        "state": term(line.state, "measure_state"),
        "colour": _COLOURS.get(line.state or "", "grey"),
        "in_force": line.in_force,
        "extended": line.extended_by is not None,
        "ended": line.state in ENDINGS and line.view.ended_on is not None,
    }


def _day(value: Any) -> str:
    return day(value) if hasattr(value, "strftime") else ""


@bp.get("/<number>/medidas")
@can("measures.read")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    part = request.args.get("persona", "")
    rows = [_row(line) for line in measure_pages.listed(viewer(), number, part=part)]
    return render_template(
        "measures/index.html",
        folder=charge_folder(found, "measures.index"),
        found=found,
        number=number,
        part=part,
        coercive=[row for row in rows if row["coercive"]] if found.standing.reads("MCO") else None,
        protective=[row for row in rows if not row["coercive"]] if found.standing.reads("MPR") else None,
    )


def _choices(number: str) -> dict[str, list[tuple[Any, str]]]:
    return _in_words(measure_pages.choices(viewer(), number))


def _in_words(known: measure_pages.Choices) -> dict[str, list[tuple[Any, str]]]:
    return {"accused": list(known.accused), "victim": list(known.victims), "agency": list(known.agencies),
            "court_case": list(known.court_cases)}


def _new_form(number: str) -> DictionaryForm:
    choices = _choices(number)
    form = dictionary_form(answerable(ENTERED, choices), language=language(), choices=choices)()
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

    def act(who: Viewer, entry: Entry) -> str:
        return url_for("measures.show", number=number, measure_id=measures.add(who, number, entry))

    return entered(form, ENTERED, "measure", act, _("Se registró la medida.")) or (_new(number, form), 422)


def _new(number: str, form: DictionaryForm) -> str:
    return render_template("measures/new.html", folder=_folder(number), number=number, form=form, which=_WHICH, order=_ORDER,
                           term_fields=_TERM, content=_CONTENT)


@bp.get("/<number>/medidas/<int:measure_id>")
@can("measures.read")
def show(number: str, measure_id: int) -> str:
    line = measure_pages.show(viewer(), number, measure_id)
    named = _in_words(measure_pages.referred(viewer(), number))
    overrides = {name: label for name in named for key, label in named[name] if key == getattr(line.view, name)}
    if line.view.court_case is not None and "court_case" not in overrides:
        overrides["court_case"] = _("Reservado")
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
        warnings=[{"text": _(one.message), "url": None} for one in measure_pages.warnings(line)],
    )


def _of_kind(line: MeasureLine, fields: Sequence[Field]) -> list[Field]:
    """Without the fields of the other kind of measure; what is left of its own is asked whatever the kind."""
    left_out = _PROTECTIVE_ONLY if line.view.kind == "COE" else _COERCIVE_ONLY
    return [replace(field, condition=None) if field.condition and field.condition.field == "kind" else field
            for field in fields if field.name not in left_out]


def _edit_form(number: str, line: MeasureLine) -> tuple[DictionaryForm, list[Field]]:
    choices = _choices(number)
    fields = answerable(_of_kind(line, ENTERED), choices)
    fields = [field for field in fields if field.name not in ("kind", "accused", "victim")]
    form = dictionary_form(fields, language=language(), choices=choices)()
    if not request.form:
        form.version.data = str(line.view.version)
    form.fill({field.name: getattr(line.view, field.name) for field in fields})
    return form, fields


@bp.get("/<number>/medidas/<int:measure_id>/editar")
@can("measure.amend")
def edit(number: str, measure_id: int) -> str:
    line = measure_pages.show(viewer(), number, measure_id)
    return _editing(number, _edit_form(number, line)[0], line)


@bp.post("/<number>/medidas/<int:measure_id>/editar")
@can("measure.amend")
def amend(number: str, measure_id: int) -> Any:
    line = measure_pages.show(viewer(), number, measure_id)
    form, fields = _edit_form(number, line)

    def act(who: Viewer, entry: Entry) -> list[str]:
        return measures.amend(who, number, measure_id, entry)

    return amended(form, fields, "measure", act, tell=tell_changed,
                   edit=url_for("measures.edit", number=number, measure_id=measure_id),
                   to=url_for("measures.show", number=number, measure_id=measure_id),
                   folder=lambda: _folder(number)) or (_editing(number, form, line), 422)


def _editing(number: str, form: DictionaryForm, line: MeasureLine) -> str:
    return _act(number, form, line, _("Cambiar medida"), _("Guardar"))


def _act(number: str, form: DictionaryForm, line: MeasureLine, heading: str, action: str, text: str = "") -> str:
    return render_template("measures/act.html", folder=_folder(number), number=number, form=form, row=_row(line),
                           heading=heading, action=action, text=text)


@bp.get("/<number>/medidas/<int:measure_id>/prolongar")
@can("measure.amend")
def extension(number: str, measure_id: int) -> str:
    line = measure_pages.show(viewer(), number, measure_id)
    form = dictionary_form(EXTENSION, language=language())()
    form.fill({"starts_on": line.view.ends_on})
    return _extending(number, form, line)


@bp.post("/<number>/medidas/<int:measure_id>/prolongar")
@can("measure.amend")
def extend(number: str, measure_id: int) -> Any:
    line = measure_pages.show(viewer(), number, measure_id)
    form = dictionary_form(EXTENSION, language=language())()

    def act(who: Viewer, entry: Entry) -> str:
        return url_for("measures.show", number=number, measure_id=measures.extend(who, number, measure_id, entry))

    told = _("Se registró la prolongación como una medida que sigue a la anterior.")
    return entered(form, EXTENSION, "measure", act, told) or (_extending(number, form, line), 422)


def _extending(number: str, form: DictionaryForm, line: MeasureLine) -> str:
    return _act(number, form, line, _("Prolongar"), _("Registrar prolongación"),
                _("Se crea una medida nueva que sigue a esta; la anterior queda como prolongada."))


def _end_form() -> DictionaryForm:
    return dictionary_form(END, language=language(), choices={
        "state": [(code, term(code, "measure_state")) for code in ENDINGS]})()


@bp.get("/<number>/medidas/<int:measure_id>/terminar")
@can("measure.amend")
def ending(number: str, measure_id: int) -> str:
    line = measure_pages.show(viewer(), number, measure_id)
    if line.view.ended_on is not None:
        raise NotVisible
    form = _end_form()
    form.fill({"ended_on": viewer().today})
    form.version.data = str(line.view.version)
    return _ending(number, form, line)


@bp.post("/<number>/medidas/<int:measure_id>/terminar")
@can("measure.amend")
def end(number: str, measure_id: int) -> Any:
    line = measure_pages.show(viewer(), number, measure_id)
    form = _end_form()

    def act(who: Viewer, entry: Entry) -> None:
        ended_on: Any = entry.values.get("ended_on")
        measures.end(who, number, measure_id, state=str(entry.values.get("state") or ""), ended_on=ended_on,
                     reason=str(entry.values.get("end_reason") or ""), version=entry.version)

    return amended(form, END, "measure", act, tell=lambda nothing: flash(_("Se registró el término de la medida."), "success"),
                   edit=url_for("measures.ending", number=number, measure_id=measure_id),
                   to=url_for("measures.show", number=number, measure_id=measure_id),
                   folder=lambda: _folder(number)) or (_ending(number, form, line), 422)


def _ending(number: str, form: DictionaryForm, line: MeasureLine) -> str:
    return _act(number, form, line, _("Terminar"), _("Registrar término"))
