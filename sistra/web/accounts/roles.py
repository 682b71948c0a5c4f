"""What each role may, read from the policy itself."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from sistra.access.may import POLICY
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.rules.sharing import CONTRIBUTED, FULL, Shared
from sistra.web.accounts.room import bp, tabs
from sistra.web.guards import can
from sistra.web.pages import language


def capability_words() -> dict[str, str]:
    """Each capability of the policy in words, in the order of the page."""
    return {
        "session.own": _("Tener perfil propio"),
        "charge.list": _("Ver la lista de denuncias a su alcance"), "charge.open": _("Abrir una denuncia"),
        "charge.read": _("Ver una denuncia a su alcance"),
        "charge.read_in_full": _("Ver una denuncia completa, no solo su resumen"),
        "charge.print": _("Imprimir una denuncia"), "facts.read": _("Ver los hechos y la ruta"),
        "deadlines.read": _("Ver los plazos"), "victims.read": _("Ver a las agraviadas, por código"),
        "accused.read": _("Ver a los imputados, por código"), "counts.read": _("Ver las imputaciones"),
        "events.read": _("Ver las actuaciones"), "measures.read": _("Ver las medidas"),
        "court_case.of_charge": _("Ver los expedientes de una denuncia"),
        "charge.share": _("Compartir una denuncia"), "charge.share_many": _("Compartir varias denuncias a la vez"),
        "charge.unshare": _("Revocar un acceso"), "charge.shares": _("Ver con quién se comparte o se compartió"),
        "grant.inbox": _("Ver lo que se comparte con uno"), "grant.answer": _("Aceptar o declinar lo que se comparte"),
        "grant.request": _("Solicitar acceso a más secciones"),
        "charge.course": _("Ver derivaciones y acumulaciones de una denuncia"),
        "charge.reassign": _("Reasignar al fiscal responsable"),
        "charge.reassign_many": _("Reasignar varias denuncias a la vez"),
        "charge.join": _("Acumular una denuncia a otra"), "charge.separate": _("Dejar sin efecto una acumulación"),
        "referral.prepare": _("Preparar una derivación a otra fiscalía"),
        "referral.offer": _("Derivar una denuncia a otra fiscalía"),
        "referral.withdraw": _("Retirar una derivación"), "referral.list": _("Ver las derivaciones de su despacho"),
        "referral.answer": _("Aceptar o rechazar una derivación"),
        "event.contribute": _("Aportar actuaciones"),
        "charge.amend": _("Cambiar los datos de una denuncia"),
        "charge.complete": _("Completar el registro de una denuncia"),
        "charge.seal": _("Reservar una denuncia a su equipo, o levantar la reserva"),
        "charge.unseal": _("Decidir si se levanta el sello que otra persona pide levantar"),
        "charge.team": _("Formar el equipo del caso"),
        "charge.history": _("Ver el historial de una denuncia"), "charge.export": _("Descargar denuncias"),
        "person.search": _("Buscar personas por nombre o documento"),
        "person.amend": _("Registrar agraviadas e imputados"),
        "person.link": _("Vincular a la misma persona entre casos"),
        "identity.enter": _("Escribir nombres y documentos"),
        "identity.reveal_adult": _("Revelar la identidad de una persona adulta"),
        "identity.reveal_minor": _("Revelar la identidad de una niña, niño o adolescente"),
        "identity.reveal_minor_victim": _("Revelar la identidad de una agraviada menor de edad"),
        "count.amend": _("Registrar imputaciones"), "event.record": _("Registrar actuaciones"),
        "event.decide": _("Registrar actuaciones que deciden el caso"),
        "event.reverse": _("Dejar sin efecto una actuación"),
        "event.end_transfer": _("Recuperar una denuncia derivada o acumulada"),
        "measure.amend": _("Registrar medidas"),
        "service.list": _("Ver la lista de atenciones a su alcance"), "services.read": _("Ver las atenciones de una denuncia"),
        "service.amend": _("Registrar atenciones"),
        "task.list": _("Ver las tareas propias y del despacho"), "tasks.read": _("Ver las tareas de una denuncia"),
        "task.amend": _("Agregar y cambiar tareas"),
        "court_case.list": _("Ver la lista de expedientes a su alcance"),
        "court_case.open": _("Registrar un expediente"),
        "court_case.read": _("Ver un expediente a su alcance"),
        "court_case.amend": _("Cambiar los datos de un expediente"),
        "judgment.record": _("Registrar sentencias"),
        "attachment.add": _("Agregar documentos"), "attachment.read": _("Abrir documentos"),
        "figures.read": _("Ver reportes y cifras"), "figures.export": _("Descargar reportes"),
        "facts.export": _("Descargar microdatos sin identidades"),
        "accounts.manage": _("Administrar usuarios, entidades y despachos"), "trail.read": _("Leer la bitácora")}


_SUPERVISORS = ("COORD", "PRESID")


def reach(capability: str, role: str) -> str:
    """How far a role has a capability: "all" that it sees, "office" (of its own), "team" (on which it is), "shared", or "no".

    "shared" is what only a grant gives, at its widest.
    """
    viewer = Viewer(user_id=0, username="", full_name="", roles=frozenset({role}), office_id=0, office_name="",
                    agency_id=0,
                    fiscal_district=None, specialised=False, at=datetime.now(UTC))
    for name, own_office, on_team in (("all", False, False), ("office", True, False), ("team", True, True)):
        if POLICY[capability](viewer, Standing(own_office=own_office, on_team=on_team, outline=False,
                                               confidentiality="RES", supervised=role in _SUPERVISORS)):
            return name
    widest = Shared(dict.fromkeys(codelist("grant_section"), FULL), CONTRIBUTED, date.max)
    shared = Standing(own_office=False, on_team=False, outline=False, confidentiality="RES", shared=widest)
    if POLICY[capability](viewer, shared):
        return "shared"
    return "team" if POLICY[capability](viewer, replace(shared, supports=True)) else "no"


@bp.get("/roles")
@can("accounts.manage")
def roles() -> str:
    listed = codelist("user_role")
    words = capability_words()
    rows: list[dict[str, Any]] = [
        {"label": label, "cells": [(code, reach(name, code)) for code in listed]}
        for name, label in words.items() if name in POLICY]
    return render_template("accounts/roles.html", heading=_("Roles"), tabs=tabs("roles"), rows=rows,
                           roles=[(code, term.label(language())) for code, term in listed.items()])
