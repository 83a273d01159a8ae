"""What the program brings along is the same from a checkout and from the built wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from papka.core.installation import Shelf, ShippedSnapshot, shipped_root

ROOT = Path(__file__).resolve().parents[2]
SHELVES: tuple[Shelf, ...] = ("schema", "templates", "proof", "records", "restricted")


def _run(*words: str | Path, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, check=False, env=_quiet())
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def _quiet() -> dict[str, str]:
    """No settings of the person's shell, and no network for pip."""
    return {"PATH": os.defpath, "PIP_NO_INDEX": "1", "PYTHONUTF8": "1"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("papka-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh venv with nothing but the wheel, seeing the libraries of the one that tests."""
    venv = tmp_path_factory.mktemp("venv")
    _run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=venv)
    install = ("pip", "--python", venv / "bin" / "python", "install", "-q", "--no-deps", wheel)
    _run(sys.executable, "-m", *install, cwd=venv)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return venv


def _of_checkout() -> dict[str, bytes]:
    """`<shelf>/<path>` -> bytes; the twin's paths begin with `records/` too."""
    found: dict[str, bytes] = {}
    for name in SHELVES:
        shelf = ShippedSnapshot(name)
        found |= {f"{name}/{path.partition('/')[2]}": shelf.read(path) for path in shelf.paths()}
    return found


def test_a_checkout_serves_its_own_folders() -> None:
    assert shipped_root() == ROOT
    schemas = ShippedSnapshot("schema")
    assert schemas.paths() == tuple(sorted(schemas.paths()))
    assert "schema/student.json" in schemas.paths()
    assert dict(schemas.read_many(["schema/student.json"])) == {
        "schema/student.json": (ROOT / "schema/student.json").read_bytes()
    }


def test_an_unknown_path_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        ShippedSnapshot("schema").read("schema/../LICENSE")


def test_the_wheel_holds_every_byte_of_the_shelves(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        inside = {
            name.removeprefix("papka/_shipped/"): packed.read(name)
            for name in packed.namelist()
            if name.startswith("papka/_shipped/")
        }
        for name in ("pyproject.toml", "LICENSE"):
            assert inside.pop(name) == (ROOT / name).read_bytes()
        assert "papka/core/editions.txt" in packed.namelist()
        own = ROOT / "tools/papka/paper/checker"
        checker = {f"papka/paper/checker/{file.name}" for file in own.iterdir()}
        assert {"papka/paper/checker/page.html", "papka/paper/checker/page.js"} <= checker
        assert checker <= set(packed.namelist())
        face = {
            f"papka/web/{file.relative_to(ROOT / 'tools/papka/web').as_posix()}"
            for folder in ("pages", "static")
            for file in (ROOT / "tools/papka/web" / folder).iterdir()
        }
        assert {"papka/web/pages/frame.html", "papka/web/static/face.css"} <= face
        assert face <= set(packed.namelist())
    assert inside == _of_checkout()
    assert {path.split("/")[0] for path in inside} == set(SHELVES)


def test_the_installed_wheel_runs_and_reads_its_own_shelves(installed: Path) -> None:
    assert "Использование: papka" in _run(installed / "bin" / "papka", "--help", cwd=installed)
    program = (
        "from papka.core.installation import ShippedSnapshot as S, shipped_root\n"
        "print(shipped_root())\n"
        f"for shelf in {SHELVES}:\n"
        "    for path in S(shelf).paths(): print(shelf + '/' + path.partition('/')[2])"
    )
    root, *paths = _run(installed / "bin" / "python", "-c", program, cwd=installed).splitlines()
    assert Path(root).is_relative_to(installed)
    assert sorted(paths) == sorted(_of_checkout())


def test_the_installed_wheel_shows_pages(installed: Path) -> None:
    program = (
        "import datetime, pathlib\n"
        "from papka.web.face import Face\n"
        "from papka.web.site import make_site\n"
        "face = Face(pathlib.Path(), datetime.datetime.now, print, 'token')\n"
        "client = make_site(face).test_client()\n"
        "print(client.get('/nothing').text)\n"
        "print(client.get('/static/face.css').text)"
    )
    said = _run(installed / "bin" / "python", "-c", program, cwd=installed)
    assert "<h1>Такой страницы нет</h1>" in said
    assert "prefers-color-scheme: dark" in said
