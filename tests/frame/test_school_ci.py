"""The workflow that `init` writes, run step by step as a forge's runner does, with the real papka.

Each case pushes to a bare repository, then the steps of the workflow file that the forge would take
are done: checkout as actions/checkout does it, `run:` blocks through bash with the expressions
filled in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from papka import __version__
from papka.repository.signing import generate_key, load_signer
from tests.support.archives import PROJECT
from tests.support.histories import NOW, School, git
from tests.support.school import STUDENT, TEACHER, Archive, autumn_results, copied

CARD = f"{STUDENT}/student.yaml"
RESULTS = f"{STUDENT}/results/2026-2.yaml"
BAD_MARK = "# yaml-language-server: $schema=../../../../../schema/results.json\n" + autumn_results(
    "r7", "2026-10-01", 9
)
ZEROS = "0" * 40
HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    summary: str


@dataclass(frozen=True, slots=True)
class Forge:
    """A bare repository with a web face, its variables, and somebody's clone with all keys."""

    bare: Path
    school: School
    folder: Path
    program: Path
    variables: dict[str, str] = field(default_factory=dict)

    def forge(self, changes: Mapping[str, bytes | None], key: str | None = TEACHER) -> str:
        """A commit on main of the clone; `key`: None to leave it unsigned."""
        sign = self.school.signer(key).sign if key else None
        count = int(git(self.school.root, "rev-list", "--count", "main"))
        past = int(datetime.now(UTC).timestamp() - NOW.timestamp()) - HOUR + count
        return self.school.forge(changes, sign=sign, by=TEACHER, late=past)

    def send(self, branch: str, *options: str) -> None:
        git(self.school.root, "push", "-q", *options, str(self.bare), f"main:refs/heads/{branch}")

    def pushed(self, branch: str, before: str = ZEROS) -> Ran:
        """What the forge says of a push: the workflow file is the pushed one."""
        after = git(self.bare, "rev-parse", branch).strip()
        github = {"event_name": "push", "ref": f"refs/heads/{branch}", "sha": after,
                  "event": {"before": before, "after": after}}  # fmt: skip
        return self._run(branch, github)

    def asked(self, branch: str) -> Ran:
        """What it says of a pull request: workflow file and checkout are those of the base."""
        base = git(self.bare, "rev-parse", "main").strip()
        pull = {"head": {"sha": git(self.bare, "rev-parse", branch).strip()}, "base": {"sha": base}}
        github = {"event_name": "pull_request_target", "ref": "refs/heads/main", "sha": base,
                  "event": {"pull_request": pull}}  # fmt: skip
        return self._run("main", github)

    def nightly(self) -> Ran:
        """What the scheduled job says of the whole history."""
        github = {"event_name": "schedule", "ref": "refs/heads/main", "event": {},
                  "sha": git(self.bare, "rev-parse", "main").strip()}  # fmt: skip
        return self._run("main", github, "calendar.yml", "history")

    def _run(
        self, branch: str, github: dict[str, Any], file: str = "check.yml", name: str = "check"
    ) -> Ran:
        text = git(self.bare, "show", f"{branch}:.github/workflows/{file}")
        workflow = yaml.safe_load(text.replace("\non:", "\nevents:"))
        assert github["event_name"] in workflow["events"]
        place = self.folder / "runner" / "work"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        summary = place.with_name("summary.md")
        summary.write_text("", encoding="utf-8")
        known = {"github": github, "vars": self.variables}
        job = workflow["jobs"][name]
        code, out = 0, ""
        for step in job["steps"]:
            if "uses" in step:
                assert step["uses"].startswith("actions/checkout@")
                assert step["with"]["fetch-depth"] == 0
                _check_out(self.bare, place, branch)
                continue
            variables = {name: _filled(str(v), known) for name, v in step.get("env", {}).items()}
            script = place.with_name("step.sh")
            script.write_text(_filled(step["run"], known), encoding="utf-8")
            done = subprocess.run(
                ["bash", "-e", script], cwd=place, capture_output=True, text=True, check=False,
                env={**os.environ, **variables, "GITHUB_STEP_SUMMARY": str(summary),
                     "PATH": f"{self.program}:{os.environ['PATH']}"},
            )  # fmt: skip
            out += done.stdout + done.stderr
            code = done.returncode
            if code:
                break
        return Ran(code, out, summary.read_text(encoding="utf-8"))


