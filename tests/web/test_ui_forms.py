"""Forms made from the dictionary: what a browser would post of them comes back as it was."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Blueprint, Flask, render_template_string
from flask_babel import Babel
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader
from werkzeug.datastructures import MultiDict

from sistra.codebook.dictionary import Field, record, records
from sistra.codebook.terms import Unknown, codelist, list_labels
from sistra.rules.durations import Duration
from sistra.rules.entries import read
from sistra.rules.masking import Reserved
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem
from sistra.web.ui.forms import DictionaryForm, dictionary_form
from sistra.web.ui.options import NOT_OFFERED, options_of

TODAY = date(2026, 11, 21)
PAGE = ('{% from "components/form.html" import error_summary, hidden, fields %}'
        "{{ error_summary(form) }}<form method=post>{{ hidden(form) }}{{ fields(form) }}</form>")
SAMPLES: dict[str, Any] = {
    "text": "Ñaña «1»", "longtext": "\n dos\nlíneas <b>&amp;", "integer": 3, "decimal": Decimal("-12.500000"),
    "money_pen": Decimal("1500.50"), "duration_ymd": Duration(12, 6, 0), "bool": False, "date": date(2026, 3, 7),
    "partial_date": PartialDate.of_month(2025, 3), "datetime": datetime(2026, 3, 7, 14, 30, tzinfo=UTC), "ref": 7,
    "refs": (7, 8), "place": "170102", "country": "PE", "person_name": "Prueba O'Neill", "document_number": "12345678",
    "phone": "+51987654321", "email": "a@mpfn.gob.pe", "address": "Jr. Uno 123", "number_format": "12-2026",
}


class Browser(HTMLParser):
    """Reads a page and knows what a browser would post of its form when nobody touches it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.posted: MultiDict[str, str] = MultiDict()
        self.ids: list[str] = []
        self.described: list[str] = []
        self._select = self._area = ""
        self._chosen: list[str] = []
        self._single = True
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        self.described += given.get("aria-describedby", "").split()
        if tag == "select":
            self._select, self._chosen, self._single = given["name"], [], "multiple" not in given
        elif tag == "option" and ("selected" in given or (self._single and not self._chosen)):
            self._chosen = [given["value"]] if self._single else [*self._chosen, given["value"]]
        elif tag == "textarea":
            self._area = given["name"]
            self.posted.add(self._area, "")
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.posted.add(given["name"], given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.posted[self._area] = data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self.posted.setlist(self._select, [*self.posted.getlist(self._select), *self._chosen])


def small_app() -> Flask:
    app = Flask("sistra")
    app.config.update(SECRET_KEY="for tests only", BABEL_DEFAULT_LOCALE="es", WTF_CSRF_ENABLED=False)
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_loader = ChoiceLoader([FileSystemLoader("sistra/templates"), PackageLoader("govuk_frontend_jinja")])
    Babel(app)
    session = Blueprint("session", __name__)
    session.add_url_rule("/salir", "sign_out", lambda: "", methods=["POST"])
    session.add_url_rule("/idioma", "language", lambda: "", methods=["POST"])
    app.register_blueprint(session)
    return app


@pytest.fixture(scope="module")
def app() -> Flask:
    return small_app()


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def made(*fields: Field, posted: Any = None, **options: Any) -> DictionaryForm:
    choices = {field.name: [("7", "Siete"), ("8", "Ocho")] for field in fields if field.type in ("ref", "refs")}
    choices |= options.pop("choices", {})
    return dictionary_form(fields, language="es", choices=choices, **options)(formdata=posted)


def shown(form: DictionaryForm) -> Browser:
    return Browser(render_template_string(PAGE, form=form, language="es"))


def charge(*names: str) -> list[Field]:
    return [record("charge").fields[name] for name in names]


def sample(field: Field) -> Any:
    if field.type in ("code", "codes"):
        terms = list(field.terms) if field.terms is not None else ["PE" if field.list_name == "ISO-3166" else "es"]
        chosen = [code for code in terms if code not in ("NSP", "MIX")]
        return chosen[-1] if field.type == "code" else tuple(chosen[-2:])
    return SAMPLES[field.type]


DURATIONS = [field for one in records().values() for field in one.fields.values() if field.type == "duration_ymd"][:1]
ENTERED = {name: [field for field in one.fields.values() if field.entered] for name, one in records().items()}


@pytest.mark.parametrize("name", sorted(name for name, fields in ENTERED.items() if fields))
def test_a_form_saved_untouched_says_what_it_was_filled_with(name: str) -> None:
    fields = [field for field in ENTERED[name] if field.name != "aliases"]
    values = {field.name: sample(field) for field in fields}
    form = made(*fields)
    form.fill(values)
    again = made(*fields, posted=shown(form).posted)
    read_back, problems = read(fields, again.posted(), TODAY)
    expected = {key: value.strip() if isinstance(value, str) else value for key, value in values.items()}
    assert (problems, read_back) == ([], expected)


@pytest.mark.parametrize("name", sorted(name for name, fields in ENTERED.items() if fields))
def test_unknown_answers_come_back_as_unknown(name: str) -> None:
    fields = [field for field in ENTERED[name] if field.unknown]
    values = {field.name: sorted(field.unknown)[-1] for field in fields}
    form = made(*fields)
    form.fill(values)
    read_back, problems = read(fields, made(*fields, posted=shown(form).posted).posted(), TODAY)
    assert (problems, read_back) == ([], values)


@pytest.mark.parametrize("name", sorted(name for name, fields in ENTERED.items() if fields))
def test_an_empty_form_blanks_every_field_that_it_offers(name: str) -> None:
    fields = ENTERED[name]
    read_back, problems = read(fields, made(*fields, posted=shown(made(*fields)).posted).posted(), TODAY)
    assert (problems, read_back) == ([], {field.name: () if field.type == "refs" else None for field in fields})


@pytest.mark.parametrize("name", sorted(name for name, fields in ENTERED.items() if fields))
def test_ids_are_unique_and_every_description_exists(name: str) -> None:
    form = made(*ENTERED[name])
    form.land([Problem(field.name, "No es una respuesta posible") for field in ENTERED[name]])
    page = shown(form)
    assert len(page.ids) == len(set(page.ids))
    assert set(page.described) <= set(page.ids)


def test_the_names_of_version_and_once_belong_to_no_field() -> None:
    assert not {"version", "once", "csrf_token"} & {field.name for fields in ENTERED.values() for field in fields}


def test_what_was_typed_comes_back_to_the_letter() -> None:
    typed = MultiDict({"received_on": " 31/2/26 ", "notice_place": "inanbari", "summary": "\n uno\r\ndos "})
    fields = charge("received_on", "notice_place", "summary")
    again = shown(made(*fields, posted=typed)).posted
    assert {key: again[key] for key in typed} == dict(typed)


def test_a_reserved_field_left_empty_is_not_posted() -> None:
    field = record("charge").fields["reporting_contact"]
    form = made(field, posted=MultiDict({"reporting_contact": ""}), reserved={"reporting_contact"})
    assert form.posted() == {}


def test_a_reserved_field_is_replaced_by_what_is_typed() -> None:
    field = record("charge").fields["reporting_contact"]
    form = made(field, posted=MultiDict({"reporting_contact": "Otra persona"}), reserved={"reporting_contact"})
    assert form.posted() == {"reporting_contact": ["Otra persona"]}


def test_a_value_that_is_reserved_makes_its_field_reserved() -> None:
    form = made(*charge("reporting_contact"))
    form.fill({"reporting_contact": Reserved.RESERVED})
    assert form["reporting_contact"].reserved and "Reemplazar" in render_template_string(PAGE, form=form)


def test_a_field_that_the_browser_did_not_send_is_absent() -> None:
    assert made(*charge("summary", "purpose_known"), posted=MultiDict({"summary": "x"})).posted() == {"summary": ["x"]}


def test_an_emptied_group_is_a_blank() -> None:
    form = made(*charge("purpose_known"), posted=MultiDict({"purpose_known-offered": "1"}))
    assert form.posted() == {"purpose_known": []}


def test_fill_leaves_what_was_posted() -> None:
    form = made(*charge("summary"), posted=MultiDict({"summary": "mío"}))
    form.fill({"summary": "de la base"})
    assert form["summary"].text == "mío"


def test_a_kept_draft_shows_its_texts() -> None:
    form = made(*charge("received_on", "purpose_known"))
    form.restore({"received_on": ["31/2/26"], "purpose_known": ["SEX", "LAB"]})
    assert form.posted() == {"received_on": ["31/2/26"], "purpose_known": ["SEX", "LAB"]}


def test_six_choices_are_radios_and_seven_a_select() -> None:
    form = made(*charge("immediate_risk", "notice_source"), choices={"immediate_risk": [("INM", "Sí"), ("NIN", "No")]})
    assert [form[name].control for name in ("immediate_risk", "notice_source")] == ["radios", "select"]
    assert [option.value for option in form["immediate_risk"].options] == ["INM", "NIN", "NSP"]


def test_a_value_that_a_view_no_longer_offers_stays_chosen() -> None:
    form = made(*charge("immediate_risk"), choices={"immediate_risk": [("INM", "Sí"), ("NIN", "No")]})
    form.fill({"immediate_risk": "ALT"})
    assert shown(form).posted["immediate_risk"] == "ALT"


def test_a_row_that_nobody_chooses_stays_when_it_is_held() -> None:
    form = made(*charge("purpose_known"))
    form.fill({"purpose_known": ("SEX", "MIX")})
    assert shown(form).posted.getlist("purpose_known") == ["SEX", "MIX"]


def test_a_row_that_a_rule_sets_is_not_offered() -> None:
    assert "MIX" not in {option.value for option in made(*charge("purpose_known"))["purpose_known"].options}


def test_problems_land_on_their_fields_in_their_order_and_the_rest_on_top() -> None:
    form = made(*charge("received_on", "summary"))
    form.land([Problem("summary", "Responda «%(label)s»", {"label": "x"}), Problem("otro", "De todo"),
               Problem("received_on", "Mal")])
    assert form.summary() == [
        ("De todo", ""), ("Mal", "#received_on"), ("Responda «Resumen de los hechos»", "#summary")]


def test_the_summary_links_to_the_first_control_of_each_field() -> None:
    fields = [*charge("purpose_known", "notice_place", "immediate_risk"), *DURATIONS]
    form = made(*fields)
    form.land([Problem(field.name, "Mal") for field in fields])
    assert {anchor.removeprefix("#") for _, anchor in form.summary()} <= set(shown(form).ids)


def test_a_conditional_field_follows_its_trigger() -> None:
    form = made(*charge("persons_rescued", "summary", "notice_source"))
    assert list(form.answers) == ["summary", "notice_source", "persons_rescued"]
    assert form["persons_rescued"].shown_when == "notice_source=OPE"
    assert form["persons_rescued"].when == "Solo si «Cómo llegó la denuncia» es: Operativo conjunto"


def test_asking_for_places_offers_those_that_match() -> None:
    form = made(*charge("notice_place"), posted=MultiDict({"notice_place": "san juan", "find-place": "notice_place"}))
    found = form["notice_place"].found_places
    assert form.wants_places and found and len(found) <= 20
    assert all("San Juan" in label for _, label in found)


def test_a_place_picked_among_several_is_read() -> None:
    form = made(*charge("notice_place"), posted=MultiDict({"notice_place": "puno", "notice_place-choice": "21"}))
    assert read(charge("notice_place"), form.posted(), TODAY) == ({"notice_place": "21"}, [])


@pytest.mark.parametrize("name", sorted(list_labels()))
def test_every_row_of_a_list_is_offered_once(name: str) -> None:
    offered = [(name, option.value) for option in options_of(name, "es")]
    assert sorted(offered) == sorted({(name, code) for code in codelist(name)} - NOT_OFFERED)


def test_labels_are_in_the_language_asked() -> None:
    form = dictionary_form(charge("summary"), language="en")(formdata=None)
    assert form["summary"].label.text == "Summary of the facts"


def test_each_form_shown_has_a_token_of_its_own_and_keeps_it_when_refused() -> None:
    first, second = made(*charge("summary")), made(*charge("summary"))
    assert first.once.data and first.once.data != second.once.data
    assert made(*charge("summary"), posted=MultiDict({"once": "abc"})).once.data == "abc"


def test_hostile_text_is_escaped() -> None:
    hostile = "\"><script>alert(1)</script>"
    fields = charge("summary", "carpeta_number", "office")
    form = made(*fields, choices={"office": [(hostile, hostile), *((str(n), "x") for n in range(9))]})
    form.fill({"summary": hostile, "carpeta_number": hostile, "office": hostile})
    assert "<script>" not in render_template_string(PAGE, form=form)


def test_nsp_of_a_list_is_the_lists_own_row() -> None:
    options = [option.value for option in made(*charge("notice_source"))["notice_source"].options]
    assert options.count(Unknown.NOT_KNOWN) == 1
