"""Nothing that lies in the archive, in the environment or at home steers a verification.

Each trap is first shown to work on plain git, so that its silence means something.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.proof.trusted_keys import HEAD
from papka.proof.verification import verify
from tests.support.histories import NOW, OTHER, RECORD, School, git, trust


def plain_git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """git as any program of the computer runs it: by its configuration and environment."""
    return subprocess.run(
        ["git", "-c", "safe.directory=*", *words],
        cwd=folder, check=False, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Appears when the planted program is executed."""
    return tmp_path / "executed"


@pytest.fixture
def program(tmp_path: Path, mark: Path) -> Path:
    path = tmp_path / "planted"
    path.write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 0\n")
    path.chmod(0o755)
    return path


def configured(school: School, text: str) -> None:
    with (school.root / ".git" / "config").open("a") as config:
        config.write(text)


def hooked(school: School, program: Path) -> None:
    hooks = school.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        (hooks / name).unlink(missing_ok=True)
        (hooks / name).symlink_to(program)
    configured(school, f"[core]\n\thooksPath = {hooks}\n")


def included(school: School, program: Path) -> None:
    (school.keys / "included").write_text(f"[core]\n\tfsmonitor = {program}\n")
    configured(school, f"[include]\n\tpath = {school.keys}/included\n")


def attributed(school: School, text: str) -> None:
    (school.root / ".git" / "info").mkdir(exist_ok=True)
    (school.root / ".git" / "info" / "attributes").write_text(text)


def monitored(school: School, program: Path) -> None:
    configured(school, f"[core]\n\tfsmonitor = {program}\n")


def filtered(school: School, program: Path) -> None:
    configured(school, f'[filter "x"]\n\tclean = {program}\n\tsmudge = {program}\n')
    attributed(school, "* filter=x\n")
    os.utime(school.root / RECORD, (1, 1))


def converted(school: School, program: Path) -> None:
    configured(school, f'[diff "x"]\n\ttextconv = {program}\n')
    attributed(school, "* diff=x\n")


def outside(school: School, program: Path) -> None:
    configured(school, f"[diff]\n\texternal = {program}\n")


def signed_by_program(school: School, program: Path) -> None:
    configured(
        school,
        f"[gpg]\n\tformat = ssh\n\tprogram = {program}\n"
        f'[gpg "ssh"]\n\tprogram = {program}\n\tallowedSignersFile = {ALLOWED_SIGNERS}\n',
    )


def aliased_in_worktree(school: School, program: Path) -> None:
    configured(school, "[extensions]\n\tworktreeConfig = true\n")
    (school.root / ".git" / "config.worktree").write_text(f"[core]\n\tfsmonitor = {program}\n")


def commanded(school: School, program: Path) -> None:
    configured(school, f'[core]\n\tsshCommand = {program}\n[remote "x"]\n\turl = ssh://planted/x\n')


TRAPS: dict[str, tuple[Callable[[School, Path], None], tuple[str, ...]]] = {
    "fsmonitor": (monitored, ("status",)),
    "fsmonitor by include.path": (included, ("status",)),
    "fsmonitor in config.worktree": (aliased_in_worktree, ("status",)),
    "hooks": (hooked, ("update-ref", "refs/planted/x", "HEAD")),
    "filter": (filtered, ("status",)),
    "textconv": (converted, ("log", "-p", "-1")),
    "diff.external": (outside, ("diff", "HEAD~1", "HEAD")),
    "gpg.ssh.program": (signed_by_program, ("log", "-1", "--show-signature")),
    "core.sshCommand": (commanded, ("ls-remote", "x")),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_planted_program_is_executed_by_git_and_not_by_verify(
    trap: str, school: School, program: Path, mark: Path
) -> None:
    plant, command = TRAPS[trap]
    plant(school, program)
    plain_git(school.root, *command)
    assert mark.exists(), "the trap does not work"
    mark.unlink()
    found = school.verify()
    assert not mark.exists()
    assert (found.commits, found.head) == (3, school.head)


def test_signers_file_redirected_by_configuration(school: School, tmp_path: Path) -> None:
    """git then calls the forger's commit good; only the archive's own list is asked."""
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign, by="s004")
    school.checkout()
    (tmp_path / "signers").write_bytes(trust(school.keys, stranger=HEAD))
    configured(school, f'[gpg "ssh"]\n\tallowedSignersFile = {tmp_path}/signers\n')
    assert plain_git(school.root, "verify-commit", "HEAD").returncode == 0
    assert "SIG_UNKNOWN_KEY" in school.codes()


