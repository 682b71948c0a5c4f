"""Saved forms: kept exactly as typed, encrypted, for their author alone; forms accepted once."""
from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.db import db
from sistra.models.charges import SavedForm
from sistra.rules.problems import Rejected
from sistra.services import charges, drafts
from sistra.services.unit import Repeated, unit_of_work
from tests.factories.charges import open_charge
from tests.factories.world import World

pytestmark = pytest.mark.both_databases

TYPED = {"received_on": ["31/2/2026 "], "summary": ["<b>=1+1</b>\r\n\u0000 漢字 Ñusta"], "purpose_known": ["SEX", "nada"]}


def keep(world: World, name: str, **more: Any) -> None:
    with unit_of_work():
        drafts.keep(world.viewer(name), "charges.create", TYPED, **more)


def test_any_text_comes_back_identical(session: Any, world: World) -> None:
    keep(world, "fiscal.mdd")
    draft = drafts.resume(world.viewer("fiscal.mdd"), "charges.create")
    assert draft is not None and draft.texts == TYPED


def test_saving_again_replaces(session: Any, world: World) -> None:
    keep(world, "fiscal.mdd")
    keep(world, "fiscal.mdd")
    assert len(db.session.scalars(select(SavedForm)).all()) == 1


def test_a_draft_is_its_authors_alone(session: Any, world: World) -> None:
    keep(world, "fiscal.mdd")
    assert drafts.resume(world.viewer("fiscal2.mdd"), "charges.create") is None
    assert drafts.own(world.viewer("fiscal2.mdd")) == []


def test_what_was_typed_is_not_in_the_database_in_plain(session: Any, world: World) -> None:
    keep(world, "fiscal.mdd")
    assert "Ñusta".encode() not in db.session.scalars(select(SavedForm.payload)).one()


def test_a_draft_of_a_charge_out_of_sight_cannot_be_kept(session: Any, world: World) -> None:
    number = open_charge(world.viewer("fiscal.mdd"))
    with pytest.raises(NotVisible):
        keep(world, "fiscal.lim", number=number)
    with pytest.raises(Forbidden):
        keep(world, "coordinadora", number=number)


def test_a_draft_disappears_with_the_sight_of_its_charge(session: Any, world: World) -> None:
    number = open_charge(world.viewer("fiscal.mdd"))
    keep(world, "fiscal2.mdd", number=number)
    assert len(drafts.own(world.viewer("fiscal2.mdd"))) == 1
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=1)
    assert drafts.own(world.viewer("fiscal2.mdd")) == []


def test_a_form_longer_than_the_limit_is_refused(session: Any, world: World) -> None:
    with pytest.raises(Rejected), unit_of_work():
        drafts.keep(world.viewer("fiscal.mdd"), "charges.create", {"summary": ["x" * (drafts.LIMIT + 1)]})


def test_an_accepted_form_remembers_where_it_led(session: Any, world: World) -> None:
    with unit_of_work():
        drafts.accept(world.viewer("fiscal.mdd"), "token-1", "/denuncias/X")
    assert drafts.accepted(world.viewer("fiscal.mdd"), "token-1") == "/denuncias/X"
    assert drafts.accepted(world.viewer("fiscal2.mdd"), "token-1") is None


def test_a_token_is_accepted_once(session: Any, world: World) -> None:
    with unit_of_work():
        drafts.accept(world.viewer("fiscal.mdd"), "token-1", "/a")
    with pytest.raises(Repeated), unit_of_work():
        drafts.accept(world.viewer("fiscal.mdd"), "token-1", "/b")
