"""What a save tells its caller, what it writes and in which order, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from papka.core.errors import ChangedMeanwhile, KeyMissing, NamesInHistory, NotAnArchive, Refused
from papka.desk.edition import EDITION
from papka.desk.saving import (
    Saved,
    commit_step,
    judge_save,
    require_head_commit,
    salt_orders,
    save,
    save_changes,
    store_changes,
)
from papka.records.archive import load_part
from papka.records.schemas import shipped
from papka.repository import commit_snapshots, unfinished_work, worktree
from papka.repository.objects import Objects
from papka.repository.signing import KeySigner, SigningActor, find_actor
from tests.support.archives import good, snapshot
from tests.support.editions import archive_of
from tests.support.histories import git
from tests.support.school import NOW, STUDENT, TEACHER, Archive

HEAD = "s001"
CARD, NOTICES = f"{STUDENT}/student.yaml", f"{STUDENT}/notices.yaml"
NEW = "tools/{:03}.txt"
NOTICE = "  - date: 2026-06-01\n    about: успеваемость\n    channel: {}\n    told: p1\n"
NAMED = (
    "В описании — имена из этих личных дел: «Абрикосовой». Описание остаётся в истории навсегда, "
    "вместе с делом его не уничтожить; ничего не сохранено"
)


class Killed(BaseException):
    """The program ends here, as by a power cut."""


def die(*_: object, **__: object) -> NoReturn:
    raise Killed


def lines(archive: Archive, path: str, more: str = "# тут\n") -> bytes:
    return (archive.root / path).read_bytes() + more.encode()


def written(
    archive: Archive, changes: Mapping[str, bytes | None], staff: str = HEAD, **more: object
) -> Saved:
    """save_changes by one of the staff."""
    actor = find_actor(archive.root, staff)
    return save_changes(archive.root, actor, changes, now=NOW, **more)  # type: ignore[arg-type]


def lying(archive: Archive, *paths: str) -> list[bytes | None]:
    files = [archive.root / path for path in paths]
    return [file.read_bytes() if file.exists() else None for file in files]


def test_a_save_tells_what_it_saved_numbered_left_out_and_unlocked(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NOTICE.format("телефон") + NOTICE.format("звон"))
    archive.write(CARD, lines(archive, CARD))
    archive.write("заметки.txt", "позвонить\n")
    archive.write("яблоки/список.txt", "два\n")
    (archive.root / ".git" / "index.lock").touch()
    actor = find_actor(archive.root, TEACHER)
    asked = save(archive.root, actor, now=NOW, dry_run=True)
    stamps = [(archive.root / path).stat().st_mtime_ns for path in (CARD, NOTICES)]
    assert asked.commit is None
    assert asked.unlocked == (".git/index.lock",)
    assert b"id: n2" not in lines(archive, NOTICES)
    done = save(archive.root, actor, now=NOW)
    assert done.commit == require_head_commit(archive.root)
    assert done.subject == asked.subject == "2026-0001: уведомления, карточка"
    assert done.paths == ((NOTICES, "changed"), (CARD, "changed"))
    assert done.numbered == asked.numbered == ("2026-0001#n2", "2026-0001#n3")
    assert done.left_out == asked.left_out == ("заметки.txt", "яблоки/список.txt")
    assert (done.unlocked, done.findings) == ((), ())
    now = [(archive.root / path).stat().st_mtime_ns for path in (CARD, NOTICES)]
    assert [old == new for old, new in zip(stamps, now, strict=True)] == [True, False]
    assert done.source(CARD) == lines(archive, CARD, "")
    assert save(archive.root, actor, now=NOW).commit is None


def test_what_is_added_changed_and_taken_away_is_told_apart(archive: Archive) -> None:
    order, extra = "records/orders/2026/0002.pdf", "tools/note.txt"
    assert written(archive, {order: b"%PDF-1.4\n"}).paths == ((order, "added"),)
    (archive.root / order).unlink()
    archive.write(extra, "x\n")
    archive.write(CARD, lines(archive, CARD))
    done = archive.save(HEAD)
    assert done.paths == ((order, "deleted"), (CARD, "changed"), (extra, "added"))
    assert lying(archive, order) == [None]
    asked = written(archive, {extra: None, CARD: lines(archive, CARD), NOTICES: None}, dry_run=True)
    assert asked.paths == ((NOTICES, "deleted"), (CARD, "changed"), (extra, "deleted"))


def test_a_link_stops_a_save_and_is_told_with_all_that_changed(archive: Archive) -> None:
    link, gone = f"{STUDENT}/x.yaml", f"{STUDENT}/consents.yaml"
    (archive.root / link).symlink_to("student.yaml")
    (archive.root / gone).unlink()
    archive.write("заметки.txt", "позвонить\n")
    (archive.root / ".git" / "index.lock").touch()
    done = archive.save(TEACHER)
    assert (done.commit, done.subject) == (None, "")
    assert [(each.code.name, each.where.path) for each in done.findings] == [("PATH_SYMLINK", link)]
    assert done.paths == ((gone, "deleted"), (link, "added"))
    assert (done.left_out, done.unlocked) == (("заметки.txt",), (".git/index.lock",))
    assert done.source(CARD) == (archive.root / CARD).read_bytes()


def test_what_a_killed_command_left_beside_the_records_is_swept_and_not_saved(
    archive: Archive,
) -> None:
    left = f"{STUDENT}/{worktree.UNFINISHED}x1"
    archive.write(left, "half")
    archive.write(CARD, lines(archive, CARD))
    done = archive.save(TEACHER)
    assert (done.paths, done.left_out) == (((CARD, "changed"),), ())
    assert lying(archive, left) == [None]
    archive.write(left, "half")
    assert written(archive, {NOTICES: lines(archive, NOTICES)}, TEACHER).commit is not None
    assert lying(archive, left) == [None]


def test_what_no_archive_keeps_is_not_written_into_one(archive: Archive) -> None:
    before = require_head_commit(archive.root)
    with pytest.raises(Refused) as refused:
        written(archive, {CARD: lines(archive, CARD), "заметки.txt": b"x"})
    assert refused.value.message == "«заметки.txt» не хранится в архиве"
    assert refused.value.next_step == "Сохраняют записи: records/…"
    assert (require_head_commit(archive.root), commit_snapshots.worktree_changes(archive.root)) == (
        before,
        (),
    )


@pytest.mark.parametrize("expected", [None, b"other"])
def test_what_changed_since_it_was_read_is_not_overwritten(
    archive: Archive, expected: bytes | None
) -> None:
    before, text = require_head_commit(archive.root), lying(archive, NOTICES)
    with pytest.raises(ChangedMeanwhile, match=f"{CARD} изменил кто-то другой"):
        written(
            archive,
            {NOTICES: b"notices: []\n", CARD: b"id: 2026-0001\n"},
            expected={NOTICES: text[0], CARD: expected},
        )
    assert (require_head_commit(archive.root), lying(archive, NOTICES)) == (before, text)


def test_a_dry_run_of_given_files_judges_them_and_writes_nothing(archive: Archive) -> None:
    before, text = require_head_commit(archive.root), lying(archive, CARD)
    good = written(archive, {CARD: lines(archive, CARD)}, dry_run=True)
    assert (good.commit, good.paths, good.findings) == (None, ((CARD, "changed"),), ())
    bad = written(archive, {CARD: lines(archive, CARD, "grade: 5\n")}, dry_run=True)
    assert {each.code.name for each in bad.findings} == {"SCHEMA_UNKNOWN_FIELD"}
    same = written(archive, {CARD: text[0]})
    assert (same.commit, same.subject, same.paths) == (None, "", ())
    assert (require_head_commit(archive.root), lying(archive, CARD)) == (before, text)
    assert not unfinished_work.is_writing_left(archive.root)


@pytest.mark.parametrize("many", [50, 51], ids=["one by one", "together"])
def test_many_files_are_all_written_and_one_is_taken_away(archive: Archive, many: int) -> None:
    gone = "tools/note.txt"
    written(archive, {gone: b"x\n"})
    files = {NEW.format(number): b"%d\n" % number for number in range(many)}
    done = written(archive, {**files, gone: None})
    assert done.commit is not None
    assert lying(archive, *files, gone) == [*files.values(), None]
    assert commit_snapshots.worktree_changes(archive.root) == ()
    assert written(archive, dict.fromkeys(files)).commit is not None
    assert lying(archive, *files) == [None] * many
    assert commit_snapshots.worktree_changes(archive.root) == ()


def killed(save_them: Callable[[], Saved]) -> None:
    """A save that dies when the branch is to be moved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("papka.repository.commit_writing.publish_commit", die)
        with pytest.raises(Killed):
            save_them()


