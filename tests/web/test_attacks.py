"""Who must get nothing: another site, another user, a changed name, markup, odd paths, a flood.

The real command stands behind a real socket here; what needs no socket is tried on the pages alone.
"""

from __future__ import annotations

import http.client
import http.server
import os
import resource
import signal
import socket
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import pytest
import yaml

from papka.core.kinds import SCHEMA_OF
from papka.core.places import place
from papka.core.snapshot import DictSnapshot
from papka.records.schemas import SchemaSet
from papka.repository.worktree import FolderTree, WorktreeSnapshot
from papka.web import serving
from papka.web.guard import HEADERS, Door
from papka.web.serving import Entrance, HandedAddress, start_browser
from tests.support.browser import NoAnswer, browsing
from tests.support.command import papka
from tests.support.faces import OpenedFace, client_of, face_of, opened
from tests.support.school import Archive


@pytest.fixture(scope="module")
def face(built_archive: Archive) -> Iterator[OpenedFace]:
    """A face that nobody here changes anything in."""
    with opened(built_archive.root) as one:
        yield one


class Answered(NamedTuple):
    """What a server answers."""

    status: int
    headers: Mapping[str, str]
    text: str


def ask(face: OpenedFace, path: str, method: str = "GET", **headers: str) -> Answered:
    """What the server answers to a stranger's program."""
    with closing(http.client.HTTPConnection("127.0.0.1", face.port, timeout=20)) as connection:
        connection.request(method, path, headers=headers)
        with connection.getresponse() as answer:
            said = answer.read().decode()
            return Answered(answer.status, dict(answer.headers), said)


def send(face: OpenedFace, text: bytes) -> bytes:
    """What the server answers to these bytes."""
    with closing(socket.create_connection(("127.0.0.1", face.port), timeout=30)) as one:
        one.sendall(text)
        said = b""
        with suppress(ConnectionResetError):  # the rest of a question that is too long is not read
            while more := one.recv(1 << 16):
                said += more
        return said


def test_process_of_another_user_learns_nothing_without_the_secret(face: OpenedFace) -> None:
    tried = ["/", "/people", "/static/face.css", f"/{'a' * 22}/", f"/{face.secret[:-1]}/"]
    for path in [*tried, f"/{face.secret}x/", "/%2e%2e/", "//"]:
        answer = ask(face, path)
        assert (answer.status, answer.text) == (404, "Такой страницы нет."), path
        assert "Server" not in answer.headers
    line = Path(f"/proc/{face.running.pid}/cmdline").read_bytes()
    assert face.secret.encode() not in line  # what every user of the computer sees
    assert len(face.secret) == 22  # 128 bits


