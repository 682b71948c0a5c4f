"""What can be made in the background: each kind of export with how it is asked, made and proved to be allowed still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sistra.access.viewer import Viewer
from sistra.services.export_runs.built import Built, Progress
from sistra.services.export_runs.charges import ChargeList
from sistra.services.export_runs.facts import FactBook


class Maker(Protocol):
    """A kind of export. To add one: write a class with these members and give it its line in `MAKERS`."""

    @property
    def capability(self) -> str:
        """The capability of `access.may` that is asked when the file is asked, made and fetched."""

    @property
    def label(self) -> str:
        """What it is called, in Spanish; the door translates it."""

    def reason(self, ask: Any) -> str:
        """Why it is asked, as the trail keeps it (`CODE` or `CODE: text`). Raises Rejected for an ask that cannot be made."""

    def packed(self, ask: Any) -> Mapping[str, Any]:
        """The ask as JSON."""

    def unpacked(self, packed: Mapping[str, Any]) -> Any:
        """The ask that `packed` gave."""

    def arguments(self, ask: Any) -> Mapping[str, Sequence[str]]:
        """The texts of the address at which the same is asked again."""

    def sight(self, viewer: Viewer, ask: Any) -> Any:
        """How the viewer stands, at the asking, to all that the file would tell of: JSON, as `still_allowed` takes it."""

    def described(self, ask: Any) -> Mapping[str, Any]:
        """The question in codes, for the trail."""

    def make(self, viewer: Viewer, ask: Any, progress: Progress) -> Built:
        """Reads and writes the file as `viewer` (door `job`). Lets pass what `progress` raises. Raises Forbidden, Rejected."""

    def still_allowed(self, viewer: Viewer, seen: Any) -> bool:
        """Whether everything in the file is still open to the viewer as it was when it was asked, or made."""

    def charges(self, seen: Any) -> Sequence[int]:
        """The keys of the charges of which rows are in the file, for the trail; of figures none."""


MAKERS: Mapping[str, Maker] = {"charges": ChargeList(), "facts": FactBook()}
"""Kind -> who makes it."""

__all__ = ["MAKERS", "Built", "Maker"]
