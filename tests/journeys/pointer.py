"""A person with a pointer, whose clicks are counted from the moment they are signed in."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.factories.world import PASSWORD
from tests.journeys.filling import follow


class Pointer:
    """A browser page driven by clicks; each that leaves the page waits for the next.

    What is typed costs none; choosing in a closed list costs two, since it must be opened.
    """

    def __init__(self, page: Any) -> None:
        self.page, self.clicks = page, 0

    def enters(self, username: str) -> None:
        """Signs in at the door; clicks are counted from the page to which that leads."""
        self.page.goto("/entrar")
        self.page.get_by_label("Usuario").fill(username)
        self.page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
        follow(self.page.get_by_role("button", name="Entrar"))
        assert self.page.url.endswith("/mesa"), self.page.url
        self.clicks = 0

    def leaves(self) -> None:
        """Signs out."""
        follow(self.page.get_by_role("button", name="Salir"))
        assert "Salió del sistema." in self.told()

    def told(self) -> str:
        """The words of the main part of the page."""
        return str(self.page.locator("main").inner_text())

    def follows(self, name: Any, *, within: Any = None) -> None:
        """Clicks the first link of that name."""
        self._leads_on((within or self.page).get_by_role("link", name=name).first)

    def presses(self, name: Any, *, within: Any = None) -> None:
        """Clicks the first button of that name in the main part of the page."""
        self._leads_on((within or self.page.locator("main")).get_by_role("button", name=name).first)

    def ticks(self, name: str, value: str) -> None:
        self._click(self.page.locator(f'[name="{name}"][value="{value}"]'))

    def chooses(self, name: str, value: str) -> None:
        self.clicks += 2
        self.page.locator(f'select[name="{name}"]').select_option(value)

    def takes(self, name: Any) -> bytes:
        """The file that the link or button of that name hands out."""
        control = self.page.locator("main").get_by_role("link", name=name).or_(
            self.page.locator("main").get_by_role("button", name=name))
        with self.page.expect_download() as download:
            self._click(control.first)
        return Path(download.value.path()).read_bytes()

    def _click(self, control: Any) -> None:
        self.clicks += 1
        control.click()

    def _leads_on(self, control: Any) -> None:
        self.clicks += 1
        follow(control)
