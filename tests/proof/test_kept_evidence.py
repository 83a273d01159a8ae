"""Kept papers replaced or altered, files smuggled through, objects that nothing leads to."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.copies import mirrors
from tests.support.command import papka
from tests.support.histories import NOW, School, git
from tests.support.school import STUDENT, TEACHER, Archive

DOCUMENTS = f"{STUDENT}/documents.yaml"
ORDER = "records/orders/2026/0002.yaml"
SCAN = "records/orders/2026/0002.pdf"
FIRST = "42a92e4f5bf3.pdf"


def _save(archive: Archive, staff: str) -> str:
    ran = papka("save", "-C", archive.root, "--as", staff)
    return "" if ran.code == 0 else ran.all


def _told(archive: Archive, *words: str) -> dict[str, str]:
    """Code -> severity of what verify finds, without what every unanchored archive is told."""
    ran = papka("verify", "-C", archive.root, "--no-memory", "--format", "json", *words)
    found = json.loads(ran.out)["findings"]
    return {each["code"]: each["severity"] for each in found if each["code"] != "ROOT_UNANCHORED"}


def _forge(archive: Archive, changes: dict[str, bytes | None], staff: str = TEACHER) -> str:
    """A commit past papka, properly signed."""
    school = School(archive.root, archive.keys)
    count = int(git(archive.root, "rev-list", "--count", "main"))
    late = int(datetime.now(UTC).timestamp() - NOW.timestamp()) - 3600 + count
    key = "staff" if staff == TEACHER else "head"
    made = school.forge(changes, sign=school.signer(key).sign, by=staff, late=late)
    school.checkout()
    return made


def test_scan_replaced_together_with_its_digest_is_refused(archive: Archive) -> None:
    """And the better scan stands beside the first, with the reason."""
    known, before = archive.read(DOCUMENTS), (archive.root / STUDENT / "attachments" / FIRST)
    better = before.read_bytes() + b"%\n"
    sha = hashlib.sha256(better).hexdigest()
    archive.write(f"{STUDENT}/attachments/{sha[:12]}.pdf", better)
    old = hashlib.sha256(before.read_bytes()).hexdigest()
    replaced = known.replace(old, sha).replace(FIRST, f"{sha[:12]}.pdf")
    archive.write(DOCUMENTS, replaced)
    before.unlink()
    assert "EVIDENCE_CHANGED" in _save(archive, TEACHER)
    git(archive.root, "checkout", "-q", "--", STUDENT)
    made = _forge(archive, {
        DOCUMENTS: replaced.encode(), f"{STUDENT}/attachments/{sha[:12]}.pdf": better,
        f"{STUDENT}/attachments/{FIRST}": None,
    })  # fmt: skip
    assert _told(archive)["EVIDENCE_CHANGED"] == "error"
    git(archive.root, "reset", "-q", "--hard", f"{made}~1")
    added = (
        "  - kind: договор\n    title: Договор, скан без пропуска листа\n    medium: только файл\n"
        f"    file: {sha[:12]}.pdf\n    sha256: {sha}\n    replaces: d1\n"
    )
    archive.write(f"{STUDENT}/attachments/{sha[:12]}.pdf", better)
    archive.write(DOCUMENTS, known + added)
    assert "причину в note" in _save(archive, TEACHER)
    archive.write(DOCUMENTS, known + added + "    note: На первом скане нет листа 2.\n")
    assert _save(archive, TEACHER) == ""
    assert _told(archive) == {}


def test_order_altered_by_staff_is_refused_and_by_the_head_told_until_the_seal(
    archive: Archive,
) -> None:
    archive.edit(ORDER, "heading: ", "heading: Иное, ")
    altered = (archive.root / ORDER).read_bytes()
    assert "ORDER_NOT_BY_HEAD" in _save(archive, TEACHER)
    git(archive.root, "checkout", "-q", "--", ORDER)
    _forge(archive, {ORDER: altered})
    assert _told(archive) == {"ORDER_NOT_BY_HEAD": "error"}
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")

    archive.write(ORDER, altered)
    ran = papka("save", "-C", archive.root, "--as", "s001")
    assert (ran.code, "ORDER_CHANGED" in ran.out) == (0, True)
    assert _told(archive) == {"ORDER_CHANGED": "warning"}
    archive.write(SCAN, b"%PDF-1.4\n")
    assert _save(archive, TEACHER) == "", "a first scan is nobody's loss"
    archive.write(SCAN, b"%PDF-1.5\n")
    assert "SIGNER_NOT_ALLOWED" in _save(archive, TEACHER)
    assert _save(archive, "s001") == ""
    assert _told(archive) == {"ORDER_CHANGED": "warning", "EVIDENCE_REPLACED": "warning"}

    ran = papka("period", "seal", "2026", "-C", archive.root)
    assert ran.code == 0, ran.all
    listed = ran.out.partition("Что изменилось в доказательствах с прошлой пломбы:\n")[2]
    assert ORDER in listed.splitlines()[1] + listed.splitlines()[0]
    assert SCAN in listed
    told = _told(archive)
    assert told.pop("ANCHOR_NOT_GIVEN") == "info"
    assert told == {"WARNED_BEFORE_SEAL": "info"}
    ran = papka("verify", "-C", archive.root, "--rev", "0001")
    assert "ORDER_CHANGED" in ran.out, "the line that counts them says how to see them"
    archive.edit(ORDER, "heading: Иное, ", "heading: ")
    assert _save(archive, "s001") == ""
    assert {"ORDER_CHANGED", "WARNED_BEFORE_SEAL"} <= _told(archive).keys()


@pytest.mark.parametrize(
    ("path", "size", "code"),
    [("smuggled.exe", 2, "PATH_FOREIGN"), ("records/events/2031.yaml", 1 << 21, "FILE_TOO_BIG")],
)
def test_file_that_two_commits_smuggle_through(
    path: str, size: int, code: str, archive: Archive
) -> None:
    """Neither goes to a mirror nor passes as a change; the head may vouch for it afterwards."""
    mirrors.add(archive.root, "usb", f"{archive.root}.git", "RU", allowed=("RU",))
    assert mirrors.push(archive.root).is_good
    made = _forge(archive, {path: b"M" * size}, "s001")
    _forge(archive, {path: None}, "s001")
    ran = papka("verify", "-C", archive.root, "--since", "main~2", "--rev", "main")
    assert (ran.code, f"{code}" in ran.out, made[:12] in ran.out) == (1, True, True)
    ran = papka("sync", "-C", archive.root)
    assert (ran.code, code in ran.all) == (3, True)
    ran = papka("trust", "accept", made, "--code", code, "--reason", "Проба", "-C", archive.root)
    assert ran.code == 0, ran.all
    assert papka("sync", "-C", archive.root).code == 0


def test_big_file_is_not_saved_either(archive: Archive) -> None:
    archive.write("records/orders/2026/0002.pdf", b"%PDF-" + b"x" * (26 << 20))
    assert "FILE_TOO_BIG" in _save(archive, "s001")


def test_what_nothing_leads_to_in_a_store_is_told(archive: Archive, tmp_path: Path) -> None:
    """Put there by hand, or left by a push that broke off."""
    store = tmp_path / "usb.git"
    mirrors.add(archive.root, "usb", str(store), "RU", allowed=("RU",))
    assert mirrors.push(archive.root).is_good
    words = ("verify", store, "--no-memory", "--format", "json")
    assert "OBJECT_UNREACHABLE" not in papka(*words).out
    (tmp_path / "aside").write_bytes(b"MZ")
    git(store, "hash-object", "-w", str(tmp_path / "aside"))
    (store / "objects" / "tmp_objdir-incoming-x7Kp2q").mkdir()
    ran = papka(*words)
    found = {each["code"]: each["severity"] for each in json.loads(ran.out)["findings"]}
    assert found["OBJECT_UNREACHABLE"] == found["PUSH_LEFTOVER"] == "info"
    assert ran.code == 0
    ran = papka("verify", "-C", archive.root, "--mirrors", "--no-memory")
    assert (ran.code, "OBJECT_UNREACHABLE" in ran.out, "PUSH_LEFTOVER" in ran.out) == (
        0,
        True,
        True,
    )
