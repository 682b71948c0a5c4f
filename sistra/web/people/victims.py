"""Pages of victims."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from sistra.web.guards import can
from sistra.web.people import persons
from sistra.web.people.room import VICTIMS, bp


@bp.get("/<number>/agraviadas")
@can("charge.read_in_full")
def victims(number: str) -> Response:
    return persons.listed(VICTIMS, number)


@bp.get("/<number>/agraviadas/nueva")
@can("person.amend")
def add_victim(number: str) -> Response:
    return persons.new(VICTIMS, number)


@bp.post("/<number>/agraviadas/nueva")
@can("person.amend")
def create_victim(number: str) -> Any:
    return persons.create(VICTIMS, number)


@bp.get("/<number>/agraviadas/<code>")
@can("charge.read_in_full")
def victim(number: str, code: str) -> Response:
    return persons.shown(VICTIMS, number, code)


@bp.get("/<number>/agraviadas/<code>/editar/<section>")
@can("person.amend")
def edit_victim(number: str, code: str, section: str) -> Response:
    return persons.edit(VICTIMS, number, code, section)


@bp.post("/<number>/agraviadas/<code>/editar/<section>")
@can("person.amend")
def amend_victim(number: str, code: str, section: str) -> Any:
    return persons.amend(VICTIMS, number, code, section)


@bp.get("/<number>/agraviadas/<code>/retirar")
@can("person.amend")
def withdraw_victim(number: str, code: str) -> Response:
    return persons.withdrawing(VICTIMS, number, code, persons.withdraw_form())


@bp.post("/<number>/agraviadas/<code>/retirar")
@can("person.amend")
def take_back_victim(number: str, code: str) -> Any:
    return persons.withdraw(VICTIMS, number, code)
