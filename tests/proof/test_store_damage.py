"""Damage and tampering of the store that plain git does not mention."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from papka.core.errors import NotAnArchive
from papka.core.findings import Finding
from papka.core.places import ALLOWED_SIGNERS
from papka.proof.trusted_keys import STAFF
from papka.proof.verification import verify
from papka.repository.git_values import LINK, parse_commit
from tests.support.histories import NOW, OTHER, RECORD, School, git, trust
from tests.support.sealing import put_seal


def loose(school: School, id_: str) -> Path:
    path = school.root / ".git" / "objects" / id_[:2] / id_[2:]
    path.chmod(0o644)
    return path


def flip(path: Path, at: int) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(bytes(data))


def blob(school: School, path: str) -> str:
    return git(school.root, "rev-parse", f"HEAD:{path}").strip()


def named(school: School, code: str) -> list[Finding]:
    return [finding for finding in school.verify().findings if finding.code.name == code]


@pytest.mark.parametrize("at", [0, 5, -1])
def test_bit_flip_in_a_loose_blob(at: int, school: School) -> None:
    id_ = blob(school, OTHER)
    flip(loose(school, id_), at)
    assert [id_ in finding.message for finding in named(school, "OBJECT_CORRUPT")] == [True]


def test_loose_object_swapped_for_another(school: School) -> None:
    id_ = blob(school, OTHER)
    loose(school, id_).write_bytes(loose(school, blob(school, RECORD)).read_bytes())
    assert [id_ in finding.message for finding in named(school, "OBJECT_CORRUPT")] == [True]


@pytest.mark.parametrize("size", [0, 7])
def test_loose_object_cut_short(size: int, school: School) -> None:
    path = loose(school, blob(school, OTHER))
    path.write_bytes(path.read_bytes()[:size])
    assert "OBJECT_CORRUPT" in school.codes()


def test_deleted_blob(school: School) -> None:
    id_ = blob(school, OTHER)
    loose(school, id_).unlink()
    [found] = named(school, "OBJECT_MISSING")
    assert found.message == f"в хранилище нет объекта {id_}: это содержимое файла"


def test_deleted_old_blob_that_no_file_needs(school: School) -> None:
    old = git(school.root, "rev-parse", f"HEAD~1:{RECORD}").strip()
    loose(school, old).unlink()
    assert school.codes() == ["OBJECT_MISSING"]


@pytest.mark.parametrize("rev", ["HEAD", "HEAD~1", "HEAD~2", "HEAD^{tree}", "HEAD~1:records"])
@pytest.mark.parametrize("how", ["flipped", "deleted"])
def test_commit_or_tree_lost(rev: str, how: str, school: School) -> None:
    id_ = git(school.root, "rev-parse", rev).strip()
    path = loose(school, id_)
    if how == "flipped":
        flip(path, path.stat().st_size // 2)
    else:
        path.unlink()
    codes = school.codes()
    assert ("OBJECT_CORRUPT" if how == "flipped" else "OBJECT_MISSING") in codes
    if rev in ("HEAD", "HEAD~1", "HEAD~2"):
        assert "HISTORY_UNREADABLE" in codes


def test_lost_commit_does_not_accuse_later_signers(school: School) -> None:
    loose(school, git(school.root, "rev-parse", "HEAD~1").strip()).unlink()
    assert school.codes() == ["HISTORY_UNREADABLE", "OBJECT_MISSING"]


@pytest.mark.parametrize("kind", ["pack", "idx"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.99])
def test_bit_flip_in_a_pack(kind: str, part: float, school: School) -> None:
    git(school.root, "gc", "-q", "--prune=now")
    path = next((school.root / ".git" / "objects" / "pack").glob(f"*.{kind}"))
    flip(path, int(path.stat().st_size * part))
    assert "PACK_DAMAGED" in school.codes()


def test_lost_tree_hides_nothing_that_came_later(school: School) -> None:
    """The steps after it are compared all the same: keys trusted then, seals, what was planted."""
    lost = school.tree(school.save({RECORD: b"id: 2025-0001\nsex: y\n"}))
    school.save({OTHER: b"id: 2025-0002\nsex: y\n"})
    school.save({ALLOWED_SIGNERS: trust(school.keys, stranger=STAFF)}, "s001", late=70)
    school.forge({}, sign=school.signer("stranger").sign, by="s004", late=80)
    put_seal(school)
    school.forge({"records/students/x": b"/etc"}, sign=None, modes={"records/students/x": LINK})
    school.checkout()
    (school.root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    codes = set(school.codes())
    assert {"OBJECT_MISSING", "PATH_SYMLINK", "ANCHOR_NOT_GIVEN"} <= codes
    assert not {"SIG_UNKNOWN_KEY", "TRUST_NOT_AUTHORISED"} & codes


def test_trust_given_right_after_a_lost_tree_counts(school: School) -> None:
    """What follows a lost tree cannot be compared with it: the folder of trust itself is read."""
    lost = school.tree(school.save({RECORD: b"id: 2025-0001\nsex: y\n"}))
    school.save({ALLOWED_SIGNERS: trust(school.keys, stranger=STAFF)}, "s001", late=70)
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign, by="s004", late=80)
    school.checkout()
    loose(school, lost).unlink()
    assert school.codes() == ["OBJECT_MISSING"]


def test_lost_folder_does_not_spare_the_others(school: School) -> None:
    """Of the last commit all that can be read is compared; what lies in the lost folder is not
    called unsaved."""
    lost = git(school.root, "rev-parse", f"HEAD:{RECORD.rpartition('/')[0]}").strip()
    loose(school, lost).unlink()
    (school.root / OTHER).write_bytes(b"id: 2025-0009\n")
    (school.root / "records" / "new.yaml").write_bytes(b"x: 1\n")
    found = school.verify()
    told = {(f.code.name, f.where.path) for f in found.findings}
    assert ("WORKTREE_DIFFERS", OTHER) in told
    assert {path for name, path in told if name == "UNTRACKED_FILE"} == {"records/new.yaml"}
    assert found.files > 0


def test_deleted_pack(school: School) -> None:
    git(school.root, "gc", "-q", "--prune=now")
    next((school.root / ".git" / "objects" / "pack").glob("*.pack")).unlink()
    assert school.verify().findings


def test_commit_graph_that_lies_hides_nothing(school: School) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=None)
    school.save({OTHER: b"x: 1\n"}, late=240)
    git(school.root, "commit-graph", "write", "--reachable")
    graph = school.root / ".git" / "objects" / "info" / "commit-graph"
    graph.chmod(0o644)
    data = graph.read_bytes()
    at = data.index(bytes.fromhex(school.tree(school.head)))
    graph.write_bytes(data[: at + 20] + b"\x70\0\0\0" + data[at + 24 :])  # no parent
    assert git(school.root, "rev-list", "--count", "HEAD").strip() == "1"
    school.checkout()
    assert "SIG_MISSING" in school.codes()
    assert school.verify().commits == 5


@pytest.mark.parametrize("content", [b"", b"\0\0\0\0", b"not an id\n", b"ab" * 19 + b"\n"])
def test_branch_file_damaged(content: bytes, school: School) -> None:
    (school.root / ".git" / "refs" / "heads" / "main").write_bytes(content)
    assert school.codes() == ["REF_DAMAGED"]


def test_branch_gone(school: School) -> None:
    (school.root / ".git" / "refs" / "heads" / "main").unlink()
    assert school.codes() == ["REF_DAMAGED"]


def test_branch_names_a_commit_that_is_not_there(school: School) -> None:
    (school.root / ".git" / "refs" / "heads" / "main").write_text("ab" * 20 + "\n")
    assert school.codes() == ["HISTORY_UNREADABLE", "OBJECT_MISSING"]


def test_ref_that_is_an_option(school: School) -> None:
    (school.root / ".git" / "refs" / "heads" / "--upload-pack=x").write_text(f"{school.head}\n")
    assert school.codes() == ["REF_NAME_UNSAFE"]


def test_second_branch(school: School) -> None:
    git(school.root, "branch", "another")
    assert school.codes() == ["REF_EXTRA"]


def test_replaced_object(school: School) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=None)
    school.checkout()
    good = parse_commit("", school.raw(school.head)).parents[0]
    git(school.root, "replace", school.head, good)
    assert school.codes() == ["REPO_REPLACE_REFS", "SIG_MISSING"]


def test_grafted_history(school: School) -> None:
    middle = git(school.root, "rev-parse", "HEAD~1").strip()
    (school.root / ".git" / "info").mkdir(exist_ok=True)
    (school.root / ".git" / "info" / "grafts").write_text(f"{middle}\n")
    assert school.codes() == ["REPO_GRAFTS"]
    assert school.verify().commits == 3


def test_shallow_clone(school: School, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{school.root}", "part")
    found = verify(tmp_path / "part", now=NOW + timedelta(hours=1), anchors=[school.fingerprint])
    assert {"REPO_SHALLOW", "OBJECT_MISSING"} <= {f.code.name for f in found.findings}


def test_partial_clone(school: School, tmp_path: Path) -> None:
    git(school.root, "config", "uploadpack.allowFilter", "true")
    url = f"file://{school.root}"
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", url, "part")
    found = verify(tmp_path / "part", now=NOW + timedelta(hours=1), anchors=[school.fingerprint])
    assert {"REPO_PARTIAL", "OBJECT_MISSING"} <= {f.code.name for f in found.findings}


def test_borrowed_objects_are_refused_before_opening(school: School, tmp_path: Path) -> None:
    """A store without an object of its own passes fsck."""
    git(tmp_path, "clone", "-q", "--shared", str(school.root), "borrower")
    found = verify(tmp_path / "borrower", now=NOW, anchors=[school.fingerprint])
    assert [(f.code.name, f.where.commit) for f in found.findings] == [("REPO_ALTERNATES", "")]


def test_objects_kept_behind_a_link(school: School, tmp_path: Path) -> None:
    objects = school.root / ".git" / "objects"
    objects.rename(tmp_path / "elsewhere")
    objects.symlink_to(tmp_path / "elsewhere")
    assert school.codes() == ["REPO_ALTERNATES"]


@pytest.fixture
def canary(school: School, tmp_path: Path) -> Iterator[Path]:
    """Everything in the archive that makes git execute something; the file appears if one does."""
    mark = tmp_path / "executed"
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    hooks = school.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    included = tmp_path / "included"
    included.write_text(f"[core]\n\tsshCommand = {program}\n\tpager = {program}\n")
    with (school.root / ".git" / "config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {program}\n\thooksPath = {hooks}\n\teditor = {program}\n"
            f'[diff "x"]\n\ttextconv = {program}\n\tcommand = {program}\n'
            f'[filter "x"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n'
            f"[diff]\n\texternal = {program}\n[gpg]\n\tprogram = {program}\n"
            f'[gpg "ssh"]\n\tprogram = {program}\n[include]\n\tpath = {included}\n'
        )
    (school.root / ".git" / "info").mkdir(exist_ok=True)
    (school.root / ".git" / "info" / "attributes").write_text("* diff=x filter=x\n")
    yield mark
    assert not mark.exists()


def test_hostile_configuration_executes_nothing(school: School, canary: Path) -> None:
    for path in (RECORD, OTHER):
        os.utime(school.root / path, (1, 1))
    assert school.codes() == ["ATTR_CONTENT_FILTER", "REPO_CONFIG_UNSAFE", "REPO_HOOKS"]
    assert not canary.exists()


def test_archive_of_another_owner(school: School) -> None:
    if os.geteuid() == 0:
        for path in [school.root, *school.root.rglob("*")]:
            os.chown(path, 12345, 12345, follow_symlinks=False)
    assert school.codes() == []


def test_path_with_a_newline_and_quotes(school: School, tmp_path: Path) -> None:
    place = tmp_path / 'a "b"\n\\c оценки'
    school.root.rename(place)
    found = verify(place, now=NOW + timedelta(hours=1), anchors=[school.fingerprint])
    assert found.findings == ()


def test_file_changed_under_the_same_stat(school: School) -> None:
    file = school.root / RECORD
    before = file.stat()
    file.write_bytes(file.read_bytes().replace(b"2025", b"2026"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    git(school.root, "update-index", "--assume-unchanged", RECORD)
    assert git(school.root, "status", "--short") == ""
    found = school.verify().findings
    assert [(f.code.name, f.where.path) for f in found] == [("HIDDEN_CHANGE", RECORD)]


def test_file_hidden_from_status_by_exclude(school: School) -> None:
    (school.root / ".git" / "info").mkdir(exist_ok=True)
    (school.root / ".git" / "info" / "exclude").write_text("*\n")
    (school.root / "records" / "extra.yaml").write_text("x: 1\n")
    found = school.verify().findings
    assert [(f.code.name, f.where.path) for f in found] == [("HIDDEN_CHANGE", "records/extra.yaml")]


def test_what_the_archive_itself_ignores_is_no_finding(school: School) -> None:
    (school.root / "records" / "x.tmp").write_text("x")
    (school.root / ".papka").mkdir(exist_ok=True)
    (school.root / ".papka" / "lock").write_text("")
    assert school.codes() == []


def test_ignore_file_that_hides_everything_is_itself_found(school: School) -> None:
    (school.root / ".gitignore").write_text("*\n")
    (school.root / "records" / "extra.yaml").write_text("x: 1\n")
    assert school.codes() == ["UNTRACKED_FILE", "WORKTREE_DIFFERS"]


def test_deleted_file_and_link(school: School) -> None:
    (school.root / RECORD).unlink()
    (school.root / OTHER).unlink()
    (school.root / OTHER).symlink_to(school.root / ALLOWED_SIGNERS)
    found = [(f.code.name, f.where.path) for f in school.verify().findings]
    assert found == [("WORKTREE_DIFFERS", RECORD), ("WORKTREE_DIFFERS", OTHER)]


def test_no_repository_at_all(tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive):
        verify(tmp_path, now=NOW)


def test_findings_name_no_folder_of_this_computer(school: School) -> None:
    git(school.root, "gc", "-q", "--prune=now")
    path = next((school.root / ".git" / "objects" / "pack").glob("*.pack"))
    flip(path, path.stat().st_size // 2)
    for finding in school.verify().findings:
        assert str(school.root) not in finding.message + finding.hint
