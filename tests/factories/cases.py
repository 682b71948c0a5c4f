"""Court cases as the verbs leave them, with their judgments, over files of `tests.factories.files`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sistra.access.viewer import Viewer
from sistra.rules.durations import Duration
from sistra.rules.entries import Entry
from sistra.services import charges, court_cases, court_events, judgments, remedies
from sistra.services.judgments import JudgmentEntry
from sistra.services.unit import unit_of_work
from tests.factories.files import File, a_file, on

DOCKET = "00231-2026-0-2701-JR-PE-01"
JUDGED = date(2026, 3, 2)


def a_case(viewer: Viewer, file: File, *, accused: tuple[int, ...] = (), **values: Any) -> int:
    """A court case opened from the charge of a file, of the new code unless said otherwise."""
    entered = {"docket_number": DOCKET, "court_case_kind": "PRI", "court_instance": "JPC", "procedure_code": "ncpp"} | values
    with unit_of_work():
        return court_cases.open_case(viewer, Entry("court_case", entered), number=file.number, accused=accused)


def act(viewer: Viewer, case: int, event_type: str, **values: Any) -> int:
    """An act recorded in a court case, on 1 March 2026 unless said otherwise."""
    with unit_of_work():
        return court_events.record(viewer, case, event_type, Entry("event", {"occurred_on": on(date(2026, 3, 1))} | values))


def a_judgment(
    viewer: Viewer,
    case: int,
    verdicts: Mapping[int, Any],
    *,
    remedy: int | None = None,
    years: Mapping[int, int] | None = None,
    reparations: tuple[dict[str, Any], ...] = (),
    remand_to: str | None = None,
    rulings: Mapping[int, dict[str, Any]] | None = None,
    penalties: Mapping[int, dict[str, Any]] | None = None,
    **values: Any,
) -> int:
    """A judgment: the verdict (or the answers in `rulings`) of each count, imprisonment in `years` by accused."""
    entered = {"decision_kind": "SEN", "instance": "1", "decided_on": on(JUDGED)} | values
    given = {accused: {"sentence_types": ("PPL-EFE",), "imprisonment": Duration(term)} for accused, term in (years or {}).items()}
    rows = {count: {"verdict": verdict} for count, verdict in verdicts.items()} | dict(rulings or {})
    with unit_of_work():
        return judgments.record(
            viewer,
            case,
            JudgmentEntry(
                Entry("judgment", entered),
                {count: Entry("ruling", row) for count, row in rows.items()},
                {accused: Entry("penalty", row) for accused, row in (given | dict(penalties or {})).items()},
                [Entry("reparation", row) for row in reparations],
                remedy=remedy,
                remand_to=remand_to,
            ),
        )


def a_remedy(viewer: Viewer, case: int, kind: str = "APE", **values: Any) -> int:
    """A remedy of the defence filed on 5 March 2026, against all rulings of the last judgment unless said otherwise."""
    entered = {"kind": kind, "filed_by": ("IMP",), "filed_on": on(date(2026, 3, 5))} | values
    with unit_of_work():
        return remedies.file(viewer, case, Entry("remedy", entered))


def a_sealed_file(viewer: Viewer) -> File:
    """A file that only its prosecutor, the case team, sees."""
    file = a_file(viewer, accused=1, victims=1, counts_of=(0,))
    with unit_of_work():
        charges.seal(
            viewer,
            file.number,
            confidentiality="SEL",
            reason="Riesgo para la agraviada",
            version=int(str(charges.folder(viewer, file.number).charge.version)),
        )
    return file
