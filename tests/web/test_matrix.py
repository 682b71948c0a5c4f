"""Every address x method x user x kind of charge, held against the hand-written table of `matrix.py`."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from sistra.rules.partial_dates import PartialDate
from sistra.services import charges
from sistra.services.hand_over import answers as referral_answers
from sistra.services.hand_over import joining, referrals
from sistra.services.unit import unit_of_work
from tests.conftest import Visitor
from tests.factories.charges import open_charge
from tests.factories.hand_over import joinder_entry, referral_entry
from tests.factories.sharing import brought_to
from tests.factories.world import World
from tests.web import matrix

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FILLINGS = {"section": "hechos", "username": "fiscal.lim", "kind": "despachos", "code": "A-9", "form": "charges.create",
            "key": "999", "event_type": "DIP-URG", "token": "x", "search_id": "nada", "run_id": "nada"}
OF_ENDPOINT = {"reports.show": {"code": "R01"}, "reports.download": {"code": "R01", "kind": "csv"}}
"""Addresses that name something which is there for everybody."""
MISSING = "SIS-2026-MDD-09999"


@pytest.fixture
def numbers(app: Flask, world: World) -> dict[str, str]:
    """A charge of each relation."""
    with app.app_context():
        made = {"own": open_charge(world.viewer("fiscal.mdd")), "sealed": open_charge(world.viewer("fiscal.mdd")),
                "collaboration": open_charge(world.viewer("fiscal.mdd")), "lima": open_charge(world.viewer("fiscal.lim")),
                "ordinary": open_charge(world.viewer("fiscal.ordinaria"))}
        for relation, confidentiality in (("sealed", "SEL"), ("collaboration", "COL")):
            with unit_of_work():
                charges.seal(world.viewer("fiscal.mdd"), made[relation], confidentiality=confidentiality, reason="Prueba",
                             version=1)
    return made | {"missing": MISSING}


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in matrix.PUBLIC_PAGES]


def address(rule: Rule, number: str) -> str:
    values = {name: number if name == "number" else FILLINGS.get(name, 999) for name in rule.arguments}
    values |= OF_ENDPOINT.get(rule.endpoint, {})
    built = rule.build(values, append_unknown=False)
    assert built is not None, rule
    return built[1]


def test_no_address_is_without_an_expectation(app: Flask) -> None:
    known = {*matrix.CHARGE_PAGES, *matrix.OTHER_PAGES, *matrix.PUBLIC_PAGES}
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == known
    for rule in rules(app):
        assert ("number" in rule.arguments) == (rule.endpoint in matrix.CHARGE_PAGES), rule


def calls(app: Flask, numbers: dict[str, str]) -> Iterator[tuple[Rule, str, str, str]]:
    """(rule, method, relation, address); pages of no charge have the relation ""."""
    for rule in rules(app):
        for method in METHODS:
            if "number" not in rule.arguments:
                yield rule, method, "", address(rule, "")
                continue
            for relation, number in numbers.items():
                yield rule, method, relation, address(rule, number)


@cache
def known_methods(app: Flask, path: str) -> frozenset[str]:
    """The methods that some rule of that address has."""
    return frozenset(one for other in app.url_map.iter_rules() if other.rule == path for one in other.methods or ())


def expected(app: Flask, rule: Rule, method: str, relation: str, user: str) -> int | None:
    """The refusal that the table asks, or None. A method that no rule of the address knows is 405 for everybody."""
    if method not in known_methods(app, rule.rule):
        return 405
    if relation:
        return matrix.of_charge(matrix.CHARGE_PAGES[rule.endpoint], relation, user)
    return None if user in matrix.OTHER_PAGES[rule.endpoint] else 403


@pytest.mark.parametrize("user", matrix.USERS)
def test_nobody_gets_further_than_the_table_says(app: Flask, numbers: dict[str, str], sign_in: Callable[[str], Visitor],
                                                 user: str) -> None:
    client, wrong = sign_in(user), []
    for rule, method, relation, path in calls(app, numbers):
        if method not in (rule.methods or ()) and method in known_methods(app, rule.rule):
            continue
        status = client.open(path, method=method).status_code
        refusal = expected(app, rule, method, relation, user)
        through = status < 500 and status not in (401, 403, 405) and not (status == 404 and not _has_own_key(rule))
        if (status != refusal) if refusal else not through:
            wrong.append((method, rule.endpoint, relation, status, refusal))
        if rule.endpoint in ("session.sign_out", "session.password"):
            client = sign_in(user)
    assert not wrong


@pytest.fixture
def granted(app: Flask, world: World) -> dict[str, str]:
    """A charge in each state of sharing."""
    with app.app_context():
        return {name: _brought_to(world, one) for name, one in matrix.GRANTED.items()}


def _brought_to(world: World, one: matrix.Granted) -> str:
    number = open_charge(world.viewer("fiscal.mdd", at=datetime.now(UTC)), received_on="ayer")
    brought_to(world, number, one.came_to, one.to, by=one.by, profile=one.profile, sections=one.sections or ("RES",),
               permission="APO" if one.contributes else "LEE")
    return number


@pytest.mark.parametrize("user", sorted({user for one in matrix.GRANTED.values() for user in one.users}))
def test_a_grant_opens_what_its_row_says_and_nothing_else(app: Flask, granted: dict[str, str],
                                                          sign_in: Callable[[str], Visitor], user: str) -> None:
    client, wrong = sign_in(user), []
    for rule in rules(app):
        if "number" not in rule.arguments or rule.endpoint not in matrix.CHARGE_PAGES:
            continue
        for name, one in matrix.GRANTED.items():
            if user not in one.users or matrix.contributes(rule.endpoint, one, user):
                continue
            path = address(rule, granted[name])
            for method in {"GET", "POST"} & set(rule.methods or ()):
                status = client.open(path, method=method).status_code
                refusal = matrix.of_grant(rule.endpoint, one, user)
                through = status < 500 and status not in (401, 403, 405) and not (status == 404 and not _has_own_key(rule))
                if (status != refusal) if refusal else not through:
                    wrong.append((method, rule.endpoint, name, status, refusal))
    assert not wrong


@pytest.fixture
def handed(app: Flask, world: World) -> dict[str, str]:
    """A charge in each state of being handed over."""
    with app.app_context():
        now = datetime.now(UTC)
        sender, taking = world.viewer("fiscal.mdd", at=now), world.viewer("fiscal.lim", at=now)
        made = {state: open_charge(sender, received_on="ayer") for state in matrix.HANDED}
        for state, number in made.items():
            if state == "joined":
                target = open_charge(sender, received_on="ayer")
                with unit_of_work():
                    joining.join(sender, number, target, joinder_entry(occurred_on=PartialDate.of_day(sender.today)))
                continue
            with unit_of_work():
                kept = "SID" if state == "referred, copy kept" else None
                referral = referrals.offer(sender, number, referral_entry(world, keep_copy=kept))
            if state != "referral offered":
                with unit_of_work():
                    referral_answers.accept(taking, referral, responsible_id=taking.user_id)
    return made


@pytest.mark.parametrize("user", [
    "fiscal.mdd", "asistente.mdd", "fiscal.lim", "coordinadora", "presidencia.mdd", "agencia", "admin"])
def test_what_is_handed_over_is_read_by_whom_the_table_says_and_stands_still_meanwhile(
        app: Flask, handed: dict[str, str], sign_in: Callable[[str], Visitor], user: str) -> None:
    client, wrong = sign_in(user), []
    for rule in rules(app):
        if rule.endpoint not in matrix.CHARGE_PAGES or "GET" not in (rule.methods or ()):
            continue
        for state, number in handed.items():
            status, refusal = client.get(address(rule, number)).status_code, matrix.of_handed(rule.endpoint, state, user)
            through = status < 400 or (status == 404 and _has_own_key(rule))
            if (status != refusal) if refusal else not through:
                wrong.append((rule.endpoint, state, status, refusal))
    assert not wrong


@pytest.mark.parametrize(("user", "expected"), [("fiscal.mdd", 200), ("coordinadora", 200), ("admin", 404)])
def test_sharing_takes_the_charge_from_nobody_and_gives_it_to_nobody_else(
        granted: dict[str, str], sign_in: Callable[[str], Visitor], user: str, expected: int) -> None:
    client = sign_in(user)
    closed = {"coordinadora": {"collaboration since"}, "fiscal.mdd": {"referred since"}}.get(user, set())
    for name, number in granted.items():
        assert client.get(f"/denuncias/{number}").status_code == (404 if name in closed else expected), name


@pytest.mark.parametrize("owner", ["fiscal.mdd", "agencia", "analista"])
def test_the_downloads_of_somebody_are_of_nobody_else_whatever_their_role(
        app: Flask, world: World, sign_in: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch, owner: str) -> None:
    """A run, whether it waits or is done, answers everybody else like one that does not exist, by every address and method."""
    monkeypatch.setitem(app.config, "EXPORT_AT_ONCE", -1)
    where = "/reportes/microdatos" if owner == "analista" else "/denuncias/exportar"
    order = {"units": ["charge"] if owner == "analista" else ["charges"], "format": "csv", "reason_code": "ACT"}
    run = str(sign_in(owner).post(where, data=order).location)
    own = [rule for rule in rules(app) if "run_id" in rule.arguments]
    for user in matrix.USERS:
        client = sign_in(user)
        for rule, method in ((rule, method) for rule in own for method in METHODS):
            path, none = (rule.build({"run_id": slug}, append_unknown=False)[1]  # type: ignore[index]
                          for slug in (run.rsplit("/", 1)[1], "n" * 24))
            if method in (rule.methods or ()) and user != owner:
                hidden, missing = (client.open(one, method=method) for one in (path, none))
                assert (hidden.status_code, missing.status_code) == (404, 404), (user, method, path)
                assert _plain(hidden, path) == _plain(missing, none), (user, method, path)
            elif method not in known_methods(app, rule.rule):
                assert client.open(path, method=method).status_code == 405, (user, method, path)
    assert sign_in(owner).get(run).status_code == 200


def _plain(answer: Any, name: str) -> str:
    """A page without what differs from one to the next: the name that was asked, tokens, the instant."""
    text = re.sub(r'(value|content)="[^"]{20,}"', "", answer.get_data(as_text=True)).replace(name, "N")
    return re.sub(r"[0-9a-f]{16}|\d\d/\d\d/\d{4}, \d\d:\d\d", "", text)


def _has_own_key(rule: Rule) -> bool:
    """Whether the address names a thing below the charge (or a user), which the filling does not hit."""
    return rule.endpoint not in OF_ENDPOINT and bool(rule.arguments - {"number", "section", "kind", "form", "event_type"})


def test_who_is_not_signed_in_is_sent_to_sign_in(app: Flask, numbers: dict[str, str], client: Visitor) -> None:
    for rule, method, _, path in calls(app, numbers):
        if method in (rule.methods or ()):
            answer = client.open(path, method=method)
            assert answer.status_code in (302, 303) and "/entrar" in answer.location, (method, path)


@pytest.mark.parametrize("user", ["fiscal.lim", "fiscal2.mdd", "agencia", "admin"])
def test_what_is_hidden_looks_like_what_does_not_exist(numbers: dict[str, str], app: Flask, sign_in: Callable[[str], Visitor],
                                                       user: str) -> None:
    client = sign_in(user)
    for rule in rules(app):
        if "number" not in rule.arguments:
            continue
        for relation in ("sealed", "collaboration", "lima", "own"):
            if matrix.RELATIONS[relation].get(user) is None:
                hidden, missing = (client.get(address(rule, number)) for number in (numbers[relation], MISSING))
                assert hidden.status_code == missing.status_code
                assert _plain(hidden, numbers[relation]) == _plain(missing, MISSING), rule


@pytest.mark.parametrize("user", ["fiscal.mdd", "coordinadora", "admin"])
def test_a_page_that_is_read_changes_nothing_but_the_trail(app: Flask, numbers: dict[str, str], sign_in: Callable[[str], Visitor],
                                                           user: str) -> None:
    from sqlalchemy import text

    from sistra.db import db
    client = sign_in(user)

    def contents() -> dict[str, list[Any]]:
        with app.app_context():
            return {name: sorted(map(repr, db.session.execute(text(f'SELECT * FROM "{name}"')).all()))
                    for name in db.metadata.tables if name not in ("trail_entry", "trail_head", "signin_session")}
    before = contents()
    for rule, method, _, path in calls(app, numbers):
        if method == "GET" and "GET" in (rule.methods or ()):
            client.get(path)
    assert contents() == before
