"""Shells, components and assets: they stand alone, carry nothing inline and say the same to everybody."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, flash, render_template, render_template_string
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, SelectChoice, SelectField, StringField, TextAreaField

from tests.web.test_ui_forms import small_app

TEMPLATES = sorted(path for folder in ("shells", "components", "errors")
                   for path in Path("sistra/templates", folder).glob("*.html")) + [Path("sistra/templates/base.html")]
FOLDER = {
    "number": "SIS-2026-MDD-00417", "carpeta": None, "title": "Trata con fines de explotación laboral",
    "meta": [("Agraviadas", 3, "1 menor de edad"), ("", "Madre de Dios")], "tags": [("Registro completo", "green")],
    "actions": [("Compartir", "/c", False)],
    "stages": [{"name": "Juicio oral", "state": "current", "text": "desde hoy"}],
    "sections": [{"label": "Historial", "url": "/h", "count": 0, "current": True}], "deadline": None}


@pytest.fixture(scope="module")
def app() -> Flask:
    return small_app()


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_has_no_inline_script_style_or_handler(path: Path) -> None:
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?! src=)", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_compiles(path: Path, app: Flask) -> None:
    assert app.jinja_env.get_template(str(path.relative_to("sistra/templates")))


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500, 503])
def test_the_error_page_needs_neither_viewer_nor_database(app: Flask, status: int) -> None:
    with app.test_request_context("/"):
        page = render_template("errors/error.html", status=status, heading="Algo falló", lines=["Intente otra vez."],
                               reference="K7F2-93", actions=[("Volver", "/")])
    assert "Algo falló" in page and "K7F2-93" in page and f"error {status}" in page and "Salir" not in page


def test_the_charge_shell_shows_a_section_that_counts_nothing(app: Flask) -> None:
    with app.test_request_context("/"):
        page = render_template("shells/charge.html", folder=FOLDER)
    assert "(0)" in page and 'aria-current="step"' in page and "(<b" not in page and "(1 menor de edad)" in page


def test_the_court_case_shell_is_the_folder_in_another_colour(app: Flask) -> None:
    with app.test_request_context("/"):
        page = render_template("shells/court_case.html", folder=FOLDER)
    assert "s-folder--court" in page and page.count("<h1>") == 1


def test_a_page_whose_form_was_refused_says_so_in_its_title(app: Flask) -> None:
    with app.test_request_context("/"):
        form = FlaskForm(formdata=None)
        form.form_errors.append("Mal")
        page = render_template("shells/page.html", heading="Entrar", form=form, lead="")
    assert "<title>Error: Entrar – SISTRA</title>" in page and page.index("Mal") < page.index("<h1>")


def test_the_language_switch_returns_to_the_page_with_its_query(app: Flask) -> None:
    with app.test_request_context("/denuncias?etapa=2"):
        page = render_template_string('{% extends "base.html" %}', csrf_token=lambda: "t", language="es")
    assert 'name="next" value="/denuncias?etapa=2"' in page and 'value="en"' in page


def test_a_message_is_shown_once_in_a_named_banner(app: Flask) -> None:
    with app.test_request_context("/"):
        flash("Denuncia abierta", "success")
        page = render_template_string('{% extends "base.html" %}')
    assert page.count("Denuncia abierta") == 1 and 'aria-labelledby="aviso-1"' in page


class Ordinary(FlaskForm):
    user = StringField("Usuario", description="Su correo")
    password = PasswordField("Contraseña")
    kind = SelectField("Clase", choices=[SelectChoice("1", "Uno")])
    way = RadioField("Modo", choices=[SelectChoice("1", "Uno"), SelectChoice("2", "Dos")])
    keep = BooleanField("Recordar")
    why = TextAreaField("Motivo")


def test_an_ordinary_form_is_rendered_by_the_same_macro_and_a_password_never_comes_back(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"user": "ana", "password": "secreta", "why": "\nx"}):
        form = Ordinary()
        form.user.errors = ["Mal"]
        page = render_template_string(
            '{% from "components/form.html" import field %}'
            "{% for f in form %}{{ field(f) }}{% endfor %}", form=form)
    assert 'value="ana"' in page and "secreta" not in page and 'aria-describedby="user-hint user-error"' in page
    assert page.count("<label") == 7 and "\n\nx</textarea>" in page


def test_the_script_is_small_and_keeps_nothing_in_the_browser() -> None:
    script = Path("sistra/static/js/sistra.js").read_text(encoding="utf-8")
    assert len(script.encode()) < 8192
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|\.disabled", script)


def test_the_style_sheets_ask_nobody_else_for_anything() -> None:
    for name in ("base.css", "sistra.css"):
        urls = re.findall(r"url\(([^)]*)\)", Path("sistra/static/css", name).read_text(encoding="utf-8"))
        assert all(Path("sistra/static/css", url.partition("?")[0]).resolve().is_file() for url in urls)
