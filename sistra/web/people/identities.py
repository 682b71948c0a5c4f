"""Opening identities: the reason goes to the trail, the names stand on the page that answers and nowhere else."""
from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.codebook.dictionary import record
from sistra.codebook.terms import codelist
from sistra.services import identities
from sistra.web.acts import carried_out
from sistra.web.folders import Line, field_text, state_of
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.people.forms import asked
from sistra.web.people.room import VICTIMS, bp, page
from sistra.web.ui.forms import DictionaryForm, dictionary_form

CODES = asked("codes", "¿De quién?", "Whose?", type="refs")
WHY = asked("reason_code", "Motivo", "Reason", type="code", list_name="reveal_reason")
DETAIL = asked("reason_text", "Detalle del motivo", "Details of the reason", need="O",
               help_es="Obligatorio con «Otro». Queda en la bitácora. Sin nombres",
               help_en="Required with Other. It stays in the trail. No names")


def _form(number: str) -> DictionaryForm:
    offered = [(code, code) for code, _minor, may_open in identities.revealable(viewer(), number) if may_open]
    offered.append((identities.FILE, _("Datos reservados de la denuncia (denunciante, contacto)")))
    form = dictionary_form((CODES, WHY, DETAIL), language=language(), choices={"codes": offered})()
    if not request.form:
        wanted = [code for code, _label in offered if code in request.args.getlist("codigo")]
        form.fill({"codes": tuple(wanted)})
    return form


@bp.get("/<number>/identidades")
@can("identity.reveal_adult", step_up=True)
def ask_identities(number: str) -> Response:
    return _asking(number, _form(number))


def _asking(number: str, form: DictionaryForm) -> Response:
    closed = [code for code, _minor, may_open in identities.revealable(viewer(), number) if not may_open]
    return page("people/ask_identities.html", number, VICTIMS, form=form, closed=closed)


@bp.post("/<number>/identidades")
@can("identity.reveal_adult", step_up=True)
def reveal_identities(number: str) -> Any:
    """Answers with the names themselves: a redirect would need them kept somewhere."""
    form = _form(number)
    if not form.validate_on_submit():
        return _asking(number, form)
    opened = carried_out(form, identities.reveal, number, form["codes"].texts, reason_code=form["reason_code"].text,
                         reason_text=form["reason_text"].text)
    if opened is None:
        return _asking(number, form)
    reason = codelist("reveal_reason")[form["reason_code"].text].label(language())
    return page("people/identities.html", number, VICTIMS, reason=reason,
                people=[(one.code, identities.full_name(one.identity), _lines(one)) for one in opened])


def _lines(one: identities.Revealed) -> list[Line]:
    """Every reserved answer that has one: of the identity, of the part, of its lists."""
    found = _reserved(one.identity) + _reserved(one.part)
    for heading, rows in ((_("Captación"), one.recruitments), (_("Explotación"), one.exploitations),
                          (_("Atención"), one.services)):
        for place, row in enumerate(rows, start=1):
            found += [Line(f"{heading} {place}: {line.label}", line.value, line.state, None) for line in _reserved(row)]
    return found


def _reserved(view: Any) -> list[Line]:
    if view is None:
        return []
    fields = [field for field in record(view.record).fields.values()
              if field.sensitivity != "case" and field.type != "refs" and getattr(view, field.name) is not None]
    return [Line(field.label(language()), field_text(field, value), state_of(value), None)
            for field in fields if (value := getattr(view, field.name)) not in ((), "")]
