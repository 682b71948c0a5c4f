"""The policy: which capability asks what of a viewer and of the charge. A table that a lawyer can read.

A capability on a charge is only ever asked of a charge that the viewer sees; what is not seen does not exist.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping

from sistra.access.standing import Forbidden, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.rules.sharing import FULL

Predicate = Callable[[Viewer, Standing | None], bool]

ANYONE = frozenset(Role)
CASE_ROLES = (Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD, Role.AGENCY, Role.VICTIM_SUPPORT)


def role(*roles: Role) -> Predicate:
    """Holds one of the roles."""
    return lambda viewer, standing: viewer.has(*roles)


def all_of(*predicates: Predicate) -> Predicate:
    return lambda viewer, standing: all(predicate(viewer, standing) for predicate in predicates)


def any_of(*predicates: Predicate) -> Predicate:
    return lambda viewer, standing: any(predicate(viewer, standing) for predicate in predicates)


def own_office(viewer: Viewer, standing: Standing | None) -> bool:
    """The charge belongs to the viewer's office."""
    return standing is not None and standing.own_office


def on_team(viewer: Viewer, standing: Standing | None) -> bool:
    """The viewer is on the case team."""
    return standing is not None and standing.on_team


def in_full(viewer: Viewer, standing: Standing | None) -> bool:
    """The viewer sees the charge by right, and more than the outline that a sealed one leaves to supervisors."""
    return standing is not None and not standing.outline and standing.shared is None


def open_to(*sections: str) -> Predicate:
    """One of the sections of the charge is open to the viewer: by right, or by a grant that names it."""
    return all_of(role(*CASE_ROLES), lambda viewer, standing: standing is not None and standing.reads(*sections))


def contributes(section: str) -> Predicate:
    """A grant lets the viewer write into that section."""
    return all_of(not_moved, lambda viewer, standing: standing is not None and standing.shared is not None
                  and section in standing.shared.contributes)


def shared(viewer: Viewer, standing: Standing | None) -> bool:
    """The charge is open to the viewer by a grant."""
    return standing is not None and standing.shared is not None


def shared_completely(viewer: Viewer, standing: Standing | None) -> bool:
    """A grant of the highest profile, which lets identities of adults be revealed."""
    return standing is not None and standing.shared is not None and FULL in standing.shared.profiles.values()


def not_sealed(viewer: Viewer, standing: Standing | None) -> bool:
    return standing is not None and not standing.sealed


def not_moved(viewer: Viewer, standing: Standing | None) -> bool:
    """The charge was neither joined into another nor referred: such a charge stays readable only."""
    return standing is not None and not standing.joined and not standing.referred


def supervises(viewer: Viewer, standing: Standing | None) -> bool:
    """The charge is within the subsystem or district that the viewer supervises; of a sealed one they see the outline."""
    return standing is not None and standing.supervised and viewer.has(Role.COORDINATOR, Role.DISTRICT_HEAD)


def supports(viewer: Viewer, standing: Standing | None) -> bool:
    """The viewer belongs to the unit that assists victims and was put on the case team."""
    return viewer.has(Role.VICTIM_SUPPORT) and standing is not None and standing.supports


def assists(viewer: Viewer, standing: Standing | None) -> bool:
    """The viewer belongs to the unit that assists victims, and the services of the charge are shared with them."""
    return (viewer.has(Role.VICTIM_SUPPORT) and standing is not None and standing.shared is not None and standing.reads("ATE")
            and not_moved(viewer, standing))


signed_in: Predicate = role(*ANYONE)
prosecution: Predicate = role(Role.PROSECUTOR, Role.ASSISTANT)
writes: Predicate = all_of(prosecution, own_office, in_full, not_moved)
decides: Predicate = all_of(role(Role.PROSECUTOR), own_office, in_full, not_moved)

on_the_team: Predicate = all_of(role(Role.PROSECUTOR), own_office, in_full, on_team)
"""A prosecutor of the case team, to whom everything of the charge is open."""

moves: Predicate = any_of(decides, all_of(supervises, in_full, not_moved))

