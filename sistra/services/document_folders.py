"""Where documents hang, as one viewer may use it: a charge, or a court case with the sight rules of its linked charges."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sqlalchemy import select

from sistra.access import scope, vault
from sistra.access.may import require
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.people import Accused, Victim
from sistra.rules import file_names
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.services import audit, case_sight, charge_access, parts
from sistra.services.case_sight import Sight

Place: TypeAlias = str | int
"""The number of a charge, or the key of a court case."""

Part: TypeAlias = Victim | Accused


@dataclass(frozen=True)
class Folder(ABC):
    """A folder whose documents the viewer may read. `standing` is how the viewer stands to the folder as a whole."""

    viewer: Viewer
    standing: Standing

    @property
    @abstractmethod
    def owner(self) -> vault.Owner:
        """Whose data key encrypts the files."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the names of its files begin with."""

    @property
    @abstractmethod
    def subject(self) -> audit.Subject:
        """The folder as the trail names it."""

    @property
    @abstractmethod
    def documents(self) -> Sequence[Attachment]:
        """Its documents that exist for the viewer, oldest first; those withdrawn left out."""

    @property
    @abstractmethod
    def people(self) -> Mapping[str, Sequence[Part]]:
        """Whom a document may be about, by field: those in sight."""

    @abstractmethod
    def code(self, part: Part) -> str:
        """What a part is called here."""

    @abstractmethod
    def standing_to(self, about: Iterable[Part]) -> Standing:
        """How the viewer stands to a document about those people."""

    @abstractmethod
    def require_writing(self) -> None:
        """Raises Forbidden where the viewer may neither add nor withdraw documents."""

    @abstractmethod
    def new_document(self) -> Attachment:
        """A row that hangs here, not yet added."""

    @abstractmethod
    def changed(self) -> None:
        """Notes on the folder that something in it changed now."""


def find(viewer: Viewer, place: Place) -> Folder:
    """The folder of that number or key. Raises NotVisible, and Forbidden where its documents are not for this viewer."""
    if isinstance(place, str):
        charge, stands = scope.charge(viewer, place)
        folder: Folder = ChargeFolder(viewer, stands, charge)
    else:
        sight = case_sight.find(viewer, place)
        folder = CaseFolder(viewer, case_sight.standing(viewer, sight), sight)
    require(viewer, "attachment.read", folder.standing)
    return folder


def to_write(viewer: Viewer, place: Place) -> Folder:
    """The folder, to add a document or withdraw one. Raises NotVisible, Forbidden."""
    folder = find(viewer, place)
    folder.require_writing()
    return replace(folder, sight=case_sight.owned(folder.sight)) if isinstance(folder, CaseFolder) else folder


@dataclass(frozen=True)
class ChargeFolder(Folder):
    charge: Charge

    @property
    def owner(self) -> vault.Owner:
        return "charge", self.charge.id

    @property
    def name(self) -> str:
        return self.charge.number

    @property
    def subject(self) -> audit.Subject:
        return audit.subject_of(self.charge)

    @property
    def documents(self) -> Sequence[Attachment]:
        rows = db.session.scalars(
            select(Attachment)
            .where(Attachment.charge_id == self.charge.id, Attachment.withdrawn_at.is_(None))
            .order_by(Attachment.id)
        )
        return [row for row in rows if self.standing.on_team or row.confidentiality not in TEAM_ONLY]

    @property
    def people(self) -> Mapping[str, Sequence[Part]]:
        return {name: parts.of_charge(self.charge.id, model) for name, model in (("victims", Victim), ("accused", Accused))}

    def code(self, part: Part) -> str:
        return part.code

    def standing_to(self, about: Iterable[Part]) -> Standing:
        return self.standing

    def require_writing(self) -> None:
        require(self.viewer, "attachment.add", self.standing)

    def new_document(self) -> Attachment:
        return Attachment(charge_id=self.charge.id, storage_key="")

    def changed(self) -> None:
        self.charge.updated_at, self.charge.updated_by_id = self.viewer.at, self.viewer.user_id
        db.session.flush()
        charge_access.refresh(self.viewer, self.charge)


@dataclass(frozen=True)
class CaseFolder(Folder):
    sight: Sight

    @property
    def owner(self) -> vault.Owner:
        return "court_case", self.sight.case.id

    @property
    def name(self) -> str:
        case = self.sight.case
        return file_names.of_court_case((case.docket_number, case.other_number), case.id)

    @property
    def subject(self) -> audit.Subject:
        return audit.subject_of(self.sight.case)

    @property
    def documents(self) -> Sequence[Attachment]:
        return self.sight.documents

    @property
    def people(self) -> Mapping[str, Sequence[Part]]:
        in_sight: Mapping[str, Sequence[Part]] = {"victims": self.sight.shown_victims, "accused": self.sight.shown_accused}
        return {name: [one for one in found if one.withdrawn_at is None] for name, found in in_sight.items()}

    def code(self, part: Part) -> str:
        return self.sight.code(part)

    def standing_to(self, about: Iterable[Part]) -> Standing:
        return replace(self.standing, on_team=self.sight.on_team_of(about))

    def require_writing(self) -> None:
        require(self.viewer, "court_case.amend")
        require(self.viewer, "attachment.add", self.standing)

    def new_document(self) -> Attachment:
        return Attachment(court_case_id=self.sight.case.id, storage_key="")

    def changed(self) -> None:
        self.sight.case.updated_at, self.sight.case.updated_by_id = self.viewer.at, self.viewer.user_id
        db.session.flush()


def about(row: Attachment) -> list[Any]:
    """The people of a document, in or out of sight."""
    return [*row.victims, *row.accused]
