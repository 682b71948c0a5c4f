"""The list of charges as a file made in the background, and whether each charge in it is still open as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from sistra.access import scope
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.court_cases import ChargeCourtCase
from sistra.rules.problems import said
from sistra.rules.sharing import PROFILES
from sistra.services import exports
from sistra.services.charge_list import address, asked, described
from sistra.services.export_runs.built import Built, Progress
from sistra.services.exports.keys import Chosen

BATCH = 500
_POINTING = (Charge.parent_charge_id, Charge.joined_into_id, Charge.duplicate_of_id)
"""Through which a row of a charge may give the number of another."""


class ChargeList:
    """The export of the list: asked as `exports.Ask`."""

    capability = "charge.export"
    label = said("Lista de denuncias")

    def reason(self, ask: exports.Ask) -> str:
        return exports.checked(ask)

    def packed(self, ask: exports.Ask) -> Mapping[str, Any]:
        return {
            "query": self.arguments(ask),
            "units": list(ask.units),
            "format": ask.format,
            "reason_code": ask.reason_code,
            "reason_text": ask.reason_text,
            "link": ask.link,
        }

    def unpacked(self, packed: Mapping[str, Any]) -> exports.Ask:
        texts = {name: packed[name] for name in ("format", "reason_code", "reason_text", "link")}
        return exports.Ask(asked(packed["query"]), tuple(packed["units"]), **texts)

    def arguments(self, ask: exports.Ask) -> Mapping[str, Sequence[str]]:
        return {name: list(held) if isinstance(held, list) else [str(held)] for name, held in address(ask.query).items()}

    def sight(self, viewer: Viewer, ask: exports.Ask) -> Mapping[str, Any]:
        return _seen(viewer, exports.select_charges(viewer, ask.query).charges)

    def described(self, ask: exports.Ask) -> Mapping[str, Any]:
        return described(ask.query) | {"units": list(exports.units_of(ask)), "format": ask.format}

    def make(self, viewer: Viewer, ask: exports.Ask, progress: Progress) -> Built:
        exported = exports.make(viewer, ask, progress=progress)
        seen = _seen(viewer, exported.selection.charges)
        written, told = exported.written, exports.told(ask, exported)
        return Built(exported.content, exported.name, exported.media_type, written.rows, written.digests, seen, told)

    def still_allowed(self, viewer: Viewer, seen: Mapping[str, Any]) -> bool:
        """Each charge seen by right is so still, from the team too; each section of a grant is open at its profile at least."""
        full, team = _full(viewer), set(db.session.scalars(scope.teams(viewer)))
        if not (full.issuperset(seen["full"]) and team.issuperset(seen["team"])):
            return False
        granted = {int(key): profiles for key, profiles in seen["granted"].items() if int(key) not in full}
        held = _granted(viewer, granted)
        return all(_reaches(held.get(key, {}), profiles) for key, profiles in granted.items())

    def charges(self, seen: Mapping[str, Any]) -> Sequence[int]:
        return sorted({*seen["full"], *map(int, seen["granted"])}.difference(seen["beside"]))


def _seen(viewer: Viewer, charges: Sequence[Chosen]) -> dict[str, Any]:
    """How the viewer stood to the charges of a file when they are chosen, and to those that it may tell of beside them."""
    beside = set(_beside(viewer, [charge.id for charge in charges])) - {charge.id for charge in charges}
    full = {charge.id for charge in charges if charge.shared is None} | (_full(viewer) & beside if beside else set())
    granted = {charge.id: charge.shared.profiles for charge in charges if charge.shared is not None}
    granted |= _granted(viewer, sorted(beside - full))
    return {
        "full": sorted(full),
        "team": sorted(charge.id for charge in charges if charge.team),
        "granted": {str(key): dict(held) for key, held in granted.items()},
        "beside": sorted(beside),
    }


def _beside(viewer: Viewer, keys: Sequence[int]) -> Iterator[int]:
    """Other charges in sight that share a court case with one of the charges, or to which one of them points by its number."""
    other = aliased(ChargeCourtCase)
    for batch in _batches(keys):
        together = (
            select(other.charge_id)
            .join(ChargeCourtCase, ChargeCourtCase.court_case_id == other.court_case_id)
            .where(ChargeCourtCase.charge_id.in_(batch))
        )
        pointed = [select(column).where(Charge.id.in_(batch), column.is_not(None)).correlate(None) for column in _POINTING]
        found = select(Charge.id).where(
            scope.sees(viewer), or_(Charge.id.in_(together), *(Charge.id.in_(one) for one in pointed))
        )
        yield from db.session.scalars(found)


def _full(viewer: Viewer) -> set[int]:
    return set(db.session.scalars(select(Charge.id).where(scope.sees(viewer, in_full=True))))


def _granted(viewer: Viewer, keys: Iterable[int]) -> dict[int, Mapping[str, str]]:
    """Section -> profile of each charge that is open by grants."""
    found: dict[int, Mapping[str, str]] = {}
    for batch in _batches(list(keys)):
        found |= {key: together.profiles for key, together in scope.shared(viewer, batch).items()}
    return found


def _reaches(held: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(
        section in held and PROFILES.index(held[section]) >= PROFILES.index(profile) for section, profile in wanted.items()
    )


def _batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
