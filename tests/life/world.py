"""Two people's computers, the primary, a second mirror, and media, all in one folder.

Invariants: each computer has a memory and a clock of its own; a command runs in this process
unless its clock is wrong or a fault is put into it, then it is a real process. All that a command
may write lies below `root`, all else beside it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from papka.copies import mirrors
from papka.repository import handle
from papka.repository.signing import remember_actor
from tests.faults.hurt_school import main_of
from tests.faults.injection import Ended, Fault, Injector
from tests.life.facts import Facts, Reader, git
from tests.life.model import Copy
from tests.support.clones import CLERK, HEAD, TEACHER, share
from tests.support.command import papka
from tests.support.issuing import graduate
from tests.support.school import Archive, copied

HUB, USB = "primary", "usb"
_KEYS = {HEAD: "head", TEACHER: "staff", CLERK: "clerk"}


@dataclass(slots=True)
class Desk:
    """A person's computer: `clock` is how many seconds it is ahead; `copy`: what must be there."""

    name: str
    staff: str
    root: Path
    state: Path
    copy: Copy
    clock: int = 0
    left: int = 0
    """How many commands the clock stays wrong for."""

    def path(self, path: str) -> Path:
        return self.root / path

    def read(self, path: str) -> str:
        return self.path(path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text, encoding="utf-8")

    @property
    def head(self) -> str:
        found = main_of(self.root)
        assert found is not None, f"{self.name}: нет main"
        return found

    @property
    def signers(self) -> list[str]:
        """Whose keys a person names in a sync: the head's first, who signs documents."""
        return ["--as", HEAD, "--as", self.staff]


@dataclass(slots=True)
class World:
    """`base` holds the world itself, and what runs it."""

    base: Path
    keys: Path
    desks: dict[str, Desk]
    hub: dict[str, str] = field(default_factory=dict)
    """What the primary must have."""
    hub_head: str = ""
    reader: Reader = field(default_factory=Reader)

    @property
    def root(self) -> Path:
        return self.base / "world"

    @property
    def primary(self) -> Path:
        return self.root / "primary.git"

    @property
    def second(self) -> Path:
        return self.root / "usb" / "second.git"

    def run(self, desk: Desk, words: Sequence[str | Path], fault: Fault | None = None) -> Ended:
        """A command at a desk, its archive named last."""
        command = [*words, "-C", desk.root]
        if fault is None and not desk.clock:
            with _environment(XDG_STATE_HOME=str(desk.state)):
                ran = papka(*command)
            return Ended(ran.code, ran.all, (), 0)
        fault = fault or Fault()
        hurt = Fault(fault.how, fault.at, fault.disk, desk.clock, fault.where)
        return self.process(desk).run(command, hurt)

    def process(self, desk: Desk) -> Injector:
        """What starts a process at a desk."""
        places = {"TMPDIR": self.root / "tmp", "XDG_STATE_HOME": desk.state,
                  "HOME": self.base / "home"}  # fmt: skip
        named = {name: str(folder) for name, folder in places.items()}
        return Injector(self.root, self.base / "run", named)

    @property
    def is_hub_away(self) -> bool:
        return not self.primary.is_dir()

    @property
    def is_usb_away(self) -> bool:
        return not self.second.is_dir()

    def apart(self, desk: Desk) -> tuple[Facts, set[str]]:
        """What the copy and the primary both began from, and whose saves have to be signed anew."""
        # The copy may lack the primary's commits, and the primary the copy's: one sees both.
        with _environment(GIT_ALTERNATE_OBJECT_DIRECTORIES=str(desk.root / ".git" / "objects")):
            base = git(self.primary, "merge-base", desk.head, self.hub_head).decode().strip()
            unsent = git(self.primary, "log", "--format=%an", f"{base}..{desk.head}").decode()
            authors = set() if base == self.hub_head else set(unsent.split())
            return self.reader.saved(self.primary, base), authors

    def set_up(self, desk: Desk, source: Path) -> None:
        """A new copy at a desk, restored from the primary or another store, with keys and mirrors
        written down."""
        self.restore(desk, desk.root, source)
        for staff, key in _KEYS.items():
            remember_actor(desk.root, staff, self.keys / key, main=staff == desk.staff)
        for name, store in ((HUB, self.primary), (USB, self.second)):
            remote = handle.Remote(name, str(store), "RU", primary=name == HUB)
            handle.add_remote(desk.root, remote)
        desk.copy = Copy(self.reader.saved(desk.root, desk.head))

    def restore(self, desk: Desk, place: Path, source: Path) -> None:
        """A new folder with what a store or a medium holds."""
        with _environment(XDG_STATE_HOME=str(desk.state)):
            ran = papka("restore", place, "--from", source, "-C", self.root)
        assert ran.code == 0, ran.all


def build(base: Path, built: Archive) -> World:
    """Everything saved, everything equal."""
    root = base / "world"
    for folder in ("usb", "media", "tmp"):
        (root / folder).mkdir(parents=True)
    (base / "home").mkdir()
    archive = copied(built, base)
    graduate(archive)
    shared = share(archive, root)
    desks = {
        name: Desk(name, staff, root / name, root / f"state-{name}", Copy({}))
        for name, staff in (("one", TEACHER), ("two", CLERK))
    }
    world = World(base, shared.keys, desks)
    mirrors.add(archive.root, USB, str(world.second), "RU", allowed=("RU",))
    assert mirrors.push(archive.root).is_good
    for desk in desks.values():
        world.set_up(desk, shared.store)
    shutil.rmtree(archive.root)
    world.hub = dict(desks["one"].copy.saved)
    world.hub_head = desks["one"].head
    return world


@contextmanager
def _environment(**words: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in words}
    os.environ.update(words)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
