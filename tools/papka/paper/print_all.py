"""Print a form for every address it has, on every core: `papka print FORM --all`.

What has not changed comes from the cache and imports no printing library. Each file is written
whole or not at all; a paper that fails is an outcome with its reason and stops no other; memory
does not grow with their number. Outcomes come as they are ready, in no order.

`spread` does any job so: a job that kills its process costs only itself, and few jobs, or one core,
are done in this process by the same code. A worker is made in its own process by `make(*given)`,
which must be importable by name (Windows starts a new Python); it turns exceptions into results.
"""

from __future__ import annotations

import datetime as dt
import gc
import multiprocessing
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from papka.core.errors import PapkaError, Refused, cannot_access
from papka.core.places import is_student_id
from papka.paper.limited_process import collect_seldom, run_limited
from papka.paper.press import Press
from papka.paper.print_cache import KeptPrints, PrintedDocument, PrintOptions
from papka.records.choosing import PeopleFilter
from papka.repository.commit_snapshots import CommitTree
from papka.repository.files import is_own_copy
from papka.repository.git_values import MAIN
from papka.repository.worktree import write

J = TypeVar("J")
R = TypeVar("R")

ALL_PEOPLE = PeopleFilter()
_AHEAD = 2
"""Jobs handed to a process before its last result is in."""
_FEW = 3
_made: Callable[[Any], Any] | None = None


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    make: Callable[..., Callable[[J], R]],
    given: tuple[Any, ...],
    jobs: Iterable[J],
    *,
    processes: int | None = None,
) -> Iterator[tuple[J, R | None]]:
    """Yield every job with its result; None when its process died of it twice."""
    left = list(jobs)
    count = min(processes or cores(), len(left))
    if count <= 1 or len(left) < _FEW:
        work = make(*given)
        for job in left:
            yield job, work(job)
        return
    suspects: list[J] = []
    while left:
        left.reverse()
        died = False
        with _Pool(make, given, count) as pool:
            for job, result, is_alive in pool.run(left):
                if is_alive:
                    yield job, result
                else:
                    suspects.append(job)
                    died = True
        left.reverse()
        if not died:
            break
    for job in suspects:
        with _Pool(make, given, 1) as pool:
            for _, result, is_alive in pool.run([job]):
                yield job, result if is_alive else None


class _Pool:
    def __init__(self, make: Callable[..., Any], given: tuple[Any, ...], count: int) -> None:
        if sys.platform == "linux":
            gc.collect()
            gc.freeze()  # what is loaded now is shared with the children and never looked through
            context = multiprocessing.get_context("fork")
        else:
            context = multiprocessing.get_context("spawn")  # type: ignore[assignment]  # its sibling
        self._count = count
        self._pool = ProcessPoolExecutor(
            count, mp_context=context, initializer=_begin, initargs=(make, given)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        gc.unfreeze()

    def run(self, left: list[Any]) -> Iterator[tuple[Any, Any, bool]]:
        """Take jobs from the end of `left`; those not taken when a process dies stay there."""
        running: dict[Future[Any], Any] = {}
        died = False
        while running or (left and not died):
            while left and not died and len(running) < self._count * _AHEAD:
                job = left.pop()
                try:
                    running[self._pool.submit(_run, job)] = job
                except BrokenProcessPool:
                    left.append(job)
                    died = True
            ready, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ready:
                job = running.pop(future)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    died = True
                    yield job, None, False
                else:
                    yield job, result, True


def _begin(make: Callable[..., Callable[[Any], Any]], given: tuple[Any, ...]) -> None:
    """Begin a new process: the parent alone answers Ctrl-C, and waits for pages begun."""
    global _made  # noqa: PLW0603 - one worker a process: there is nowhere else to keep it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    _made = make(*given)


def _run(job: Any) -> Any:  # noqa: ANN401 - any job
    assert _made is not None
    return _made(job)


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """One address: its `files` and pages, or the `trouble` and what to do about it."""

    address: str
    files: tuple[str, ...] = ()
    pages: int = 0
    from_cache: bool = False
    trouble: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class PrintRun:
    """A print of many.

    `addresses`: those to print, in the form's own order; `unread`: files that may hide more;
    `known`: all addresses of the form, chosen or not.
    """

    root: Path
    form: str
    options: PrintOptions
    commit: str
    addresses: tuple[str, ...]
    unread: tuple[PrintOutcome, ...]
    out: Path
    cache: bool
    processes: int | None
    known: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.unread) + len(self.addresses)

    def outcomes(self) -> Iterator[PrintOutcome]:
        """Yield one for each address and unread file, as they are ready.

        Raise PangoMissing before any page is laid out.
        """
        yield from self.unread
        tree = CommitTree(self.root, self.commit)
        shelf = KeptPrints(self.root, tree, self.options, cache=self.cache)
        left = []
        for address in self.addresses:
            kept = shelf.find(self.form, address)
            if kept is None:
                left.append(address)
            else:
                yield _deliver(kept, address, self.out)
        shelf.clean(self.form, self.known)
        if not left:
            return
        _import_library(self.options)
        given = (self.root, self.form, self.options, self.commit, self.out, self.cache)
        for address, outcome in spread(_Worker, given, left, processes=self.processes):
            yield outcome or PrintOutcome(
                address,
                trouble="Печать этой формы обрывает программу",
                next_step="Вероятно, не хватило памяти или времени. Напечатайте её одну: "
                f"papka print {self.form} {address}",
            )


