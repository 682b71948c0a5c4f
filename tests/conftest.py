"""What every test may ask for. Tests of verbs take `session`, tests of pages `client` or `sign_in`, never both at once.

`app`, `session`, `world`, `client` and `sign_in` share one database whose changes are undone after each test.
`own_database` is a database for one test alone: for threads, the browser, killed processes and forged rows.
A test marked `both_databases` runs on SQLite and on PostgreSQL, any other on SQLite. Under CI a skipped test fails.
"""
from __future__ import annotations

import gc
import os
import shutil
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy.orm import scoped_session
from werkzeug.serving import make_server

from sistra.db import db
from sistra.services import signin
from sistra.services.unit import unit_of_work
from sistra.web import guards
from tests.factories.databases import Databases, OwnDatabase, one_transaction
from tests.factories.postgresql import Cluster, Missing
from tests.factories.world import PASSWORD, World, build_world

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                      "--disable-sync", "--no-first-run")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs on SQLite and on PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        kinds: list[Any] = ["sqlite"]
        if metafunc.definition.get_closest_marker("both_databases"):
            kinds.append(pytest.param("postgresql", marks=pytest.mark.postgresql))
        metafunc.parametrize("database_kind", kinds, indirect=True, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Takes what was imported and collected, some nine thousand tests, out of the sight of the garbage collector.

    It would go through all of it again and again, and nothing of it is ever garbage.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 50)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    return _no_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    return _no_skips((yield))


def _no_skips(report: Any) -> Any:
    """Under CI everything must run: what is skipped there fails, with the reason it gave."""
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped under CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def quick_hashing() -> Iterator[None]:
    """Passwords hashed with the least of work: the hash of production is made to take its time."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(signin, "_hasher", hasher)
        patch.setattr(signin, "_NOBODY", hasher.hash("nobody"))
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server of the tests' own."""
    try:
        cluster = Cluster()
    except Missing as missing:
        pytest.skip(str(missing))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def _kinds() -> dict[str, Databases]:
    return {}


@pytest.fixture
def databases(database_kind: str, _kinds: dict[str, Databases], request: pytest.FixtureRequest,
              tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Where databases of the test's kind come from."""
    if database_kind not in _kinds:
        cluster = request.getfixturevalue("postgresql") if database_kind == "postgresql" else None
        _kinds[database_kind] = Databases(tmp_path_factory.mktemp(database_kind), cluster)
    return _kinds[database_kind]


@pytest.fixture
def app(databases: Databases, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application; whatever is written during the test, commits included, is undone after it.

    The small world is in its database for the tests that ask for it.
    """
    shared = databases.peopled[0] if "world" in request.fixturenames else databases.shared
    with one_transaction(shared):
        yield shared


@pytest.fixture
def world(app: Flask, databases: Databases) -> World:
    """Agencies, offices and users by short name, committed before the test began."""
    return databases.peopled[1]


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Any]]:
    """An open application context and its session: for verbs, scopes and lenses. Not together with `client`."""
    with app.app_context():
        yield db.session


class Visitor(FlaskClient):
    """A client that refuses to call while an application context is open: Flask-Login would remember its user."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        assert not has_app_context(), (
            "close the application context (and its transaction) before calling the application"
        )
        return super().open(*args, **kwargs)


def visitor(app: Flask) -> Visitor:
    app.test_client_class = Visitor
    client: Visitor = app.test_client()  # type: ignore[assignment]
    return client


def signed_in(app: Flask, username: str) -> tuple[str, str]:
    """Name and value of the cookie of a session just begun for a user of the small world."""
    from sistra.web.guards import cookie_name

    with app.app_context():
        begun = signin.sign_in(
            username,
            PASSWORD,
            at=datetime.now(UTC),
            address="127.0.0.1",
            device=None,
            agent="tests",
            ask_second_factor=False,
        )
        return cookie_name(), begun.token


@pytest.fixture
def client(app: Flask) -> Visitor:
    """A visitor without a session."""
    return visitor(app)


@pytest.fixture
def sign_in(app: Flask, world: World) -> Callable[[str], Visitor]:
    """`sign_in("fiscal.mdd")`: a visitor of its own with a session of that user."""
    def begin(username: str) -> Visitor:
        client = visitor(app)
        client.set_cookie(*signed_in(app, username))
        return client
    return begin


class Clock(datetime):
    """The clock of the door, which can be put forward, set back and let go on."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Clock]]:
    """What every request takes for the present instant: `clock.ahead = timedelta(minutes=-5)`."""
    monkeypatch.setattr(guards, "datetime", Clock)
    yield Clock
    Clock.ahead = timedelta()


@pytest.fixture
def own_database(databases: Databases) -> Iterator[OwnDatabase]:
    """A database for this test alone: `.url`, `.app`, and `.path` on SQLite. Nothing in it but the schema."""
    own = OwnDatabase(databases)
    yield own
    own.drop()


template_database = own_database
"""The same under the name of how it is made."""


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[OwnDatabase]:
    """As `own_database`, without any table."""
    own = OwnDatabase(databases, empty=True)
    yield own
    own.drop()


@dataclass(frozen=True, slots=True)
class LiveServer:
    """The application answering on a port of the loopback, with the small world in its database."""

    url: str
    app: Flask
    world: World


@pytest.fixture
def live_server(own_database: OwnDatabase) -> Iterator[LiveServer]:
    """A server over a database of its own."""
    app = own_database.app
    with app.app_context(), unit_of_work():
        built = build_world()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["BASE_URL"] = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield LiveServer(app.config["BASE_URL"], app, built)
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not os.path.exists(CHROMIUM) and not shutil.which("chromium"):
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=CHROMIUM if os.path.exists(CHROMIUM) else shutil.which("chromium"),
            args=list(CHROMIUM_ARGUMENTS),
        )
        yield chromium
        chromium.close()


def context_for(browser: Any, live_server: LiveServer, username: str = "", **settings: Any) -> Any:
    """A browser context of its own, where that user is signed in, or nobody; addresses are relative to the live server."""
    context = browser.new_context(base_url=live_server.url, locale="es-PE", timezone_id="America/Lima", **settings)
    if username:
        name, token = signed_in(live_server.app, username)
        context.add_cookies([{"name": name, "value": token, "url": live_server.url}])
    return context


@pytest.fixture
def page(browser: Any, live_server: LiveServer) -> Iterator[Any]:
    """A page in a context of its own; addresses are relative to the live server."""
    context = context_for(browser, live_server)
    yield context.new_page()
    context.close()


@pytest.fixture
def page_of(browser: Any, live_server: LiveServer) -> Iterator[Callable[[str], Any]]:
    """`page_of("fiscal.mdd")`: a page in a context of its own where that user is signed in."""
    contexts = []

    def begin(username: str) -> Any:
        contexts.append(context_for(browser, live_server, username))
        return contexts[-1].new_page()
    yield begin
    for context in contexts:
        context.close()
