"""Supervision: who is responsible for what, and reassignment of several charges at once."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from sistra.services.hand_over import reassignment
from sistra.services.hand_over.reassignment import Filters
from sistra.web.acts import carried_out, entry_of, form_of, whole_number
from sistra.web.guards import can, viewer
from sistra.web.hand_over.room import bp
from sistra.web.pages import day, term
from sistra.web.ui.forms import DictionaryForm

_FIELDS = tuple(replace(field, need="R") for field in reassignment.ENTERED)


@bp.get("/supervision/asignacion")
@can("charge.reassign_many")
def assignment() -> str:
    return _page(None)


@bp.post("/supervision/asignacion")
@can("charge.reassign_many")
def reassign_many() -> Any:
    form = form_of(_FIELDS, {}, {"responsible": _named(reassignment.assignment(viewer(), _filters()))})
    entry = entry_of(form, _FIELDS, "event")
    chosen, results = request.form.getlist("denuncia"), None
    if entry:
        responsible = entry.values.get("responsible")
        results = carried_out(form, reassignment.reassign_many, chosen, reason=str(entry.values.get("reason") or ""),
                              responsible_id=responsible if isinstance(responsible, int) else None)
    if results is None:
        return _page(form, frozenset(chosen)), 422
    made = [one.number for one in results if one.problem is None]
    refused = [(one.number, _(one.problem.message)) for one in results if one.problem is not None]
    if made:
        flash(ngettext("Se reasignó %(num)d denuncia", "Se reasignaron %(num)d denuncias", len(made)), "success")
    return render_template(
        "hand_over/reassigned.html", heading=_("Reasignación"), made=made, refused=refused, again=_address(_filters()))


def _filters() -> Filters:
    responsible = request.args.get("responsable", "")
    return Filters(office=whole_number(request.args.get("despacho")), responsible=whole_number(responsible),
                   absent=responsible == reassignment.ABSENT, closed=request.args.get("concluidas") == "1",
                   after=request.args.get("tras", "")[:40])


def _address(filters: Filters, **more: Any) -> str:
    kept = {"despacho": filters.office, "responsable": reassignment.ABSENT if filters.absent else filters.responsible,
            "concluidas": "1" if filters.closed else None}
    return url_for("hand_over.assignment", **{name: value for name, value in {**kept, **more}.items() if value is not None})


def _named(found: reassignment.Assignment) -> list[tuple[int, str]]:
    return [(key, f"{name} ({office})") for key, name, office in found.prosecutors]


def _page(form: DictionaryForm | None, chosen: frozenset[str] = frozenset()) -> str:
    filters = _filters()
    found = reassignment.assignment(viewer(), filters)
    rows = [_row(one, chosen) for one in found.rows]
    fresh = form if form is not None else form_of(_FIELDS, {}, {"responsible": _named(found)})
    return render_template(
        "hand_over/assignment.html", heading=_("Asignación"), found=found, rows=rows, filters=filters, form=fresh,
        clear=url_for("hand_over.assignment"), action=_address(filters, tras=filters.after or None),
        following=_address(filters, tras=found.rows[-1].number) if found.more else None,
        first=_address(filters) if filters.after else None, absent=reassignment.ABSENT)


def _row(one: reassignment.Assigned, chosen: frozenset[str]) -> dict[str, Any]:
    return {
        "number": one.number, "office": one.office, "responsible": one.responsible, "absent": one.absent, "sealed": one.sealed,
        "stage": term(one.stage, "procedural_stage"), "due": day(one.next_due_on) if one.next_due_on else "",
        "late": bool(one.next_due_on and one.next_due_on < viewer().today), "chosen": one.number in chosen}
