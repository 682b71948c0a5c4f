"""The policy: which capability asks what of a viewer and of the charge. A table that a lawyer can read.

A capability on a charge is only ever asked of a charge that the viewer sees; what is not seen does not exist.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping

from sistra.access.standing import Forbidden, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role

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
    """The viewer sees more than the outline that a sealed charge leaves to supervisors."""
    return standing is not None and not standing.outline


def not_moved(viewer: Viewer, standing: Standing | None) -> bool:
    """The charge was neither joined into another nor referred: such a charge stays readable only."""
    return standing is not None and not standing.joined and not standing.referred


signed_in: Predicate = role(*ANYONE)
prosecution: Predicate = role(Role.PROSECUTOR, Role.ASSISTANT)
writes: Predicate = all_of(prosecution, own_office, in_full, not_moved)
decides: Predicate = all_of(role(Role.PROSECUTOR), own_office, in_full, not_moved)

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
    "charge.export": role(Role.PROSECUTOR, Role.COORDINATOR, Role.DISTRICT_HEAD, Role.AGENCY, Role.VICTIM_SUPPORT),
    "charge.history": all_of(role(Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD), in_full),
    "charge.team": all_of(decides, on_team),
    # people
    "person.search": prosecution,
    "person.amend": writes,
    "person.link": decides,
    "identity.enter": writes,
    "identity.reveal_adult": all_of(role(Role.PROSECUTOR), own_office, in_full),
    "identity.reveal_minor": all_of(role(Role.PROSECUTOR), own_office, in_full, on_team),
    # procedure
    "count.amend": writes,
    "event.record": writes,
    "event.decide": decides,
    "event.reverse": all_of(prosecution, own_office, in_full),
    "event.end_transfer": all_of(role(Role.PROSECUTOR), own_office, in_full),
    "measure.amend": writes,
    # court cases
    "court_case.list": role(*CASE_ROLES),
    "court_case.open": prosecution,
    "court_case.read": role(*CASE_ROLES),
    "court_case.amend": prosecution,
    "judgment.record": role(Role.PROSECUTOR),
    # documents
    "attachment.add": writes,
    "attachment.read": all_of(role(*CASE_ROLES), in_full),
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
