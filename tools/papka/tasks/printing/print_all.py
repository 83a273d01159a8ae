"""`papka print FORM --all`: a form for every address it has, on every core.

Invariants: what has not changed comes from the cache and imports no printing library; each file is
written whole or not at all; a paper that fails is an outcome with its reason and stops no other;
memory does not grow with their number. Absent on purpose: order, and words for the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import PapkaError, cannot_access
from papka.core.store import MAIN
from papka.gates.apart import limited
from papka.gates.git.commit_tree import CommitTree
from papka.gates.workers import spread
from papka.gates.worktree import write
from papka.tasks.printing.kept_prints import KeptPrints, Pressed, Way
from papka.tasks.printing.press import Press


@dataclass(frozen=True, slots=True)
class Outcome:
    """One address: its `files` and pages, or the `trouble` and what to do about it."""

    address: str
    files: tuple[str, ...] = ()
    pages: int = 0
    from_cache: bool = False
    trouble: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A print of many: `addresses` are all there are, in the form's own order; `unread` are files
    that may hide more."""

    root: Path
    form: str
    way: Way
    commit: str
    addresses: tuple[str, ...]
    unread: tuple[Outcome, ...]
    out: Path
    cache: bool
    processes: int | None

    def __len__(self) -> int:
        return len(self.unread) + len(self.addresses)

    def outcomes(self) -> Iterator[Outcome]:
        """One for each address and unread file, as they are ready. Raises PangoMissing before
        any page is laid out."""
        yield from self.unread
        tree = CommitTree(self.root, self.commit)
        shelf = KeptPrints(self.root, tree, self.way, cache=self.cache)
        left = []
        for address in self.addresses:
            kept = shelf.find(self.form, address)
            if kept is None:
                left.append(address)
            else:
                yield _delivered(kept, address, self.out)
        shelf.clean(self.form, self.addresses)
        if not left:
            return
        _ready(self.way)
        given = (self.root, self.form, self.way, self.commit, self.out, self.cache)
        for address, outcome in spread(_Worker, given, left, processes=self.processes):
            yield outcome or Outcome(
                address,
                trouble="Печать этой формы обрывает программу",
                next_step="Вероятно, не хватило памяти или времени. Напечатайте её одну: "
                f"papka print {self.form} {address}",
            )


def print_all(  # noqa: PLR0913 - what a print of many depends on, all of it named
    root: Path,
    form: str,
    way: Way,
    out: Path,
    *,
    rev: str | None = None,
    cache: bool = True,
    processes: int | None = None,
) -> Run:
    """What is to be printed; nothing is until `outcomes`. Raises NotFound, Refused."""
    tree = CommitTree(root, rev or MAIN)
    found = Press(root, tree, way).targets(form)
    unread = tuple(
        Outcome(path, trouble=error.message, next_step=error.next_step)
        for path, error in sorted(found.troubles.items())
    )
    out.mkdir(parents=True, exist_ok=True)
    return Run(root, form, way, tree.commit, found.addresses, unread, out, cache, processes)


class _Worker:
    """One process's press."""

    def __init__(  # noqa: PLR0913 - handed over as they are
        self,
        root: Path,
        form: str,
        way: Way,
        commit: str,
        out: Path,
        cache: bool,  # noqa: FBT001
    ) -> None:
        self._form = form
        self._out = out
        tree = CommitTree(root, commit)
        self._press = Press(root, tree, way, many=True)
        self._shelf = KeptPrints(root, tree, way, cache=cache)

    def __call__(self, address: str) -> Outcome:
        try:
            pressed = limited(lambda: self._press.press(self._form, address))
            self._shelf.keep(self._form, address, pressed)
            return _delivered(pressed, address, self._out)
        except PapkaError as error:
            return Outcome(address, trouble=error.message, next_step=error.next_step)
        except OSError as error:
            failure = cannot_access(error)
            return Outcome(address, trouble=failure.message, next_step=failure.next_step)
        except Exception as error:  # noqa: BLE001 - our bug in one paper must not cost the others
            return Outcome(
                address,
                trouble=f"Ошибка в самой программе papka ({type(error).__name__}: {error})",
                next_step=f"Подробности: papka print {self._form} {address}",
            )


def _delivered(pressed: Pressed, address: str, out: Path) -> Outcome:
    for file in pressed.files:
        write(out, file.name, file.data, synced=False)
    return Outcome(
        address,
        tuple(file.name for file in pressed.files),
        sum(file.pages for file in pressed.files),
        pressed.from_cache,
    )


def _ready(way: Way) -> None:
    """The printing library once, before the processes part: they share what it loads."""
    if not way.html:
        import papka.gates.pdf  # noqa: F401, PLC0415 - slow or missing
