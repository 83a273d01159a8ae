"""Which characters the bundled fonts can draw; the only module that knows fontTools.

Invariant: a character they lack is printed as its number, `[U+1F600]`. A glyph of some font of the
machine, an empty box or an invisible mark that turns a line round would be worse on paper that a
head signs. Absent on purpose: fall-back fonts.

WeasyPrint's own style sheet without what no form uses.

It styles six pseudo-elements of notes for every element of a page, used or not: a tenth of all the
work of laying out. Invariant: its sheet is copied, never changed. Absent on purpose: the library,
whose sheets are taken as they come.

HTML in, pages out: the only module that knows WeasyPrint.

Importing it takes a third of a second and raises PangoMissing where Pango is not installed, so
import it when a PDF is made. Invariants: a page can fetch registered ids only, anything else stops
the job; only fonts given as assets are used; no other program is started; same input, same bytes,
whatever the time zone, folder or locale.
Absent on purpose: files, network, the clock; proof of conformance (PDF/A-3a is declared).
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from copy import copy
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # the library has no types

from papka.core.errors import PangoMissing, PapkaError
from papka.core.installation import without_compilers
from papka.paper.html import SCHEME, TEMPLATES
from papka.paper.html import style as in_russian
from papka.paper.limited_process import seldom_collected

_SPACES = {"\u202f": "\u00a0", "\u2009": "\u00a0", "\u2010": "-"}
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs"})
_LAYOUT = frozenset("\n\t\u00ad")
_ENDLESS = re.compile(r"[^\s<>&]{100,}(?=[^<>]*<)")
"""A word of a page's text, not of a tag, longer than any line."""
_PIECE = 30


class BadFont(ValueError):
    """The bytes under this name are no font."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def drawable(fonts: Mapping[str, bytes]) -> frozenset[str]:
    """Visible characters that every one of the fonts has. Raises BadFont."""
    tables = [_characters(name, data) for name, data in fonts.items()]
    shared = frozenset.intersection(*tables) if tables else frozenset()
    return frozenset(c for c in map(chr, shared) if unicodedata.category(c) not in _INVISIBLE)


def _characters(name: str, data: bytes) -> frozenset[int]:
    try:
        return frozenset(TTFont(BytesIO(data), lazy=True).getBestCmap())
    except Exception as error:  # damaged bytes make fontTools fail in any way there is
        raise BadFont(name) from error


def printable(text: str, characters: frozenset[str]) -> str:
    """The text, composed (NFC), with every character outside `characters` as its number."""
    composed = unicodedata.normalize("NFC", text)
    foreign = set(composed) - characters - _LAYOUT
    return composed.translate({ord(c): _SPACES.get(c, f"[U+{ord(c):04X}]") for c in foreign})


def breakable(html: str) -> str:
    """With places to break inside words without end, whose lines would each cost the whole word."""

    def broken(found: re.Match[str]) -> str:
        word = found[0]
        return "<wbr>".join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))

    return _ENDLESS.sub(broken, html)


_NOTES = frozenset(
    ("footnote-call", "footnote-marker", "note-call", "note-marker", "note-callback")
)


@cache
def without_notes(sheet: Any) -> Any:  # noqa: ANN401 - a style sheet of an untyped library
    """The sheet with no rule for footnotes and notes."""
    lighter, matcher = copy(sheet), copy(sheet.matcher)
    matcher.other_selectors = [
        selector for selector in matcher.other_selectors if selector[3] not in _NOTES
    ]
    lighter.matcher = matcher
    return lighter


try:
    # Without Pango it prints advice of its own, in English, before it raises.
    with redirect_stdout(StringIO()), without_compilers():
        import weasyprint  # type: ignore[import-untyped]  # the library has no types
        from weasyprint.logger import LOGGER  # type: ignore[import-untyped]  # as above
        from weasyprint.text.fonts import (  # type: ignore[import-untyped]  # as above
            FontConfiguration,
        )
        from weasyprint.urls import (  # type: ignore[import-untyped]  # as above
            FatalURLFetchingError,
            URLFetcher,
            URLFetcherResponse,
        )
except OSError as error:
    raise PangoMissing(str(error).splitlines()[0]) from error

_VARIANT = "pdf/a-3a"
_TYPES = {
    "css": "text/css",
    "ttf": "font/ttf",
    "yaml": "application/yaml",
    "jpg": "image/jpeg",
    "png": "image/png",
}


class PrintFailed(PapkaError):
    """The page asked for something it may not have, or a style sheet is wrong."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Страница не печатается: {reason}",
            "Исправьте файл в templates/ и сохраните: papka save (печатается только сохранённое). "
            "Странице доступны только стили и шрифты из этой папки",
        )


