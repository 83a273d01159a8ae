"""Template name and mapping in, HTML text out.

Invariants: templates come from a Snapshot (so from a commit, not from what lies on the disk);
they run in the `sandbox`; every value is escaped, whatever the template's file name; a name the
view does not give is an error that says template, line and name, never an empty place on paper;
whatever a template does wrong, only TemplateBroken leaves this module.
"""

from __future__ import annotations

import traceback
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import TemplateNotFound, TemplateSyntaxError, nodes

from papka.core.errors import PapkaError
from papka.core.forms import SCHEME, TEMPLATES
from papka.core.snapshot import Snapshot
from papka.gates.sandbox import Sandbox, TooMuch
from papka.gates.translated import template as in_russian

_PAGE = 50_000_000
"""Characters of the longest page anybody could print."""
_MISSING = "такого файла нет"
_PICTURES = {"jpg": "image/jpeg", "png": "image/png"}


class TemplateBroken(PapkaError):
    """A form cannot be filled in: its template is missing, misspelt or asks for what is not."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        place = f"{path}:{line}" if line else path
        super().__init__(
            f"Шаблон {place} не заполняется: {reason}",
            f"Если форму меняли в школе, исправьте {path} и сохраните: papka save (печатается "
            "только сохранённое). Если архив от прежней версии программы, руководитель обновит "
            "его формы: papka upgrade",
        )
        self.path = path
        self.line = line
        self.reason = reason


def render(templates: Snapshot, name: str, context: Mapping[str, Any]) -> str:
    """The text of `templates/<name>` filled in from `context`. Raises TemplateBroken."""
    environment = _environment(_sources(templates))
    environment.begin()
    try:
        return "".join(_limited(environment.get_template(name).generate(context)))
    except Exception as error:
        raise _broken(error, name) from error


def compile_all(templates: Snapshot) -> list[tuple[str, int, str]]:
    """Templates and style sheets that cannot work whatever they are filled in with: path, line
    (0 when none is known), reason. What depends on the records is only seen by `render`."""
    sources = _sources(templates)
    environment = Sandbox(dict(sources))
    found: list[tuple[str, int, str]] = []
    for path, data in sources:
        environment.begin()
        try:
            name = path.removeprefix(TEMPLATES)
            environment.get_template(name)
            found += _dangling(path, environment.parse(data.decode(), name, path), dict(sources))
        except Exception as error:  # noqa: BLE001 - a template can make Jinja2 and Python fail anyhow
            broken = _broken(error, path.removeprefix(TEMPLATES))
            found.append((broken.path, broken.line, broken.reason))
    sheets = [p for p in templates.paths() if p.startswith(TEMPLATES) and p.endswith(".css")]
    for path, data in templates.read_many(sheets):
        try:
            data.decode()
        except UnicodeDecodeError as error:
            found.append((path, data.count(b"\n", 0, error.start) + 1, in_russian(error)))
    return found


def standalone(
    html: str,
    styles: Iterable[str],
    assets: Mapping[str, bytes],
    images: Mapping[str, bytes] | None = None,
) -> str:
    """The page in one file for a browser, with these style sheets, fonts and pictures inside it.

    Raises TemplateBroken for a style sheet that is missing or not UTF-8.
    """
    sheet = "\n".join(_sheet(name, assets) for name in styles)
    for name, data in assets.items():
        if name.endswith(".ttf"):
            inside = f"data:font/ttf;base64,{b64encode(data).decode()}"
            sheet = sheet.replace(f'"{name}"', f'"{inside}"')
    for name, data in (images or {}).items():
        inside = f"data:{_PICTURES[name.rpartition('.')[2]]};base64,{b64encode(data).decode()}"
        html = html.replace(f'src="{name}"', f'src="{inside}"')
    return html.replace("</head>", f"<style>\n{sheet}</style>\n</head>", 1)


def _sheet(name: str, assets: Mapping[str, bytes]) -> str:
    path = TEMPLATES + name.removeprefix(SCHEME)
    if name not in assets:
        raise TemplateBroken(path, 0, _MISSING)
    try:
        return assets[name].decode()
    except UnicodeDecodeError as error:
        line = assets[name].count(b"\n", 0, error.start) + 1
        raise TemplateBroken(path, line, in_russian(error)) from error


def _sources(templates: Snapshot) -> tuple[tuple[str, bytes], ...]:
    paths = [p for p in templates.paths() if p.startswith(TEMPLATES) and p.endswith(".j2")]
    return tuple(templates.read_many(paths))


@lru_cache(maxsize=2)
def _environment(files: tuple[tuple[str, bytes], ...]) -> Sandbox:
    """Compiled templates, kept while the files are the same."""
    return Sandbox(dict(files))


def _limited(pieces: Iterable[str]) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > _PAGE:
            raise TooMuch("страница получается слишком длинной")
        yield piece


def _dangling(
    path: str, tree: nodes.Template, known: Mapping[str, bytes]
) -> Iterator[tuple[str, int, str]]:
    """Other templates asked for by a fixed name that are not there."""
    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        name = getattr(node, "template", None)
        if getattr(node, "ignore_missing", False):
            continue
        if isinstance(name, nodes.Const) and TEMPLATES + str(name.value) not in known:
            yield path, node.lineno, _no_template(str(name.value))


def _no_template(name: str) -> str:
    return f"включает «{name}», а такого шаблона в {TEMPLATES} нет"


def _broken(error: Exception, name: str) -> TemplateBroken:
    """The error of a template with the place where it stopped."""
    path, line = _place(error, name)
    if isinstance(error, TooMuch):
        return TemplateBroken(path, line, error.message or "")
    if isinstance(error, TemplateNotFound):
        missing = str(error.name or name)
        return TemplateBroken(path, line, _no_template(missing) if missing != name else _MISSING)
    return TemplateBroken(path, line, in_russian(error))


def _place(error: Exception, name: str) -> tuple[str, int]:
    """Path and line of the template where it stopped, from the error or from its traceback."""
    if isinstance(error, TemplateSyntaxError):
        return error.filename or TEMPLATES + name, error.lineno
    if isinstance(error, UnicodeDecodeError):
        return TEMPLATES + name, error.object.count(b"\n", 0, error.start) + 1
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(TEMPLATES):
            return frame.filename, frame.lineno or 0
    return TEMPLATES + name, 0
