"""papka edit ID [KIND]: open a personal file in the editor at a line, check when it closes."""

from __future__ import annotations

import os
import shlex

import click

from papka.checks.checking import check
from papka.cli.check import show_checked
from papka.cli.context import Context, in_archive
from papka.cli.options import ADDRESS, KEYS
from papka.cli.russian_names import BilingualCommand
from papka.desk.hand_editing import EditedPlace, lay_skeleton, open_place, take_skeleton_away

_AT_LINE = {
    "code": ("--wait", "--goto", "{file}:{line}"),
    "codium": ("--wait", "--goto", "{file}:{line}"),
    "kate": ("--block", "--line", "{line}", "{file}"),
    "gedit": ("--wait", "+{line}", "{file}"),
    "subl": ("--wait", "{file}:{line}"),
    "notepad": ("{file}",),
}
"""How editors are told a line; most understand `+LINE FILE`."""
_USUAL = ("+{line}", "{file}")


@click.command(
    "edit",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help="Открыть запись дела в редакторе на нужной строке; закроете — она будет проверена. "
    "С видом записи — с заготовкой новой записи.",
)
@click.argument("address", metavar="НОМЕР[#ЗАПИСЬ]", type=ADDRESS)
@click.argument("kind", required=False, default="", metavar="[ВИД]")
@in_archive
def command(here: Context, address: str, kind: str) -> int:
    place = open_place(here.root, address, kind)
    lay_skeleton(here.root, place)
    try:
        _edit(here, place)
    finally:
        take_skeleton_away(here.root, place)
    return show_checked(here, check(here.root, here.now.date()))


def _edit(here: Context, place: EditedPlace) -> None:
    """Run the person's editor, of VISUAL or EDITOR, and wait until it closes."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "nano"
    words = shlex.split(named)
    name = os.path.basename(words[0]).removesuffix(".exe")  # noqa: PTH119 - a name, no path
    file = str(here.root / place.path)
    said = [part.format(file=file, line=place.line) for part in _AT_LINE.get(name, _USUAL)]
    click.edit(filename=said.pop(), editor=shlex.join([*words, *said]))
