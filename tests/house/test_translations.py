"""English is complete, and nothing that a person reads stands outside the catalogue.

After adding or changing a sentence run `python -m tests.translate` from the root of the project: it extracts, keeps the
translations already made, drops those whose sentence is gone, writes `messages.po` and `messages.mo` and prints what is
still untranslated. Fill the empty `msgstr` of `sistra/translations/en/LC_MESSAGES/messages.po` and run it again.
"""
from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from gettext import GNUTranslations
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from flask import Flask
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy import update

from sistra.db import db
from sistra.models.exports import ExportRun
from sistra.rules.reports.definitions import REPORTS
from sistra.services import exports, reports
from sistra.services.export_runs.keeping import REASONS
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.folder import full_folder
from tests.factories.hand_over import offered as offered_to_lima
from tests.factories.sharing import ALL_SECTIONS, brought_to
from tests.factories.world import ONE_OF_EACH_ROLE, World
from tests.translate import COMPILED, ROOT, extracted, merged, messages, packed, sentence, stored, strings, untranslated, written

TEMPLATES = sorted((ROOT / "sistra" / "templates").rglob("*.html"))
MODULES = sorted((ROOT / "sistra" / "web").rglob("*.py"))
SCRIPTS = sorted((ROOT / "sistra" / "static" / "js").rglob("*.js"))

SAME_IN_BOTH = {"SISTRA", "Español", "English"}
"""What may stand in a template or a module of the web as it is."""

MARKS = {"_", "gettext", "lazy_gettext", "ngettext", "said"}
BILINGUAL = {"asked", "_question"}
"""Functions that take the Spanish and the English side by side, as the dictionary's rows do."""

SPANISH = re.compile(
    r"[áéíóúñ¿¡«]|\b(?:de|la|el|los|las|se|su|una?|del|al|por|para|con|sin|que|y|o|en|lo)\b(?= \w)", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}")


@pytest.fixture(scope="module")
def found() -> Catalog:
    return extracted()


@pytest.fixture(scope="module")
def known() -> Catalog:
    return stored()


# -- the catalogue ----------------------------------------------------------------------------------------------------

def test_the_catalogue_holds_exactly_the_sentences_of_the_source(found: Catalog, known: Catalog) -> None:
    assert set(messages(known)) == set(messages(found))
    assert not known.obsolete
    assert {text for text, message in messages(known).items() if message.pluralizable} == {
        text for text, message in messages(found).items() if message.pluralizable}


def test_every_sentence_has_its_english_and_none_is_in_doubt(found: Catalog, known: Catalog) -> None:
    assert [sentence(message) for message in untranslated(merged(known, found))] == []


def test_a_sentence_added_to_the_source_is_found_untranslated(tmp_path: Path, known: Catalog) -> None:
    (tmp_path / "sistra" / "templates").mkdir(parents=True)
    (tmp_path / "sistra" / "rule.py").write_text('said("El plazo no puede ser negativo, ni aquí ni allá")\n', encoding="utf-8")
    (tmp_path / "sistra" / "templates" / "page.html").write_text(
        '<p>{{ ngettext("%(num)d hoja suelta", "%(num)d hojas sueltas", 2) }} {{ _("Guardar") }}</p>', encoding="utf-8")
    missing = [sentence(message) for message in untranslated(merged(known, extracted(tmp_path)))]
    assert missing == ["%(num)d hoja suelta", "El plazo no puede ser negativo, ni aquí ni allá"]


def test_an_update_keeps_translations_and_drops_what_is_gone(known: Catalog) -> None:
    fewer = Catalog(locale="en", fuzzy=False)
    fewer.add("Guardar")
    kept = merged(known, fewer)
    assert {text: strings(message) for text, message in messages(kept).items()} == {"Guardar": ("Save",)}


def test_placeholders_are_those_of_the_spanish(known: Catalog) -> None:
    wrong = []
    for message in messages(known).values():
        sources = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
        wrong += [(source, english) for source, english in zip(sources, strings(message), strict=True)
                  if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(english))]
    assert wrong == []


def test_spaces_at_the_ends_are_those_of_the_spanish(known: Catalog) -> None:
    def ends(text: str) -> tuple[bool, bool]:
        return text[:1].isspace(), text[-1:].isspace()

    assert [text for text, message in messages(known).items()
            if {ends(english) for english in strings(message)} != {ends(text)}] == []


def test_the_catalogue_is_compiled_and_written_as_the_update_does(known: Catalog) -> None:
    again = merged(known, known)
    assert COMPILED.read_bytes() == packed(again)
    assert COMPILED.with_suffix(".po").read_bytes() == written(again)


