"""Pages with and without script, and the clock of the door, for the journeys."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from sistra.web import guards
from tests.conftest import LiveServer, signed_in


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def page_for(scripted: bool, browser: Any, live_server: LiveServer) -> Any:
    """`page_for("agencia")`: a page where that user is signed in; `page_for()`: one where nobody is. With and without script."""
    contexts = []

    def begin(username: str = "") -> Any:
        context = browser.new_context(base_url=live_server.url, locale="es-PE", java_script_enabled=scripted)
        contexts.append(context)
        if username:
            name, token = signed_in(live_server.app, username)
            context.add_cookies([{"name": name, "value": token, "url": live_server.url}])
        return context.new_page()
    yield begin
    for context in contexts:
        context.close()


class Clock(datetime):
    """The clock of the door, which can be set back and let go on."""

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
