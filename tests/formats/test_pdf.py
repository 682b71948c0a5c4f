from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from reportlab import rl_config

from sistra.formats.dossier import Dossier, Fields, Grid, Paragraphs, Printed, Section, Timeline
from sistra.formats.flow import Printer
from sistra.formats.pdf import write_dossier, write_table
from sistra.formats.table import Column, Provenance, Table, digest
from sistra.formats.typeface import NO_GLYPH, Typeface, spelled

MOMENT = datetime(2026, 3, 28, 0, 38, tzinfo=UTC)
ACTIVE = ("/URI", "/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/GoToR", "/SubmitForm")
MARKUP = ["<b>unclosed", "<a href='http://example.org'>x</a>", "<img src='file:///etc/passwd'/>", "&amp;&lt;",
          "<br/><para>", "<font name='Nada'>x</font>", "]]>", "<!--", "&#0;", "a" * 3000, "línea\n" * 400, "W" * 900,
          "\x00\x1b[31m", "عربي עברית", "王小明 김민수 Иван", "\u202egpj.exe", "\ud800", "é", "😀",
          "\u2028\u2029", "", " ", "\n"]


def dossier_bytes(dossier: Dossier) -> bytes:
    stream = io.BytesIO()
    write_dossier(stream, dossier)
    return stream.getvalue()


def everywhere(text: str) -> Dossier:
    """A file with `text` in each place that takes a text."""
    table = Table("t", "T", [Column("a", text), Column("b", "B", "date")], [[text, text], [None, text]])
    return Dossier(text, text, text, text, [
        Section(text, [Fields([(text, text, "value"), (text, text, "reserved")]), Grid(table, text),
                       Grid(replace(table, rows=[]), text), Paragraphs([text]), Timeline([(text, text, text)])]),
    ], Printed(text, text, MOMENT, text, text, text))


