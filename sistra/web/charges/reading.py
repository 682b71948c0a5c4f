"""Pages that show charges: the list, the folder with its facts, and what the record still lacks."""
from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.may import may
from sistra.codebook.dictionary import Field, record
from sistra.rules.ages import is_minor
from sistra.rules.masking import Reserved
from sistra.rules.person_checks import counts_as_minor
from sistra.rules.problems import said
from sistra.services import charge_list, charges, people, routes, unsealing
from sistra.services.sharing import shares
from sistra.web.acts import carried_out, whole_number
from sistra.web.charges import list_view
from sistra.web.charges.room import bp, section_fields
from sistra.web.folders import charge_folder, field_text, lines
from sistra.web.guards import can, viewer
from sistra.web.pages import day, language, term
from sistra.web.ui.forms import dictionary_form


@bp.get("/")
@can("charge.list")
def index() -> str:
    query = list_view.asked(request.args)
    page = charge_list.page(viewer(), query)
    previous, following = list_view.edges(page, query)
    counted = charge_list.counted_then(viewer(), query)
    return render_template(
        "charges/index.html", heading=_("Denuncias"), query=query,
        views=list_view.views(query, in_charge=may(viewer(), "charge.open")),
        cell_note=list_view.cell_note(query, counted, page),
        groups=list_view.groups(page, query), chips=list_view.chips(query, charge_list.named(viewer(), query)),
        heads=list_view.heads(query), lines=[list_view.line(row, viewer().today) for row in page.rows],
        counted=list_view.counted(page.totals, page.all_charges),
        previous=previous, following=following, hidden=list(_kept(query)), arguments=list_view.arguments(query),
        total=page.all_charges)


def _kept(query: charge_list.Query) -> Any:
    for name, value in list_view.arguments(query).items():
        if name in ("orden", "filas", "mias", charge_list.RESPONSIBLE, charge_list.OFFICE, charge_list.CELL):
            yield name, value


VICTIM_COLUMNS = (("sex", said("Sexo")), ("age_at_facts", said("Edad")), ("citizenships", said("Nacionalidad")),
                  ("main_purpose", said("Forma de explotación")))
"""What the first page of a charge shows of each victim, beside the code."""


@bp.get("/<number>")
@can("charge.read")
def show(number: str) -> str:
    found = charges.folder(viewer(), number)
    if found.standing.outline:
        return render_template("charges/outline.html", folder=charge_folder(found, "charges.show"), found=found, number=number,
                               asked=unsealing.pending(viewer(), number))
    fields = record("charge").fields
    names = ("reported_offence", "purpose_known", "received_on", "notice_source", "notice_place", "facts_from", "facts_to",
             "means", "recruitment_place", "exploitation_place", "economic_benefit")
    return render_template(
        "charges/show.html", folder=charge_folder(found, "charges.show"), found=found,
        summary=None if isinstance(found.charge.summary, Reserved) else found.charge.summary,
        rows=lines(found.charge, [fields[name] for name in names], url=None), missing=missing_links(found, number),
        people=_people_rows(number) if found.standing.reads("AGR") else None,
        timeline=[_timeline(item, found) for item in charges.timeline(viewer(), number)],
        warnings=[] if found.standing.shared else _doubts(number),
        team=[] if found.standing.shared else charges.team(viewer(), number),
        holders=shares.holders(viewer(), number) if found.shared else [])


def _doubts(number: str) -> list[dict[str, Any]]:
    """What looks unusual about the charge; where another charge is named, with the way to it."""
    return [{"text": _(one.message) % one.params if one.params else _(one.message),
             "url": url_for("charges.show", number=one.params["number"]) if "number" in one.params else None}
            for one in charges.warnings(viewer(), number)]


def _people_rows(number: str) -> list[dict[str, Any]]:
    """The victims as the first page lists them: by code, never by name."""
    fields = record("victim").fields
    named, rows = people.named(viewer(), number), []
    for one in people.victims(viewer(), number):
        rows.append({"code": one.code, "named": one.code in named, "minor": is_minor(one),
                     "guarded": counts_as_minor(one.age_at_facts, one.age_group), "cells": [
                         (_(label), field_text(fields[name], getattr(one, name))) for name, label in VICTIM_COLUMNS]})
    return rows


def _timeline(item: charges.TimelineItem, found: charges.Folder) -> dict[str, Any]:
    when = day(item.occurred_on) or _("fecha no conocida")
    title = term(item.event_type, "event_type")
    return {"title": _("%(title)s (dejada sin efecto)", title=title) if item.reversed else title,
            "url": _act_address(item, found),
            "text": _("%(when)s, por %(author)s", when=when, author=item.author) if item.author else when}