def _check_out(bare: Path, place: Path, branch: str) -> None:
    """As actions/checkout v5 does with `fetch-depth: 0`."""
    git(place, "init", "-q", str(place))
    git(place, "remote", "add", "origin", bare.as_uri())
    git(place, "config", "--local", "gc.auto", "0")
    git(place, "-c", "protocol.version=2", "fetch", "-q", "--prune", "--no-recurse-submodules",
        "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")  # fmt: skip
    git(place, "checkout", "-q", "--force", "-B", branch, f"refs/remotes/origin/{branch}")


def _filled(text: str, known: Mapping[str, Any]) -> str:
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: _worth(found[1], known), text)


def _worth(expression: str, known: Mapping[str, Any]) -> str:
    """A forge's expression of names, words, `==`, `&&` and `||`."""

    def name(match: re.Match[str]) -> str:
        at: Any = known
        for part in match[0].split("."):
            at = (at or {}).get(part)
        return repr(at)

    words = re.split(r"('[^']*')", expression)
    words[::2] = [re.sub(r"[a-z_]+(?:\.[A-Za-z_]+)+", name, each) for each in words[::2]]
    python = "".join(words).replace("&&", " and ").replace("||", " or ")
    return str(eval(python.strip(), {"__builtins__": {}}) or "")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PATH with papka as it is installed: this very program under its own name."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "papka"
    script.write_text(
        f'#!/bin/sh\nPYTHONPATH="{PROJECT / "tools"}" exec "{sys.executable}" -m papka "$@"\n'
    )
    script.chmod(0o755)
    return folder


@pytest.fixture
def forge(built_archive: Archive, tmp_path: Path, program: Path) -> Forge:
    """Main is there and accepted; paper's fingerprint stands in the forge's settings."""
    keys = tmp_path / "keys"
    shutil.copytree(built_archive.keys, keys)
    shutil.copy(keys / "staff", keys / TEACHER)
    generate_key(keys / "stranger", "")
    archive = copied(built_archive, tmp_path)
    bare = tmp_path / "forge.git"
    git(tmp_path, "clone", "-q", "--bare", str(archive.root), str(bare))
    variables = {"PAPKA_KEY": load_signer(keys / "head").fingerprint}
    return Forge(bare, School(archive.root, keys), tmp_path, program, variables)


def _commented(forge: Forge, path: str = CARD) -> dict[str, bytes | None]:
    """A change nobody objects to."""
    return {path: (forge.school.root / path).read_bytes() + b"# x\n"}


def test_a_good_change_passes_as_a_branch_as_a_pull_request_and_as_main(forge: Forge) -> None:
    before = git(forge.bare, "rev-parse", "main").strip()
    made = forge.forge(_commented(forge))
    forge.send("change")
    for ran in (forge.pushed("change"), forge.asked("change")):
        assert (ran.code, ran.out) == (0, "")
        assert f"до сохранения {made[:12]}: 1 сохранение: замечаний нет" in ran.summary
    forge.send("main")
    ran = forge.pushed("main", before)
    assert (ran.code, ran.out) == (0, "")
    assert "1 сохранение" in ran.summary


def test_the_first_push_of_a_whole_archive_is_judged_from_its_beginning(forge: Forge) -> None:
    ran = forge.pushed("main", ZEROS)
    assert ran.code == 0, ran.out
    assert "От начала архива" in ran.summary


def test_a_bad_mark_is_shown_at_its_line_and_in_the_summary(forge: Forge) -> None:
    forge.forge({RESULTS: BAD_MARK.encode()})
    forge.send("change")
    for ran in (forge.pushed("change"), forge.asked("change")):
        assert ran.code == 1
        assert f"::error file={RESULTS},title=MARK_NOT_ON_SCALE,line=11,col=" in ran.out
        assert "| строгость | где | код | что не так | что делать |" in ran.summary
        assert re.search(r"\| ошибка \| records/\S+2026-2.yaml:11:\d+ \| MARK", ran.summary)


@pytest.mark.parametrize(("key", "code"), [(None, "SIG_MISSING"), ("stranger", "SIG_UNKNOWN_KEY")])
def test_a_forged_commit_is_shown_by_its_number(key: str | None, code: str, forge: Forge) -> None:
    made = forge.forge(_commented(forge), key)
    forge.send("change")
    for ran in (forge.pushed("change"), forge.asked("change")):
        assert ran.code == 1
        assert f"title={code}::сохранение {made[:12]}: " in ran.out
        assert f"| {made[:12]} | {code} |" in ran.summary.replace("&#95;", "_")


