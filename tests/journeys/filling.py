"""Fills the forms of the application as a person does: by what each field is, not by where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sistra.codebook import places
from tests.factories.proceedings import Answers


def follow(control: Any) -> Any:
    """Clicks what leads to another page and gives the response that came. A click alone returns before the page is there."""
    with control.page.expect_navigation() as coming:
        control.click()
    return coming.value


def fill(page: Any, answers: Answers, prefix: str = "") -> None:
    """Answers what the page asks, in the order given. Every answer must find its field."""
    left = fill_where_asked(page, answers, prefix)
    assert not left, f"no field for {sorted(left)} at {page.url}"


def fill_where_asked(page: Any, answers: Answers, prefix: str = "") -> dict[str, Any]:
    """Answers what the page asks, in the order given, and gives the answers that it does not ask."""
    left = {}
    for name, value in answers.items():
        if not _answer(page, f"{prefix}{name}", value):
            left[name] = value
    return left


def _answer(page: Any, name: str, value: Any) -> bool:
    unknown = page.locator(f'input[type=checkbox][name="{name}-unknown"][value="{value}"]') if isinstance(value, str) else None
    if unknown is not None and unknown.count():
        _reach(unknown)
        unknown.check()
        return True
    if page.locator(f'[name="{name}-years"]').count():
        for part, number in zip(("years", "months", "days"), str(value).split("-"), strict=True):
            _reach(page.locator(f'[name="{name}-{part}"]'))
            page.locator(f'[name="{name}-{part}"]').fill(number)
        return True
    controls = page.locator(f'[name="{name}"]')
    if not controls.count():
        return False
    _reach(controls.first)
    kind = controls.first.evaluate("control => control.tagName === 'INPUT' ? control.type : control.tagName.toLowerCase()")
    if kind in ("radio", "checkbox"):
        for one in (value,) if isinstance(value, str) else value:
            option = page.locator(f'[name="{name}"][value="{one}"]')
            _reach(option)
            option.check()
    elif kind == "select":
        controls.first.select_option(value)
    else:
        controls.first.fill(_text(str(value)))
    return True


def _reach(control: Any) -> None:
    """Opens what is folded over the control."""
    control.evaluate(
        "control => { let box = control.closest('details');"
        " while (box) { box.open = true; box = box.parentElement.closest('details'); } }"
    )


def _text(value: str) -> str:
    code, mark, _name = value.partition("|")
    return places.labelled(places.place(code)) if mark else value


def send(page: Any, button: str = "", *, expect: str = "") -> None:
    """Presses the form's main button, or the one of that name, and waits for the answer, which must not tell of problems."""
    named = page.get_by_role("button", name=button, exact=True)
    main = page.locator("main form[method=post] .govuk-button-group button.govuk-button:not(.govuk-button--secondary)")
    follow((named if button else main).first)
    told = page.locator(".govuk-error-summary")
    assert not told.count(), told.inner_text()
    assert expect in page.url, page.url


def edit(page: Any, address: str, sections: Iterable[str], answers: Mapping[str, Any]) -> None:
    """Answers, section after section, what a first form did not ask. Every answer must find its field."""
    left = dict(answers)
    for section in sections:
        if not left:
            return
        page.goto(f"{address}/editar/{section}")
        rest = fill_where_asked(page, left)
        if len(rest) < len(left):
            send(page)
        left = rest
    assert not left, f"no field for {sorted(left)}"
