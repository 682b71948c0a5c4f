"""The office and the responsible of a charge: how it stands, referral to another office, reassignment."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.may import may
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.terms import codelist
from sistra.rules.entries import Entry
from sistra.services.hand_over import readings, reassignment, referrals
from sistra.web.acts import answerable, done, entered, entry_of, form_of, pressed
from sistra.web.guards import can, standing, viewer
from sistra.web.hand_over.room import bp, folder, row
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm

_WHY = (replace(record("event").fields["reason"], need="R"),)


@bp.get("/denuncias/<number>/despacho")
@can("charge.course")
def index(number: str) -> str:
    found, frame = folder(number)
    course = readings.course(viewer(), number)
    return render_template("hand_over/index.html", folder=frame, found=found, number=number, course=course, form=form_of(()),
                           pending=row(course.pending) if course.pending else None, former=[row(one) for one in course.former])


# -- referral -------------------------------------------------------------------------------------------------------------------

@bp.get("/denuncias/<number>/derivar")
@can("referral.prepare")
def refer(number: str) -> str:
    return _referring(number, _referral_form(number))


@bp.post("/denuncias/<number>/derivar")
@can("referral.prepare")
def send(number: str) -> Any:
    form = _referral_form(number)
    offers = request.form.get("act") == "ofrecer"
    told = (_("Se ofreció la denuncia al otro despacho. Hasta que responda, aquí solo se consulta.") if offers
            else _("La derivación quedó en preparación. La ofrece un fiscal del despacho."))

    def act(who: Viewer, entry: Entry) -> str:
        (referrals.offer if offers else referrals.prepare)(who, number, entry)
        return url_for("hand_over.index", number=number)
    return entered(form, referrals.ENTERED, "referral", act, told) or (_referring(number, form), 422)


def _referral_form(number: str) -> DictionaryForm:
    found, _frame = folder(number)
    pending = readings.course(viewer(), number).pending
    values = {field.name: getattr(pending.view, field.name) for field in referrals.ENTERED} if pending else {}
    keeps = [("", _("Nada"))] + [(code, one.label(language())) for code, one in codelist("grant_profile").items()]
    documents = readings.documents(viewer(), number)
    return form_of(answerable(referrals.ENTERED, {"document": documents}), values, {
        "to_office": referrals.receiving_offices(viewer(), int(str(found.charge.office))), "document": documents,
        "keep_copy": keeps})


def _referring(number: str, form: DictionaryForm) -> str:
    found, frame = folder(number)
    return render_template("hand_over/refer.html", folder=frame, found=found, number=number, form=form,
                           may_offer=may(viewer(), "referral.offer", standing()))


@bp.post("/denuncias/<number>/derivar/descartar")
@can("referral.prepare")
def discard(number: str) -> Any:
    pressed(form_of(()), referrals.discard, number, told=_("Se descartó la derivación en preparación."))
    return redirect(url_for("hand_over.index", number=number))


@bp.get("/denuncias/<number>/derivar/retirar")
@can("referral.withdraw")
def withdrawing(number: str) -> str:
    return _withdrawing(number, form_of(_WHY))


@bp.post("/denuncias/<number>/derivar/retirar")
@can("referral.withdraw")
def withdraw(number: str) -> Any:
    form = form_of(_WHY)
    entry = entry_of(form, _WHY, "event")
    if entry and done(form, referrals.withdraw, number, str(entry.values.get("reason") or "")):
        flash(_("Se retiró la derivación. La denuncia sigue en este despacho."), "success")
        return redirect(url_for("hand_over.index", number=number))
    return _withdrawing(number, form), 422


def _withdrawing(number: str, form: DictionaryForm) -> str:
    return render_template("hand_over/withdraw.html", folder=folder(number)[1], number=number, form=form)


# -- reassignment ---------------------------------------------------------------------------------------------------------------

@bp.get("/denuncias/<number>/reasignar")
@can("charge.reassign")
def reassigning(number: str) -> str:
    return _reassigning(number, _reassign_form(number))


@bp.post("/denuncias/<number>/reasignar")
@can("charge.reassign")
def reassign(number: str) -> Any:
    form = _reassign_form(number)

    def act(who: Viewer, entry: Entry) -> str:
        responsible = entry.values.get("responsible")
        reassignment.reassign(who, number, responsible_id=responsible if isinstance(responsible, int) else None,
                              reason=str(entry.values.get("reason") or ""))
        return url_for("charges.show", number=number)
    told = _("La denuncia tiene nuevo fiscal responsable.")
    return entered(form, _REASSIGNED, "event", act, told) or (_reassigning(number, form), 422)


_REASSIGNED = tuple(replace(field, need="R") for field in reassignment.ENTERED)


def _reassign_form(number: str) -> DictionaryForm:
    return form_of(_REASSIGNED, {}, {"responsible": reassignment.candidates(viewer(), number)})


def _reassigning(number: str, form: DictionaryForm) -> str:
    found, frame = folder(number)
    return render_template("hand_over/reassign.html", folder=frame, found=found, number=number, form=form)
