"""Numbers given once: on the primary before anything is used, or not yet, or here alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from papka.core.errors import (
    AnswerLost,
    ChangedMeanwhile,
    PapkaError,
    Refused,
    RemoteDeclined,
    RemoteRefused,
    RemoteUnreachable,
)
from papka.core.places import student_folder
from papka.desk.numbers import (
    NumberSeries,
    Reserved,
    Waiting,
    drafts_of,
    next_lying,
    next_number,
    number_drafts,
    orders,
    register,
    reserve_number,
    reserve_student,
    students,
)
from papka.desk.saving import require_head_commit
from papka.repository.signing import find_actor
from tests.support.archives import destroyed
from tests.support.clones import TEACHER, Clone, Shared, refusing
from tests.support.histories import git
from tests.support.school import NOW, Archive


def own(waiting: Waiting) -> bool:
    """Signs what papka made here."""
    return waiting.is_own


def card(number: str, given: str = "Злата") -> Mapping[str, bytes]:
    text = (
        f"id: {number}\nname:\n  surname: Клёнова\n  given: {given}\nsex: женский\n"
        "birth_date: 2012-02-02\n"
    )
    return {f"{student_folder(number)}/student.yaml": text.encode()}


def reserve(clone: Clone, given: str = "Злата") -> Reserved:
    return reserve_student(
        clone.root, find_actor(clone.root), 2026, lambda number: card(number, given), now=NOW
    )


def test_without_mirrors_the_next_number_of_this_copy(archive: Archive) -> None:
    alone = Clone(archive.root, TEACHER)
    reserved = [reserve(alone) for _ in range(2)]
    assert [each.number for each in reserved] == ["2026-0002", "2026-0003"]
    assert alone.unsaved() == ()
    first = reserve_student(archive.root, find_actor(archive.root), 2027, card, now=NOW)
    assert first.number == "2027-0001"


def test_a_number_is_on_the_primary_before_it_is_here(one: Clone, shared: Shared) -> None:
    reserved = reserve(one)
    assert reserved.number == "2026-0002"
    assert git(shared.store, "rev-parse", "main").strip() == one.head
    assert one.unsaved() == ()
    assert len(one.path(f"{student_folder('2026-0002')}/.salt").read_bytes()) == 32
    assert one.grave() == []


def test_a_copy_that_lags_takes_the_number_after(one: Clone, two: Clone) -> None:
    assert [reserve(one).number, reserve(two).number] == ["2026-0002", "2026-0003"]
    assert two.path(student_folder("2026-0002")).is_dir()


def test_somebody_quicker_makes_it_the_next_number(one: Clone, two: Clone) -> None:
    asked: list[str] = []

    def slow(number: str) -> Mapping[str, bytes]:
        if not asked:
            reserve(one)
        asked.append(number)
        return card(number, "Мира")

    reserved = reserve_student(two.root, find_actor(two.root), 2026, slow, now=NOW)
    assert asked == ["2026-0002", "2026-0003"]
    assert reserved.number == "2026-0003"
    assert "Злата" in two.read(f"{student_folder('2026-0002')}/student.yaml")
    assert "Мира" in two.read(f"{student_folder('2026-0003')}/student.yaml")


def test_a_number_that_lies_here_unsaved_is_not_given(one: Clone) -> None:
    for path, data in card("2026-0007").items():
        one.write(path, data)
    assert reserve(one).number == "2026-0008"


def test_unsent_saves_go_first(one: Clone, shared: Shared) -> None:
    one.edit("records/students/2026/2026-0001/student.yaml", "+70000000001", "+70000000002")
    one.save()
    assert reserve(one).number == "2026-0002"
    assert shared.authors[:2] == [TEACHER, TEACHER]


def test_what_the_rules_refuse_takes_no_number(one: Clone, shared: Shared) -> None:
    before = git(shared.store, "rev-parse", "main")
    reserved = reserve_student(
        one.root, find_actor(one.root), 2026,
        lambda number: {path: data + b"sex: x\n" for path, data in card(number).items()}, now=NOW,
    )  # fmt: skip
    assert reserved.number is None
    assert reserved.saved is not None
    assert reserved.saved.findings
    assert git(shared.store, "rev-parse", "main") == before
    assert one.unsaved() == ()


def test_offline_it_waits_as_a_draft_and_gets_its_number_later(
    one: Clone, two: Clone, shared: Shared
) -> None:
    away = shared.store.with_name("away")
    shared.store.rename(away)
    drafted = reserve(one, "Злата")
    assert drafted.number is None
    assert drafted.draft is not None
    assert drafted.reason
    assert (drafts_of(one.root), one.unsaved()) == ((drafted.draft,), ())
    with pytest.raises(RemoteUnreachable):
        number_drafts(one.root, find_actor(one.root), agreed=own, now=NOW)
    assert drafts_of(one.root) == (drafted.draft,)
    away.rename(shared.store)
    assert reserve(two, "Мира").number == "2026-0002"
    ((_, numbered),) = number_drafts(one.root, find_actor(one.root), agreed=own, now=NOW)
    assert numbered.number == "2026-0003"
    assert drafts_of(one.root) == ()
    assert "id: 2026-0003\n" in one.read(f"{student_folder('2026-0003')}/student.yaml")
    assert one.unsaved() == ()
    assert one.grave() == []


def test_sequences_of_orders_and_registers(one: Clone) -> None:
    order = one.read("records/orders/2026/0002.yaml")
    number = order.split("number: ")[1].split("\n")[0]

    def next_order(sequence: str) -> Mapping[str, bytes]:
        text = order.replace(f"number: {number}", f"number: {int(sequence)}-н")
        return {f"records/orders/2026/{sequence}.yaml": text.encode()}

    reserved = reserve_number(one.root, find_actor(one.root), orders(2026), next_order, now=NOW)
    assert reserved.number == "0004", reserved
    assert register("issued", 2026, "progress") == NumberSeries(
        "records/registers/issued/2026", "progress-"
    )


def test_without_mirrors_another_command_here_may_be_quicker(archive: Archive) -> None:
    alone = Clone(archive.root, TEACHER)
    asked: list[str] = []

    def slow(number: str) -> Mapping[str, bytes]:
        if not asked:
            reserve(alone)
        asked.append(number)
        return card(number, "Мира")

    reserved = reserve_student(archive.root, find_actor(archive.root), 2026, slow, now=NOW)
    assert (reserved.number, asked) == ("2026-0003", ["2026-0002", "2026-0003"])
    assert "Мира" in alone.read(f"{student_folder('2026-0003')}/student.yaml")


def test_without_mirrors_others_who_are_always_quicker_are_told(archive: Archive) -> None:
    alone = Clone(archive.root, TEACHER)
    asked: list[str] = []

    def slow(number: str) -> Mapping[str, bytes]:
        asked.append(number)
        reserve(alone)
        return card(number)

    with pytest.raises(Refused) as refused:
        reserve_student(archive.root, find_actor(archive.root), 2026, slow, now=NOW)
    assert asked == [f"2026-000{number}" for number in range(2, 7)]
    assert refused.value.message == (
        "Номер не удалось занять: архив всё время меняет другая команда"
    )
    assert refused.value.next_step == "Повторите через минуту"


def test_an_unsaved_edit_where_a_number_would_be_written_is_not_waited_for(
    archive: Archive,
) -> None:
    events, asked = "records/events/2026.yaml", []
    archive.write(events, archive.read(events) + "# правка\n")

    def files(number: str) -> Mapping[str, bytes]:
        asked.append(number)
        return {**card(number), events: b"events: []\n"}

    with pytest.raises(ChangedMeanwhile, match=events):
        reserve_student(archive.root, find_actor(archive.root), 2026, files, now=NOW)
    assert asked == ["2026-0002"]
    assert "# правка" in archive.read(events)


@pytest.mark.parametrize(
    ("trouble", "raised", "asked"),
    [
        (RemoteRefused("primary", "кто-то раньше", ""), Refused, 5),
        (RemoteDeclined("primary", "проверка", ""), RemoteDeclined, 1),
        (RemoteUnreachable("primary", "оборвалось"), AnswerLost, 1),
    ],
    ids=["somebody quicker", "declined", "no answer"],
)
def test_a_number_the_primary_does_not_take_is_not_given(
    one: Clone,
    monkeypatch: pytest.MonkeyPatch,
    trouble: PapkaError,
    raised: type[PapkaError],
    asked: int,
) -> None:
    before, numbers = one.head, []

    def files(number: str) -> Mapping[str, bytes]:
        numbers.append(number)
        return card(number)

    def push(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr("papka.copies.transport.push_commit", push)
    with pytest.raises(raised) as refused:
        reserve_student(one.root, find_actor(one.root), 2026, files, now=NOW)
    assert numbers == ["2026-0002"] * asked
    assert (one.head, one.unsaved(), drafts_of(one.root)) == (before, (), ())
    if raised is Refused:
        assert refused.value.message == (
            "Номер не удалось занять: основное зеркало всё время меняют другие"
        )
        assert refused.value.next_step == "Повторите через минуту"
    if raised is AnswerLost:
        assert "оборвалось" in refused.value.message


def test_a_number_waits_until_what_was_saved_before_is_settled(one: Clone, two: Clone) -> None:
    path = "records/students/2026/2026-0001/student.yaml"
    for clone, phone in ((one, "+70000000002"), (two, "+70000000003")):
        clone.edit(path, "+70000000001", phone)
        clone.save()
    one.sync()
    reserved = reserve(two)
    assert (reserved.number, reserved.saved, reserved.draft, reserved.reason) == (
        None, None, None, "",
    )  # fmt: skip
    assert reserved.synced is not None
    assert len(reserved.synced.conflicts) == 1


def test_a_number_waits_while_the_primary_takes_nothing(one: Clone, shared: Shared) -> None:
    one.edit("records/students/2026/2026-0001/student.yaml", "+70000000001", "+70000000002")
    one.save()
    with refusing(shared.store):
        reserved = reserve(one)
    assert (reserved.number, reserved.saved, reserved.draft) == (None, None, None)
    assert reserved.synced is not None
    assert reserved.synced.pushed is not None
    assert reserved.reason == reserved.synced.pushed.outcomes[0].reason
    assert reserved.reason


def test_what_may_be_no_draft_is_refused_offline(one: Clone, shared: Shared) -> None:
    shared.store.rename(shared.store.with_name("away"))
    with pytest.raises(RemoteUnreachable):
        reserve_number(
            one.root, find_actor(one.root), students(2026), card, now=NOW, may_draft=False
        )
    assert drafts_of(one.root) == ()


def test_a_draft_is_what_stands_for_the_number_nought(one: Clone, shared: Shared) -> None:
    shared.store.rename(shared.store.with_name("away"))
    asked: list[str] = []

    def files(number: str) -> Mapping[str, bytes]:
        asked.append(number)
        return card(number)

    reserve_student(one.root, find_actor(one.root), 2026, files, now=NOW)
    assert asked == ["2026-0000"]


@pytest.mark.parametrize(
    ("names", "series", "number"),
    [
        ((), register("issued", 2031, "progress"), 1),
        (("progress-0002.yaml", "progress-0009.yaml"), register("issued", 2031, "progress"), 10),
        (("progress-0002.yaml", "other-0009.yaml", "0011.yaml"),
         register("issued", 2031, "progress"), 3),
        (("progress-x.yaml", "progress-.yaml", "progress-²"),
         register("issued", 2031, "progress"), 1),
        (("0099.yaml", "0100.pdf", "x0200.yaml"), orders(2031), 101),
        (("2031-0007/student.yaml", "2030-0009/student.yaml"), students(2031), 8),
    ],
)  # fmt: skip
def test_the_next_number_follows_the_highest_of_its_own_series(
    archive: Archive, names: tuple[str, ...], series: NumberSeries, number: int
) -> None:
    for name in names:
        archive.write(f"{series.folder}/{name}", "x")
    assert next_number(archive.root, require_head_commit(archive.root), series) == number
    assert (series.number(7), series.draft) == (f"{series.prefix}0007", f"{series.prefix}0000")


def test_a_number_of_what_an_act_destroyed_is_not_given_again(archive: Archive) -> None:
    act = "records/acts/1/act.yaml"
    archive.write(act, destroyed()[act])
    series = (students(2026), orders(2025), register("issued", 2026, "progress"))
    assert [next_lying(archive.root, each) for each in series] == [3, 2, 3]
    git(archive.root, "add", act)
    git(archive.root, "commit", "-qm", "act", "--no-gpg-sign", "--no-verify")
    (archive.root / act).unlink()
    head = require_head_commit(archive.root)
    assert [next_number(archive.root, head, each) for each in series] == [3, 2, 3]