def print_all(  # noqa: PLR0913 - what a print of many depends on, all of it named
    root: Path,
    form: str,
    options: PrintOptions,
    out: Path,
    *,
    rev: str | None = None,
    cache: bool = True,
    processes: int | None = None,
    wanted: PeopleFilter = ALL_PEOPLE,
    day: dt.date | None = None,
) -> PrintRun:
    """Return what is to be printed; nothing is until `outcomes`. Raise NotFound, Refused.

    `wanted` chooses those who fit on the `day`.
    """
    tree = CommitTree(root, rev or MAIN)
    press = Press(root, tree, options)
    found = press.targets(form)
    addresses = found.addresses
    if wanted and day is not None:
        addresses = _choose_addresses(form, addresses, press.choose(wanted, day))
    unread = tuple(
        PrintOutcome(path, trouble=error.message, next_step=error.next_step)
        for path, error in sorted(found.troubles.items())
    )
    out.mkdir(parents=True, exist_ok=True)
    return PrintRun(
        root, form, options, tree.commit, addresses, unread, out, cache, processes, found.addresses
    )


def _choose_addresses(
    form: str, addresses: tuple[str, ...], people: frozenset[str]
) -> tuple[str, ...]:
    """Return the addresses of these people; raise Refused for a form that is not of people."""
    owners = {address: re.split("[#:]", address)[0] for address in addresses}
    if addresses and not any(map(is_student_id, owners.values())):
        raise Refused(
            f"Форма «{form}» не о людях: выбрать из людей в ней некого",
            f"Напечатайте её по номеру (papka print {form}) или всю: papka print {form} --all",
        )
    return tuple(address for address in addresses if owners[address] in people)


def print_some(
    root: Path, form: str, addresses: Iterable[str], out: Path, *, rev: str | None = None
) -> PrintRun:
    """These of a form's papers, as of `rev`; nothing is printed until `outcomes`."""
    tree, options = CommitTree(root, rev or MAIN), PrintOptions()
    known = Press(root, tree, options).targets(form).addresses
    out.mkdir(parents=True, exist_ok=True)
    listed = tuple(addresses)
    return PrintRun(
        root, form, options, tree.commit, listed, (), out, cache=True, processes=None, known=known
    )


class _Worker:
    """The press of one process."""

    def __init__(  # noqa: PLR0913 - handed over as they are
        self,
        root: Path,
        form: str,
        options: PrintOptions,
        commit: str,
        out: Path,
        cache: bool,  # noqa: FBT001
    ) -> None:
        self._form = form
        self._out = out
        tree = CommitTree(root, commit)
        self._press = Press(root, tree, options, many=True)
        self._shelf = KeptPrints(root, tree, options, cache=cache)

    def __call__(self, address: str) -> PrintOutcome:
        try:
            printed = run_limited(lambda: self._press.press(self._form, address))
            self._shelf.keep(self._form, address, printed)
            return _deliver(printed, address, self._out)
        except PapkaError as error:
            return PrintOutcome(address, trouble=error.message, next_step=error.next_step)
        except OSError as error:
            failure = cannot_access(error)
            return PrintOutcome(address, trouble=failure.message, next_step=failure.next_step)
        except Exception as error:  # noqa: BLE001 - our bug in one paper must not cost the others
            return PrintOutcome(
                address,
                trouble=f"Ошибка в самой программе papka ({type(error).__name__}: {error})",
                next_step=f"Подробности: papka print {self._form} {address}",
            )


def _deliver(printed: PrintedDocument, address: str, out: Path) -> PrintOutcome:
    for file in printed.files:
        # What lies there already, closed to others, is not written anew.
        if not printed.from_cache or not is_own_copy(out / file.name, file.data):
            write(out, file.name, file.data, synced=False)
    return PrintOutcome(
        address,
        tuple(file.name for file in printed.files),
        sum(file.pages for file in printed.files),
        printed.from_cache,
    )


def _import_library(options: PrintOptions) -> None:
    """Import the printing library once, before the processes part: they share what it loads."""
    if not options.html:
        import papka.paper.pdf  # noqa: F401 - slow or missing