def _act_address(item: charges.TimelineItem, found: charges.Folder) -> str | None:
    """The page of an act: in its court case where it happened in one, if the viewer may open it."""
    if item.court_case is not None:
        address = url_for("court_cases.act", key=item.court_case, event_id=item.event_id)
        return address if may(viewer(), "court_case.read") else None
    address = url_for("events.show", number=str(found.charge.number), event_id=item.event_id)
    return address if may(viewer(), "events.read", found.standing) else None


def missing_links(found: charges.Folder, number: str) -> list[dict[str, str]]:
    """What a complete record lacks, each as a link that lands on its field."""
    state = found.completeness
    if state is None:
        return []
    links = []
    for one in state.missing:
        label = one.field.label(language()) + (f", {one.code}" if one.code else "")
        section = record(one.field.record).sections[one.field.section].label(language())
        links.append({"label": label, "url": _field_address(number, one.field, one.code), "text": section})
    if state.victims_to_enter and "people.add_victim" in current_app.view_functions:
        links.append({"label": _("Agraviadas por registrar: %(count)s", count=state.victims_to_enter),
                      "url": url_for("people.add_victim", number=number), "text": _("Agraviadas")})
    if state.without_counts and "counts.create" in current_app.view_functions:
        links.append({"label": _("Al menos una imputación"), "url": url_for("counts.create", number=number),
                      "text": _("Imputaciones")})
    return links


def _field_address(number: str, field: Field, code: str) -> str:
    anchor = field.name
    if field.record == "charge":
        return url_for("charges.edit", number=number, section=field.section, _anchor=anchor)
    endpoint = "people.edit_victim" if field.record == "victim" else "people.edit_accused"
    if endpoint not in current_app.view_functions:
        return url_for("charges.show", number=number)
    return url_for(endpoint, number=number, code=code, section=field.section, _anchor=anchor)


@bp.get("/<number>/hechos")
@can("facts.read")
def facts(number: str) -> str:
    found = charges.folder(viewer(), number)
    cards = [(section, record("charge").sections[section].label(language()),
              lines(found.charge, [field for field in record("charge").of_section(section)
                                   if field.entered and field.type != "ref"]))
             for section in ("hechos", "denuncia", "procedencia", "registro", "procedimiento")]
    return render_template("charges/facts.html", folder=charge_folder(found, "charges.facts"), cards=cards, found=found,
                           route=routes.legs(viewer(), number))


@bp.get("/<number>/completar")
@can("charge.amend")
def tasks(number: str) -> str:
    found = charges.folder(viewer(), number)
    return render_template("charges/tasks.html", folder=charge_folder(found, "charges.tasks"), found=found,
                           warnings=_doubts(number), tasks=_tasks(found, number), missing=missing_links(found, number))


def _tasks(found: charges.Folder, number: str) -> list[dict[str, Any]]:
    missing = found.completeness.missing if found.completeness else ()
    lacking = {one.field.section for one in missing if one.field.record == "charge"}
    entries: list[dict[str, Any]] = []

    def add(label: str, url: str, done: bool, hint: str | None = None, begun: bool = True) -> None:
        status, colour = (_("Completo"), "green") if done else (_("En curso"), "amber") if begun else (_("Sin iniciar"), "grey")
        entries.append({"label": label, "url": url, "hint": hint, "status": status, "colour": colour})

    for section in ("denuncia", "hechos", "procedencia", "registro"):
        begun = any(getattr(found.charge, field.name) not in (None, "", ()) for field in section_fields(section))
        add(record("charge").sections[section].label(language()), url_for("charges.edit", number=number, section=section),
            begun and section not in lacking, begun=begun)
    for endpoint, label, kind, declared in (("people.victims", _("Agraviadas"), "victims", found.victims),
                                            ("people.accused", _("Imputados"), "accused", found.accused),
                                            ("counts.index", _("Imputaciones"), "counts", None),
                                            ("attachments.index", _("Documentos"), "attachments", None)):
        if endpoint in current_app.view_functions:
            held = found.counted.get(kind, 0)
            lacks = any(one.field.record == kind.rstrip("s") for one in missing)
            add(label, url_for(endpoint, number=number), held > 0 and not lacks and held >= (declared or 0),
                hint=_("%(held)s de %(declared)s", held=held, declared=declared) if declared else None, begun=held > 0)
    return entries


@bp.post("/<number>/completar")
@can("charge.complete")
def complete(number: str) -> Any:
    found = charges.folder(viewer(), number)
    form = dictionary_form((), language=language())()
    if form.validate_on_submit():
        version = whole_number(request.form.get("version")) or 0
        carried_out(form, charges.complete, number, version=version)
        if not form.errors:
            flash(_("El registro de %(number)s está completo.", number=number), "success")
            return redirect(url_for("charges.show", number=number))
    return render_template("charges/tasks.html", folder=charge_folder(found, "charges.tasks"), found=found, form=form,
                           warnings=_doubts(number), tasks=_tasks(found, number), missing=missing_links(found, number)), 422
