"""Where a draft goes on, and what its form is called."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _


def continued(form: str, number: str | None, court_case: int | None, docket: str | None, thing_id: int) -> tuple[str, str]:
    """What the form is, and the address where it goes on; "" where its page is gone.

    `number` is that of the charge in which it was typed, `court_case` and `docket` key and number of the court case.
    """
    if form == "charges.create":
        return _("Nueva denuncia"), url_for("charges.create")
    if form == "court_cases.judgment" and court_case is not None:
        return _judgment(court_case, docket, thing_id)
    if form.startswith("charges.edit.") and number:
        return number, url_for("charges.edit", number=number, section=form.rsplit(".", 1)[1])
    if form in ("people.victim", "people.accused") and number:
        return number, url_for(form.replace(".", ".add_"), number=number)
    return number or _("Formulario"), url_for("charges.show", number=number) if number else ""


def _judgment(court_case: int, docket: str | None, thing_id: int) -> tuple[str, str]:
    """A judgment of first instance, or the decision of the remedy that the draft is about."""
    docket, remedy = docket or _("expediente sin número"), thing_id or None
    label = _("Decisión de un recurso, %(docket)s", docket=docket) if remedy else _("Sentencia, %(docket)s", docket=docket)
    return label, url_for("court_cases.new_judgment", key=court_case, recurso=remedy)
