"""The pages of tasks: the list of one's own, and those of a charge."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.rules.entries import Entry
from sistra.rules.problems import said
from sistra.services import charges, tasks
from sistra.services.tasks import TaskLine
from sistra.web.acts import amended, entered, pressed, tell_changed, whole_number
from sistra.web.folders import FolderView, charge_folder, lines, state_of
from sistra.web.guards import can, viewer
from sistra.web.pages import day, language, moment, term
from sistra.web.ui.forms import DictionaryForm, dictionary_form

bp = Blueprint("tasks", __name__)

_T = record("task").fields
NEW = tuple(_T[name] for name in ("title", "assignee", "due_on", "priority", "note"))
CHANGED = (*NEW[:4], _T["status"], NEW[4])
_TABS = {"mias": said("Mis tareas"), "despacho": said("Del despacho"), "hechas": said("Mis tareas concluidas")}
_COLOURS = {"PEN": "amber", "CUR": "blue", "HEC": "green"}


@dataclass(frozen=True, slots=True)
class Row:
    """A task in a table."""

    id: int
    number: str
    title: str
    assignee: str
    due: str
    late: bool
    priority: str
    status: str
    colour: str
    open: bool
    may_finish: bool


def _row(line: TaskLine) -> Row:
    view = line.view
    due: Any = view.due_on
    pressing = view.priority in ("URG", "ALT")
    return Row(int(view.id), line.number, str(view.title), line.assignee, day(due) if state_of(due) == "value" else "", line.late,
               term(view.priority, "task_priority") if pressing else "", term(view.status, "task_status"),
               _COLOURS.get(str(view.status), "grey"), line.open, line.open and line.may_amend)


@bp.get("/tareas/")
@can("task.list")
def mine() -> str:
    tab = request.args.get("pestana", "")
    tab = tab if tab in tasks.TABS else tasks.MINE
    return render_template("tasks/mine.html", heading=_("Tareas"), tab=tab, form=_tokens(), shown=tasks.SHOWN,
                           rows=[_row(one) for one in tasks.listed(viewer(), tab)],
                           tabs=[(_(label), url_for("tasks.mine", pestana=name), name == tab) for name, label in _TABS.items()])


def _tokens() -> DictionaryForm:
    return dictionary_form((), language=language())()


def _folder(number: str) -> FolderView:
    return charge_folder(charges.folder(viewer(), number), "tasks.index")


@bp.get("/denuncias/<number>/tareas")
@can("tasks.read")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    return render_template("tasks/index.html", folder=charge_folder(found, "tasks.index"), found=found, number=number,
                           form=_tokens(), rows=[_row(one) for one in tasks.of_charge(viewer(), number)])


def _form(number: str, fields: tuple[Field, ...]) -> DictionaryForm:
    return dictionary_form(fields, language=language(), choices={"assignee": tasks.people(viewer(), number)},
                           extra_hidden=("from_event",))()


def _new_form(number: str) -> DictionaryForm:
    form = _form(number, NEW)
    if not request.form:
        own = viewer().user_id
        form.fill({"assignee": own if own in dict(tasks.people(viewer(), number)) else None, "priority": "NOR"})
        act = whole_number(request.args.get("actuacion"))
        if act is not None and (title := tasks.follows(viewer(), number, act)):
            form.fill({"title": title})
            form["from_event"].data = str(act)
    return form


@bp.get("/denuncias/<number>/tareas/nueva")
@can("task.amend")
def create(number: str) -> str:
    return _new(number, _new_form(number))


@bp.post("/denuncias/<number>/tareas/nueva")
@can("task.amend")
def add(number: str) -> Any:
    form = _new_form(number)

    def act(who: Viewer, entry: Entry) -> str:
        event = whole_number(form["from_event"].data)
        tasks.add(who, number, Entry("task", {**entry.values, "from_event": event}))
        return url_for("tasks.index", number=number)

    return entered(form, NEW, "task", act, _("Se agregó la tarea.")) or (_new(number, form), 422)


def _new(number: str, form: DictionaryForm) -> str:
    return _filling(number, form, _("Nueva tarea"), _("Agregar tarea"))


def _filling(number: str, form: DictionaryForm, heading: str, action: str) -> str:
    return render_template("tasks/form.html", folder=_folder(number), number=number, form=form, heading=heading, action=action)


@bp.get("/denuncias/<number>/tareas/<int:task_id>")
@can("tasks.read")
def show(number: str, task_id: int) -> str:
    line = tasks.show(viewer(), number, task_id)
    rows = lines(line.view, CHANGED, overrides={"assignee": line.assignee})
    ended = line.view.done_at
    return render_template("tasks/show.html", folder=_folder(number), number=number, line=line, row=_row(line), rows=rows,
                           form=_tokens(), done=moment(ended) if state_of(ended) == "value" else "")  # type: ignore[arg-type]


def _edit_form(number: str, line: TaskLine) -> DictionaryForm:
    form = _form(number, CHANGED)
    if not request.form:
        form.version.data = str(line.view.version)
    form.fill({field.name: getattr(line.view, field.name) for field in CHANGED})
    return form


@bp.get("/denuncias/<number>/tareas/<int:task_id>/editar")
@can("task.amend")
def edit(number: str, task_id: int) -> str:
    return _editing(number, _edit_form(number, tasks.show(viewer(), number, task_id)))


@bp.post("/denuncias/<number>/tareas/<int:task_id>/editar")
@can("task.amend")
def amend(number: str, task_id: int) -> Any:
    form = _edit_form(number, tasks.show(viewer(), number, task_id))

    def act(who: Viewer, entry: Entry) -> list[str]:
        return tasks.amend(who, number, task_id, entry)

    return amended(form, CHANGED, "task", act, tell=tell_changed, edit=url_for("tasks.edit", number=number, task_id=task_id),
                   to=url_for("tasks.index", number=number), folder=lambda: _folder(number)) or (_editing(number, form), 422)


def _editing(number: str, form: DictionaryForm) -> str:
    return _filling(number, form, _("Cambiar tarea"), _("Guardar"))


@bp.post("/denuncias/<number>/tareas/<int:task_id>/hecha")
@can("task.amend")
def finish(number: str, task_id: int) -> Any:
    pressed(_tokens(), tasks.finish, number, task_id, told=_("Tarea hecha."))
    back = url_for("tasks.mine") if request.form.get("de") == "mias" else url_for("tasks.index", number=number)
    return redirect(back)
