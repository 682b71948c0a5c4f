"""Pages of accused."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from sistra.web.guards import can
from sistra.web.people import persons
from sistra.web.people.room import ACCUSED, bp


@bp.get("/<number>/imputados")
@can("charge.read_in_full")
def accused(number: str) -> Response:
    return persons.listed(ACCUSED, number)


@bp.get("/<number>/imputados/nuevo")
@can("person.amend")
def add_accused(number: str) -> Response:
    return persons.new(ACCUSED, number)


@bp.post("/<number>/imputados/nuevo")
@can("person.amend")
def create_accused(number: str) -> Any:
    return persons.create(ACCUSED, number)


@bp.get("/<number>/imputados/<code>")
@can("charge.read_in_full")
def accused_person(number: str, code: str) -> Response:
    return persons.shown(ACCUSED, number, code)


@bp.get("/<number>/imputados/<code>/editar/<section>")
@can("person.amend")
def edit_accused(number: str, code: str, section: str) -> Response:
    return persons.edit(ACCUSED, number, code, section)


@bp.post("/<number>/imputados/<code>/editar/<section>")
@can("person.amend")
def amend_accused(number: str, code: str, section: str) -> Any:
    return persons.amend(ACCUSED, number, code, section)


@bp.get("/<number>/imputados/<code>/retirar")
@can("person.amend")
def withdraw_accused(number: str, code: str) -> Response:
    return persons.withdrawing(ACCUSED, number, code, persons.withdraw_form())


@bp.post("/<number>/imputados/<code>/retirar")
@can("person.amend")
def take_back_accused(number: str, code: str) -> Any:
    return persons.withdraw(ACCUSED, number, code)
