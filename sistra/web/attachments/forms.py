"""The form that opens a document of identity: it asks why."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from sistra.codebook.terms import codelist
from sistra.web.ui.landing import LandingForm


class OpenForm(LandingForm):
    reason_code = SelectField(_("Motivo"), choices=[], validate_choice=False)
    reason_text = StringField(_("Explicación (opcional)"), description=_("Queda en la bitácora. Sin nombres de personas."))

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason_code.choices = [
            SelectChoice("", gettext("Elija")),
            *(SelectChoice(term.code, term.label(language)) for term in codelist("reveal_reason").values()),
        ]

