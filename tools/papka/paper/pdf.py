"""HTML in, PDF pages out: the only module that knows WeasyPrint.

Importing it takes a third of a second and raises PangoMissing where Pango is not installed, so
import it when a PDF is made. A page can fetch registered ids only, anything else stops the job;
only fonts given as assets are used, and a character they lack is printed as its number,
`[U+1F600]`: a glyph of some font of the machine or an invisible mark would be worse on paper that
a head signs. No other program is started. Same input, same bytes, whatever the time zone, folder or
locale. PDF/A-3a is declared, not proved.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from io import StringIO
from typing import Any, NamedTuple

from papka.core.errors import PangoMissing, PapkaError
from papka.core.installation import without_compilers
from papka.paper.font_characters import BadFont, drawable, replace_missing
from papka.paper.html import SCHEME, TEMPLATES
from papka.paper.html import style as in_russian
from papka.paper.limited_process import uncollected

_ENDLESS = re.compile(r"[^\s<>&]{100,}(?=[^<>]*<)")
"""A word of a page's text, not of a tag, longer than any line."""


def breakable(html: str) -> str:
    """Allow breaks inside endless words: laying out each of their lines costs the whole word."""

    def split(found: re.Match[str]) -> str:
        word = found[0]
        return "<wbr>".join(word[at : at + 30] for at in range(0, len(word), 30))

    return _ENDLESS.sub(split, html)


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
_WITHIN_ROWS = ("/TH", "/TR", "/NonStruct", "/Div")
"""Elements between a heading and the part of the table that it stands in."""
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
    """A file inside the PDF; `relationship`: Source, Data, … of ISO 32000-2, 7.11.3."""

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
        """Return the page on which this element begins. Raises PrintFailed."""
        if anchor not in self.anchors:
            raise PrintFailed(f'в шаблоне нет раздела id="{anchor}"')
        return self.anchors[anchor]

    def cut(self, first: int, last: int) -> tuple[Any, ...]:
        """Return the pages `first` to `last`, both included, to be bound with others."""
        return self.sheets[first - 1 : last]

    def bound(self, sheets: Iterable[Any]) -> Layout:
        """Bind pages, also of other layouts, to one document with this one's metadata."""
        pages = tuple(sheets)
        return Layout(pages, _find_anchors(pages), self.document.copy(list(pages)))

    @uncollected()
    def write(self, attached: Iterable[Attached], as_of: dt.datetime, identifier: bytes) -> bytes:
        """Return the PDF; `as_of`: the date of every attachment; `identifier`: 16 bytes."""
        when = as_of.astimezone(dt.UTC)
        in_tree_order = sorted(attached, key=lambda item: item.name)
        with _fail_on_warnings("форма"), warnings.catch_warnings():
            # WeasyPrint 70 leaves its colour profile open for the garbage collector.
            warnings.simplefilter("ignore", ResourceWarning)
            data: bytes = self.document.write_pdf(
                pdf_variant=_VARIANT,
                pdf_identifier=identifier.hex().encode(),
                attachments=[_attach(item, when) for item in in_tree_order],
                finisher=_conform,
            )
        return data


