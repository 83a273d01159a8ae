"""A real Chromium without a window, that opens one page, walks on it and is asked about it.

It is spoken to in its own DevTools protocol through two pipes: no port, no driver, no library. It
has no way out but this computer: a proxy that nobody listens at, and no names that resolve. What it
asks the network for, what it writes to its console and what its policy forbids is kept.
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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from papka.core.errors import PapkaError
from starting.system import BROWSERS

_FLAGS = (
    "--headless",
    "--no-sandbox",  # tests may run as root
    "--remote-debugging-pipe",
    "--proxy-server=127.0.0.1:9",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
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
_CODES = {
    "Backspace": 8, "Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36,
    "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Delete": 46,
}  # fmt: skip
"""What Chromium asks of keys that write nothing."""
AXE = Path(sys.prefix) / "editor/node_modules/axe-core/axe.min.js"
"""Tells what on a page keeps somebody out; comes with the lock of the editor's tools."""
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
        self._loaded = 0
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
        if event == "Page.loadEventFired":
            self._loaded += 1
        elif event == "Network.requestWillBeSent":
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
        with self.leaving():
            answer = self.call("Page.navigate", url=address)
            if "errorText" in answer:
                raise NoAnswer(f"{address}: {answer['errorText']}", "")

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

    def click(self, selector: str) -> None:
        """Click in the middle of what the selector finds first, as a mouse does."""
        x, y = self.run(
            f"""(() => {{
              const one = document.querySelector({json.dumps(selector)});
              one.scrollIntoView({{block: "center"}});
              const [box] = one.getClientRects();
              return [box.x + box.width / 2, box.y + box.height / 2];
            }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )  # fmt: skip

    def follow(self, selector: str) -> None:
        """Click on what leads to another page, and wait until that has loaded."""
        with self.leaving():
            self.click(selector)

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Wait at the end of the block until another page has loaded than the one before it."""
        before = self._loaded
        yield
        while self._loaded == before:
            told = self._hear()
            self._note(told.get("method", ""), told.get("params", {}))

    def press(self, *keys: str, shift: bool = False, control: bool = False) -> None:
        """Press keys, each and let go: `Tab`, `Enter`, `ArrowDown`, `a`."""
        modifiers = 8 * shift + 2 * control
        for key in keys:
            values = {"key": key, "code": key, "modifiers": modifiers}
            if key in _CODES:
                values["windowsVirtualKeyCode"] = _CODES[key]
            if key == "Enter":
                values["text"] = "\r"
            elif len(key) == 1 and not control:
                values["text"] = key
            self.call("Input.dispatchKeyEvent", type="keyDown", **values)
            self.call("Input.dispatchKeyEvent", type="keyUp", **values)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def paste(self, text: str) -> None:
        """Put a text where the focus is, from the clipboard, as Ctrl+V does."""
        self.call("Browser.grantPermissions", permissions=["clipboardReadWrite"])
        self.run(f"navigator.clipboard.writeText({json.dumps(text)})")
        self.call(
            "Input.dispatchKeyEvent",
            type="keyDown", key="v", code="KeyV", modifiers=2, commands=["paste"],
        )  # fmt: skip
        self.call("Input.dispatchKeyEvent", type="keyUp", key="v", code="KeyV", modifiers=2)

    def wait(self, condition: str) -> None:
        """Wait until an expression is true, on this page or on one that comes in its place."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            with suppress(NoAnswer):  # the page has just gone
                if self.run(f"Boolean({condition})"):
                    return
            time.sleep(0.02)
        raise NoAnswer(f"{condition} has not come", "")

    def text(self, selector: str = "body") -> str:
        """What a person reads there."""
        found: str = self.run(f"document.querySelector({json.dumps(selector)}).innerText")
        return found

    def emulate(
        self, *, width: int = 1280, height: int = 800, dark: bool = False, paper: bool = False
    ) -> None:
        """Show pages on a screen so wide, in a theme, or as on paper."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        media = "print" if paper else "screen"
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    @contextmanager
    def without_scripts(self) -> Iterator[None]:
        """A browser in which no script of a page runs."""
        self.call("Emulation.setScriptExecutionDisabled", value=True)
        try:
            yield
        finally:
            self.call("Emulation.setScriptExecutionDisabled", value=False)

    def find_barriers(self, *rules: str) -> list[str]:
        """What axe-core finds on the page that keeps somebody out: rule, how grave, and where.

        `rules`: those alone are tried.
        """
        if self.run("typeof axe") == "undefined":
            self.run(AXE.read_text("utf-8"))
        only = f"runOnly: {json.dumps(rules)}, " if rules else ""
        found = self.run(
            f"axe.run(document, {{{only}resultTypes: ['violations']}})"
            """.then((said) =>
              said.violations.flatMap((each) => each.nodes.map((node) =>
                `${each.id} (${each.impact}): ${node.target.join(" ")}: ` +
                node.any.concat(node.all, node.none).map((one) => one.message).join("; "))))"""
        )
        return list(map(str, found))

    def picture(self, width: int, *, dark: bool = False, whole: bool = False) -> bytes:
        """The page as a PNG, so wide; `whole`: all of it, however long."""
        self.emulate(width=width, dark=dark)
        clip = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"clip": {**size, "x": 0, "y": 0, "scale": 1}}
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True, **clip)
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
