"""Numbers given once: on the primary before anything is used, or not yet, or here alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from papka.core.errors import RemoteUnreachable
from papka.core.layout import student_folder
from papka.tasks.actor import find_actor
from papka.tasks.drafted import Waiting, drafts_of, number_drafts
from papka.tasks.numbers import (
    Reserved,
    Series,
    orders,
    register,
    reserve_number,
    reserve_student,
)
from tests.support.clones import TEACHER, Clone, Shared
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
    assert register("issued", 2026, "progress") == Series(
        "records/registers/issued/2026", "progress-"
    )