def test_every_answer_forbids_what_a_page_must_not_do(face: OpenedFace) -> None:
    for path in (
        "/",
        f"/{face.secret}/",
        f"/{face.secret}/nothing",
        f"/{face.secret}/static/face.css",
    ):
        answer = ask(face, path)
        kept = {name: answer.headers[name] for name, _ in HEADERS}
        assert kept == dict(HEADERS), path
        assert "Set-Cookie" not in answer.headers
    policy = dict(HEADERS)["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy


def test_changed_name_or_foreign_origin_is_refused(face: OpenedFace) -> None:
    page = f"/{face.secret}/"
    own = f"127.0.0.1:{face.port}"
    assert ask(face, page, Host=own).status == 200
    for host in (
        "evil.example",
        f"evil.example:{face.port}",
        f"localhost:{face.port}",
        "127.0.0.1",
    ):
        assert ask(face, page, Host=host).status == 403, host
    for origin in ("https://evil.example", "null", f"http://localhost:{face.port}"):
        assert ask(face, page, Origin=origin).status == 403, origin
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        assert ask(face, page, method).status in (403, 405), method


_EVIL = b"""<!doctype html><title>Evil</title><p>Win a prize</p>"""


@contextmanager
def another_site() -> Iterator[str]:
    """A site of somebody else; on this computer, for the browser has no way to another."""

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(_EVIL)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def test_page_of_another_site_reads_and_changes_nothing(face: OpenedFace, tmp_path: Path) -> None:
    """Even when it has learnt the address."""
    with another_site() as evil, browsing(tmp_path) as page:
        page.open(evil)
        for path in ("", "people", "static/face.css"):
            with pytest.raises(NoAnswer, match="Failed to fetch"):
                page.run(f"fetch('{face.address}{path}')")
        opaque = page.run(f"fetch('{face.address}', {{mode: 'no-cors'}}).then(() => 1, () => 0)")
        assert opaque == 0  # not even as what it may not read
        shown = page.run(
            f"""new Promise((done) => {{
              const frame = document.createElement("iframe");
              frame.onload = () => done(frame.contentDocument === null);
              frame.src = "{face.address}";
              document.body.append(frame);
            }})"""
        )
        assert shown  # an error page of the browser, which is no document of ours
        script = page.run(
            f"""new Promise((done) => {{
              const script = document.createElement("script");
              script.onload = () => done("ran");
              script.onerror = () => done("refused");
              script.src = "{face.address}static/progress.js";
              document.body.append(script);
            }})"""
        )
        assert script == "refused"
        with page.leaving():
            page.run(
                f"""(() => {{
                  const form = document.createElement("form");
                  form.method = "post";
                  form.action = "{face.address}safety";
                  document.body.append(form);
                  form.submit();
                }})()"""
            )
        assert page.text() == "Отклонено: запрос пришёл не со страниц этой программы."


def test_address_is_handed_over_in_a_file_for_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    door = Door(4321, "5ecre7")
    handed = HandedAddress(door.address)
    assert stat.S_IMODE(handed.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(handed.file.parent.stat().st_mode) == 0o700
    assert handed.file.is_relative_to(tmp_path)
    assert f'content="0; url={door.address}"' in handed.file.read_text("utf-8")
    entrance = Entrance(lambda _, start: _plain(start), door, handed.remove)
    _enter(entrance, "/")
    assert handed.file.exists()  # a stranger at the door changes nothing
    assert _enter(entrance, "/5ecre7/") == "200 OK"
    assert list(tmp_path.iterdir()) == []
    handed.remove()


def _plain(start: object) -> list[bytes]:
    start("200 OK", [])  # type: ignore[operator]  # as WSGI has it
    return [b"a page"]


def _enter(entrance: Entrance, path: str) -> str:
    """The status of the answer."""
    heard: list[str] = []
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "127.0.0.1:4321"}
    entrance(asked, lambda status, *_: heard.append(status))  # type: ignore[arg-type]
    return heard[0]


def test_browser_is_given_the_file_and_never_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "said"
    program = tmp_path / "bin/xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" > {said}.half; mv {said}.half {said}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f".:{program.parent}:{os.environ['PATH']}")
    monkeypatch.delenv("BROWSER", raising=False)
    handed = HandedAddress(Door(4321, "5ecre7").address)
    assert start_browser(handed.file)
    until = time.monotonic() + 30
    while not said.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert said.read_text("utf-8") == f"{handed.file}\n"
    monkeypatch.setenv("PATH", ".")
    monkeypatch.chdir(program.parent)  # what lies in the folder one stands in is never run
    assert not start_browser(handed.file)
    handed.remove()


