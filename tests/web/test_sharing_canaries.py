"""Somebody to whom a charge is shared comes upon nothing that was not: by links, addresses, filters, searches and files."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from sistra.access import lens
from sistra.access.standing import Standing
from sistra.db import db
from sistra.models.accounts import SignInSession
from sistra.rules import facets
from sistra.rules.masking import Clearance
from sistra.services.unit import unit_of_work
from tests.conftest import Visitor
from tests.factories.canaries import DOCKET, Folder, canary, folder_with_canaries, unshared
from tests.factories.databases import Databases, one_transaction
from tests.factories.sharing import shared
from tests.factories.world import World
from tests.web.crawling import Crawl, everything, files, lists, shown_as_json

LAST_DAY = date.today() + timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Terms:
    """A grant to one recipient, and the user who comes by it."""

    user: str
    to: str
    profile: str
    sections: tuple[str, ...]

    @property
    def forbidden(self) -> list[str]:
        return unshared(self.profile, self.sections)


GRANTS = (
    Terms("agencia", "pnp", "SID", ("RES",)),
    Terms("agencia", "pnp", "RES", ("RES", "HEC", "AGR", "IMP", "DEL", "ACT", "PLA", "EXP", "SEN", "MCO", "MPR", "ATE", "DOC")),
    Terms("agencia", "pnp", "SID", ("RES", "AGR", "ACT")),
    Terms("agencia", "pnp", "COM", ("RES", "HEC", "IMP", "SEN", "EXP", "MCO")),
    Terms("victimas", "user:victimas", "SID", ("RES", "AGR", "MPR", "ATE", "DOC", "PLA")),
    Terms("fiscal.lim", "office:lim", "SID", ("RES", "DEL", "ACT", "EXP")),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, World, Folder]:
    """A database with the small world and the folder."""
    app, world = Databases(tmp_path_factory.mktemp("filled"), None).peopled
    with app.app_context():
        return app, world, folder_with_canaries(world)


@pytest.fixture
def app(filled: tuple[Flask, World, Folder]) -> Iterator[Flask]:
    """The application on that database; whatever a test writes is undone after it."""
    with one_transaction(filled[0]):
        yield filled[0]


@pytest.fixture
def world(filled: tuple[Flask, World, Folder]) -> World:
    return filled[1]


@pytest.fixture
def folder(app: Flask, filled: tuple[Flask, World, Folder]) -> Folder:
    return filled[2]


def share(app: Flask, world: World, folder: Folder, terms: Terms) -> None:
    with app.app_context():
        now = datetime.now(UTC)
        shared(
            world,
            folder.number,
            terms.to,
            accepted_by=terms.user,
            by=world.viewer("fiscal.mdd", at=now),
            at=now,
            profile=terms.profile,
            sections=terms.sections,
            valid_until=LAST_DAY,
        )


def crawled(app: Flask, client: Visitor, folder: Folder, terms: Terms) -> Crawl:
    crawl = Crawl(client, [*terms.forbidden, folder.other])
    crawl.follow(f"/denuncias/{folder.number}")
    crawl.dead_ends = frozenset(crawl.refused)
    for address in (*everything(app, folder), *lists(folder.number)):
        crawl.get(address)
    files(crawl, folder.number, (1, 2))
    return crawl


@pytest.mark.parametrize("terms", GRANTS, ids=lambda one: f"{one.user}-{one.profile}-{len(one.sections)}")
def test_what_is_not_shared_comes_up_nowhere(
    app: Flask,
    world: World,
    folder: Folder,
    sign_in: Callable[[str], Visitor],
    terms: Terms,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    share(app, world, folder, terms)
    crawl = crawled(app, sign_in(terms.user), folder, terms)
    assert f"/denuncias/{folder.number}" in crawl.read - crawl.refused
    if terms.user != "victimas":
        crawl.look("json", shown_as_json(app, terms.user, folder.number, tmp_path / "d.json"))
    crawl.look("log", caplog.text)
    assert crawl.found == set()
    assert crawl.dead_ends == frozenset(), "a link leads a recipient to a refusal"


def test_what_is_shared_does_come_up(app: Flask, world: World, folder: Folder, sign_in: Callable[[str], Visitor]) -> None:
    """Otherwise the crawl would find nothing whatever leaked."""
    terms = Terms("agencia", "pnp", "SID",
                  ("RES", "HEC", "AGR", "IMP", "DEL", "ACT", "PLA", "EXP", "SEN", "MCO", "MPR", "ATE", "DOC"))
    share(app, world, folder, terms)
    crawl = Crawl(
        sign_in("agencia"), [canary(code) for code in ("RES", "HEC", "AGR", "IMP", "ACT", "EXP", "SEN", "DOC", "MPR", "ACT+EXP")]
    )
    crawl.follow(f"/denuncias/{folder.number}")
    assert {word for _where, word in crawl.found} == set(crawl.forbidden)


def _open_everything(*args: Any) -> Clearance:
    return Clearance.CASE


def _reads(self: Standing, *sections: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("owner", "name", "wrong"), [(lens, "into", _open_everything), (Standing, "reads", _reads)], ids=["lens", "standing"]
)
def test_a_planted_leak_is_found(
    app: Flask,
    world: World,
    folder: Folder,
    sign_in: Callable[[str], Visitor],
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    wrong: Any,
) -> None:
    terms = Terms("agencia", "pnp", "RES", ("RES", "AGR", "ACT"))
    share(app, world, folder, terms)
    monkeypatch.setattr(owner, name, wrong)
    crawl = Crawl(sign_in("agencia"), [*terms.forbidden, folder.other])
    crawl.follow(f"/denuncias/{folder.number}")
    for address in everything(app, folder):
        crawl.get(address)
    assert crawl.found


# -- filters and counts ---------------------------------------------------------------------------------------------------------


def test_the_deadline_filter_tells_nothing_where_deadlines_are_not_shared(
    app: Flask, world: World, folder: Folder, sign_in: Callable[[str], Visitor]
) -> None:
    share(app, world, folder, Terms("agencia", "pnp", "SID", ("RES", "ACT")))
    client = sign_in("agencia")
    for code in facets.CHARGES["plazo"].words:
        assert folder.number not in client.get(f"/denuncias/?plazo={code}").text, code


@pytest.mark.parametrize(("sections", "found"), [(("RES", "ACT"), False), (("RES", "EXP"), True)])
def test_a_docket_finds_only_where_court_cases_are_shared(
    app: Flask, world: World, folder: Folder, sign_in: Callable[[str], Visitor], sections: tuple[str, ...], found: bool
) -> None:
    share(app, world, folder, Terms("agencia", "pnp", "SID", sections))
    assert ("/expedientes/1" in sign_in("agencia").get(f"/buscar/?q={DOCKET}").text) == found


@pytest.mark.parametrize(("profile", "found"), [("RES", False), ("SID", True)])
def test_a_former_number_finds_only_where_texts_are_shared(
    app: Flask, world: World, folder: Folder, sign_in: Callable[[str], Visitor], profile: str, found: bool
) -> None:
    share(app, world, folder, Terms("agencia", "pnp", profile, ("RES", "EXP")))
    page = sign_in("agencia").get(f"/buscar/?q={canary('RES')}").text
    assert (f"/denuncias/{folder.number}" in page) == found
    assert ("/expedientes/1" in sign_in("agencia").get(f"/buscar/?q={canary('EXP')}").text) == found


def test_the_json_of_a_recipient_holds_no_measure_of_the_other_kind(
    app: Flask, world: World, folder: Folder, tmp_path: Any
) -> None:
    share(app, world, folder, Terms("agencia", "pnp", "SID", ("RES", "MCO")))
    content = json.loads(shown_as_json(app, "agencia", folder.number, tmp_path / "d.json").partition("\n}")[0] + "\n}")
    assert [one["kind"] for one in content["medidas"]] == ["COE"]
    assert set(content) == {"denuncia", "medidas"}


# -- identities -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "sections", "codes", "status"),
    [
        ("COM", ("AGR",), ["A-2"], 200),
        ("COM", ("AGR",), ["A-1"], 403),
        ("COM", ("AGR",), ["I-1"], 403),
        ("COM", ("AGR",), ["A-2", "A-1"], 403),
        ("COM", ("AGR",), ["denuncia"], 403),
        ("SID", ("AGR",), ["A-2"], 403),
    ],
)
def test_an_identity_is_revealed_of_adults_in_a_section_of_the_full_profile_alone(
    app: Flask,
    world: World,
    folder: Folder,
    sign_in: Callable[[str], Visitor],
    profile: str,
    sections: tuple[str, ...],
    codes: list[str],
    status: int,
) -> None:
    share(app, world, folder, Terms("agencia", "pnp", profile, sections))
    client = sign_in("agencia")
    with app.app_context(), unit_of_work():
        db.session.execute(update(SignInSession).values(stepped_up_at=datetime.now(UTC)))
    answer = client.post(f"/denuncias/{folder.number}/identidades", data={"codes": codes, "reason_code": "PRO"})
    assert answer.status_code == status or (status == 403 and answer.status_code == 422)
    assert (canary("IDENTIDAD") in answer.text) == (status == 200)
    assert canary("SELLADO") not in answer.text
