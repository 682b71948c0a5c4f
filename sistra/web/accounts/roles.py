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
from sistra.rules.problems import said
from sistra.rules.sharing import CONTRIBUTED, FULL, Shared
from sistra.web.accounts.room import bp, tabs
from sistra.web.guards import can
from sistra.web.pages import language

_CAPABILITIES = {
    "session.own": said("Tener perfil propio"),
    "charge.list": said("Ver la lista de denuncias a su alcance"), "charge.open": said("Abrir una denuncia"),
    "charge.read": said("Ver una denuncia a su alcance"),
    "charge.read_in_full": said("Ver una denuncia completa, no solo su resumen"),
    "charge.print": said("Imprimir una denuncia"), "facts.read": said("Ver los hechos y la ruta"),
    "deadlines.read": said("Ver los plazos"), "victims.read": said("Ver a las agraviadas, por código"),
    "accused.read": said("Ver a los imputados, por código"), "counts.read": said("Ver las imputaciones"),
    "events.read": said("Ver las actuaciones"), "measures.read": said("Ver las medidas"),
    "court_case.of_charge": said("Ver los expedientes de una denuncia"),
    "charge.share": said("Compartir una denuncia"), "charge.share_many": said("Compartir varias denuncias a la vez"),
    "charge.unshare": said("Revocar un acceso"), "charge.shares": said("Ver con quién se comparte o se compartió"),
    "grant.inbox": said("Ver lo que se comparte con uno"), "grant.answer": said("Aceptar o declinar lo que se comparte"),
    "grant.request": said("Solicitar acceso a más secciones"),
    "charge.course": said("Ver derivaciones y acumulaciones de una denuncia"),
    "charge.reassign": said("Reasignar al fiscal responsable"),
    "charge.reassign_many": said("Reasignar varias denuncias a la vez"),
    "charge.join": said("Acumular una denuncia a otra"), "charge.separate": said("Dejar sin efecto una acumulación"),
    "referral.prepare": said("Preparar una derivación a otra fiscalía"),
    "referral.offer": said("Derivar una denuncia a otra fiscalía"),
    "referral.withdraw": said("Retirar una derivación"), "referral.list": said("Ver las derivaciones de su despacho"),
    "referral.answer": said("Aceptar o rechazar una derivación"),
    "event.contribute": said("Aportar actuaciones"),
    "charge.amend": said("Cambiar los datos de una denuncia"),
    "charge.complete": said("Completar el registro de una denuncia"),
    "charge.seal": said("Reservar una denuncia a su equipo, o levantar la reserva"),
    "charge.unseal": said("Decidir si se levanta el sello que otra persona pide levantar"),
    "charge.team": said("Formar el equipo del caso"),
    "charge.history": said("Ver el historial de una denuncia"), "charge.export": said("Descargar denuncias"),
    "person.search": said("Buscar personas por nombre o documento"),
    "person.amend": said("Registrar agraviadas e imputados"),
    "person.link": said("Vincular a la misma persona entre casos"),
    "identity.enter": said("Escribir nombres y documentos"),
    "identity.reveal_adult": said("Revelar la identidad de una persona adulta"),
    "identity.reveal_minor": said("Revelar la identidad de una niña, niño o adolescente"),
    "identity.reveal_minor_victim": said("Revelar la identidad de una agraviada menor de edad"),
    "count.amend": said("Registrar imputaciones"), "event.record": said("Registrar actuaciones"),
    "event.decide": said("Registrar actuaciones que deciden el caso"),
    "event.reverse": said("Dejar sin efecto una actuación"),
    "event.end_transfer": said("Recuperar una denuncia derivada o acumulada"),
    "measure.amend": said("Registrar medidas"),
    "service.list": said("Ver la lista de atenciones a su alcance"), "services.read": said("Ver las atenciones de una denuncia"),
    "service.amend": said("Registrar atenciones"),
    "task.list": said("Ver las tareas propias y del despacho"), "tasks.read": said("Ver las tareas de una denuncia"),
    "task.amend": said("Agregar y cambiar tareas"),
    "court_case.list": said("Ver la lista de expedientes a su alcance"),
    "court_case.open": said("Registrar un expediente"),
    "court_case.read": said("Ver un expediente a su alcance"),
    "court_case.amend": said("Cambiar los datos de un expediente"),
    "judgment.record": said("Registrar sentencias"),
    "attachment.add": said("Agregar documentos"), "attachment.read": said("Abrir documentos"),
    "figures.read": said("Ver reportes y cifras"), "figures.export": said("Descargar reportes"),
    "facts.export": said("Descargar microdatos sin identidades"),
    "accounts.manage": said("Administrar usuarios, entidades y despachos"), "trail.read": said("Leer la bitácora"),
}
"""Each capability of the policy in words, in the order of the page."""

_SUPERVISORS = ("COORD", "PRESID")


def capability_words() -> dict[str, str]:
    """Each capability of the policy in words of the viewer's language, in the order of the page."""
    return {name: _(words) for name, words in _CAPABILITIES.items()}


def _holder(role: str) -> Viewer:
    return Viewer(user_id=0, username="", full_name="", roles=frozenset({role}), office_id=0, office_name="", agency_id=0,
                  fiscal_district=None, specialised=False, at=datetime.now(UTC))


def reach(capability: str, role: str) -> str:
    """How far a role has a capability: "all" that it sees, "office" (of its own), "team" (on which it is), "shared", or "no".

    "shared" is what only a grant gives, at its widest. What is done to a charge, a role that sees none does not.
    """
    viewer = _holder(role)
    if capability != "charge.read" and not POLICY[capability](viewer, None) and reach("charge.read", role) == "no":
        return "no"
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
