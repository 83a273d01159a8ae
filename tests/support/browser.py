"""A real Chromium without a window, that opens one page and is asked about it.

It is spoken to in its own DevTools protocol through two pipes: no port, no driver, no library. It
has no way out: a proxy that nobody listens at, and no names that resolve. What it asks the network
for, what it writes to its console and what its policy forbids is kept.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from papka.core.errors import PapkaError
from starting.system import BROWSERS

_FLAGS = (
    "--headless",
    "--no-sandbox",  # tests may run as root
    "--remote-debugging-pipe",
    "--proxy-server=127.0.0.1:9",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--force-prefers-reduced-motion",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
_START = """import os, sys
reading, writing = map(int, sys.argv[1:3])
os.dup2(reading, 3); os.dup2(writing, 4)
os.execv(sys.argv[3], sys.argv[3:])"""
"""Chromium reads its pipe as descriptor 3 and writes to 4."""
_PATIENCE = 120.0
"""Seconds for one answer: only a browser that hangs takes them."""


class NoAnswer(PapkaError):
    """The browser is gone, or says that it cannot do what was asked."""


class Page:
    """The one page of the browser.

    `requests`: every address asked for, `console`: what was written there or thrown.
    """

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._number, self._rest, self._session = 0, b"", ""
        self.requests: list[str] = []
        self.console: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        asked = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = asked["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **values: object) -> dict[str, Any]:
        """Ask the browser and return its answer; what it reports meanwhile is kept."""
        self._number += 1
        asked: dict[str, object] = {"id": self._number, "method": method, "params": values}
        if self._session:
            asked["sessionId"] = self._session
        data = memoryview(json.dumps(asked).encode() + b"\0")
        while data:
            data = data[os.write(self._writing, data) :]
        while True:
            told = self._hear()
            if told.get("id") == self._number:
                if "error" in told:
                    raise NoAnswer(f"{method}: {told['error']}", "")
                answer: dict[str, Any] = told["result"]
                return answer
            self._note(told.get("method", ""), told.get("params", {}))

    def _hear(self) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._reading], [], [], max(0, until - time.monotonic()))
            piece = os.read(self._reading, 1 << 20) if ready else b""
            if not piece:
                raise NoAnswer("the browser does not answer", "")
            self._rest += piece
        said, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(said)
        return told

    def _note(self, event: str, values: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
        elif event == "Log.entryAdded":
            self.console.append(values["entry"]["text"])
        elif event == "Runtime.exceptionThrown":
            details = values["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description", details["text"]))
        elif event == "Runtime.consoleAPICalled":
            self.console.append(json.dumps(values["args"]))

    def open(self, address: str) -> None:
        """Open an address; when this returns, the page's scripts have run."""
        self.call("Page.navigate", url=address)
        loaded = """new Promise((done) => {
          if (document.readyState === 'complete') done();
          else addEventListener('load', () => done());
        })"""
        self.run(loaded)

    def run(self, script: str) -> Any:  # noqa: ANN401 - whatever the script gives
        """Run an expression in the page, wait for its promise, and return its value."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise NoAnswer(details.get("exception", {}).get("description", details["text"]), "")
        return answer["result"].get("value")

    def choose(self, selector: str, file: Path) -> None:
        """Choose a file in a field of the page, as a person does."""
        found = self.call(
            "Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})"
        )
        self.call("DOM.setFileInputFiles", files=[str(file)], objectId=found["result"]["objectId"])

    def picture(self, width: int, *, dark: bool = False) -> bytes:
        """The page as a PNG, so wide."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=800, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])


def find_browser() -> str:
    """The full path of a Chromium; a machine that tests has one (`tools/start.py test`)."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, "apt-get install chromium-headless-shell"
    return found


@contextmanager
def browsing(folder: Path, camera: Path | None = None) -> Iterator[Page]:
    """A browser that keeps its files in `folder`; `camera`: a film (Y4M) that its camera sees."""
    profile = folder / "profile"
    flags = [*_FLAGS, f"--user-data-dir={profile}"]
    flags += [f"--use-file-for-fake-video-capture={camera}"] if camera else []
    (to_read, writing), (reading, to_write) = os.pipe(), os.pipe()
    # above 10, so that neither is in the way of descriptors 3 and 4
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_read, to_write)]
    launch = [sys.executable, "-I", "-S", "-c", _START, *map(str, ends), find_browser(), *flags]
    home = {**os.environ, "HOME": str(folder)}
    with subprocess.Popen(
        launch, pass_fds=ends, env=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as started:
        for end in (to_read, to_write, *ends):
            os.close(end)
        try:
            yield Page(reading, writing)
        finally:
            os.close(writing)  # Chromium ends with its pipe
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()
            os.close(reading)
    shutil.rmtree(profile, ignore_errors=True)
