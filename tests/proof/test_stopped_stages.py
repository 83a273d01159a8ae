"""What cannot be looked at is told, and hides nothing that was found elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from papka.core.errors import Refused
from papka.core.findings import Finding
from papka.proof import examination, verification
from papka.proof.clean_room import CleanRoom
from tests.support.command import Ran, papka
from tests.support.made_once import MadeOnce, mirror_once
from tests.support.school import Archive

CARD = "records/students/2026/2026-0001/student.yaml"


@pytest.fixture
def mirrored(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Archive:
    mirror_once(made_once, archive, tmp_path / "usb.git")
    return archive


def verified(archive: Archive) -> Ran:
    return papka("verify", "--mirrors", "--no-memory", "-C", archive.root)


def test_an_archive_that_borrows_objects_is_told_so_with_what_its_mirrors_show(
    mirrored: Archive, tmp_path: Path
) -> None:
    info = mirrored.root / ".git" / "objects" / "info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(f"{tmp_path}/usb.git/objects\n")
    (tmp_path / "usb.git" / "refs" / "tags" / "more").write_text(
        (mirrored.root / ".git" / "refs" / "heads" / "main").read_text()
    )
    ran = verified(mirrored)
    assert ran.code == 1, ran.all
    assert "REPO_ALTERNATES" in ran.out
    assert "MIRROR_REF_EXTRA" in ran.out
    assert "MIRROR_DAMAGED" not in ran.out


def _refuse(*_: object, **__: object) -> Iterator[Finding]:
    raise Refused("Эта часть не читается", "Замените диск")


def _denied(*_: object, **__: object) -> Iterator[Finding]:
    raise PermissionError(13, "", "/диск/файл")


@pytest.mark.parametrize("fault", [_refuse, _denied])
@pytest.mark.parametrize(
    ("where", "name", "part"),
    [
        (verification, "walk", "история"),
        (verification, "judge_work_tree", "папка"),
        (verification, "digests_of_seals", "пломбы"),
        (examination, "changes_of", "подписи"),
        (examination, "judge_history", "история"),
        (examination, "judge_sealed", "пломбы"),
        (examination, "judge_steps", "записи"),
        (CleanRoom, "check_all", "объекты"),
    ],
)
def test_a_part_that_cannot_be_done_throws_no_other_findings_away(  # noqa: PLR0913 - a table
    mirrored: Archive, monkeypatch: pytest.MonkeyPatch,
    fault: object, where: object, name: str, part: str,
) -> None:  # fmt: skip
    git = mirrored.root / ".git"
    (git / "refs" / "tags" / "odd").write_text((git / "refs" / "heads" / "main").read_text())
    monkeypatch.setattr(where, name, fault)
    ran = verified(mirrored)
    assert ran.code == 1, ran.all
    assert "CHECK_STOPPED" in ran.out
    assert f"не состоялась ({part})" in ran.out
    assert "MIRROR_REF_MISSING" in ran.out, "what the mirrors show is told all the same"


def test_mirrors_that_cannot_be_listed_leave_the_verdict_on_the_archive(
    mirrored: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papka.copies.mirror_check.verify_mirrors", _refuse)
    mirrored.edit(CARD, "id: ", "# правка\nid: ")
    ran = verified(mirrored)
    assert ran.code == 1, ran.all
    for code in ("CHECK_STOPPED", "WORKTREE_DIFFERS"):
        assert code in ran.out
    assert "зеркала" in ran.out


def test_damage_of_a_mirror_is_told_though_reading_it_stops(
    mirrored: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "usb.git" / "config"
    config.write_text(config.read_text().replace("denyDeletes", "denyNothing"))
    monkeypatch.setattr("papka.copies.mirror_check.judge_heads", _refuse)
    ran = verified(mirrored)
    assert ran.code == 1, ran.all
    for code in ("MIRROR_WEAKENED", "MIRROR_DAMAGED"):
        assert code in ran.out
