"""The sheet of provenance: which commits the facts of a personal file come from."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from papka.core.errors import GitFailed
from papka.core.places import ORGANIZATION
from papka.core.snapshot import Part
from papka.desk.sealing import make_seal
from papka.paper.provenance import (
    NO_SEAL,
    Provenance,
    Provenances,
    ProvenanceSection,
    folder_digest,
)
from papka.records.lazy_archive import ArchiveReader
from papka.records.schemas import SchemaSet
from papka.records.wording import NBSP
from papka.repository.commit_snapshots import CommitTree, changed_paths, read_commit
from papka.repository.history import Histories
from papka.repository.signing import find_actor
from tests.support.school import NOW, STUDENT, TEACHER, Archive

ID = "2026-0001"
HEAD = "s001"


def of(archive: Archive, rev: str = "HEAD", *, many: bool = False) -> Provenance:
    tree = CommitTree(archive.root, rev)
    schemas = SchemaSet.load(Part(tree, "schema"))
    records = ArchiveReader(tree, schemas).archive(set())
    found = Provenances(archive.root, tree.commit, tree, schemas, many=many)
    return found.of(records, records.students[ID], tree.commit)


def section(sheet: Provenance, start: str) -> ProvenanceSection:
    return next(each for each in sheet.sections if each.title.startswith(start))


def test_every_section_names_its_commits_days_and_signers(built_archive: Archive) -> None:
    sheet = of(built_archive)
    titles = [each.title for each in sheet.sections]
    assert titles[:2] == ["Личная карточка", "Обучение"]
    assert "Приказы, на которые ссылается дело" in titles
    [line] = section(sheet, "Результаты").lines
    assert line.what == "внесено: r1–r3"
    assert line.date == "20.11.2026"
    [commit] = line.commits
    assert read_commit(built_archive.root, commit).author.name == TEACHER
    assert {signer.staff for signer in sheet.signers} == {HEAD, TEACHER}
    assert all(signer.keys.startswith("SHA256:") for signer in sheet.signers)
    assert sheet.seal == NO_SEAL


def test_no_section_without_a_commit_and_no_commit_without_a_section(
    built_archive: Archive,
) -> None:
    sheet = of(built_archive)
    named = {commit for part in sheet.sections for line in part.lines for commit in line.commits}
    assert len(named) == sheet.commits
    assert all(part.lines for part in sheet.sections)


def test_changes_are_told_by_entry_and_field(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/notices.yaml", "channel: электронная почта", "channel: телефон")
    archive.edit(f"{STUDENT}/student.yaml", "sex: женский", "sex: женский\nsnils: 112-233-445 95")
    archive.save(HEAD, NOW + timedelta(days=1))
    sheet = of(archive)
    lines = section(sheet, "Извещения").lines
    assert [line.what for line in lines] == ["внесено: n1", "изменено: n1 (как сообщили)"]
    assert [line.date for line in lines] == ["20.11.2026", "21.11.2026"]
    assert section(sheet, "Личная карточка").lines[-1].what == "изменено: снилс"


def test_an_unrelated_save_changes_nothing_on_the_sheet(archive: Archive) -> None:
    before = of(archive)
    archive.edit("records/staff.yaml", "post: ", "post: Старший ")
    archive.save(HEAD, NOW + timedelta(days=1))
    after = of(archive)
    assert after.sections == before.sections
    assert after.digest == before.digest
    assert after.commits == before.commits


def test_a_cited_order_that_changed_is_named(archive: Archive) -> None:
    archive.edit("records/events/2026.yaml", "title: ", "title: Большой ")
    archive.save(HEAD, NOW + timedelta(days=1))
    assert "изменено" in section(of(archive), "Мероприятия").lines[-1].what


def test_one_walk_for_all_tells_the_same_as_a_search_for_one(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/notices.yaml", "channel: электронная почта", "channel: телефон")
    archive.save(HEAD, NOW + timedelta(hours=1))
    assert of(archive, many=True) == of(archive)


def test_an_earlier_state_knows_nothing_of_later_commits(archive: Archive) -> None:
    before = of(archive)
    archive.edit(f"{STUDENT}/notices.yaml", "channel: электронная почта", "channel: телефон")
    archive.save(HEAD, NOW + timedelta(hours=1))
    assert of(archive, "HEAD~1") == before
    assert of(archive) != before


def test_the_saves_of_a_day_are_one_line_and_of_many_days_one_a_month(archive: Archive) -> None:
    notices = f"{STUDENT}/notices.yaml"
    times = [NOW + timedelta(hours=1), *(NOW + timedelta(days=day) for day in range(1, 45))]
    for turn, time in enumerate(times):
        text = archive.read(notices).splitlines(keepends=True)
        at = next(i for i, line in enumerate(text) if "channel:" in line)
        text[at] = f"    channel: телефон {turn}\n"
        archive.write(notices, "".join(text))
        archive.save(TEACHER, time)
        if turn == 0:
            first = section(of(archive), "Извещения").lines
            assert [len(line.commits) for line in first] == [2]
    lines = section(of(archive), "Извещения").lines
    assert [line.date for line in lines] == ["11.2026", "12.2026", "01.2027"]
    assert sum(len(line.commits) for line in lines) == 46


def test_the_last_seal_is_named_and_whether_the_folder_changed_since(archive: Archive) -> None:
    head = find_actor(archive.root, HEAD)
    for period in ("2026-1", "2026"):
        archive.edit(ORGANIZATION, "format: 2", f"# {period}\nformat: 2")
        archive.save(HEAD)
        make_seal(archive.root, head, now=NOW, period=period)
    sealed = of(archive).seal.replace(NBSP, " ")
    assert sealed == "№ 0002 от 20.11.2026; контрольная сумма этой папки есть в её списке"
    archive.edit(f"{STUDENT}/student.yaml", "id: ", "# ничего нового\nid: ")
    archive.save(TEACHER)
    assert of(archive).seal.endswith("с тех пор папка изменилась")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="coreutils are not installed")
def test_the_digest_is_what_coreutils_compute_over_an_export(
    built_archive: Archive, tmp_path: Path
) -> None:
    sheet = of(built_archive)
    export = f"git -C {built_archive.root} archive HEAD:{STUDENT} | tar x"
    subprocess.run(["/bin/sh", "-c", export], cwd=tmp_path, check=True)
    command = {answer: command for command, answer in sheet.checks}["контрольная сумма этой папки"]
    ran = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert ran.stdout.split()[0] == "".join(sheet.digest)


def test_a_name_that_coreutils_would_escape_has_no_digest() -> None:
    with pytest.raises(ValueError, match="b"):
        folder_digest([("a\\b", b"")])


def test_the_walk_tells_every_change_of_every_commit(built_archive: Archive) -> None:
    root = built_archive.root
    tip = read_commit(root, "HEAD").id
    ids = subprocess.run(
        ["git", "-C", root, "rev-list", tip], check=True, capture_output=True, text=True
    ).stdout.split()
    histories = Histories(root, tip)
    for id_ in ids:
        parents = read_commit(root, id_).parents
        changes = changed_paths(root, parents[0] if parents else None, id_)
        for change in changes:
            unit = STUDENT if change.path.startswith(STUDENT) else change.path
            [touched] = [each for each in histories.of([unit]) if each.commit.id == id_]
            assert change in touched.changes


def test_hostile_settings_of_the_repository_change_nothing(archive: Archive) -> None:
    before = of(archive, many=True)
    trap = archive.root.parent / "trap"
    for name, value in (
        ("log.showSignature", "true"),
        ("gpg.ssh.program", f"touch {trap};false"),
        ("gpg.program", f"touch {trap};false"),
        ("diff.renames", "copies"),
        ("diff.orderFile", str(archive.root / "README.md")),
        ("diff.relative", "true"),
        ("log.showRoot", "false"),
        ("log.decorate", "full"),
        ("diff.noprefix", "true"),
        ("color.ui", "always"),
    ):
        subprocess.run(["git", "-C", archive.root, "config", name, value], check=True)
    assert of(archive, many=True) == before
    assert not trap.exists()


def test_a_history_that_ends_halfway_is_refused(archive: Archive) -> None:
    root = archive.root
    parent = read_commit(root, "HEAD~1")
    (root / ".git/objects" / parent.tree[:2] / parent.tree[2:]).unlink()
    with pytest.raises(GitFailed):
        Histories(root, read_commit(root, "HEAD").id)