def active(data: bytes) -> list[str]:
    """The names of active objects, in every object of the file, compressed or not."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    told = repr([reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1)])
    return [name for name in ACTIVE if re.search(re.escape(name) + r"\b", told)]


def text_of(data: bytes) -> str:
    return subprocess.run(["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"], input=data, capture_output=True,
                          check=True).stdout.decode()


needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


@needs_pdftotext
def test_the_text_is_found_with_its_accents(dossier: Dossier) -> None:
    text = text_of(dossier_bytes(dossier))
    for part in ("¿Quién captó? «Ñandú» – ofreció trabajo · campaña", "Línea 1818", "Página 1 de 1",
                 "RESERVADO · Nivel: sin identidades", "27/03/2026", "1,234.50"):
        assert part in text


@needs_pdftotext
def test_each_state_that_is_not_a_value_prints_its_own_words(dossier: Dossier) -> None:
    text = text_of(dossier_bytes(dossier))
    assert all(word in text for word in ("Reservado", "Sin dato", "No se sabe", "No corresponde"))


@needs_pdftotext
def test_a_state_is_printed_beside_a_long_label_too(dossier: Dossier) -> None:
    rows = [("Fecha en que la agraviada fue identificada como víctima", "", "reserved")]
    text = text_of(dossier_bytes(replace(dossier, sections=[Section("Resumen", [Fields(rows)])])))  # type: ignore[arg-type]
    assert "Reservado" in text


@needs_pdftotext
def test_the_box_tells_who_when_why_and_the_digest(dossier: Dossier) -> None:
    text = text_of(dossier_bytes(dossier))
    assert all(word in text for word in ("usuaria1", "27/03/2026 19:38", "Audiencia", "ab" * 32, "versión accesible"))


@needs_pdftotext
def test_number_banner_and_page_of_total_stand_on_every_page(dossier: Dossier) -> None:
    long = replace(dossier, sections=[Section("Hechos", [Paragraphs(["Relato largo. " * 3000])])])
    pages = text_of(dossier_bytes(long)).split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"Página {number} de {len(pages)}" in page
        assert "SIS-MDD-2026-00128" in page
        assert "RESERVADO" in page


def test_the_outline_has_one_entry_per_section_on_its_page(dossier: Dossier) -> None:
    long = replace(dossier, sections=[dossier.sections[0], Section("Hechos", [Paragraphs(["Relato. " * 3000])]),
                                      Section("Anexo", [])])
    reader = pypdf.PdfReader(io.BytesIO(dossier_bytes(long)))
    entries: list[Any] = list(reader.outline)
    assert [entry.title for entry in entries] == ["Resumen", "Hechos", "Anexo"]
    assert [reader.get_destination_page_number(entry) for entry in entries] == [0, 0, len(reader.pages) - 1]


def test_metadata_and_language_name_no_person(dossier: Dossier) -> None:
    reader = pypdf.PdfReader(io.BytesIO(dossier_bytes(dossier)))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("SISTRA SIS-MDD-2026-00128", "SISTRA")
    assert reader.trailer["/Root"]["/Lang"] == "es-PE"  # type: ignore[index]
    assert "usuaria1" not in repr(reader.metadata)


def test_every_own_font_is_embedded(dossier: Dossier) -> None:
    reader = pypdf.PdfReader(io.BytesIO(dossier_bytes(dossier)))
    fonts = {name.get_object()["/BaseFont"]: name.get_object() for page in reader.pages
             for name in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert all("PublicSans" in name and "/FontFile2" in font["/FontDescriptor"] for name, font in fonts.items())


@pytest.mark.parametrize("text", MARKUP)
def test_no_text_breaks_the_file_or_becomes_active(text: str) -> None:
    assert active(dossier_bytes(everywhere(text))) == []


@settings(max_examples=150, deadline=None)
@given(st.text(st.one_of(st.characters(), st.sampled_from("<>&/\"'=;#x\n\t\u202e한あ")), max_size=120))
def test_any_text_can_be_printed_in_any_place(text: str) -> None:
    assert active(dossier_bytes(everywhere(text))) == []


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(), max_size=80))
def test_any_text_is_parsed_back_as_itself_or_as_squares(text: str) -> None:
    face = Typeface()
    paragraph = Printer(400, face).paragraph(text)
    got = "".join(part.text for part in paragraph.frags if not hasattr(part, "lineBreak")).split()
    assert "".join(got).count(NO_GLYPH) == face.missing + text.count(NO_GLYPH)
    if not face.missing:
        assert "".join(got) == "".join(spelled(text).split())


def test_the_active_names_are_seen_when_they_are_there() -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject({
        NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")})
    stream = io.BytesIO()
    writer.write(stream)
    assert "/JS" in active(stream.getvalue())


@needs_pdftotext
def test_markup_is_printed_letter_by_letter() -> None:
    assert "<a href='http://example.org'>x</a> &amp;" in text_of(dossier_bytes(everywhere(
        "<a href='http://example.org'>x</a> &amp;")))


@needs_pdftotext
def test_chinese_korean_and_slavic_names_are_printed(dossier: Dossier) -> None:
    text = text_of(dossier_bytes(replace(dossier, subtitle="王小明 김민수 Иван Šimić Łódź")))
    assert "王小明 김민수 Иван Šimić Łódź" in re.sub(" +", " ", text)
    assert "Algunos caracteres" not in text


@needs_pdftotext
def test_a_character_that_no_font_has_is_shown_as_a_square_and_said(dossier: Dossier) -> None:
    shown = text_of(dossier_bytes(replace(dossier, subtitle="عربي")))
    assert "□□□□" in shown
    assert "Algunos caracteres no existen" in shown


def test_signs_that_turn_the_reading_direction_are_left_out() -> None:
    assert Typeface().markup("a\u202eb\u200bc") == "abc"


@needs_pdftotext
def test_a_cell_taller_than_a_page_goes_on_without_losing_a_word(charges: Table, provenance: Provenance) -> None:
    words = [f"palabra{number}" for number in range(4000)]
    table = Table("t", "T", [Column("a", "A"), Column("b", "B")], [["x", " ".join(words)]])
    stream = io.BytesIO()
    write_table(stream, table, provenance)
    text = re.sub(r"\s+", "", text_of(stream.getvalue()))
    assert all(word in text for word in words)


@needs_pdftotext
def test_a_table_repeats_its_header_and_tells_its_query(charges: Table, provenance: Provenance) -> None:
    stream = io.BytesIO()
    told = write_table(stream, replace(charges, rows=list(charges.rows) * 100), provenance)
    pages = text_of(stream.getvalue()).split("\f")[:-1]
    assert len(pages) > 2
    assert all("Reparación" in page for page in pages[:-1])
    assert told.rows == {"denuncias": 200}
    assert all(part in pages[0] for part in ("Investigación preparatoria", "Informe mensual", "Datos al", "Filas",
                                             told.digests["denuncias"]))


def test_the_digest_is_that_of_the_table(charges: Table, provenance: Provenance) -> None:
    told = write_table(io.BytesIO(), replace(charges, rows=iter(list(charges.rows))), provenance)
    assert told.digests == {"denuncias": digest(charges)}


@needs_pdftotext
def test_columns_beyond_the_page_go_on_in_panels_that_repeat_the_first(provenance: Provenance) -> None:
    columns = [Column("codigo", "Código", "code"), *(Column(f"c{n}", f"Columna{n}") for n in range(30))]
    stream = io.BytesIO()
    write_table(stream, Table("t", "T", columns, [["A-1", *(f"v{n}" for n in range(30))]]), provenance)
    text = text_of(stream.getvalue())
    assert all(f"Columna{n}" in text and f"v{n}" in text for n in range(30))
    assert text.count("A-1") == text.count("Columnas, parte ") > 1


def test_an_empty_table_is_a_valid_file(charges: Table, provenance: Provenance) -> None:
    stream = io.BytesIO()
    write_table(stream, replace(charges, rows=[]), provenance)
    assert "0 filas." in pypdf.PdfReader(stream).pages[0].extract_text()


def test_nothing_may_be_fetched() -> None:
    assert (rl_config.trustedSchemes, rl_config.trustedHosts) == ([], [])
