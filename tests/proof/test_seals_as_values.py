"""Seals and what they seal, on values: every fault in its words, and what stands just beside."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pytest

from papka.core.errors import Refused
from papka.core.places import ENDINGS, LIST, SIGNATURE, TEXT, seal_file
from papka.core.snapshot import DictSnapshot
from papka.paper.provenance import folder_digest
from papka.proof.anchors import Anchors, BadSeal, Seal, read_anchor, read_anchors, read_seal
from papka.proof.chronicle import HistoryStep, Verdict
from papka.proof.seal_judging import (
    Content,
    Digests,
    Given,
    PlacedSeal,
    judge_anchors,
    judge_numbers,
    judge_seal,
    judge_seal_changes,
    met_anchors,
    only_added,
    placed_seals,
)
from papka.repository.git_values import EXECUTABLE, FILE, LINK, TREE, TreeEntry
from tests.proof.values import (
    CHIEF,
    CLERK,
    START,
    added,
    changed,
    chronicle,
    codes,
    commit,
    deleted,
    id_of,
    key,
    person,
    step,
    told,
)

SEALED, DIGEST = id_of(1), "d" * 64
LINES = {"README.md": "a" * 64, "records/students/2025/2025-0001": "b" * 64}
LISTED = "".join(f"{digest}  {path}\n" for path, digest in LINES.items())
WORDS = {
    "number": "0001",
    "period": "2025-1",
    "date": "2026-03-02",
    "head": f"sha1:{SEALED}",
    "units": "2",
    "units-sha256": hashlib.sha256(LISTED.encode()).hexdigest(),
    "trust-sha256": "c" * 64,
    "previous": "none",
}


def text(**bent: str) -> bytes:
    """The text of a seal that is right, but for these words."""
    words = {**WORDS, **{name.replace("_", "-"): value for name, value in bent.items()}}
    lines = ["papka-seal v1", *(f"{name}: {value}" for name, value in words.items())]
    return ("\n".join(lines) + "\n").encode()


def given(  # noqa: PLR0913 - each test bends one of these
    seal: bytes | None = None,
    listed: str | None = LISTED,
    *,
    number: int = 1,
    before: tuple[int, str] = (0, ""),
    made: HistoryStep | None = None,
    lines: Mapping[str, str] = LINES,
) -> Given:
    """A seal as found, without a signature: what that says has its own tests."""
    files = {TEXT: text() if seal is None else seal}
    if listed is not None:
        files[LIST] = listed.encode()
    return Given(PlacedSeal(number, made or step(2), {}), files, Content(lines, "c" * 64), before)


def faults(seal: Given) -> list[tuple[str, str]]:
    """Code and sentence of everything wrong, but for the signature that is not there."""
    found = told(judge_seal(seal, {SEALED, id_of(2)})[1])
    lost = f"пломбы № {seal.name} в архиве нет целиком: недостаёт {seal.name}.seal.sig"
    assert found[0] == ("SEAL_MISSING", f"records/seals/{seal.name}.seal@2", lost)
    assert {where for _, where, _ in found} == {found[0][1]}
    return [(code, words) for code, _, words in found[1:]]


def test_a_seal_says_what_stands_in_it() -> None:
    said = read_seal(text(previous=f"sha256:{'e' * 64}", number="0012", units="0"))
    assert (said.number, said.period, said.date) == (12, "2025-1", dt.date(2026, 3, 2))
    assert (said.head, said.units, said.previous) == (SEALED, 0, "e" * 64)
    assert (said.listed, said.trust) == (WORDS["units-sha256"], "c" * 64)
    assert read_seal(text()).previous == ""


@pytest.mark.parametrize(
    ("seal", "why"),
    [
        (text(date="2026-02-30"), "нет такого дня: 2026-02-30"),
        (text(period="год"), "в тексте не только латинские знаки"),
        (b"", "строка 1 не та, что должна быть"),
        (text().replace(b"v1", b"v3"), "строка 1 не та, что должна быть"),
        (text().replace(b"v1", b"v2"), "строка 9 не та, что должна быть"),
        (text(commits="1"), "строка 10 не та, что должна быть"),
        (text(number="1"), "строка 2 не та, что должна быть"),
        (text(period="a b"), "строка 3 не та, что должна быть"),
        (text(head=f"sha1:{'A' * 40}"), "строка 5 не та, что должна быть"),
        (text(units="07"), "строка 6 не та, что должна быть"),
        (text(previous="нет".encode().hex()), "строка 9 не та, что должна быть"),
        (text() + b"note: x\n", "строка 10 не та, что должна быть"),
        (text().removesuffix(b"\n"), "строка 9 не та, что должна быть"),
        (text().replace(b"\n", b"\r\n"), "строка 1 не та, что должна быть"),
    ],
)
def test_a_text_that_is_no_seal_says_where(seal: bytes, why: str) -> None:
    with pytest.raises(BadSeal) as refused:
        read_seal(seal)
    assert str(refused.value) == why
    said, found = judge_seal(given(seal), {SEALED})
    assert said is None
    assert told(found)[1:] == [
        (
            "SEAL_UNREADABLE",
            "records/seals/0001.seal@2",
            f"пломба № 0001 записана не по образцу: {why}",
        )
    ]


def test_a_whole_seal_has_no_fault() -> None:
    assert faults(given()) == []
    assert faults(given(text(number="0002", previous=f"sha256:{DIGEST}"), number=2,
                        before=(1, DIGEST))) == []  # fmt: skip
    empty = hashlib.sha256(b"").hexdigest()
    assert codes(judge_seal(given(text(units="0", units_sha256=empty), "", lines={}),
                            {SEALED})[1]) == ["SEAL_MISSING", "SEAL_DIGEST_MISMATCH"]  # fmt: skip


@pytest.mark.parametrize(
    ("seal", "where"),
    [
        (given(text(head=f"sha1:{'9' * 40}")), [
            ("SEAL_NOT_IN_HISTORY", (f"пломба № 0001 поставлена на сохранение {'9' * 40}, которого "
             "в этой истории нет"))]),
        (given(text(head=f"sha1:{id_of(2)}")), [
            ("SEAL_MOVED", ("пломба № 0001 стоит не на своём месте: опломбировано сохранение "
             f"{id_of(2)}, а стоит пломба не за ним"))]),
        (given(text(date="2026-03-01")), []),
        (given(text(date="2026-03-03")), []),
        (given(text(date="2026-02-28")), [
            ("SEAL_MOVED", ("пломба № 0001 стоит не на своём месте: день пломбы 28.02.2026, а "
             "сохранение сделано 02.03.2026"))]),
        (given(text(date="2026-03-04")), [
            ("SEAL_MOVED", ("пломба № 0001 стоит не на своём месте: день пломбы 04.03.2026, а "
             "сохранение сделано 02.03.2026"))]),
    ],
)  # fmt: skip
def test_where_a_seal_stands(seal: Given, where: list[tuple[str, str]]) -> None:
    assert faults(seal) == where


def test_a_seal_behind_a_merge_stands_in_no_place() -> None:
    joined = step(2, made=commit(2, parents=(SEALED, id_of(3))))
    assert [code for code, _ in faults(given(made=joined))] == ["SEAL_MOVED"]


@pytest.mark.parametrize(
    ("seal", "words"),
    [
        (given(number=2, before=(1, "")), ["в тексте стоит номер 0001"]),
        (given(text(number="0003"), number=3, before=(1, "")), ["перед ней № 0001"]),
        (given(text(number="0002"), number=2), ["перед ней нет ни одной"]),
        (given(text(previous=f"sha256:{DIGEST}")), ["контрольная сумма предыдущей пломбы не та"]),
        (given(before=(1, DIGEST)), ["перед ней № 0001", ("контрольная сумма предыдущей пломбы не "
        "та")]),
        (given(number=4, before=(2, DIGEST)), [
            "в тексте стоит номер 0001", "перед ней № 0002", ("контрольная сумма предыдущей пломбы "
            "не та")]),
    ],
)  # fmt: skip
def test_a_chain_of_seals_that_is_broken(seal: Given, words: list[str]) -> None:
    start = f"пломба № {seal.name} не продолжает предыдущую: "
    assert faults(seal) == [("SEAL_CHAIN_BROKEN", start + each) for each in words]


def _bent(listed: str, **more: str) -> Given:
    sum_ = hashlib.sha256(listed.encode()).hexdigest()
    return given(text(units_sha256=sum_, units=str(listed.count("\n")), **more), listed)


def _long(count: int) -> Given:
    more = "".join(f"{'f' * 64}  records/x{at}\n" for at in range(count))
    return _bent(LISTED + more)


@pytest.mark.parametrize(
    ("seal", "words"),
    [
        (given(text(trust_sha256="d" * 64)), ["папка доверенных ключей другая"]),
        (given(text(units_sha256="d" * 64)), ["список 0001.units другой"]),
        (given(text(units="3")), ["в списке строк 2, а не 3"]),
        (_bent(LISTED.replace("a", "0", 1)), ["не сходится README.md"]),
        (_bent(LISTED.partition("\n")[2]), ["не сходится README.md"]),
        (_bent("".join(reversed(LISTED.splitlines(keepends=True)))),
         ["не сходится порядок строк списка"]),
        (_bent(LISTED.removesuffix("\n")), ["не сходится порядок строк списка"]),
        (_bent(LISTED + "x\x1b\n"), ["не сходится x\x1b"]),
        (_bent(f"{LISTED}{'f' * 64}  я\x7f\n"), ["не сходится \\u044f\x7f"]),
        (_long(5), ["не сходится records/x0, records/x1, records/x2, records/x3, records/x4"]),
        (_long(7), [("не сходится records/x0, records/x1, records/x2, records/x3, records/x4 и ещё "
                    "2")]),
    ],
)  # fmt: skip
def test_content_that_is_not_what_was_sealed(seal: Given, words: list[str]) -> None:
    start = "содержимое архива не то, что под пломбой № 0001: "
    assert faults(seal) == [("SEAL_DIGEST_MISMATCH", start + each) for each in words]


def test_all_files_that_differ_are_places_in_the_sealed_commit() -> None:
    (_, found) = judge_seal(_long(7), {SEALED})[1]
    assert [(each.path, each.commit) for each in found.related] == [
        (f"records/x{at}", SEALED) for at in range(7)
    ]


def test_a_seal_without_its_list_is_told_as_lost() -> None:
    found = told(judge_seal(given(listed=None), {SEALED})[1])
    assert [words for _, _, words in found] == [
        "пломбы № 0001 в архиве нет целиком: недостаёт 0001.units, 0001.seal.sig"
    ]


@pytest.mark.parametrize(
    ("signature", "why"),
    [
        (b"x", "это не подпись ssh"),
        ("ы".encode(), "это не подпись ssh"),
        (b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n",
         "подпись обрывается"),
    ],
)  # fmt: skip
def test_a_signature_that_is_none(signature: bytes, why: str) -> None:
    seal = given()
    found = told(judge_seal(replace(seal, files={**seal.files, SIGNATURE: signature}), {SEALED})[1])
    words = f"подпись пломбы № 0001 не принята: {why}"
    assert found == [("SEAL_BAD_SIGNATURE", "records/seals/0001.seal@2", words)]


# where seals come into history


def seal_files(number: int) -> list[str]:
    return [seal_file(number, ending) for ending in ENDINGS]


def test_seals_come_by_the_commit_that_brought_their_text() -> None:
    first = step(1, *(added(path, id_of(at)) for at, path in enumerate(seal_files(1))))
    half = step(2, added(seal_file(2, LIST)), added("records/seals/x"), changed(seal_file(1, TEXT)))
    two = step(3, *(added(path) for path in [*seal_files(4), *seal_files(3)]))
    found = placed_seals((first, half, two))
    assert [(each.number, each.step.commit.id) for each in found] == [
        (1, id_of(1)), (4, id_of(3)), (3, id_of(3)),
    ]  # fmt: skip
    assert found[0].files == {ending: id_of(at) for at, ending in enumerate(ENDINGS)}


def test_what_is_done_to_seals_but_adding_one() -> None:
    card = "records/students/2025/2025-0001/student.yaml"
    start = "пломба № {} стоит не на своём месте: "
    steps = (
        step(1, *(added(path) for path in seal_files(1)), by=CHIEF),
        step(2, added("records/seals/note"), deleted("records/seals/old")),
        step(3, changed(seal_file(1, LIST)), deleted(seal_file(1, TEXT))),
        step(4, *(added(path) for path in [*seal_files(3), *seal_files(2)])),
        step(5, added(card), *(added(path) for path in seal_files(4)), changed("README.md")),
        step(6, changed(card)),
    )
    assert told(only_added(chronicle(*steps))) == [
        ("SEAL_MOVED", "records/seals/note@2",
         start.format("?") + "в папке пломб посторонний файл"),
        ("SEAL_MISSING", "records/seals/old@2",
         "пломбы № ? в архиве нет целиком: недостаёт old, его убрали"),
        ("SEAL_MOVED", "records/seals/0001.units@3",
         start.format("0001") + "её файл изменён потом"),
        ("SEAL_MISSING", "records/seals/0001.seal@3",
         "пломбы № 0001 в архиве нет целиком: недостаёт 0001.seal, его убрали"),
        ("SEAL_MOVED", "records/seals/0003.units@4",
         start.format("0002") + "одним сохранением добавлены сразу 0002, 0003"),
        ("SEAL_MOVED", "records/seals/0004.units@5",
         start.format("0004") + f"тем же сохранением изменено и другое ({card})"),
    ]  # fmt: skip


def test_numbers_that_are_not_there_whole_in_the_end() -> None:
    steps = (
        step(1, *(added(path) for path in seal_files(1)), added("records/seals/9999.txt")),
        step(2, *(added(path) for path in [*seal_files(2), *seal_files(4)]), added("README.md")),
        step(3, deleted(seal_file(2, LIST)), deleted(seal_file(4, TEXT))),
    )
    start = "пломбы № {} в архиве нет целиком: недостаёт {}"
    assert told(judge_numbers(steps)) == [
        ("SEAL_MISSING", "records/seals/0002.seal", start.format("0002", "0002.units")),
        ("SEAL_MISSING", "records/seals/0003.seal",
         start.format("0003", "0003.units, 0003.seal, 0003.seal.sig")),
        ("SEAL_MISSING", "records/seals/0004.seal", start.format("0004", "0004.seal")),
    ]  # fmt: skip
    assert list(judge_numbers((step(1, added("README.md")),))) == []


def test_only_three_new_files_of_one_seal_may_be_saved() -> None:
    new = dict.fromkeys(seal_files(2), b"x")
    there = DictSnapshot({seal_file(1, TEXT): b"x", seal_file(2, LIST): b"x"})

    def refused(changes: Mapping[str, bytes | None], before: DictSnapshot) -> list[str]:
        found = list(judge_seal_changes(before, changes))
        assert all(each.where.path in each.hint for each in found)
        assert set(codes(found)) <= {"SEAL_KEPT"}
        return [each.where.path for each in found]

    nothing = DictSnapshot({})
    assert refused(new, nothing) == []
    assert refused(new, there) == [seal_file(2, LIST)]
    assert refused({**new, "README.md": b""}, nothing) == list(new)
    assert refused(dict(list(new.items())[:2]), nothing) == list(new)[:2]
    mixed = {**dict(list(new.items())[:2]), seal_file(3, TEXT): b"x"}
    assert refused(mixed, nothing) == list(mixed)
    odd = {f"records/seals/{name}": b"x" for name in "abc"}
    assert refused(odd, nothing) == list(odd)
    assert refused({**new, seal_file(2, TEXT): None}, nothing) == [seal_file(2, TEXT)]
    assert refused({"README.md": b"", "records/sealsx": b""}, there) == []


# what a commit holds


def test_content_is_digested_by_units_and_files() -> None:
    sum_ = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a", "b", "t")}
    student = "records/students/2025/2025-0001"
    trees = {
        "top": [TreeEntry(FILE, "README.md", "a"), TreeEntry(TREE, "records", "rec"),
                TreeEntry(TREE, "tools", "tools")],
        "rec": [TreeEntry(TREE, "acts", "nowhere"), TreeEntry(TREE, "students", "all"),
                TreeEntry(TREE, "trust", "trust")],
        "all": [TreeEntry(TREE, "2025", "year")],
        "year": [TreeEntry(TREE, "2025-0001", "one"), TreeEntry(TREE, "2025 2", "one"),
                 TreeEntry(TREE, "2025-0003", "odd"), TreeEntry(TREE, "2025-0004", "gone")],
        "one": [TreeEntry(FILE, ".salt", "b"), TreeEntry(TREE, "results", "deep")],
        "deep": [TreeEntry(FILE, "2025-1.yaml", "a")],
        "odd": [TreeEntry(LINK, "x", "a"), TreeEntry(FILE, "y", "a")],
        "trust": [TreeEntry(FILE, "allowed_signers", "t")],
        "tools": [TreeEntry(EXECUTABLE, "run.sh", "a"), TreeEntry(FILE, "lost", "nowhere"),
                  TreeEntry(FILE, "я", "a")],
    }  # fmt: skip
    found = Digests(trees, sum_).content("top")
    one = folder_digest([(".salt", b"b"), ("results/2025-1.yaml", b"a")])
    assert found.lines == {
        "README.md": sum_["a"],
        student: one,
        "records/students/2025/2025 2": "",
        "records/students/2025/2025-0003": "",
        "records/students/2025/2025-0004": "",
        "records/acts": "",
        "records/trust/allowed_signers": sum_["t"],
        "tools/run.sh": sum_["a"],
        "tools/lost": "",
        "tools/я": "",
    }
    assert found.trust == folder_digest([("allowed_signers", b"t")])


def test_trust_that_is_not_there_or_no_folder_has_no_digest() -> None:
    for trees in (
        {},
        {"top": [TreeEntry(TREE, "records", "gone")]},
        {"top": [TreeEntry(FILE, "records", "rec")], "rec": [TreeEntry(TREE, "trust", "x")]},
        {"top": [TreeEntry(TREE, "records", "rec")], "rec": [TreeEntry(FILE, "trust", "x")]},
    ):
        assert Digests(trees, {}).content("top").trust == ""


def test_folders_made_to_exhaust_a_reader_have_no_digest() -> None:
    def nested(depth: int) -> str:
        trees = {str(at): [TreeEntry(TREE, "d", str(at + 1))] for at in range(depth)}
        trees[str(depth)] = [TreeEntry(FILE, "f", "a")]
        [line] = Digests(trees, {"a": "f" * 64}).content("0").lines.values()
        return line

    assert nested(64) == "f" * 64
    assert nested(65) == ""


def test_a_unit_made_to_exhaust_a_reader_has_no_digest() -> None:
    def nested(depth: int) -> str:
        path = ["records", "students", "2025", "2025-0001", *["d"] * depth]
        trees = {str(at): [TreeEntry(TREE, name, str(at + 1))] for at, name in enumerate(path)}
        trees[str(len(path))] = [TreeEntry(FILE, "f", "a")]
        [line] = Digests(trees, {"a": "f" * 64}).content("0").lines.values()
        return line

    assert len(nested(63)) == 64
    assert nested(64) == ""


@pytest.mark.parametrize("name", ["a b", "a\n", "я", "a\\b", ""])
def test_a_name_that_sha256sum_writes_otherwise(name: str) -> None:
    with pytest.raises(ValueError, match="^" + name.replace("\\", "\\\\")):
        folder_digest([("good", b""), (name, b"")])


# what was kept on paper


def test_anchors_are_read_as_people_type_them() -> None:
    signs, seal, first = "A" * 42 + "/", "0123456789abcdef" * 4, "ab" * 20
    for typed in (f"SHA256:{signs}", f" sha256: {signs[:20]} {signs[20:]}\n", f"=SHA256 {signs}"):
        assert read_anchor(typed) == Anchors(keys=frozenset({f"SHA256:{signs}"}))
    grouped = " – ".join(seal[at : at + 8].upper() for at in range(0, 64, 8))
    assert read_anchor(grouped) == read_anchor(seal) == Anchors(seals=frozenset({seal}))
    assert read_anchor(first) == Anchors(roots=frozenset({first}))
    both = read_anchors([seal, first, "cd" * 20])
    assert both == Anchors(seals=frozenset({seal}), roots=frozenset({first, "cd" * 20}))
    assert [bool(each) for each in (Anchors(), read_anchor(seal), read_anchor(first))] == [
        False, True, True,
    ]  # fmt: skip
    assert Anchors(keys=frozenset("k"))
    assert Anchors(frozenset("a"), frozenset("b"), frozenset("c")) | Anchors(
        frozenset("x"), frozenset("y"), frozenset("z")
    ) == Anchors(frozenset("ax"), frozenset("by"), frozenset("cz"))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("SHA256:" + "A" * 42, ("не отпечаток ключа: после «SHA256:» должно быть 43 знака, а "
         "здесь 42")),
        ("SHA256:" + "A" * 42 + "%", "не отпечаток ключа: знака «%» в нём не бывает"),
        ("SHA256:" + "A" * 42 + "А", ("не отпечаток ключа: буква «А» набрана не латинской, "
         "переключите клавиатуру")),
        ("ab" * 31, ("не то, что печатают на листе пломбы: знаков 62, а в контрольной сумме пломбы "
        "их 64")),
        ("ab" * 31 + "xg", ("не то, что печатают на листе пломбы: в контрольной сумме бывают "
         "только цифры и буквы a–f, а здесь «g»")),
        ("ab" * 31 + "gс", ("не то, что печатают на листе пломбы: буква «с» набрана не латинской, "
         "переключите клавиатуру")),
        ("ab" * 31 + "é", ("не то, что печатают на листе пломбы: буква «é» набрана не латинской, "
         "переключите клавиатуру")),
        ("", "не то, что печатают на листе пломбы: знаков 0, а в контрольной сумме пломбы их 64"),
    ],
)  # fmt: skip
def test_what_was_typed_wrong_is_told_in_words(typed: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read_anchor(typed)
    assert refused.value.message == f"«{typed}» — {why}"
    assert refused.value.next_step == (
        "Наберите одно из трёх: контрольную сумму пломбы (8 групп по 8 знаков), отпечаток ключа "
        "(SHA256:… целиком) или номер первого сохранения (40 знаков)"
    )


def roots_signed_by(*signers: Verdict) -> list[HistoryStep]:
    return [
        step(at, made=commit(at, parents=()), verdict=verdict)
        for at, verdict in enumerate(signers, 1)
    ]


SEAL = Seal(2, "2025", dt.date(2026, 3, 2), DIGEST, SEALED, id_of(2))
GOOD = Verdict("good", CHIEF, CHIEF.key.fingerprint)


def test_an_archive_that_nothing_vouches_for() -> None:
    steps = roots_signed_by(GOOD, Verdict("missing"))
    words = "подлинность не установлена: первое сохранение подписал ключ {}, сверить его не с чем"
    assert told(judge_anchors(steps, [], Anchors())) == [
        ("ROOT_UNANCHORED", "@1", words.format(CHIEF.key.fingerprint)),
        ("ROOT_UNANCHORED", "@2", words.format("неизвестный")),
    ]


def test_each_thing_from_paper_must_meet_something() -> None:
    given_ = Anchors(frozenset({"SHA256:b", "SHA256:a"}), frozenset({"s"}), frozenset({"r"}))
    words = "{} с бумаги не подходит ни к чему в этом архиве: {}"
    assert told(judge_anchors(roots_signed_by(GOOD), [], given_)) == [
        ("ANCHOR_MISMATCH", "@1", words.format("отпечаток ключа", "SHA256:a")),
        ("ANCHOR_MISMATCH", "@1", words.format("отпечаток ключа", "SHA256:b")),
        ("ANCHOR_MISMATCH", "@1", words.format("контрольная сумма пломбы", "s")),
        ("ANCHOR_MISMATCH", "@1", words.format("номер первого сохранения", "r")),
    ]


def test_a_history_that_lost_its_beginning_is_not_said_to_be_another() -> None:
    assert list(judge_anchors([step(2)], [], Anchors(frozenset({"SHA256:a"})))) == []


def test_the_last_seal_asks_for_its_sheet() -> None:
    first = replace(SEAL, number=1, digest="e" * 64)
    anchors = Anchors(roots=frozenset({id_of(1)}))
    [found] = judge_anchors(roots_signed_by(GOOD), [first, SEAL], anchors)
    assert told([found]) == [
        ("ANCHOR_NOT_GIVEN", "records/seals/0002.seal", ("пломбы есть, последняя — № 0002 от "
         "02.03.2026, но с бумажным листом они не сверены")),
    ]  # fmt: skip
    assert found.hint.endswith('--anchor "…… 8 групп по 8 знаков ……"')
    paper = Anchors(seals=frozenset({DIGEST}))
    anchored = replace(SEAL, is_anchored=True)
    assert list(judge_anchors(roots_signed_by(GOOD), [first, anchored], paper)) == []
    assert codes(judge_anchors(roots_signed_by(GOOD), [first, SEAL], paper)) == ["ROOT_UNANCHORED"]


def test_a_heads_later_key_vouches_for_nothing_by_itself() -> None:
    steps = roots_signed_by(GOOD)
    spare = Anchors(frozenset({key(2).fingerprint}))
    clerk = Anchors(frozenset({CLERK.key.fingerprint}))
    root = Anchors(roots=frozenset({id_of(1)}))
    assert met_anchors(steps, [], spare) == Anchors()
    assert met_anchors(steps, [], spare | root) == spare | root
    first = Anchors(frozenset({CHIEF.key.fingerprint}))
    assert met_anchors(steps, [], spare | first) == spare | first
    assert met_anchors(steps, [], clerk | root) == root
    assert met_anchors(steps, [replace(SEAL, is_anchored=True)], spare) == spare
    assert met_anchors([step(2)], [], root) == Anchors()
    assert codes(judge_anchors(steps, [], spare | root)) == []


def test_when_a_seal_was_made_is_told_in_its_makers_zone() -> None:
    """23:30 in Moscow on the 2nd is the 3rd of nobody."""
    late = person(time=START + 11 * 3600 + 1800)
    made = step(2, made=commit(2, author=late))
    assert faults(given(text(date="2026-03-01"), made=made)) == []
    assert codes(judge_seal(given(text(date="2026-03-04"), made=made), {SEALED})[1])[1:] == [
        "SEAL_MOVED"
    ]
