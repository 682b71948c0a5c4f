"""The grey-blue folder of a court case as its pages show it: tab, title without names, meta line, stages, sections."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from sistra.access.may import may
from sistra.codebook.terms import Unknown
from sistra.rules.problems import said
from sistra.rules.titles import charge_title
from sistra.services import court_cases
from sistra.services.court_cases import CaseFolder
from sistra.web.folders import FolderView, SectionLink, deadline_line, stages_of
from sistra.web.guards import viewer
from sistra.web.pages import language, term

SECTIONS = (
    ("court_cases.show", said("Resumen"), None, "EXP"),
    ("court_cases.charges", said("Denuncias vinculadas"), "charges", "EXP"),
    ("court_cases.acts", said("Audiencias y resoluciones"), "events", "ACT"),
    ("court_cases.judgments", said("Sentencias"), "judgments", "SEN"),
    ("court_cases.remedies", said("Recursos"), "remedies", "SEN"),
    ("court_cases.incidents", said("Cuadernos"), "incidents", "EXP"),
    ("attachments.case_index", said("Documentos"), "attachments", "DOC"),
    ("court_cases.history", said("Historial"), None, None),
)
"""Pages of a court case: endpoint, label, what is counted, the section (`grant_section`) that opens it; None: by right only."""


def _address(endpoint: str, key: int) -> str:
    """Where a section is. Among documents the court case is `case`: there `key` is the document."""
    return url_for(endpoint, case_id=key) if endpoint.startswith("attachments.") else url_for(endpoint, key=key)


def label_of(case: Any, key: int) -> str:
    """The number by which a case is called, else its kind."""
    return court_cases.label_of(case) or _(
        "%(kind)s sin número (registro %(key)s)", kind=term(case.court_case_kind, "court_case_kind"), key=key
    )


def case_folder(found: CaseFolder, current: str) -> FolderView:
    """The folder with the section of endpoint `current` marked. Its tab bears docket and court."""
    case = found.case
    court = case.court_name if case.court_name not in (None, *Unknown) else None
    if court is None and case.court_instance not in (None, *Unknown):
        court = term(case.court_instance, "court_instance")
    links = [
        SectionLink(
            _(label),
            _address(endpoint, found.key),
            found.counted.get(counted) if counted else None,
            endpoint == current,
        )
        for endpoint, label, counted, section in SECTIONS
        if found.by_right or section in found.opened
    ]
    return FolderView(
        label_of(case, found.key),
        court,
        _title(found),
        _meta(found),
        _tags(found),
        _actions(found),
        stages_of(found.course),
        links,
        deadline_line(*found.deadline) if found.deadline else None,
    )


def _title(found: CaseFolder) -> str:
    """The offence and how many are accused; never a name."""
    if found.offence is None:
        return term(found.case.court_case_kind, "court_case_kind")
    offence = charge_title(language(), offence=found.offence, purposes=None, place=None)
    return offence + (str(ngettext(", %(num)d imputado", ", %(num)d imputados", found.accused)) if "IMP" in found.opened else "")


def _meta(found: CaseFolder) -> list[tuple[str, ...]]:
    minors = ngettext("%(num)d menor de edad", "%(num)d menores de edad", found.minors) if found.minors else ""
    meta: list[tuple[str, ...]] = (
        [("", term(found.case.fiscal_district, "fiscal_district"))] if found.case.fiscal_district else []
    )
    meta += [
        (_("Denuncias vinculadas"), str(len(found.charges))),
        *([(_("Agraviadas"), str(found.victims)) + ((minors,) if minors else ())] if "AGR" in found.opened else []),
        *([(_("Imputados"), str(found.accused))] if "IMP" in found.opened else []),
    ]
    if found.main is not None:
        meta.append((_("Cuaderno de"), found.main[1] or _("expediente sin número")))
    return meta


def _tags(found: CaseFolder) -> list[tuple[str, str]]:
    tags = [(term(found.case.court_case_kind, "court_case_kind"), "purple")] if found.case.court_case_kind != "PRI" else []
    if found.case.stage:
        tags.append((term(found.case.stage, "procedural_stage"), "blue"))
    if found.case.state not in (None, "TRA"):
        tags.append((term(found.case.state, "court_case_state"), "grey"))
    return tags


def _actions(found: CaseFolder) -> list[tuple[str, str, bool]]:
    actions = (
        [(_("Registrar audiencia o resolución"), url_for("court_cases.choose_act", key=found.key), True)]
        if found.may_write
        else []
    )
    if found.may_judge and found.charges:
        actions.append((_("Registrar sentencia"), url_for("court_cases.new_judgment", key=found.key), False))
    if "files.court_case_dossier" in current_app.view_functions and may(viewer(), "charge.export"):
        actions.append((_("PDF del expediente"), url_for("files.court_case_dossier", key=found.key), False))
    return actions
