"""The blocks of the desk: for whom each stands, and what it shows. Each is built on its own and fails on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from sistra.access.may import may
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.rules.problems import said
from sistra.services import monthly, service_pages
from sistra.services.desk import changes, duties, house, received, unsent
from sistra.services.desk import figures as counts
from sistra.services.hand_over import reassignment
from sistra.web.acts import whole_number
from sistra.web.home import words
from sistra.web.pages import action, day, moment, term

VERIFY = "flask --app wsgi audit verify"
"""The command that walks the chain of the trail."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a block shows: the names of its template, and the keys of the charges among it (a reading of them)."""

    shows: dict[str, Any]
    charges: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A block: its name in the page, its heading, its template, for whom it stands, and where (`main`, `side`, `wide`)."""

    name: str
    title: str
    template: str
    stands: Callable[[Viewer], bool]
    build: Callable[[Viewer], Found]
    place: str = "main"


def _holds(*roles: Role) -> Callable[[Viewer], bool]:
    return lambda who: who.has(*roles)


def _can(capability: str) -> Callable[[Viewer], bool]:
    return lambda who: may(who, capability)


def _keys(rows: Iterable[Any]) -> list[int]:
    return [one.charge_id for one in rows]


def _own_figures(who: Viewer) -> Found:
    return Found({"figures": words.figures(counts.of_prosecution(who))})


def _supervised_figures(who: Viewer) -> Found:
    found = words.figures(counts.of_supervision(who))
    absent = words.figure(
        _("Sin fiscal en ejercicio en el despacho"),
        reassignment.without_responsible(who),
        url_for("hand_over.assignment", responsable=reassignment.ABSENT),
        alarming=True,
    )
    return Found({"figures": [*found, absent]})


def _shared_figures(who: Viewer) -> Found:
    waiting = words.figure(_("Ofrecidas, por aceptar"), len(received.grants(who).offers), url_for("sharing.inbox"))
    return Found({"figures": [*words.figures(counts.of_recipient(who)), waiting]})


def _services(who: Viewer) -> Found:
    pending = service_pages.pending(who)
    labels = {
        "abierta": _("Por atender o en curso"),
        "vencida": _("Con fin previsto vencido"),
        "sin": _("Agraviadas sin ninguna atención"),
    }
    return Found(
        {
            "figures": [
                words.figure(
                    label, pending.get(code, 0), url_for("assistance.listed", situacion=code), alarming=code == "vencida"
                )
                for code, label in labels.items()
            ]
        }
    )


def _deadlines(who: Viewer) -> Found:
    found = duties.deadlines(who)
    return Found(
        {
            "rows": [words.due(one, who.today) for one in found.rows],
            "others": found.total - len(found.rows),
        },
        _keys(found.rows),
    )


def _tasks(who: Viewer) -> Found:
    found = duties.tasks(who)
    return Found(
        {
            "rows": [words.duty(one, who.today) for one in found.rows],
            "others": found.total - len(found.rows),
        },
        _keys(found.rows),
    )


def _unsent(who: Viewer) -> Found:
    return Found({"rows": [words.unsent(one, who.today) for one in unsent.listed(who)]})


def _received(who: Viewer) -> Found:
    """Offers, referrals and requests: how many of each, with the first of them."""
    offers = received.grants(who).offers
    referred = received.referrals(who) if may(who, "referral.list") else []
    asked = received.requests(who)
    kinds = [
        {
            "count": ngettext("%(num)d denuncia ofrecida", "%(num)d denuncias ofrecidas", len(offers)),
            "all": url_for("sharing.inbox"),
            "rows": [_offer(one) for one in offers[: received.SHOWN]],
        },
        {
            "count": ngettext("%(num)d derivación por responder", "%(num)d derivaciones por responder", len(referred)),
            "all": url_for("hand_over.listing"),
            "rows": [
                {
                    "number": one.number,
                    "url": url_for("hand_over.show", referral_id=one.referral_id),
                    "text": term(one.reason, "referral_reason"),
                    "small": _("De %(sender)s, %(day)s", sender=one.sender, day=day(one.offered_at)),
                    "act": _("Responder"),
                }
                for one in referred[: received.SHOWN]
            ],
        },
        {
            "count": ngettext("%(num)d solicitud de acceso", "%(num)d solicitudes de acceso", len(asked)),
            "all": None,
            "rows": [
                {
                    "number": one.number,
                    "url": url_for("sharing.answering", number=one.number, request_id=one.request_id),
                    "text": one.agency,
                    "small": _("Pedida el %(day)s", day=day(one.asked_at)),
                    "act": _("Responder"),
                }
                for one in asked[: received.SHOWN]
            ],
        },
    ]
    return Found(
        {"kinds": [kind for kind in kinds if kind["rows"]]},
        _keys([*offers[: received.SHOWN], *referred[: received.SHOWN], *asked[: received.SHOWN]]),
    )


def _offer(one: received.Offer) -> dict[str, Any]:
    return {
        "number": one.number,
        "url": url_for("sharing.received", grant_id=one.grant_id),
        "text": term(one.profile, "grant_profile"),
        "small": _("De %(sender)s, hasta el %(day)s", sender=one.office, day=day(one.until)),
        "act": _("Ver condiciones"),
        "accept": url_for("sharing.accept", grant_id=one.grant_id),
        "decline": url_for("sharing.declining", grant_id=one.grant_id),
    }


def _ending(who: Viewer) -> Found:
    ending = received.grants(who).ending
    return Found(
        {
            "rows": [
                {
                    "number": one.number,
                    "url": url_for("charges.show", number=one.number),
                    "office": one.office,
                    "day": day(one.until),
                    "words": words.when_due(one.until, who.today),
                }
                for one in ending
            ]
        },
        _keys(ending),
    )


def _news(found: changes.News) -> Found:
    return Found(
        {"rows": [words.changed(one) for one in found.rows], "more": found.more, "since": moment(found.since)}, _keys(found.rows)
    )


def _own_changes(who: Viewer) -> Found:
    return _news(changes.of_own(who))


def _shared_changes(who: Viewer) -> Found:
    return _news(changes.of_shared(who))


def _loads(who: Viewer) -> Found:
    found = counts.loads(who, whole_number(request.args.get("despacho")))
    return Found(
        {
            "offices": [words.load(one) for one in found.offices],
            "people": [words.load(one) for one in found.people],
            "chosen": found.chosen,
        }
    )


def _quality(who: Viewer) -> Found:
    return Found({"figures": words.figures(counts.of_quality(who))})


def _users(who: Viewer) -> Found:
    labels = {
        "invitadas": _("Invitadas que aún no entran"),
        "suspendidas": _("Suspendidas"),
        "bloqueadas": _("Bloqueadas por intentos fallidos"),
    }
    return Found(
        {
            "figures": [
                words.figure(labels[state], number, url_for("accounts.index", estado=state), alarming=state == "bloqueadas")
                for state, number in house.users(who).items()
            ]
        }
    )


def _trail(who: Viewer) -> Found:
    found = house.trail(who)
    return Found(
        {
            "command": VERIFY,
            "entries": found.entries,
            "acts": [(action(name), times) for name, times in found.acts],
            "since": moment(found.since),
        }
    )


def _downloads(who: Viewer) -> Found:
    return Found({"rows": [(action(one.action), moment(one.at)) for one in house.downloads(who)]})


def _figures_doors(who: Viewer) -> Found:
    return Found({"monthly": monthly.offered(who), "workbook": may(who, "facts.export")})


_PROSECUTION, _RECIPIENTS = _can("task.list"), _holds(Role.AGENCY, Role.VICTIM_SUPPORT)

BLOCKS = (
    Block("cifras", said("Mis denuncias en cifras"), "figures", _PROSECUTION, _own_figures, "wide"),
    Block("supervision", said("Supervisión en cifras"), "figures", _can("charge.reassign_many"), _supervised_figures, "wide"),
    Block("compartidas", said("Lo compartido en cifras"), "figures", _RECIPIENTS, _shared_figures, "wide"),
    Block("atenciones", said("Atenciones pendientes"), "figures", _holds(Role.VICTIM_SUPPORT), _services, "wide"),
    Block("reportes", said("Reportes"), "reports", _holds(Role.AGENCY, Role.VICTIM_SUPPORT, Role.ANALYST), _figures_doors,
          "wide"),
    Block("plazos", said("Plazos"), "deadlines", _PROSECUTION, _deadlines),
    Block("borradores", said("Borradores"), "unsent", _can("charge.open"), _unsent, "side"),
    Block("derivaciones", said("Derivaciones recibidas"), "received", _can("grant.inbox"), _received, "side"),
    Block("cambios", said("Cambios en mis denuncias desde el último ingreso"), "changes", _PROSECUTION, _own_changes),
    Block("tareas", said("Mis tareas"), "tasks", _PROSECUTION, _tasks, "side"),
    Block("carga", said("Carga por despacho y por fiscal"), "loads", _can("charge.reassign_many"), _loads),
    Block("calidad", said("Calidad de los registros"), "quality", _can("charge.reassign_many"), _quality, "side"),
    Block(
        "cambios-compartidos", said("Cambios en lo compartido desde el último ingreso"), "changes", _RECIPIENTS, _shared_changes
    ),
    Block("por-vencer", said("Accesos por vencer"), "ending", _RECIPIENTS, _ending, "side"),
    Block("usuarios", said("Usuarios"), "figures", _can("accounts.manage"), _users, "wide"),
    Block("bitacora", said("Bitácora"), "trail", _can("trail.read"), _trail),
    Block("descargas", said("Mis descargas"), "downloads", _holds(Role.ANALYST), _downloads),
)
"""In the order of the page."""
KEPT = Block("sin-enviar", said("Formularios sin enviar"), "unsent", lambda who: not may(who, "charge.open"), _unsent)
"""For who has no drafts: it stands first, and only where there is something."""
