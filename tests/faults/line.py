"""A line between ssh and a real sshd that breaks after so many bytes, for good until it is mended.

Absent on purpose: slowness, and bytes changed on the way, which ssh itself notices.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 4096


@dataclass(slots=True)
class Line:
    """`carried`: bytes so far, both ways; at `breaks` everything is dropped (0: never)."""

    port: int
    to: int
    breaks: int = 0
    carried: int = 0
    _open: list[socket.socket] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mend(self, breaks: int = 0) -> None:
        """Everything goes through again, and is counted from nothing."""
        self.drop()
        self.breaks, self.carried = breaks, 0

    @property
    def is_broken(self) -> bool:
        return bool(self.breaks) and self.carried >= self.breaks

    def drop(self) -> None:
        with self._lock:
            ends, self._open = self._open, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def join(self, near: socket.socket) -> None:
        """Carries one connection, unless the line is broken."""
        if self.is_broken:
            near.close()
            return
        far = socket.create_connection(("127.0.0.1", self.to))
        with self._lock:
            self._open += [near, far]
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(_PIECE):
                with self._lock:
                    left = self.breaks - self.carried if self.breaks else len(piece)
                    self.carried += len(piece)
                if left < len(piece):
                    if left > 0:
                        other.sendall(piece[:left])
                    self.drop()
                    return
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)


@contextmanager
def line(to: int) -> Iterator[Line]:
    """A line to a port of this computer, at a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = Line(int(server.getsockname()[1]), to)

        def answer() -> None:
            with suppress(OSError):
                while True:
                    made.join(server.accept()[0])

        threading.Thread(target=answer, daemon=True).start()
        yield made
        made.drop()
        server.shutdown(socket.SHUT_RDWR)
