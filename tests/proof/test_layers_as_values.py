"""Acts of destruction taken off histories in memory: honest ones of any shape, and forged ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papka.core.errors import Refused
from papka.proof.layers import is_continuation
from papka.proof.rewriting import Rewriting, rewrite
from papka.repository.pack_format import PackBuilder, PackReader
from tests.support.shelves import (
    Bend,
    Files,
    Shelf,
    destroyed,
    grow,
    peeled,
    relinked,
    told,
    with_evidence,
    with_tree,
)

ONE, TWO = "records/students/2025/2025-0001", "records/students/2025/2025-0002"
PHOTO = f"{ONE}/attachments/0123456789ab.jpg"
CARD, OTHER = f"{ONE}/student.yaml", f"{TWO}/student.yaml"
ORDER, ENTRY = "records/orders/2025/3-k", "records/registers/certificates/2025/12"
BOOK = "records/imports/2025-1/1/original"
FIRST: Files = {"records/organization.yaml": b"format: 2\n"}
BOTH: Files = FIRST | {CARD: b"a", f"{ONE}/.salt": b"s", OTHER: b"b", f"{TWO}/.salt": b"t"}
STATES: list[Files] = [
    FIRST,
    BOTH,
    BOTH | {PHOTO: b"photo", f"{ORDER}.yaml": b"o", f"{ORDER}.pdf": b"scan"},
    BOTH | {PHOTO: b"photo", f"{ORDER}.yaml": b"o", f"{ORDER}.pdf": b"scan", CARD: b"aa"},
    BOTH | {PHOTO: b"photo", f"{ORDER}.yaml": b"oo", f"{ENTRY}.yaml": b"e", f"{BOOK}/.salt": b"x"},
]


def begun() -> tuple[Shelf, str]:
    shelf = Shelf()
    return shelf, grow(shelf, STATES)


@pytest.mark.parametrize("gone", [ONE, PHOTO, ORDER, ENTRY, BOOK], ids=["folder", "photo", *"oeb"])
def test_each_size_of_destruction(gone: str) -> None:
    shelf, head = begun()
    before = [commit.id for commit in shelf.walk(head).commits]
    left, act = destroyed(shelf, head, [gone])
    line, found = peeled(left, act)
    assert found == []
    assert [commit.id for commit in line.commits] == [*before, act]
    assert line.commits[-1].parents == (head,)
    assert line.destroyed == {gone}
    assert all(is_continuation(line, id_) for id_ in before)
    for commit, state in zip(line.commits, STATES, strict=False):
        files = left.files(commit.tree)
        assert files == {path: data for path, data in state.items() if not _lies_in(path, gone)}
    assert b"photo" not in {data for _, data in left.all.values()} or gone not in (ONE, PHOTO)


def test_a_photo_then_its_folder_then_an_order() -> None:
    shelf, head = begun()
    before = [commit.id for commit in shelf.walk(head).commits]
    shelf, photo = destroyed(shelf, head, [PHOTO])
    shelf, folder = destroyed(shelf, photo, [ONE], 2)
    state = shelf.files(shelf.walk(folder).commits[-1].tree)
    shelf, last = destroyed(shelf, shelf.commit(state | {OTHER: b"bb"}, folder), [ORDER], 3)
    line, found = peeled(shelf, last)
    assert found == []
    ids = [commit.id for commit in line.commits]
    assert ids[:-2] == [*before, photo, folder]
    assert ids[-1] == last
    assert line.destroyed == {ONE, ORDER}
    assert [layer.number for layer in line.layers] == [3, 2, 1]
    assert not any(id_ in shelf.all for id_ in line.destroyed_ids)


def _lies_in(path: str, gone: str) -> bool:
    return path == gone or path.startswith((f"{gone}/", f"{gone}."))


def _bent(change: Callable[[int, bytes], bytes | None]) -> Bend:
    return lambda shelf, made: relinked(shelf, made, change)


def _on(place: int, change: Callable[[Files], Files]) -> Bend:
    """Other files in one rewritten commit."""
    return lambda shelf, made: relinked(
        shelf, made, lambda at, raw: with_tree(shelf, raw, change) if at == place else raw
    )


def _pack(ids: Callable[[PackReader], list[str]], more: bytes = b"") -> Bend:
    """Evidence of other objects."""

    def bend(_shelf: Shelf, made: Rewriting) -> Rewriting:
        reader, builder = PackReader(made.evidence), PackBuilder()
        for id_ in ids(reader):
            builder.add(reader.kind(id_), reader.read(id_))
        if more:
            builder.add("blob", more)
        return with_evidence(made, builder.close())

    return bend


def _without(files: Files, folder: str) -> Files:
    return {path: data for path, data in files.items() if not path.startswith(folder)}


FORGED: dict[str, tuple[Bend, str]] = {
    "another-folder-gone-too": (
        _on(3, lambda files: _without(files, TWO)), f"пропало и другое: {TWO}"),
    "a-byte-of-another-student": (
        _on(2, lambda files: files | {OTHER: b"c"}), f"изменено и другое: {TWO}"),
    "a-rewrite-that-adds": (
        _on(1, lambda files: files | {"records/staff.yaml": b"x"}),
        "появилось то, чего не было: records/staff.yaml"),
    "another-author": (
        _bent(lambda at, raw: raw.replace(b"author s001", b"author s002") if at == 1 else raw),
        "изменены автор, время или описание"),
    "a-commit-dropped": (
        _bent(lambda at, raw: None if at == 1 else raw), "сохранения выброшены или добавлены"),
    "an-extra-object": (_pack(lambda reader: sorted(reader.ids), b"extra"), "есть лишнее"),
    "a-tree-missing": (
        _pack(lambda reader: [i for i in sorted(reader.ids) if reader.kind(i) == "commit"]),
        "недостаёт прежней папки"),
    "a-commit-missing": (
        _pack(lambda reader: [i for i in sorted(reader.ids) if reader.kind(i) == "tree"]),
        "нет ни в истории, ни в доказательстве"),
    "nothing-rewritten": (
        lambda _shelf, made: replace(made, head=made.old_head), "история до акта не переписана"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_rewriting(name: str) -> None:
    bend, words = FORGED[name]
    shelf, head = begun()
    found = told(*destroyed(shelf, head, [ONE], bend=bend))
    assert [each for each in found if words in each], found
    assert {each.partition(":")[0] for each in found} == {"ACT_INVALID"}


def test_an_act_that_names_other_things_than_went() -> None:
    shelf, head = begun()
    found = told(*destroyed(shelf, head, [ONE, TWO], named=[ONE]))
    assert [each for each in found if "пропало и другое: records/students" in each]
    never = "records/students/2025/2025-0009"
    found = told(*destroyed(shelf, head, [ONE], named=[ONE, never]))
    words = f"того, что названо уничтоженным, не было: {never}"
    assert found == [f"ACT_INVALID: акт об уничтожении № 1 не принят: {words}"]


def test_a_signature_dropped_without_need() -> None:
    shelf, head = begun()
    ids = [commit.id for commit in shelf.walk(head).commits]

    def bend(full: Shelf, made: Rewriting) -> Rewriting:
        """The first commit, which holds nothing destroyed, is rewritten too."""
        raw = full.all[ids[0]][1]
        start, end = raw.index(b"gpgsig"), raw.index(b"\n\n")
        bare = full.put("commit", raw[: start - 1] + raw[end:])
        more = relinked(full, made, lambda _, each: each.replace(ids[0].encode(), bare.encode()))
        builder, reader = PackBuilder(), PackReader(made.evidence)
        for id_ in sorted(reader.ids):
            builder.add(reader.kind(id_), reader.read(id_))
        builder.add("commit", raw)
        return with_evidence(more, builder.close())

    found = told(*destroyed(shelf, head, [ONE], bend=bend))
    assert [each for each in found if "хотя в нём ничего не уничтожено" in each], found


def _other_blob(listed: bytes) -> bytes:
    return listed[:66] + b"0" * 40 + listed[106:]


def test_inner_evidence_and_its_list() -> None:
    shelf, head = begun()
    files, pack = f"{ONE}/destroyed/1.files", f"{ONE}/destroyed/1.pack"
    bends: dict[str, Bend] = {
        "чужой путь": lambda _, made: replace(
            made, inner={**made.inner, files: made.inner[files].replace(b"0001/att", b"0002/att")}
        ),
        "не сходится": lambda _, made: replace(
            made, inner={**made.inner, files: _other_blob(made.inner[files])}
        ),
        "не по образцу": lambda _, made: replace(made, inner={**made.inner, files: b""}),
        "нет файла": lambda _, made: replace(made, inner={pack: made.inner[pack]}),
        "не пачка": lambda _, made: replace(made, inner={**made.inner, pack: b"PACK"}),
    }  # fmt: skip
    for words, bend in bends.items():
        found = told(*destroyed(shelf, head, [PHOTO], bend=bend))
        assert [each for each in found if words in each], (words, found)


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (["records/staff.yaml"], "Уничтожить можно"),
        ([CARD], "Уничтожить можно"),
        ([ONE, PHOTO], "целиком"),
        (["records/students/2025/2025-0009"], "никогда не было"),
    ],
    ids=["common", "card", "twice", "never"],
)
def test_what_cannot_be_destroyed(gone: list[str], words: str) -> None:
    shelf, head = begun()
    ids = [commit.id for commit in shelf.walk(head).commits]
    with pytest.raises(Refused, match=words):
        rewrite(shelf, ids, gone, 1)


def test_the_first_commit_is_never_rewritten() -> None:
    shelf = Shelf()
    head = grow(shelf, [BOTH, BOTH | {OTHER: b"bb"}])
    ids = [commit.id for commit in shelf.walk(head).commits]
    with pytest.raises(Refused, match="Первое сохранение"):
        rewrite(shelf, ids, [ONE], 1)


def test_evidence_never_repeats() -> None:
    """However many acts there are, it grows with what they touch for the first time."""
    shelf, head = begun()
    commits = len(STATES) - 1
    for number, gone in enumerate((PHOTO, ORDER, TWO), 1):
        shelf, head = destroyed(shelf, head, [gone], number)
        line, found = peeled(shelf, head)
        assert found == []
        kept = [id_ for pack in line.packs for id_ in pack.ids if pack.kind(id_) == "commit"]
        assert sorted(kept) == sorted({*kept})
        assert len(kept) == len([c for c in line.commits if line.stored[c.id] != c.id])
    assert commits <= len(kept) <= commits + 2


PATHS = [
    *(f"records/students/{y}/{y}-000{n}/{name}" for y in (2024, 2025) for n in (1, 2, 3)
      for name in (".salt", "student.yaml", "attachments/0123456789ab.jpg", "results/2025-1.yaml")),
    *(f"records/orders/2025/{n}-k.{end}" for n in (1, 2) for end in ("yaml", "pdf")),
    "records/staff.yaml", "records/organization.yaml", "README.md",
]  # fmt: skip
UNITS = [
    *(f"records/students/{y}/{y}-000{n}" for y in (2024, 2025) for n in (1, 2, 3)),
    *(f"records/orders/2025/{n}-k" for n in (1, 2)),
]
SCANS = [path for path in PATHS if "/attachments/" in path]


@st.composite
def histories(draw: st.DrawFn) -> list[Files]:
    """States that change a few files at a time, also away and back."""
    state: Files = {"records/organization.yaml": b"format: 2\n"}
    states = [dict(state)]
    for _ in range(draw(st.integers(2, 7))):
        for path in draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=5)):
            data = draw(st.sampled_from([None, b"1", b"2", path.encode()]))
            if data is None:
                state.pop(path, None)
            else:
                state[path] = data
        state["records/organization.yaml"] = b"format: 2\n"
        states.append(dict(state))
    return states


def _there(states: list[Files], path: str) -> bool:
    return any(_lies_in(name, path) for state in states for name in state)


@settings(max_examples=60, deadline=None)
@given(histories(), st.data())
def test_any_history_and_any_units_come_back_to_the_id(
    states: list[Files], data: st.DataObject
) -> None:
    shelf = Shelf()
    head = grow(shelf, states)
    signed = [commit.id for commit in shelf.walk(head).commits]
    left = [each for each in [*UNITS, *SCANS] if _there(states, each)]
    gone: set[str] = set()
    for number in range(1, data.draw(st.integers(1, 3)) + 1):
        now = shelf.files(shelf.walk(head).commits[-1].tree)
        free = [
            each for each in left
            if each not in gone and each.rpartition("/attachments/")[0] not in gone
            and (each in UNITS or f"{each.rpartition('/attachments/')[0]}/.salt" in now)
        ]  # fmt: skip
        if not free:
            return
        chosen = set(data.draw(st.lists(st.sampled_from(free), min_size=1, max_size=3)))
        chosen = {each for each in chosen if each.rpartition("/attachments/")[0] not in chosen}
        shelf, head = destroyed(shelf, head, chosen, number)
        gone |= chosen
        line, found = peeled(shelf, head)
        assert found == []
        assert [commit.id for commit in line.commits] == [*signed, head]
        signed.append(head)
        assert not any(_there([shelf.files(commit.tree)], each)
                       for commit in line.commits for each in gone)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_byte_flipped_anywhere_is_found(data: st.DataObject) -> None:
    """In the evidence, with its sums made right again, or in a rewritten commit."""
    shelf, head = begun()

    def in_evidence(_shelf: Shelf, made: Rewriting) -> Rewriting:
        reader, builder = PackReader(made.evidence), PackBuilder()
        ids = sorted(reader.ids)
        chosen = data.draw(st.sampled_from(ids))
        for id_ in ids:
            raw = reader.read(id_)
            builder.add(reader.kind(id_), _flipped(raw, data) if id_ == chosen else raw)
        return with_evidence(made, builder.close())

    def in_commit(full: Shelf, made: Rewriting) -> Rewriting:
        place = data.draw(st.integers(0, len(made.commits) - 1))

        def change(at: int, raw: bytes) -> bytes:
            start = raw.index(b"author")
            return raw[:start] + _flipped(raw[start:], data) if at == place else raw

        return relinked(full, made, change)

    bend = data.draw(st.sampled_from([in_evidence, in_commit]))
    try:
        left, act = destroyed(shelf, head, [ONE], bend=bend)
        found = told(left, act)
    except ValueError:  # no commit any more: reading history reports it
        return
    assert found


def _flipped(raw: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(raw) - 1))
    return raw[:at] + bytes([raw[at] ^ 1 << data.draw(st.integers(0, 7))]) + raw[at + 1 :]
