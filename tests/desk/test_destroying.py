"""`papka destroy` to its end: what is destroyed is nowhere, everything else keeps its proof."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from papka.cli import destroy as cli
from papka.core.errors import PangoMissing
from papka.core.places import ORGANIZATION
from papka.desk import destroying
from papka.desk.destruction_note import UnfinishedDestruction, find_unfinished, keep
from papka.desk.destruction_plan import plan_destruction
from papka.proof.verification import verify
from papka.repository.byte_search import Needle, Trace, needle_object, needle_text, search
from papka.repository.signing import find_actor
from tests.support.command import Ran, ok, papka
from tests.support.doomed import (
    KEY,
    LATER,
    OLD,
    OLD_NAME,
    OLD_PHONE,
    ORDER,
    PHOTO,
    PHOTO_FILE,
    PHOTO_ID,
    has_object,
    with_mirrors,
    write_order,
)
from tests.support.histories import git
from tests.support.school import STUDENT, Archive, head

ACT = "Акт об уничтожении {} с именами.pdf"


def destroy(archive: Archive, *words: str | Path) -> Ran:
    return papka(
        "destroy", *words, "--order", ORDER, "--confirm", ORDER, "--as", "s001", "-C", archive.root
    )


def traces(places: Iterable[Path], *needles: Needle) -> list[Trace]:
    """What is found outside the evidence that the destruction itself leaves."""
    found = search(places, needles)
    return [each for each in found if not re.search(r"/destroyed/|records/acts/", each.path)]


def verified(folder: Path) -> None:
    ran = papka("verify", folder, "--no-memory")
    assert ran.code == 0, ran.all


def text_of(paper: Path) -> str:
    return subprocess.run(
        ["pdftotext", "-raw", paper, "-"], check=True, capture_output=True, encoding="utf-8"
    ).stdout.replace("\u00a0", " ")


@pytest.fixture
def _unprinted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The act with names takes its time, and is looked at in a test of its own."""
    monkeypatch.setattr(cli, "_print_act", lambda *_: None)


@pytest.mark.usefixtures("_unprinted")
def test_a_withdrawn_photo_goes_from_everywhere_by_one_command(
    doomed: Archive, tmp_path: Path
) -> None:
    hub, usb = tmp_path / "hub.git", tmp_path / "usb.git"
    with_mirrors(doomed, hub, usb)
    stores = (doomed.root, hub, usb)
    assert all(has_object(store, PHOTO_ID) for store in stores)
    ran = destroy(doomed, "2026-0001#фото")
    assert ran.code == 0, ran.all
    for name in ("архив", "hub", "usb"):
        assert f"{name}: очищено" in ran.out
    assert not any(has_object(store, PHOTO_ID) for store in stores)
    fact = Needle("фото", PHOTO[24:80])
    assert traces(stores, fact, *needle_object(PHOTO_ID)) == []
    assert {git(store, "rev-parse", "main").strip() for store in stores} == {head(doomed)}
    assert find_unfinished(doomed.root) is None
    # the dossier prints without it, and its line says what became of it
    printed = ok("print", "personal-file", "2026-0001", "--html", "-C", doomed.root)
    page = (doomed.root / "print" / "personal-file-2026-0001.html").read_text("utf-8")
    assert printed.code == 0
    assert "Фотография обучающейся" in page
    assert ok("check", "-C", doomed.root).code == 0
    assert "2026-0001#d4" not in papka("status", "--due", "-C", doomed.root).all
    # whoever clones it anew verifies every signature of the rest, after one act and after two
    git(tmp_path, "clone", "-q", str(hub), "fresh")
    verified(tmp_path / "fresh")
    assert destroy(doomed, OLD).code == 0
    facts = [*needle_text("имя", OLD_NAME), *needle_text("телефон", OLD_PHONE)]
    assert traces(stores, *facts) == []
    git(tmp_path, "clone", "-q", str(usb), "second")
    verified(tmp_path / "second")
    verified(doomed.root)


def test_names_stand_on_the_sheet_printed_before_and_nowhere_later(
    doomed: Archive, tmp_path: Path
) -> None:
    ran = destroy(doomed, OLD, "2026-0001#d5", "--commission", "s001", "--commission", "s002")
    assert ran.code == 0, ran.all
    named = text_of(doomed.root.parent / ACT.format(1))
    assert OLD_NAME.split()[0] in named
    assert f"личное дело {OLD}" in named
    assert named.count("____") >= 2, "whose scan it was, and when the store was purged"
    for form in ("destruction-act", "destruction-extract"):
        ok("print", form, "1", "--html", "--out", tmp_path, "-C", doomed.root)
        later = (tmp_path / f"{form}-1.html").read_text("utf-8")
        assert OLD_NAME.split()[0] not in later
        assert f"личное дело {OLD}" in later
    act = doomed.read("records/acts/1/act.yaml")
    assert OLD_NAME.split()[0] not in act
    assert "- s002" in act


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