def test_killed_after_writing_only_what_stood_as_saved_is_put_back(archive: Archive) -> None:
    actor = find_actor(archive.root, HEAD)
    before, (card, notices) = require_head_commit(archive.root), lying(archive, CARD, NOTICES)
    archive.write(NOTICES, lines(archive, NOTICES))
    changes = {CARD: lines(archive, CARD, "# a\n"), NOTICES: lines(archive, NOTICES, "# b\n")}
    edited = lying(archive, NOTICES)
    for ask in (
        lambda: written(archive, changes),
        lambda: commit_step(archive.root, actor, before, changes, now=NOW),
    ):
        archive.write(NOTICES, edited[0] or b"")
        killed(ask)
        assert lying(archive, *changes) == list(changes.values())
        assert unfinished_work.settle_writing(archive.root) == 1
        assert lying(archive, CARD, NOTICES) == [card, changes[NOTICES]]
    archive.write(NOTICES, notices or b"")
    killed(lambda: written(archive, changes, whole=True))
    assert unfinished_work.settle_writing(archive.root) == 2
    assert lying(archive, CARD, NOTICES) == [card, notices]
    assert require_head_commit(archive.root) == before


def test_killed_while_saving_what_lies_in_the_folder_nothing_is_taken_back(
    archive: Archive,
) -> None:
    """The edits are a person's own."""
    archive.write(NOTICES, archive.read(NOTICES) + NOTICE.format("телефон"))
    killed(lambda: archive.save(TEACHER))
    assert not unfinished_work.is_writing_left(archive.root)
    assert "id: n2" in archive.read(NOTICES)
    assert archive.save(TEACHER).commit is not None


