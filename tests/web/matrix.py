"""What each user may do on each kind of charge: expectations by hand, apart from the policy of the code.

`FULL` sees everything but identities, `OUTLINE` the four facts that a sealed charge leaves its supervisors, None nothing.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    "share": PROSECUTORS,
    "ask": (),
}
OF_OWN_OFFICE_ONLY = ("amend", "decide", "reveal", "team", "share")

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

_PROCEDURE_READ = ("counts.index", "counts.show", "events.index", "events.show", "events.deadlines", "measures.index",
                   "measures.show")
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

CHARGE_PAGES = {**CHARGE_PAGES, "court_cases.of_charge": "read", "court_cases.create_for": "amend",
                "court_cases.open_for": "amend"}

# Pages of court cases: whether one is seen is decided with the case itself (404 for the key of the test).
_COURT_CASES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("index", "show", "charges", "acts", "act", "judgments", "judgment", "remedies", "remedy", "incidents",
                     "history"), CASE_USERS),
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
    "home.desk": EVERYBODY, "session.home": EVERYBODY, "session.profile": EVERYBODY, "session.password": EVERYBODY,
    "session.step_up": EVERYBODY, "charges.index": CASE_USERS, "search.index": CASE_USERS,
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
    if kind in HAND_OVER:
        return None if user in _handing_over(kind, relation, sight) else 403
    if kind == "unseal":
        return None if user in SUPERVISORS or user in TEAM[relation] else 403
    through = sight == FULL and user in READERS[kind] and (kind not in OF_OWN_OFFICE_ONLY or user in OWN_OFFICE[relation])
    through = through and (kind != "team" or user in TEAM[relation])
    through = through and (kind != "share" or relation not in ("sealed", "collaboration"))
    return None if through else 403


# Services for victims and tasks.
CHARGE_PAGES = {
    **CHARGE_PAGES,
    **{f"assistance.{name}": "read" for name in ("index", "show")},
    **{f"assistance.{name}": "amend" for name in ("create", "add", "edit", "amend", "withdrawal", "withdraw")},
    **{f"tasks.{name}": "history" for name in ("index", "show")},
    **{f"tasks.{name}": "amend" for name in ("create", "add", "edit", "amend", "finish")},
}
OTHER_PAGES = {
    **OTHER_PAGES,
    "assistance.listed": (*PROSECUTORS, *ASSISTANTS, "agencia", "victimas"),
    "tasks.mine": (*PROSECUTORS, *ASSISTANTS),
}


# Figures for whoever works cases and for the analyst; files for those of them who may take files away; the month of an agency
# for agencies alone; microdata for the analyst alone. Neither who administers nor who audits is told any figure.
OTHER_PAGES = {
    **OTHER_PAGES,
    **dict.fromkeys(("reports.index", "reports.show"), (*CASE_USERS, "analista")),
    "reports.download": (*PROSECUTORS, *SUPERVISORS, "agencia", "victimas", "analista"),
    **dict.fromkeys(("reports.agency_month", "reports.agency_month_file"), ("agencia", "victimas")),
    **dict.fromkeys(("reports.microdata", "reports.download_microdata"), ("analista",)),
}


# Hand-over between offices and prosecutors.
CHARGE_PAGES = {
    **CHARGE_PAGES,
    "hand_over.index": "course",
    **dict.fromkeys(("hand_over.refer", "hand_over.send", "hand_over.discard"), "refer"),
    **dict.fromkeys(("hand_over.withdrawing", "hand_over.withdraw"), "take_back"),
    **dict.fromkeys(("hand_over.reassigning", "hand_over.reassign"), "reassign"),
    **dict.fromkeys(("hand_over.joinder", "hand_over.join", "hand_over.separating", "hand_over.separate"), "decide"),
}
OTHER_PAGES = {
    **OTHER_PAGES,
    **dict.fromkeys(("hand_over.listing", "hand_over.show"), (*PROSECUTORS, *ASSISTANTS, *SUPERVISORS)),
    **dict.fromkeys(("hand_over.accept", "hand_over.declining", "hand_over.decline"), (*PROSECUTORS, *SUPERVISORS)),
    **dict.fromkeys(("hand_over.assignment", "hand_over.reassign_many"), SUPERVISORS),
}
HAND_OVER = ("course", "refer", "take_back", "reassign")
"""What supervisors do in charges of others, within their scope.

