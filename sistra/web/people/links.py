"""Pages that say that two parts are the same human being, or that they are not."""
from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.services import people, person_search
from sistra.web.acts import done, entry_of
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import language
from sistra.web.people.forms import asked, reason_form, reason_of
from sistra.web.people.room import KINDS, Kind, bp, page
from sistra.web.ui.forms import DictionaryForm, dictionary_form

OTHER_NUMBER = asked("other_number", "Número de la otra denuncia", "Number of the other charge",
                     help_es="Por ejemplo SIS-2026-MDD-00417", help_en="For example SIS-2026-MDD-00417")
OTHER_CODE = asked("other_code", "Código de la persona en esa denuncia", "Code of the person in that charge",
                   help_es="Por ejemplo A-1 o I-2", help_en="For example A-1 or I-2")
WHY = asked("reason", "Sustento", "Grounds", type="longtext", help_es="Se guarda cifrado con el vínculo",
            help_en="Kept encrypted with the link")
LINK = (OTHER_NUMBER, OTHER_CODE, WHY)


def _kind(number: str, code: str) -> Kind:
    if code[:1] not in KINDS:
        raise NotVisible
    people.read(viewer(), number, code)
    return KINDS[code[:1]]


def _link_form() -> DictionaryForm:
    form = dictionary_form(LINK, language=language())()
    if not request.form and "/" in (wanted := request.args.get("con", "")):
        number, code = wanted.split("/", 1)
        form.fill({"other_number": number[:30], "other_code": code[:10]})
    return form


@bp.get("/<number>/personas/<code>/vincular")
@can("person.link")
def link(number: str, code: str) -> Response:
    return _linking(number, code, _link_form())


def _linking(number: str, code: str, form: DictionaryForm) -> Response:
    kind = _kind(number, code)
    return page("people/link.html", number, kind, form=form, heading=_("Vincular a %(code)s con otra ficha", code=code),
                cancel=kind.address(number, code))


@bp.post("/<number>/personas/<code>/vincular")
@can("person.link")
def make_link(number: str, code: str) -> Any:
    form = _link_form()
    entry = entry_of(form, LINK, "victim")
    answers = {field.name: str(entry.values.get(field.name) or "") for field in LINK} if entry else {}
    if entry and done(form, person_search.link, number, code, other_number=answers["other_number"].strip().upper(),
                      other_code=answers["other_code"].strip().upper(), reason=answers["reason"]):
        flash(_("Las dos fichas quedaron vinculadas. Cada una conserva sus propios datos."), "success")
        return redirect(_kind(number, code).address(number, code))
    return _linking(number, code, form)


@bp.get("/<number>/personas/<code>/desvincular")
@can("person.link")
def unlink(number: str, code: str) -> Response:
    return _unlinking(number, code, reason_form())


def _unlinking(number: str, code: str, form: DictionaryForm) -> Response:
    kind = _kind(number, code)
    consequence = _("%(code)s dejará de contarse como la misma persona que las otras. Ninguna ficha pierde datos.",
                    code=code)
    return page("people/withdraw.html", number, kind, form=form, heading=_("Desvincular a %(code)s", code=code),
                consequences=[consequence], action=_("Desvincular"), cancel=kind.address(number, code))


@bp.post("/<number>/personas/<code>/desvincular")
@can("person.link")
def undo_link(number: str, code: str) -> Any:
    form = reason_form()
    reason = reason_of(form)
    if reason is not None and done(form, person_search.unlink, number, code, reason=reason):
        flash(_("%(code)s ya no está vinculada con otras fichas.", code=code), "success")
        return redirect(_kind(number, code).address(number, code))
    return _unlinking(number, code, form)
