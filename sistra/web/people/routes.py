"""The room's blueprint with all of its pages: those of a kind once for victims and once for accused, and the shared ones."""
from __future__ import annotations

from functools import partial, wraps

from sistra.web.guards import can
from sistra.web.people import identities, links, lists, persons
from sistra.web.people.room import ACCUSED, VICTIMS, Kind, bp

__all__ = ["bp", "identities", "links", "lists"]


def _hang(kind: Kind) -> None:
    """The pages of a kind under its own addresses and endpoints: list, adding, one person, editing, taking back."""
    everyone = f"/<number>/{kind.path}"
    new, one = f"{everyone}/{kind.path_of_new}", f"{everyone}/<code>"
    edit, withdraw = f"{one}/editar/<section>", f"{one}/retirar"
    for method, rule, endpoint, capability, view in (
        ("GET", everyone, kind.index, kind.read, persons.listed),
        ("GET", new, kind.add, "person.amend", persons.new),
        ("POST", new, f"people.create_{kind.record}", "person.amend", persons.create),
        ("GET", one, kind.show, kind.read, persons.shown),
        ("GET", edit, kind.edit, "person.amend", persons.edit),
        ("POST", edit, f"people.amend_{kind.record}", "person.amend", persons.amend),
        ("GET", withdraw, kind.withdraw, "person.amend", persons.withdrawal),
        ("POST", withdraw, f"people.take_back_{kind.record}", "person.amend", persons.withdraw),
    ):
        guarded = can(capability)(wraps(view)(partial(view, kind)))
        bp.add_url_rule(rule, endpoint.removeprefix("people."), guarded, methods=[method])


for _kind in (VICTIMS, ACCUSED):
    _hang(_kind)
