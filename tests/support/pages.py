"""Pages that are run: their fenced blocks, and a person who types them as they stand.

What a page says of a block stands in comments that no reader sees. Before any block, for the rest
of the page, or right above one block:

    run in: WORLD       the folder and the things the page speaks of (tests/docs/worlds.py)
    run by: TEST        another test runs it
    not run: WHY        it needs what no test has
    before: COMMAND     run first: what the page's reader has and a test has not
    typed: A | B        the answers to what the next command of the block asks at a terminal
    says: TEXT          the block's output holds it, or begins with it: ^TEXT; $NAME in it is a
                        value of the world
    then: COMMAND       run after it, and must succeed

A line's exit code is 0, or what its comment ends with: `код возврата 1`. A block whose lines are no
commands by themselves is one script.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from typing import Protocol

from tests.support.archives import PROJECT
from tests.support.processes import loaded
from tests.support.terminal import at_terminal

PAGES = (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))
SHELL = frozenset({"sh", "bash", "shell", "console"})

_KINDS = ("run in", "run by", "not run", "before", "typed", "says", "then")
_OF_PAGES = frozenset({"run in", "run by", "not run"})
_MARK = re.compile(rf"<!--\s*({'|'.join(_KINDS)}):\s*(.*?)\s*-->", re.DOTALL)
_PIECE = re.compile(
    r"(?P<comment><!--.*?-->)|^ *```(?P<fence>\S*)\n(?P<text>.*?)^ *```$|(?P<prose>\S)",
    re.DOTALL | re.MULTILINE,
)
_EXPECTED = re.compile(r"\s#.*\bкод возврата (\d+)$")
_SCRIPT = re.compile(r"\s*(?:set|export|cd|umask|\w+=|\w+\(\))")
_ANYWAY = frozenset({".", "LC_ALL=C"})
"""Words that say what is so without them where tests run: `find .`, the locale of the tests."""
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: `line` of the page, `fence` is its language, `marks` what is said of it."""

    page: str
    line: int
    fence: str
    text: str
    marks: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    def told(self, kind: str) -> list[str]:
        return [text for each, text in self.marks if each == kind]

    def commands(self) -> list[str]:
        """What is typed, one after another."""
        lines = [line for line in self.text.splitlines() if line.strip()]
        if any(_SCRIPT.match(line) or not _is_whole(line) for line in lines):
            return [self.text]
        return lines


def blocks_of(page: str, text: str) -> list[Block]:
    """Every block of a page with what the page says of it; a mark of nothing is a ValueError."""
    found: list[Block] = []
    of_page: tuple[tuple[str, str], ...] = ()
    pending: list[tuple[str, str]] = []
    for piece in _PIECE.finditer(text):
        if piece["comment"]:
            pending += _MARK.findall(piece["comment"])
        elif piece["prose"]:
            of_page, pending = _for_the_rest(page, of_page, pending), []
        else:
            own = {kind for kind, _ in pending} & _OF_PAGES
            marks = (*pending, *(mark for mark in of_page if not own))
            line = text.count("\n", 0, piece.start()) + 1
            found.append(Block(page, line, piece["fence"], piece["text"], marks))
            pending = []
    _for_the_rest(page, of_page, pending)
    return found


def _for_the_rest(
    page: str, before: tuple[tuple[str, str], ...], pending: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    for kind, text in pending:
        if kind not in _OF_PAGES:
            raise ValueError(f"{page}: «{kind}: {text}» stands above no block")
    return tuple(pending) or before


def _is_whole(line: str) -> bool:
    """Whether a line is a command by itself."""
    return (
        subprocess.run(["sh", "-n", "-c", line], check=False, capture_output=True).returncode == 0
    )


class World(Protocol):
    """Where a page is run."""

    @property
    def folders(self) -> Sequence[Path]:
        """What its commands may change."""

    @property
    def values(self) -> Mapping[str, str]:
        """Variables that the page takes for granted."""

    def sh(self, line: str, answers: Sequence[str] | None = None) -> tuple[int, str]:
        """A line in the person's shell: exit code, and all that the screen showed."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A person in a folder, with a home of their own; `papka` is on the path.

    `values` are variables of the shell; `places`: what a page calls a place -> where it is here.
    """

    folder: Path
    home: Path
    folders: Sequence[Path]
    values: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def sh(self, line: str, answers: Sequence[str] | None = None) -> tuple[int, str]:
        for name, place in self.places.items():
            line = line.replace(name, place)
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            **self.values,
            "HOME": str(self.home),
        }
        # What is typed at a terminal starts Python; all else is forked, which is as true and cheap.
        program = loaded().program.parent if answers is None else programs(self.home)
        environment["PATH"] = f"{program}{os.pathsep}{os.environ['PATH']}"
        if answers is not None:
            ran = at_terminal(
                ["sh", "-c", line], answers, folder=self.folder, environment=environment
            )
            return ran.code, ran.all
        done = subprocess.run(
            ["sh", "-c", line], cwd=self.folder, env=environment, check=False, timeout=300,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
        return done.returncode, done.stdout


def programs(home: Path) -> Path:
    """A folder with `papka` in it, to be put on a path."""
    folder = home / "bin"
    program = folder / "papka"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        places = f"PYTHONPATH={shlex.quote(str(PROJECT / 'tools'))}"
        python = shlex.quote(sys.executable)
        program.write_text(f'#!/bin/sh\n{places} exec {python} -m papka "$@"\n')
        program.chmod(0o755)
    return folder


@dataclass(frozen=True, slots=True)
class Trouble:
    """What did not go as the page says."""

    block: Block
    command: str
    why: str

    def __str__(self) -> str:
        return f"{self.block}: {self.command.strip()}\n{self.why}"


def run_block(block: Block, world: World) -> Iterator[Trouble]:
    """Types a block; yields what goes wrong, and stops there."""
    said = []
    typed = [[word.strip() for word in each.split("|")] for each in block.told("typed")]
    for command in block.told("before"):
        code, shown = world.sh(command)
        if code:
            yield Trouble(block, command, shown)
            return
    for command in block.commands():
        expected = _EXPECTED.search(command)
        code, shown = world.sh(command, typed.pop(0) if typed else None)
        said.append(shown)
        if code != (int(expected[1]) if expected else 0):
            yield Trouble(block, command, f"exit code {code}\n{shown}")
            return
    told = " ".join("".join(said).split())
    for template in block.told("says"):
        text = Template(template).safe_substitute(world.values)
        if not told.startswith(text[1:]) if text.startswith("^") else text not in told:
            yield Trouble(block, block.text, f"does not say «{text}»:\n{''.join(said)}")
            return
    for command in block.told("then"):
        code, shown = world.sh(command)
        if code:
            yield Trouble(block, command, f"exit code {code}\n{shown}")
            return


def shorter(block: Block) -> list[Block]:
    """The block with one word of one command taken out: one of these for every word.

    None of a script: most of its words mean something only to the next line.
    """
    found: list[Block] = []
    if block.commands() == [block.text]:
        return found
    for line in block.text.splitlines():
        command = line.partition(" #")[0]
        for word in _WORD.finditer(command):
            if word[0] in _ANYWAY:
                continue
            left = f"{line[: word.start()]}{line[word.end() :].lstrip()}"
            found.append(replace(block, text=block.text.replace(line, left, 1)))
    return found
