"""What one user is given, page by page and file by file, and which words stood in it that should not have."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO
from itertools import product
from typing import Any

from flask import Flask
from openpyxl import load_workbook
from pypdf import PdfReader

from sistra.rules import facets
from sistra.rules.reports.definitions import REPORTS
from sistra.services import export_runs as runs
from sistra.services import exports
from sistra.services.charge_list import SORTS
from tests.conftest import Visitor
from tests.factories.canaries import DOCKET, Folder, canary
from tests.web import matrix

KEYS = range(1, 9)
CODES = ("A-1", "A-2", "I-1")
LEFT = ("/salir", "/idioma", "/static", "/borradores", "/reportes/R")
"""Addresses that are not followed: what they do, and the reports, which are read by tests of their own."""
_ECHOED = re.compile(r'<input type="hidden"[^>]*>|[0-9a-f]{16,}|\d\d/\d\d/\d{4}, \d\d:\d\d')


class Crawl:
    """What one user is given; `found` are the words that should not have been there, each with where it stood."""

    def __init__(self, client: Visitor, forbidden: Iterable[str]) -> None:
        self.client, self.forbidden = client, tuple(forbidden)
        self.found: set[tuple[str, str]] = set()
        self.read: set[str] = set()
        self.refused: set[str] = set()
        self.dead_ends: frozenset[str] = frozenset()
        self.files: set[str] = set()

    def look(self, where: str, *texts: str) -> None:
        self.found |= {(where, word) for text in texts for word in self.forbidden if word in text}

    def get(self, address: str, *, again: bool = False) -> str:
        """Reads an address once, with its headers, and gives its page (empty where it is no page)."""
        if address in self.read and not again:
            return ""
        self.read.add(address)
        answer = self.client.get(address)
        if answer.status_code >= 500:
            self.found.add((address, str(answer.status_code)))
        if answer.status_code in (403, 404):
            self.refused.add(address)
        page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        self.look(
            address, *(text.replace(address.partition("q=")[2] or "\0", "") for text in (unescape(page), str(answer.headers)))
        )
        if answer.status_code == 200 and not page:
            self.file(address, answer)
        return page

    def follow(self, *starts: str) -> None:
        """Every page that links lead to."""
        waiting = ["/", *starts, "/expedientes/", "/denuncias/", "/derivaciones/"]
        while waiting:
            page = self.get(waiting.pop())
            links = [unescape(link).partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)]
            waiting += [link for link in links if link not in self.read and not link.startswith(LEFT)]

    def post(self, where: str, **answers: Any) -> Any:
        answer = self.client.post(where, data=answers)
        self.look(where, str(answer.headers))
        return answer

    def file(self, where: str, answer: Any) -> None:
        """Reads a file to the last part."""
        self.files.add(where)
        for part, text in parts(answer.data):
            self.look(f"{where} {part}", text)

    # -- surfaces that are no page of a charge ------------------------------------------------------------------------------

    def desk(self, *queries: str) -> None:
        for query in ("", *queries):
            self.get(f"/mesa{query}", again=True)

    def search(self, words: Iterable[str], *, none: str = "Qzxnada77") -> None:
        """Searches what is hidden: the answer must be the one that is given to what does not exist, word for word."""
        for word in words:
            asked = [self.post("/buscar/", q=text) for text in (word, none)]
            pages = [unescape(_ECHOED.sub("", one.get_data(as_text=True))) for one in asked]
            if asked[0].status_code != asked[1].status_code or pages[0].replace(word, "·") != pages[1].replace(none, "·"):
                self.found.add(("/buscar/", word))

    def begun(self, words: Iterable[str]) -> None:
        """Searches the beginnings of words: their ends must not come back, nor parted by marks."""
        for word in words:
            answer = self.post("/buscar/", q=word[:-2])
            page = unescape(answer.get_data(as_text=True))
            self.look(f"/buscar/ {word[:-2]}", page, re.sub(r"<[^>]+>", "", page))

    def figures(self, codes: Iterable[str] = tuple(REPORTS), more: str = "") -> None:
        """Reports on screen and as files."""
        self.get("/reportes/")
        for code in codes:
            self.get(f"/reportes/{code}?{more}")
            for form in ("xlsx", "csv", "pdf"):
                self.get(f"/reportes/{code}/{form}?{more}")

    def month(self) -> None:
        """The monthly report, on screen and printed."""
        this = f"{date.today():%Y-%m}"
        for address in ("/reportes/mensual", f"/reportes/mensual?mes={this}", f"/reportes/mensual/pdf?mes={this}"):
            self.get(address, again=True)

    def ordered(self, app: Flask, where: str, **answers: Any) -> str:
        """Orders a file where it is asked, at once or, where it is long, by the worker; gives the address of the run, if any."""
        answer = self.post(where, **answers)
        if answer.status_code == 200:
            self.file(where, answer)
        if answer.status_code != 303:
            return ""
        address = str(answer.location)
        self.get(address, again=True)
        with app.app_context():
            for key in runs.waiting():
                runs.carry_out(key, lambda: datetime.now(UTC))
        return address

    def fetched(self, address: str) -> int:
        """Fetches the file of a run as its page offers it, and looks at both pages of downloads; gives the answer's status."""
        for page in (address, "/descargas"):
            self.get(page, again=True)
        answer = self.post(f"{address}/archivo")
        if answer.status_code == 200:
            self.file(f"{address}/archivo", answer)
        self.get(address, again=True)
        return int(answer.status_code)


