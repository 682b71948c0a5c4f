"""Where documents hang, as this room shows it: in charges and in court cases, with the same pages.

`page` gives each view its addresses in both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, ClassVar

from flask import Blueprint, url_for
from flask_babel import gettext as _

from sistra.services import attachments, charges, court_cases
from sistra.services.document_folders import Place
from sistra.web.case_folders import case_folder
from sistra.web.folders import FolderView, charge_folder
from sistra.web.guards import can, viewer

bp = Blueprint("attachments", __name__)


class Room(ABC):
    """One folder. `place` is what the services call it; `named` the part of the address that names it.

    `reads` and `writes` are the capabilities that guard its pages, `prefix` begins the names of its endpoints.
    """

    named: ClassVar[str]
    base: ClassVar[str]
    prefix: ClassVar[str]
    reads: ClassVar[str]
    writes: ClassVar[str]
    shell: ClassVar[str]

    def __init__(self, place: Place) -> None:
        self.place = place

    @classmethod
    def endpoint(cls, page: str) -> str:
        return f"{cls.prefix}{page}"

    def url(self, page: str, **values: Any) -> str:
        """The address of a page of this folder."""
        where: dict[str, Any] = {self.named: self.place, **values}
        return url_for(f"attachments.{self.endpoint(page)}", **where)

    @cached_property
    def may_write(self) -> bool:
        return attachments.may_write(viewer(), self.place)

    @property
    @abstractmethod
    def folder(self) -> FolderView:
        """The frame of the pages."""

    @property
    @abstractmethod
    def empty(self) -> str:
        """What will stand in the list."""

    @property
    def others(self) -> list[tuple[str, str]]:
        """Where other documents of the same matter are, as (number, address)."""
        return []


class ChargeRoom(Room):
    named, base, prefix, shell = "number", "/denuncias/<number>", "", "shells/charge.html"
    reads, writes = "attachment.read", "attachment.add"

    @cached_property
    def folder(self) -> FolderView:
        return charge_folder(charges.folder(viewer(), str(self.place)), "attachments.index")

    @property
    def empty(self) -> str:
        return str(_("Aquí aparecerán los documentos de la denuncia: disposiciones, actas, pericias, resoluciones."))


class CaseRoom(Room):
    named, base, prefix, shell = "case_id", "/expedientes/<int:case_id>", "case_", "shells/court_case.html"
    reads, writes = "court_case.read", "court_case.amend"

    @cached_property
    def _found(self) -> court_cases.CaseFolder:
        return court_cases.folder(viewer(), int(self.place))

    @cached_property
    def folder(self) -> FolderView:
        return case_folder(self._found, "attachments.case_index")

    @property
    def empty(self) -> str:
        return str(_("Aquí aparecerán los documentos del expediente: resoluciones, actas de audiencia, sentencias, escritos."))

    @property
    def others(self) -> list[tuple[str, str]]:
        return [(number, url_for("attachments.index", number=number)) for number in self._found.charges]


def page(address: str, *, post: bool = False, writes: bool = False, step_up: bool = False) -> Callable[[Any], Any]:
    """Gives a view an address in every kind of folder, each behind its own guard. The view takes the `Room` first."""

    def register(view: Any) -> Any:
        for kind in (ChargeRoom, CaseRoom):
            guard = can(kind.writes if writes else kind.reads, step_up=step_up)
            bp.add_url_rule(
                f"{kind.base}/documentos{address}",
                endpoint=kind.endpoint(view.__name__),
                view_func=guard(_of(kind, view)),
                methods=["POST"] if post else ["GET"],
            )
        return view

    return register


def _of(kind: type[Room], view: Any) -> Any:
    @wraps(view)
    def opened(**values: Any) -> Any:
        return view(kind(values.pop(kind.named)), **values)

    return opened
