"""Attacks on history, each named, and what verify says of it."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS, SALT_BYTES
from papka.proof.trusted_keys import HEAD, STAFF
from papka.proof.verification import verify
from papka.repository.git_values import GitPerson, compose_commit, object_id, parse_commit
from tests.support.histories import NOW, OTHER, RECORD, School, git, salt_of, trust
from tests.support.sealing import honest_files


def test_honest_history_is_clean_with_its_fingerprint(school: School) -> None:
    found = school.verify()
    assert found.findings == ()
    assert (found.commits, found.head, found.root_key) == (3, school.head, school.fingerprint)
    assert found.objects > 10


def test_honest_history_without_fingerprint_says_so_and_nothing_else(school: School) -> None:
    found = verify(school.root, now=NOW + timedelta(hours=1))
    assert [finding.code.name for finding in found.findings] == ["ROOT_UNANCHORED"]


def test_fingerprint_of_another_archive(school: School) -> None:
    found = school.verify(school.signer("stranger").fingerprint)
    assert [finding.code.name for finding in found.findings] == ["ANCHOR_MISMATCH"]


@pytest.mark.parametrize("change", ["gc", "clone", "move", "bare clone", "worktree"])
def test_honest_history_stays_clean_after(change: str, school: School, tmp_path: Path) -> None:
    other = tmp_path / "другое место"
    if change == "gc":
        git(school.root, "gc", "-q", "--prune=now")
        other = school.root
    elif change == "move":
        school.root.rename(other)
    elif change == "worktree":
        git(school.root, "checkout", "-q", "--detach")
        git(school.root, "worktree", "add", "-q", str(other), "main")
    else:
        options = ["--bare"] if change == "bare clone" else []
        git(tmp_path, "clone", "-q", *options, "--no-local", str(school.root), str(other))
    found = verify(other, now=NOW + timedelta(hours=1), anchors=[school.fingerprint])
    assert [(finding.code.name, finding.where) for finding in found.findings] == []


def test_one_byte_of_a_record_changed_by_rewriting_history(school: School) -> None:
    """The old signatures are kept on the rewritten commits."""
    last, middle = school.head, parse_commit("", school.raw(school.head)).parents[0]
    root = parse_commit("", school.raw(middle)).parents[0]
    school.forge(
        {
            RECORD: b"id: 2025-0009\n",
            OTHER: b"id: 2025-0002\n",
            **{salt: (school.root / salt).read_bytes() for salt in map(salt_of, (RECORD, OTHER))},
        },
        sign=None,
        parents=(root,),
    )
    bent = school.head
    old = parse_commit(middle, school.raw(middle))
    swapped = school.raw(middle).replace(old.tree.encode(), school.tree(bent).encode())
    first = school.plant(swapped)
    tree = school.tree(last)
    school.plant(school.raw(last).replace(middle.encode(), first.encode()))
    assert school.tree(school.head) == tree
    school.checkout()
    assert school.codes() == ["SIG_BAD"]
    assert len(school.verify().findings) == 2


def test_signature_removed(school: School) -> None:
    raw = school.raw(school.head)
    school.plant(parse_commit("", raw).signed_payload)
    assert school.codes() == ["SIG_MISSING"]


def test_unsigned_commit_in_the_middle_below_a_good_one(school: School) -> None:
    school.forge({RECORD: b"id: x\n"}, sign=None)
    school.save({OTHER: b"id: y\n"}, late=240)
    school.checkout()
    assert school.codes() == ["SIG_MISSING"]


def test_foreign_key(school: School) -> None:
    school.forge({RECORD: b"id: x\n"}, sign=school.signer("stranger").sign)
    school.checkout()
    assert school.codes() == ["SIG_UNKNOWN_KEY"]


def test_key_that_adds_itself_gives_nobody_anything(school: School) -> None:
    rogue = school.signer("stranger").sign
    school.forge({ALLOWED_SIGNERS: trust(school.keys, stranger=HEAD)}, sign=rogue, by="s004")
    school.forge({RECORD: b"id: x\n"}, sign=rogue, by="s004", late=180)
    school.checkout()
    found = [(f.code.name, f.where.path) for f in school.verify().findings]
    assert found == [
        ("SIG_UNKNOWN_KEY", ""),
        ("SIG_UNKNOWN_KEY", ""),
        ("TRUST_NOT_AUTHORISED", ALLOWED_SIGNERS),
    ]


def test_clerk_adds_a_key(school: School) -> None:
    clerk, rogue = school.signer("s003").sign, school.signer("stranger").sign
    school.forge({ALLOWED_SIGNERS: trust(school.keys, stranger=STAFF)}, sign=clerk)
    school.forge({RECORD: b"id: x\n"}, sign=rogue, by="s004", late=180)
    school.checkout()
    assert school.codes() == ["SIG_UNKNOWN_KEY", "TRUST_NOT_AUTHORISED"]


def test_head_adds_a_key_which_then_signs(school: School) -> None:
    school.save({ALLOWED_SIGNERS: trust(school.keys, stranger=STAFF)}, "s001", late=180)
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign, by="s004", late=240)
    school.checkout()
    assert school.codes() == []


def test_key_added_by_head_does_not_reach_back(school: School) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign, by="s004")
    school.save({ALLOWED_SIGNERS: trust(school.keys, stranger=STAFF)}, "s001", late=180)
    school.checkout()
    assert school.codes() == ["SIG_UNKNOWN_KEY"]


def test_line_of_trust_taken_away_keeps_its_old_commits_good(school: School) -> None:
    lines = trust(school.keys).splitlines(keepends=True)
    school.save({ALLOWED_SIGNERS: b"".join(lines[:2])}, "s001", late=180)
    assert school.codes() == ["TRUST_NOT_AUTHORISED"]
    school.save({RECORD: b"x: 1\n"}, late=240)
    assert school.codes() == ["TRUST_NOT_AUTHORISED"]


@pytest.mark.parametrize(
    "line",
    [
        '*@papka.invalid namespaces="git" {key}',
        's004@papka.invalid namespaces="*" {key}',
        "s004@papka.invalid {key}",
        's004@papka.invalid,s005@papka.invalid namespaces="git" {key}',
        's004@papka.invalid cert-authority,namespaces="git" {key}',
        's004@papka.invalid valid-after="20200101",namespaces="git" {key}',
        's004@papka.invalid namespaces="git" {key} Иван Выдуманный',
        's003@papka.invalid namespaces="git,papka-seal,papka-document" {known}',
        's004@papka.invalid namespaces="git" ssh-rsa AAAA',
    ],
)
def test_loose_line_of_trust_gives_nobody_anything(line: str, school: School) -> None:
    keys = {
        "key": school.signer("stranger").public.line,
        "known": school.signer("s003").public.line,
    }
    added = trust(school.keys) + f"{line.format(**keys)}\n".encode()
    school.save({ALLOWED_SIGNERS: added}, "s001", late=180)
    assert school.codes() == ["TRUST_LINE_INVALID"]
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign, by="s004", late=240)
    school.checkout()
    assert school.codes() == ["SIG_UNKNOWN_KEY", "TRUST_LINE_INVALID"]


def test_clerk_writes_what_is_the_heads(school: School) -> None:
    school.save({"records/organization.yaml": b"format: 1\nname: x\n", RECORD: b"a: 1\n"}, late=180)
    found = [(f.code.name, f.where.path) for f in school.verify().findings]
    assert found == [("SIGNER_NOT_ALLOWED", "records/organization.yaml")]


def test_clerk_removes_an_issued_number(school: School) -> None:
    entry = "records/registers/issued/2026/certificates-0001.yaml"
    number = b"number: 1\nsalt: " + b"ab" * SALT_BYTES + b"\n"
    school.save({entry: number}, late=180)
    school.save({entry: number + b"void:\n  reason: x\n"}, late=190)
    assert school.codes() == []
    school.save({entry: None}, late=200)
    assert school.codes() == ["SIGNER_NOT_ALLOWED"]


def test_author_is_not_the_signer(school: School) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign, by="s001")
    school.checkout()
    found = school.verify().findings
    assert [f.code.name for f in found] == ["AUTHOR_MISMATCH", "AUTHOR_MISMATCH"]


def test_committer_alone_is_not_the_signer(school: School) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign, committer="s001")
    school.checkout()
    assert [f.code.name for f in school.verify().findings] == ["AUTHOR_MISMATCH"]


def test_merge_that_smuggles_content(school: School) -> None:
    main = school.head
    parent = parse_commit("", school.raw(main)).parents[0]
    side = school.forge({OTHER: b"x: 1\n"}, sign=school.signer("s003").sign, parents=(parent,))
    new = "records/students/2025/2025-0003/student.yaml"
    merged = {new: b"smuggled: 1\n", salt_of(new): b"3" * SALT_BYTES}
    school.forge(merged, sign=school.signer("s003").sign, parents=(main, side), late=180)
    school.checkout()
    assert school.codes() == ["MERGE_COMMIT"]


@pytest.mark.parametrize(
    ("late", "code"),
    [
        (-3600, ["TIME_BACKWARDS"]),
        (30, ["TIME_SLIGHTLY_BACKWARDS"]),
        (60, []),
        (3600 + 590, []),
        (3600 + 700, ["TIME_FUTURE"]),
    ],
)
def test_time_of_a_commit(late: int, code: list[str], school: School) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign, late=late)
    school.checkout()
    assert school.codes() == code


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("records/students/2025/CON/x.yaml", "PATH_UNSAFE"),
        ("records/students/2025/2025-0001/aux.yaml", "PATH_UNSAFE"),
        ("records/students/2025/dot./x.yaml", "PATH_UNSAFE"),
        ("records/students/2025/a b.yaml", "PATH_UNSAFE"),
        ("records/students/2025/-rf", "PATH_UNSAFE"),
        ("records/students/2025/a\\b", "PATH_UNSAFE"),
        ("records/students/2025/\u202ex.yaml", "PATH_UNSAFE"),
        ("records/students/2025/оценки.yaml", "PATH_UNSAFE"),
        ("records/students/2025/git~1/x", "PATH_UNSAFE"),
        ("records/students/2025/и\u0306.yaml", "PATH_NOT_NFC"),
        ("records/students/2025/2025-0001/Student.yaml", "PATH_COLLISION"),
        ("records/Students/2025/2025-0007/student.yaml", "PATH_COLLISION"),
    ],
)
def test_name_that_other_systems_read_differently(path: str, code: str, school: School) -> None:
    school.forge({path: b"x: 1\n"}, sign=school.signer("s001").sign, by="s001")
    found = {finding.code.name for finding in school.verify().findings}
    assert code in found
    assert found <= {code, "WORKTREE_DIFFERS", "OBJECT_CORRUPT", "PERSONAL_DATA_OUTSIDE_UNIT"}


@pytest.mark.parametrize(
    ("mode", "code"),
    [("120000", "PATH_SYMLINK"), ("160000", "PATH_SUBMODULE"), ("100755", "FILE_MODE")],
)
def test_what_is_no_plain_file(mode: str, code: str, school: School) -> None:
    """A link replaced by a file again stays in history, and stays found."""
    clerk = school.signer("s003").sign
    school.forge({RECORD: b"../../x"}, sign=clerk, modes={RECORD: mode})
    assert code in school.codes()
    school.forge({RECORD: b"x: 1\n"}, sign=clerk, late=180)
    school.checkout()
    assert school.codes() == [code]


def test_programs_may_be_executable(school: School) -> None:
    hook = "tools/hooks/pre-commit"
    school.forge({hook: b"#!/bin/sh\n"}, sign=school.signer("s001").sign, by="s001",
                 modes={hook: "100755"})  # fmt: skip
    school.checkout()
    assert school.codes() == []


def test_what_verify_accepts_git_and_ssh_accept(school: School) -> None:
    assert school.codes() == []
    signers = school.root / ALLOWED_SIGNERS
    shown = subprocess.run(
        ["git", "-c", "safe.directory=*", "-c", f"gpg.ssh.allowedSignersFile={signers}",
         "log", "--format=%G? %GS"],
        cwd=school.root, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    assert shown == ["G s003@papka.invalid", "G s003@papka.invalid", "G s001@papka.invalid"]


@pytest.mark.parametrize("sealed", [False, True], ids=["record", "seal"])
@pytest.mark.parametrize(
    ("time", "zone", "code"),
    [
        ("9" * 15, "+0300", "TIME_FUTURE"),
        ("9" * 5_000, "+0300", "HISTORY_UNREADABLE"),
        ("1772442120", "+9999", "HEADER_UNEXPECTED"),
        ("1772442120", "-2400", "HEADER_UNEXPECTED"),
        ("1772442120", "+0360", "HEADER_UNEXPECTED"),
        ("1772442120", "+٠٣٠٠", "HISTORY_UNREADABLE"),
    ],
)
def test_moment_that_no_clock_shows(
    time: str, zone: str, code: str, school: School, sealed: bool  # noqa: FBT001 - a case
) -> None:  # fmt: skip
    """Whoever can write to the store can plant it, unsigned: it is told and stops nothing."""
    files = honest_files(school)[1] if sealed else {RECORD: b"x: 1\n"}
    odd = f"{time} {zone}".encode()
    made = school.forge(files, sign=None, bend=lambda raw: raw.replace(b"1772442120 +0300", odd))
    assert odd in school.raw(made)
    assert code in school.codes()


@pytest.mark.parametrize("depth", [100, 3_000])
def test_folders_in_folders_without_end(depth: int, school: School) -> None:
    """Below a lost parent the whole folder of trust is read."""
    entry, made = b"100644 a\0" + bytes.fromhex(object_id("blob", b"x\n")), [("blob", b"x\n")]
    for name in (*[b"a"] * depth, b"trust", b"records"):
        made.append(("tree", entry))
        entry = b"40000 %s\0" % name + bytes.fromhex(object_id("tree", entry))
    made.append(("tree", entry))
    who = GitPerson("s003", "s003@papka.invalid", int(NOW.timestamp()) + 120, "+0300")
    raw = compose_commit(object_id("tree", entry), ["ab" * 20], who, who, "Правка\n")
    school.plant(raw, made)
    assert {"HISTORY_UNREADABLE", "SIG_MISSING"} <= set(school.codes())
