"""A newcomer's computer: the project is cloned, and what the README says is typed as it stands.

Only the libraries are lent by the venv that tests: getting them is tests/frame/test_start.py's.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.test_readme import BLOCK, shape, told
from tests.support.archives import PROJECT

_STAMP = """\
import sys
from pathlib import Path

sys.path.insert(0, "tools")
from starting.environment import DEVELOPMENT, RUNNING, Environment

Environment(Path(sys.argv[1])).stamp([RUNNING, DEVELOPMENT])
"""
_SCHOOL = {
    "ключей": "../keys",
    "Фамилия": "Ландышева Зоя Зиновьевна",
    "азвание": "Школа «Ландыш»",
    "Место": "г. Москва",
    "Адрес": "Москва, Луговая ул., 1",
}
_PATIENCE = 300

_TRUST = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
"""By these a computer behind an office's gateway knows whom to trust: they are its own."""


@dataclass(frozen=True)
class Newcomer:
    """Somebody at a shell in `folder`, the clone; `home` is theirs."""

    folder: Path
    home: Path
    variables: dict[str, str]

    def types(self, line: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", line], cwd=folder or self.folder, env=self.variables,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def succeeds(self, line: str, folder: Path | None = None) -> str:
        done = self.types(line, folder)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def answers(self, line: str, known: Mapping[str, str]) -> str:
        """What is said at a terminal when each question that holds a word of `known` is answered,
        and of any other what it offers is taken."""
        import pty  # posix alone has it

        ours, theirs = pty.openpty()
        with subprocess.Popen(
            ["bash", "-c", line], cwd=self.folder, env=self.variables,
            stdin=theirs, stdout=theirs, stderr=theirs,
        ) as child:  # fmt: skip
            os.close(theirs)
            said, asked = b"", 0
            while select.select([ours], [], [], _PATIENCE)[0]:
                try:
                    said += os.read(ours, 1 << 16)
                except OSError:  # how Linux says that the other end has closed
                    break
                question = said[asked:].decode(errors="replace")
                if question.endswith((": ", "> ")):
                    asked = len(said)
                    answer = next((each for word, each in known.items() if word in question), "")
                    os.write(ours, f"{answer}\n".encode())
            else:
                child.kill()
        os.close(ours)
        text = said.decode()
        assert child.returncode == 0, text
        return text


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    place = tmp_path_factory.mktemp("newcomer")
    home, folder, programs = place / "дом", place / "Папка школы" / "papka (1)", place / "bin"
    for each in (home, programs):
        each.mkdir()
    _clone(folder, home)
    (programs / "python3").symlink_to(Path(getattr(sys, "_base_executable", sys.executable)))
    # no papka but the one that the README's commands bring
    elsewhere = [
        each for each in os.environ["PATH"].split(":") if not (Path(each) / "papka").exists()
    ]
    path = ":".join([str(home / ".local" / "bin"), str(programs), *elsewhere])
    variables = {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8", "PIP_NO_INDEX": "1"}
    variables |= {name: os.environ[name] for name in ("TMPDIR", *_TRUST) if name in os.environ}
    person = Newcomer(folder, home, variables)
    for venv in (folder / ".venv", home / ".local" / "share" / "papka" / "venv"):
        _lend(person, venv)
    yield person
    shutil.rmtree(place)


def _clone(folder: Path, home: Path) -> None:
    """The last commit, and over it what is changed here and not committed yet."""
    trusting = home / ".gitconfig"
    trusting.write_text("[safe]\n\tdirectory = *\n", encoding="utf-8")
    variables = {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*words: str | Path) -> str:
        return subprocess.run(
            ["git", *words], cwd=PROJECT, env=variables, check=True, capture_output=True, text=True
        ).stdout

    git("clone", "-q", PROJECT, folder)
    changed = git("ls-files", "-z", "--modified", "--others", "--exclude-standard")
    for path in filter(None, changed.split("\0")):
        target = folder / path
        target.unlink(missing_ok=True)
        if (PROJECT / path).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / path, target)


def _lend(person: Newcomer, venv: Path) -> None:
    """A venv as `start.py` leaves it, whose libraries are those of the venv that tests."""
    person.succeeds(f"python3 -m venv --without-pip '{venv}'")
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    done = subprocess.run(
        ["bash", "-c", 'exec python3 - "$1"', "-", venv], input=_STAMP, cwd=person.folder,
        env=person.variables, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _installed(libraries: Path) -> set[str]:
    """The program's files, without what Python makes of them."""
    found = (path for path in (libraries / "papka").rglob("*") if "__pycache__" not in path.parts)
    return {path.relative_to(libraries).as_posix() for path in found if path.is_file()}


def _commands(readme: str) -> list[str]:
    """Every line of the README's blocks of commands, without what is told beside it."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    return [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]


def test_the_readme_in_a_clone_with_a_blank_and_cyrillic_in_its_name(newcomer: Newcomer) -> None:
    readme = (newcomer.folder / "README.md").read_text(encoding="utf-8")
    demo, test, install, init = _commands(readme)

    said = newcomer.succeeds(demo)
    begun = said.index("Пробный архив")
    block = BLOCK.search(readme)
    assert block is not None
    assert shape(told(newcomer.folder / "demo", said[begun:])).startswith(shape(block[1]))

    again = newcomer.succeeds(demo)
    assert ".venv/bin/papka demo --again" in again
    pasted = [line.strip() for line in again.splitlines() if line.startswith("    ")]
    assert len(pasted) == 7
    assert pasted[-1] == install
    for line in pasted[:-1]:  # a face would stay open until somebody closes it
        newcomer.succeeds(f"{line} --idle 0 --no-browser" if line.endswith(" open") else line)

    chosen = newcomer.succeeds(f"{test} tests/docs/test_glossary.py -n 0")
    assert " passed" in chosen

    newcomer.succeeds(install)
    told_of = newcomer.answers(init, _SCHOOL)
    assert "Архив создан" in told_of
    assert newcomer.succeeds("papka check -C ../school").endswith("замечаний нет\n")
    newcomer.succeeds("python3 tools/start.py wheel")
    (wheel,) = (newcomer.folder / "dist").glob("papka-*.whl")
    (libraries,) = newcomer.home.glob(".local/share/papka/venv/lib/*/site-packages")
    assert _installed(libraries) == {
        name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("papka/")
    }

    away = newcomer.home / "без исходников"
    newcomer.folder.rename(away)
    assert newcomer.succeeds("папка -C demo/archive check", away).endswith("замечаний нет\n")
    away.rename(newcomer.folder)

    gone = newcomer.succeeds("python3 tools/start.py uninstall")
    assert gone.count("Удалено") == 3
    assert newcomer.types("papka --version").returncode == 127
    left = [path for path in newcomer.home.rglob("*") if "papka" in path.name]
    kept = [newcomer.home / ".cache" / "papka", newcomer.home / ".local" / "state" / "papka"]
    assert sorted(left) == kept  # what is known of archives is no part of the program