def test_a_finished_save_leaves_no_note_of_work_begun(archive: Archive) -> None:
    assert written(archive, {CARD: lines(archive, CARD)}).commit is not None
    assert not unfinished_work.is_writing_left(archive.root)
    (archive.root / ".git" / "index.lock").touch()
    done = written(archive, {CARD: lines(archive, CARD)})
    assert done.unlocked == (".git/index.lock",)


def test_a_key_that_is_gone_leaves_the_folder_as_it_was(archive: Archive) -> None:
    actor = find_actor(archive.root, TEACHER)
    (archive.root / NOTICES).write_bytes(lines(archive, NOTICES, NOTICE.format("телефон")))
    text = lying(archive, NOTICES, CARD)

    broken = SigningActor(actor.staff, KeySigner(actor.signer.public, archive.keys / "gone"))
    asked: list[Callable[[], Saved]] = [
        lambda: save(archive.root, broken, now=NOW),
        lambda: save_changes(archive.root, broken, {CARD: lines(archive, CARD)}, now=NOW),
    ]
    for ask in asked:
        with pytest.raises(KeyMissing):
            ask()
        assert lying(archive, NOTICES, CARD) == text


def test_a_step_on_a_commit_is_stored_without_being_shown(archive: Archive) -> None:
    actor, head = find_actor(archive.root, TEACHER), require_head_commit(archive.root)
    changes = {CARD: lines(archive, CARD)}
    stored = store_changes(archive.root, actor, head, changes, now=NOW, message="Уточнено")
    assert stored.commit is not None
    assert (stored.subject, stored.paths) == ("Уточнено", ((CARD, "changed"),))
    assert Objects(archive.root).read(f"{stored.commit}:{CARD}")[1] == changes[CARD]
    assert (require_head_commit(archive.root), commit_snapshots.worktree_changes(archive.root)) == (
        head,
        (),
    )
    bad = {CARD: lines(archive, CARD, "grade: 5\n")}
    refused = store_changes(archive.root, actor, head, bad, now=NOW)
    assert (refused.commit, len(refused.findings)) == (None, 1)
    shown = commit_step(archive.root, actor, head, changes, now=NOW, message="Уточнено")
    assert shown.commit == require_head_commit(archive.root)
    assert lying(archive, CARD) == [changes[CARD]]


