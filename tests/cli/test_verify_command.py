"""papka verify as a person types it: paper, memory, a part of the history, a paper to sign."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import papka
from tests.support.histories import git
from tests.support.school import STUDENT, Archive

CARD = f"{STUDENT}/student.yaml"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this computer remembers."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "papka"


@pytest.fixture
def key(archive: Archive) -> str:
    """The fingerprint on paper."""
    found = papka("verify", "-C", archive.root, "--no-memory", "--format", "json").out
    return str(json.loads(found)["summary"]["root_key"])


def told(*arguments: str | Path) -> tuple[list[str], dict[str, Any]]:
    """Names of what is found, and the summary."""
    said = json.loads(papka("verify", *arguments, "--format", "json").out)
    return sorted({each["code"] for each in said["findings"]}), said["summary"]


def test_a_new_computer_says_that_it_remembers_nothing(archive: Archive, state: Path) -> None:
    ran = papka("verify", "-C", archive.root)
    assert ran.code == 0
    assert "помнить нечего" in ran.out
    assert "подлинность не установлена" in ran.out
    assert state.is_dir()
    again = papka("verify", "-C", archive.root)
    assert "помнить нечего" not in again.out
    assert "подлинность не установлена" in again.out


def test_paper_is_typed_once(archive: Archive, state: Path, key: str) -> None:
    assert told("-C", archive.root, "--anchor", key)[0] == []
    codes, summary = told("-C", archive.root)
    assert (codes, summary["remembered"], summary["anchors"]) == ([], True, [key])
    assert (state / summary["root"] / "memory.json").is_file()


def test_without_memory_nothing_is_asked_and_nothing_kept(
    archive: Archive, state: Path, key: str
) -> None:
    ran = papka("verify", "-C", archive.root, "--no-memory", "--anchor", key)
    assert (ran.code, state.exists()) == (0, False)
    assert "ничего не запомнили" in ran.out
    papka("verify", "-C", archive.root)
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    assert told("-C", archive.root, "--no-memory", "--anchor", key)[0] == []


def test_an_archive_made_here_is_known_from_its_first_hour(tmp_path: Path, state: Path) -> None:
    made = papka(
        "init", tmp_path / "school", "--organization", "ИП Ландышева", "--head",
        "Ландышева Зоя Зиновьевна", "--place", "г. Москва", "--address", "г. Москва",
        "--keys", tmp_path / "keys",
    )  # fmt: skip
    assert made.code == 0, made.all
    codes, summary = told("-C", tmp_path / "school")
    assert (codes, summary["remembered"], state.is_dir()) == ([], True, True)


def test_an_archive_rolled_back(archive: Archive, state: Path) -> None:
    papka("verify", "-C", archive.root)
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    ran = papka("verify", "-C", archive.root)
    assert ran.code == 1
    assert "HEAD_BEHIND_KNOWN" in ran.out
    assert "доверять нельзя" in ran.out
    assert state.is_dir()


def test_what_a_push_confirmed_is_remembered(archive: Archive, state: Path, tmp_path: Path) -> None:
    papka("mirror", "add", "usb", tmp_path / "usb.git", "--country", "RU", "-C", archive.root)
    pushed = papka("mirror", "push", "-C", archive.root)
    assert pushed.code == 0, pushed.all
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    assert "HEAD_BEHIND_KNOWN" in told("-C", archive.root)[0]
    back = papka("sync", "-C", archive.root)
    assert back.code == 0, back.all
    assert told("-C", archive.root)[0] == ["ROOT_UNANCHORED"]
    assert state.is_dir()


def test_only_what_came_since(archive: Archive, key: str) -> None:
    papka("verify", "-C", archive.root, "--anchor", key)
    start = git(archive.root, "rev-parse", "HEAD").strip()
    card = "records/students/2026/2026-0001/student.yaml"
    archive.edit(card, "полка 1", "полка 2")
    assert archive.save("s002").commit is not None
    ran = papka("verify", "-C", archive.root, "--since", start[:12])
    assert ran.code == 0
    assert f"После сохранения {start[:12]}: 1\N{NO-BREAK SPACE}сохранение" in ran.out
    assert "в этот раз не проверялось" in ran.out
    assert told("-C", archive.root, "--since", start)[1]["since"] == start


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--since", "0007"), "Пломбы № 0007"),
        (("--since", "abcdef0"), "Сохранения «abcdef0»"),
        (("--since", "вчера"), "Сохранения «вчера»"),
        (("--anchor", "e7d2dd6e 12"), "контрольной сумме"),
        (("--anchor", "SHA256:abc"), "43"),
        (("--refounding", "ab" * 20), "Контрольная сумма акта"),
    ],
)
def test_what_is_typed_wrong_is_said(
    arguments: tuple[str, ...], words: str, archive: Archive
) -> None:
    ran = papka("verify", "-C", archive.root, *arguments)
    assert ran.code == 3
    assert words in ran.err


def test_another_fingerprint_on_paper(archive: Archive, state: Path) -> None:
    ran = papka("verify", "-C", archive.root, "--anchor", f"SHA256:{'A' * 43}")
    assert ran.code == 1
    assert "ANCHOR_MISMATCH" in ran.out
    assert not state.exists()


def test_mirrors_are_verified_with_the_archive(archive: Archive, tmp_path: Path, key: str) -> None:
    assert "ни одного" in papka("verify", "-C", archive.root, "--mirrors").out
    papka("mirror", "add", "usb", tmp_path / "usb.git", "--country", "RU", "-C", archive.root)
    papka("mirror", "push", "-C", archive.root)
    codes, summary = told("-C", archive.root, "--mirrors", "--anchor", key)
    assert (codes, summary["mirrors"]) == ([], ["usb"])
    git(tmp_path / "usb.git", "update-ref", "refs/heads/main", "main~1")
    assert "MIRROR_ROLLED_BACK" in told("-C", archive.root, "--mirrors")[0]


def test_mirror_that_could_not_be_looked_at_is_no_clean_verdict(
    archive: Archive, tmp_path: Path, key: str
) -> None:
    """A monthly job must not stay green while nobody looks; what was found goes before that."""
    usb = tmp_path / "usb.git"
    for name, place in (("usb", usb), ("disk", tmp_path / "disk.git")):
        papka("mirror", "add", name, place, "--country", "RU", "-C", archive.root)
    papka("mirror", "push", "-C", archive.root)
    shutil.move(tmp_path / "disk.git", tmp_path / "unplugged")
    asked = ("verify", "-C", archive.root, "--anchor", key)
    ran = papka(*asked, "--mirrors")
    assert ran.code == 4, ran.all
    assert "Зеркала: usb\n" in ran.out
    assert "Не проверены, до них не достать: disk" in ran.out
    assert "целостность и подписи подтверждены" in ran.out
    codes, summary = told("-C", archive.root, "--mirrors", "--anchor", key)
    assert (codes, summary["mirrors"], summary["unreached"]) == (
        ["MIRROR_UNREACHABLE"], ["usb"], ["disk"],
    )  # fmt: skip
    assert papka("verify", "disk", "-C", archive.root).code == 4
    assert papka("verify", "usb", "-C", archive.root).code == 0
    git(usb, "update-ref", "refs/heads/main", "main~1")
    assert papka(*asked, "--mirrors").code == 1


def test_a_paper_of_the_verification(archive: Archive, tmp_path: Path, key: str) -> None:
    paper = tmp_path / "protocol.html"
    ran = papka("verify", "-C", archive.root, "--anchor", key, "--protocol", paper)
    assert ran.code == 0
    assert str(paper) in ran.out
    assert key in paper.read_text("utf-8")


def test_a_report_stays_a_report_beside_a_paper(archive: Archive, tmp_path: Path) -> None:
    paper = tmp_path / "protocol.html"
    ran = papka("verify", "-C", archive.root, "--protocol", paper, "--format", "json")
    assert json.loads(ran.out)["summary"]["commits"] > 1
    assert str(paper) in ran.err


def test_memory_has_its_usual_place(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative XDG_STATE_HOME would be another memory in every folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    monkeypatch.chdir(tmp_path)
    papka("verify", "-C", archive.root)
    assert (tmp_path / "home/.local/state/papka/stores.json").is_file()
    assert not (tmp_path / "state").exists()


def test_an_archive_deleted_and_made_anew_in_its_place(tmp_path: Path, state: Path) -> None:
    """`init` knows that what lay there before is not its history."""
    for name in ("one", "two"):
        root = tmp_path / "school"
        if root.exists():
            root.rename(tmp_path / "old")
        made = papka(
            "init", root, "--organization", "ИП Ландышева", "--head",
            "Ландышева Зоя Зиновьевна", "--place", "г. Москва", "--address", "г. Москва",
            "--keys", tmp_path / f"keys-{name}",
        )  # fmt: skip
        assert made.code == 0, made.all
        assert told("-C", root)[0] == []
    assert len(list(state.glob("*/memory.json"))) == 2


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("point", ["HEAD~1", "main~1", "origin/main", "0000"])
def test_a_point_in_history_is_named_alike_in_every_command(point: str, archive: Archive) -> None:
    git(archive.root, "update-ref", "refs/remotes/origin/main", "HEAD~1")
    papka("verify", "-C", archive.root)
    since = "" if point == "0000" else git(archive.root, "rev-parse", "HEAD~1").strip()
    assert told("-C", archive.root, "--since", point)[1]["since"] == since
    codes, summary = told("-C", archive.root, "--since", point, "--rev", "HEAD")
    assert (summary["since"], set(codes) - {"ROOT_UNANCHORED"}) == (since, set())
    assert papka("check", "-C", archive.root, "--since", point).code == 0
    for words in (
        ("check", "--rev", point),
        ("show", "2026-0001", "--rev", point),
        ("print", "--rev", point),
    ):
        assert papka(*words, "-C", archive.root).code == (0 if since else 3), words


def test_a_change_is_judged_whatever_the_folder_shows(archive: Archive, state: Path) -> None:
    """Neither the branch nor the files, nor what this computer remembers."""
    (archive.root / CARD).write_text("id: [", encoding="utf-8")
    git(archive.root, "checkout", "-q", "--force", "--detach", "HEAD~1")
    ran = papka("verify", archive.root, "--since", "main~1", "--rev", "main")
    assert (ran.code, state.exists()) == (0, False), ran.all
    assert "1 сохранение: можно принять" in ran.out.replace("\u00a0", " ")
    assert papka("verify", "-C", archive.root, "--rev", "main", "--mirrors").code == 2
    back = papka("verify", archive.root, "--since", "main", "--rev", "main~1")
    assert (back.code, "не продолжает" in back.err) == (3, True)
