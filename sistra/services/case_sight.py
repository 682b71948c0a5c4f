"""A court case as one viewer sees it: the charges it is linked to, and which of them, with their parts, are in sight.

Parts, rulings and acts of a charge are handed only to those who see that charge in full. What the services work with is
everything; what leaves them passes through `Sight`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import String, cast, event, func, select
from sqlalchemy.orm import Session

from sistra.access import lens, scope
from sistra.access.may import may, require
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.db import db, writing
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.counts import Count, CountVictim
from sistra.models.court_cases import ChargeCourtCase, CourtCase, Remedy
from sistra.models.events import Event
from sistra.models.people import Accused, Victim
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.masking import Clearance, outside_team
from sistra.rules.sharing import weakest
from sistra.services.folder_rows import WITHOUT_PARTS, with_parts
from sistra.services.unit import Stale


@dataclass(frozen=True, eq=False)
class Sight:
    """A court case with all its links; one look at it, equal to no other. `standings` holds the charges
    that the viewer sees in full, by key.

    `accused`, `victims` and `counts` are those of every charge ever linked: `held` and `shown_*` narrow them.
    """

    case: CourtCase
    links: Sequence[ChargeCourtCase]
    charges: Mapping[int, Charge]
    standings: Mapping[int, Standing]
    accused: Mapping[int, Accused]
    victims: Mapping[int, Victim]
    counts: Mapping[int, Count]
    count_victims: Mapping[int, tuple[int, ...]]

    @cached_property
    def current(self) -> list[ChargeCourtCase]:
        """The links that stand."""
        return [link for link in self.links if link.unlinked_on is None]

    @cached_property
    def held(self) -> frozenset[int]:
        """The accused that the case holds: those of each standing link, all of the charge where it names none."""
        named = {link.charge_id: {one.id for one in link.accused} for link in self.current}
        return frozenset(
            key
            for key, one in self.accused.items()
            if one.charge_id in named and (not named[one.charge_id] or key in named[one.charge_id])
        )

    @cached_property
    def held_counts(self) -> list[Count]:
        """The counts of the accused that the case holds, in or out of sight."""
        return [one for one in self.counts.values() if one.accused_id in self.held]

    @cached_property
    def in_sight(self) -> frozenset[int]:
        """The linked charges, former ones too, that the viewer sees in full."""
        return frozenset(self.standings)

    @cached_property
    def numbers(self) -> dict[int, str]:
        """The numbers of the charges that are linked now and in sight, by key."""
        return {link.charge_id: self.charges[link.charge_id].number for link in self.current if link.charge_id in self.in_sight}

    def open_in(self, section: str) -> frozenset[int]:
        """The charges in sight of which that section (`grant_section`) is open to the viewer."""
        return frozenset(key for key, stands in self.standings.items() if stands.reads(section))

    @cached_property
    def by_right(self) -> bool:
        """Whether the viewer sees the case by a right of their own, through one of its charges at least; not by grants alone."""
        return not self.standings or any(stands.shared is None for stands in self.standings.values())

    def opens(self, section: str) -> bool:
        """Whether that section of the case is open to the viewer, for one of its charges at least."""
        return self.by_right or bool(self.open_in(section))

    @cached_property
    def reach(self) -> lens.Reach:
        """How far the viewer sees into what belongs to the case itself: all by right, else what every grant lets be seen."""
        granted = [stands.shared for stands in self.standings.values() if stands.shared is not None]
        common = weakest(granted) if len(granted) == len(self.standings) else None
        return Clearance.CASE if common is None else lens.Granted(common, False)

    def reach_of(self, charge_id: int) -> lens.Reach:
        """How far the viewer sees into what belongs to one of its charges."""
        return lens.clearance(self.standings[charge_id])

    def stage_told(self, charge_id: int, stage: str | None) -> str | None:
        """The stage of a charge in sight, or of its counts, as the viewer may read it: collaboration shows to its team alone."""
        return stage if self.standings[charge_id].on_team else outside_team("procedural_stage", stage)

    @cached_property
    def shown_counts(self) -> list[Count]:
        """The counts of the case in sight, by charge and accused."""
        return sorted(
            (one for one in self.held_counts if one.charge_id in self.numbers and one.charge_id in self.open_in("DEL")),
            key=lambda one: (one.charge_id, one.accused_id, one.id),
        )

    @cached_property
    def shown_accused(self) -> list[Accused]:
        return sorted(
            (self.accused[key] for key in self.held
             if self.accused[key].charge_id in self.numbers and self.accused[key].charge_id in self.open_in("IMP")),
            key=lambda one: (one.charge_id, one.id),
        )

    @cached_property
    def shown_victims(self) -> list[Victim]:
        return sorted(
            (one for one in self.victims.values() if one.charge_id in self.numbers and one.charge_id in self.open_in("AGR")),
            key=lambda one: (one.charge_id, one.id)
        )

    def code(self, part: Accused | Victim) -> str:
        """I-1, or 00417/I-1 where parts of several charges stand together."""
        several = len({link.charge_id for link in self.current}) > 1
        return f"{self.charges[part.charge_id].number[-5:]}/{part.code}" if several else part.code

    def sees_charge_of(self, parts: Iterable[Any], section: str) -> bool:
        """Whether one of the parts belongs to a charge whose section is open; what is about nobody is for all to whom one is."""
        charges, opened = {one.charge_id for one in parts}, self.open_in(section)
        return bool(charges & opened) if charges else bool(opened) or not self.standings

    def sees_event(self, act: Event, section: str = "ACT") -> bool:
        """Whether the act may be known: it is about a charge in sight, and no act of another's case team."""
        named = self._named(act)
        if not self.sees_charge_of(named, section):
            return False
        if act.confidentiality in TEAM_ONLY:
            about = {one.charge_id for one in named} or set(self.standings)
            return any(self.standings[key].on_team for key in about if key in self.standings)
        return True

    def sees_remedy(self, remedy: Remedy) -> bool:
        """Whether the remedy is about a ruling in sight, or about none in particular."""
        counts = [self.counts.get(one.count_id) for one in remedy.against]
        return self.sees_charge_of([one for one in counts if one is not None], "SEN")

    def sees_document(self, document: Attachment) -> bool:
        """Whether the document may be known: a sealed one belongs to the case team of its own charge.

        One of the case itself is known where it is about somebody in sight, or nobody; sealed, to all whom it concerns.
        """
        if document.charge_id is None:
            about = [*document.victims, *document.accused]
            known = document.court_case_id == self.case.id and self.sees_charge_of(about, "DOC")
            return known and (document.confidentiality not in TEAM_ONLY or self.on_team_of(about))
        stands = self.standings.get(document.charge_id)
        return stands is not None and stands.reads("DOC") and (document.confidentiality not in TEAM_ONLY or stands.on_team)

    def on_team_of(self, parts: Iterable[Any]) -> bool:
        """Whether the viewer is on the case team of every charge of the parts; without parts, of every charge of the case.

        Charges out of sight count: who does not see them is on no team of theirs.
        """
        charges = {one.charge_id for one in parts} or {link.charge_id for link in self.current or self.links}
        return all(key in self.standings and self.standings[key].on_team for key in charges)

    @staticmethod
    def _named(act: Event) -> list[Any]:
        return [*act.counts, *act.accused, *act.victims]

    @cached_property
    def acts(self) -> list[Event]:
        """The acts of the case in sight, in order of entry."""
        rows = db.session.scalars(
            select(Event).where(Event.court_case_id == self.case.id).order_by(Event.id).options(*WITHOUT_PARTS)
        )
        return [one for one in with_parts(rows) if self.sees_event(one)]

    @cached_property
    def documents(self) -> list[Attachment]:
        """The documents of the case itself in sight, in order of entry; those withdrawn left out."""
        rows = db.session.scalars(
            select(Attachment)
            .where(Attachment.court_case_id == self.case.id, Attachment.withdrawn_at.is_(None))
            .order_by(Attachment.id)
        )
        return [one for one in rows if self.sees_document(one)]

    @cached_property
    def last_documents(self) -> list[Attachment]:
        """The same, each in its last version."""
        replaced = {one.replaces_id for one in self.documents}
        return [one for one in self.documents if one.id not in replaced]

    def concerns(self, act: Event, charge_id: int) -> bool:
        """Whether the act is about that charge: it names a part of it, or nobody."""
        charges = {one.charge_id for one in self._named(act)}
        return not charges or charge_id in charges

    @cached_property
    def team(self) -> bool:
        """Whether the viewer is on the case team of every charge in sight: sealed fields open to such a person only."""
        return bool(self.standings) and all(stands.on_team for stands in self.standings.values())