@dataclass(frozen=True, slots=True)
class Attached:
    """A file put inside the PDF: `relationship` is Source, Data, … of ISO 32000-2, 7.11.3."""

    name: str
    data: bytes
    description: str = ""
    relationship: str = "Source"


@dataclass(frozen=True, slots=True)
class Layout:
    """Laid-out pages, and the page (from 1) on which each element id begins."""

    sheets: tuple[Any, ...]
    anchors: Mapping[str, int]
    document: Any

    @property
    def pages(self) -> int:
        return len(self.sheets)

    def page_of(self, anchor: str) -> int:
        """The page on which this element begins."""
        if anchor not in self.anchors:
            raise PrintFailed(f'в шаблоне нет раздела id="{anchor}"')
        return self.anchors[anchor]

    def cut(self, first: int, last: int) -> tuple[Any, ...]:
        """Pages `first` to `last`, both included, to be bound with others."""
        return self.sheets[first - 1 : last]

    def bound(self, sheets: Iterable[Any]) -> Layout:
        """These pages, also those of other layouts, as one document with this one's metadata."""
        pages = tuple(sheets)
        return Layout(pages, _anchors(pages), self.document.copy(list(pages)))

    @seldom_collected()
    def write(self, attached: Iterable[Attached], as_of: dt.datetime, identifier: bytes) -> bytes:
        """The PDF. `as_of` is written as the date of every part; `identifier` is 16 bytes."""
        when = as_of.astimezone(dt.UTC)
        in_tree_order = sorted(attached, key=lambda item: item.name)
        with _nothing_ignored("форма"), warnings.catch_warnings():
            # WeasyPrint 70 leaves its colour profile open for the garbage collector.
            warnings.simplefilter("ignore", ResourceWarning)
            data: bytes = self.document.write_pdf(
                pdf_variant=_VARIANT,
                pdf_identifier=identifier.hex().encode(),
                attachments=[_attachment(item, when) for item in in_tree_order],
                finisher=_list_attachments_once,
            )
        return data


@seldom_collected()
def lay_out(  # noqa: PLR0913 - what a page is made of, all of it named
    html: str,
    styles: Iterable[str],
    assets: Mapping[str, bytes],
    name: str = "форма",
    *,
    images: Mapping[str, bytes] | None = None,
    first: int = 1,
) -> Layout:
    """Lay `html` out with these style sheets, named by their registered ids.

    `name` is what made the page, for messages; `images` are registered ids of this page alone;
    `first` is the number of its first sheet. Raises PrintFailed for a foreign resource, a missing
    id or a rule WeasyPrint does not know.
    """
    prepared = _prepared(_Assets(assets), tuple(styles))
    sheets = list(prepared.styles)
    if first != 1:
        begin = f"counter-reset: page {first - 1}; counter-increment: page"
        sheets.append(weasyprint.CSS(string=f"@page :first {{ {begin} }}"))
    with _nothing_ignored(name):
        page = _Page(
            string=breakable(printable(html, prepared.characters)),
            url_fetcher=_Registered({**assets, **(images or {})}),
        )
        document = page.render(font_config=prepared.fonts, stylesheets=sheets, pdf_variant=_VARIANT)
    return Layout(tuple(document.pages), _anchors(document.pages), document)


