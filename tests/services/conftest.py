"""Who acts, and on what, in most tests of verbs: a prosecutor of the office, a colleague, a charge with its parts."""
from __future__ import annotations

from typing import Any

import pytest

from sistra.access.viewer import Viewer
from tests.factories.files import File, a_file
from tests.factories.world import World


@pytest.fixture
def fiscal(session: Any, world: World) -> Viewer:
    """The prosecutor who is responsible for what they open."""
    return world.viewer("fiscal.mdd")


@pytest.fixture
def colleague(session: Any, world: World) -> Viewer:
    """Another prosecutor of the same office."""
    return world.viewer("fiscal2.mdd")


@pytest.fixture
def file(fiscal: Viewer) -> File:
    """A charge of `fiscal` with victims, accused and counts."""
    return a_file(fiscal)
