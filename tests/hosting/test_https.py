"""The same store by https: a real web server with TLS, passwords and git's own http-backend."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from papka.repository.signing import load_signer
from tests.hosting.conftest import Founded, Hosted
from tests.support.clones import TEACHER, Clone
from tests.support.command import Ran, papka
from tests.support.histories import git
from tests.support.hosting import Hub, state
from tests.support.school import STUDENT
from tests.support.webserver import Web, serving

CARD = f"{STUDENT}/student.yaml"


@pytest.fixture(scope="module")
def web(server: Hub) -> Iterator[Web]:
    with serving(server) as running:
        yield running


@pytest.fixture
def clone(hosted: Hosted, web: Web) -> Clone:
    """The teacher's copy, whose only mirror is reached by https; something is saved and unsent."""
    copy = hosted.clone(TEACHER)
    git(copy.root, "remote", "remove", "primary")
    git(copy.root, "config", "--unset", "papka.primary")
    copy.write(CARD, copy.read(CARD) + "# x\n")
    assert papka("save", "-C", copy.root).code == 0
    web.netrc()
    return copy


def added(clone: Clone, url: str, *words: str | Path) -> Ran:
    ran = papka("mirror", "add", "hub", url, "--country", "RU", *words, "-C", clone.root)
    assert ran.code == 0, ran.all
    return ran


def pushed(clone: Clone) -> Ran:
    return papka("mirror", "push", "-C", clone.root)


def test_save_and_push_by_https(clone: Clone, hosted: Hosted, web: Web) -> None:
    told = added(clone, web.url(hosted.store), "--ca", web.authority)
    assert "papka mirror host" in told.out
    ran = pushed(clone)
    assert ran.code == 0, ran.all
    assert hosted.main == clone.head
    assert papka("sync", "-C", clone.root).code == 0
    assert papka("verify", "--mirrors", "--no-memory", "-C", clone.root).code == 0


def test_first_push_into_an_empty_store(
    clone: Clone, server: Hub, web: Web, hosted: Hosted, founded: Founded
) -> None:
    """Whole, by https, and by the paper the server was given."""
    key = load_signer(founded.archive.keys / "head").fingerprint
    store = server.host(f"{hosted.folder.name}-empty.git", "--anchor", key)
    added(clone, web.url(store), "--ca", web.authority)
    ran = pushed(clone)
    assert ran.code == 0, ran.all
    assert git(store, "rev-parse", "main").strip() == clone.head


