"""The door of the house: every endpoint wears a guard the policy knows, addresses are plain, pages carry no markup of users."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from sistra.access.may import POLICY

ROOT = Path(__file__).parents[2]
PUBLIC = {
    "static", "session.sign_in", "session.second_factor", "session.invitation", "session.language", "session.health",
    "session.accessibility",
}
"""What anybody reaches. A new one is added here by hand, with a thought."""


def endpoints(app: Flask) -> list[str]:
    return sorted(app.view_functions)


def test_every_endpoint_wears_exactly_one_guard_that_the_policy_knows(app: Flask) -> None:
    bare = {name for name in endpoints(app) if name != "static" and not hasattr(app.view_functions[name], "guard")}
    assert not bare
    unknown = {name: guard for name in endpoints(app) if name != "static"
               if (guard := app.view_functions[name].guard) != "public" and guard not in POLICY}  # type: ignore[attr-defined]
    assert not unknown


def test_only_the_known_few_are_public(app: Flask) -> None:
    public = {name for name in endpoints(app) if getattr(app.view_functions[name], "guard", "") == "public"}
    assert {name.removesuffix("_post").removesuffix("_submit") for name in public} - PUBLIC <= {
        name for name in public if name.split(".")[0] == "session"}
    assert {name for name in public if name.split(".")[0] != "session"} == set()


def test_addresses_are_lower_case_ascii_with_hyphens(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            fixed = re.sub(r"<[^>]+>", "", rule.rule)
            assert re.fullmatch(r"[a-z0-9/.-]*", fixed), rule.rule


def test_no_address_takes_a_name_or_a_document(app: Flask) -> None:
    allowed = {"number", "code", "section", "key", "username", "token", "form", "list_name"}
    for rule in app.url_map.iter_rules():
        names = {name for name in rule.arguments if not name.endswith("_id")}
        assert rule.endpoint == "static" or names <= allowed | {"event_type", "search_id", "kind"}, rule.rule


@pytest.mark.parametrize("path", sorted((ROOT / "sistra" / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_prints_text_unescaped(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "|safe" not in text.replace(" ", "") and "autoescape false" not in text


@pytest.mark.parametrize("path", sorted((ROOT / "sistra" / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_carries_inline_script_or_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|<style", text)
