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
    """How far a piece of work is at one moment. `begun`: names of the parts that were begun, the
    last one goes on; `outcome`, or `trouble` why it could not be done, when it is over."""

    is_running: bool = False
    begun: tuple[str, ...] = ()
    outcome: R | None = None
    trouble: PapkaError | None = None


@dataclass(slots=True)
class Background(Generic[R]):
    """One piece of work at a time; the outcome of the last one is kept until the next begins."""

    log: Callable[[Exception], object]
    _now: Progress[R] = field(default_factory=Progress)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> Progress[R]:
        """Return how far it is now: nothing of it changes while a page is made."""
        return self._now

    def start(self, work: Callable[[Callable[[str], None]], R]) -> bool:
        """Begin; return False while the last piece goes on. `work` tells each part it begins."""
        with self._lock:
            if self._now.is_running:
                return False
            self._now = Progress(is_running=True)
            # it ends with the program: nobody waits for what was asked by a page
            threading.Thread(target=self._run, args=(work,), daemon=True).start()
            return True

    def _run(self, work: Callable[[Callable[[str], None]], R]) -> None:
        try:
            self._now = Progress(outcome=work(self._tell))
        except PapkaError as error:
            self._now = Progress(trouble=error)
        except OSError as error:
            self._now = Progress(trouble=cannot_access(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours is told by the page
            self._now = Progress(trouble=fault_of_ours(self.log(error)))

    def _tell(self, part: str) -> None:
        self._now = Progress(is_running=True, begun=(*self._now.begun, part))


def fault_of_ours(place: object) -> PapkaError:
    """Return what a person is told of a fault of the program; `place`: where it is kept."""
    return PapkaError(
        "Ошибка в самой программе papka",
        f"Подробности записаны в {place}; пришлите этот файл разработчикам.",
    )