def test_who_asks_for_a_head_alone_is_refused_without_a_word() -> None:
    """A browser would read the words as the beginning of the next answer."""
    entrance = Entrance(lambda _, start: _plain(start), Door(4321, "5ecre7"), lambda: None)
    asked = {"PATH_INFO": "/", "HTTP_HOST": "127.0.0.1:4321"}
    for method, words in (("HEAD", 0), ("GET", 1)):
        heard: list[str] = []
        said = entrance(
            {**asked, "REQUEST_METHOD": method},
            lambda status, *_, heard=heard: heard.append(status),
        )
        assert (heard, len(list(said))) == (["404 Not Found"], words)


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_window_that_is_closed_ends_the_face_as_ctrl_c_does(
    built_archive: Archive, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Or the file with the address would stay in the runtime folder."""
    end = signal.Signals[name]
    before = signal.getsignal(end)
    monkeypatch.setattr(serving, "serve", lambda *_, **__: signal.raise_signal(end))
    ran = papka("open", "--no-browser", "-C", built_archive.root)
    assert (ran.code, ran.out) == (0, "Закрыто.\n"), ran.all
    assert signal.getsignal(end) == before


def test_one_too_many_is_told_so_at_once() -> None:
    gone, inside = threading.Event(), threading.Semaphore(0)

    def slow(_: object, start: object) -> list[bytes]:
        inside.release()
        assert gone.wait(30)
        return _plain(start)

    entrance = Entrance(slow, Door(4321, "5ecre7"), lambda: None)
    heard: list[str] = []
    waiting = [
        threading.Thread(target=lambda: heard.append(_enter(entrance, "/5ecre7/")))
        for _ in range(12)
    ]
    for each in waiting:
        each.start()
    for _ in waiting:
        assert inside.acquire(timeout=30)
    refused = {_enter(entrance, "/5ecre7/") for _ in range(1000)}
    assert refused == {"503 Service Unavailable"}
    gone.set()
    for each in waiting:
        each.join()
    assert heard == ["200 OK"] * 12
    assert _enter(entrance, "/5ecre7/") == "200 OK"


def test_flood_of_requests_leaves_memory_bounded_and_the_face_at_work(
    face: OpenedFace, request: pytest.FixtureRequest
) -> None:
    many = 10_000 if request.config.getoption("--soak") else 250
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, many + 500), hard))
    question = (
        f"GET /{face.secret}/static/face.css HTTP/1.1\r\nHost: 127.0.0.1:{face.port}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    before = _memory(face)
    statuses: set[bytes] = set()
    try:
        asked = []
        for _ in range(many):
            one = socket.create_connection(("127.0.0.1", face.port), timeout=60)
            one.sendall(question)
            asked.append(one)
        for one in asked:
            with closing(one):
                statuses.add(one.recv(12)[9:])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert statuses <= {b"200", b"503"}
    assert _memory(face) - before < 64 << 20
    assert ask(face, f"/{face.secret}/static/face.css").status == 200


def _memory(face: OpenedFace) -> int:
    pages = Path(f"/proc/{face.running.pid}/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def test_question_too_long_is_cut_off_and_nothing_goes_to_the_disk(face: OpenedFace) -> None:
    def status_of(text: bytes) -> bytes:
        return send(face, text)[9:12]

    page, host = f"/{face.secret}/safety", f"Host: 127.0.0.1:{face.port}\r\n"
    assert status_of(f"GET {page} HTTP/1.0\r\n{host}A: {'a' * 40_000}\r\n\r\n".encode()) == b"431"
    long = f"POST {page} HTTP/1.0\r\n{host}Content-Length: {5 << 20}\r\n\r\n".encode()
    assert status_of(long) == b"413"
    body = b"token=" + b"a" * (3 << 20)
    form = (
        f"POST {page} HTTP/1.0\r\n{host}Origin: {face.origin}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    assert status_of(form.encode() + body) == b"403"
    links = [each.readlink() for each in Path(f"/proc/{face.running.pid}/fd").iterdir()]
    assert not [each for each in links if "tmp" in each.name and "deleted" in each.name]


_GAMES = (
    *("static/../site.py", "static/%2e%2e/site.py", "static/..%2fsite.py", "static//etc/passwd"),
    *("people/..%2f..%2f.git%2fconfig", "people/2026-0001/scan/..%2f..%2fstudent.yaml/1"),
    *("people/2026-0001/scan/%2fetc%2fpasswd/1", "people/2026-0001/scan/d1/-1"),
    *("people/2026-0001/scan/d1/999999999999999999999", "people/2026-0001%00/scan/d1/1"),
    *(
        "people/2026-0001/scan/d1%0d%0aSet-Cookie:%20a=b/1",
        "people/%ff%fe",
        "people/2026-0001%2f..",
    ),
    *("print/personal-file/..%2f..%2f.git%2fconfig", "print/..%2fpersonal-file/2026-0001"),
    *(
        "print/personal-file/2026-0001?file=99",
        "print/personal-file/%2fetc",
        "print/register/../..",
    ),
    *("orders/..%2f..%2fx/1", "books/..%2f..%2f.git/2026", "periods/..%2f..", "groups/%2e%2e%2f"),
    *(
        "\\\\evil.example\\x",
        "%5c%5cevil.example",
        "/evil.example/",
        "%0d%0aX: y",
        "people/" + "a" * 5000,
    ),
)


def test_games_with_paths_lead_nowhere(face: OpenedFace) -> None:
    host = f"HTTP/1.0\r\nHost: 127.0.0.1:{face.port}\r\n\r\n"
    for path in _GAMES:
        answer = send(face, f"GET /{face.secret}/{path} {host}".encode())
        head, _, page = answer.partition(b"\r\n\r\n")
        assert head[9:10] == b"4", (path, head[:60])
        for secret in (b"root:", b"[core]", b"import annotations", b"surname:"):
            assert secret not in page, path
        assert b"Set-Cookie" not in head, path
        assert b"Location" not in head, path


def test_link_out_of_the_folder_is_never_followed(archive: Archive, tmp_path: Path) -> None:
    """So the main archive cannot be made to show the restricted one."""
    other = tmp_path / "restricted/records/students/2026/2026-0099"
    other.mkdir(parents=True)
    card = (archive.root / "records/students/2026/2026-0001/student.yaml").read_text("utf-8")
    (other / "student.yaml").write_text(card.replace("2026-0001", "2026-0099"), "utf-8")
    year = archive.root / "records/students/2026"
    (year / "2026-0099").symlink_to(other)
    (archive.root / "records/students/2025").symlink_to(other.parent)
    (year / "2026-0001/enrolments.yaml").unlink()
    (year / "2026-0001/enrolments.yaml").symlink_to("/etc/passwd")
    tree = FolderTree(archive.root)
    assert "2026-0099" not in tree.names("records/students/2026")
    assert tree.names("records/students/2026/2026-0099") == ()
    assert tree.below("records/students/2025") == ()
    outside = ("records/students/2026/2026-0099/student.yaml", "../x", ".git/config", "a//b", "")
    for path in (*outside, "records/students/2026/2026-0001/enrolments.yaml"):
        with pytest.raises(KeyError):
            tree.read(path)
    assert "2026-0099" not in face_of(archive.root).people()


PROBE = """"'><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7 * 191 }}"""


def _plant(archive: Archive) -> int:
    """Put markup into every text of every record that its schema lets it stand in; count them."""
    snapshot = WorktreeSnapshot(archive.root)
    schemas = SchemaSet.load(DictSnapshot(dict(snapshot.read_many(snapshot.paths()))))
    planted = 0
    for path in snapshot.paths():
        at = place(path)
        if at is None or not path.endswith(".yaml") or at.kind not in SCHEMA_OF:
            continue
        value = yaml.load(snapshot.read(path), _Texts)
        for holder, key in list(_texts_in(value)):
            kept = holder[key]
            holder[key] = f"{kept} {PROBE}"
            if schemas.judge(SCHEMA_OF[at.kind], value, path):
                holder[key] = kept
            else:
                planted += 1
        (archive.root / path).write_text(yaml.safe_dump(value, allow_unicode=True), "utf-8")
    return planted


class _Texts(yaml.SafeLoader):
    """Reads days as records are judged: as texts."""


_Texts.yaml_implicit_resolvers = {
    sign: [each for each in known if each[0] != "tag:yaml.org,2002:timestamp"]
    for sign, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _texts_in(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any YAML
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        if isinstance(each, str) and " " in each:
            yield value, key
        elif isinstance(each, (dict, list)):
            yield from _texts_in(each)


class _Page(HTMLParser):
    """The tags of a page: its links, and whatever only an attacker would have put there."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.planted: list[str] = []
        self.shown = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        source = given.get("src") or given.get("href") or ""
        bad = [name for name in given if name.startswith("on") or name == "style"]
        is_inline = tag == "style" or (tag == "script" and not source.startswith("/"))
        if bad or is_inline or source.lower().startswith(("javascript:", "data:")) or source == "x":
            self.planted.append(f"<{tag} {given}>")
        if tag == "a" and source.startswith("/"):
            self.links.append(source)

    def handle_data(self, data: str) -> None:
        self.shown += PROBE in data
        if "1337" in data:
            self.planted.append(data)


def test_markup_in_every_text_of_the_records_is_shown_as_text(archive: Archive) -> None:
    planted = _plant(archive)
    assert planted > 50
    client = client_of(face_of(archive.root))
    left, seen, shown = ["/"], {"/"}, 0
    while left:
        path = left.pop()
        answer = client.get(path)
        assert answer.status_code in (200, 404, 409), path
        assert "Set-Cookie" not in answer.headers
        if answer.mimetype != "text/html":
            continue
        page = _Page()
        page.feed(answer.text)
        assert page.planted == [], path
        shown += page.shown
        for link in page.links:
            at = urlsplit(urljoin(path, link))
            whole = at.path + (f"?{at.query}" if at.query else "")
            if whole not in seen and not at.path.startswith("/print/"):
                seen.add(whole)
                left.append(whole)
    assert shown > 20
    assert len(seen) > 20


def test_looking_at_pages_writes_nothing(archive: Archive) -> None:
    """But for what every looking command keeps: git's sizes and times of files, the derived store
    without personal data, and its key."""
    home = Path(os.environ["HOME"])
    state, cache = home / ".local/state/papka", home / ".cache/papka"
    kept = (archive.root / ".git/index", cache / "derived", state / "key")

    def lies() -> dict[str, tuple[int, int]]:
        files = [path for folder in (archive.root, home) for path in folder.rglob("*")]
        return {
            str(path): _size_and_time(path)
            for path in files
            if path.is_file() and not any(path.is_relative_to(each) for each in kept)
        }

    client = client_of(face_of(archive.root))
    before = lies()
    for path in ("/", "/safety", "/print", "/print/keys", "/people", "/groups", "/summary"):
        client.get(path)
    assert lies() == before


def _size_and_time(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns


def test_restricted_archive_is_shown_alone_and_says_what_it_is(
    demo: tuple[Path, object],
) -> None:
    shown = client_of(face_of(demo[0] / "restricted"))
    page = shown.get("/").text
    assert '<strong class="restricted">Ограниченный архив</strong>' in page
    assert "2025-0001" not in shown.get("/print/personal-file").text
    main = client_of(face_of(demo[0] / "archive"))
    assert "Ограниченный архив" not in main.get("/").text


def test_face_ends_when_nobody_asks(built_archive: Archive) -> None:
    begun = time.monotonic()
    with opened(built_archive.root, "--idle", "0") as one:
        said = one.said + one.running.communicate(30)[0]
    assert one.running.returncode == 0
    assert "Закрыто: 0 мин никто ничего не открывал." in said
    assert "Traceback" not in said
    assert time.monotonic() - begun < 30
    with pytest.raises(ConnectionRefusedError):
        ask(one, "/")
