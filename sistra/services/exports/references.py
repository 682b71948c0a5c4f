"""What the references of exported rows are called: asked once for each kind of thing and batch of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from sistra.access import scope
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.events import Event
from sistra.models.people import Accused, Victim
from sistra.rules.masking import Reserved
from sistra.rules.sharing import HEADER
from sistra.services.exports.columns import Named

_NAMED: dict[str, tuple[Any, Any, Any]] = {
    "office": (Office.id, Office.code, Office.name),
    "agency": (Agency.id, Agency.code, Agency.name),
    "user": (User.id, User.username, User.full_name),
}
_PARTS: dict[str, tuple[Any, Any, str]] = {
    "victim": (Victim, Victim.code, "AGR"),
    "accused": (Accused, Accused.code, "IMP"),
    "count": (Count, Count.id, "DEL"),
}
"""Record -> its model, what it is called, and the section of its charge that must be open."""
_RESERVED: Named = (Reserved.RESERVED.value, None)


class References:
    """Names for the references of rows. A part, count or charge that the viewer does not see in full is reserved.

    Within its own charge a part is its code (A-1); elsewhere the charge's number stands before it.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._named: dict[tuple[str, int], Named] = {}
        self._parts: dict[tuple[str, int], tuple[int, str, object] | None] = {}

    def fetch(self, fields: Sequence[Field], views: Iterable[Any]) -> None:
        """Asks for all that the views refer to and that is not known yet: one query for each kind of thing."""
        wanted: dict[str, set[int]] = {}
        for view in views:
            for field in fields:
                value = getattr(view, field.name)
                keys = (value,) if isinstance(value, int) and not isinstance(value, bool) else value
                if isinstance(keys, tuple):
                    wanted.setdefault(field.refers_to, set()).update(keys)
        for record, keys in wanted.items():
            missing = sorted(key for key in keys if (record, key) not in self._named and (record, key) not in self._parts)
            if missing:
                self._ask(record, missing)

    def _ask(self, record: str, keys: Sequence[int]) -> None:
        if record in _NAMED:
            key, code, label = _NAMED[record]
            for row in db.session.execute(select(key, code, label).where(key.in_(keys))):
                self._named[record, row[0]] = (row[1], row[2])
        elif record == "charge":
            seen = dict(
                db.session.execute(
                    select(Charge.id, Charge.number).where(Charge.id.in_(keys), scope.sees(self._viewer, section=HEADER))
                ).all()
            )
            self._named.update({(record, key): (seen[key], None) if key in seen else _RESERVED for key in keys})
        elif record == "event":
            for event_id, number in db.session.execute(select(Event.id, Event.number).where(Event.id.in_(keys))):
                self._named[record, event_id] = (number, None)
        elif record in _PARTS:
            self._ask_parts(record, keys)

    def _ask_parts(self, record: str, keys: Sequence[int]) -> None:
        model, code, section = _PARTS[record]
        rows = db.session.execute(
            select(model.id, Charge.id, Charge.number, code)
            .join(Charge, model.charge_id == Charge.id)
            .where(model.id.in_(keys), scope.sees(self._viewer, section=section))
        )
        seen = {key: (charge_id, number, name) for key, charge_id, number, name in rows}
        self._parts.update({(record, key): seen.get(key) for key in keys})

    def name(self, field: Field, key: int, *, charge_id: int | None) -> Named:
        """What stands for the row `key` that a field of a row of `charge_id` (None: of a court case) points at."""
        if field.refers_to not in _PARTS:
            return self._named.get((field.refers_to, key), (key, None))
        part = self._parts.get((field.refers_to, key))
        if part is None:
            return _RESERVED
        return (part[2] if part[0] == charge_id else f"{part[1]}/{part[2]}", None)