KILLS = {
    "nothing is moved": ("commit_writing.move_branch", 0),
    "main has moved": ("commit_writing.move_branch", 1),
    "the folder has followed": ("_finish", 0),
    "nothing is sent": ("_send", 0),
    "a mirror may have it": ("unfinished_work.begin_purging", 0),
    "all is searched": ("open_purges.note_purged", 0),
}
"""Where the job dies: a call of it, before (0) or right after it (1)."""


def killed(archive: Archive, at: str, *words: str) -> None:
    """Destroy, and die there; nothing is printed, which takes its time."""
    where, is_after = KILLS[at]
    *module, step = where.split(".")
    owner: Any = getattr(destroying, module[0]) if module else destroying
    work = getattr(owner, step)

    def die(*args: object, **keys: object) -> None:
        if is_after:
            work(*args, **keys)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, step, die)
        with pytest.raises(Killed):
            destroy(archive, *words)


@pytest.mark.usefixtures("_unprinted")
@pytest.mark.parametrize("at", ["a mirror may have it", "all is searched"])
def test_killed_anywhere_it_is_told_and_resumed(at: str, doomed: Archive) -> None:
    killed(doomed, at, "2026-0001#фото")
    told = papka("find", "-C", doomed.root)
    assert f"Уничтожение по приказу {KEY} не закончено" in told.err
    other = destroy(doomed, OLD)
    assert (other.code, "papka destroy --resume" in other.err) == (3, True)
    done = papka("destroy", "--resume", "--confirm", ORDER, "-C", doomed.root)
    assert done.code == 0, done.all
    assert not has_object(doomed.root, PHOTO_ID)
    assert not (doomed.root / PHOTO_FILE).exists()
    assert git(doomed.root, "status", "--porcelain") == ""
    assert find_unfinished(doomed.root) is None
    assert doomed.read("records/acts/1/purged.yaml").count("store: архив") == 1
    again = destroy(doomed, "2026-0001#фото")
    assert (again.code, "уничтожено раньше" in again.err) == (3, True)
    verified(doomed.root)


@pytest.mark.usefixtures("_unprinted")
def test_abandoned_before_a_mirror_is_touched_all_is_as_it_was(doomed: Archive) -> None:
    before, files = head(doomed), dict(_files(doomed.root))
    for at in ("nothing is moved", "main has moved"):
        killed(doomed, at, "2026-0001#фото", OLD)
        told = ok("destroy", "--abandon", "-C", doomed.root).out
        assert "если акт с именами уже напечатан, удалите его" in told
        assert (head(doomed), dict(_files(doomed.root))) == (before, files)
        assert git(doomed.root, "status", "--porcelain") == ""
        assert git(doomed.root, "fsck", "--unreachable") == ""
        assert find_unfinished(doomed.root) is None
    verified(doomed.root)


