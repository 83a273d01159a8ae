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


@dataclass(slots=True)
class Background(Generic[R]):
    """One piece of work at a time; the outcome of the last one is kept until the next begins.

    `begun`: names of the parts that were begun, the last one goes on; `trouble`: why it could not
    be done.
    """

    log: Callable[[Exception], object]
    begun: tuple[str, ...] = ()
    outcome: R | None = None
    trouble: PapkaError | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[Callable[[str], None]], R]) -> bool:
        """Begin; return False while the last piece goes on. `work` tells each part it begins."""
        with self._lock:
            if self.is_running:
                return False
            self.begun, self.outcome, self.trouble = (), None, None
            # it ends with the program: nobody waits for what was asked by a page
            self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
            self._thread.start()
            return True

    def wait(self, seconds: float) -> None:
        """Wait so long at most for the end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, work: Callable[[Callable[[str], None]], R]) -> None:
        try:
            self.outcome = work(self._tell)
        except PapkaError as error:
            self.trouble = error
        except OSError as error:
            self.trouble = cannot_access(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours is told by the page
            place = self.log(error)
            self.trouble = PapkaError(
                "Ошибка в самой программе papka",
                f"Подробности записаны в {place}; пришлите этот файл разработчикам.",
            )

    def _tell(self, part: str) -> None:
        self.begun = (*self.begun, part)
