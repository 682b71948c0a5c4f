"""What the things that a record refers to are called, for one viewer: I-1, an office, an act; asked at once for many keys.

A key is no word, and what the viewer may not see has none: it is `RESERVED`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, union_all

from sistra.access import scope
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.codebook.dictionary import record as record_named
from sistra.codebook.event_types import event_types
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.court_cases import CourtCase, Remedy
from sistra.models.events import Deadline, Event
from sistra.models.hand_over import Referral
from sistra.models.judgments import Judgment, Reparation, Ruling
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim
from sistra.models.services import Service
from sistra.models.sharing import AccessRequest
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.masking import RESERVED, Reserved
from sistra.services import case_sight, court_cases, judgment_reading
from sistra.services.case_sight import Sight

_OPEN_TO_ALL: Mapping[str, tuple[Any, Any]] = {
    "office": (Office.id, Office.name),
    "agency": (Agency.id, Agency.name),
    "user": (User.id, User.full_name),
}
_PARTS: Mapping[str, Any] = {"accused": Accused, "victim": Victim}
_SAID = {
    "es": {"number": "n.º {}", "unnumbered": "{} sin número (registro {})"},
    "en": {"number": "no. {}", "unnumbered": "{} without number (record {})"},
}


@dataclass(frozen=True, slots=True)
class _Named:
    """What a thing is called within its charge, and which charge that is (none: it is called so everywhere)."""

    text: str
    charge_id: int | None = None
    number: str = ""
    between: str = ", "


class ReferenceWords:
    """Words for references. Within its own charge a part is its code; elsewhere the charge's number stands before it."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer, self._said = viewer, _SAID[viewer.language]
        self._known: dict[tuple[str, int], _Named | None] = {}
        self._sights: dict[int, Sight | None] = {}
        self._teams: dict[int, bool] = {}
        self._judgments_seen: dict[int, set[int]] = {}

    def fetch(self, wanted: Mapping[str, Iterable[int]]) -> None:
        """Asks for all that is wanted and not known yet, by record: a query or two for each kind of thing."""
        for record, keys in wanted.items():
            missing = sorted(key for key in set(keys) if (record, key) not in self._known)
            if missing:
                self._known.update({(record, key): None for key in missing})
                asker = _ASKERS.get(record)
                self._known.update({(record, key): named for key, named in (asker(self, missing) if asker else {}).items()})

    def word(self, record: str, key: int, *, charge_id: int | None = None) -> str | Reserved:
        """What the row `key` of a record is called in the history of `charge_id`; `RESERVED` for what is out of sight."""
        self.fetch({record: (key,)})
        named = self._known[record, key]
        if named is None:
            return RESERVED
        elsewhere = named.number and named.charge_id != charge_id
        return f"{named.number}{named.between}{named.text}" if elsewhere else named.text

    def told(self, field: Field, value: Any, *, charge_id: int | None = None) -> Any:
        """A value of any field with words in place of keys.

        Of several things those out of sight are left out; where none is left they are reserved.
        """
        keys = keys_in(field, value)
        if not keys:
            return value
        words = [self.word(field.refers_to, key, charge_id=charge_id) for key in keys]
        seen = tuple(one for one in words if not isinstance(one, Reserved))
        return (seen if field.type == "refs" else seen[0]) if seen else RESERVED

    # -- of charges ---------------------------------------------------------------------------------------------------------

    def _charges(self, keys: list[int]) -> dict[int, _Named]:
        rows = db.session.execute(select(Charge.id, Charge.number).where(Charge.id.in_(keys), scope.sees(self._viewer)))
        return {key: _Named(number) for key, number in rows}

    def _numbers(self, keys: Iterable[int | None]) -> dict[int | None, str]:
        """The numbers of those charges that the viewer sees in full."""
        seen = scope.sees(self._viewer, in_full=True)
        return dict(db.session.execute(select(Charge.id, Charge.number).where(Charge.id.in_([*filter(None, keys)]), seen)).all())

    def _parts(self, record: str, keys: list[int]) -> dict[int, _Named]:
        model = _PARTS[record]
        rows = db.session.execute(
            select(model.id, model.code, Charge.id, Charge.number)
            .join(Charge, model.charge_id == Charge.id)
            .where(model.id.in_(keys), scope.sees(self._viewer, in_full=True))
        )
        return {key: _Named(code, charge_id, number, "/") for key, code, charge_id, number in rows}

    def _counts(self, keys: list[int]) -> dict[int, _Named]:
        rows = db.session.execute(
            select(Count.id, Count.offence, Accused.code, Charge.id, Charge.number)
            .join(Charge, Count.charge_id == Charge.id)
            .join(Accused, Count.accused_id == Accused.id)
            .where(Count.id.in_(keys), scope.sees(self._viewer, in_full=True))
        )
        return {
            key: _Named(f"{code}, {self._term('offence', offence)}", charge_id, number, "/")
            for key, offence, code, charge_id, number in rows
        }

    def _persons(self, keys: list[int]) -> dict[int, _Named]:
        """A link of persons is called by those whom it links, of the charges in sight."""
        parts = union_all(
            *(
                select(model.person_id, Charge.number, model.code)
                .join(Charge, model.charge_id == Charge.id)
                .where(model.person_id.in_(keys), model.withdrawn_at.is_(None), scope.sees(self._viewer, in_full=True))
                for model in _PARTS.values()
            )
        )
        codes: dict[int, list[str]] = {}
        for key, number, code in db.session.execute(parts):
            codes.setdefault(key, []).append(f"{number}/{code}")
        return {key: _Named(" = ".join(sorted(linked))) for key, linked in codes.items()}

    def _requests(self, keys: list[int]) -> dict[int, _Named]:
        """A request of access is called by the agency that asks."""
        label = record_named("access_request").label(self._viewer.language)
        rows = db.session.execute(
            select(AccessRequest.id, Agency.name, Charge.id, Charge.number)
            .join(Charge, AccessRequest.charge_id == Charge.id)
            .join(Agency, AccessRequest.agency_id == Agency.id)
            .where(AccessRequest.id.in_(keys), scope.sees(self._viewer, in_full=True))
        )
        return {key: _Named(f"{label} ({agency})", charge_id, number) for key, agency, charge_id, number in rows}

    def _referrals(self, keys: list[int]) -> dict[int, _Named]:
        """A referral is called by the office to which the charge was offered."""
        label = record_named("referral").label(self._viewer.language)
        rows = db.session.execute(
            select(Referral.id, Office.name, Charge.id, Charge.number)
            .join(Charge, Referral.charge_id == Charge.id)
            .join(Office, Referral.to_office_id == Office.id)
            .where(Referral.id.in_(keys), scope.sees(self._viewer, in_full=True))
        )
        return {key: _Named(f"{label} ({office})", charge_id, number) for key, office, charge_id, number in rows}

    def _services(self, keys: list[int]) -> dict[int, _Named]:
        rows = db.session.execute(
            select(Service.id, Service.service_type, Victim.code, Charge.id, Charge.number)
            .join(Charge, Service.charge_id == Charge.id)
            .join(Victim, Service.victim_id == Victim.id)
            .where(Service.id.in_(keys), scope.sees(self._viewer, in_full=True))
        )
        return {
            key: _Named(f"{self._term('victim_service', kind)} ({code})", charge_id, number)
            for key, kind, code, charge_id, number in rows
        }

    def _measures(self, keys: list[int]) -> dict[int, _Named]:
        rows = list(db.session.scalars(select(Measure).where(Measure.id.in_(keys))))
        numbers = self._numbers({row.charge_id for row in rows})
        self.fetch(
            {
                "accused": {row.accused_id for row in rows if row.accused_id is not None},
                "victim": {row.victim_id for row in rows if row.victim_id is not None},
            }
        )
        return {
            row.id: _Named(self._measure(row), row.charge_id, numbers[row.charge_id])
            for row in rows
            if row.charge_id in numbers
        }

    def _measure(self, row: Measure) -> str:
        kind = f"{'coercive' if row.kind == 'COE' else 'protection'}_measure"
        record, key = ("accused", row.accused_id) if row.accused_id else ("victim", row.victim_id)
        label = self._term(kind, getattr(row, kind)) or self._term("measure_kind", row.kind)
        return f"{label} ({self.word(record, key, charge_id=row.charge_id)})" if key else label

    # -- acts, deadlines, documents -----------------------------------------------------------------------------------------

    def _events(self, keys: list[int]) -> dict[int, _Named]:
        rows = list(db.session.scalars(select(Event).where(Event.id.in_(keys))))
        numbers = self._numbers({row.charge_id for row in rows})
        return {
            row.id: _Named(
                f"{event_types()[row.event_type].label(self._viewer.language)} ({self._said['number'].format(row.number)})",
                row.charge_id,
                numbers.get(row.charge_id, ""),
            )
            for row in rows
            if self._sees(row, numbers, Sight.sees_event)
        }

    def _deadlines(self, keys: list[int]) -> dict[int, _Named]:
        """A deadline that an act out of sight opened is out of sight with it."""
        rows = list(db.session.scalars(select(Deadline).where(Deadline.id.in_(keys))))
        numbers = self._numbers({row.charge_id for row in rows})
        self.fetch({"event": {row.opened_by_id for row in rows}})
        return {
            row.id: _Named(self._term("deadline", row.rule), row.charge_id, numbers.get(row.charge_id, ""))
            for row in rows
            if (row.charge_id is None or row.charge_id in numbers) and self._known["event", row.opened_by_id] is not None
        }

    def _documents(self, keys: list[int]) -> dict[int, _Named]:
        rows = list(db.session.scalars(select(Attachment).where(Attachment.id.in_(keys))))
        numbers = self._numbers({row.charge_id for row in rows})
        return {
            row.id: _Named(row.title or self._term("attachment_kind", row.kind), row.charge_id, numbers.get(row.charge_id, ""))
            for row in rows
            if self._sees(row, numbers, Sight.sees_document)
        }

    def _sees(self, row: Any, numbers: Mapping[int | None, str], in_court: Callable[[Sight, Any], bool]) -> bool:
        """Whether a thing of a charge or of a court case may be known: what is sealed exists for the case team alone."""
        if row.charge_id is not None:
            return row.charge_id in numbers and (row.confidentiality not in TEAM_ONLY or self._on_team(row.charge_id))
        sight = self._sight(row.court_case_id)
        return sight is not None and in_court(sight, row)

    def _on_team(self, charge_id: int) -> bool:
        if charge_id not in self._teams:
            self._teams[charge_id] = scope.charge_by_id(self._viewer, charge_id)[1].on_team
        return self._teams[charge_id]

    # -- of court cases -----------------------------------------------------------------------------------------------------

    def _sight(self, key: int | None) -> Sight | None:
        if key is None:
            return None
        if key not in self._sights:
            try:
                self._sights[key] = case_sight.find(self._viewer, key)
            except NotVisible:
                self._sights[key] = None
        return self._sights[key]

    def _dockets(self, keys: list[int]) -> dict[int, _Named]:
        rows = db.session.scalars(scope.court_cases_for(self._viewer).where(CourtCase.id.in_(keys)))
        return {row.id: _Named(court_cases.label_of(row) or self._unnumbered(row)) for row in rows}

    def _unnumbered(self, row: CourtCase) -> str:
        return self._said["unnumbered"].format(self._term("court_case_kind", row.court_case_kind), row.id)

    def _of_cases(
        self, model: Any, keys: list[int], in_sight: Callable[[Sight, Any], bool], text: Callable[[Any], str | None]
    ) -> dict[int, _Named]:
        """Rows that hang below a court case: those in sight, by their text."""
        found = {}
        for row in db.session.scalars(select(model).where(model.id.in_(keys))):
            sight = self._sight(row.court_case_id)
            if sight is not None and in_sight(sight, row) and (words := text(row)):
                found[row.id] = _Named(words)
        return found

    def _judged(self, sight: Sight) -> set[int]:
        key = sight.case.id
        if key not in self._judgments_seen:
            self._judgments_seen[key] = {one.judgment.id for one in judgment_reading.in_sight(sight)}
        return self._judgments_seen[key]

    def _judgments(self, keys: list[int]) -> dict[int, _Named]:
        def text(row: Judgment) -> str:
            return self._dated(self._term("decision_kind", row.decision_kind), row.decided_on)

        return self._of_cases(Judgment, keys, lambda sight, row: row.id in self._judged(sight), text)

    def _remedies(self, keys: list[int]) -> dict[int, _Named]:
        def text(row: Remedy) -> str:
            return self._dated(self._term("appeal_kind", row.kind), row.filed_on)

        return self._of_cases(Remedy, keys, Sight.sees_remedy, text)

    def _dated(self, label: str, on: Any) -> str:
        return f"{label}, {on.text()}" if on is not None and on.known else label

    def _rulings(self, keys: list[int]) -> dict[int, _Named]:
        def in_sight(sight: Sight, row: Ruling) -> bool:
            return row.judgment_id in self._judged(sight) and row.count_id in sight.counts

        def text(row: Ruling) -> str | None:
            count = self._known["count", row.count_id]
            return f"{count.text}: {self._term('verdict', row.verdict)}" if count else None

        rows = list(db.session.scalars(select(Ruling).where(Ruling.id.in_(keys))))
        self.fetch({"count": {row.count_id for row in rows}})
        return self._of_cases(Ruling, keys, in_sight, text)

    def _reparations(self, keys: list[int]) -> dict[int, _Named]:
        label = record_named("reparation").label(self._viewer.language)

        def in_sight(sight: Sight, row: Reparation) -> bool:
            return row.judgment_id in self._judged(sight) and sight.sees_charge_of([*row.victims, *row.debtors], "SEN")

        def text(row: Reparation) -> str:
            return label if row.amount_ordered is None else f"{label}, S/ {row.amount_ordered:,.2f}"

        return self._of_cases(Reparation, keys, in_sight, text)

    def _term(self, list_name: str, code: str | None) -> str:
        term = codelist(list_name).get(code) if code else None
        return term.label(self._viewer.language) if term else code or ""