def find(viewer: Viewer, key: int) -> Sight:
    """The court case of that key. Raises NotVisible.

    A page asks for it many times: while reading it is looked up once, and again after anything was written.
    """
    held: dict[Any, Sight] = db.session().info.setdefault(_HELD, {})
    asked = (viewer.user_id, viewer.at, key)
    if asked in held and not writing.get():
        return held[asked]
    case: Any = db.session.scalar(scope.court_cases_for(viewer).where(CourtCase.id == key))
    if case is None:
        raise NotVisible
    sight = of(viewer, case)
    if not writing.get():
        held[asked] = sight
    return sight


_HELD = "court_case_sights"


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, *_: object) -> None:
    session.info.pop(_HELD, None)


def of(viewer: Viewer, case: CourtCase) -> Sight:
    """The sight of a row that the viewer is already known to see."""
    return many(viewer, [case])[0]


def many(viewer: Viewer, cases: Sequence[CourtCase]) -> list[Sight]:
    """The sights of several rows that the viewer sees, in as many queries as that of one."""
    rows: list[ChargeCourtCase] = list(
        db.session.scalars(
            select(ChargeCourtCase)
            .where(ChargeCourtCase.court_case_id.in_([case.id for case in cases]))
            .order_by(ChargeCourtCase.id)
        )
    )
    keys = {row.charge_id for row in rows}
    charges = scope.linked(viewer, keys)
    accused, victims = (_by_key(model, keys) for model in (Accused, Victim))
    counted = _counts(keys)
    counts, aggrieved = {one.id: one for one, _ in counted}, {one.id: victims_of for one, victims_of in counted}
    found = []
    for case in cases:
        links = [row for row in rows if row.court_case_id == case.id]
        own = {row.charge_id for row in links}

        def of_own(parts: dict[int, Any], own: set[int] = own) -> dict[int, Any]:
            return {key: one for key, one in parts.items() if one.charge_id in own}

        found.append(
            Sight(
                case=case,
                links=links,
                charges={key: charges[key][0] for key in own},
                standings={key: stands for key in own if (stands := charges[key][1]) is not None},
                accused=of_own(accused),
                victims=of_own(victims),
                counts=of_own(counts),
                count_victims=aggrieved,
            )
        )
    return found