def test_environment_that_redirects_git(
    school: School, program: Path, mark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {program}\n")
    (tmp_path / "template" / "hooks").mkdir(parents=True)
    (tmp_path / "template" / "hooks" / "reference-transaction").symlink_to(program)
    empty = tmp_path / "empty.git"
    git(tmp_path, "init", "-q", "--bare", str(empty))
    good = school.verify()
    for name, value in {
        "HOME": tmp_path / "home",
        "XDG_CONFIG_HOME": tmp_path / "home",
        "GIT_CONFIG_GLOBAL": tmp_path / "home" / ".gitconfig",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": program,
        "GIT_TEMPLATE_DIR": tmp_path / "template",
        "GIT_EXTERNAL_DIFF": program,
        "GIT_SSH_COMMAND": program,
        "GIT_PAGER": program,
        "GIT_TRACE": tmp_path / "trace",
    }.items():
        monkeypatch.setenv(name, str(value))
    plain_git(school.root, "status")
    assert mark.exists(), "the trap does not work"
    mark.unlink()
    (tmp_path / "trace").unlink()
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"):
        monkeypatch.setenv(name, str(empty / "objects"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_NAMESPACE", "planted")
    found = school.verify()
    assert found == good
    assert not mark.exists()
    assert not (tmp_path / "trace").exists()


def test_replaced_objects_named_by_the_environment(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replacements kept under another name than refs/replace."""
    evil = school.forge({RECORD: b"x: 1\n"}, sign=None)
    good = parent(school)
    git(school.root, "update-ref", f"refs/planted/{evil}", good)
    monkeypatch.setenv("GIT_REPLACE_REF_BASE", "refs/planted/")
    shown = plain_git(school.root, "log", "--format=%T", "-1").stdout.strip()
    assert shown == school.tree(good)
    assert "SIG_MISSING" in school.codes()


def parent(school: School) -> str:
    return git(school.root, "rev-parse", "main~1").strip()


def test_commit_graph_chain_that_lies_hides_nothing(school: School) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=None)
    school.save({OTHER: b"x: 1\n"}, late=240)
    git(school.root, "commit-graph", "write", "--reachable", "--split")
    folder = school.root / ".git" / "objects" / "info" / "commit-graphs"
    graph = next(folder.glob("*.graph"))
    graph.chmod(0o644)
    data = graph.read_bytes()
    at = data.index(bytes.fromhex(school.tree(school.head)))
    graph.write_bytes(data[: at + 20] + b"\x70\0\0\0" + data[at + 24 :])  # no parent
    assert git(school.root, "rev-list", "--count", "main").strip() == "1"
    school.checkout()
    assert "SIG_MISSING" in school.codes()
    assert school.verify().commits == 5


def test_multi_pack_index_that_lies_hides_nothing(school: School) -> None:
    git(school.root, "repack", "-adq")
    git(school.root, "multi-pack-index", "write")
    index = school.root / ".git" / "objects" / "pack" / "multi-pack-index"
    index.chmod(0o644)
    index.write_bytes(b"\0" * len(index.read_bytes()))
    found = school.verify()
    assert found.commits == 3
    assert {f.code.name for f in found.findings} <= {"PACK_DAMAGED", "COMMIT_GRAPH_DAMAGED"}


def test_git_folder_that_is_a_file(school: School, tmp_path: Path) -> None:
    """`.git` may be a text that names another folder: that one is verified."""
    (school.root / ".git").rename(tmp_path / "store")
    (school.root / ".git").write_text(f"gitdir: {tmp_path}/store\n")
    found = school.verify()
    assert (found.commits, found.head) == (3, git(school.root, "rev-parse", "main").strip())


def test_pipe_among_the_records_is_not_waited_for(school: School) -> None:
    os.mkfifo(school.root / "records" / "pipe.yaml")
    (school.root / RECORD).unlink()
    os.mkfifo(school.root / RECORD)
    found = school.verify()
    assert found.commits == 3
    assert RECORD in {finding.where.path for finding in found.findings}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("records/students/2025/\x01.yaml", "PATH_UNSAFE"),
        ("records/students/2025/a\nb.yaml", "PATH_UNSAFE"),
        ("records/students/2025/a\tb.yaml", "PATH_UNSAFE"),
        ("records/students/2025/\x1b[2Jx.yaml", "PATH_UNSAFE"),
        ("records/students/2025/2025-0001/studеnt.yaml", "PATH_UNSAFE"),
        ("records/students/2025/2025‑0001/student.yaml", "PATH_UNSAFE"),
        ("records/students/2025/GIT~1/x", "PATH_UNSAFE"),
    ],
    ids=["control", "newline", "tab", "escape", "Cyrillic е", "another hyphen", "git's folder"],
)
def test_name_that_looks_like_another_or_steers_a_terminal(
    path: str, code: str, school: School
) -> None:
    school.forge({path: b"x: 1\n"}, sign=school.signer("s001").sign, by="s001")
    found = school.verify().findings
    assert code in {finding.code.name for finding in found}
    named = [finding for finding in found if finding.code.name == code]
    assert all(finding.where.path.isprintable() for finding in named)


def test_two_names_that_are_one_to_another_system(school: School) -> None:
    twins = {f"records/students/2025/{name}.yaml": b"x: 1\n" for name in ("й", "и\u0306", "Й")}
    assert len(twins) == 3
    school.forge(twins, sign=school.signer("s001").sign, by="s001")
    found = [
        finding for finding in school.verify().findings if finding.code.name == "PATH_COLLISION"
    ]
    assert len(found) == 2


def test_verify_from_inside_another_repository(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q", str(tmp_path / "other"))
    monkeypatch.chdir(tmp_path / "other")
    found = verify(school.root, now=NOW + timedelta(hours=1), anchors=[school.fingerprint])
    assert found.findings == ()