@uncollected()
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

    `name`: what made the page, for messages; `images`: registered ids of this page alone; `first`:
    the number of its first sheet. Raises PrintFailed for a foreign resource, a missing id or a
    rule that WeasyPrint does not know.
    """
    prepared = _prepare(_Assets(assets), tuple(styles))
    sheets = list(prepared.styles)
    if first != 1:
        begin = f"counter-reset: page {first - 1}; counter-increment: page"
        sheets.append(weasyprint.CSS(string=f"@page :first {{ {begin} }}"))
    with _fail_on_warnings(name):
        page = weasyprint.HTML(
            string=breakable(replace_missing(html, prepared.characters)),
            url_fetcher=_Registered({**assets, **(images or {})}),
        )
        document = page.render(font_config=prepared.fonts, stylesheets=sheets, pdf_variant=_VARIANT)
    return Layout(tuple(document.pages), _find_anchors(document.pages), document)


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


class _Prepared(NamedTuple):
    fonts: Any
    styles: tuple[Any, ...]
    characters: frozenset[str]


@lru_cache(maxsize=1)
def _prepare(assets: _Assets, styles: tuple[str, ...]) -> _Prepared:
    """Load the fonts and parse the style sheets, once for many documents."""
    fonts, fetcher = FontConfiguration(), _Registered(assets.files)
    files = {name: data for name, data in assets.files.items() if name.endswith(".ttf")}
    try:
        characters = drawable(files)
    except BadFont as error:
        raise PrintFailed(f"{_path(error.name)}: это не шрифт") from error
    sheets = []
    for name in styles:
        _require_text(name, assets.files)
        with _fail_on_warnings(_path(name)):
            sheets.append(weasyprint.CSS(url=name, url_fetcher=fetcher, font_config=fonts))
    return _Prepared(fonts, tuple(sheets), characters)


def _path(name: str) -> str:
    """Return the path of an asset in the archive."""
    return TEMPLATES + name.removeprefix(SCHEME)


def _require_text(name: str, files: Mapping[str, bytes]) -> None:
    if name not in files:
        raise PrintFailed(f"{_path(name)}: такого файла нет")
    try:
        files[name].decode()
    except UnicodeDecodeError as error:
        line = files[name].count(b"\n", 0, error.start) + 1
        raise PrintFailed(f"{_path(name)}:{line}: файл не в UTF-8") from error


class _Registered(URLFetcher):  # type: ignore[misc]  # the library has no types
    """Serves the given ids and nothing else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(fail_on_errors=True)
        self._files = files

    def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ANN401, ARG002 - its interface
        kind = _TYPES.get(url.rpartition(".")[2], "application/octet-stream")
        return URLFetcherResponse(url, self._files[url], {"Content-Type": kind})


@contextmanager
def _fail_on_warnings(where: str) -> Iterator[None]:
    """Raise PrintFailed for what WeasyPrint only logs or raises past `except Exception`."""
    listener = _Listener(logging.WARNING)
    handlers, propagate = LOGGER.handlers[:], LOGGER.propagate
    LOGGER.handlers[:], LOGGER.propagate = [listener], False
    try:
        yield
    except FatalURLFetchingError as error:
        asked = error.__context__.args[0] if isinstance(error.__context__, KeyError) else error
        reason = f"запрошен посторонний ресурс «{asked}»"
        if str(asked).startswith(SCHEME):
            reason = f"нужен файл {_path(str(asked))}, а его нет"
        raise PrintFailed(f"{where}: {reason}") from error
    except (RecursionError, MemoryError) as error:
        raise PrintFailed(f"{where}: слишком сложная вёрстка") from error
    finally:
        LOGGER.handlers[:], LOGGER.propagate = handlers, propagate
    if listener.messages:
        line, reason = in_russian(listener.messages[0])
        # A page is made of several templates and its styles count lines of their own.
        place = f"{where}:{line}" if line and where.endswith(".css") else where
        raise PrintFailed(f"{place}: {reason}")


class _Listener(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _find_anchors(pages: Iterable[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, page in enumerate(pages, 1):
        for anchor in page.anchors:
            found.setdefault(anchor, number)
    return found


def _attach(item: Attached, when: dt.datetime) -> Any:  # noqa: ANN401 - untyped library
    """Attach a file under an id, so that its type is ours and not this machine's guess."""
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


def _conform(_document: object, pdf: Any) -> None:  # noqa: ANN401 - untyped library
    """Mend what WeasyPrint 70 writes otherwise than PDF/A-3a asks.

    Each attached file stands in the catalogue once; a picture is not smoothed by the viewer; a
    heading of a table says whether it heads a column (in the head of the table) or a row.
    """
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
    elements = {}
    for each in pdf.objects:
        if "Interpolate" in getattr(each, "extra", ()):
            each.extra["Interpolate"] = "false"
        values = each if isinstance(each, dict) else {}
        if values.get("Type") == "/StructElem":
            elements[each.reference] = each
    for element in elements.values():
        if element["S"] == "/TH":
            above = element
            while above["S"] in _WITHIN_ROWS and above["P"] in elements:
                above = elements[above["P"]]
            element["A"]["Scope"] = "/Column" if above["S"] == "/THead" else "/Row"
