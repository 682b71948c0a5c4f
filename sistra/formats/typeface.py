"""Which font prints which character, and text made harmless for the PDF writer."""
from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from sistra.formats.table import cleaned

REGULAR: Final = "PublicSans"
TABULAR: Final = "PublicSans-Tabular"
SEMIBOLD: Final = "PublicSans-SemiBold"
BOLD: Final = "PublicSans-Bold"
NO_GLYPH: Final = "\u25a1"

_FILES = {REGULAR: "public-sans-400.ttf", TABULAR: "public-sans-400-tabular.ttf", SEMIBOLD: "public-sans-600.ttf",
          BOLD: "public-sans-700.ttf"}
# Every reader of PDF supplies these two, so they are named and not embedded; each prints what its old national
# character set holds (Chinese, Japanese kana, Greek, Cyrillic and signs; Korean).
_BORROWED = {"STSong-Light": "gbk", "HYSMyeongJo-Medium": "euc_kr"}
_SPACES = {"\t": "    ", "\u2028": "\n", "\u2029": "\n", "\u2011": "-", "\u2010": "-", "\u2212": "–"}

# Text is escaped before it is parsed; should one place forget, nothing may be fetched.
rl_config.trustedSchemes = []
rl_config.trustedHosts = []


@cache
def glyphs() -> frozenset[int]:
    """Registers the fonts, once, and returns the characters that all weights of Public Sans have."""
    known: list[set[int]] = []
    for name, file in _FILES.items():
        with as_file(files(__package__).joinpath("fonts", file)) as path:
            font = TTFont(name, str(path))
        pdfmetrics.registerFont(font)
        known.append(set(font.face.charToGlyph))
    for name in _BORROWED:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    return frozenset(set.intersection(*known) - {0xAD})


@cache
def font_of(character: str) -> str | None:
    """"" for Public Sans, the name of a borrowed font, or None when no font has the character."""
    if ord(character) in glyphs() or character == "\n":
        return ""
    if ord(character) > 0xFFFF:
        return None
    for name, charset in _BORROWED.items():
        try:
            character.encode(charset)
        except UnicodeEncodeError:
            continue
        return name
    return None


def _legible(text: str) -> str:
    """`text` composed, without invisible signs (direction marks among them: they reorder what is read)."""
    if text.isascii() and text.isprintable():
        return text
    text = "".join(_SPACES.get(sign, sign) for sign in unicodedata.normalize("NFC", cleaned(text)))
    return "".join(
        " " if unicodedata.category(sign) == "Zs" else sign for sign in text
        if unicodedata.category(sign) != "Cf" and not 0xFE00 <= ord(sign) <= 0xFE0F
    )


def spelled(text: str) -> str:
    """`text` on one line, for places where the reader's program has the fonts: outline and metadata."""
    return " ".join(_legible(text).split())


@dataclass(slots=True)
class Typeface:
    """Text for one document. `missing` counts the characters printed as an empty square."""

    missing: int = 0

    def plain(self, text: str) -> str:
        """`text` in Public Sans alone, one line: every other character becomes the empty square."""
        return self._each(spelled(text), lambda sign: font_of(sign) == "")

    def markup(self, text: str) -> str:
        """`text` for a paragraph: escaped, line ends kept, other fonts named where they are needed."""
        text = self._each(_legible(text), lambda sign: font_of(sign) is not None)
        runs = ((font, escape("".join(signs))) for font, signs in groupby(text, lambda sign: font_of(sign) or ""))
        return "".join(f'<font name="{font}">{run}</font>' if font else run for font, run in runs).replace(
            "\n", "<br/>")

    def is_plain(self, text: str) -> bool:
        """Whether `text` is one line that Public Sans prints as it stands."""
        return "\n" not in text and _legible(text) == text and all(font_of(sign) == "" for sign in text)

    def _each(self, text: str, has: Callable[[str], bool]) -> str:
        signs = [sign if has(sign) else NO_GLYPH for sign in text]
        self.missing += sum(map(str.__ne__, signs, text))
        return "".join(signs)
