"""papka verify … --protocol FILE: the verification as a paper to be signed.

Absent on purpose: any bearing on the verdict; a protocol that cannot be written is told after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.core.plural import counted
from papka.gates.worktree import write
from papka.integrity.anchors import Anchors
from papka.tasks.proof.verdict import Verified

_KINDS = {".pdf": False, ".html": True}


def with_protocol(command: click.decorators.FC) -> click.decorators.FC:
    """`--protocol FILE`, a parameter `protocol: Path | None`."""
    return click.option(
        "--protocol",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_checked,
        metavar="ФАЙЛ.pdf",
        help="Ещё и протокол проверки для подписи; ФАЙЛ.html — без Pango.",
    )(command)


def _checked(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Said before hours of verifying, not after."""
    if path is not None and path.suffix.lower() not in _KINDS:
        raise click.BadParameter("Имя протокола кончается на .pdf или .html", context, parameter)
    return path


def write_protocol(  # noqa: PLR0913 - what was asked and what was found, all of it named
    path: Path,
    root: Path,
    verified: Verified,
    *,
    now: datetime,
    anchors: Anchors,
    refounding: Sequence[str] = (),
    memory: bool = False,
    mirrors: Sequence[str] = (),
) -> str:
    """Writes the file; a line about it. `verified` holds every finding, those of mirrors too."""
    from papka.tasks.printing.print_protocol import print_protocol  # noqa: PLC0415 - imports what prints

    printed = print_protocol(
        root,
        verified,
        now=now,
        anchors=anchors,
        refounding=tuple(refounding),
        memory=memory,
        mirrors=tuple(mirrors),
        html=_KINDS[path.suffix.lower()],
    )
    write(path.resolve().parent, path.name, printed.data)
    pages = f" ({counted(printed.pages, 'страница', 'страницы', 'страниц')})"
    return f"Протокол для подписи: {path}{pages if printed.pages else ''}"