def test_the_compiled_catalogue_speaks_english() -> None:
    with COMPILED.open("rb") as source:
        english = GNUTranslations(source)
    assert english.gettext("No se sabe") == "Not known"
    assert [english.ngettext("%(num)d denuncia", "%(num)d denuncias", n) for n in (1, 2)] == ["%(num)d charge", "%(num)d charges"]


def test_spanish_is_the_source_with_its_plurals(app: Flask) -> None:
    with app.test_request_context(), force_locale("es"):
        assert gettext("Guardar") == "Guardar"
        counted = [ngettext("%(num)d denuncia", "%(num)d denuncias", n) for n in (0, 1, 2)]
    assert counted == ["0 denuncias", "1 denuncia", "2 denuncias"]


def test_the_catalogue_names_no_place_and_no_time() -> None:
    text = COMPILED.with_suffix(".po").read_text(encoding="utf-8")
    assert not re.search(r"^#[:|~]|Creation-Date|Revision-Date|Translator|fuzzy", text, re.MULTILINE)


# -- pages ------------------------------------------------------------------------------------------------------------

TYPED = re.compile(
    r"(?:Persona|Despacho) [\w.]+|Ministerio Público|Policía Nacional|Confirmar la acogida|«bar minería»"
    r"|Captación|con oferta de trabajo.*")
"""Names and texts of the factories, which stay as they were typed, and an example that shows what is searched."""
SHEETS = {unit.sheet for unit in exports.UNITS.values()}
"""Names of sheets are the same in both languages: the page says them as they will stand in the file."""


def pieces_of(page: str) -> set[str]:
    """The texts of a page between its tags, and those that its attributes speak or show."""
    body = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    spoken = re.findall(r'\s(?:aria-label|data-label|title|alt|placeholder|data-saved|data-failed)="([^"]*)"', body)
    return {unescape(piece).strip(" \n():·,") for piece in [*spoken, *re.sub(r"<[^>]*>", "\0", body).split("\0")]}


def spanish_on(page: str, known: Catalog) -> set[str]:
    """The pieces of text of a page that are a Spanish sentence of the catalogue and not their own English."""
    return pieces_of(page) & {text for text, message in messages(known).items() if strings(message)[0] != text}


def spanish_within(page: str, known: Catalog) -> set[str]:
    """Spanish of the catalogue as a part of other words: sentences put together, and those with numbers and names in them."""
    english = {text for message in messages(known).values() for text in strings(message)}
    told = "\0".join(TYPED.sub("", piece) for piece in pieces_of(page) if piece not in english)
    return {text for text, message in messages(known).items()
            if text not in english and strings(message)[0] != text and _holds(told, text.strip(" \n():·,"))}


def _holds(told: str, sentence: str) -> bool:
    """Whether the sentence stands there as whole words, whatever is put in its places."""
    literals = [part.strip() for part in PLACEHOLDER.split(sentence)]
    longest = max(literals, key=len)
    if len(longest) < 4 or longest not in told:
        return False
    return re.search(r"(?<!\w)" + r"[^\0]*?".join(map(re.escape, PLACEHOLDER.split(sentence))) + r"(?!\w)", told) is not None


def in_english(visitor: Any) -> Any:
    with visitor.session_transaction() as kept:
        kept["language"] = "en"
    return visitor


@pytest.fixture
def charge(app: Flask, world: World) -> str:
    with app.app_context():
        return f"/denuncias/{full_folder(world)[0]}"


def test_pages_of_a_charge_in_english_hold_no_spanish_sentence(
        charge: str, sign_in: Callable[[str], Any], known: Catalog) -> None:
    client = in_english(sign_in("fiscal.mdd"))
    pages = {path: client.get(path).get_data(as_text=True) for path in (
        "/denuncias/", "/denuncias/nueva", "/expedientes/", "/ayuda", "/perfil", "/no-existe", charge,
        *(f"{charge}/{part}" for part in (
            "hechos", "agraviadas", "agraviadas/A-1", "imputados", "imputados/I-1", "imputaciones", "actuaciones",
            "actuaciones/nueva", "historial", "equipo")))}
    assert {path: page[:200] for path, page in pages.items() if '<html lang="en">' not in page} == {}
    assert {path: words for path, page in pages.items() if (words := spanish_on(page, known))} == {}


def english_of(client: Any, known: Catalog, *paths: str, **posted: Any) -> dict[str, set[str]]:
    """What is Spanish on pages in English, by address; `posted` are the answers of a form."""
    found = {}
    for path in paths:
        answer = client.post(path, data=posted, follow_redirects=True) if posted else client.get(path)
        page = answer.get_data(as_text=True)
        assert '<html lang="en">' in page, path
        if words := {word for word in spanish_on(page, known) | spanish_within(page, known) if not TYPED.fullmatch(word)}:
            found[f"{path} {posted or ''}"] = words
    return found