Reassigning, and seeing who is responsible, even in sealed ones.
"""


def _handing_over(kind: str, relation: str, sight: str) -> tuple[str, ...]:
    own = [user for user in OWN_OFFICE[relation] if kind in ("course", "refer") or user in PROSECUTORS]
    if kind == "reassign":
        own = [user for user in own if user in TEAM[relation]]
    supervising = SUPERVISORS if sight == FULL or kind in ("course", "reassign") else ()
    return (*own, *supervising)


# Sharing: the pages of the charge's office, of its recipients, and what a grant opens.
CHARGE_PAGES = {
    **CHARGE_PAGES,
    "sharing.index": "history",
    **{f"sharing.{name}": "share" for name in ("create", "add", "withdraw", "answering", "answer_request")},
    **{f"sharing.{name}": "decide" for name in ("revoking", "revoke")},
    **{f"sharing.{name}": "ask" for name in ("create_request", "add_request")},
}
OTHER_PAGES = {
    **OTHER_PAGES,
    **{f"sharing.{name}": CASE_USERS for name in ("inbox", "received", "take_back")},
    **{f"sharing.{name}": (*PROSECUTORS, *SUPERVISORS, "agencia", "victimas") for name in ("accept", "declining", "decline")},
    **{f"sharing.{name}": PROSECUTORS for name in ("create_many", "add_many")},
}

# One's own downloads: everybody has the page; whose a run is, and whether its file may leave, is decided with the run (404).
OTHER_PAGES = {**OTHER_PAGES, **{f"exports.{name}": EVERYBODY for name in ("index", "show", "cancel", "download")}}

EVERY_SECTION = ("HEC", "AGR", "IMP", "DEL", "ACT", "PLA", "EXP", "SEN", "MCO", "MPR", "ATE", "DOC")


@dataclass(frozen=True, slots=True)
class Granted:
    """A charge of fiscal.mdd offered to a recipient; `came_to` is what became of the offer, `by` who answers it."""

    came_to: str
    users: tuple[str, ...] = ("agencia",)
    to: str = "pnp"
    by: str = "agencia"
    profile: str = "SID"
    sections: tuple[str, ...] = EVERY_SECTION
    contributes: bool = False

    @property
    def open(self) -> bool:
        return self.came_to in ("accepted", "referred", "joined")


GRANTED: Mapping[str, Granted] = {
    "offered": Granted("offered"),
    "declined": Granted("declined"),
    "withdrawn": Granted("withdrawn"),
    "revoked": Granted("revoked"),
    "expired": Granted("expired"),
    "sealed since": Granted("sealed", profile="COM"),
    "collaboration since": Granted("collaboration", profile="COM"),
    "referred since": Granted("referred", sections=("HEC", "IMP", "SEN")),
    "joined since": Granted("joined", sections=("AGR", "ACT", "DOC")),
    "some sections": Granted("accepted", sections=("HEC", "AGR")),
    "no section": Granted("accepted", sections=()),
    "contribution": Granted("accepted", sections=("ACT", "ATE", "EXP", "DOC"), contributes=True),
    "summary": Granted("accepted", profile="RES"),
    "complete": Granted("accepted", profile="COM"),
    "to an office": Granted("accepted", ("fiscal.lim", "asistente.lim"), "office:lim", "fiscal.lim", "COM",
                            ("AGR", "DEL", "MPR")),
    "to a person": Granted("accepted", ("victimas", "agencia"), "user:victimas", "victimas", "SID",
                           ("AGR", "PLA", "MCO", "ATE")),
}
"""The states of sharing. Whoever is not let in by one sees no charge: `victimas` alone by the last, not the agency."""

# Which section opens a page to somebody who sees the charge by grants alone: one of them is enough.
OPENED_BY: Mapping[str, tuple[str, ...]] = {
    "charges.facts": ("HEC",),
    "people.victims": ("AGR",), "people.victim": ("AGR",), "people.accused": ("IMP",), "people.accused_person": ("IMP",),
    "counts.index": ("DEL",), "counts.show": ("DEL",),
    "events.index": ("ACT",), "events.show": ("ACT",), "events.deadlines": ("PLA",),
    "measures.index": ("MCO", "MPR"), "measures.show": ("MCO", "MPR"),
    "court_cases.of_charge": ("EXP",),
    **{f"attachments.{name}": ("DOC",) for name in ("index", "show", "download", "open_guarded")},
    "assistance.index": ("ATE",), "assistance.show": ("ATE",),
}
# Who asks for more, prints, and with a grant of the highest profile asks for identities, of those to whom a charge is shared.
BY_GRANT: Mapping[str, tuple[str, ...]] = {
    "charges.show": (*PROSECUTORS, *ASSISTANTS, "agencia", "victimas"),
    **dict.fromkeys(("sharing.create_request", "sharing.add_request", "files.charge_dossier", "files.download_charge"),
                    (*PROSECUTORS, "agencia", "victimas")),
}
REVEALING = ("people.ask_identities", "people.reveal_identities")
# Where a contribution is entered; what may be done with one of one's own is tested with it.
CONTRIBUTED_TO: Mapping[str, str] = {
    **dict.fromkeys(("events.create", "events.enter", "events.record_event", "events.edit", "events.amend", "events.reversal",
                     "events.reverse"), "ACT"),
    **{f"assistance.{name}": "ATE" for name in ("create", "add", "edit", "amend", "withdrawal", "withdraw")},
    **{f"attachments.{name}": "DOC" for name in ("new", "add", "withdrawal", "withdraw")},
}


def of_grant(endpoint: str, granted: Granted, user: str) -> int | None:
    """404 or 403 where who comes by that grant must be refused, None where they must get through."""
    if not granted.open or (granted.to.startswith("user:") and granted.to != f"user:{user}"):
        return 404
    if endpoint in OPENED_BY:
        return None if set(OPENED_BY[endpoint]) & set(granted.sections) else 403
    if endpoint in REVEALING:
        return None if granted.profile == "COM" and user not in ASSISTANTS else 403
    return None if user in BY_GRANT.get(endpoint, ()) else 403


def contributes(endpoint: str, granted: Granted, user: str) -> bool:
    """Whether the page takes contributions of that recipient: then the tests of contributions say what it lets through."""
    section = CONTRIBUTED_TO.get(endpoint, "")
    assists = user == "victimas" and section == "ATE"
    return section in granted.sections and (granted.contributes or assists)


# Handed over. A charge that is offered to another office or joined into another is read only; once it is taken over it is a
# charge of the other office, and of the former one only where the referral says that it keeps a copy.
HANDED: Mapping[str, str] = {"referral offered": "own", "joined": "own", "referred": "lima", "referred, copy kept": "lima"}
"""What became of a charge of fiscal.mdd: then it is seen like one of that relation."""
COPY = Granted("accepted", ("fiscal.mdd", "fiscal2.mdd", "asistente.mdd"), "office:mdd", "fiscal.mdd")
STANDING_STILL = ("amend", "decide", "share", "unseal", "refer", "reassign", "team")
MOVING_STILL = ("tasks.create", "tasks.edit", "events.reversal", "hand_over.separating")
"""What goes on meanwhile: tasks of the office, and taking back the act that stopped it."""


def of_handed(endpoint: str, state: str, user: str) -> int | None:
    """404 or 403 where the user must be refused a page of a charge that was handed over, None where they must get through."""
    if state == "referred, copy kept" and user in COPY.users:
        return of_grant(endpoint, COPY, user)
    kind = CHARGE_PAGES[endpoint]
    refusal = of_charge(kind, HANDED[state], user)
    if refusal is None and HANDED[state] == "own" and kind in STANDING_STILL and endpoint not in MOVING_STILL:
        return 403
    return refusal
