"""What the pages of victims and of accused do alike: list, add, show, edit, take back."""
from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from sistra.access.may import may
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.rules.ages import is_minor
from sistra.rules.entries import Entry
from sistra.services import charges, drafts, identities, parts, people, person_search, service_pages
from sistra.services.records import Conflict
from sistra.web import conflicts
from sistra.web.acts import accept, carried_out, done, once, texts_posted
from sistra.web.folders import charge_folder, field_text, lines
from sistra.web.guards import NotVisible, standing, viewer
from sistra.web.pages import language, moment
from sistra.web.people.forms import (
    IDENTITY_VERSION,
    entries_of,
    fill_blanks,
    person_form,
    reason_form,
    reason_of,
    section_fields,
)
from sistra.web.people.lists import LISTS, list_rows
from sistra.web.people.room import HUMAN, Kind, fields_of, named_fields, page, tell
from sistra.web.service_rows import Row, row_of
from sistra.web.ui.forms import DictionaryForm


def listed(kind: Kind, number: str) -> Response:
    """The list of a kind: by code, never by name."""
    views = kind.listed(viewer(), number)
    fields = record(kind.record).fields
    named = people.named(viewer(), number)
    found = charges.folder(viewer(), number)
    declared = found.charge.victims_declared if kind.letter == "A" else found.charge.accused_declared
    rows = [{"code": one.code, "url": kind.address(number, str(one.code)), "named": one.code in named,
             "cells": [field_text(fields[name], getattr(one, name)) for name in kind.columns]} for one in views]
    return page("people/list.html", number, kind, found=found, rows=rows,
                heads=[fields[name].label(language()) for name in kind.columns],
                declared=declared if isinstance(declared, int) else 0)


# -- adding -------------------------------------------------------------------------------------------------------


def new(kind: Kind, number: str) -> Response:
    """The page that adds one. `como` names a victim whose common answers it starts from."""
    form = _new_form(kind)
    draft = _draft(kind, number)
    if draft is not None:
        form.restore(draft.texts)
        form["like"].data = "".join(draft.texts.get("like", ()))
    if like := request.args.get("como", ""):
        _copy_common(kind, number, form, like)
    return _new_page(kind, number, form, draft)


def _draft(kind: Kind, number: str) -> drafts.Draft | None:
    return drafts.resume(viewer(), f"people.{kind.record}", number=number)


def _new_form(kind: Kind) -> DictionaryForm:
    fields = named_fields(kind, [name for _heading, names in kind.first for name in names])
    return person_form(kind, fields)


def _copy_common(kind: Kind, number: str, form: DictionaryForm, like: str) -> None:
    """Fills the blanks of the form with the common answers of a victim; what was typed stays."""
    if kind.letter == "A":
        fill_blanks(form, people.common_values(viewer(), number, like))
        form["like"].data = like


def _new_page(kind: Kind, number: str, form: DictionaryForm, draft: Any = None) -> Response:
    victims = [str(one.code) for one in people.victims(viewer(), number)] if kind.letter == "A" else []
    return page("people/new.html", number, kind, form=form, others=victims[-8:], draft=draft,
                saved_at=moment(draft.saved_at) if draft else None)


def create(kind: Kind, number: str) -> Any:
    """Adds one and leads to the next empty form, to the list, or to the person's page."""
    form, act = _new_form(kind), request.form.get("act", "")
    if act == "borrador":
        return _keep(kind, number, form)
    if act.startswith("copiar:"):
        _copy_common(kind, number, form, act.removeprefix("copiar:"))
        return _new_page(kind, number, form, _draft(kind, number))
    if form.wants_places:
        return _new_page(kind, number, form)
    return once(form, lambda: _created(kind, number, form)) or _new_page(kind, number, form)