@pytest.fixture
def of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures tell what was saved a minute ago: here, what was saved just now."""
    monkeypatch.setattr(reports, "SETTLING", -timedelta(minutes=1))


@pytest.fixture
def traffic(app: Flask, world: World) -> str:
    """A full folder that an agency reads, which was judged, another that is offered to it, and a third that is referred."""
    with app.app_context():
        sender = world.viewer("fiscal.mdd", at=datetime.now(UTC))
        until = sender.today + timedelta(days=9)
        number = full_folder(world)[0]
        brought_to(world, number, "accepted", profile="COM", sections=ALL_SECTIONS, valid_until=until)
        brought_to(world, full_folder(world)[0], "offered", valid_until=until)
        offered_to_lima(world, open_charge(sender, received_on="ayer"), by=sender)
        return number


@pytest.mark.parametrize("user", ONE_OF_EACH_ROLE)
def test_the_desk_of_each_role_in_english_holds_no_spanish(
        traffic: str, world: World, sign_in: Callable[[str], Any], known: Catalog, user: str) -> None:
    assert english_of(in_english(sign_in(user)), known, "/mesa", f"/mesa?despacho={world.offices['mdd']}", "/descargas") == {}


@pytest.mark.parametrize(("user", "more"), [
    ("analista", ("/reportes/microdatos", "/reportes/microdatos?desde=nunca")),
    ("agencia", ("/reportes/mensual", "/reportes/R01?cifras=interna&desde=nunca"))])
def test_figures_in_english_hold_no_spanish(
        traffic: str, of_now: None, sign_in: Callable[[str], Any], known: Catalog, user: str, more: tuple[str, ...]) -> None:
    client = in_english(sign_in(user))
    pages = [f"/reportes/{code}{query}" for code in REPORTS for query in ("", "?distrito=MDD&frontera=BO&desde=01/2007")]
    found = english_of(client, known, "/reportes/", *pages, *more)
    if user == "analista":
        found |= english_of(client, known, "/reportes/microdatos", desde="nunca", format="z")
    assert found == {}


def test_downloads_in_english_hold_no_spanish_in_any_state(
        app: Flask, traffic: str, sign_in: Callable[[str], Any], known: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {"EXPORT_AT_ONCE": -1, "FILES": str(tmp_path / "files"), "INSTANCE": str(tmp_path / "instance")}.items():
        monkeypatch.setitem(app.config, name, value)
    client = in_english(sign_in("fiscal.mdd"))
    found: dict[str, set[str]] = {}
    order = {"units": ["charges"], "format": "xlsx", "reason_code": "ACT"}
    run = [client.post("/denuncias/exportar", data=order).location for _ in range(5)][0]
    asking = english_of(client, known, "/denuncias/exportar") | english_of(client, known, "/denuncias/exportar", **order)
    assert {word for words in asking.values() for word in words} <= SHEETS
    ways = [(state, None) for state in ("queued", "running", "done", "cancelled", "expired")]
    for state, reason in [*ways, *(("failed", one) for one in REASONS)]:
        with app.app_context(), unit_of_work():
            values = {"state": state, "reason": reason, "file_name": "sistra.xlsx", "size_bytes": 9000}
            db.session.execute(update(ExportRun).values(**values, expires_at=datetime.now(UTC) + timedelta(1)))
        found |= english_of(client, known, run, f"{run}?refresco=auto", "/descargas")
    assert found == {}


@pytest.mark.parametrize("words", ["captacion", "zzz", "2026", "9999999", "SIS-2026-MDD-09999"])
def test_a_search_in_english_holds_no_spanish(
        traffic: str, sign_in: Callable[[str], Any], known: Catalog, words: str) -> None:
    client = in_english(sign_in("fiscal.mdd"))
    assert english_of(client, known, "/buscar/", q=words) | english_of(client, known, "/buscar/", "/buscar/?palabras=si") == {}


def test_spanish_within_a_sentence_put_together_is_seen(known: Catalog) -> None:
    assert spanish_within("<p>art. 129-A (31/03/2021 – vigente)</p>", known) == {"vigente"}
    assert spanish_within("<p>Seen: 12 de 40 filas</p>", known) == {"%(done)s de %(total)s filas"}
    assert spanish_within('<p data-x="vigente">in force</p><p>invigente</p><p>Persona vigente</p>', known) == set()


def test_pages_in_spanish_are_in_spanish_whatever_was_translated(
        charge: str, sign_in: Callable[[str], Any], known: Catalog) -> None:
    page = sign_in("fiscal.mdd").get(charge).get_data(as_text=True)
    assert '<html lang="es-PE">' in page
    assert {"Resumen", "Hechos", "Línea de tiempo"} <= spanish_on(page, known)


def test_who_has_not_signed_in_gets_the_language_of_the_browser(client: Any, known: Catalog) -> None:
    assert not spanish_on(client.get("/entrar", headers={"Accept-Language": "en-GB"}).get_data(as_text=True), known)
    assert spanish_on(client.get("/entrar", headers={"Accept-Language": "qu, es-PE;q=0.8"}).get_data(as_text=True), known)


# -- what stands outside the catalogue --------------------------------------------------------------------------------

def loose_in_template(text: str) -> list[str]:
    """Words that a template would show in one language alone: text, spoken attributes, and literals of its expressions."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    expressions = [one or other for one, other in re.findall(r"\{%(.*?)%\}|\{\{(.*?)\}\}", text, re.DOTALL)]
    markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    spoken = re.findall(r'\s(?:aria-label|title|placeholder|alt|data-saved|data-failed)="([^"]*)"', markup)
    shown = re.sub(r"<[^>]*>", "\0", markup).split("\0")
    words = [unescape(piece).strip(" \n–·,:()") for piece in [*spoken, *shown]]
    unmarked = [re.sub(r"\b(?:_|ngettext)\((?:\s*(?:\"[^\"]*\"|'[^']*')\s*,?)+", "", expression) for expression in expressions]
    literals = [one or other for expression in unmarked for one, other in re.findall(r"\"([^\"]*)\"|'([^']*)'", expression)]
    return [word for word in words if re.search(r"[A-Za-zÀ-ÿ]", word) and word not in SAME_IN_BOTH and "=\"" not in word] + [
        literal for literal in literals if SPANISH.search(literal) and "<" not in literal]