class _Assets:
    """Assets as the key of a cache: equal when their names and bytes are."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        total = sha256()
        for name in sorted(files):
            total.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
        self._digest = total.digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Assets) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)


@dataclass(frozen=True, slots=True)
class _Prepared:
    fonts: Any
    styles: tuple[Any, ...]
    characters: frozenset[str]


@lru_cache(maxsize=1)
def _prepared(assets: _Assets, styles: tuple[str, ...]) -> _Prepared:
    """Fonts loaded and style sheets parsed: once for many documents."""
    fonts, fetcher = FontConfiguration(), _Registered(assets.files)
    files = {name: data for name, data in assets.files.items() if name.endswith(".ttf")}
    try:
        characters = drawable(files)
    except BadFont as error:
        raise PrintFailed(f"{_path(error.name)}: это не шрифт") from error
    sheets = []
    for name in styles:
        _readable(name, assets.files)
        with _nothing_ignored(_path(name)):
            sheets.append(weasyprint.CSS(url=name, url_fetcher=fetcher, font_config=fonts))
    return _Prepared(fonts, tuple(sheets), characters)


def _path(name: str) -> str:
    """Where in the archive an asset lies."""
    return TEMPLATES + name.removeprefix(SCHEME)


def _readable(name: str, files: Mapping[str, bytes]) -> None:
    if name not in files:
        raise PrintFailed(f"{_path(name)}: такого файла нет")
    try:
        files[name].decode()
    except UnicodeDecodeError as error:
        line = files[name].count(b"\n", 0, error.start) + 1
        raise PrintFailed(f"{_path(name)}:{line}: файл не в UTF-8") from error


class _Page(weasyprint.HTML):  # type: ignore[misc]  # the library has no types
    """A page without notes at its foot, which no form has."""

    def _ua_stylesheets(self, forms: bool = False) -> list[Any]:  # noqa: FBT001, FBT002 - its interface
        return [without_notes(sheet) for sheet in super()._ua_stylesheets(forms) or ()]


class _Registered(URLFetcher):  # type: ignore[misc]  # the library has no types
    """Serves the given ids and nothing else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(fail_on_errors=True)
        self._files = files

    def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ANN401, ARG002 - its interface
        kind = _TYPES.get(url.rpartition(".")[2], "application/octet-stream")
        return URLFetcherResponse(url, self._files[url], {"Content-Type": kind})


@contextmanager
def _nothing_ignored(where: str) -> Iterator[None]:
    """What WeasyPrint only logs, or raises past `except Exception`, becomes a PrintFailed."""
    listener = _Listener(logging.WARNING)
    handlers, propagate = LOGGER.handlers[:], LOGGER.propagate
    LOGGER.handlers[:], LOGGER.propagate = [listener], False
    try:
        yield
    except FatalURLFetchingError as error:
        asked = error.__context__.args[0] if isinstance(error.__context__, KeyError) else error
        raise PrintFailed(f"{where}: {_refused(str(asked))}") from error
    except (RecursionError, MemoryError) as error:
        raise PrintFailed(f"{where}: слишком сложная вёрстка") from error
    finally:
        LOGGER.handlers[:], LOGGER.propagate = handlers, propagate
    if listener.said:
        line, reason = in_russian(listener.said[0])
        # A page is made of several templates and its styles count lines of their own.
        place = f"{where}:{line}" if line and where.endswith(".css") else where
        raise PrintFailed(f"{place}: {reason}")


def _refused(asked: str) -> str:
    """Why an address was not served."""
    if asked.startswith(SCHEME):
        return f"нужен файл {_path(asked)}, а его нет"
    return f"запрошен посторонний ресурс «{asked}»"


class _Listener(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def _anchors(pages: Iterable[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, page in enumerate(pages, 1):
        for anchor in page.anchors:
            found.setdefault(anchor, number)
    return found


def _attachment(item: Attached, when: dt.datetime) -> Any:  # noqa: ANN401 - untyped library
    """Fetched under an id, so that its type is ours and not this machine's guess."""
    url = SCHEME + item.name
    return weasyprint.Attachment(
        url=url,
        url_fetcher=_Registered({url: item.data}),
        name=item.name,
        description=item.description,
        created=when,
        modified=when,
        relationship=item.relationship,
    )


def _list_attachments_once(_document: object, pdf: Any) -> None:  # noqa: ANN401 - untyped library
    """WeasyPrint 70 names each attached file twice in the catalogue."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
