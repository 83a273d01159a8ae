"""Work that takes longer than a page may: it goes on in a thread, and pages tell how far it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from papka.core.errors import PapkaError, cannot_access

R = TypeVar("R")
Turn = threading.Lock
"""Held while something is done that two pages must not do at the same time."""


@dataclass(frozen=True, slots=True)
class Progress(Generic[R]):
    """How far a piece of work is at one moment. `number`: of the piece; `begun`: names of the parts
    that were begun, the last one goes on; `outcome`, or `trouble` why it could not be done, when it
    is over."""

    number: int = 0
    is_running: bool = False
    begun: tuple[str, ...] = ()
    outcome: R | None = None
    trouble: PapkaError | None = None


@dataclass(slots=True)
class Background(Generic[R]):
    """One piece of work at a time; the outcome of the last one is kept until the next begins."""

    log: Callable[[Exception], object]
    _now: Progress[R] = field(default_factory=Progress)
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> Progress[R]:
        """Return how far it is now: nothing of it changes while a page is made."""
        return self._now

    def start(self, work: Callable[[Callable[[str], None]], R]) -> int:
        """Begin, unless the last piece still goes on; return the number of that which goes on.

        `work` tells each part it begins.
        """
        with self._lock:
            if not self._now.is_running:
                self._now = Progress(self._now.number + 1, is_running=True)
                # it ends with the program: nobody waits for what was asked by a page
                self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
                self._thread.start()
            return self._now.number

    def wait(self, seconds: float) -> Progress[R]:
        """Wait so long at most for the end; return how far it is."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._now

    def forget(self) -> None:
        """Forget the outcome, which will be asked for anew."""
        with self._lock:
            if not self._now.is_running:
                self._now = Progress(self._now.number + 1)

    def _run(self, work: Callable[[Callable[[str], None]], R]) -> None:
        number = self._now.number
        try:
            self._now = Progress(number, outcome=work(self._tell))
        except PapkaError as error:
            self._now = Progress(number, trouble=error)
        except OSError as error:
            self._now = Progress(number, trouble=cannot_access(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours is told by the page
            self._now = Progress(number, trouble=fault_of_ours(self.log(error)))

    def _tell(self, part: str) -> None:
        now = self._now
        self._now = Progress(now.number, is_running=True, begun=(*now.begun, part))


def fault_of_ours(place: object) -> PapkaError:
    """Return what a person is told of a fault of the program; `place`: where it is kept."""
    return PapkaError(
        "Ошибка в самой программе papka",
        f"Подробности записаны в {place}; пришлите этот файл разработчикам.",
    )
