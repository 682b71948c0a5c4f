"""What a browser says of itself, in words that its owner knows again."""
from __future__ import annotations

from flask_babel import gettext as _

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
             ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
"""In this order: most of them call themselves by the names of those below too."""
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
            ("Linux", "Linux"))


def in_words(agent: str | None) -> str:
    """ "Chrome en Windows" and the like; what is not known so, as the browser said it."""
    agent = agent or ""
    browser, system = (next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS))
    return _("%(browser)s en %(system)s", browser=browser, system=system) if browser and system else agent
