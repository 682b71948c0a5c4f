"""Documents: encrypted as they came, opened only to whom they are for, refused where they are not what they say."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import func, select

from sistra.access.standing import Forbidden, NotVisible
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.rules.entries import Entry
from sistra.rules.file_kinds import KINDS, kind_of
from sistra.rules.problems import Rejected
from sistra.rules.sealed_files import PIECE, plain_pieces, sealed_pieces
from sistra.rules.sealing import Unsealable, new_key
from sistra.services import attachments, file_store
from sistra.services.attachments import Upload
from sistra.services.unit import unit_of_work
from tests.factories.rows import a_charge, a_victim, made
from tests.factories.world import World

SECRET = b"%PDF-1.7\nla canaria de la carpeta fiscal canta\n%%EOF"
_FACTS: Mapping[str, Any] = {"kind": "DIS", "title": "Disposición de apertura", "contains_identity": False}


def _upload(content: bytes = SECRET, name: str = "apertura.pdf") -> Upload:
    return Upload(name, BytesIO(content), len(content))


@pytest.fixture(autouse=True)
def own_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "FILES", str(tmp_path / "files"))


@pytest.fixture
def number(session: Any, world: World) -> str:
    with unit_of_work():
        return a_charge(world.offices["mdd"], world.users["fiscal.mdd"]).number


def _add(
    world: World, number: str, upload: Upload | None = None, *, by: str = "fiscal.mdd", replaces: int | None = None, **facts: Any
) -> int:
    with unit_of_work():
        return attachments.add(world.viewer(by), number, Entry("attachment", dict(_FACTS) | facts), upload, replaces=replaces)


def _stored(app: Flask) -> list[Path]:
    return [path for path in Path(app.config["FILES"]).rglob("*") if path.is_file()]


def _sentence(refused: pytest.ExceptionInfo[Rejected]) -> str:
    return "; ".join(str(problem) for problem in refused.value.problems)


# -- keeping --------------------------------------------------------------------------------------------------------------------


def test_what_was_added_is_read_back_byte_by_byte(world: World, number: str) -> None:
    content = SECRET * 50_000
    key = _add(world, number, _upload(content))
    with unit_of_work():
        opened = attachments.open_file(world.viewer("fiscal.mdd"), number, key)
    assert (
        sha256(b"".join(opened.pieces)).hexdigest() == sha256(content).hexdigest() == db.session.get_one(Attachment, key).sha256
    )
    assert opened.size == len(content)


def test_the_store_holds_no_readable_byte_of_a_file(app: Flask, world: World, number: str) -> None:
    _add(world, number, _upload(SECRET * 1000))
    (path,) = _stored(app)
    assert b"canaria" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_the_name_that_a_file_bore_is_not_kept(world: World, number: str) -> None:
    row = db.session.get_one(Attachment, _add(world, number, _upload(name="Declaración de Fulana.pdf")))
    assert row.file_name == f"{number}-documento-{row.id}.pdf"


def test_a_document_may_be_a_cited_source_without_file(app: Flask, world: World, number: str) -> None:
    key = _add(world, number, source_reference="Portal del Poder Judicial, jurisprudencia")
    assert _stored(app) == []
    with pytest.raises(NotVisible):
        attachments.open_file(world.viewer("fiscal.mdd"), number, key)


def test_a_document_without_file_and_source_is_refused(world: World, number: str) -> None:
    with pytest.raises(Rejected) as refused:
        _add(world, number, source_reference=Unknown.NOT_KNOWN)
    assert "Elija un archivo" in _sentence(refused)


def test_a_file_whose_act_is_not_kept_is_gone(app: Flask, world: World, number: str) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        attachments.add(world.viewer("fiscal.mdd"), number, Entry("attachment", dict(_FACTS)), _upload())
        assert len(_stored(app)) == 1
        raise ZeroDivisionError
    assert _stored(app) == []


def test_a_newer_version_stands_in_the_list_and_the_older_stays(world: World, number: str) -> None:
    first = _add(world, number, _upload())
    second = _add(world, number, _upload(SECRET + b"\n"), replaces=first)
    (listed,) = attachments.listed(world.viewer("fiscal.mdd"), number)
    assert listed.view.id == second and [view.id for view in listed.versions] == [first]
    with pytest.raises(Rejected):
        _add(world, number, _upload(), replaces=first)


def test_a_document_names_only_people_of_its_own_charge(world: World, number: str) -> None:
    with unit_of_work():
        other = a_victim(a_charge(world.offices["mdd"], world.users["fiscal.mdd"])).id
    with pytest.raises(Rejected):
        _add(world, number, _upload(), victims=(other,))


# -- opening --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facts", [{"contains_identity": True}, {"contains_identity": Unknown.NOT_KNOWN}])
def test_a_document_that_may_name_people_opens_to_the_team_with_a_reason(
    world: World, number: str, facts: dict[str, Any]
) -> None:
    key = _add(world, number, _upload(), **facts)
    with pytest.raises(Forbidden):
        attachments.open_file(world.viewer("fiscal2.mdd"), number, key, reason_code="DIL")
    with pytest.raises(Rejected):
        attachments.open_file(world.viewer("fiscal.mdd"), number, key)
    with unit_of_work():
        attachments.open_file(world.viewer("fiscal.mdd"), number, key, reason_code="DIL")
    (entry,) = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "attachment.read"))
    assert (entry.thing_id, entry.reason) == (key, "DIL")


@pytest.mark.parametrize("facts", [{"confidentiality": "SEL"}, {"kind": "EUN"}])
def test_a_sealed_document_does_not_exist_outside_the_team(world: World, number: str, facts: dict[str, Any]) -> None:
    key = _add(world, number, _upload(), **facts)
    assert attachments.listed(world.viewer("fiscal2.mdd"), number) == []
    for verb in (attachments.show, attachments.open_file):
        with pytest.raises(NotVisible):
            verb(world.viewer("fiscal2.mdd"), number, key)


def test_a_document_of_another_charge_is_not_found_under_this_one(world: World, number: str) -> None:
    with unit_of_work():
        other = a_charge(world.offices["mdd"], world.users["fiscal.mdd"]).number
    with pytest.raises(NotVisible):
        attachments.open_file(world.viewer("fiscal.mdd"), other, _add(world, number, _upload()))


def test_who_does_not_see_the_charge_finds_no_document(world: World, number: str) -> None:
    with pytest.raises(NotVisible):
        attachments.open_file(world.viewer("fiscal.lim"), number, _add(world, number, _upload()))


def test_a_coordinator_reads_and_does_not_add(world: World, number: str, session: Any) -> None:
    from sistra.models.charges import Charge, ChargeAccess

    with unit_of_work():
        charge = session.scalars(select(Charge)).one()
        made(ChargeAccess, principal="subsystem", charge_id=charge.id, outline=False)
    with pytest.raises(Forbidden):
        _add(world, number, _upload(), by="coordinadora")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b"\0" + path.read_bytes()[1:]),
    ],
    ids=["missing", "cut", "changed"],
)
def test_a_damaged_file_is_not_handed_out(app: Flask, world: World, number: str, spoil: Any) -> None:
    key = _add(world, number, _upload())
    spoil(_stored(app)[0])
    with pytest.raises(file_store.Damaged):
        attachments.open_file(world.viewer("fiscal.mdd"), number, key)


# -- refusing -------------------------------------------------------------------------------------------------------------------


def _zip(**entries: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}.items():
            archive.writestr(name, content)
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return stream.getvalue()


_BOMB = _zip(word__media__x=bytes(210 * 1024 * 1024))
_REFUSED = {
    "an unknown ending": ("programa.exe", b"MZ\x90", "Elija un archivo"),
    "no ending": ("archivo", SECRET, "Elija un archivo"),
    "an empty file": ("vacio.pdf", b"", "vacío"),
    "a program called pdf": ("acta.pdf", b"MZ\x90\0", "no es del formato"),
    "a page called txt": ("nota.txt", b"  <!DOCTYPE html><script>", "no es del formato"),
    "a picture called png": ("foto.png", b"\xff\xd8\xff", "no es"),
    "binary called txt": ("nota.txt", b"hola\0", "no es del formato"),
    "a zip called docx": ("x.docx", _zip()[:40], "no es del formato"),
    "a workbook called docx": ("x.xlsx", _zip(), "no es del formato"),
    "a bomb": ("x.docx", _BOMB, "demasiado"),
    "macros": ("x.docx", _zip(word__vbaProject_dot_bin=b"x"), "macros"),
    "a path out of the archive": ("x.docx", _zip(**{"..__..__x": b"x"}), "no es del formato"),
    "more than 20 MB": ("x.pdf", b"%PDF-" + bytes(20 * 1024 * 1024), "20 MB"),
}


@pytest.mark.parametrize(("name", "content", "sentence"), _REFUSED.values(), ids=list(_REFUSED))
def test_what_is_no_document_is_refused_with_a_sentence_and_nothing_is_kept(
    app: Flask, world: World, number: str, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(Rejected) as refused:
        _add(world, number, _upload(content, name))
    assert sentence in _sentence(refused) and [problem.field for problem in refused.value.problems] == ["file"]
    assert _stored(app) == [] and db.session.scalar(select(func.count(Attachment.id))) == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", SECRET),
        ("a.JPG", b"\xff\xd8\xff\xe0"),
        ("a.jpeg", b"\xff\xd8\xff\xe0"),
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("a.docx", _zip()),
        ("a.xlsx", _zip(xl__workbook_dot_xml=b"<x/>")),
        ("a.txt", "Relación de hechos".encode("cp1252")),
    ],
)
def test_the_kinds_of_a_case_are_taken(name: str, content: bytes) -> None:
    assert kind_of(name, BytesIO(content), len(content)) is KINDS["." + name.rpartition(".")[2].lower()]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "..\\..\\x.pdf", "/tmp/x.pdf", "a\0b.pdf", "x" * 300 + ".pdf", ".pdf.pdf"]
)
def test_no_name_leads_out_of_the_store(app: Flask, world: World, number: str, name: str) -> None:
    _add(world, number, _upload(name=name))
    (path,) = _stored(app)
    assert path.resolve().is_relative_to(Path(app.config["FILES"]).resolve()) and len(path.name) == 32


# -- pieces ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_a_file_of_any_length_opens_as_it_was(size: int) -> None:
    key, plain = new_key(), bytes(size)
    stored = b"".join(sealed_pieces(key, BytesIO(plain), "here"))
    assert b"".join(plain_pieces(key, BytesIO(stored), "here")) == plain


@given(position=some.integers(min_value=0, max_value=2 * PIECE + 55), bit=some.integers(min_value=0, max_value=7))
def test_a_changed_bit_anywhere_closes_the_file(position: int, bit: int) -> None:
    changed = bytearray(_SEALED)
    changed[position] ^= 1 << bit
    with pytest.raises(Unsealable):
        list(plain_pieces(_KEY, BytesIO(bytes(changed)), "here"))


_KEY = new_key()
_SEALED = b"".join(sealed_pieces(_KEY, BytesIO(bytes(2 * PIECE)), "here"))


def test_pieces_left_out_swapped_or_from_elsewhere_close_the_file() -> None:
    one = PIECE + 28
    for stored, place in ((_SEALED[:one], "here"), (_SEALED[one:] + _SEALED[:one], "here"), (_SEALED, "there"), (b"", "here")):
        with pytest.raises(Unsealable):
            list(plain_pieces(_KEY, BytesIO(stored), place))
