"""What each user may do on each kind of charge: expectations by hand, apart from the policy of the code.

`FULL` sees everything but identities, `OUTLINE` the four facts that a sealed charge leaves its supervisors, None nothing.
"""
from __future__ import annotations

from collections.abc import Mapping

FULL, OUTLINE = "full", "outline"

USERS = ("fiscal.mdd", "fiscal2.mdd", "asistente.mdd", "fiscal.lim", "asistente.lim", "fiscal.ordinaria", "coordinadora",
         "presidencia.mdd", "analista", "agencia", "victimas", "auditora", "admin")

RELATIONS: Mapping[str, Mapping[str, str]] = {
    # a charge of the office of Madre de Dios specialised in trafficking, opened by fiscal.mdd
    "own": dict.fromkeys(("fiscal.mdd", "fiscal2.mdd", "asistente.mdd", "coordinadora", "presidencia.mdd"), FULL),
    # the same, sealed: the team is fiscal.mdd alone
    "sealed": {"fiscal.mdd": FULL, "coordinadora": OUTLINE, "presidencia.mdd": OUTLINE},
    # the same, effective collaboration
    "collaboration": {"fiscal.mdd": FULL},
    # of the specialised office of Lima
    "lima": dict.fromkeys(("fiscal.lim", "asistente.lim", "coordinadora"), FULL),
    # of an ordinary office of Madre de Dios
    "ordinary": dict.fromkeys(("fiscal.ordinaria", "presidencia.mdd"), FULL),
    # no such number
    "missing": {},
}

OWN_OFFICE: Mapping[str, tuple[str, ...]] = {
    "own": ("fiscal.mdd", "fiscal2.mdd", "asistente.mdd"), "sealed": ("fiscal.mdd",), "collaboration": ("fiscal.mdd",),
    "lima": ("fiscal.lim", "asistente.lim"), "ordinary": ("fiscal.ordinaria",), "missing": ()}
TEAM: Mapping[str, tuple[str, ...]] = {
    "own": ("fiscal.mdd",), "sealed": ("fiscal.mdd",), "collaboration": ("fiscal.mdd",), "lima": ("fiscal.lim",),
    "ordinary": ("fiscal.ordinaria",), "missing": ()}
PROSECUTORS = ("fiscal.mdd", "fiscal2.mdd", "fiscal.lim", "fiscal.ordinaria")
ASSISTANTS = ("asistente.mdd", "asistente.lim")
SUPERVISORS = ("coordinadora", "presidencia.mdd")
CASE_USERS = (*PROSECUTORS, *ASSISTANTS, *SUPERVISORS, "agencia", "victimas")

# What a page of a charge asks: who among those who see the charge in full gets through. The outline alone opens "outline".
READERS: Mapping[str, tuple[str, ...]] = {
    "outline": CASE_USERS,
    "read": CASE_USERS,
    "history": (*PROSECUTORS, *ASSISTANTS, *SUPERVISORS),
    "amend": (*PROSECUTORS, *ASSISTANTS),
    "decide": PROSECUTORS,
    "team": PROSECUTORS,
    "reveal": PROSECUTORS,
    "export": (*PROSECUTORS, *SUPERVISORS, "agencia", "victimas"),
    "unseal": (*PROSECUTORS, *SUPERVISORS),
}
OF_OWN_OFFICE_ONLY = ("amend", "decide", "reveal", "team")

# Pages of one charge, by endpoint.
CHARGE_PAGES: Mapping[str, str] = {
    "charges.show": "outline", "charges.facts": "read", "charges.team": "read", "charges.history": "history",
    "charges.tasks": "amend", "charges.edit": "amend", "charges.amend": "amend", "charges.new_leg": "amend",
    "charges.add_leg": "amend", "charges.edit_leg": "amend", "charges.amend_leg": "amend",
    "unsealing.show": "unseal", "unsealing.decide": "unseal", "unsealing.withdraw": "decide",
    "charges.complete": "decide", "charges.change_team": "team", "charges.confidentiality": "decide", "charges.seal": "decide",
}

_PEOPLE_AMENDED = (
    "add_victim", "create_victim", "edit_victim", "amend_victim", "withdraw_victim", "take_back_victim", "add_accused",
    "create_accused", "edit_accused", "amend_accused", "withdraw_accused", "take_back_accused", "new_row", "add_row",
    "edit_row", "amend_row", "withdraw_row", "take_back_row")
CHARGE_PAGES = {
    **CHARGE_PAGES,
    **{f"people.{name}": "read" for name in ("victims", "victim", "accused", "accused_person")},
    **{f"people.{name}": "amend" for name in _PEOPLE_AMENDED},
    **{f"people.{name}": "decide" for name in ("link", "make_link", "unlink", "undo_link")},
    **{f"people.{name}": "reveal" for name in ("ask_identities", "reveal_identities")},
}