def test_unsigned_commit_by_https(
    hosted: Hosted, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    attacker = hosted.attacker()
    web.netrc()
    monkeypatch.setenv("GIT_SSL_CAINFO", str(web.authority))
    attacker.forge({CARD: (attacker.school.root / CARD).read_bytes() + b"# x\n"}, key="")
    other = replace(hosted, shared=replace(hosted.shared, address=web.url(hosted.store)))
    assert "SIG_MISSING" in replace(attacker, hosted=other).refused()


@pytest.mark.parametrize("password", ["Другой-8", None])
def test_wrong_password_or_none(
    password: str | None, clone: Clone, hosted: Hosted, web: Web
) -> None:
    """Nobody is asked at the keyboard; the person is told where the password belongs."""
    added(clone, web.url(hosted.store), "--ca", web.authority)
    if password:
        web.netrc(password)
    else:
        (Path.home() / ".netrc").unlink()
    before = state(hosted.store)
    ran = pushed(clone)
    assert ran.code == 4
    assert "не принял имя и пароль" in ran.out
    assert "machine АДРЕС-СЕРВЕРА login" in ran.out
    assert state(hosted.store) == before


def test_server_known_by_no_certificate(clone: Clone, hosted: Hosted, web: Web) -> None:
    """Until the school's own is written down, at the very same mirror."""
    url = web.url(hosted.store)
    added(clone, url)
    ran = pushed(clone)
    assert ran.code == 4
    assert "сертификат сервера не проходит проверку" in ran.out
    assert "--ca ФАЙЛ" in ran.out
    assert hosted.main != clone.head
    assert "Сертификат зеркала «hub» записан" in added(clone, url, "--ca", web.authority).out
    assert pushed(clone).code == 0


def test_certificate_of_another_centre(
    clone: Clone, hosted: Hosted, web: Web, tmp_path: Path
) -> None:
    """Whoever took the server's place has a certificate too, from somebody else."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=x", "-keyout", tmp_path / "k", "-out", tmp_path / "other.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    added(clone, web.url(hosted.store), "--ca", tmp_path / "other.pem")
    ran = pushed(clone)
    assert ran.code == 4
    assert "сертификат сервера не проходит проверку" in ran.out
    for asked in (("verify", "hub"), ("verify", "--mirrors")):
        looked = papka(*asked, "-C", clone.root)
        assert looked.code == 4, "nobody has looked at the mirror"
        assert "сертификат сервера не проходит проверку" in looked.out


def test_server_under_another_name(clone: Clone, hosted: Hosted, web: Web) -> None:
    added(clone, web.url(hosted.store, "127.0.0.1"), "--ca", web.authority)
    ran = pushed(clone)
    assert ran.code == 4
    assert "выдан на другое имя" in ran.out


def test_certificate_file_gone(clone: Clone, hosted: Hosted, web: Web, tmp_path: Path) -> None:
    shutil.copy(web.authority, tmp_path / "ca.pem")
    added(clone, web.url(hosted.store), "--ca", tmp_path / "ca.pem")
    (tmp_path / "ca.pem").unlink()
    ran = pushed(clone)
    assert ran.code == 4
    assert "файл с сертификатом, по которому узнают сервер, не читается" in ran.out


def test_no_store_there(clone: Clone, web: Web) -> None:
    added(clone, web.url("nothing.git"), "--ca", web.authority)
    ran = pushed(clone)
    assert ran.code == 4
    assert "по этому адресу хранилища нет" in ran.out


def test_store_closed_for_writing(clone: Clone, hosted: Hosted, web: Web) -> None:
    git(hosted.store, "config", "http.receivepack", "false")
    added(clone, web.url(hosted.store), "--ca", web.authority)
    ran = pushed(clone)
    assert ran.code == 4
    assert "сюда не пускает" in ran.out


def test_server_that_is_not_git(clone: Clone, web: Web) -> None:
    """A page of the school's site under the same name, and a server in trouble."""
    with _answering(web, 200) as port:
        added(clone, f"https://localhost:{port}/site", "--ca", web.authority)
        assert "отвечает не хранилище git" in pushed(clone).out
    with _answering(web, 503) as port:
        git(clone.root, "config", "remote.hub.url", f"https://localhost:{port}/site")
        assert "на сервере ошибка" in pushed(clone).out


@contextmanager
def _answering(web: Web, code: int) -> Iterator[int]:
    """A server with the right certificate that answers everything alike."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.send_header("Content-Length", "13")
            self.end_headers()
            self.wfile.write(b"<html></html>")

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(web.folder / "server.pem", web.folder / "server.key")
    with HTTPServer(("127.0.0.1", 0), Page) as http:
        http.socket = context.wrap_socket(http.socket, server_side=True)
        thread = Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield http.server_port
        http.shutdown()
        thread.join()


def test_second_computer_begins_from_a_server_of_the_schools_own_centre(
    hosted: Hosted, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(web.authority, "ca.pem")
    web.netrc()
    url = web.url(hosted.store)
    refused = papka("restore", "new", "--from", url)
    assert "сертификат сервера не проходит проверку" in refused.all
    ran = papka("restore", "new", "--from", url, "--ca", "ca.pem")
    assert ran.code == 0, ran.all
    assert git(tmp_path / "new", "rev-parse", "HEAD").strip() == hosted.main
    drill = ("restore", "--drill", "--no-record", "--from", url, "-C", "new")
    assert papka(*drill).code == 4
    assert papka(*drill, "--ca", "ca.pem").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("new", "--from", ".", "--ca", "ca.pem"), 3),
        (("new", "--ca", "ca.pem"), 2),
        (("--heal", "--from", "https://h.example/a.git", "--ca", "ca.pem"), 2),
        (("new", "--from", "https://h.example/a.git", "--ca", "ca.key"), 3),
    ],
)
def test_certificate_given_for_nothing(
    words: tuple[str, ...], code: int, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(web.folder)
    assert papka("restore", *words).code == code
    assert not Path("new").exists()


@pytest.mark.parametrize(
    ("url", "file", "words"),
    [
        ("ssh://git@h.example/a.git", "ca.pem", "только у адреса https"),
        ("https://h.example/a.git", "ca.key", "не сертификат"),
        ("https://h.example/a.git", "people", "не сертификат"),
    ],
)
def test_file_that_is_no_certificate(
    url: str, file: str, words: str, clone: Clone, web: Web
) -> None:
    ran = papka("mirror", "add", "hub", url, "--country", "RU", "--ca", web.folder / file,
                "-C", clone.root)  # fmt: skip
    assert ran.code == 3
    assert words in ran.all
    assert git(clone.root, "remote").split() == []


def test_person_without_a_line_reads_nothing(hosted: Hosted, web: Web, tmp_path: Path) -> None:
    """The password guards reading too."""
    ran = subprocess.run(
        ["git", "-c", f"http.sslCAInfo={web.authority}", "clone", web.url(hosted.store),
         str(tmp_path / "x")],
        capture_output=True, check=False, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
    )  # fmt: skip
    assert ran.returncode != 0
    assert not (tmp_path / "x").exists()
