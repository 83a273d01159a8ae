"""The same work for many things, on every core.

Invariants: results come as they are ready, one for each job; a job that kills its process costs
only itself; few jobs, or one core, are done in this process by the same code. A worker is made in
its own process by `make(*given)`, which must be importable by name (Windows starts a new Python).
Absent on purpose: order; exceptions of a job, which the worker turns into its result.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Self, TypeVar

from papka.gates.apart import collect_seldom

J = TypeVar("J")
R = TypeVar("R")

_AHEAD = 2
"""Jobs handed to a process before its last result is in."""
_FEW = 3
_made: Callable[[Any], Any] | None = None


def cores() -> int:
    """Processors this process may use."""
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
    """Every job with its result; None when its process died of it twice."""
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
        """Takes jobs from the end of `left`; those not taken when a process dies stay there."""
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
    """In a new process: the parent alone answers Ctrl-C, and waits until pages begun are done."""
    global _made  # noqa: PLW0603 - one worker a process: there is nowhere else to keep it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    _made = make(*given)


def _run(job: Any) -> Any:  # noqa: ANN401 - any job
    assert _made is not None
    return _made(job)
