"""Bad input of every kind at every form: a clear refusal, never an error of ours, nothing written."""
from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.charges import RouteLeg
from tests.conftest import Visitor
from tests.factories.charges import open_charge, posted
from tests.factories.world import World
from tests.web.test_matrix import address, rules

NASTY = (
    "", " ", "=1+1", "+1", "@SUM(A1)", "<b>unclosed", "<script>alert(1)</script>", "';--", "%s%n", "{{7*7}}", "\x00\x01\x1b[31m",
    "\r\n\r\n", "\u202egnp.exe", "Ñusta Qoyllur Ŕ", "王小明", "🙂" * 50, "x" * 40_001, "9" * 400, "-1", "1e309", "NaN",
    "31/2/2026", "99/99/9999", "0000-00-00", "hoy", "nsp", "n/c", "PE-129A", "170102", "MDD", "../../etc/passwd", "null", "[]",
    "true", "1;2", "A-1", "1",
)


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context():
        return open_charge(world.viewer("fiscal.mdd"))


def contents(app: Flask) -> dict[str, list[str]]:
    with app.app_context():
        return {name: sorted(map(repr, db.session.execute(text(f'SELECT * FROM "{name}"')).all()))
                for name in db.metadata.tables
                if name not in ("trail_entry", "trail_head", "signin_session", "throttle", "saved_form")}


def names_of(page: str) -> list[str]:
    """The names of every control of a page."""
    return sorted(set(re.findall(r'name="([^"]+)"', page)) - {"csrf_token", "next", "q", "viewport", "referrer"})


@pytest.mark.parametrize("user", ["fiscal.mdd", "admin"])
def test_a_thousand_random_posts_over_all_forms_meet_no_error_of_ours(app: Flask, number: str, sign_in: Callable[[str], Visitor],
                                                                      user: str) -> None:
    chance, client, failures = random.Random(20261121), sign_in(user), []
    forms = [rule for rule in rules(app) if "POST" in (rule.methods or ()) and rule.endpoint not in (
        "session.sign_out", "session.password", "accounts.suspend", "accounts.change_roles", "accounts.renew_link")]
    fields = {rule.rule: names_of(client.get(address(rule, number)).get_data(as_text=True)) for rule in forms}
    for _ in range(1000):
        rule = chance.choice(forms)
        data: dict[str, Any] = {name: chance.choice(NASTY) for name in fields[rule.rule] if chance.random() < 0.7}
        data |= {f"{name}-offered": "1" for name in list(data)[:3]}
        answer = client.post(address(rule, number), data=data)
        if answer.status_code >= 500:
            failures.append((rule.endpoint, answer.status_code, data))
    assert not failures
    assert sign_in("fiscal.mdd").post("/denuncias/nueva", data=posted()).status_code == 302


