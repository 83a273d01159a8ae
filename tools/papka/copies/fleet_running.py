"""Run a fleet: many archives at once, on the processes of this machine or on a cluster of Dask.

Each outcome is given out as soon as it is there. A process that ends in the middle of an archive
(killed, out of memory) takes nothing with it: what it had in hand is done again, one archive at a
time, so that the one which ends processes is known by name. An archive that could not be reached is
asked once more at the end, by another worker where there is one: a line that was down for a moment
is no news.

Processes of this machine end with the command that started them, however it ends, and what they
held on the disk lies in one folder, which goes with the last of them.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from papka.copies.fleet_list import AWAY, FleetOutcome, FleetTask, explain_stop
from papka.copies.fleet_work import carry_out
from papka.core.errors import PapkaError, Refused
from papka.repository.runner import SshAccess

Work = Callable[[FleetTask], FleetOutcome]
_LOST = "Тот, кто проверял этот архив, оборвался на полуслове: его остановили или не хватило памяти"
_LOST_STEP = "Проверьте этот архив один и с большей памятью: papka restore и papka verify"
_WAIT = 20
"""Seconds in which a cluster must answer."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Who does the work: `make` opens an executor for so many at once, away from the workers that
    outcomes name where that can be told; `at_once`: how many archives are in hand; `hold` does the
    work as a worker has to."""

    make: Callable[[int, Sequence[str]], Any]
    at_once: int
    hold: Callable[[Work, FleetTask], FleetOutcome] | None = None


def run_fleet(
    tasks: Sequence[FleetTask], workers: Workers, work: Work | None = None
) -> Generator[FleetOutcome, None, None]:
    """Yield what each archive came to, in the order in which they are done.

    `work`: what is done with one; it must be picklable.
    """
    work = work or carry_out
    if workers.hold is not None:
        work = partial(workers.hold, work)
    away: list[FleetOutcome] = []
    for outcome in _run_all(tasks, workers, work):
        if outcome.code == AWAY:
            away.append(outcome)
        else:
            yield outcome
    if away:
        again = [tasks_by_number(tasks)[each.number] for each in away]
        yield from _run_all(again, workers, work, [each.by for each in away])


def tasks_by_number(tasks: Iterable[FleetTask]) -> dict[int, FleetTask]:
    return {task.number: task for task in tasks}


def _run_all(
    tasks: Sequence[FleetTask], workers: Workers, work: Work, avoided: Sequence[str] = ()
) -> Iterator[FleetOutcome]:
    waiting = deque(tasks)
    suspects: list[FleetTask] = []
    while waiting:
        with workers.make(min(workers.at_once, len(waiting)), avoided) as executor:
            yield from _run_until_broken(executor, waiting, suspects, workers.at_once, work)
    alone = deque(suspects)
    while alone:  # one at a time, so that an end is that archive's own
        lost: list[FleetTask] = []
        with workers.make(1, avoided) as executor:
            yield from _run_until_broken(executor, alone, lost, 1, work)
        yield from (explain_stop(task, PapkaError(_LOST, _LOST_STEP)) for task in lost)


def _run_until_broken(
    executor: Executor,
    waiting: deque[FleetTask],
    suspects: list[FleetTask],
    at_once: int,
    work: Work,
) -> Iterator[FleetOutcome]:
    """Work until nothing waits or a process ends: then all in hand are `suspects`."""
    running: dict[Future[FleetOutcome], FleetTask] = {}
    broken = False
    while running or (waiting and not broken):
        while waiting and len(running) < at_once and not broken:
            task = waiting.popleft()
            try:
                running[executor.submit(work, task)] = task
            except BrokenProcessPool:
                waiting.appendleft(task)
                broken = True
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            task = running.pop(future)
            try:
                yield future.result()
            except Exception:  # noqa: BLE001 - the pool, or Dask, says in its own way that one died
                suspects.append(task)
                broken = broken or isinstance(executor, ProcessPoolExecutor)


def processes(number: int = 0) -> Workers:
    """Return the processes of this machine, as many as processors when `number` is 0."""

    @contextmanager
    def make(at_once: int, _: Sequence[str]) -> Iterator[ProcessPoolExecutor]:
        context = get_context("spawn")  # what a person's command holds open goes into no worker
        told, end = context.Pipe(duplex=False)
        with (
            _nothing_from_here(),
            tempfile.TemporaryDirectory(prefix="papka-fleet-", ignore_cleanup_errors=True) as room,
            told,
            end,
            ProcessPoolExecutor(
                at_once, mp_context=context, initializer=_begin, initargs=(told, room)
            ) as pool,
        ):
            try:
                yield pool
            except BaseException:
                end.close()  # nobody waits for what is in hand
                raise

    return Workers(make, number or _processors(), _hold)


@contextmanager
def _nothing_from_here() -> Iterator[None]:
    """Let workers that begin meanwhile import nothing from the folder one stands in."""
    name = "PYTHONSAFEPATH"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


_in_hand = threading.Lock()
"""Held by a worker while it works on an archive."""


def _begin(told: Connection, room: str) -> None:
    """Make this process a worker: what it holds on the disk lies in `room`, and it ends when the
    other end of `told` is closed, as it is too when the command is killed."""
    tempfile.tempdir = room
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command answers Ctrl-C
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_end_when_told, args=(told,), daemon=True).start()


def _hold(work: Work, task: FleetTask) -> FleetOutcome:
    """Do the work; a worker that is told to end leaves nothing of the archive."""
    with _in_hand:
        try:
            return work(task)
        except KeyboardInterrupt:
            _leave()


def _stop(*_: object) -> None:
    """End this worker, at once when it holds nothing; the pool asks so too when another died."""
    if _in_hand.locked():
        raise KeyboardInterrupt
    _leave()


def _end_when_told(told: Connection) -> None:
    with suppress(OSError):
        told.poll(None)
    if not _in_hand.acquire(blocking=False):
        if sys.platform == "win32":
            import _thread

            _thread.interrupt_main(signal.SIGTERM)
        else:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
        _in_hand.acquire()
    _leave()


def _leave() -> NoReturn:
    with suppress(OSError):
        os.rmdir(tempfile.gettempdir())  # noqa: PTH106 - the last one removes it
    os._exit(1)


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def cluster(address: str) -> Iterator[Workers]:
    """Join the cluster whose scheduler answers at `address`; raise Refused."""
    try:
        import distributed
    except ImportError as error:
        raise Refused(
            "Для кластера нужна библиотека distributed, а её здесь нет",
            "Поставьте её: pip install 'papka[fleet]'; или работайте без --scheduler",
        ) from error
    library: Any = distributed  # it says nothing of types
    try:
        client = library.Client(address, timeout=_WAIT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise Refused(
            f"Планировщик {address} не отвечает",
            "Запустите его: dask scheduler; на каждой машине: dask worker АДРЕС",
        ) from error
    with client:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise Refused(
                f"У планировщика {address} нет ни одного исполнителя",
                f"Запустите их: dask worker {address}",
            )

        @contextmanager
        def make(_: int, avoided: Sequence[str]) -> Iterator[Executor]:
            others = _others(client, avoided)
            chosen = {"workers": others, "allow_other_workers": True} if others else {}
            with client.get_executor(pure=False, **chosen) as executor:
                yield executor

        threads = sum(client.nthreads().values())
        yield Workers(make, max(2 * threads, 1))


def _others(client: Any, avoided: Sequence[str]) -> list[str]:  # noqa: ANN401 - as above
    """Return the addresses of workers that no outcome of `avoided` names; none when all do."""
    if not avoided:
        return []
    return [address for address, name in client.run(_own_name).items() if name not in avoided]


def _own_name() -> str:
    from papka.copies.fleet_work import own_name

    return own_name()


def work_with(access: SshAccess) -> Work:
    """Return the work on one archive with a person's own means to reach a mirror."""
    return partial(carry_out, access=access)