def _by_key(model: Any, keys: Iterable[int]) -> dict[int, Any]:
    rows = db.session.scalars(select(model).where(model.charge_id.in_(keys)).order_by(model.id))
    return {one.id: one for one in rows}


def _counts(keys: Iterable[int]) -> list[tuple[Count, tuple[int, ...]]]:
    """The counts of the charges, each with the keys of its victims."""
    victims = (
        select(func.aggregate_strings(cast(CountVictim.victim_id, String), ","))
        .where(CountVictim.count_id == Count.id)
        .correlate(Count)
        .scalar_subquery()
    )
    rows = db.session.execute(select(Count, victims).where(Count.charge_id.in_(keys)).order_by(Count.id))
    return [(count, tuple(sorted(map(int, named.split(",")))) if named else ()) for count, named in rows]


def standing(viewer: Viewer, sight: Sight) -> Standing:
    """How the viewer stands to the case: as to the linked charge of the own office that can be worked on, else to any by right.

    Where it is open by grants alone, what they surely open together. A case without a link belongs to the office that opened it.
    """
    linked = [sight.standings[link.charge_id] for link in sight.current if link.charge_id in sight.standings]
    granted = [stands.shared for stands in linked if stands.shared is not None]
    if linked and len(granted) == len(linked):
        return replace(linked[0], shared=weakest(granted))
    linked = [stands for stands in linked if stands.shared is None]
    if not linked:
        own = sight.case.prosecution_office_id == viewer.office_id and viewer.has(Role.PROSECUTOR, Role.ASSISTANT)
        return Standing(own_office=own, on_team=own, outline=False, confidentiality="RES")
    return max(linked, key=lambda stands: (stands.own_office and not stands.joined and not stands.referred, stands.on_team))


def to_write(viewer: Viewer, key: int, *, judging: bool = False, deciding: bool = False) -> Sight:
    """The court case in which something is entered: `judging` a judgment, `deciding` what ends something.

    What is only shared with the viewer is read, not written about: it is out of this sight. Raises NotVisible, Forbidden.
    """
    sight = find(viewer, key)
    require(viewer, "judgment.record" if judging else "court_case.amend")
    require(viewer, "event.decide" if judging or deciding else "event.record", standing(viewer, sight))
    return owned(sight)


def owned(sight: Sight) -> Sight:
    """The sight without the charges that are only shared with the viewer."""
    own = {key: stands for key, stands in sight.standings.items() if stands.shared is None}
    return sight if len(own) == len(sight.standings) else replace(sight, standings=own)


def may_write(viewer: Viewer, sight: Sight, *, judging: bool = False) -> bool:
    """Whether the pages offer to enter something."""
    return may(viewer, "judgment.record" if judging else "court_case.amend") and may(
        viewer, "event.decide" if judging else "event.record", standing(viewer, sight)
    )


def family(case: CourtCase) -> list[int]:
    """The keys of the main docket and of its incidents, the case itself among them."""
    root = case.main_docket_id or case.id
    return [root, *db.session.scalars(select(CourtCase.id).where(CourtCase.main_docket_id == root).order_by(CourtCase.id))]


def lock(sight: Sight) -> None:
    """Holds the court case until the commit and has its row as it stands, so that its acts follow one another.

    Raises Stale where it was amended since it was read.
    """
    db.session.flush()
    version = sight.case.version
    db.session.refresh(sight.case, with_for_update={"key_share": True})
    if sight.case.version != version:
        raise Stale
