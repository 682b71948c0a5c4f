"""Forms of this room: what is to leave, in which shape, and why."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice

from sistra.codebook.terms import codelist
from sistra.web.ui.landing import LandingForm


class ReasonedForm(LandingForm):
    """A form that asks why. Problems land on their fields, those of no field on top."""

    reason_code = SelectField(_("Motivo"), choices=[], validate_choice=False)
    reason_text = StringField(
        _("Explicación del motivo (opcional)"), description=_("Queda en la bitácora. Sin nombres de personas.")
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason_code.choices = reasons("export_reason", language)


def reasons(list_name: str, language: str) -> list[SelectChoice]:
    """The reasons of a list as choices, the first of them none."""
    return [
        SelectChoice("", gettext("Elija")),
        *(SelectChoice(term.code, term.label(language)) for term in codelist(list_name).values()),
    ]


class ExportForm(ReasonedForm):
    units = SelectMultipleField(
        _("Hojas"),
        description=_("Cada hoja lleva una fila por registro, con el número de su denuncia. Marque solo las que necesita."),
        choices=[],
        validate_choice=False,
    )
    format = RadioField(
        _("Formato"),
        choices=[
            SelectChoice("xlsx", _("Libro de Excel (xlsx), con diccionario y listas")),
            SelectChoice("csv", _("Textos separados por comas (csv), en un archivo zip")),
        ],
        default="xlsx",
        validate_choice=False,
    )


class DossierForm(ReasonedForm):
    sections = SelectMultipleField(_("Secciones"), choices=[], validate_choice=False)


class ChargeDossierForm(DossierForm):
    codes = SelectMultipleField(
        _("Revelar la identidad de"),
        choices=[],
        validate_choice=False,
        description=_(
            "Opcional. Sin marcar a nadie, las personas figuran solo por su código. Cada identidad revelada queda en la bitácora."
        ),
    )
    reveal_code = SelectField(_("Motivo para revelar"), choices=[], validate_choice=False)
    reveal_text = StringField(_("Explicación (opcional)"))

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, language=language, **kwargs)
        self.reveal_code.choices = reasons("reveal_reason", language)
