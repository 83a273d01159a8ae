"""What a person is told of work that cannot be done, word for word: what happened, what to do now.

Each command is refused before it writes anything, so one archive serves many of them.
--update-snapshots accepts a change that was looked at.
"""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from papka.core.places import FORMAT, ORGANIZATION
from papka.desk.sealing import make_seal
from papka.repository.signing import find_actor, generate_key, load_public
from tests.cli.test_screens import Screens, compare
from tests.support.histories import git
from tests.support.school import NOW, STUDENT, Archive

ID = "2026-0001"
CARD = f"{STUDENT}/student.yaml"
HEAD = ("--as", "s001")
pytestmark = pytest.mark.usefixtures("plain_screen")


@pytest.fixture
def seen(archive: Archive, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Screens:
    """Of an archive of one's own; the clock stands still."""
    moment: datetime = NOW + timedelta(hours=1)
    # the last is where the others take it from when they are first imported
    for module in ("undo", "trust", "init", "sync", "mirror", "restore", "context"):
        monkeypatch.setattr(f"papka.cli.{module}.read_clock", lambda: moment)
    return Screens(archive.root, pytestconfig)


def test_undoing_what_may_not_be_undone(archive: Archive, seen: Screens) -> None:
    seen.type("undo", "--as", "s002", "-n")
    archive.edit(CARD, "id: ", "# правка\nid: ")
    archive.save("s002")
    for path in (CARD, ORGANIZATION):
        archive.write(path, archive.read(path) + "# ещё\n")
    seen.type("undo", "--as", "s002", "-n")
    seen.type("save", *HEAD, "-m", "  ")
    git(archive.root, "checkout", "-q", "--", ".")
    git(archive.root, "reset", "-q", "--hard", git(archive.root, "rev-list", "--max-parents=0",
        "main").strip())  # fmt: skip
    seen.type("undo", *HEAD, "-n")
    compare(seen, "refused-undo")


def test_seals_and_periods_that_may_not_be(archive: Archive, seen: Screens) -> None:
    seen.type("period", "seal", "вчера", *HEAD)
    seen.type("period", "seal", "2025", *HEAD)
    seen.type("period", "seal", "2026", "--as", "s002")
    for words in (
        ("2026-2", "--date", "2026-01-01"), ("2026-2", "--date", "2999-01-01"), ("2026-9",),
        ("2026-2", "--date", "2026-11-20", "--accept", "kurs=нет такой"),
    ):  # fmt: skip
        seen.type("period", "close", *words, *HEAD)
    make_seal(archive.root, find_actor(archive.root, "s001"), now=NOW, period="2026")
    seen.type("period", "seal", "2026-1", *HEAD)
    unsaved = archive.root / STUDENT / "results" / "2026-2.yaml"
    unsaved.write_text("period: 2026-2\nresults: []\n", "utf-8")
    seen.type("period", "close", "2026-2", "--date", "2026-11-20", *HEAD)
    unsaved.write_text("results: [\n", "utf-8")
    foreign(archive)
    seen.type("period", "close", "2026-2", "--date", "2026-11-20", *HEAD)
    compare(seen, "refused-period")


def test_trust_that_may_not_be_changed(archive: Archive, seen: Screens, tmp_path: Path) -> None:
    for name in ("fresh", "daily"):
        generate_key(tmp_path / name, "")
    head, fresh, daily = archive.keys / "head", tmp_path / "fresh", tmp_path / "daily.pub"
    first = git(archive.root, "rev-list", "--max-parents=0", "main").strip()
    for words in (
        ("add", "s002", tmp_path / "fresh.pub", "--key", fresh),
        ("add", "s009", tmp_path / "fresh.pub"),
        ("add", "s001", archive.keys / "head.pub"),
        ("retire", "s001"),
        ("retire", "s404"),
        ("rotate", "s001", fresh),
        ("accept", first, "--code", "SIG_MISSING", "--reason", " "),
        ("accept", first, "--code", "SIG_BAD", "--code", "SIG_MALLEABLE", "--reason", "x"),
        ("accept", first, "--code", "SIG_MISSING", "--code", "MERGE_COMMIT", "--reason", "x"),
        ("accept", "0" * 40, "--code", "SIG_MISSING", "--reason", "x"),
        ("refound", "--yes", "--daily", fresh, "--recovery", tmp_path / "fresh.pub"),
        ("refound", "--yes", "--daily", head, "--recovery", tmp_path / "fresh.pub"),
        ("refound", "--yes", "--daily", fresh, "--recovery", daily, "--as", "zoya"),
        ("refound", "--daily", fresh, "--recovery", daily),
    ):  # fmt: skip
        seen.type("trust", *words, *([] if "--as" in words else HEAD))
    seen.type("trust", "retire", "s002", *HEAD)
    seen.type("trust", "retire", "s002", *HEAD)
    seen.type("trust", "add", "s002", archive.keys / "staff.pub", *HEAD)
    seen.lines = [line.replace(str(archive.keys), "КЛЮЧИ") for line in seen.lines]
    compare(seen, "refused-trust")


def test_trust_that_was_changed(archive: Archive, seen: Screens, tmp_path: Path) -> None:
    for name in ("fresh", "daily", "safe", "new"):
        generate_key(tmp_path / name, "")
    seen.type("mirror", "add", "far", "ssh://h.example/srv/school.git", "--country", "RU")
    first = git(archive.root, "rev-list", "--max-parents=0", "main").strip()
    seen.type("trust", "add", "s002", tmp_path / "fresh.pub", *HEAD)
    seen.type("trust", "add", "s001", tmp_path / "new.pub", "--head", *HEAD)
    seen.type("trust", "rotate", "s002", tmp_path / "daily", *HEAD)
    fresh = load_public(tmp_path / "fresh.pub").fingerprint
    seen.type("trust", "rotate", fresh, tmp_path / "daily", *HEAD)
    seen.type("trust", "compromise", "s002", "--after", first, *HEAD)
    seen.type("trust", "compromise", "s002", "--after", first, "--yes", *HEAD)
    new = load_public(tmp_path / "new.pub").fingerprint
    seen.type("trust", "compromise", new, "--after", "root", "--yes", *HEAD)
    seen.type("trust", "show")
    own = load_public(archive.keys / "head.pub").fingerprint
    seen.type("trust", "rotate", own, tmp_path / "safe", *HEAD)
    seen.type("trust", "refound", "--yes", "--daily", tmp_path / "new2", "--recovery",
              tmp_path / "fresh.pub", *HEAD)  # fmt: skip
    subjects = git(archive.root, "log", "--format=%s")
    seen.note(subjects)
    compare(seen, "trust-changed")


def test_records_that_cannot_be_opened(
    archive: Archive, seen: Screens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = tmp_path / "скан.pdf"
    scan.write_bytes(b"%PDF-1.7\n" + b" " * (2 << 20))
    monkeypatch.setattr("papka.desk.entries.LARGEST", 1 << 20)
    paper = ("document", "--kind", "справка", "--title", "С", "--medium", "только файл")
    seen.type("add", ID, *paper, "--file", scan)
    archive.edit(f"{STUDENT}/notices.yaml", "notices:", "notices: [")
    seen.type("add", ID, "notice", "--about", "успеваемость", "--channel", "лично", "--told", "p1")
    seen.type("show", ID, "--on", "2026-01-01", "--rev", "HEAD~3")
    seen.type("show", "2026/0001")
    schema = json.loads(archive.read("schema/awards.json"))
    schema["properties"]["prizes"] = schema["properties"].pop("awards")
    archive.write("schema/awards.json", json.dumps(schema))
    for words in (("fix", f"{ID}#a1", "text=Иное"), ("fix", f"{ID}#a9", "text=Иное")):
        seen.type(*words)
    (archive.root / CARD).unlink()
    seen.type("fix", ID, "phone=+70000000002")
    seen.type("new", "program", "--code", "guitar")
    compare(seen, "refused-records")


def test_archives_that_cannot_be_made(
    archive: Archive, seen: Screens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    school = (
        "--organization", "Школа «Лодка»", "--head", "Ландышева Зоя Зиновьевна",
        "--place", "г. Вымышленск", "--address", "ул. Лесная, д. 1",
    )  # fmt: skip
    keys = tmp_path / "ключи"
    (tmp_path / "занято").mkdir()
    (tmp_path / "занято" / "файл").write_bytes(b"")
    for words in (
        ("занято", *school, "--keys", keys),
        (archive.root / "внутри", *school, "--keys", keys),
        ("новый", *school, "--keys", "новый/ключи"),
        ("новый", *school, "--keys", keys, "--short-name", " "),
        ("новый", "--of", archive.root),
        ("новый", "--restricted"),
        ("новый", *school, "--keys", keys, "--year-starts", "29.02"),
        ("новый", *school, "--keys", keys, "--year-starts", "31.04"),
        ("новый", *school, "--keys", keys, "--year-starts", "весной"),
    ):
        seen.type_outside("init", *words)
    keys.mkdir()
    generate_key(keys / "head", "")
    shutil.copy(keys / "head.pub", keys / "recovery.pub")
    seen.type_outside("init", "новый", *school, "--keys", keys)
    shutil.copy(archive.keys / "head.pub", keys / "head.pub")
    seen.type_outside("init", "новый", *school, "--keys", keys)
    git(archive.root, "config", "--unset", "user.signingKey")
    seen.type_outside("init", "новый", "--restricted", "--of", archive.root)
    assert not (tmp_path / "новый").exists()
    seen.lines = [line.replace(str(tmp_path), "ЗДЕСЬ") for line in seen.lines]
    compare(seen, "refused-init")


def test_an_archive_of_another_edition(archive: Archive, seen: Screens) -> None:
    seen.type("upgrade", *HEAD)
    shutil.rmtree(archive.root / "templates" / "seal")
    (archive.root / "schema" / "media.json").unlink()
    foreign(archive)
    seen.type("period", "seal", "2026", *HEAD)
    seen.type("backup", "--to", archive.root.parent)
    seen.type("upgrade", *HEAD, "--yes")
    archive.write("schema/media.json", "{}")
    seen.type("upgrade", *HEAD, "--take", "schema/media.json")
    seen.type("upgrade", *HEAD, "--take", "schema/media.json", "--yes")
    (archive.root / "schema" / "media.json").unlink()
    for words in (
        ("--take", "templates/нет.j2"), ("--keep", "schema/media.json"),
        ("--keep", "schema/media.json", "--take", "schema/media.json"),
    ):  # fmt: skip
        seen.type("upgrade", *HEAD, "-n", *words)
    seen.type("upgrade", "--as", "s002", "--yes")
    seen.type("upgrade", *HEAD, "--yes", "--take", "schema/media.json")
    seen.type("backup", "--to", archive.root.parent, "-n")
    archive.edit(ORGANIZATION, f"format: {FORMAT}", f"format: {FORMAT + 7}")
    foreign(archive)
    seen.type("upgrade", *HEAD)
    compare(seen, "refused-edition")


def foreign(archive: Archive) -> None:
    """What lies in the folder, committed by a program that asks nobody."""
    git(archive.root, "add", "-A")
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_DATE", f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
        git(archive.root, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q",
            "--no-gpg-sign", "--no-verify", "-m", "x")  # fmt: skip
