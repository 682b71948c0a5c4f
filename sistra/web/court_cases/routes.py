"""The pages of court cases: list, opening, folder, amending, history. The other sections join the blueprint below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.rules.entries import Entry
from sistra.services import case_history, charges, court_case_links, court_case_list, court_cases, court_event_pages, remedies
from sistra.web.acts import accept, amended, carried_out, entry_of, form_of, once, tell_changed, values_of
from sistra.web.court_cases import list_view, words
from sistra.web.court_cases.room import bp, case_folder, label_of, page
from sistra.web.folders import charge_folder, field_text, lines
from sistra.web.guards import can, viewer
from sistra.web.happenings import told
from sistra.web.ui.forms import DictionaryForm

OPENING = ("docket_number", "other_number", "court_case_kind", "appeal_kind", "court_instance", "court_name", "opened_on")
"""The first questions of a court case; the others are folded under them."""
ACCUSED = record("charge_court_case").fields["accused"]


@bp.get("/expedientes/")
@can("court_case.list")
def index() -> str:
    query = list_view.asked(request.args)
    found = court_case_list.page(viewer(), query)
    previous, following = list_view.edges(found, query)
    return render_template(
        "court_cases/index.html",
        heading=_("Expedientes"),
        groups=list_view.groups(found, query),
        chips=list_view.chips(query),
        rows=[list_view.line(row) for row in found.rows],
        found=found,
        counted=list_view.counted(found),
        previous=previous,
        following=following,
    )


# -- opening ----------------------------------------------------------------------------------------------------------


@bp.get("/expedientes/nuevo")
@can("court_case.open")
def create() -> str:
    return _opening(form_of(court_cases.entered_fields(), court_cases.opening_values(viewer())))


@bp.post("/expedientes/nuevo")
@can("court_case.open")
def open_alone() -> Any:
    form = form_of(court_cases.entered_fields(), {})
    return once(form, lambda: _opened(form, court_cases.entered_fields(), court_cases.open_case)) or (_opening(form), 422)


def _opening(form: DictionaryForm) -> str:
    return render_template(
        "court_cases/new.html",
        heading=_("Registrar expediente"),
        form=form,
        first=OPENING,
        rest=[name for name in form.answers if name not in OPENING],
    )


def _opened(form: DictionaryForm, fields: Sequence[Field], verb: Any, *before: Any, **more: Any) -> str | None:
    """Carries out the opening of a case and tells where it is."""
    entry = entry_of(form, fields, "court_case")
    if entry is None:
        return None
    accused = entry.values.get("accused")
    own = Entry("court_case", {name: value for name, value in entry.values.items() if name != "accused"})
    if "number" in more:
        more["accused"] = accused if isinstance(accused, tuple) else ()

    def act(who: Any) -> str:
        return accept(form.once.data, url_for("court_cases.show", key=verb(who, *before, own, **more)))

    location = carried_out(form, act)
    if location is not None:
        flash(_("Se registró el expediente. Ahora registre sus audiencias y resoluciones, o su sentencia."), "success")
    return location


def _fields_for_charge() -> list[Field]:
    return [*court_cases.entered_fields(), ACCUSED]


@bp.get("/denuncias/<number>/expedientes/nuevo")
@can("event.record")
def create_for(number: str) -> str:
    form = form_of(
        _fields_for_charge(),
        court_cases.opening_values(viewer(), number),
        {"accused": court_case_links.accused_of_charge(viewer(), number)},
    )
    return _opening_for(number, form)


@bp.post("/denuncias/<number>/expedientes/nuevo")
@can("event.record")
def open_for(number: str) -> Any:
    form = form_of(_fields_for_charge(), {}, {"accused": court_case_links.accused_of_charge(viewer(), number)})
    return once(form, lambda: _opened(form, _fields_for_charge(), court_cases.open_case, number=number)) or (
        _opening_for(number, form),
        422,
    )


def _opening_for(number: str, form: DictionaryForm) -> str:
    found = charges.folder(viewer(), number)
    return render_template(
        "court_cases/new_for.html",
        folder=charge_folder(found, "court_cases.of_charge"),
        number=number,
        form=form,
        first=(*OPENING, "accused"),
        rest=[name for name in form.answers if name not in (*OPENING, "accused")],
    )


@bp.get("/denuncias/<number>/expedientes")
@can("court_case.of_charge")
def of_charge(number: str) -> str:
    found = charges.folder(viewer(), number)
    cases = [(label_of(case, case.id), case, link) for case, link in court_cases.of_charge(viewer(), number)]
    return render_template(
        "court_cases/of_charge.html",
        folder=charge_folder(found, "court_cases.of_charge"),
        found=found,
        number=number,
        cases=cases,
    )


# -- the folder -------------------------------------------------------------------------------------------------------


@bp.get("/expedientes/<int:key>")
@can("court_case.read")
def show(key: int) -> Any:
    who = viewer()
    fields = court_cases.entered_fields()
    found = court_cases.folder(who, key)
    happened = court_event_pages.listed(who, key)
    return page(
        "court_cases/show.html",
        key,
        "court_cases.show",
        found=found,
        rows=[line for line in lines(found.case, fields) if line.state != "blank"],
        board=[words.board_row(row) for row in court_cases.board(who, key)],
        remedies=[words.remedy_row(one, key) for one in remedies.listed(who, key)],
        hearings=[words.hearing(one, key) for one in court_cases.hearings(who, key)],
        links=[one for one in court_case_links.links(who, key) if one.unlinked_on is None],
        timeline=[words.timeline(one, key) for one in happened[:5]],
        acts=len(happened),
        warnings=[words.said_problem(one) for one in court_cases.warnings(who, key)],
    )


def _amend_form(found: court_cases.CaseFolder) -> DictionaryForm:
    fields = court_cases.entered_fields()
    return form_of(fields, values_of(found.case, fields), version=found.case.version)


@bp.get("/expedientes/<int:key>/editar")
@can("court_case.amend")
def edit(key: int) -> Any:
    found = court_cases.folder(viewer(), key)
    return _editing(key, found, _amend_form(found))


def _editing(key: int, found: court_cases.CaseFolder, form: DictionaryForm) -> Any:
    return page(
        "court_cases/form.html",
        key,
        "court_cases.show",
        found=found,
        form=form,
        title=_("Datos del expediente"),
        back=url_for("court_cases.show", key=key),
    )


@bp.post("/expedientes/<int:key>/editar")
@can("court_case.amend")
def amend(key: int) -> Any:
    found = court_cases.folder(viewer(), key)
    form = _amend_form(found)

    def act(who: Viewer, entry: Entry) -> list[str]:
        return court_cases.amend(who, key, entry)

    return amended(
        form,
        court_cases.entered_fields(),
        "court_case",
        act,
        tell=tell_changed,
        edit=url_for("court_cases.edit", key=key),
        to=url_for("court_cases.show", key=key),
        folder=lambda: case_folder(found, "court_cases.show"),
        shell="shells/court_case.html",
    ) or _editing(key, found, form)


@bp.get("/expedientes/<int:key>/historial")
@can("court_case.read")
def history(key: int) -> Any:
    before = request.args.get("antes", "")
    changes_only = request.args.get("consultas") != "1"
    happened = case_history.of_court_case(
        viewer(), key, before=int(before) if before.isdecimal() and len(before) < 15 else None, changes_only=changes_only
    )
    last = happened[-1].number if len(happened) == case_history.PAGE else None
    return page(
        "folders/history.html",
        key,
        "court_cases.history",
        shell="shells/court_case.html",
        address=partial(url_for, "court_cases.history", key=key),
        happened=told(happened),
        changes_only=changes_only,
        text=field_text,
        last=last,
    )


from sistra.web.court_cases import acts, judgment_entry, judgments, links  # noqa: E402, F401 - their pages join the blueprint
from sistra.web.court_cases import remedies as remedy_pages  # noqa: E402, F401