def test_a_name_in_a_persons_own_words_is_refused_on_every_way(archive: Archive) -> None:
    actor, head = find_actor(archive.root, TEACHER), require_head_commit(archive.root)
    changes, words = {CARD: lines(archive, CARD)}, "Звонили маме Абрикосовой"
    asked: list[Callable[[], Saved]] = [
        lambda: store_changes(
            archive.root, actor, head, changes, now=NOW, message=words, own_words=words
        ),
        lambda: written(archive, changes, TEACHER, message=words, own_words=words),
        lambda: written(archive, changes, TEACHER, message=words, own_words=words, dry_run=True),
    ]
    for ask in asked:
        with pytest.raises(NamesInHistory) as refused:
            ask()
        assert refused.value.message == NAMED
    assert (require_head_commit(archive.root), commit_snapshots.worktree_changes(archive.root)) == (
        head,
        (),
    )
    archive.write(CARD, lines(archive, CARD))
    for more in ({}, {"dry_run": True}):
        with pytest.raises(NamesInHistory):
            save(archive.root, actor, now=NOW, message=words, **more)
    assert save(archive.root, actor, now=NOW, message=words, as_is=True).commit is not None
    assert written(archive, {CARD: lines(archive, CARD)}, TEACHER, message=words).commit is not None


def test_a_new_name_in_the_words_is_as_much_a_name_as_the_old_one(archive: Archive) -> None:
    card = archive.read(CARD).replace("surname: Абрикосова", "surname: Грушева", 1).encode()
    for word in ("Абрикосова", "Грушева"):
        with pytest.raises(NamesInHistory, match=f"«{word}»"):
            written(archive, {CARD: card}, TEACHER, message=word, own_words=f"Теперь {word}")


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_a_blank_message_is_refused_even_where_nothing_changed(
    archive: Archive, blank: str
) -> None:
    for changes in ({}, {CARD: lines(archive, CARD)}):
        with pytest.raises(Refused) as refused:
            written(archive, changes, message=blank)
        assert refused.value.message == "Описание сохранения пусто"
        assert refused.value.next_step == "Напишите его или уберите ключ -m"


def test_an_archive_without_a_commit_or_off_main_is_no_place_to_save(
    archive: Archive, tmp_path: Path
) -> None:
    git(archive.root, "checkout", "-q", "HEAD~1")
    with pytest.raises(Refused, match="HEAD не на main"):
        require_head_commit(archive.root)
    empty = tmp_path / "empty"
    git(tmp_path, "init", "-q", "-b", "main", str(empty))
    with pytest.raises(NotAnArchive, match="empty"):
        require_head_commit(empty)


def test_entries_without_ids_in_two_lists_of_a_card_get_them(archive: Archive) -> None:
    text = archive.read(CARD) + "    - date: 2026-03-01\n      taken_by: Б. Б. Чайкин\n"
    person = "representatives:\n"
    assert person in text
    more = "  - relation: отец\n    surname: Клёнов\n    given: Пётр\n"
    text = text.replace(person, person + more, 1)
    step = judge_save(
        archive.root, find_actor(archive.root, TEACHER), require_head_commit(archive.root),
        {CARD: text.encode()},
        NOW,
    )  # fmt: skip
    assert not step.is_refused, step.findings
    assert set(step.numbered) == {"2026-0001#p2", "2026-0001#l2"}
    assert list(step.filled) == [CARD]
    numbered = step.filled[CARD].decode()
    assert "  - id: p2\n    relation: отец\n" in numbered
    assert "    - id: l2\n      date: 2026-03-01\n" in numbered


