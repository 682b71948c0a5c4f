"""Documents of a court case: under its own key, within the sight of its charges, withdrawn without being lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from sistra.access import vault
from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.rules.sealed_files import plain_pieces
from sistra.services import (
    attachments,
    backup,
    case_history,
    court_case_links,
    court_cases,
    court_event_pages,
    exports,
    file_store,
    oversight,
    people,
)
from sistra.services.attachments import Upload
from sistra.services.unit import unit_of_work
from tests.factories.cases import DOCKET, a_case, a_sealed_file, act
from tests.factories.databases import OwnDatabase
from tests.factories.files import File, a_file
from tests.factories.world import World, build_world

SECRET = b"%PDF-1.7\nla canaria del expediente canta\n%%EOF"
_FACTS: Mapping[str, Any] = {"kind": "RES", "title": "Auto de enjuiciamiento", "contains_identity": False}
NOW = datetime(2026, 3, 27, 16, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "FILES", str(tmp_path / "files"))


@dataclass(frozen=True)
class Matter:
    """A court case of an open charge and of a sealed one, that only `team` sees."""

    team: Viewer
    other: Viewer
    file: File
    hidden: File
    case: int


@pytest.fixture
def matter(session: Any, world: World) -> Matter:
    team = world.viewer("fiscal.mdd")
    file, hidden = a_file(team), a_sealed_file(team)
    case = a_case(team, file)
    with unit_of_work():
        court_case_links.link(team, case, number=hidden.number, reason="CNX")
    return Matter(team, world.viewer("fiscal2.mdd"), file, hidden, case)


def _add(viewer: Viewer, place: str | int, content: bytes = SECRET, *, replaces: int | None = None, **facts: Any) -> int:
    entry = Entry("attachment", dict(_FACTS) | facts)
    with unit_of_work():
        return attachments.add(viewer, place, entry, Upload("auto.pdf", BytesIO(content), len(content)), replaces=replaces)


def _opened(viewer: Viewer, place: str | int, key: int, **reason: str) -> bytes:
    with unit_of_work():
        return b"".join(attachments.open_file(viewer, place, key, **reason).pieces)


def _titles(viewer: Viewer, case: int) -> list[str]:
    return [str(one.view.title) for one in attachments.listed(viewer, case)]


def _withdraw(viewer: Viewer, place: str | int, key: int, reason: str = "Se agregó por error") -> None:
    with unit_of_work():
        attachments.withdraw(viewer, place, key, reason=reason)


# -- keeping ----------------------------------------------------------------------------------------------------------


def test_a_document_of_a_court_case_is_read_back_byte_by_byte(matter: Matter) -> None:
    content = SECRET * 40_000
    assert _opened(matter.team, matter.case, _add(matter.team, matter.case, content)) == content


def test_its_file_opens_with_the_key_of_the_court_case(matter: Matter) -> None:
    row = db.session.get_one(Attachment, _add(matter.team, matter.case))
    key = vault.data_key(("court_case", matter.case))
    with file_store.path_of(row.storage_key).open("rb") as stored:
        assert b"".join(plain_pieces(key, stored, f"attachment:{row.storage_key}")) == SECRET


def test_its_file_bears_the_docket_number(matter: Matter) -> None:
    row = db.session.get_one(Attachment, _add(matter.team, matter.case))
    assert row.file_name == f"expediente-{DOCKET}-documento-{row.id}.pdf"


@pytest.mark.both_databases
@pytest.mark.parametrize("folders", ["charge_id = NULL, court_case_id = NULL", "charge_id = 1, court_case_id = 1"])
def test_the_database_keeps_a_document_in_one_folder(matter: Matter, folders: str) -> None:
    key = _add(matter.team, matter.case)
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE attachment SET {folders} WHERE id = {key}"))
    db.session.rollback()


def test_a_supervisor_reads_and_neither_adds_nor_withdraws(matter: Matter, world: World) -> None:
    key, supervisor = _add(matter.team, matter.case), world.viewer("coordinadora")
    assert _opened(supervisor, matter.case, key) == SECRET
    with pytest.raises(Forbidden):
        _add(supervisor, matter.case)
    with pytest.raises(Forbidden):
        _withdraw(supervisor, matter.case, key)


def test_a_court_case_and_a_charge_do_not_open_each_others_documents(matter: Matter) -> None:
    of_case, of_charge = _add(matter.team, matter.case), _add(matter.team, matter.file.number)
    for place, key in ((matter.file.number, of_case), (matter.case, of_charge)):
        with pytest.raises(NotVisible):
            attachments.show(matter.team, place, key)


# -- sight ------------------------------------------------------------------------------------------------------------


def test_a_court_case_out_of_sight_has_no_documents(matter: Matter, world: World) -> None:
    key, stranger = _add(matter.team, matter.case), world.viewer("fiscal.lim")
    for asked in (lambda: attachments.listed(stranger, matter.case), lambda: _opened(stranger, matter.case, key)):
        with pytest.raises(NotVisible):
            asked()


def test_a_document_about_people_of_a_sealed_charge_is_known_to_its_team_only(matter: Matter) -> None:
    key = _add(matter.team, matter.case, victims=(matter.hidden.victims[0],))
    assert (_titles(matter.team, matter.case), _titles(matter.other, matter.case)) == ([_FACTS["title"]], [])
    with pytest.raises(NotVisible):
        _opened(matter.other, matter.case, key)
    assert court_cases.folder(matter.other, matter.case).counted["attachments"] == 0


def test_people_out_of_sight_are_not_told_of_a_shared_document(matter: Matter) -> None:
    key = _add(matter.team, matter.case, victims=(matter.file.victims[0], matter.hidden.victims[0]))
    mine, theirs = (attachments.show(who, matter.case, key) for who in (matter.team, matter.other))
    assert (len(mine.victims), len(theirs.victims), theirs.view.victims) == (2, 1, (matter.file.victims[0],))


def test_nobody_names_people_out_of_sight(matter: Matter) -> None:
    with pytest.raises(Rejected) as refused:
        _add(matter.other, matter.case, victims=(matter.hidden.victims[0],))
    assert [one.field for one in refused.value.problems] == ["victims"]


def test_a_newer_version_stays_about_people_whom_its_author_does_not_see(matter: Matter) -> None:
    first = _add(matter.team, matter.case, victims=(matter.file.victims[0], matter.hidden.victims[0]))
    newer = _add(matter.other, matter.case, replaces=first, victims=(matter.file.victims[1],))
    about = {one.id for one in db.session.get_one(Attachment, newer).victims}
    assert about == {matter.file.victims[1], matter.hidden.victims[0]}


@pytest.mark.parametrize("about", ["file", "hidden", None])
def test_a_document_of_identity_opens_with_a_reason_to_the_team_of_every_charge(
    matter: Matter, about: str | None
) -> None:
    named = {"accused": (getattr(matter, about).accused[0],)} if about else {}
    key = _add(matter.team, matter.case, contains_identity=True, **named)
    with pytest.raises(Rejected):
        _opened(matter.team, matter.case, key)
    assert _opened(matter.team, matter.case, key, reason_code="DIL") == SECRET


def test_who_is_on_the_team_of_one_charge_alone_opens_no_identity_of_the_whole_case(world: World, session: Any) -> None:
    one, two = world.viewer("fiscal.mdd"), world.viewer("fiscal2.mdd")
    own, foreign = a_file(one), a_file(two)
    case = a_case(one, own)
    with unit_of_work():
        court_case_links.link(one, case, number=foreign.number, reason="CNX")
    whole = _add(one, case, contains_identity=True)
    about_own = _add(one, case, contains_identity=True, accused=(own.accused[0],))
    with pytest.raises(Forbidden):
        _opened(one, case, whole, reason_code="DIL")
    assert _opened(one, case, about_own, reason_code="DIL") == SECRET
    with pytest.raises(Forbidden):
        _opened(two, case, about_own, reason_code="DIL")


def test_a_sealed_document_is_added_and_known_by_the_team_of_every_charge(matter: Matter) -> None:
    _add(matter.team, matter.case, confidentiality="SEL")
    assert _titles(matter.other, matter.case) == []
    with pytest.raises(Rejected) as refused:
        _add(matter.other, matter.case, confidentiality="SEL")
    assert [one.field for one in refused.value.problems] == ["confidentiality"]


def test_a_case_that_no_charge_is_linked_to_keeps_its_documents_in_its_office(world: World, session: Any) -> None:
    own = world.viewer("fiscal.mdd")
    with unit_of_work():
        case = court_cases.open_case(own, Entry("court_case", {"court_case_kind": "PRI"}))
    key = _add(own, case, contains_identity=True)
    assert _opened(own, case, key, reason_code="DIL") == SECRET
    assert db.session.get_one(Attachment, key).file_name == f"expediente-registro-{case}-documento-{key}.pdf"


# -- the trail --------------------------------------------------------------------------------------------------------


def test_adding_listing_and_opening_stand_in_the_history_of_the_court_case(matter: Matter) -> None:
    key = _add(matter.team, matter.case)
    with unit_of_work():
        attachments.listed(matter.team, matter.case)
    _opened(matter.team, matter.case, key)
    acts = [one.action for one in case_history.of_court_case(matter.team, matter.case)]
    assert acts[:3] == ["attachment.read", "attachments.listed", "attachment.added"]


def test_the_history_tells_of_a_document_only_to_who_may_know_it(matter: Matter) -> None:
    _add(matter.team, matter.case, accused=(matter.hidden.accused[0],))
    assert "attachment.added" not in [one.action for one in case_history.of_court_case(matter.other, matter.case)]


# -- taking back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["charge", "case"])
def test_a_withdrawn_document_leaves_the_folder_and_its_file_stays(matter: Matter, where: str) -> None:
    place: str | int = matter.case if where == "case" else matter.file.number
    key = _add(matter.team, place)
    _withdraw(matter.team, place, key)
    assert attachments.listed(matter.team, place) == []
    with pytest.raises(NotVisible):
        attachments.show(matter.team, place, key)
    assert file_store.path_of(db.session.get_one(Attachment, key).storage_key).exists()
    (entry,) = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "attachment.withdrawn"))
    assert (entry.thing_id, entry.reason) == (key, "Se agregó por error")


def test_withdrawing_the_newest_version_gives_the_former_back(matter: Matter) -> None:
    first = _add(matter.team, matter.case)
    newer = _add(matter.team, matter.case, replaces=first, title="Auto corregido")
    with pytest.raises(Rejected):
        _withdraw(matter.team, matter.case, first)
    _withdraw(matter.team, matter.case, newer)
    assert _titles(matter.team, matter.case) == [_FACTS["title"]]
    assert attachments.show(matter.team, matter.case, first).replaced_by is None
    _add(matter.team, matter.case, replaces=first)


def test_a_document_is_not_withdrawn_without_a_reason(matter: Matter) -> None:
    key = _add(matter.team, matter.case)
    with pytest.raises(Rejected) as refused:
        _withdraw(matter.team, matter.case, key, " ")
    assert [one.field for one in refused.value.problems] == ["reason"]


def test_a_document_that_an_act_names_is_not_withdrawn(matter: Matter) -> None:
    key = _add(matter.team, matter.case)
    act(matter.team, matter.case, "DEC-AGR", victims=(matter.file.victims[0],), attachment=key)
    with pytest.raises(Rejected):
        _withdraw(matter.team, matter.case, key)


def test_a_withdrawn_document_is_offered_to_no_act(matter: Matter) -> None:
    key = _add(matter.team, matter.case)
    assert key in dict(court_event_pages.choices(matter.team, matter.case).attachments)
    _withdraw(matter.team, matter.case, key)
    assert key not in dict(court_event_pages.choices(matter.team, matter.case).attachments)
    with pytest.raises(Rejected):
        act(matter.team, matter.case, "DEC-AGR", victims=(matter.file.victims[0],), attachment=key)


def test_a_withdrawn_document_holds_nobody_in_the_charge(session: Any, world: World) -> None:
    viewer = world.viewer("fiscal.mdd")
    file = a_file(viewer, accused=1, counts_of=())
    key = _add(viewer, file.number, accused=(file.accused[0],))
    with pytest.raises(Rejected), unit_of_work():
        people.withdraw(viewer, file.number, "I-1", reason="Error")
    _withdraw(viewer, file.number, key)
    with unit_of_work():
        people.withdraw(viewer, file.number, "I-1", reason="Error")


# -- printing, checking, backup ---------------------------------------------------------------------------------------


def _printed(viewer: Viewer, case: int) -> str:
    with unit_of_work():
        return repr(exports.of_court_case(viewer, case, ["documentos"], reason_code="ACT").sections)


def test_the_printed_court_case_lists_its_documents_in_sight(matter: Matter) -> None:
    _add(matter.team, matter.case, title="Acta reservada", accused=(matter.hidden.accused[0],))
    first = _add(matter.team, matter.case, title="Versión anterior")
    _add(matter.team, matter.case, title="Versión vigente", replaces=first)
    _add(matter.team, matter.file.number, title="De la denuncia")
    mine, theirs = (_printed(who, matter.case) for who in (matter.team, matter.other))
    assert "Versión vigente" in theirs and "Acta reservada" in mine
    assert not [told for told in ("Acta reservada", "Versión anterior", "De la denuncia") if told in theirs]


def test_the_check_of_files_misses_that_of_a_court_case(matter: Matter) -> None:
    row = db.session.get_one(Attachment, _add(matter.team, matter.case))
    assert oversight.stored_files(NOW).lost == ()
    file_store.path_of(row.storage_key).unlink()
    assert oversight.stored_files(NOW).lost == (row.storage_key,)


def test_a_backup_gives_the_documents_of_a_court_case_back(
    own_database: OwnDatabase, empty_database: OwnDatabase, tmp_path: Path
) -> None:
    with own_database.app.app_context():
        with unit_of_work():
            world = build_world()
        viewer = world.viewer("fiscal.mdd")
        case = a_case(viewer, a_file(viewer))
        key = _add(viewer, case)
        made = backup.create(tmp_path / "respaldo.tar", at=NOW)
    with empty_database.app.app_context():
        backup.restore(made.path, at=NOW)
        assert _opened(world.viewer("fiscal.mdd"), case, key) == SECRET
