"""The web face of an archive, as a command of its own with a real socket, or as pages alone."""

from __future__ import annotations

import datetime as dt
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask.testing import FlaskClient

from papka.web.face import Face
from papka.web.site import make_site
from tests.support.processes import Running, process

NOON = dt.datetime(2026, 11, 30, 12, tzinfo=dt.timezone(dt.timedelta(hours=3)))
TOKEN = "a token of this run"


class OpenedFace:
    """A running `papka open`; `said` is what it has printed so far."""

    def __init__(self, running: Running, said: str) -> None:
        self.running = running
        self.said = said
        self.address = next(word for word in said.split() if word.startswith("http://"))

    @property
    def origin(self) -> str:
        return "/".join(self.address.split("/")[:3])

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    @property
    def secret(self) -> str:
        return self.address.split("/")[3]

    def close(self) -> str:
        """Press Ctrl-C; return the last words."""
        os.kill(self.running.pid, signal.SIGINT)
        said, _ = self.running.communicate(30)
        assert self.running.returncode == 0, said
        return said


@contextmanager
def opened(root: Path, *options: str) -> Iterator[OpenedFace]:
    """A face at work for somebody with a home of their own, closed by Ctrl-C at the end."""
    with tempfile.TemporaryDirectory(prefix="papka-home-") as home:
        running = process("-C", root, "open", "--no-browser", *options, home=Path(home))
        face = OpenedFace(running, running.read_until("Ctrl-C"))
        try:
            yield face
        finally:
            if running.poll() is None:
                face.close()
            assert not list(Path(home).rglob("papka-open-*"))  # where the address was handed over


def face_of(root: Path, now: dt.datetime = NOON) -> Face:
    """What the pages of an archive know, at a moment of the test's own."""
    return Face(root, lambda: now, raise_it, TOKEN, patience=600)


def raise_it(error: Exception) -> Path:
    """In place of a log: a fault of ours ends the test."""
    raise error


def client_of(face: Face) -> FlaskClient:
    """Asks the pages themselves, with neither the guard nor a socket before them."""
    return make_site(face).test_client()
