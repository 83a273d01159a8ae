"""What proving says where it cannot go on, what it counts, and which parts it still judges."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from papka.copies.gathering import Gathered, RememberedHead
from papka.copies.healing import _refuse_lost, heal
from papka.copies.mirror_check import MirrorVerified, remember_verified, verify_mirrors
from papka.copies.mirrors import add, push
from papka.copies.new_commits import ChangeJudged, judge_between
from papka.copies.salvage import Lost
from papka.core.errors import NotFound, Refused
from papka.core.findings import Finding, Location
from papka.proof.anchors import Anchors, Receipt
from papka.proof.examination import attempt, collect
from papka.proof.memory import Memory
from papka.proof.verification import verify
from papka.proof.verify_codes import CHECK_STOPPED
from papka.repository.git_values import MAIN
from papka.repository.handle import Remote
from tests.support.histories import NOW, RECORD, School, git
from tests.support.refusals import refused as told
from tests.support.school import NOW as TODAY
from tests.support.school import Archive

LATER = NOW + timedelta(hours=1)
ZERO = "0" * 40


def rev(school: School, name: str) -> str:
    return git(school.root, "rev-parse", name).strip()


def between(root: Path, since: str, name: str = "main") -> ChangeJudged:
    """The change from one point to another."""
    return judge_between(root, since, name, now=TODAY, anchors=Anchors(), acts=frozenset())


def test_a_verification_counts_what_it_looked_at(school: School) -> None:
    found = verify(school.root, now=LATER, anchors=[school.fingerprint])
    assert found.findings == ()
    assert (found.head, found.root) == (school.head, rev(school, "HEAD~2"))
    assert (found.commits, found.transitions) == (3, 2)
    assert found.files == len(git(school.root, "ls-files").split())
    assert found.objects == len(
        git(school.root, "cat-file", "--batch-check", "--batch-all-objects").splitlines()
    )
    assert (found.root_key, found.since, found.seals) == (school.fingerprint, "", ())
    assert found.anchors_met.keys == {school.fingerprint}
    assert not found.remembered
    bare = verify(school.root, now=LATER)
    assert [each.code.name for each in bare.findings] == ["ROOT_UNANCHORED"]


def test_digests_of_acts_are_typed_like_those_of_seals(school: School) -> None:
    message = "Контрольная сумма акта — 8 групп по 8 знаков, а дано другое"
    step = "Ключ или номер сохранения с бумаги дают так: --anchor …"
    for typed in (school.fingerprint, rev(school, "HEAD~2")):
        assert told(partial(verify, school.root, now=LATER, refounding=[typed])) == (message, step)
    assert verify(school.root, now=LATER, refounding=["ab" * 32]).commits == 3


def test_a_change_is_judged_between_two_points(archive: Archive) -> None:
    line = git(archive.root, "rev-list", "main").split()
    last, second = line[:2]
    for count in (0, 1, 2):
        found = between(archive.root, line[count])
        assert (found.old, found.new, found.commits) == (line[count], last, count)
        assert not [each for each in found.findings if each.severity > 1]
    whole = between(archive.root, ZERO)
    assert (whole.old, whole.new, whole.commits) == ("", last, len(line))
    assert between(archive.root, line[2], second).new == second
    assert between(archive.root, "HEAD~1").old == second


def test_what_does_not_continue_the_other_is_refused(school: School, tmp_path: Path) -> None:
    base, words = school.head, (
        "присланное не продолжает то, что уже принято: это переписанная история, старая копия или "
        "другой архив"
    )  # fmt: skip
    away = school.save({RECORD: b"id: 2025-0001\nsex: y\n"}, late=100)
    git(school.root, "branch", "away")
    git(school.root, "reset", "-q", "--hard", base)
    school.save({RECORD: b"id: 2025-0001\nsex: z\n"}, late=101)
    assert told(lambda: between(school.root, away))[0] == words
    assert told(lambda: between(school.root, "ab" * 20)) == (
        words, "Получите всё, что есть, и повторите",
    )  # fmt: skip
    with pytest.raises(NotFound):
        between(school.root, "nothing")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{school.root}", str(shallow))
    found = between(shallow, ZERO)
    assert [each.code.name for each in found.findings] == ["REPO_SHALLOW"]
    assert (found.old, found.new, found.commits, found.source("x")) == ("", "", 0, None)


def test_a_mirror_nobody_wrote_down_is_not_verified(school: School, tmp_path: Path) -> None:
    assert verify_mirrors(school.root, now=LATER) == ()
    for name in ("usb", "hub"):
        add(school.root, name, str(tmp_path / f"{name}.git"), "RU", allowed=["RU"])
    assert push(school.root).is_good
    both = verify_mirrors(school.root, now=LATER)
    assert [(each.remote.name, each.findings, each.head) for each in both] == [
        ("usb", (), school.head), ("hub", (), school.head),
    ]  # fmt: skip
    assert both[0].objects == both[1].objects > 3
    assert [each.remote.name for each in verify_mirrors(school.root, now=LATER, names=["hub"])] == [
        "hub"
    ]
    assert verify_mirrors(school.root, now=LATER, names=[]) == ()
    assert told(lambda: verify_mirrors(school.root, now=LATER, names=["x", "hub", "a"])) == (
        "Зеркала «a» у архива нет", "Посмотрите, какие есть: papka mirror status",
    )  # fmt: skip
    shutil.rmtree(tmp_path / "usb.git")
    (tmp_path / "usb.git").mkdir()
    gone, there = verify_mirrors(school.root, now=LATER)
    assert ([each.code.name for each in gone.findings], gone.head, gone.objects) == (
        ["MIRROR_UNREACHABLE"], "", 0,
    )  # fmt: skip
    assert "usb" in gone.findings[0].message
    assert there.findings == ()


def test_what_was_seen_of_mirrors_is_kept_once_each(school: School, tmp_path: Path) -> None:
    memory, usb, hub = (
        Memory(tmp_path / "memory"),
        *(Remote(name, f"/{name}.git", "RU", primary=False) for name in ("usb", "hub")),
    )
    root = rev(school, "HEAD~2")
    bad = CHECK_STOPPED.at(Location(), part="x", reason="x", step="x")
    seen = [MirrorVerified(usb, (), "1" * 40), MirrorVerified(hub, (), "1" * 40)]
    assert remember_verified(memory, root, seen, LATER) == ()
    assert memory.known(root) is None, "of an archive never verified here nothing is kept"
    assert verify(
        school.root, now=LATER, anchors=[school.fingerprint], memory=memory
    ).findings == ()  # fmt: skip
    remember_verified(memory, root, seen, LATER)
    later = LATER + timedelta(days=1)
    remember_verified(memory, root, [MirrorVerified(usb, (), "2" * 40)], later)
    for nothing in (
        [MirrorVerified(hub, (bad,), "3" * 40)], [MirrorVerified(hub, (), "")], [],
    ):  # fmt: skip
        assert remember_verified(memory, root, nothing, later) == ()
    assert remember_verified(memory, "", seen, later) == ()
    known = memory.known(root)
    assert known is not None
    assert known.looked == (
        Receipt("/hub.git", "1" * 40, int(LATER.timestamp())),
        Receipt("/usb.git", "2" * 40, int(later.timestamp())),
    )


def test_one_part_that_stops_is_told_and_throws_away_nothing() -> None:
    found: list[Finding] = []
    assert attempt("файлы", found, lambda: 7, 0) == 7
    assert found == []

    def refuse() -> int:
        raise Refused("не вышло.", "Сделайте так.")

    def fail() -> int:
        raise OSError(errno.EIO, "x", "/disk")

    def without_a_step() -> int:
        raise Refused("не вышло")

    for work in (refuse, fail, without_a_step):
        assert attempt("файлы", found, work, 3) == 3
    first, second, third = found
    assert first == CHECK_STOPPED.at(
        Location(), part="файлы", reason="не вышло", step="Сделайте так"
    )
    assert second.code is CHECK_STOPPED
    assert "/disk" in second.message
    assert third == CHECK_STOPPED.at(
        Location(), part="файлы", reason="не вышло", step="papka verify"
    )

    def halfway() -> Iterator[Finding]:
        yield first
        raise Refused("не вышло", "Сделайте так")

    more: list[Finding] = []
    collect("пломбы", more, halfway)
    assert [each.message == first.message for each in more] == [True, False]
    assert "пломбы" in more[1].message


def test_a_folder_that_shares_its_store_is_not_healed(school: School) -> None:
    git(school.root, "worktree", "add", "-q", "../second", "main~1")
    for root in (school.root, school.root.parent / "second"):
        assert told(partial(heal, root, now=LATER)) == (
            "Эта папка делит хранилище с другой (git worktree), заменить его нельзя",
            "Сделайте из зеркала новую папку: git clone АДРЕС-ЗЕРКАЛА НОВАЯ-ПАПКА",
        )


def test_what_no_copy_has_is_told_by_place_and_by_copy(school: School, tmp_path: Path) -> None:
    lost = rev(school, f"HEAD~1:{RECORD}")
    (school.root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    away = Remote("away", str(tmp_path / "away.git"), "", primary=False)
    message, step = told(lambda: heal(school.root, now=LATER, copies=[away]))
    first, *lines, last = message.split("\n")
    assert first == "Целого нет ни в одной копии (этот архив):"
    assert lines[0].startswith(f"  {RECORD} (сохранение ")
    assert any(line.startswith("Не отозвалось «away»: ") for line in lines)
    assert last == "Архив не изменён"
    assert step == (
        "Назовите ещё одну копию: papka restore --heal --from ПАПКА-КОПИИ. Если другой копии нет, "
        "вернитесь к последнему целому сохранению, файлы в папке останутся как есть: "
        "papka restore --heal --drop-unsent"
    )
    nameless = Remote("hub", "", "", primary=False)
    assert told(lambda: heal(school.root, now=LATER, copies=[nameless])) == (
        "Зеркала «hub» у архива нет", "Назовите папку или адрес копии: --from ПАПКА",
    )  # fmt: skip


def test_a_list_of_what_is_lost_is_cut_at_ten() -> None:
    one = Gathered("этот архив")
    for count, more in ((1, []), (10, []), (11, ["и ещё 1"]), (13, ["и ещё 3"])):
        lost = [Lost(f"{n}", "blob", "c" * 40, f"a{n}.yaml") for n in range(count)]
        lines = _refuse_lost(lost, [one]).message.split("\n")
        assert [line.strip() for line in lines[1:-1]] == [
            *(f"a{n}.yaml (сохранение cccccccccccc)" for n in range(min(count, 10))), *more,
        ]  # fmt: skip
    said = _refuse_lost(
        [Lost("x", "commit", "d" * 40), Lost("y", "tree", "e" * 40)],
        [one, Gathered("usb"), Gathered("hub", trouble="далеко")],
    ).message
    assert said == (
        "Целого нет ни в одной копии (этот архив, usb):\n"
        "  сохранение dddddddddddd\n  все файлы (сохранение eeeeeeeeeeee)\n"
        "Не отозвалось «hub»: далеко\nАрхив не изменён"
    )
    assert _refuse_lost([], [one]).message == (
        "Целого нет ни в одной копии (этот архив): ни одного сохранения, с которого можно "
        "продолжить\nАрхив не изменён"
    )


@pytest.mark.parametrize(
    ("bound", "commits", "head", "refused"),
    [
        ("", {"a"}, "a", False), ("b", {"a", "b"}, "a", False), ("b", {"a"}, "c", False),
        ("b", {"a"}, "a", True), ("b", set(), "x", True),
    ],
)  # fmt: skip
def test_a_history_that_was_never_this_archives_is_refused(
    bound: str, commits: set[str], head: str, *, refused: bool
) -> None:
    known = RememberedHead("h", bound, frozenset("bc"))
    if not refused:
        known.refuse_other(head, commits)
        return
    assert told(lambda: known.refuse_other(head, commits)) == (
        (
            f"Самая новая целая история ({head}) — не та, что проверял этот компьютер: "
            f"в архиве уже было сохранение {bound}; архив не изменён"
        ),
        (
            "Назовите копию, в которой это сохранение есть: papka restore --heal --from "
            "ПАПКА-КОПИИ; если такой нет, сообщите руководителю"
        ),
    )


def test_a_whole_archive_is_not_touched_by_healing(school: School) -> None:
    done = heal(school.root, now=LATER)
    assert (done.head, done.before, done.kept, done.gathered) == (
        school.head, school.head, None, (),
    )  # fmt: skip
    assert (done.dropped, done.finished, done.is_moved) == ((), False, False)
    assert verify(school.root, now=LATER).head == rev(school, MAIN)