POLICY: Mapping[str, Predicate] = {
    # one's own
    "session.own": signed_in,
    # charges
    "charge.list": role(*CASE_ROLES),
    "charge.open": prosecution,
    "charge.read": role(*CASE_ROLES),
    "charge.read_in_full": all_of(role(*CASE_ROLES), in_full),
    "charge.amend": writes,
    "charge.complete": decides,
    "charge.seal": all_of(decides, any_of(on_team, lambda viewer, standing: standing is not None and not standing.sealed)),
    "charge.unseal": all_of(not_moved, any_of(
        all_of(role(Role.PROSECUTOR), own_office, on_team), role(Role.COORDINATOR, Role.DISTRICT_HEAD))),
    "charge.export": role(Role.PROSECUTOR, Role.COORDINATOR, Role.DISTRICT_HEAD, Role.AGENCY, Role.VICTIM_SUPPORT),
    "facts.read": open_to("HEC"),
    "deadlines.read": open_to("PLA"),
    "charge.print": lambda viewer, standing: standing is not None and not standing.outline,
    "charge.history": all_of(role(Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD), in_full),
    "charge.team": all_of(decides, on_team),
    # people
    "victims.read": open_to("AGR"),
    "accused.read": open_to("IMP"),
    "person.search": prosecution,
    "person.amend": writes,
    "person.link": decides,
    "identity.enter": writes,
    "identity.reveal_adult": any_of(all_of(role(Role.PROSECUTOR), own_office, in_full),
                                    all_of(role(Role.PROSECUTOR, Role.AGENCY, Role.VICTIM_SUPPORT), shared_completely)),
    "identity.reveal_minor": on_the_team,
    "identity.reveal_minor_victim": any_of(on_the_team, all_of(supports, shared_completely, not_sealed)),
    # procedure
    "counts.read": open_to("DEL"),
    "count.amend": writes,
    "events.read": open_to("ACT"),
    "event.record": writes,
    "event.contribute": any_of(writes, contributes("ACT")),
    "event.decide": decides,
    "event.reverse": all_of(prosecution, own_office, in_full),
    "event.end_transfer": all_of(role(Role.PROSECUTOR), own_office, in_full),
    "measures.read": open_to("MCO", "MPR"),
    "measure.amend": writes,
    # services for victims
    "service.list": role(Role.PROSECUTOR, Role.ASSISTANT, Role.AGENCY, Role.VICTIM_SUPPORT),
    "services.read": open_to("ATE"),
    "service.amend": any_of(writes, contributes("ATE"), assists),
    # tasks
    "task.list": prosecution,
    "tasks.read": all_of(role(Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD), in_full),
    "task.amend": all_of(prosecution, own_office, in_full),
    # court cases
    "court_case.list": role(*CASE_ROLES),
    "court_case.open": prosecution,
    "court_case.read": role(*CASE_ROLES),
    "court_case.of_charge": open_to("EXP"),
    "court_case.amend": prosecution,
    "judgment.record": role(Role.PROSECUTOR),
    # documents
    "attachment.add": writes,
    "attachment.read": open_to("DOC"),
    # sharing
    "charge.share": all_of(decides, not_sealed),
    "charge.share_many": role(Role.PROSECUTOR),
    "charge.unshare": decides,
    "charge.shares": all_of(role(Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD), in_full),
    "grant.inbox": role(*CASE_ROLES),
    "grant.answer": role(Role.PROSECUTOR, Role.COORDINATOR, Role.DISTRICT_HEAD, Role.AGENCY, Role.VICTIM_SUPPORT),
    "grant.request": all_of(role(Role.PROSECUTOR, Role.AGENCY, Role.VICTIM_SUPPORT), shared),
    # hand-over between offices and prosecutors
    "charge.course": all_of(
        role(Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD), any_of(in_full, supervises)),
    "charge.reassign": all_of(not_moved, any_of(all_of(decides, on_team), supervises)),
    "charge.reassign_many": role(Role.COORDINATOR, Role.DISTRICT_HEAD),
    "charge.join": decides,
    "charge.separate": all_of(role(Role.PROSECUTOR), own_office, in_full),
    "referral.prepare": any_of(writes, moves),
    "referral.offer": moves,
    "referral.withdraw": any_of(all_of(role(Role.PROSECUTOR), own_office, in_full), all_of(supervises, in_full)),
    "referral.list": role(Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD),
    "referral.answer": role(Role.PROSECUTOR, Role.COORDINATOR, Role.DISTRICT_HEAD),
    # figures
    "figures.read": role(*CASE_ROLES, Role.ANALYST),
    "figures.export": role(Role.PROSECUTOR, Role.COORDINATOR, Role.DISTRICT_HEAD, Role.AGENCY, Role.VICTIM_SUPPORT, Role.ANALYST),
    "facts.export": role(Role.ANALYST),
    # administration and audit
    "accounts.manage": role(Role.ADMINISTRATOR),
    "trail.read": role(Role.AUDITOR),
}


def may(viewer: Viewer, capability: str, standing: Standing | None = None) -> bool:
    """Whether the policy allows it. Raises KeyError for a capability that the table does not know."""
    return POLICY[capability](viewer, standing)


def require(viewer: Viewer, capability: str, standing: Standing | None = None) -> None:
    """Raises Forbidden where the policy does not allow it."""
    if not may(viewer, capability, standing):
        raise Forbidden(capability)
