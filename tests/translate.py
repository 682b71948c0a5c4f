"""Brings the English of SISTRA up to date: `python -m tests.translate`, from the root of the project.

It reads the sentences out of `sistra/`, keeps the translations already made, drops those whose sentence is gone, writes
`messages.po` and `messages.mo`, and prints what is still untranslated (and ends with status 1 while there is any).
To translate, fill the empty `msgstr` of `messages.po` and run it again.
"""
from __future__ import annotations

import io
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "sistra" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
COMPILED = CATALOGUE.with_suffix(".mo")
HEADER = "# English of SISTRA. The Spanish sentences are the sources; `python -m tests.translate` updates this file."
KEYWORDS = {**DEFAULT_KEYWORDS, "said": None}
"""What marks a sentence, besides `_` and `ngettext`: `said` in the code that may not know Flask."""


class English(Catalog):
    """A catalogue whose header says what reading it needs, and neither who wrote it nor when."""

    def __init__(self) -> None:
        super().__init__(locale="en", fuzzy=False, charset="utf-8", header_comment=HEADER)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [("Language", "en"), ("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Transfer-Encoding", "8bit"), ("Plural-Forms", self.plural_forms)]


def extracted(folder: Path = ROOT) -> Catalog:
    """Every marked sentence under `folder`/sistra, by the mappings of pyproject.toml, without a translation."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {mapping["pattern"]: {key: str(value) for key, value in mapping.items() if key not in ("pattern", "method")}
               for mapping in mappings}
    catalogue = Catalog(locale="en", fuzzy=False)
    for _file, _line, ids, _comments, context in extract_from_dir(
            folder, methods, options, KEYWORDS, directory_filter=lambda path: not Path(path).name.startswith((".", "_"))):
        catalogue.add(ids, None, context=context)
    return catalogue


def stored() -> Catalog:
    """The catalogue as committed; empty before the first run."""
    if not CATALOGUE.exists():
        return Catalog(locale="en", fuzzy=False)
    with CATALOGUE.open("rb") as source:
        return read_po(source, locale="en")


def strings(message: Message) -> tuple[str, ...]:
    """The translation of a message as a tuple: one text, or one for each plural form; empty ones are kept."""
    found: Any = message.string
    return found if isinstance(found, tuple) else (found or "",)


def sentence(message: Message) -> str:
    """The Spanish of a message; of one with a plural, the singular."""
    return str(message.id[0] if isinstance(message.id, (list, tuple)) else message.id)


def messages(catalogue: Catalog) -> dict[str, Message]:
    """The messages of a catalogue by their Spanish, in alphabetical order, without the header."""
    return dict(sorted((sentence(message), message) for message in catalogue if message.id))


def untranslated(catalogue: Catalog) -> Iterator[Message]:
    """The messages without English, or with English in doubt."""
    return (message for message in messages(catalogue).values() if message.fuzzy or not all(strings(message)))


def merged(known: Catalog, found: Catalog) -> Catalog:
    """The sentences of `found`, with the translations of `known` where the sentence is the same to the letter.

    No translation is guessed from a similar sentence. One with a plural and one without are different sentences.
    """
    result, translations = English(), messages(known)
    for text, message in messages(found).items():
        old = translations.get(text)
        keep = old is not None and bool(old.pluralizable) == bool(message.pluralizable)
        result.add(message.id, old.string if old and keep else None, flags=old.flags & {"fuzzy"} if old and keep else ())
    return result


def written(catalogue: Catalog) -> bytes:
    """The text of `messages.po`: sorted and without places in the source, so that only words change it."""
    out = io.BytesIO()
    write_po(out, catalogue, width=120, no_location=True, sort_output=True)
    return out.getvalue()


def packed(catalogue: Catalog) -> bytes:
    """The bytes of `messages.mo`."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> int:
    catalogue = merged(stored(), extracted())
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(written(catalogue))
    COMPILED.write_bytes(packed(catalogue))
    missing = list(untranslated(catalogue))
    print(f"{len(messages(catalogue))} messages, {len(missing)} without English")
    for message in missing:
        print("  " + sentence(message).replace("\n", "\\n"))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