def keys_in(field: Field, value: Any) -> tuple[int, ...]:
    """The keys in a value of a field: none where it is no reference, blank, unknown or reserved."""
    if field.type == "ref" and isinstance(value, int):
        return (value,)
    return tuple(one for one in value if isinstance(one, int)) if field.type == "refs" and isinstance(value, tuple) else ()


def _open_to_all(record: str) -> Callable[[ReferenceWords, list[int]], dict[int, _Named]]:
    key, name = _OPEN_TO_ALL[record]
    return lambda words, keys: {row: _Named(text) for row, text in db.session.execute(select(key, name).where(key.in_(keys)))}


_ASKERS: Mapping[str, Callable[[ReferenceWords, list[int]], Mapping[int, _Named]]] = {
    **{record: _open_to_all(record) for record in _OPEN_TO_ALL},
    "charge": ReferenceWords._charges,
    "accused": lambda words, keys: words._parts("accused", keys),
    "victim": lambda words, keys: words._parts("victim", keys),
    "count": ReferenceWords._counts,
    "person": ReferenceWords._persons,
    "access_request": ReferenceWords._requests,
    "measure": ReferenceWords._measures,
    "referral": ReferenceWords._referrals,
    "service": ReferenceWords._services,
    "event": ReferenceWords._events,
    "deadline": ReferenceWords._deadlines,
    "attachment": ReferenceWords._documents,
    "court_case": ReferenceWords._dockets,
    "judgment": ReferenceWords._judgments,
    "ruling": ReferenceWords._rulings,
    "remedy": ReferenceWords._remedies,
    "reparation": ReferenceWords._reparations,
}