def _created(kind: Kind, number: str, form: DictionaryForm) -> str | None:
    fields = named_fields(kind, [name for _heading, names in kind.first for name in names])
    entries = entries_of(form, kind, fields, new=True)
    like = form["like"].data or None
    again = request.form.get("act") == "otra"
    location = url_for(kind.add, number=number) if again else url_for(kind.index, number=number)
    code = carried_out(form, _add, kind, number, *entries, like, form.once.data, location) if entries else None
    if code is None:
        return None
    flash(_("Se registró a %(code)s.", code=code), "success")
    for one in person_search.likely_same(viewer(), number, code)[:3]:
        flash(_("%(code)s puede ser la misma persona que %(other)s. Revise las dos fichas y vincúlelas si lo es.",
                code=code, other=f"{one.number}/{one.code}"), "warning")
    return location


def _add(who: Viewer, kind: Kind, number: str, part: Entry, identity: Entry, like: str | None, token: str,
         location: str) -> str:
    more = {"like": like} if like and kind.letter == "A" else {}
    code = kind.create(who, number, part, **more)
    identities.enter(who, number, code, identity)
    drafts.discard(who, f"people.{kind.record}", number=number)
    accept(token, location)
    return code


def _keep(kind: Kind, number: str, form: DictionaryForm) -> Any:
    if not form.validate_on_submit():
        return _new_page(kind, number, form)
    carried_out(form, drafts.keep, f"people.{kind.record}", texts_posted(), number=number)
    if form.errors:
        return _new_page(kind, number, form)
    flash(_("Borrador guardado. Puede cerrar la página y continuar después."), "success")
    return redirect(url_for(kind.add, number=number))


# -- one person -----------------------------------------------------------------------------------------------------


def shown(kind: Kind, number: str, code: str) -> Response:
    """One person's page: answers by section, the identity only as reserved."""
    file = _file(kind, number, code)
    masked = identities.masked(viewer(), number, code)
    unidentified = file.part.identified is False and kind.letter == "I"
    by_right = may(viewer(), "charge.read_in_full", standing())
    cards = []
    for section, sources in kind.sections.items():
        if unidentified and section in ("perfil", "contacto"):
            continue
        rows = [row for record_name, name in sources
                for row in _rows(file.part if record_name == kind.record else masked, record_name, name, _legal(file))]
        if section in ("otros_datos", "asistencia"):
            rows = [row for row in rows if row.state != "blank"]
        cards.append((section, section_label(kind, section), rows))
    return page("people/part.html", number, kind, code=code, file=file, cards=cards,
                underage=is_minor(file.part),
                lists=list_rows(file, number, code), list_names=LISTS,
                linked=person_search.linked(viewer(), number, code) if by_right else [],
                alike=person_search.likely_same(viewer(), number, code) if by_right else [], address=person_address,
                services=_services(number, code))


def _services(number: str, code: str) -> list[Row] | None:
    """The services of a victim; None where there can be none, or they are not open."""
    if not code.startswith("A") or not may(viewer(), "services.read", standing()):
        return None
    return [row_of(line) for line in service_pages.listed(viewer(), number, code=code)]


def person_address(number: str, code: str) -> str:
    """The address of a part's page."""
    return url_for("people.victim" if code.startswith("A") else "people.accused_person", number=number, code=code)


def section_label(kind: Kind, section: str) -> str:
    """The name of an edit page: that of its first section in the dictionary."""
    record_name, name = kind.sections[section][0]
    return record(record_name).sections[name].label(language())


def _rows(view: Any, record_name: str, section: str, legal: bool) -> list[Any]:
    """What a view says in a section: of an identity, and of a legal entity what it cannot have, only what is recorded."""
    if view is None:
        return []
    fields = [field for field in fields_of(record_name, section)
              if getattr(view, field.name) not in (None, "", ())
              or not (record_name == "identity" or (legal and field.name in HUMAN))]
    return lines(view, fields)


def _file(kind: Kind, number: str, code: str) -> people.PartFile:
    if not code.startswith(kind.letter):
        raise NotVisible
    return people.read(viewer(), number, code)