def test_a_new_order_gets_a_salt_of_its_own_and_an_earlier_one_none() -> None:
    """Seals hold the digest of its file: without a salt it would confirm a guess of the text."""
    files, folder = good(), "records/orders/2026"
    text = files[f"{folder}/0001.yaml"]
    changes: dict[str, bytes | None] = {
        f"{folder}/0008.yaml": text.replace(b"1-\xd0\xbe", b"8-\xd0\xbe") + b"# more\n",
        f"{folder}/0009.yaml": text,
        f"{folder}/0001.yaml": text + b"# changed\n",
        f"{folder}/0002.yaml": None,
        f"{folder}/0010.yaml": b"number: [\n",
        f"{folder}/0011.yaml": text + b"salt: " + b"ab" * 32 + b"\n",
        f"{folder}/0012.yaml": text + b"salt: " + b"cd" * 32 + b"\n",
        f"{folder}/0013.yaml": text + b"# copied\nsalt: " + b"cd" * 32 + b"\n",
        f"{folder}/0014.yaml": text + b"# copied\nsalt: " + b"ef" * 32 + b"\n",
        f"{folder}/0009.pdf": b"%PDF-",
    }
    files[f"{folder}/0003.yaml"] += b"salt: " + b"ef" * 32 + b"\n"
    filled = dict(salt_orders(snapshot(files), changes))
    assert [*filled] == [f"{folder}/{n}.yaml" for n in ("0008", "0009", "0013", "0014")]
    salts = [load_part([(path, data)], shipped()).orders for path, data in filled.items()]
    found = [order.salt or "" for each in salts for order in each.values()]
    assert [len(bytes.fromhex(each)) for each in found] == [32] * 4
    assert len(set(found)) == 4
    assert b"# more\n" in filled[f"{folder}/0008.yaml"]


def test_an_archive_whose_schemas_know_no_salt_of_orders_goes_on_without() -> None:
    files, path = good(), "records/orders/2026/0001.yaml"
    known = json.loads(files["schema/order.json"])
    del known["properties"]["salt"]
    files["schema/order.json"] = json.dumps(known).encode()
    text = files.pop(path)
    assert [*salt_orders(snapshot(files), {path: text})] == []
    files["schema/order.json"] = good()["schema/order.json"]
    assert [each for each, _ in salt_orders(snapshot(files), {path: text})] == [path]


def test_a_folder_keeps_its_salt_and_a_new_one_gets_its_own(archive: Archive) -> None:
    other = STUDENT.replace("0001", "0002")
    card = "id: 2026-0002\nname:\n  surname: Клёнова\n  given: Мира\nsex: женский\n"
    changes = {CARD: lines(archive, CARD), f"{other}/student.yaml": card.encode()}
    changes[f"{other}/student.yaml"] += b"birth_date: 2012-02-02\n"
    actor, head = find_actor(archive.root, TEACHER), require_head_commit(archive.root)
    salts = [judge_save(archive.root, actor, head, changes, NOW).filled for _ in range(2)]
    assert [list(each) for each in salts] == [[f"{other}/.salt"]] * 2
    assert salts[0] != salts[1]
    assert {len(each[f"{other}/.salt"]) for each in salts} == {32}


_WAY_OUT = (
    "Правила архива — от прежней версии программы; если так пишет новая, руководитель обновит их: "
    "papka upgrade"
)


def test_records_that_old_rules_refuse_name_the_way_out_and_other_findings_do_not(
    tmp_path: Path, archive: Archive
) -> None:
    old = archive_of("10-623db7b", tmp_path / "old")
    wrong: dict[str, bytes | None] = {
        CARD: lines(archive, CARD, "grade: 5\n"),
        NOTICES: lines(archive, NOTICES, NOTICE.format("x").replace("p1", "p9")),
    }
    step = judge_save(old.root, find_actor(old.root), require_head_commit(old.root), wrong, NOW)
    hints = {each.code.name: each.hint for each in step.findings if each.hint}
    assert {"SCHEMA_UNKNOWN_FIELD", "REF_UNKNOWN_PERIOD"} <= hints.keys()
    assert all(
        hint.endswith(_WAY_OUT) == name.startswith("SCHEMA_") for name, hint in hints.items()
    )
    assert hints["SCHEMA_UNKNOWN_FIELD"].endswith(f". {_WAY_OUT}")
    for at, changes in ((old, {**wrong, EDITION: b""}), (archive, wrong)):
        step = judge_save(at.root, find_actor(at.root), require_head_commit(at.root), changes, NOW)
        assert step.is_refused
        assert not [each for each in step.findings if _WAY_OUT in each.hint]


def test_a_save_just_after_the_last_is_honest_and_one_long_before_is_not(archive: Archive) -> None:
    archive.write(CARD, lines(archive, CARD))
    with pytest.raises(Refused, match="часы этого компьютера отстают"):
        archive.save(TEACHER, now=NOW - timedelta(days=1))
    assert archive.save(TEACHER, now=NOW).commit is not None