@pytest.mark.usefixtures("_unprinted")
@pytest.mark.parametrize(
    "step",
    ["lay_out", "commit_writing.refresh_index", "commit_writing.move_branch", "prune_commit"],
)
def test_killed_while_all_is_put_back_it_is_put_back_by_the_next_try(
    step: str, doomed: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise Killed

    before, files = head(doomed), dict(_files(doomed.root))
    killed(doomed, "the folder has followed", "2026-0001#фото", OLD)
    monkeypatch.setattr(f"papka.desk.destroying.{step}", die)
    with pytest.raises(Killed):
        papka("destroy", "--abandon", "-C", doomed.root)
    monkeypatch.undo()
    ok("destroy", "--abandon", "-C", doomed.root)
    assert (head(doomed), dict(_files(doomed.root))) == (before, files)
    assert git(doomed.root, "status", "--porcelain") == ""


@pytest.mark.usefixtures("_unprinted")
def test_what_was_saved_after_the_act_is_not_thrown_away_by_giving_up(doomed: Archive) -> None:
    killed(doomed, "the folder has followed", "2026-0001#фото")
    undone = papka("undo", "--as", "s001", "-C", doomed.root)
    assert (undone.code, "уничтоженного не вернуть" in undone.err) == (3, True)
    card = f"{STUDENT}/student.yaml"
    doomed.write(card, f"{doomed.read(card)}# сверено\n")
    assert doomed.save("s002", datetime.now(UTC)).commit
    after = head(doomed)
    late = papka("destroy", "--abandon", "-C", doomed.root)
    assert (late.code, head(doomed)) == (3, after)
    assert "papka destroy --resume" in late.err
    assert "papka restore ПАПКА --from ЗЕРКАЛО" in late.err


@pytest.mark.usefixtures("_unprinted")
def test_after_a_mirror_was_touched_nothing_is_abandoned(doomed: Archive) -> None:
    killed(doomed, "a mirror may have it", OLD)
    late = papka("destroy", "--abandon", "-C", doomed.root)
    assert (late.code, "Отказаться уже нельзя" in late.err) == (3, True)
    none = papka("destroy", "--abandon", "--resume", "-C", doomed.root)
    assert none.code == 2


@pytest.mark.usefixtures("_unprinted")
def test_two_computers_destroy_at_once_and_the_later_one_finds_its_way_back(
    doomed: Archive, tmp_path: Path
) -> None:
    with_mirrors(doomed, tmp_path / "hub.git")
    other = replace(doomed, root=tmp_path / "other")
    shutil.copytree(doomed.root, other.root)
    killed(doomed, "nothing is sent", "2026-0001#фото")
    assert destroy(other, OLD).code == 0
    parted = papka("sync", "-C", doomed.root)
    assert "исполнен другой акт об уничтожении" in parted.err
    stopped = papka("destroy", "--resume", "-C", doomed.root)
    assert (stopped.code, stopped.out.count("не очищено")) == (4, 2)
    assert "papka destroy --abandon; получите то, что там: papka sync" in stopped.out
    assert has_object(doomed.root, PHOTO_ID), "nobody else has taken the act"
    ok("destroy", "--abandon", "-C", doomed.root)
    ok("sync", "-C", doomed.root)
    assert head(doomed) == head(other)
    assert (doomed.root / PHOTO_FILE).read_bytes() == PHOTO
    verified(doomed.root)


def test_a_note_that_anybody_wrote_signs_nothing_unseen(doomed: Archive) -> None:
    before = head(doomed)
    note = UnfinishedDestruction(
        ("2026-0001",), KEY, LATER.date(), ("s001",), "сожжение", stage="built", number=1,
        act=before, lost=(before,),
    )  # fmt: skip
    keep(doomed.root, note)
    ran = papka("destroy", "--resume", "--confirm", ORDER, "-C", doomed.root)
    assert (ran.code, "Акта № 1 в архиве нет" in ran.err) == (3, True)
    keep(doomed.root, replace(note, act="", stage="asked"))
    ran = papka("destroy", "--resume", "--confirm", ORDER, "-C", doomed.root)
    assert (ran.code, "обучение не окончено" in ran.err) == (3, True)
    assert head(doomed) == before


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted((root / "records").rglob("*")):
        if path.is_file():
            yield str(path), path.read_bytes()


TERMS = """\
  - unit: оригинал выгрузки
    years: 1
    since: конец учебного года
    source: приказ № 5
  - unit: несопоставленные строки выгрузки
    years: 1
    since: конец учебного года
    source: приказ № 5
"""
YEARS_LATER = datetime(2028, 1, 20, 9, 0, tzinfo=UTC)
EXPORT = "records/imports/2026-2/1"


def test_an_export_past_its_term_goes_and_the_list_of_its_parts_stays(doomed: Archive) -> None:
    rows = (doomed.root / EXPORT / "unmatched/rows.part").read_bytes()
    doomed.write(ORGANIZATION, doomed.read(ORGANIZATION) + TERMS)
    write_order(doomed, "2028/0001", "1-у", "уничтожение", text="Уничтожить выгрузку 2026-2/1",
                date="2028-01-10")  # fmt: skip
    saved = doomed.save("s001", YEARS_LATER)
    assert saved.commit, [(each.code.name, each.message) for each in saved.findings]
    day = YEARS_LATER.date()
    found = plan_destruction(
        doomed.root, ["2026-2/1"], "1-у", on=day, today=day, by_head=True
    )  # fmt: skip
    assert found.troubles == ()
    assert found.gone == (f"{EXPORT}/original", f"{EXPORT}/unmatched")
    assert {each.thing.due for each in found.doomed} == {date(2027, 12, 31)}
    reach = destroying.StoreAccess(YEARS_LATER)
    assert [*destroying.judge_stores(doomed.root, found, reach)] == []
    job = destroying.DestructionJob(("2026-2/1",), "1-у", day)
    actor = find_actor(doomed.root, "s001")
    done = destroying.destroy(doomed.root, actor, found, job, reach, lambda *_: None)
    assert done.is_whole
    left = {path.name for path in (doomed.root / EXPORT).rglob("*") if path.is_file()}
    assert left == {"manifest.yaml", "parts.txt", "header.part"}
    assert traces([doomed.root], Needle("строки", rows)) == []
    errors = [each for each in verify(doomed.root, now=YEARS_LATER).findings if each.severity > 1]
    assert errors == []
    assert ok("check", "-C", doomed.root).code == 0


def test_whatever_keeps_a_store_from_being_purged_is_told_at_once(
    doomed: Archive, tmp_path: Path
) -> None:
    hub, usb = tmp_path / "hub.git", tmp_path / "usb.git"
    with_mirrors(doomed, hub, usb)
    card = f"{STUDENT}/student.yaml"
    doomed.write(card, f"{doomed.read(card)}# сверено\n")
    assert doomed.save("s002", LATER).commit
    doomed.write(card, f"{doomed.read(card)}# и ещё раз\n")
    blob = git(doomed.root, "hash-object", "-w", "README.md").strip()
    git(doomed.root, "update-ref", "refs/stash", blob)
    usb.rename(tmp_path / "away")
    day = LATER.date()
    found = plan_destruction(doomed.root, [OLD], ORDER, on=day, today=day, by_head=True)
    told = [*destroying.judge_stores(doomed.root, found, destroying.StoreAccess(LATER))]
    said = " ¦ ".join(f"{each.message} → {each.next_step}" for each in told)
    assert f"В папке есть несохранённое: {card}" in said
    assert "отложенное командой git stash" in said
    assert "На зеркале «hub» не то же, что здесь → Обменяйтесь: papka sync" in said
    assert "Зеркало «usb» недоступно" in said
    assert max(each.exit_code for each in told) == 4


def test_what_stops_it_before_main_moves_leaves_nothing_behind(
    doomed: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PangoMissing("нет")

    before = head(doomed)
    monkeypatch.setattr(cli, "_print_act", fail)
    ran = destroy(doomed, "2026-0001#фото")
    assert (ran.code, "Не найдена библиотека Pango" in ran.err) == (3, True)
    assert (head(doomed), find_unfinished(doomed.root)) == (before, None)
    assert "не закончено" not in ran.err
    assert git(doomed.root, "fsck", "--unreachable") == ""


@pytest.mark.usefixtures("_unprinted")
def test_bytes_that_another_file_had_once_stay_in_history_and_are_told(doomed: Archive) -> None:
    """The same picture lay under another name, which nobody destroys; it is there lawfully."""
    twin = PHOTO_FILE.replace(".jpg", ".jpeg")
    documents = f"{STUDENT}/documents.yaml"
    text = doomed.read(documents)
    line = "  - {id: d6, kind: копия, title: Копия, medium: только файл, file: %s, sha256: %s}\n"
    doomed.write(twin, PHOTO)
    doomed.write(
        documents, text + line % (twin.rpartition("/")[2], hashlib.sha256(PHOTO).hexdigest())
    )
    assert doomed.save("s001", LATER).commit
    ran = destroy(doomed, "2026-0001#фото")
    assert ran.code == 0, ran.all
    assert f"  {twin} — как {PHOTO_FILE}" in ran.out
    assert (doomed.root / twin).read_bytes() == PHOTO
    assert not (doomed.root / PHOTO_FILE).exists()


@pytest.mark.usefixtures("_unprinted")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--commission", "s404"), "Акт не прошёл проверку"),
        (("--method", "две\nстроки"), "Акт не прошёл проверку"),
        (("--method", "сжёг дело Мухоморова"), "имена из этих дел"),
    ],
)
def test_an_act_that_no_save_would_take_is_refused_before_anything_moves(
    words: tuple[str, str], why: str, doomed: Archive
) -> None:
    before = head(doomed)
    ran = destroy(doomed, OLD, *words)
    assert (ran.code, why in ran.err) == (3, True), ran.all
    assert (head(doomed), find_unfinished(doomed.root)) == (before, None)