def loose_in_module(text: str, sentences: set[str]) -> Iterator[str]:
    """String literals of a module that are Spanish and not marked: by their letters, or for being in the catalogue."""
    tree = ast.parse(text)
    exempt: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            exempt.add(id(node.value))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MARKS | BILINGUAL:
            exempt |= {id(part) for part in ast.walk(node) if isinstance(part, ast.Constant)}
        if isinstance(node, ast.keyword) and node.arg in ("label_es", "help_es"):
            exempt |= {id(part) for part in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in exempt:
            word = node.value
            spanish = " " in word.strip() and SPANISH.search(word) or (word[:1].isupper() and word in sentences)
            if spanish and word not in SAME_IN_BOTH:
                yield word


def unreadable_marks(text: str) -> Iterator[int]:
    """Lines of marks whose sentence is put together at run time, which no extraction can read."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS and node.args and isinstance(
                node.args[0], (ast.JoinedStr, ast.BinOp)):
            yield node.lineno


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_template_shows_words_outside_the_catalogue(path: Path) -> None:
    assert loose_in_template(path.read_text(encoding="utf-8")) == []


def test_no_module_of_the_web_holds_spanish_outside_the_catalogue(known: Catalog) -> None:
    sentences = set(messages(known))
    assert {f"{path.relative_to(ROOT)}: {word}" for path in MODULES
            for word in loose_in_module(path.read_text(encoding="utf-8"), sentences)} == set()


def test_no_marked_sentence_is_put_together_at_run_time() -> None:
    assert [f"{path.relative_to(ROOT)}:{line}" for path in sorted((ROOT / "sistra").rglob("*.py"))
            for line in unreadable_marks(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_holds_spanish(path: Path) -> None:
    code = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    literals = re.findall(r"\"([^\"\n]*)\"|`([^`\n]*)`", code)
    assert [one or other for one, other in literals if SPANISH.search(one or other)] == []


def test_the_words_that_a_script_shows_on_saving_come_with_the_page() -> None:
    told = {path.name: text for path in TEMPLATES if "data-autosave-status" in (text := path.read_text(encoding="utf-8"))}
    assert told
    complete = re.compile(r"data-autosave-status data-saved=.+ data-failed=")
    assert {name for name, text in told.items() if not complete.search(text)} == set()


@pytest.mark.parametrize("text", [
    "<p>Guardar</p>", '<table aria-label="Personas">', '{{ title("Denuncia de la fiscalía") }}', "<p>{{ _('Sí') }} y no</p>"])
def test_a_word_outside_the_catalogue_is_seen_in_a_template(text: str) -> None:
    assert loose_in_template(text)


@pytest.mark.parametrize("text", ['flash("No se guardó nada")', 'TABS = ("Guardar",)', 'raise Refused("Falta el motivo")'])
def test_a_sentence_outside_the_catalogue_is_seen_in_a_module(text: str, known: Catalog) -> None:
    assert list(loose_in_module(text, set(messages(known))))
    assert not list(loose_in_module(f"said({text[text.index('(') + 1:-1].rstrip(',')})", set(messages(known))))
    assert list(unreadable_marks('_(f"Faltan {count} datos")'))
