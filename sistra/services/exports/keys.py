"""The key cells of exported rows: what they need beside the rows is asked once for each batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from sistra.access import lens, scope
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count, CountVictim
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.judgments import Ruling
from sistra.models.people import Accused, Victim
from sistra.rules.judgments import verdict_of
from sistra.rules.masking import Clearance
from sistra.rules.sharing import Shared


@dataclass(frozen=True, slots=True)
class Chosen:
    """A charge of the selection. `team`: the viewer is on its case team; `shared`: what is open of one seen by grants alone."""

    id: int
    number: str
    team: bool
    shared: Shared | None = None

    def opens(self, section: str) -> bool:
        """Whether that section (`grant_section`) of the charge is open."""
        return self.shared is None or self.shared.reads(section)

    @property
    def reach(self) -> lens.Reach:
        """How far the viewer sees into its records."""
        return lens.Granted(self.shared, False) if self.shared else Clearance.CASE


class RowKeys:
    """The key cells of a batch: what they need beside the rows is asked at once."""

    def __init__(self, viewer: Viewer, unit: str, batch: Mapping[int, Chosen], rows: Sequence[Any]) -> None:
        self._unit, self._batch = unit, batch
        self._accused: dict[int, str] = {}
        self._codes: dict[int, str] = {}
        self._victims: dict[int, list[str]] = {}
        self._charges: dict[int, list[str]] = {}
        self._verdicts: dict[int, list[str | None]] = {}
        if unit == "judgments":
            self._ask_verdicts(viewer, [row.id for row in rows])
        if unit == "services":
            self._codes = dict(db.session.execute(
                select(Victim.id, Victim.code).where(Victim.id.in_({row.victim_id for row in rows}))).all())
        if unit == "counts":
            self._name_parts([row.id for row in rows], [row.accused_id for row in rows])
        if unit in ("court_cases", "judgments"):
            self._name_charges(viewer, [row.id if unit == "court_cases" else row.court_case_id for row in rows])

    def _name_parts(self, counts: Sequence[int], accused: Sequence[int]) -> None:
        self._accused = dict(db.session.execute(select(Accused.id, Accused.code).where(Accused.id.in_(accused))).all())
        for key, code in db.session.execute(
            select(CountVictim.count_id, Victim.code)
            .join(Victim, CountVictim.victim_id == Victim.id)
            .where(CountVictim.count_id.in_(counts), Victim.withdrawn_at.is_(None))
            .order_by(Victim.id)
        ):
            self._victims.setdefault(key, []).append(code)

    def _ask_verdicts(self, viewer: Viewer, judgments: Sequence[int]) -> None:
        for key, verdict in db.session.execute(
            select(Ruling.judgment_id, Ruling.verdict)
            .join(Count, Ruling.count_id == Count.id)
            .join(Charge, Count.charge_id == Charge.id)
            .where(Ruling.judgment_id.in_(judgments), scope.sees(viewer, section="SEN"))
        ):
            self._verdicts.setdefault(key, []).append(verdict)

    def _name_charges(self, viewer: Viewer, cases: Sequence[int]) -> None:
        for key, number in db.session.execute(
            select(ChargeCourtCase.court_case_id, Charge.number)
            .join(Charge, ChargeCourtCase.charge_id == Charge.id)
            .where(
                ChargeCourtCase.court_case_id.in_(cases), ChargeCourtCase.unlinked_on.is_(None), scope.sees(viewer, section="EXP")
            )
            .order_by(Charge.number)
        ):
            self._charges.setdefault(key, []).append(number)

    def seen(self, view: Any) -> Any:
        """The view of a row with what depends on the rows beside it: a judgment's verdict is that of the rulings in sight."""
        return replace(view, verdict=verdict_of(self._verdicts.get(view.id, ()))) if self._unit == "judgments" else view

    def of(self, row: Any) -> list[object]:
        match self._unit:
            case "charges":
                return [row.number]
            case "victims" | "accused":
                return [self._batch[row.charge_id].number, row.code]
            case "services":
                return [self._batch[row.charge_id].number, self._codes.get(row.victim_id), row.id]
            case "counts":
                return [
                    self._batch[row.charge_id].number,
                    row.id,
                    self._accused.get(row.accused_id),
                    ";".join(self._victims.get(row.id, ())) or None,
                ]
            case "events":
                charge = self._batch.get(row.charge_id)
                return [charge.number if charge else None, row.court_case_id, row.number]
            case "court_cases":
                return [row.id, ";".join(self._charges.get(row.id, ()))]
        return [row.id, row.court_case_id, ";".join(self._charges.get(row.court_case_id, ()))]
