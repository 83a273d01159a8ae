"""Work that must end: laying out pages of templates and records that strangers may have made.

It may use so much processor time and memory, then it is stopped and one sentence says so; time by
the clock is not limited, for on a busy computer it says nothing of the work. On Linux `run_apart`
works in a process of its own, which the system kills where nothing else helps; elsewhere, where
`fork` is not safe, the same limits are watched from a thread. A process of several threads must not
fork at all: for it `run_afresh` begins a new one, a tenth of a second later.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

import papka
from papka.core.errors import PapkaError

R = TypeVar("R")
_GARBAGE = 100_000
"""Objects made between two collections: layout makes millions that live until the page is done."""
_GRACE = 30
"""Further seconds, after which the system kills what does not stop."""


class Limits(NamedTuple):
    """`seconds` of processor time, `memory` in bytes on top of what is already in use."""

    seconds: float = 180.0
    memory: int = 2 << 30


USUAL = Limits()
"""Limits of one paper: a hundred times what a long personal file takes."""


class Overran(PapkaError):
    """The work was stopped: it took too long or too much."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(
            f"Страница не печатается: её вёрстка заняла больше {limits.seconds:.0f} с работы "
            f"процессора или {limits.memory >> 20} МБ памяти и остановлена",
            "Обычно виноват шаблон: число в colspan или rowspan, таблица или текст без конца. "
            "Посмотрите, что меняли: git log -- templates, и верните прежнее: papka undo",
        )


def collect_seldom() -> None:
    """Collect garbage seldom: looking through a page's objects is else a sixth of its layout."""
    gc.set_threshold(_GARBAGE, 50, 50)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage until the block ends: layout leaves next to none, and looking costs."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Stop(BaseException):
    """Raised in the middle of the work; no `except Exception` of a library swallows it."""


def run_apart(work: Callable[[], R], limits: Limits | None = None) -> R:
    """Do `work` in a process of its own (on Linux) and return or raise what it does.

    Both must be picklable. What the work lays among temporary files goes with it, though it is
    stopped: WeasyPrint keeps its fonts there until a tidy end. Raises Overran.
    """
    limits = limits or USUAL
    if sys.platform != "linux":
        return run_limited(work, limits)
    with tempfile.TemporaryDirectory(prefix="papka-print-", ignore_cleanup_errors=True) as folder:
        said = _work_in_a_child(work, limits, folder)
    answer: R = _unpack(said, limits)
    return answer


def run_afresh(work: Callable[[], R], limits: Limits | None = None) -> R:
    """Do `work` as `run_apart` does, in a process that is begun anew, on every system.

    For a process of several threads: in a fork of it a lock that another thread held stays shut.
    `work` is a function of a module with its arguments, so that it can be pickled.
    """
    limits = limits or USUAL
    with tempfile.TemporaryDirectory(prefix="papka-print-", ignore_cleanup_errors=True) as folder:
        said = _ask_a_new_process(pickle.dumps((work, limits, folder)))
    answer: R = _unpack(said, limits)
    return answer


def _ask_a_new_process(question: bytes) -> bytes:
    """Return what it said; empty when it was stopped."""
    home = str(Path(papka.__file__).resolve().parent.parent)
    begin = (
        f"import sys; sys.path.append({home!r}); "
        "from papka.paper.limited_process import answer_question; answer_question()"
    )
    with subprocess.Popen(  # noqa: S603 - full path, no shell, own arguments
        # -P: what lies in the folder one stands in is never run
        [sys.executable, "-P", "-c", begin],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            return child.communicate(question)[0]
        finally:
            child.kill()


def answer_question() -> NoReturn:
    """In the new process: do what stands in the standard input, and answer where it was asked."""
    pipe = os.dup(1)
    os.dup2(2, 1)  # whatever a library says is no answer
    # it is trusted: it comes from the process that began this one
    work, limits, tempfile.tempdir = pickle.loads(sys.stdin.buffer.read())  # noqa: S301
    _work_and_leave(work, limits, pipe)


def _work_in_a_child(work: Callable[[], Any], limits: Limits, folder: str) -> bytes:
    """Return what the child said; empty when it was stopped."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        tempfile.tempdir = folder
        _work_and_leave(work, limits, writing)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as pipe:
            return pipe.read()
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def run_limited(work: Callable[[], R], limits: Limits | None = None) -> R:
    """Do `work` within the limits in this process. Raises Overran."""
    limits = limits or USUAL
    done = threading.Event()
    here = threading.get_ident()
    watch = threading.Thread(target=_watch, args=(here, limits.seconds, done), daemon=True)
    try:
        watch.start()
        try:
            with _system_limits(limits):
                return work()
        finally:
            done.set()
            watch.join()
    except (_Stop, MemoryError):
        raise Overran(limits) from None


def _watch(thread: int, seconds: float, done: threading.Event) -> None:
    until = time.process_time() + seconds
    while not done.wait(0.1):
        if time.process_time() > until:
            stop = ctypes.py_object(_Stop)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), stop)
            return


@contextmanager
def _system_limits(limits: Limits) -> Iterator[None]:
    """Let the system itself limit processor time and memory, where it can."""
    if sys.platform == "win32":
        yield
        return
    import resource  # POSIX alone

    seconds = int(time.process_time() + limits.seconds) + _GRACE
    wanted = {resource.RLIMIT_CPU: seconds}
    if used := _used_memory():
        wanted[resource.RLIMIT_AS] = used + limits.memory
    before = {which: resource.getrlimit(which) for which in wanted}
    for which, most in wanted.items():
        soft, hard = before[which]
        known = [each for each in (most, soft, hard) if each != resource.RLIM_INFINITY]
        resource.setrlimit(which, (min(known), hard))
    try:
        yield
    finally:
        for which, both in before.items():
            resource.setrlimit(which, both)


def _used_memory() -> int:
    """Return the bytes of address space of this process; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - one line, asked for each page
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _work_and_leave(work: Callable[[], Any], limits: Limits, pipe: int) -> NoReturn:
    """In the child: write the answer and leave without what the parent does at its end."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent answers Ctrl-C
        said = pickle.dumps(_try(work, limits))
        with os.fdopen(pipe, "wb") as out:
            out.write(said)
    finally:
        os._exit(0)


def _try(work: Callable[[], Any], limits: Limits) -> tuple[Any, ...]:
    try:
        return True, run_limited(work, limits)
    except Exception as error:  # noqa: BLE001 - raised again by the parent
        if not isinstance(error, PapkaError):
            error.add_note("".join(traceback.format_exception(error)))
        return False, type(error), error.args, error.__dict__


def _unpack(said: bytes, limits: Limits) -> Any:  # noqa: ANN401 - whatever the work returned
    """Return or raise what the child wrote; it is trusted: nobody else holds the pipe."""
    if not said:
        raise Overran(limits)
    is_good, *rest = pickle.loads(said)  # noqa: S301 - as above
    if is_good:
        return rest[0]
    kind, words, state = rest
    error: Exception = kind.__new__(kind, *words)
    error.args = words
    error.__dict__.update(state)
    raise error
