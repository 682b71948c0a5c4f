"""The analyst's workbook made in the background. What is in it names no charge of anybody: whoever may ask for it may have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sistra.access.viewer import Viewer
from sistra.rules.problems import said
from sistra.rules.reports.periods import Period
from sistra.services import fact_book
from sistra.services.export_runs.built import Built, Progress
from sistra.services.fact_book import FactAsk

_TEXTS = ("district", "border", "format", "reason_code", "reason_text", "link")


class FactBook:
    """The export of facts: asked as `fact_book.FactAsk`, whose instant is that of the asking, however long the queue is."""

    capability = "facts.export"
    label = said("Microdatos")

    def reason(self, ask: FactAsk) -> str:
        return fact_book.checked(ask)

    def packed(self, ask: FactAsk) -> Mapping[str, Any]:
        return {
            **{name: getattr(ask, name) for name in _TEXTS}, "units": list(ask.units), "core": ask.core,
            "first": ask.period.first.isoformat(), "last": ask.period.last.isoformat(),
            "at": ask.at.isoformat() if ask.at else None,
        }

    def unpacked(self, packed: Mapping[str, Any]) -> FactAsk:
        period = Period.months_of(date.fromisoformat(packed["first"]), date.fromisoformat(packed["last"]))
        at = datetime.fromisoformat(packed["at"]) if packed["at"] else None
        return FactAsk(tuple(packed["units"]), period, core=packed["core"], at=at, **{name: packed[name] for name in _TEXTS})

    def arguments(self, ask: FactAsk) -> Mapping[str, Sequence[str]]:
        return fact_book.address(ask)

    def sight(self, viewer: Viewer, ask: FactAsk) -> None:
        return None

    def described(self, ask: FactAsk) -> Mapping[str, Any]:
        return fact_book.described(ask)

    def make(self, viewer: Viewer, ask: FactAsk, progress: Progress) -> Built:
        made = fact_book.make(viewer, ask, progress)
        told, written = fact_book.told(ask, made), made.written
        return Built(made.content, made.name, made.media_type, written.rows, written.digests, None, told)

    def still_allowed(self, viewer: Viewer, seen: Any) -> bool:
        return True

    def charges(self, seen: Any) -> Sequence[int]:
        return []
