"""Serve the web face to one browser of this computer, until Ctrl-C or an hour without a question.

The gate of the face: the port, the secret, the file that hands the address to the browser, and the
limits. It listens on 127.0.0.1 alone. Nothing that is asked or answered is written to the disk:
questions and answers are kept in memory, which is why both are bounded. Who is one too many is
told so at once, by 503.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from waitress.server import create_server  # type: ignore[import-untyped]  # has no types

from papka.core.installation import find_program
from papka.repository.dot_papka import state_folder
from papka.web.guard import HEADERS, HOST, Asked, Door, Refusal, judge

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from _typeshed import OptExcInfo

_AT_ONCE = 12
"""Pages made at the same time; a browser asks for six."""
_SPARE = 4
"""Further threads, which tell the others that there are too many."""
_CONNECTIONS = 200
_QUESTION = 4 << 20
"""Bytes of the longest question: a sheet of marks that is pasted has thousands."""
_ANSWER = 1 << 30
"""More than any answer: what is longer would be written to a temporary file."""
_PATIENCE = 20
"""Seconds for a client that has begun to ask and says nothing more."""
_HANDED = 60.0
"""Seconds after which a browser that has not come for the address will not."""
_TOO_MANY = Refusal(
    "503 Service Unavailable", "Слишком много запросов сразу. Подождите и обновите страницу."
)


class Entrance:
    """What stands before the pages: who may ask, how many at once, and when anybody last did."""

    def __init__(self, pages: WSGIApplication, door: Door, on_first: Callable[[], None]) -> None:
        """`on_first` is called once somebody has come with the secret."""
        self._pages = pages
        self._door = door
        self._on_first: Callable[[], None] | None = on_first
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self.last_asked = time.monotonic()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        said = judge(self._door, read_question(environ))
        if isinstance(said, Refusal):
            return _refuse(said, environ, start)
        self.last_asked = time.monotonic()
        if self._on_first is not None:
            on_first, self._on_first = self._on_first, None
            on_first()
        if not self._places.acquire(blocking=False):
            return _refuse(_TOO_MANY, environ, start)
        try:
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = f"/{self._door.secret}", said
            return list(self._pages(environ, _guarded(start)))
        finally:
            self._places.release()


def read_question(environ: WSGIEnvironment) -> Asked:
    """Return what the guard judges of a request."""
    return Asked(
        environ["REQUEST_METHOD"],
        environ.get("PATH_INFO", ""),
        environ.get("HTTP_HOST"),
        environ.get("HTTP_ORIGIN"),
        environ.get("HTTP_SEC_FETCH_SITE"),
        environ.get("HTTP_SEC_FETCH_MODE"),
        environ.get("HTTP_SEC_FETCH_DEST"),
    )


def _guarded(start: StartResponse) -> StartResponse:
    """Return a start of the answer that adds what every answer forbids."""

    def begin(
        status: str, headers: list[tuple[str, str]], trouble: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        own = {name.lower() for name, _ in HEADERS}
        kept = [each for each in headers if each[0].lower() not in own]
        return start(status, [*kept, *HEADERS], trouble)

    return begin


def _refuse(refusal: Refusal, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
    """Answer in few words; who asked for the head alone would read them as the next answer."""
    words = refusal.words.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(words)))]
    _guarded(start)(refusal.status, [*headers, ("Retry-After", "1")])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [words]


class HandedAddress:
    """The file that sends the browser to the face: a program's arguments are seen by everybody,
    a file with 0600 is not. It lies in the runtime folder of this user until it was used."""

    def __init__(self, address: str) -> None:
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        above = Path(runtime) if Path(runtime).is_absolute() else state_folder()
        above.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix="papka-open-", dir=above))
        self.file = self._folder / "open.html"
        handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(
                '<!doctype html><html lang="ru"><meta charset="utf-8"><title>Папка</title>'
                f'<meta http-equiv="refresh" content="0; url={address}">'
                f'<p><a href="{address}">Открыть архив</a></p></html>\n'
            )

    def remove(self) -> None:
        """Remove it; done twice it does nothing."""
        shutil.rmtree(self._folder, ignore_errors=True)


_BROWSERS = ("xdg-open", "sensible-browser", "x-www-browser", "firefox", "chromium")


def start_browser(file: Path) -> bool:
    """Open a file in this person's browser; return whether one was found."""
    if sys.platform == "win32":
        os.startfile(file)  # noqa: S606 - the only way there
        return True
    named = ("open",) if sys.platform == "darwin" else (os.environ.get("BROWSER", ""), *_BROWSERS)
    program = next(filter(None, map(find_program, filter(None, named))), None)
    if program is None:
        return False
    # a session of its own: Ctrl-C ends the face, not the person's browser
    started = subprocess.Popen(  # noqa: S603 - full path, no shell, own argument
        [program, str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=started.wait, daemon=True).start()  # it may last as long as we do
    return True


def serve(
    pages: WSGIApplication,
    *,
    opened: Callable[[Path, str], None],
    idle: float = 3600.0,
) -> None:
    """Serve until nobody has asked for `idle` seconds; raise KeyboardInterrupt at Ctrl-C.

    `opened` is told the file that leads a browser here, and the address itself.
    """
    logger = logging.getLogger("waitress")  # a person at a terminal is told by us alone
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    listening = socket.create_server((HOST, 0), backlog=_CONNECTIONS)
    door = Door(listening.getsockname()[1], secrets.token_urlsafe(16))
    handed = HandedAddress(door.address)
    entrance = Entrance(pages, door, handed.remove)
    channels: dict[int, object] = {}
    server = create_server(
        entrance,
        map=channels,
        sockets=[listening],
        threads=_AT_ONCE + _SPARE,
        ident=None,
        connection_limit=_CONNECTIONS,
        channel_timeout=_PATIENCE,
        cleanup_interval=_PATIENCE // 4,
        max_request_header_size=1 << 15,
        max_request_body_size=_QUESTION,
        inbuf_overflow=_QUESTION + 1,
        outbuf_overflow=_ANSWER,
        expose_tracebacks=False,
    )
    begun = time.monotonic()
    try:
        opened(handed.file, door.address)
        while time.monotonic() < entrance.last_asked + idle:
            server.asyncore.loop(timeout=1.0, use_poll=True, map=channels, count=1)
            if time.monotonic() > begun + _HANDED:
                handed.remove()
    finally:
        handed.remove()
        server.task_dispatcher.shutdown(timeout=1)
        server.close()
