"""What is said of a store, a copy and a folder, on values: at each border and in every word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from papka.copies.mirror_check import (
    MirrorHistory,
    judge_damage,
    judge_heads,
    judge_newer,
    judge_refs,
)
from papka.core.findings import Code, Finding, Location
from papka.proof import verify_codes
from papka.proof.anchors import KnownSeal, KnownSeals, KnownStore, Present, UnsentSeals, judge_known
from papka.proof.commit_rules import content_filters, is_attributes
from papka.proof.store_rules import (
    explain_fsync_off,
    find_concealed,
    find_differing,
    is_extra,
    is_hosted,
    judge_facts,
    judge_folder,
    judge_gate,
    judge_leftovers,
    judge_objects,
    judge_settings,
)
from papka.proof.trusted_keys import ROOT, Ancestry
from papka.repository.git_values import (
    GATE,
    MAIN,
    PURGER,
    GitIndex,
    IndexEntry,
    Installed,
    ObjectFault,
    Setting,
    Stamp,
    StoreFacts,
    TrackedFile,
    gate_text,
)
from tests.proof.values import codes, commit, id_of, person, told

WHOLE = StoreFacts({MAIN: id_of(1)}, f"ref: {MAIN}")


def facts(**bent: object) -> list[tuple[str, str, str]]:
    """What is told of a store that is sound but for these; of nothing else a place is known."""
    return told(judge_facts(replace(WHOLE, **bent)))  # type: ignore[arg-type] # as each test says


def said(**bent: object) -> list[tuple[str, str]]:
    found = facts(**bent)
    assert {where for _, where, _ in found} <= {""}
    return [(code, words) for code, _, words in found]


# memory


PEOPLE = {n: ("s003" if n % 2 else "s004", 1000 + n) for n in range(1, 20)}


def present(
    *numbers: int, seals: Mapping[int, str] | None = None, vouched: bool = False
) -> Present:
    made = [commit(n, author=person(PEOPLE[n][0], PEOPLE[n][1])) for n in numbers]
    return Present(id_of(numbers[0]), tuple(made), seals or {}, is_vouched=vouched)


def known(*numbers: int, seal: KnownSeal | None = None) -> KnownSeals:
    return KnownSeals(id_of(numbers[0] if numbers else 1), tuple(map(id_of, numbers)), seal=seal)


def store(head: int, *unsent: int, root: int = 1, base: int = 0) -> KnownStore:
    left = tuple(UnsentSeals(id_of(n), *PEOPLE[n]) for n in unsent)
    return KnownStore("", "/a", id_of(root), id_of(head), id_of(base) if base else "", left)


def remembered(now: Present, *before: object) -> list[tuple[str, str, str]]:
    return told(judge_known(now, *before))  # type: ignore[arg-type] # known and store


def rewritten(at: int, what: str, common: str) -> tuple[str, str, str]:
    words = f"история переписана: {what}; последнее общее сохранение — {common}"
    return ("HISTORY_REWRITTEN", f"@{at}", words)


def test_an_archive_as_it_was_known_is_silent() -> None:
    assert remembered(present(1, 2, 3), known(1, 2, 3), store(3)) == []
    assert remembered(present(1, 2, 3, 4), known(1, 2), store(3, 3, base=2)) == []
    assert remembered(present(1, 2), None, None) == []
    assert remembered(present(1, 2), None, store(2)) == []
    assert remembered(present(1, 2), known(), store(2)) == []
    assert remembered(present(1, 2), known(1, 2), None) == []


def test_another_archive_in_the_place_of_one_that_was_known() -> None:
    what = f"прежде здесь был архив {id_of(9)[:12]}"
    assert remembered(present(1, 2), None, store(9, root=9)) == [rewritten(2, what, "нет")]
    assert remembered(present(1, 2, vouched=True), None, store(9, root=9)) == []
    # known by its own first commit: another disk was plugged in
    assert remembered(present(1, 2), known(1, 2), store(9, root=9)) == []
    assert codes(judge_known(present(1, 5), known(1, 2), store(9, root=9))) == ["HISTORY_REWRITTEN"]


def test_this_very_store_set_back() -> None:
    words = "архив возвращён к прежнему: недостаёт сохранений — {}, последнее известное — {}"
    assert remembered(present(1, 2), known(1, 2, 3, 4), store(4)) == [
        ("HEAD_BEHIND_KNOWN", "@2", words.format(2, id_of(4)))
    ]
    # what was not sent counts too
    assert remembered(present(1, 2), known(1, 2), store(4, 3, 4, base=2)) == [
        ("HEAD_BEHIND_KNOWN", "@2", words.format(2, id_of(4)))
    ]
    assert remembered(present(1, 2, 3), known(1, 2), store(4, 3, 4, base=2)) == [
        ("HEAD_BEHIND_KNOWN", "@3", words.format(1, id_of(4)))
    ]
    # bound went further than this store did
    assert remembered(present(1, 2), known(1, 2, 3, 4), store(3)) == [
        ("HEAD_BEHIND_KNOWN", "@2", words.format(1, id_of(3)))
    ]


def test_this_very_store_with_another_history() -> None:
    what = f"в этом хранилище уже было сохранение {id_of(3)[:12]}"
    assert remembered(present(1, 2, 5), known(1, 2, 3), store(3)) == [rewritten(5, what, id_of(2))]
    assert remembered(present(1, 5), known(1, 2), store(3, 3, base=2)) == [
        rewritten(5, what, id_of(1))
    ]


def test_a_copy_of_a_date_is_told_apart_from_a_rewritten_history() -> None:
    words = "это копия на дату: сохранений, известных этому компьютеру, в ней нет — {}"
    assert remembered(present(1, 2), known(1, 2, 3, 4), None) == [
        ("COPY_OF_A_DATE", "@2", words.format(2))
    ]
    # a store that lagged behind went on from where it was
    assert remembered(present(1, 2, 7), known(1, 2, 3, 4), store(2)) == [
        ("COPY_OF_A_DATE", "@7", words.format(2))
    ]
    what = f"в архиве уже было сохранение {id_of(4)[:12]}"
    assert remembered(present(1, 2, 7), known(1, 2, 3, 4), None) == [rewritten(7, what, id_of(2))]
    assert remembered(present(1, 2, 3, 4, 5), known(1, 2, 3), None) == []


def replayed(now: tuple[int, ...], old: KnownStore, bound: tuple[int, ...] = (1, 2)) -> list[str]:
    return codes(judge_known(present(*now), known(*bound), old))


def test_unsent_saves_replayed_by_the_same_people() -> None:
    """13 and 14 are by the people of 3 and 4, in their seconds."""
    PEOPLE[13], PEOPLE[14] = PEOPLE[3], PEOPLE[4]
    old = store(4, 3, 4, base=2)
    assert replayed((1, 2, 13, 14), old) == []
    assert replayed((1, 2, 7, 13, 14, 8), old) == []
    assert replayed((1, 2, 14, 13), old) == []
    assert replayed((1, 2, 13), old) == ["HISTORY_REWRITTEN"]
    assert replayed((1, 2, 13, 7), old) == ["HISTORY_REWRITTEN"]
    # not after what is bound, nor where the base is gone
    assert replayed((1, 13, 14), old) == ["HISTORY_REWRITTEN"]
    assert replayed((1, 2, 13, 14), old, bound=(1, 2, 9)) == ["HISTORY_REWRITTEN"]
    assert replayed((1, 2, 13, 14), store(4, 3, 4, base=6)) == ["HISTORY_REWRITTEN"]
    assert replayed((1, 13, 14, 2, 8), store(4, 3, 4, base=2)) == ["HISTORY_REWRITTEN"]
    # the head that is gone is none of the unsent
    assert replayed((1, 2, 13), store(4, 3, base=2)) == ["HISTORY_REWRITTEN"]
    assert replayed((1, 2, 7), store(4, base=2)) == ["HISTORY_REWRITTEN"]
    # one of them stands as it was
    assert replayed((1, 2, 3, 14), old) == []


def test_one_persons_save_is_no_other_persons() -> None:
    PEOPLE[15] = (PEOPLE[3][0], PEOPLE[3][1] + 1)
    PEOPLE[16] = ("s009", PEOPLE[3][1])
    old = store(3, 3, base=2)
    assert replayed((1, 2, 15), old) == ["HISTORY_REWRITTEN"]
    assert replayed((1, 2, 16), old) == ["HISTORY_REWRITTEN"]


def test_a_copy_from_before_an_act_of_destruction_is_told() -> None:
    words = "эта копия сделана до акта об уничтожении № 2: в ней лежит то, что уничтожено"
    seen = replace(known(1, 2, 3), destructions=2)
    told_first = remembered(present(1, 2), seen, None)
    assert told_first[1:] == [("COPY_BEFORE_ACT", "@2", words)]
    assert codes(judge_known(present(1, 2), seen, store(3))) == [
        "HEAD_BEHIND_KNOWN",
        "COPY_BEFORE_ACT",
    ]
    later = replace(present(1, 2), destructions=2)
    assert codes(judge_known(later, seen, None)) == ["COPY_OF_A_DATE"]
    assert codes(judge_known(present(1, 2, 3), seen, store(3))) == []
    assert codes(judge_known(present(1, 5), seen, None)) == ["HISTORY_REWRITTEN"]


def test_the_highest_seal_seen_is_asked_for() -> None:
    seal = KnownSeal(3, "abcdef0123" * 6 + "abcd")
    words = (
        "пломбы № 0003 в архиве нет целиком: недостаёт той, что видел этот компьютер (abcdef01…)"
    )
    missing = ("SEAL_MISSING", "@2", words)
    now = known(1, 2, seal=seal)
    assert remembered(present(1, 2, seals={3: seal.digest}), now, None) == []
    assert remembered(present(1, 2), now, None) == [missing]
    assert remembered(present(1, 2, seals={3: "other", 2: seal.digest}), now, None) == [missing]
    assert codes(judge_known(present(1, 5), now, None)) == ["HISTORY_REWRITTEN", "SEAL_MISSING"]
    older = known(1, 2, 3, seal=seal)
    assert codes(judge_known(present(1, 2), older, None)) == ["COPY_OF_A_DATE"]
    assert codes(judge_known(present(1, 2), older, store(3))) == ["HEAD_BEHIND_KNOWN"]


# copies


LINE = {id_of(n): (id_of(n - 1),) if n > 1 else () for n in range(1, 6)}
SIDE = {id_of(n): (id_of(n - 1 if n > 12 else 2),) for n in range(12, 15)}


def copy(ours: int, theirs: int, confirmed: int = 0, without: int = 0) -> MirrorHistory:
    parents = {id_: up for id_, up in {**LINE, **SIDE}.items() if id_ != id_of(without)}
    own, other, known_ = (id_of(n) if n else "" for n in (ours, theirs, confirmed))
    return MirrorHistory("usb", own, other, known_, parents)


BEHIND = "зеркало «usb» отстаёт на {}"
BACK = "зеркало «usb» приняло сохранение {}, а теперь его последнее сохранение — {}"
APART = "зеркало «usb» разошлось с архивом: {}"


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (copy(3, 3, 3), []),
        (copy(3, 3), []),
        (copy(3, 0, 3), [("MIRROR_REF_MISSING", "", f"на зеркале «usb» нет ссылки {MAIN}")]),
        (copy(3, 2), [("MIRROR_BEHIND", "@2", BEHIND.format("1\u00a0сохранение"))]),
        (copy(5, 2, 2), [("MIRROR_BEHIND", "@2", BEHIND.format("3\u00a0сохранения"))]),
        (copy(5, 2, 1), [("MIRROR_BEHIND", "@2", BEHIND.format("3\u00a0сохранения"))]),
        (copy(5, 2, 3), [("MIRROR_ROLLED_BACK", "@3", BACK.format(id_of(3)[:12], id_of(2)[:12]))]),
        (copy(5, 2, 13), [("MIRROR_BEHIND", "@2", BEHIND.format("3\u00a0сохранения"))]),
        (copy(2, 4), []),
        (copy(0, 4), []),
        (copy(4, 13), [("MIRROR_DIVERGED", "@13", APART.format(
            "на нём 2\u00a0сохранения, которых здесь нет, а здесь есть свои; общих — 2"))]),
        (copy(4, 12, 4), [("MIRROR_DIVERGED", "@12", APART.format(
            "на нём 1\u00a0сохранение, которых здесь нет, а здесь есть свои; общих — 2"))]),
        (copy(5, 13, without=3), [("MIRROR_DIVERGED", "@13", APART.format(
            f"до конца их не сравнить, здесь не читается сохранение {id_of(3)}"))]),
        (copy(5, 2, 4, without=3), [
            ("MIRROR_ROLLED_BACK", "@4", BACK.format(id_of(4)[:12], id_of(2)[:12]))]),
    ],
)  # fmt: skip
def test_how_a_copys_last_commit_stands_to_ours(
    seen: MirrorHistory, found: list[tuple[str, str, str]]
) -> None:
    assert told(judge_heads(seen)) == found


def test_a_copy_is_ahead_only_of_what_it_descends_from() -> None:
    assert [copy(*each).is_ahead for each in ((2, 4), (2, 2), (4, 2), (4, 13), (2, 13))] == [
        True, False, False, False, True,
    ]  # fmt: skip
    assert copy(3, 3).line("") == set()
    assert copy(3, 3, without=2).line(id_of(3)) == {id_of(3), id_of(2)}


def finding(at: int, code: Code = verify_codes.SIG_MISSING) -> Finding:
    words: dict[str, Any] = dict.fromkeys(code.fields, "—")
    return code.at(Location("x", commit=id_of(at)), **words)


OF_A_STORE = [
    code
    for module in (verify_codes, verify_codes, verify_codes)
    for code in vars(module).values()
    if isinstance(code, Code)
    and code.name.startswith(("OBJECT_", "PACK_", "REF_", "REPO_", "HEAD_", "MEMORY_"))
]


def test_a_newer_copy_is_believed_unless_what_is_new_is_bad() -> None:
    ahead = copy(2, 5)
    newer = [
        ("MIRROR_AHEAD", "@5", "на зеркале «usb» новее: 3\u00a0сохранения, которых здесь ещё нет")
    ]
    assert told(judge_newer(ahead, [])) == newer
    old = [finding(2), finding(1), finding(4, verify_codes.MIRROR_BEHIND)]
    old += [finding(4, code) for code in (*OF_A_STORE, verify_codes.HISTORY_UNREADABLE)]
    assert {code.name.partition("_")[0] for code in OF_A_STORE} == {
        "OBJECT", "PACK", "REF", "REPO", "HEAD", "MEMORY",
    }  # fmt: skip
    assert told(judge_newer(ahead, old)) == newer
    words = "на зеркале «usb» есть сохранения, которым доверять нельзя: сохранение не подписано"
    assert told(judge_newer(ahead, [*old, finding(3), finding(9)])) == [
        ("MIRROR_NOT_TRUSTED", "x@3", words), ("MIRROR_NOT_TRUSTED", "x@9", words),
    ]  # fmt: skip


def test_refs_of_a_copy_one_by_one() -> None:
    ours = {MAIN: "1", "refs/tags/b": "1", "refs/tags/a": "1", "refs/heads/x": "1",
            "refs/remotes/usb/main": "1", "refs/tagsx": "1"}  # fmt: skip
    theirs = {MAIN: "2", "refs/tags/b": id_of(7), "refs/heads/x": "1", "refs/z\x1b": "1",
              "refs/notes/n": "1"}  # fmt: skip
    found = list(judge_refs("usb", ours, theirs))
    assert told(found) == [
        ("MIRROR_REF_MISSING", "", "на зеркале «usb» нет ссылки refs/tags/a"),
        ("MIRROR_DIVERGED", "@7", APART.format("ссылка refs/tags/b указывает на нём на другое "
                                               "сохранение")),
        ("MIRROR_REF_EXTRA", "", "на зеркале «usb» есть лишняя ссылка refs/notes/n"),
        ("MIRROR_REF_EXTRA", "", "на зеркале «usb» есть лишняя ссылка refs/z?"),
    ]  # fmt: skip
    assert list(judge_refs("usb", {MAIN: "1"}, {MAIN: "2"})) == []
    assert list(judge_refs("usb", {}, {MAIN: "2"})) == []


def test_each_thing_wrong_with_a_copy_is_damage() -> None:
    assert told(judge_damage("usb", ["одно", "другое"])) == [
        ("MIRROR_DAMAGED", "", "зеркало «usb» повреждено: одно"),
        ("MIRROR_DAMAGED", "", "зеркало «usb» повреждено: другое"),
    ]


# a store


def test_a_sound_store_is_silent() -> None:
    assert facts() == facts(bare=True) == []


def test_a_head_elsewhere_says_how_to_come_back() -> None:
    [found] = judge_facts(replace(WHOLE, head=f"ref: refs/heads/\x1b{'x' * 99}"))
    shown = f"ref: refs/heads/?{'x' * 63}"
    assert found.message == f"архив открыт не на ветви main (HEAD: {shown})"
    assert "git checkout main" in found.hint
    [bare] = judge_facts(replace(WHOLE, head="", bare=True))
    assert bare.message == "архив открыт не на ветви main (HEAD: пусто)"
    assert f"git symbolic-ref HEAD {MAIN}" in bare.hint


def test_what_makes_git_see_something_else() -> None:
    odd = {"misplaced": True, "grafts": True, "shallow": True}
    assert said(**odd, alternates=("a\n",), partial=("x\x07", "y")) == [
        ("REPO_COMMONDIR", "файл commondir отсылает git за ссылками и объектами в другую папку"),
        ("REPO_GRAFTS", "в хранилище подменено родство сохранений (info/grafts)"),
        ("REPO_SHALLOW", "это неполная копия: история в ней обрезана"),
        ("REPO_ALTERNATES", ("хранилище не держит объекты само, а берёт их из другого места (a?); "
         "проверить его нельзя")),
        ("REPO_PARTIAL", "это частичная копия (x?, y): недостающие файлы она добирает с зеркала"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "shown"),
    [(5, "0, 1, 2, 3, 4"), (6, "0, 1, 2, 3, 4, и ещё 1"), (7, "0, 1, 2, 3, 4, и ещё 2")],
)
def test_many_places_that_a_store_borrows_from(count: int, shown: str) -> None:
    [(code, words)] = said(alternates=tuple(map(str, range(count))))
    assert (code, f"({shown})" in words) == ("REPO_ALTERNATES", True)


def test_refs_of_a_store_one_by_one() -> None:
    refs = {MAIN: "1", "refs/heads/b": "1", "refs/x y": "1", "refs/-x": "1",
            "refs/replace/1": "1", "refs/replace/\u202e": "1",
            "refs/remotes/o/main": "1"}  # fmt: skip
    assert said(refs=refs, broken_refs=(("refs/a\n", "пуста"),)) == [
        ("REF_DAMAGED", "ссылка refs/a? повреждена: пуста"),
        ("REF_EXTRA", "в архиве есть лишняя ссылка refs/heads/b, она не проверялась"),
        ("REF_NAME_UNSAFE", "имя ссылки опасно: refs/x y"),
        ("REF_NAME_UNSAFE", "имя ссылки опасно: refs/-x"),
        ("REF_NAME_UNSAFE", "имя ссылки опасно: refs/replace/?"),
        ("REPO_REPLACE_REFS", "в хранилище есть подмены объектов (refs/replace/1, refs/replace/?)"),
    ]
    assert said(refs={}) == [("REF_DAMAGED", f"ссылка {MAIN} повреждена: её нет")]
    assert said(refs={}, broken_refs=((MAIN, "пуста"),)) == [
        ("REF_DAMAGED", f"ссылка {MAIN} повреждена: пуста")
    ]
    assert [is_extra(ref) for ref in refs] == [False, True, True, True, False, False, False]


def test_what_lies_in_a_store_that_no_archive_needs() -> None:
    runs = "лежит посторонняя программа, git может выполнить её сам: "
    assert facts(
        hooks=(GATE, "a\x1b"), locks=("index.lock", "b\n"), attributes=b"# x\n* text\n"
    ) == [
        ("REPO_HOOKS", "", f"{runs}hooks/{GATE}"),
        ("REPO_HOOKS", "", f"{runs}hooks/a?"),
        ("STALE_LOCK", "", "остался замок прерванной команды git: index.lock"),
        ("STALE_LOCK", "", "остался замок прерванной команды git: b?"),
        ("ATTR_CONTENT_FILTER", ".git/info/attributes",
         "строка 2 велит git менять содержимое файлов: text"),
    ]  # fmt: skip
    hosted = gate_text(Installed("/p", "/q"))
    assert facts(bare=True, gate=hosted, hooks=(GATE, "update"), attributes=b"* ident") == [
        ("REPO_HOOKS", "", f"{runs}hooks/update"),
        ("ATTR_CONTENT_FILTER", "info/attributes",
         "строка 1 велит git менять содержимое файлов: ident"),
    ]  # fmt: skip


def test_what_nothing_leads_to() -> None:
    assert told(judge_leftovers(["tmp\x07"], 3, "в хранилище")) == [
        ("PUSH_LEFTOVER", "", "в хранилище остался след прерванной отправки: objects/tmp?"),
        ("OBJECT_UNREACHABLE", "",
         "в хранилище лежат объекты, на которые ничто не указывает: 3"),
    ]  # fmt: skip
    assert list(judge_leftovers([], 0, "в хранилище")) == []


def test_each_kind_of_fault_of_an_object() -> None:
    kinds = ("pack", "graph", "missing", "corrupt")
    faults = [ObjectFault(kind, f"n-{kind}", "беда") for kind in kinds]
    assert told(judge_objects(faults)) == [
        ("PACK_DAMAGED", "", "повреждён пакет объектов n-pack: беда"),
        ("COMMIT_GRAPH_DAMAGED", "",
         "вспомогательный файл хранилища n-graph не сходится с сохранениями: беда"),
        ("OBJECT_MISSING", "", "в хранилище нет объекта n-missing: беда"),
        ("OBJECT_CORRUPT", "", "объект хранилища n-corrupt повреждён: беда"),
    ]  # fmt: skip


# the gate of a hosted store


OWN = Installed("/usr/bin/python3", "/opt/papka")
MARKED = (Setting("config", "papka.hosted", "true"),)


@pytest.mark.parametrize(
    ("gate", "settings", "found"),
    [
        (None, (), []),
        (gate_text(OWN), (), []),
        (gate_text(OWN), MARKED, []),
        (None, (Setting("config", "papka.hosted", "false"),), []),
        (None, (Setting("config", "core.bare", "true"),), []),
        (None, MARKED, [f"hooks/{GATE} нет, или git не может её выполнить"]),
        (None, (Setting("config", "papka.hosted", None),), [
            f"hooks/{GATE} нет, или git не может её выполнить"]),
        (gate_text(OWN) + b"\n", MARKED, [f"hooks/{GATE} изменена"]),
        (b"#!/bin/sh\n", (), []),
        (gate_text(OWN), (Setting("config", "core.hookspath", "hooks"),), []),
        (gate_text(OWN), (Setting("config", "core.hookspath", "/tmp"),), [
            f"настройка core.hooksPath ведёт git мимо hooks/{GATE}"]),
        (gate_text(OWN), (Setting("config", "core.hookspath", "hooks"),
                          Setting("config.worktree", "core.hookspath", "/tmp")), [
            f"настройка core.hooksPath ведёт git мимо hooks/{GATE}"]),
    ],
)  # fmt: skip
def test_the_gate_of_a_hosted_store(
    gate: bytes | None, settings: tuple[Setting, ...], found: list[str]
) -> None:
    purger = gate_text(OWN, PURGER)
    store_ = replace(WHOLE, bare=True, gate=gate, purger=purger, settings=settings)
    start = "хранилище сервера больше не проверяет то, что в него отправляют: "
    assert told(judge_gate(store_, OWN)) == [("GATE_BROKEN", "", start + each) for each in found]
    assert not is_hosted(replace(store_, bare=False))
    assert list(judge_gate(replace(store_, bare=False), OWN)) == []


@pytest.mark.parametrize(
    "other", [Installed("/x\u202e/python3", "/opt/papka"), OWN._replace(package="/p q")]
)
def test_a_gate_of_another_papka(other: Installed) -> None:
    store_ = replace(WHOLE, bare=True, gate=gate_text(other), purger=gate_text(other, PURGER))
    shown = f"{other.python} ({other.package})".replace("\u202e", "?")
    assert told(judge_gate(store_, OWN)) == [
        ("GATE_ELSEWHERE", "", f"проверку на входе ведёт другая установка papka: {shown}")
    ]
    assert list(judge_gate(store_, other)) == []


@pytest.mark.parametrize(
    ("purger", "what"),
    [
        (None, "нет"),
        (gate_text(OWN), "изменена"),
        (gate_text(OWN._replace(package="/q"), PURGER), "изменена"),
        (b"", "изменена"),
    ],
)
def test_a_hosted_store_that_would_keep_what_is_destroyed(purger: bytes | None, what: str) -> None:
    store_ = replace(WHOLE, bare=True, gate=gate_text(OWN), purger=purger, hooks=(GATE, PURGER))
    said = f"хранилище сервера не исполнит акт об уничтожении: hooks/{PURGER} {what}"
    assert told(judge_gate(store_, OWN)) == [("GATE_WITHOUT_PURGE", "", said)]
    foreign = f"лежит посторонняя программа, git может выполнить её сам: hooks/{PURGER}"
    is_told = ("REPO_HOOKS", "", foreign) in told(judge_facts(store_))
    assert is_told == (purger != gate_text(OWN._replace(package="/q"), PURGER))


# settings


def setting(key: str, value: str | None) -> Setting:
    return Setting("config", key, value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([], ""),
        ([("user.name", "Калина")], ""),
        ([("user.name", None)], ""),
        ([("user.name", "s003")], "core.fsync не задан"),
        ([("receive.denynonfastforwards", "true")], "core.fsync не задан"),
        ([("user.name", "s003"), ("core.fsync", "all")], ""),
        ([("core.fsync", "loose-object,pack,reference")], ""),
        ([("core.fsync", "objects,reference")], ""),
        ([("core.fsync", "committed reference")], ""),
        ([("core.fsync", "reference")], "core.fsync не включает loose-object"),
        ([("core.fsync", "none,reference")], "core.fsync не включает loose-object, pack"),
        ([("core.fsync", "added")], "core.fsync не включает reference"),
        ([("core.fsync", "all,none")], "core.fsync не включает loose-object, pack, reference"),
        ([("core.fsync", "all,-pack")], "core.fsync не включает pack"),
        ([("core.fsync", "all,-derived-metadata,-index")], ""),
        ([("core.fsync", "default")], "core.fsync не включает loose-object, reference"),
        ([("core.fsync", "all,-objects")], "core.fsync не включает loose-object, pack"),
        ([("core.fsync", "none,default,reference")], "core.fsync не включает loose-object"),
        ([("core.fsync", "")], "core.fsync не включает loose-object, reference"),
        ([("core.fsync", None)], "core.fsync не включает loose-object, reference"),
        ([("core.fsync", "all"), ("core.fsync", "none,pack")],
         "core.fsync не включает loose-object, reference"),
        ([("core.fsyncmethod", "FSYNC")], ""),
        ([("core.fsyncmethod", "batch")], ""),
        ([("core.fsyncmethod", "writeout-only")], "core.fsyncMethod = writeout-only"),
        ([("core.fsyncmethod", "нет"), ("core.fsync", "all")], "core.fsyncMethod"),
    ],
)  # fmt: skip
def test_whether_git_waits_for_the_disk(settings: list[tuple[str, str | None]], words: str) -> None:
    assert explain_fsync_off([setting(*each) for each in settings]) == words


RUNS = "выполняет программу, которую назвал тот, кто правил настройки"
LEADS = "уводит git к чужим файлам или адресам"
WEAKENS = "ослабляет проверки git или прячет от него изменения"
GOOD = {
    "core.fsmonitor": ["true", "no", "", "ON"],
    "core.hookspath": ["tools/hooks", "tools/hooks/", "/dev/null"],
    "core.sshcommand": ["", "ssh", "ssh -4 -p 22 -i ~/k -o BatchMode=yes"],
    "core.editor": ["nano", "code --wait", "vi", "true"],
    "sequence.editor": ["vim"],
    "core.pager": ["less -FRX", "cat"],
    "interactive.difffilter": ["delta --color-only"],
    "pager.log": ["false", "less"],
    "core.gitproxy": ["", "false"],
    "core.askpass": [""],
    "core.alternaterefscommand": ["0"],
    "filter.lfs.clean": ["git-lfs clean -- %f"],
    "filter.lfs.process": ["git-lfs filter-process --skip"],
    "gpg.program": ["gpg2"],
    "gpg.ssh.program": ["ssh-keygen"],
    "gpg.ssh.defaultkeycommand": [""],
    "credential.helper": ["", "manager", "cache --timeout 60"],
    "credential.https://x.helper": ["store"],
    "alias.st": ["status", "log\n-1"],
    "remote.a.url": ["https://x", "C:\\x", "s@h:x"],
    "remote.a.pushurl": ["/mnt/x"],
    "submodule.a.update": ["none"],
    "core.attributesfile": ["", "/dev/null"],
    "core.excludesfile": ["/dev/null"],
    "gpg.ssh.allowedsignersfile": ["records/trust/allowed_signers"],
    "core.protecthfs": ["true"],
    "core.protectntfs": ["yes"],
    "transfer.fsckobjects": ["1"],
    "receive.fsckobjects": ["on"],
    "fsck.missingemail": ["error"],
    "receive.fsck.missingemail": ["ERROR"],
    "core.ignorestat": ["false"],
    "protocol.file.allow": ["always"],
    "protocol.https.allow": ["always"],
    "protocol.allow": ["never"],
    "protocol.ext.allow": ["never"],
    "diff.x.binary": ["true"],
    "guitool.x.cmd": ["evil"],
}
BAD = {
    RUNS: {
        "core.fsmonitor": ["/x", "true false"],
        "core.hookspath": ["hooks", "tools/hooks/x", "/dev/null/x"],
        "core.sshcommand": ["ssh -o ProxyCommand=x", "evil", "ssh;x"],
        "core.editor": ["nano x", "./nano", "nano\nx"],
        "sequence.editor": ["x"],
        "core.pager": ["lessx"],
        "interactive.difffilter": ["x"],
        "pager.log": ["x"],
        "core.gitproxy": ["x", "true"],
        "core.askpass": ["x"],
        "core.alternaterefscommand": ["x"],
        "diff.external": ["x", ""],
        "diff.x.command": ["x"],
        "diff.x.textconv": ["cat"],
        "merge.x.driver": ["true"],
        "filter.lfs.clean": ["git-lfs clean -- %f;x"],
        "filter.lfs.smudge": ["x"],
        "filter.x.process": ["cat"],
        "gpg.program": ["./gpg"],
        "gpg.x509.program": ["x"],
        "gpg.ssh.defaultkeycommand": ["x"],
        "credential.helper": ["!x", "/x", "Store x"],
        "credential.u.helper": ["a b"],
        "alias.st": ["!x", "-c x", "!x\ny"],
        "remote.a.vcs": ["x"],
        "remote.a.uploadpack": ["git-upload-pack"],
        "remote.a.receivepack": ["x"],
        "remote.a.url": ["ext::x", "-x", "a.b+c::d"],
        "remote.a.pushurl": ["ext::x"],
        "submodule.a.update": ["!x"],
        "hook.x": ["x"],
        "trailer.a.command": ["x"],
        "trailer.a.cmd": ["x"],
        "tar.zip.command": ["x"],
        "sendemail.tocmd": ["x"],
        "imap.tunnel": ["x"],
        "instaweb.httpd": ["x"],
        "gc.recentobjectshook": ["x"],
        "uploadpack.packobjectshook": ["x"],
    },
    LEADS: {
        "include.path": ["x"],
        "includeif.gitdir:/.path": ["x"],
        "core.worktree": ["."],
        "init.templatedir": ["x"],
        "core.attributesfile": ["x"],
        "core.excludesfile": ["/dev/nullx"],
        "gpg.ssh.allowedsignersfile": ["recordsxtrust/allowed_signers"],
        "url.a.insteadof": ["b"],
        "url.a.pushinsteadof": ["b"],
        "fetch.bundleuri": ["x"],
        "bundle.a.uri": ["x"],
    },
    WEAKENS: {
        "core.protecthfs": ["false"],
        "core.protectntfs": ["0"],
        "transfer.fsckobjects": ["no"],
        "fetch.fsckobjects": ["off"],
        "fsck.skiplist": ["x"],
        "fetch.fsck.x": ["ignore"],
        "core.ignorestat": ["true"],
        "transfer.hiderefs": ["refs"],
        "receive.hiderefs": ["refs"],
        "uploadpack.hiderefs": ["refs"],
        "protocol.ext.allow": ["user"],
        "protocol.allow": ["always"],
    },
}


def judged(*settings: Setting, bare: bool = False) -> list[str]:
    return [words for _, _, words in told(judge_settings(settings, (), bare=bare))]


def test_every_setting_has_values_that_are_as_they_should_be() -> None:
    for key, values in GOOD.items():
        for value in values:
            assert judged(setting(key, value)) == [], (key, value)


def test_every_other_value_is_told_with_what_it_does() -> None:
    for what, rows in BAD.items():
        for key, values in rows.items():
            for value in values:
                words = f"настройки хранилища опасны (файл config): {key} {what}"
                assert judged(setting(key, value)) == [words], (key, value)


def test_a_setting_without_a_value_is_a_yes() -> None:
    assert judged(setting("core.fsmonitor", None)) == []
    assert judged(setting("core.protecthfs", None)) == []
    assert len(judged(setting("core.ignorestat", None))) == 1


def test_a_setting_is_told_once_a_file_and_never_with_its_value() -> None:
    secret = "user:password"
    twice = [setting("alias.a", f"!{secret}"), setting("alias.a", "!x")]
    found = judged(*twice, replace(twice[0], file="config.worktree"), setting("alias.\x1b", "!x"))
    start = "настройки хранилища опасны (файл {}): alias.{} " + RUNS
    assert found == [
        start.format("config", "a"), start.format("config.worktree", "a"),
        start.format("config", "?"),
    ]  # fmt: skip
    assert judged(setting("alias.a", "status"), setting("alias.a", "!x")) == [
        start.format("config", "a")
    ]


def test_settings_that_stop_git_and_those_of_a_server() -> None:
    assert told(judge_settings([], ["config"])) == [
        ("REPO_CONFIG_UNSAFE", "", ("настройки хранилища опасны (файл config): испорчены: git на "
         "этом файле останавливается")),
    ]  # fmt: skip
    own = setting("core.hookspath", "hooks")
    assert judged(own, bare=True) == []
    assert len(judged(own)) == 1
    assert len(judged(setting("core.hookspath", "hook"), bare=True)) == 1
    assert told(judge_settings([setting("user.name", "s003")], [])) == [
        (
            "FSYNC_OFF",
            "",
            "git не дожидается, пока сохранённое окажется на диске: core.fsync не задан",
        )
    ]


# the folder


TRACKED = {path: TrackedFile("100644", id_of(1)) for path in ("a", "b", "c", "d")}


def test_a_folder_byte_by_byte() -> None:
    there = {"a": id_of(1), "b": id_of(2), "c": None, "new": id_of(1), "tools/hooks/x": id_of(1),
             "tools/x": id_of(1), "hidden": None}  # fmt: skip
    assert find_differing(TRACKED, there) == {
        "b": "другое содержимое", "c": "его не прочесть", "d": "его нет в папке",
    }  # fmt: skip
    hidden = {"d": "так", "hidden": "иначе", "a": "никак"}
    programs = ("tools/hooks/x", "tools/x", "a")
    found = list(judge_folder(TRACKED, there, hidden, programs))
    differs = "файл отличается от сохранённого: "
    unseen = "файл не такой, как в последнем сохранении, а git этого не видит: "
    runs = "лежит посторонняя программа, git может выполнить её сам: "
    new = "файл не сохранён в архиве"
    assert told(found) == [
        ("WORKTREE_DIFFERS", "b", differs + "другое содержимое"),
        ("WORKTREE_DIFFERS", "c", differs + "его не прочесть"),
        ("HIDDEN_CHANGE", "d", unseen + "так"),
        ("HIDDEN_CHANGE", "hidden", unseen + "иначе"),
        ("UNTRACKED_FILE", "new", new),
        ("UNTRACKED_FILE", "tools/hooks/x", new),
        ("REPO_HOOKS", "tools/hooks/x", runs + "tools/hooks/x"),
        ("UNTRACKED_FILE", "tools/x", new),
    ]
    assert found[0].hint.endswith("git checkout HEAD -- b")


def test_what_git_would_not_notice() -> None:
    stamp = Stamp(5, 7)
    entries = {
        "same": IndexEntry(id_of(1), stamp),
        "racy": IndexEntry(id_of(1), replace(stamp, time=10)),
        "touched": IndexEntry(id_of(1), stamp),
        "grown": IndexEntry(id_of(1), stamp),
        "marked": IndexEntry(id_of(1), stamp, "помечен"),
        "staged": IndexEntry(id_of(2), stamp, "помечен"),
        "gone": IndexEntry(id_of(1), stamp),
    }
    stamps = {
        "same": stamp, "racy": replace(stamp, time=10), "touched": replace(stamp, time=6),
        "grown": replace(stamp, size=8), "marked": None, "staged": stamp, "gone": None,
        "unknown": stamp,
    }  # fmt: skip
    tracked = {path: TrackedFile("100644", id_of(1)) for path in stamps}
    assert find_concealed(tracked, stamps, GitIndex(entries, written=10)) == {
        "same": "время и размер у него прежние", "marked": "помечен",
    }  # fmt: skip


def test_lines_of_attributes_that_change_content() -> None:
    text = (
        b"\xef\xbb\xbf* text\n# * text\n* -text\r\n*.a !text\n*.b -ident !ident\n"
        b'*.c -filter !filter eol=lf\n\n  "a \\" b" -text ident\n"open text\n*.d -text=x\n'
        b"[attr]m ident\n*.e diff merge=union -diff\n*.f\x0b\x0ccrlf\n*.g export-ignore\n"
        b"*.h -export-subst -eol\n*.i !export-ignore\n \t# x text\n"
        b"*.j working-tree-encoding=\x1bU\n"
    )
    assert list(content_filters(text)) == [
        (1, "text"), (4, "!text"), (6, "!filter eol=lf"), (8, "ident"), (10, "-text=x"),
        (11, "ident"), (13, "crlf"), (14, "export-ignore"), (18, "working-tree-encoding=U"),
    ]  # fmt: skip
    # a quoted pattern may hold quotes and words, or nothing
    assert list(content_filters(b'"" ident\n"a\\" text \\" b" diff\n"\\\\" eol=lf\n')) == [
        (1, "ident"), (3, "eol=lf"),
    ]  # fmt: skip
    names = (".gitattributes", "a/.GitAttributes", "a/x.gitattributes", ".gitattributes/x")
    assert [is_attributes(name) for name in names] == [True, True, False, False]


def test_how_each_attribute_may_be_mentioned() -> None:
    """`-` takes it off; `!` leaves it to the settings, which have a word on some of them."""
    off = ["filter", "ident", "text", "crlf", "eol", "working-tree-encoding", "export-subst",
           "export-ignore"]  # fmt: skip
    left = ["ident", "export-subst", "export-ignore"]
    for name in off:
        said_ = {sign: bool(list(content_filters(f"* {sign}{name}".encode()))) for sign in "-!"}
        assert said_ == {"-": False, "!": name not in left}, name
        assert list(content_filters(f"* {name}=x".encode())), name
    assert list(content_filters(b"* diff=text merge=ident textual -x !y")) == []


def test_what_lies_under_a_commit() -> None:
    line = Ancestry([
        commit(1), commit(2), commit(3), commit(9, parents=()),
        commit(10, parents=(id_of(3), id_of(9))), commit(12, parents=(id_of(11),)),
    ])  # fmt: skip
    assert line.until(id_of(2)) == {id_of(1), id_of(2)}
    assert line.until(id_of(10)) == {*map(id_of, (1, 2, 3, 9, 10))}
    assert line.until(id_of(12)) == {id_of(12)}
    assert line.until(ROOT) == {id_of(1), id_of(9)}
    assert line.until(id_of(5)) == frozenset()
    assert line.until(id_of(2)) == {id_of(1), id_of(2)}
