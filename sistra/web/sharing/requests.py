"""Access requests: the recipient's form, and the office's answer in one form."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import record
from sistra.codebook.terms import codelist
from sistra.rules.entries import Entry
from sistra.rules.sharing import READ
from sistra.services import charges
from sistra.services.sharing import requests, shares
from sistra.web.acts import done, entered, entry_of, form_of
from sistra.web.guards import NotVisible, can, standing, viewer
from sistra.web.pages import language
from sistra.web.sharing.room import MONTHS_OFFERED, bp, folder, months_on, request_row
from sistra.web.ui.forms import DictionaryForm

_REFUSING = (record("access_request").fields["answer_reason"],)
_ASKED = tuple(replace(field, need="R") if field.name == "sections" else field for field in requests.ASKED)


@bp.get("/denuncias/<number>/solicitar-acceso")
@can("grant.request")
def create_request(number: str) -> str:
    return _asking(number, _request_form())


@bp.post("/denuncias/<number>/solicitar-acceso")
@can("grant.request")
def add_request(number: str) -> Any:
    form = _request_form()
    done = entered(form, _ASKED, "access_request", lambda who, entry: _asked(who, number, entry),
                   _("Se envió la solicitud al despacho a cargo. La respuesta aparecerá en «Derivaciones»."))
    return done or (_asking(number, form), 422)


def _asked(who: Any, number: str, entry: Entry) -> str:
    requests.ask(who, number, entry)
    return url_for("charges.show", number=number)


def _request_form() -> DictionaryForm:
    """Offers first of all the sections that are not shared; one that is shared may be asked for at a higher level."""
    shared = standing().shared
    held = shared.profiles if shared else {}
    sections = [(code, term.label(language()) + (_(" (ya compartida)") if code in held else ""))
                for code, term in sorted(codelist("grant_section").items(), key=lambda pair: pair[0] in held)]
    wanted = request.args.get("seccion", "")
    return form_of(_ASKED, {"sections": (wanted,) if wanted in codelist("grant_section") else ()}, {"sections": sections})


def _asking(number: str, form: DictionaryForm) -> str:
    pending = [request_row(one) for one in shares.requests_of_charge(viewer(), number) if one.view.state == requests.PENDING]
    return render_template("sharing/request.html", folder=folder(number), number=number, form=form, pending=pending)


@bp.get("/denuncias/<number>/solicitudes/<int:request_id>")
@can("charge.share")
def answering(number: str, request_id: int) -> str:
    return _answering(number, request_id, _answer_form(number, request_id))


@bp.post("/denuncias/<number>/solicitudes/<int:request_id>")
@can("charge.share")
def answer_request(number: str, request_id: int) -> Any:
    if request.form.get("act") == "denegar":
        return _refused(number, request_id)
    form = _answer_form(number, request_id)
    return entered(form, requests.GRANTED, "grant", lambda who, entry: _granted(who, number, request_id, entry),
                   _("Se concedió el acceso.")) or (_answering(number, request_id, form), 422)


def _granted(who: Any, number: str, request_id: int, entry: Entry) -> str:
    requests.grant(who, number, request_id, entry)
    return url_for("sharing.index", number=number)


def _refused(number: str, request_id: int) -> Any:
    form = form_of((*requests.GRANTED, *_REFUSING))
    entry = entry_of(form, _REFUSING, "access_request")
    if entry and done(form, requests.refuse, number, request_id, str(entry.values.get("answer_reason") or "")):
        flash(_("Se denegó la solicitud. Quien la hizo verá el motivo."), "success")
        return redirect(url_for("sharing.index", number=number))
    return _answering(number, request_id, form), 422


def _request(number: str, request_id: int) -> Any:
    found = [one for one in shares.requests_of_charge(viewer(), number) if one.view.id == request_id]
    if not found:
        raise NotVisible
    return found[0]


def _answer_form(number: str, request_id: int) -> DictionaryForm:
    asked = _request(number, request_id).view
    return form_of((*requests.GRANTED, *_REFUSING), {
        "profile": asked.profile or "SID", "sections": asked.sections, "permission": READ, "legal_basis": asked.legal_basis,
        "purpose": asked.purpose, "valid_until": asked.until or months_on(viewer().today, MONTHS_OFFERED)})


def _answering(number: str, request_id: int, form: DictionaryForm) -> str:
    return render_template("sharing/answer.html", folder=folder(number), number=number, form=form,
                           granting=[one.name for one in requests.GRANTED],
                           refusing=[one.name for one in _REFUSING], asked=request_row(_request(number, request_id)),
                           found=charges.folder(viewer(), number))
