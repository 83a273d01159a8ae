"""Template name and mapping in, HTML text out: the only module that knows Jinja2.

Invariants: templates come from a Snapshot (so from a commit, not from what lies on the disk);
they run in a sandbox; every value is escaped, whatever the template's file name; a name the view
does not give is an error that says template, line and name, never an empty place on paper.
Absent on purpose: filters or globals of our own; the view has said everything.
"""

from __future__ import annotations

import traceback
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.sandbox import SandboxedEnvironment

from papka.core.errors import PapkaError
from papka.core.forms import TEMPLATES
from papka.core.snapshot import Snapshot


class TemplateBroken(PapkaError):
    """A form cannot be filled in: its template is missing, misspelt or asks for what is not."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        place = f"{path}:{line}" if line else path
        super().__init__(
            f"Шаблон {place} не заполняется: {reason}",
            f"Исправьте шаблон или верните его из истории: git checkout HEAD -- {path}",
        )
        self.path = path
        self.line = line


def render(templates: Snapshot, name: str, context: Mapping[str, Any]) -> str:
    """The text of `templates/<name>` filled in from `context`. Raises TemplateBroken."""
    paths = [p for p in templates.paths() if p.startswith(TEMPLATES) and p.endswith(".j2")]
    environment = _environment(tuple(templates.read_many(paths)))
    try:
        return environment.get_template(name).render(context)
    except TemplateNotFound as error:
        missing = TEMPLATES + (error.name or name)
        raise TemplateBroken(missing, 0, "такого файла нет") from error
    except TemplateError as error:
        path, line = _place(error, name)
        raise TemplateBroken(path, line, error.message or type(error).__name__) from error
    except UnicodeDecodeError as error:
        raise TemplateBroken(TEMPLATES + name, 0, "файл не в UTF-8") from error


def standalone(html: str, styles: Iterable[str], assets: Mapping[str, bytes]) -> str:
    """The page in one file for a browser, with these style sheets and their fonts inside it."""
    sheet = "\n".join(assets[name].decode() for name in styles)
    for name, data in assets.items():
        if name.endswith(".ttf"):
            inside = f"data:font/ttf;base64,{b64encode(data).decode()}"
            sheet = sheet.replace(f'"{name}"', f'"{inside}"')
    return html.replace("</head>", f"<style>\n{sheet}</style>\n</head>", 1)


class _Loader(BaseLoader):
    """Templates by their bytes, under their paths in the archive."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def get_source(
        self,
        environment: object,  # noqa: ARG002 - the loader interface of Jinja2 passes it
        template: str,
    ) -> tuple[str, str, None]:
        path = TEMPLATES + template
        if path not in self._files:
            raise TemplateNotFound(template)
        return self._files[path].decode(), path, None


@lru_cache(maxsize=2)
def _environment(files: tuple[tuple[str, bytes], ...]) -> SandboxedEnvironment:
    """Compiled templates, kept while the files are the same."""
    return SandboxedEnvironment(
        loader=_Loader(dict(files)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _place(error: TemplateError, name: str) -> tuple[str, int]:
    """Path and line of the template where it stopped, from the error or from its traceback."""
    line = getattr(error, "lineno", None)
    path = getattr(error, "filename", None)
    if isinstance(line, int) and isinstance(path, str):
        return path, line
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(TEMPLATES):
            return frame.filename, frame.lineno or 0
    return TEMPLATES + name, 0
