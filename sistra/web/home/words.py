"""What the desk finds, in the words of its page. No person of a file is ever named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from sistra.codebook.dictionary import record
from sistra.rules.entries import LIMA
from sistra.rules.problems import said
from sistra.services import charge_list
from sistra.services.desk.changes import Changed
from sistra.services.desk.duties import Due, Duty
from sistra.services.desk.figures import OPEN_ONES, OVERDUE, Figure, Load
from sistra.services.desk.unsent import Unsent
from sistra.web.draft_links import continued
from sistra.web.pages import action, day, language, moment, term

_FIGURES = {
    "abiertas": said("Abiertas"),
    "vencidas": said("Con plazo vencido"),
    "por-vencer": said("Vencen en 15 días"),
    "incompletas": said("Con registro incompleto"),
    "despacho": said("Abiertas del despacho"),
    "despacho-vencidas": said("Con plazo vencido en el despacho"),
    "sin-finalidad": said("Finalidad sin determinar hace más de 90 días"),
    "compartidas": said("Denuncias compartidas con usted"),
}
_ALARMING = frozenset({"vencidas", "despacho-vencidas"})
_NAMED = 4
"""Fields of a change that are named; of the others it is said how many they are."""


def when_due(on: date, today: date) -> str:
    """How far off a day is: overdue in words."""
    left = (on - today).days
    if left < 0:
        return str(ngettext("venció hace %(num)d día", "venció hace %(num)d días", -left))
    return str(_("vence hoy") if left == 0 else ngettext("vence en %(num)d día", "vence en %(num)d días", left))


def age(on: date, today: date) -> str:
    """How long ago something was saved."""
    days = (today - on).days
    if days > 1:
        return str(ngettext("hace %(num)d día", "hace %(num)d días", days))
    return str(_("ayer") if days == 1 else _("hoy"))


def list_address(query: charge_list.Query) -> str:
    """The address of the list of charges that a query opens."""
    return url_for("charges.index", **charge_list.address(query))


def figure(label: str, number: int, url: str, *, alarming: bool = False) -> dict[str, Any]:
    """A number that is a link; one that alarms does so above nought."""
    return {"label": label, "number": number, "url": url, "late": alarming and number > 0}


def figures(found: Sequence[Figure]) -> list[dict[str, Any]]:
    return [figure(_(_FIGURES[one.name]), one.number, list_address(one.query), alarming=one.name in _ALARMING) for one in found]


def load(one: Load) -> dict[str, Any]:
    """A line of the work of an office or of a person."""
    of_office = url_for("home.desk", despacho=one.office, _anchor="mesa-carga") if one.responsible is None else None
    return {
        "name": one.name,
        "url": of_office,
        "open": one.open,
        "open_url": list_address(one.query(OPEN_ONES)),
        "overdue": one.overdue,
        "overdue_url": list_address(one.query(OVERDUE)),
        "days": "" if one.median_days is None else str(one.median_days),
    }


def due(one: Due, today: date) -> dict[str, Any]:
    late = one.due_on < today and not one.suspended
    words = _("suspendido") if one.suspended else when_due(one.due_on, today)
    return {
        "number": one.number,
        "url": url_for("charges.show", number=one.number),
        "rule": term(one.rule, "deadline"),
        "event": term(one.opened_by, "event_type"),
        "accused": one.accused,
        "day": day(one.due_on),
        "words": words,
        "colour": "grey" if one.suspended else "red" if late else "amber",
    }


def duty(one: Duty, today: date) -> dict[str, Any]:
    late = one.due_on is not None and one.due_on < today
    return {
        "number": one.number,
        "title": one.title,
        "url": url_for("tasks.show", number=one.number, task_id=one.task_id),
        "words": when_due(one.due_on, today) if one.due_on else "",
        "day": day(one.due_on) if one.due_on else "",
        "colour": "red" if late else "amber" if one.due_on and (one.due_on - today).days <= 15 else "grey",
        "pressing": one.pressing,
    }


def unsent(one: Unsent, today: date) -> dict[str, Any]:
    if one.page is not None:
        label, url, detail = _("Formulario sin enviar"), one.page, unquote(urlsplit(one.page).path)
    else:
        (label, url), detail = continued(one.form, one.number, one.court_case, one.docket, one.thing_id), _part(one.form)
    filled = "" if one.percent is None else _("%(percent)s %% completo", percent=one.percent)
    return {
        "label": label,
        "url": url,
        "detail": detail,
        "filled": filled,
        "saved": moment(one.saved_at),
        "age": age(one.saved_at.astimezone(LIMA).date(), today),
    }


def _part(form: str) -> str:
    """Which part of a charge a draft is about."""
    if form.startswith("charges.edit."):
        section = record("charge").sections.get(form.rsplit(".", 1)[1])
        return section.label(language()) if section is not None else ""
    return str({"people.victim": _("Agraviada"), "people.accused": _("Imputado")}.get(form, ""))


def changed(one: Changed) -> dict[str, Any]:
    # That an access was accepted says already that its state changed.
    fields = [field for field in one.fields if field.name != "state" or one.action.endswith(".amended")]
    labels = [field.label(language()) for field in fields[:_NAMED]]
    if others := len(fields) - len(labels):
        labels.append(ngettext("%(num)d dato más", "%(num)d datos más", others))
    return {
        "number": one.number,
        "url": url_for("charges.show", number=one.number),
        "action": action(one.action),
        "fields": ", ".join(labels),
        "who": one.who,
        "at": moment(one.at),
    }
