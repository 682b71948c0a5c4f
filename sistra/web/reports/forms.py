"""The forms that say which figures and facts are wanted. They may stand in the address: figures name nobody."""
from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice

from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.reports.periods import Period
from sistra.services import reports
from sistra.web.ui.landing import LandingForm

_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before it nothing is told: months begin there too, and the first days that a calendar knows have no place in Lima."""
_MONTH = re.compile(r"(?P<month>\d{1,2})[/-](?P<year>\d{4})|(?P<iso_year>\d{4})-(?P<iso_month>\d{1,2})")


class _MonthsForm(LandingForm):
    """Months and places."""

    desde = StringField(_("Desde el mes"), description=_("Por ejemplo, 01/2026"), render_kw={"classes": "govuk-input--width-5"})
    hasta = StringField(_("Hasta el mes"), description=_("Por ejemplo, 12/2026"), render_kw={"classes": "govuk-input--width-5"})
    distrito = SelectField(_("Distrito fiscal"), choices=[], validate_choice=False)
    frontera = SelectField(_("Región fronteriza"), choices=[], validate_choice=False)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        districts = [SelectChoice(one.code, one.label(language)) for one in codelist("fiscal_district").values()]
        self.distrito.choices = [SelectChoice("", gettext("Todos")), *districts]
        borders = {one.parent: one.label(language) for one in codelist("border_region").values()}
        self.frontera.choices = [SelectChoice("", gettext("Todo el país")), *(SelectChoice(*one) for one in borders.items())]


class ReportForm(_MonthsForm):
    """Filters of a report. Nothing is carried out by it, so it carries no token."""

    class Meta:
        csrf = False

    cifras = RadioField(_("Cifras"), choices=[], validate_choice=False)

    def __init__(self, viewer: Viewer, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, language=language, **kwargs)
        words = {reports.INTERNAL: gettext("Exactas, de uso interno"),
                 reports.AGENCIES: gettext("Redondeadas, para entregar fuera del Ministerio Público")}
        self.cifras.choices = [SelectChoice(one, words[one]) for one in reports.audiences(viewer)]


class MicrodataForm(_MonthsForm):
    """What the analyst's workbook holds, and why."""

    units = SelectMultipleField(_("Hojas"), description=_("Una fila por registro. Marque solo las que necesita."), choices=[],
                                validate_choice=False)
    solo_trata = BooleanField(_("Solo denuncias por trata (sin explotación ni tráfico de migrantes)"))
    format = RadioField(_("Formato"), choices=[
        SelectChoice("xlsx", _("Libro de Excel (xlsx), con diccionario y listas")),
        SelectChoice("csv", _("Textos separados por comas (csv), en un archivo zip"))], default="xlsx", validate_choice=False)
    reason_code = SelectField(_("Motivo"), choices=[], validate_choice=False)
    reason_text = StringField(
        _("Explicación del motivo (opcional)"), description=_("Queda en la bitácora. Sin nombres de personas."))
    al = HiddenField()

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, language=language, **kwargs)
        reasons = [SelectChoice(one.code, one.label(language)) for one in codelist("export_reason").values()]
        self.reason_code.choices = [SelectChoice("", gettext("Elija")), *reasons]


def instant_in(text: str) -> datetime | None:
    """The instant of a permanent link, None where it says none.

    Raises Rejected for what is no instant or too early for data: told as of now, its figures would pass for those of the link.
    """
    if not text:
        return None
    found: datetime | None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)  # a plus that was pasted came as a space
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None or found < _FIRST:
        raise Rejected(Problem("", said("La fecha de los datos que trae el enlace no se puede leer. Ábralo completo, tal como se "
                                        "lo dieron, o consulte los datos de ahora.")))
    return found


def month_in(text: str, field: str) -> date:
    """The first day of a month written 03/2026 or 2026-03. Raises Rejected."""
    found = _MONTH.fullmatch(text.strip())
    if found:
        parts = found.groupdict()
        year, month = int(parts["year"] or parts["iso_year"]), int(parts["month"] or parts["iso_month"])
        if 1 <= month <= 12 and 1990 <= year <= 2100:
            return date(year, month, 1)
    raise Rejected(Problem(field, said("Escriba el mes y el año, por ejemplo 03/2026")))


def period_in(since: str, until: str, otherwise: Period) -> Period:
    """The period asked for; a month left blank is that of `otherwise`. Raises Rejected."""
    first = month_in(since, "desde") if since.strip() else otherwise.first
    return Period.months_of(first, month_in(until, "hasta") if until.strip() else otherwise.last)