# -- files ------------------------------------------------------------------------------------------------------------------


def parts(content: bytes) -> Iterator[tuple[str, str]]:
    """Each part of a file with its text: names and contents of an archive, cells of every sheet, text and metadata of a PDF."""
    if content[:2] == b"PK":
        yield from _archive(content)
    elif content[:5] == b"%PDF-":
        yield from _printed(content)
    else:
        yield "content", content.decode("utf-8", "replace")


def _archive(content: bytes) -> Iterator[tuple[str, str]]:
    """As it is packed, so that nothing hidden is left out, and the cells as they are read: days are numbers in the XML."""
    archive = zipfile.ZipFile(BytesIO(content))
    yield "comment", archive.comment.decode("utf-8", "replace")
    for name in archive.namelist():
        yield name, name + unescape(archive.read(name).decode("utf-8", "replace"))
    if "xl/workbook.xml" in archive.namelist():
        for sheet in load_workbook(BytesIO(content)).worksheets:
            cells = (value for row in sheet.iter_rows(values_only=True) for value in row if value is not None)
            yield f"sheet {sheet.title} ({sheet.sheet_state})", " ".join(map(_cell, cells))


def _cell(value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%Y-%m-%d} {value:%d/%m/%Y}"
    return f"{value} {value:.2f}" if isinstance(value, int | float) else str(value)


def _printed(content: bytes) -> Iterator[tuple[str, str]]:
    printed = PdfReader(BytesIO(content))
    text = "".join(page.extract_text() for page in printed.pages)
    yield "text", text
    yield "text without spaces", re.sub(r"\s+", "", text)
    yield "metadata", str(printed.metadata) + (printed.xmp_metadata.stream.get_data().decode("utf-8", "replace")
                                               if printed.xmp_metadata else "")
    yield "outline", " ".join(str(one) for one in printed.outline)
    yield "attachments", " ".join(f"{name} {held}" for name, held in printed.attachments.items())


def files(crawl: Crawl, number: str, cases: Iterable[int]) -> None:
    """The files of charges and court cases that this user may take away."""
    for form in ("xlsx", "csv"):
        answer = crawl.post("/denuncias/exportar", units=list(exports.UNITS), format=form, reason_code="ACT")
        if answer.status_code == 200:
            crawl.file(f"/denuncias/exportar {form}", answer)
    for address, sections in (
        (f"/denuncias/{number}/pdf", exports.CHARGE_SECTIONS),
        *((f"/expedientes/{key}/pdf", exports.COURT_SECTIONS) for key in cases),
    ):
        answer = crawl.post(address, sections=list(sections), reason_code="ACT")
        if answer.mimetype == "application/pdf":
            crawl.file(address, answer)


# -- addresses --------------------------------------------------------------------------------------------------------------


def everything(app: Flask, folder: Folder) -> Iterator[str]:
    """Every address that can be read about the shared charge, the one beside it and their court cases."""
    others = {
        "section": "hechos",
        "username": "fiscal.lim",
        "kind": "despachos",
        "form": "charges.create",
        "event_type": "DIP-URG",
        "token": "x",
        "search_id": "nada",
        "run_id": "x",
    }
    for rule in app.url_map.iter_rules():
        left = rule.endpoint in matrix.PUBLIC_PAGES or rule.endpoint.startswith(("accounts", "reports"))
        if left or "GET" not in (rule.methods or ()):
            continue
        keys = [name for name in rule.arguments if name not in ("number", "code", *others)]
        spans: list[Iterable[Any]] = [KEYS if len(keys) == 1 or name in ("key", "case_id") else (1, 2, 3) for name in keys]
        spans += [CODES] if "code" in rule.arguments else []
        names = [*keys, *(["code"] if "code" in rule.arguments else [])]
        for values in product(*spans):
            built = rule.build({**others, **dict(zip(names, values, strict=True)), "number": folder.number}, append_unknown=False)
            if built is not None:
                yield built[1]


def lists(query: str) -> Iterator[str]:
    """Both lists with each choice of each filter, and each order."""
    for address, known in (("/denuncias/", facets.CHARGES), ("/expedientes/", facets.COURT_CASES)):
        for name, facet in known.items():
            yield from (f"{address}?{name}={code}" for code in facet.words)
            yield f"{address}?{name}=2026"
    yield from (f"/denuncias/?orden={sign}{name}" for name in SORTS for sign in ("", "-"))
    yield from (f"/buscar/?q={text}" for text in (query, DOCKET, DOCKET[:5], *(canary(code) for code in ("RES", "HEC", "EXP"))))


def shown_as_json(app: Flask, user: str, number: str, target: Any) -> str:
    """What `flask show --format json` writes for that user."""
    result = app.test_cli_runner().invoke(args=["show", number, "--as", user, "--format", "json", "--out", str(target)])
    if result.exit_code != 0:
        return str(result.output)
    return target.read_text(encoding="utf-8") + str(result.output)
