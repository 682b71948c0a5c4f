"""A person at the keyboard: every control is reached with Tab, as it stands on the page, and never by pointing at it."""
from __future__ import annotations

import re
from typing import Any

FURTHEST = 500
"""More stops than any page has, round once."""

_STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const words = text => (text || '').replace(/\\s+/g, ' ').trim();
  return {tag: at.tagName.toLowerCase(), type: at.type || '', name: at.getAttribute('name') || '', value: at.value ?? '',
          checked: Boolean(at.checked), text: words(at.textContent), seen: at.checkVisibility({checkVisibilityCSS: true})};
}"""


class Keyboard:
    """A browser page, driven by keys. `told()` is what the page says; each act that leaves the page waits for the next."""

    def __init__(self, page: Any) -> None:
        self.page = page

    # -- reading --------------------------------------------------------------------------------------------------------

    def told(self) -> str:
        """All the words that the page shows in its main part, its messages and its heading, on one line."""
        return re.sub(r"\s+", " ", str(self.page.locator("body").inner_text()))

    def shows(self, *sentences: str) -> None:
        told = self.told()
        assert [one for one in sentences if one not in told] == [], f"{self.page.url}: {told}"

    def hides(self, *words: str) -> None:
        """The words stand nowhere in the page, values of boxes and hidden parts included."""
        source = self.page.content()
        assert [one for one in words if one in source] == [], self.page.url

    def row(self, *cells: str) -> None:
        """One row of a table of the page holds all of these."""
        rows = [re.sub(r"\s+", " ", one) for one in self.page.locator("tr").all_inner_texts()]
        assert any(all(cell in row for cell in cells) for row in rows), rows

    def answered(self, label: str, value: str) -> None:
        """A line of the page's lists of answers says this value beside this label."""
        lines = self.page.locator("dl > div").filter(has=self.page.locator("dt").get_by_text(label, exact=True))
        values = [re.sub(r"\s+", " ", one).strip() for one in lines.locator("dd:nth-of-type(1)").all_inner_texts()]
        assert value in values, (label, values)

    # -- moving ---------------------------------------------------------------------------------------------------------

    def _stop(self) -> dict[str, Any]:
        return self.page.evaluate(_STOP) or {}

    def _reach(self, wanted: Any, what: str) -> dict[str, Any]:
        """Presses Tab until the wanted stop has the focus. A stop that nobody can see is a fault."""
        stop, passed = self._stop(), []
        for _ in range(FURTHEST):
            if stop and wanted(stop):
                assert stop["seen"], f"{what} takes the focus unseen at {self.page.url}"
                return stop
            self.page.keyboard.press("Tab")
            stop = self._stop()
            if stop and (mark := stop["name"] or stop["text"]) not in passed:
                passed.append(mark)
        raise AssertionError(f"{what} cannot be reached by Tab at {self.page.url}, only {passed}")

    def at(self, name: str, value: str | None = None) -> dict[str, Any]:
        return self._reach(lambda stop: stop["name"] == name and value in (None, stop["value"]), f"{name} {value or ''}".strip())

    def follow(self, words: str | re.Pattern[str]) -> None:
        """Reaches the link or button of those words, presses Enter and waits for the page that it leads to."""
        self.on(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def on(self, words: str | re.Pattern[str]) -> None:
        """Reaches the link or button of those words."""
        said = words if isinstance(words, re.Pattern) else re.compile(re.escape(words))
        self._reach(lambda stop: stop["tag"] in ("a", "button", "summary") and said.fullmatch(stop["text"]), f"«{words}»")

    def download(self, button: str) -> bytes:
        """Presses the button and gives the bytes of the file that comes."""
        self.on(button)
        with self.page.expect_download() as coming:
            self.page.keyboard.press("Enter")
        with open(coming.value.path(), "rb") as file:
            return file.read()

    # -- answering ------------------------------------------------------------------------------------------------------

    def write(self, name: str, text: str) -> None:
        """Types into a box in the place of what it held."""
        self.at(name)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        assert self._stop()["value"] == text

    def choose(self, name: str, value: str) -> None:
        """Chooses in a select or among radios with the arrows."""
        stop = self.at(name)
        self.page.keyboard.press("Home" if stop["tag"] == "select" else "Space")
        for _ in range(FURTHEST):
            if (stop := self._stop())["value"] == value:
                assert stop["tag"] == "select" or stop["checked"]
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name} does not offer {value} at {self.page.url}")

    def tick(self, name: str, *values: str) -> None:
        """Ticks boxes with the space bar, in their order on the page."""
        for value in values:
            if not self.at(name, value)["checked"]:
                self.page.keyboard.press("Space")
            assert self._stop()["checked"], (name, value)

    def unfold(self, words: str) -> None:
        self.on(words)
        self.page.keyboard.press("Enter")

    def holds(self, name: str) -> str:
        """What stands in a box."""
        return str(self.page.locator(f'[name="{name}"]').first.input_value())

    def ticked(self, name: str) -> list[str]:
        """The values ticked under a name."""
        return list(self.page.eval_on_selector_all(f'[name="{name}"]:checked', "boxes => boxes.map(box => box.value)"))

    def offered(self, name: str) -> list[str]:
        """The values that a select, radios or boxes offer, as they stand on the page."""
        selector = f'[name="{name}"] option, input[name="{name}"]'
        return list(self.page.eval_on_selector_all(selector, "all => all.map(one => one.value)"))