def test_a_commit_that_replaces_every_script_of_the_archive_judges_nothing(forge: Forge) -> None:
    """Signed by a teacher, who may not touch them; nor does a pull request bring its workflow."""
    tools = git(forge.school.root, "ls-files", "tools").split()
    replaced: dict[str, bytes | None] = dict.fromkeys(tools, b"#!/bin/sh\nexit 0\n")
    made = forge.forge({**replaced, "tools/check.sh": b"#!/bin/sh\nexit 0\n"})
    forge.send("scripts")
    for ran in (forge.pushed("scripts"), forge.asked("scripts")):
        assert ran.code == 1
        assert f"SIGNER_NOT_ALLOWED::сохранение {made[:12]}" in ran.out
    workflow = b"on: push\njobs: {check: {steps: [{run: exit 0}]}}\n"
    forge.forge({".github/workflows/check.yml": workflow})
    forge.send("workflow")
    assert forge.asked("workflow").code == 1


def test_the_whole_history_is_read_again_every_night(forge: Forge) -> None:
    ran = forge.nightly()
    assert (ran.code, ran.out) == (0, "")
    forge.forge(_commented(forge), None)
    forge.send("main")
    ran = forge.nightly()
    assert (ran.code, "SIG_MISSING" in ran.out) == (1, True)


def test_main_moved_by_force_is_refused(forge: Forge) -> None:
    before = git(forge.bare, "rev-parse", "main").strip()
    git(forge.school.root, "reset", "-q", "--hard", "HEAD~1")
    forge.forge(_commented(forge))
    forge.send("main", "--force")
    ran = forge.pushed("main", before)
    assert ran.code == 3
    assert "::error title=papka::присланное не продолжает" in ran.out


def test_an_archive_that_is_not_the_one_on_paper_is_refused(forge: Forge) -> None:
    forge.variables["PAPKA_KEY"] = load_signer(forge.school.keys / "stranger").fingerprint
    forge.forge(_commented(forge))
    forge.send("change")
    ran = forge.pushed("change")
    assert (ran.code, "ANCHOR_MISMATCH" in ran.out) == (1, True)


def _plain_git(forge: Forge, *words: str | Path, path: str) -> subprocess.CompletedProcess[str]:
    """git as a person runs it in the archive, whose settings name its hooks."""
    person = ("-c", "user.name=x", "-c", "user.email=x@papka.invalid", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", *person, *words], cwd=forge.school.root, capture_output=True, text=True,
        check=False, env={**os.environ, "PATH": path},
    )  # fmt: skip


def test_hooks_without_papka_let_nothing_pass_and_say_why(forge: Forge, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("git", "sh", "cat", "env"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    bare = str(tmp_path / "bin")
    head = forge.school.head
    (forge.school.root / CARD).write_bytes(b"# x\n")
    done = _plain_git(forge, "commit", "-aqm", "x", path=bare)
    assert (done.returncode, forge.school.head) == (1, head)
    assert "программа papka не найдена" in done.stderr
    forge.forge(_commented(forge))
    done = _plain_git(forge, "push", str(forge.bare), "main", path=bare)
    assert done.returncode == 1
    assert "программа papka не найдена" in done.stderr
    assert git(forge.bare, "rev-parse", "main").strip() == head


def test_hooks_judge_what_is_committed_and_what_is_pushed(forge: Forge) -> None:
    path = f"{forge.program}:{os.environ['PATH']}"
    (forge.school.root / RESULTS).write_text(BAD_MARK, encoding="utf-8")
    git(forge.school.root, "add", RESULTS)
    done = _plain_git(forge, "commit", "-qm", "x", path=path)
    assert (done.returncode, "MARK_NOT_ON_SCALE" in done.stdout + done.stderr) == (1, True)
    git(forge.school.root, "rm", "-qf", RESULTS)
    forge.forge(_commented(forge))
    done = _plain_git(forge, "push", "-q", str(forge.bare), "main", path=path)
    assert done.returncode == 0, done.stderr
    forge.forge(_commented(forge, f"{STUDENT}/consents.yaml"), None)
    done = _plain_git(forge, "push", "-q", str(forge.bare), "main", path=path)
    assert (done.returncode, "SIG_MISSING" in done.stderr) == (1, True)
    assert "papka save" in done.stderr
    done = _plain_git(forge, "push", "-q", str(forge.bare), "main:aside", path=path)
    assert (done.returncode, "SIG_MISSING" in done.stderr) == (1, True)


def test_an_archive_notes_which_papka_its_rules_are_of(forge: Forge) -> None:
    """`papka upgrade` brings the line along with the rest."""
    told = (forge.school.root / "README.md").read_text(encoding="utf-8")
    assert f"Правила, формы и проверки здесь — программы papka, версия {__version__}." in told
