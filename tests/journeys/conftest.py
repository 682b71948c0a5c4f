"""Pages with and without script, for the journeys."""
from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import LiveServer, context_for


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def page_for(scripted: bool, browser: Any, live_server: LiveServer) -> Any:
    """`page_for("agencia")`: a page where that user is signed in; `page_for()`: one where nobody is. With and without script."""
    contexts = []

    def begin(username: str = "") -> Any:
        contexts.append(context_for(browser, live_server, username, java_script_enabled=scripted))
        return contexts[-1].new_page()
    yield begin
    for context in contexts:
        context.close()