# -- editing and taking back ----------------------------------------------------------------------------------------


def edit(kind: Kind, number: str, code: str, section: str) -> Response:
    """The form of one section."""
    form, file = _section_form(kind, number, code, section)
    draft = drafts.resume(viewer(), f"people.edit.{section}", number=number, thing_id=file.part.id)
    if draft is not None:
        form.restore(draft.texts)
    return _edit_page(kind, number, code, section, form, file)


def _section_form(kind: Kind, number: str, code: str, section: str) -> tuple[DictionaryForm, people.PartFile]:
    if section not in kind.sections:
        raise NotVisible
    file = _file(kind, number, code)
    return person_form(kind, section_fields(kind, section, legal=_legal(file)), file=file, number=number), file


def _legal(file: people.PartFile) -> bool:
    """Whether the part is a legal entity."""
    return getattr(file.part, "kind", None) == "JUR"


def _edit_page(kind: Kind, number: str, code: str, section: str, form: DictionaryForm,
               file: people.PartFile) -> Response:
    return page("people/edit.html", number, kind, form=form, code=code, section=section,
                named=section_label(kind, section), thing=file.part.id)


def amend(kind: Kind, number: str, code: str, section: str) -> Any:
    """Writes one section; where two edits meet, the page with both values (409)."""
    form, file = _section_form(kind, number, code, section)
    if form.wants_places:
        return _edit_page(kind, number, code, section, form, file)
    entries = entries_of(form, kind, section_fields(kind, section, legal=_legal(file)))
    if entries is None:
        return _edit_page(kind, number, code, section, form, file)
    try:
        saved = carried_out(form, _amend, kind, number, code, section, file.part.id, *entries)
    except Conflict as conflict:
        of_identity = conflict.clashes[0].field.record == "identity"
        folder = charge_folder(charges.folder(viewer(), number), kind.index)
        return conflicts.page(conflict, folder, url_for(kind.edit, number=number, code=code, section=section),
                              version_field=IDENTITY_VERSION if of_identity else "version"), 409
    if saved is None:
        return _edit_page(kind, number, code, section, form, file)
    tell(saved)
    return redirect(kind.address(number, code))


def _amend(who: Viewer, kind: Kind, number: str, code: str, section: str, key: int, part: Entry,
           identity: Entry) -> parts.Saved:
    first = kind.amend(who, number, code, part) if part.values else parts.Saved(code)
    then = identities.enter(who, number, code, identity) if identity.values else parts.Saved(code)
    drafts.discard(who, f"people.edit.{section}", number=number, thing_id=key)
    return parts.Saved(code, (*first.changed, *then.changed), (*first.cleared, *then.cleared))


def withdrawal(kind: Kind, number: str, code: str) -> Response:
    """The page that asks before a part is taken back."""
    return _withdrawing(kind, number, code, reason_form())


def _withdrawing(kind: Kind, number: str, code: str, form: DictionaryForm) -> Response:
    _file(kind, number, code)
    consequences = [
        _("%(code)s dejará de figurar en listas, totales y reportes. Nada se borra: queda en el historial con motivo.",
          code=code),
        _("El código %(code)s no se vuelve a usar en esta denuncia.", code=code)]
    return page("people/withdraw.html", number, kind, form=form, heading=_("Retirar a %(code)s", code=code),
                consequences=consequences, action=_("Retirar a %(code)s", code=code), cancel=kind.address(number, code))


def withdraw(kind: Kind, number: str, code: str) -> Any:
    """Takes a part back, with a reason."""
    form = reason_form()
    reason = reason_of(form)
    if reason is not None and done(form, people.withdraw, number, code, reason=reason):
        flash(_("Se retiró a %(code)s.", code=code), "success")
        return redirect(url_for(kind.index, number=number))
    return _withdrawing(kind, number, code, form)