def test_a_refused_form_shows_the_same_words_above_and_at_the_field(app: Flask, number: str,
                                                                    sign_in: Callable[[str], Visitor]) -> None:
    answer = sign_in("fiscal.mdd").post("/denuncias/nueva", data=posted(received_on="31/2/2026", victims_declared="muchas"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "<title>Error:" in page
    above = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>', page)
    assert [anchor for anchor, _ in above] == ["received_on", "victims_declared"]
    for anchor, message in above:
        assert f'id="{anchor}"' in page and page.count(message) == 2
    assert page.index("govuk-error-summary") < page.index("<h1")


@pytest.mark.parametrize("payload", ["=1+1", "<b>negrita</b>", "Ñusta Qoyllur 王小明", "x" * 39_000, "línea 1\nlínea 2"])
def test_text_is_text_and_comes_back_as_it_was(app: Flask, sign_in: Callable[[str], Visitor], payload: str) -> None:
    from markupsafe import escape
    client = sign_in("fiscal.mdd")
    where = client.post("/denuncias/nueva", data=posted(summary=payload)).location
    shown = client.get(where.removesuffix("/completar")).get_data(as_text=True)
    assert str(escape(payload)) in shown
    assert "<b>negrita" not in shown


def test_a_text_too_long_is_refused_and_given_back(app: Flask, sign_in: Callable[[str], Visitor]) -> None:
    answer = sign_in("fiscal.mdd").post("/denuncias/nueva", data=posted(summary="x" * 40_001))
    assert answer.status_code == 422 and "x" * 40_001 in answer.get_data(as_text=True)


def test_a_body_too_large_is_refused(sign_in: Callable[[str], Visitor]) -> None:
    assert sign_in("fiscal.mdd").post("/denuncias/nueva", data={"summary": "x" * 1_100_000}).status_code == 413


@pytest.mark.parametrize("changes", [
    {"reported_offence": "PE-999"}, {"notice_source": "XXX"}, {"purpose_known": ["SEX", "NADA"]}, {"purpose_known": "MIX"},
    {"office": "999999"}, {"responsible": "999999"}, {"responsible": "abc"}, {"received_on": "27/11/2099"},
    {"notice_place": "000000"}, {"immediate_risk": "QUIZÁS"}])
def test_codes_dates_and_keys_that_are_not_offered_are_refused(app: Flask, sign_in: Callable[[str], Visitor],
                                                               changes: dict[str, Any]) -> None:
    client = sign_in("fiscal.mdd")
    before = contents(app)
    assert client.post("/denuncias/nueva", data=posted(**changes)).status_code == 422
    assert contents(app) == before


def test_fields_that_no_form_offers_change_nothing(app: Flask, number: str, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal.mdd")
    forbidden = {"status": "CER", "stage": "99-CER", "number": "SIS-2026-LIM-00001", "id": "99", "version": "77",
                 "completeness": "100", "fiscal_district": "LIM", "confidentiality": "PUB", "created_by_id": "1",
                 "core_at_registration": "0", "joined_into": "1", "closed_on": "1/1/2026", "completed_at": "hoy",
                 "effective_collaboration": "1", "victims_total": "99"}
    before = contents(app)
    client.post(f"/denuncias/{number}/editar/registro", data=forbidden)
    assert contents(app) == before


@pytest.mark.parametrize("token", [None, "falso"])
def test_a_form_without_its_token_is_refused_everywhere_and_writes_nothing(app: Flask, number: str,
                                                                           sign_in: Callable[[str], Visitor],
                                                                           token: str | None) -> None:
    client = sign_in("fiscal.mdd")
    before = contents(app)
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        for rule in rules(app):
            if "POST" in (rule.methods or ()):
                answer = client.post(address(rule, number), data={"csrf_token": token} if token else {})
                assert answer.status_code == 400, rule
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert contents(app) == before


def test_the_same_form_posted_twice_makes_one_charge(app: Flask, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal.mdd")
    first, second = (client.post("/denuncias/nueva", data=posted(once="una-vez")) for _ in range(2))
    assert first.location == second.location
    with app.app_context():
        assert db.session.execute(text("SELECT count(*) FROM charge")).scalar() == 1


def test_a_leg_sent_twice_is_one_leg(app: Flask, world: World, sign_in: Callable[[str], Visitor]) -> None:
    with app.app_context():
        number = open_charge(world.viewer("fiscal.mdd"))
    point = next(iter(codelist("route_point")))
    client, typed = sign_in("fiscal.mdd"), {"point": point, "country": "PE", "locality": "Mazuko", "once": "una-vez"}
    answers = [client.post(f"/denuncias/{number}/ruta/nuevo", data=typed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    with app.app_context():
        assert db.session.scalars(select(RouteLeg.sequence)).all() == [1]


def test_saving_every_section_untouched_leaves_the_row_byte_for_byte(app: Flask, number: str,
                                                                     sign_in: Callable[[str], Visitor]) -> None:
    from html import unescape
    client = sign_in("fiscal.mdd")
    before = contents(app)
    for section in ("denuncia", "registro", "procedencia", "hechos", "procedimiento"):
        page = client.get(f"/denuncias/{number}/editar/{section}").get_data(as_text=True)
        form = page[page.index('<form class="s-card s-form"'):]
        form = form[:form.index("</form>")]
        data: dict[str, list[str]] = {}
        for tag in re.findall(r"<input[^>]*>", form):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            kind = re.search(r'type="([^"]*)"', tag)
            if name and value and (kind is None or kind[1] not in ("checkbox", "radio") or " checked" in tag):
                data.setdefault(name[1], []).append(unescape(value[1]))
        for name, body in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.S):
            data[name] = [unescape(body)]
        for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
            chosen = re.findall(r'<option value="([^"]*)" selected', body)
            data[name] = [unescape(one) for one in chosen] or [""]
        answer = client.post(f"/denuncias/{number}/editar/{section}", data=data)
        assert answer.status_code == 302, section
    assert contents(app) == before