_PROCEDURE_READ = ("counts.index", "counts.show", "events.index", "events.show", "events.deadlines", "measures.index", "measures.show")
_PROCEDURE_AMENDED = (
    *(f"counts.{name}" for name in ("create", "add", "edit", "amend")),
    *(f"events.{name}" for name in ("create", "enter", "record_event", "notify", "register_notification", "reversal", "reverse",
                                    "edit", "amend", "due_date", "set_due")),
    *(f"measures.{name}" for name in ("create", "add", "edit", "amend", "extension", "extend", "ending", "end")))
CHARGE_PAGES = {
    **CHARGE_PAGES,
    **dict.fromkeys(_PROCEDURE_READ, "read"), **dict.fromkeys(_PROCEDURE_AMENDED, "amend"),
    **dict.fromkeys(("counts.retypify", "counts.give_offence"), "decide"),
}

CHARGE_PAGES = {**CHARGE_PAGES, "court_cases.of_charge": "read", "court_cases.create_for": "amend", "court_cases.open_for": "amend"}

# Pages of court cases: whether one is seen is decided with the case itself (404 for the key of the test).
_COURT_CASES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("index", "show", "charges", "acts", "act", "judgments", "judgment", "remedies", "remedy", "incidents", "history"),
                    CASE_USERS),
    **dict.fromkeys((
        "create", "open_alone", "edit", "amend", "link", "link_accused", "change_link", "unlinking", "unlink", "new_incident",
        "open_incident", "choose_act", "enter_act", "record_act", "reversal", "reverse", "edit_act", "amend_act", "new_remedy",
        "file_remedy", "edit_remedy", "amend_remedy", "decision", "decide_remedy"), (*PROSECUTORS, *ASSISTANTS)),
    **dict.fromkeys(("new_judgment", "record_judgment", "edit_judgment", "amend_judgment", "new_reparation", "add_reparation",
                     "edit_reparation", "amend_reparation", "new_penalty", "add_penalty"), PROSECUTORS)}

CHARGE_PAGES = {
    **CHARGE_PAGES,
    **dict.fromkeys(("files.charge_dossier", "files.download_charge"), "export"),
    **{f"attachments.{name}": "read" for name in ("index", "show", "download", "open_guarded")},
    **{f"attachments.{name}": "amend" for name in ("new", "add", "withdrawal", "withdraw")},
}

# Pages of no charge: who gets through; everybody else who is signed in is refused (403).
EVERYBODY = USERS
OTHER_PAGES: Mapping[str, tuple[str, ...]] = {
    "session.home": EVERYBODY, "session.profile": EVERYBODY, "session.password": EVERYBODY, "session.step_up": EVERYBODY,
    "charges.index": CASE_USERS, "search.index": CASE_USERS,
    "charges.create": (*PROSECUTORS, *ASSISTANTS), "charges.open_charge": (*PROSECUTORS, *ASSISTANTS),
    "drafts.index": (*PROSECUTORS, *ASSISTANTS), "drafts.keep": (*PROSECUTORS, *ASSISTANTS),
    "drafts.discard": (*PROSECUTORS, *ASSISTANTS), "drafts.keep_page": EVERYBODY, "drafts.discard_page": EVERYBODY,
    **dict.fromkeys(("person_search.index", "person_search.search", "person_search.results"), (*PROSECUTORS, *ASSISTANTS)),
    **dict.fromkeys(("files.export_charges", "files.download_charges", "files.court_case_dossier", "files.download_court_case"),
                    READERS["export"]),
    **dict.fromkeys((
        "accounts.index", "accounts.invite", "accounts.user", "accounts.renew_link", "accounts.suspend", "accounts.reinstate",
        "accounts.change_roles", "accounts.roles", "accounts.institutions", "accounts.institution", "accounts.add_institution",
        "accounts.amend_institution", "accounts.end_institution"), ("admin",)),
    **{f"court_cases.{name}": users for name, users in _COURT_CASES.items()},
    **{f"attachments.case_{name}": CASE_USERS for name in ("index", "show", "download", "open_guarded")},
    **{f"attachments.case_{name}": (*PROSECUTORS, *ASSISTANTS) for name in ("new", "add", "withdrawal", "withdraw")},
}

PUBLIC_PAGES = ("static", "session.sign_in", "session.second_factor", "session.invitation", "session.language",
                "session.sign_out", "session.health", "session.accessibility", "session.help")


def of_charge(kind: str, relation: str, user: str) -> int | None:
    """404 or 403 where the user must be refused, None where they must get through."""
    sight = RELATIONS[relation].get(user)
    if sight is None:
        return 404
    if kind == "outline":
        return None
    if kind == "unseal":
        return None if user in SUPERVISORS or user in TEAM[relation] else 403
    through = sight == FULL and user in READERS[kind] and (kind not in OF_OWN_OFFICE_ONLY or user in OWN_OFFICE[relation])
    through = through and (kind != "team" or user in TEAM[relation])
    return None if through else 403
