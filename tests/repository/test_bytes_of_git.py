"""What git wrote is read from its bytes alone: packs, deltas, indexes, refs, answers, settings."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Mapping
from os.path import commonpath
from pathlib import Path

import pytest

from papka.copies.salvage import Found, apply_delta, salvage
from papka.proof.clean_room import CleanRoom, clean_room, read_index
from papka.repository import store
from papka.repository.commit_snapshots import parse_raw_diff
from papka.repository.commit_writing import write_objects
from papka.repository.git_values import MAIN, FileChange, IndexEntry, Setting, Stamp, object_id
from papka.repository.store import Refs, locate, read_refs, read_settings
from tests.support.histories import School, git

ONE, TWO, THREE = "1" * 40, "2" * 40, "3" * 40


# deltas

ELSEWHERE = (
    "настройки велят git брать ссылки из другого места (refStorage); если так их положил новый "
    "git, файлами их сделает git refs migrate --ref-format=files"
)


def number(value: int) -> bytes:
    """Seven bits a byte, low ones first."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def copied(start: int, size: int) -> bytes:
    """The order to copy a piece of the base."""
    order, parts = 128, b""
    for bit in range(4):
        if byte := start >> 8 * bit & 255:
            order |= 1 << bit
            parts += bytes([byte])
    for bit in range(3):
        if byte := (size if size != 1 << 16 else 0) >> 8 * bit & 255:
            order |= 16 << bit
            parts += bytes([byte])
    return bytes([order]) + parts


def delta(base: bytes, made: int, *orders: bytes) -> bytes:
    return number(len(base)) + number(made) + b"".join(orders)


BASE = bytes(at * 7 % 251 for at in range(200_000))


@pytest.mark.parametrize(
    ("start", "size"),
    [(0, 1), (0, 255), (255, 256), (256, 257), (65_535, 65_535), (65_536, 65_536), (70_000, 65_537),
     (131_073, 68_927), (0, 200_000)],
)  # fmt: skip
def test_a_piece_of_the_base_is_copied(start: int, size: int) -> None:
    assert apply_delta(delta(BASE, size, copied(start, size)), BASE) == BASE[start : start + size]


def test_a_delta_of_pieces_and_bytes_of_its_own() -> None:
    own = bytes(range(127))
    orders = (copied(5, 300), bytes([127]) + own, b"\x01!", copied(0, 2))
    found = apply_delta(delta(BASE, 430, *orders), BASE)
    assert found == BASE[5:305] + own + b"!" + BASE[:2]
    assert apply_delta(delta(b"", 0), b"") == b""


@pytest.mark.parametrize(
    "bent",
    [
        delta(BASE + b"x", 2, copied(0, 2)),
        delta(BASE, 3, copied(0, 2)),
        delta(BASE, 1, copied(0, 2)),
        delta(BASE, 2, copied(len(BASE) - 1, 2)),
        delta(BASE, 5, b"\x05abcd"),
        delta(BASE, 2, b"\x91\x05"),
        delta(BASE, 2)[:-1],
        b"",
        b"\x80",
    ],
)
def test_a_delta_that_does_not_fit_is_nothing(bent: bytes) -> None:
    assert apply_delta(bent, BASE) is None


# packs


KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


def heading(kind: int, size: int) -> bytes:
    first, size = kind << 4 | size & 15, size >> 4
    found = bytearray()
    while size:
        found.append(first | 128)
        first, size = size & 127, size >> 7
    return bytes([*found, first])


def whole(kind: str, data: bytes) -> bytes:
    return heading(KINDS[kind], len(data)) + zlib.compress(data, 1)


def by_place(back: int, data: bytes) -> bytes:
    """A delta on the object so many bytes before."""
    found = [back & 127]
    back >>= 7
    while back:
        back -= 1
        found.insert(0, back & 127 | 128)
        back >>= 7
    return heading(6, len(data)) + bytes(found) + zlib.compress(data, 1)


def by_id(id_: str, data: bytes) -> bytes:
    return heading(7, len(data)) + bytes.fromhex(id_) + zlib.compress(data, 1)


def pack(folder: Path, *entries: bytes, names: Mapping[int, str] | None = None) -> Path:
    """A pack of these entries; `names` is what its index says: place -> id."""
    body = b"PACK" + struct.pack(">LL", 2, len(entries)) + b"".join(entries)
    file = folder / "pack-x.pack"
    file.write_bytes(body + hashlib.sha1(body, usedforsecurity=False).digest())
    listed = sorted((id_, place) for place, id_ in (names or {}).items())
    index = b"\xfftOc" + struct.pack(">L", 2) + bytes(255 * 4) + struct.pack(">L", len(listed))
    index += b"".join(bytes.fromhex(id_) for id_, _ in listed) + bytes(4 * len(listed))
    index += b"".join(struct.pack(">L", place) for _, place in listed) + bytes(40)
    file.with_suffix(".idx").write_bytes(index)
    return file


def salvaged(file: Path, elsewhere: Mapping[str, Found] | None = None) -> list[Found]:
    return list(salvage(file, (elsewhere or {}).get))


TEXT = b"a" * 300 + bytes(range(200))
LONGER = delta(TEXT, 502, copied(0, 500), b"\x02!!")
ON_IT = TEXT + b"!!"


def test_every_kind_of_object_comes_out_of_a_pack(tmp_path: Path) -> None:
    objects = [("commit", b"c" * 5000), ("tree", b""), ("blob", TEXT), ("tag", b"t" * 15)]
    objects.append(("blob", bytes(at * 31 % 256 for at in range(300_000))))
    assert salvaged(pack(tmp_path, *(whole(*each) for each in objects))) == objects


def test_deltas_on_a_place_far_and_near_and_on_an_id(tmp_path: Path) -> None:
    base, far = whole("blob", TEXT), whole("blob", os.urandom(40_000))
    again = delta(ON_IT, 503, copied(0, 502), b"\x01?")
    file = pack(
        tmp_path, base, by_place(len(base), LONGER), far,
        by_place(len(base) + len(by_place(len(base), LONGER)) + len(far), LONGER),
        by_id(object_id("blob", ON_IT), again),
    )  # fmt: skip
    found = salvaged(file)
    assert [each for each in found if len(each[1]) < 40_000] == [
        ("blob", TEXT), ("blob", ON_IT), ("blob", ON_IT), ("blob", ON_IT + b"?"),
    ]  # fmt: skip


def test_a_delta_before_its_base_and_one_whose_base_is_elsewhere(tmp_path: Path) -> None:
    id_ = object_id("blob", TEXT)
    first = pack(tmp_path, by_id(id_, LONGER), whole("blob", TEXT))
    assert salvaged(first) == [("blob", TEXT), ("blob", ON_IT)]
    alone = pack(tmp_path, by_id(id_, LONGER))
    assert salvaged(alone) == []
    assert salvaged(alone, {id_: ("tree", TEXT)}) == [("tree", ON_IT)]
    assert salvaged(alone, {id_: ("blob", TEXT + b"x")}) == []
    # a chain that only ends in a later object
    second = object_id("blob", ON_IT)
    again = delta(ON_IT, 3, copied(500, 2), b"\x01?")
    chain = pack(tmp_path, by_id(second, again), by_id(id_, LONGER), whole("blob", TEXT))
    assert salvaged(chain) == [("blob", TEXT), ("blob", ON_IT), ("blob", b"!!?")]


def test_a_broken_base_is_taken_from_elsewhere_where_the_index_names_it(tmp_path: Path) -> None:
    base = whole("blob", TEXT)
    torn = base[:12] + b"\xff" + base[13:]
    id_ = object_id("blob", TEXT)
    entries = (torn, by_place(len(base), LONGER), whole("blob", b"after"))
    known = pack(tmp_path, *entries, names={12: id_})
    assert salvaged(known) == [("blob", b"after")]
    found = salvaged(known, {id_: ("blob", TEXT)})
    assert sorted(found) == [("blob", ON_IT), ("blob", b"after")]
    unnamed = pack(tmp_path, *entries, names={13: id_})
    assert salvaged(unnamed, {id_: ("blob", TEXT)}) == [("blob", b"after")]
    for bend in (b"\xfftOc\0\0\0\1", b"XXXX\0\0\0\2"):
        known = pack(tmp_path, *entries, names={12: id_})
        index = known.with_suffix(".idx")
        index.write_bytes(bend + index.read_bytes()[8:])
        assert salvaged(known, {id_: ("blob", TEXT)}) == [("blob", b"after")]
    index.unlink()
    assert salvaged(known, {id_: ("blob", TEXT)}) == [("blob", b"after")]


def test_objects_after_what_is_broken_are_found_byte_by_byte(tmp_path: Path) -> None:
    first, last = whole("blob", b"first" * 9), whole("blob", b"last" * 9)
    for torn in (b"\0" * 40, b"\x78\x01" * 9, whole("blob", TEXT)[:-3], heading(5, 9) + b"x" * 9):
        found = salvaged(pack(tmp_path, first, torn, last))
        assert ("blob", b"first" * 9) in found
        assert ("blob", b"last" * 9) in found
    # a size that is not the stream's own is no object
    for size in (len(TEXT) - 1, len(TEXT) + 1):
        bent = heading(3, size) + zlib.compress(TEXT)
        assert ("blob", TEXT) not in salvaged(pack(tmp_path, bent, last))
    # a delta on a place before the first object, or on itself
    for back in (0, 13, 1 << 20):
        assert salvaged(pack(tmp_path, by_place(back, LONGER), last)) == [("blob", b"last" * 9)]


def test_a_pack_too_short_for_any_object(tmp_path: Path) -> None:
    assert salvaged(pack(tmp_path)) == []
    file = tmp_path / "pack-x.pack"
    for size in (0, 12, 32, 33):
        file.write_bytes(b"\0" * size)
        assert salvaged(file) == []


# the index


def index_file(
    folder: Path, *entries: tuple[str, str, int, int], version: int = 2, checked: bool = True
) -> Path:
    """An index of entries (path, id, flags, extended flags): 9 bytes long, changed at 7.5 s."""
    body = struct.pack(">4sLL", b"DIRC", version, len(entries))
    before = b""
    for path, id_, flags, extended in entries:
        name = path.encode()
        entry = struct.pack(">LLLLLLLLLL20sH", 1, 2, 7, 500_000_000, 3, 4, 0o100644, 5, 6, 9,
                            bytes.fromhex(id_), flags | len(name) & 0xFFF)  # fmt: skip
        if flags & 0x4000:
            entry += struct.pack(">H", extended)
        if version == 4:
            kept = len(commonpath([before, name]))
            entry += _varint(len(before) - kept) + name[kept:] + b"\0"
        else:
            entry += name
            entry += bytes(8 - len(entry) % 8)
        body += entry
        before = name
    sum_ = hashlib.sha1(body, usedforsecurity=False).digest() if checked else bytes(20)
    (folder / "index").write_bytes(body + sum_)
    os.utime(folder / "index", ns=(1, 77))
    return folder


def _varint(value: int) -> bytes:
    found = [value & 127]
    value >>= 7
    while value:
        value -= 1
        found.insert(0, value & 127 | 128)
        value >>= 7
    return bytes(found)


ROOM = CleanRoom(Path("/nowhere"))
ASSUMED = "в индексе помечен «считать неизменным» (assume-unchanged)"
SKIPPED = "в индексе помечен «не брать в папку» (skip-worktree)"
LONG_NAME = "records/" + "x" * 400


@pytest.mark.parametrize(("version", "checked"), [(2, True), (2, False), (3, True), (4, True)])
def test_entries_of_an_index(version: int, tmp_path: Path, *, checked: bool) -> None:
    extended = [("d", ONE, 0x4000, 0x4000), ("e", ONE, 0xC000, 0x2000)] if version > 2 else []
    found = read_index(
        index_file(
            tmp_path,
            ("a", ONE, 0, 0),
            *((name, TWO, 0, 0) for name in ("abcdefg", "abcdefgh", "abcdefghi")),
            ("b", TWO, 0x8000, 0),
            ("c", THREE, 0x1000, 0),
            *extended,
            (LONG_NAME, THREE, 0, 0),
            ("z", ONE, 0, 0),
            version=version,
            checked=checked,
        ),
        ROOM,
    )
    stamp = Stamp(7_500_000_000, 9)
    marked = {"d": IndexEntry(ONE, stamp, SKIPPED), "e": IndexEntry(ONE, stamp, ASSUMED)}
    assert found.fault == ""
    assert found.written == 77
    assert found.entries == {
        "a": IndexEntry(ONE, stamp),
        **{name: IndexEntry(TWO, stamp) for name in ("abcdefg", "abcdefgh", "abcdefghi")},
        "b": IndexEntry(TWO, stamp, ASSUMED),
        "c": IndexEntry("", stamp),
        **(marked if version > 2 else {}),
        LONG_NAME: IndexEntry(THREE, stamp),
        "z": IndexEntry(ONE, stamp),
    }


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "он короче самого короткого"),
        (b"DIRC" + bytes(27), "он короче самого короткого"),
        (b"DIRC" + struct.pack(">LL", 2, 0) + b"\1" * 20, "контрольная сумма не сходится"),
        (b"XIRC" + struct.pack(">LL", 2, 0) + bytes(20), "это не индекс git"),
        (b"DIRC" + struct.pack(">LL", 5, 0) + bytes(20), "это не индекс git"),
        (b"DIRC" + struct.pack(">LL", 1, 0) + bytes(20), "это не индекс git"),
        (b"DIRC" + struct.pack(">LL", 2, 1) + bytes(30), "он обрывается посреди записи"),
    ],
)
def test_bytes_that_are_no_index(data: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(data)
    found = read_index(tmp_path, ROOM)
    assert (found.entries, found.fault) == ({}, why)


def test_no_index_and_an_empty_one(tmp_path: Path) -> None:
    assert read_index(tmp_path, ROOM).fault == ""
    assert read_index(index_file(tmp_path), ROOM).entries == {}
    other = (tmp_path / "index").read_bytes()
    extended = other[:-20] + b"TREE" + struct.pack(">L", 3) + b"abc"
    (tmp_path / "index").write_bytes(extended + bytes(20))
    assert (read_index(tmp_path, ROOM).fault, read_index(tmp_path, ROOM).entries) == ("", {})


def test_a_split_index_whose_other_half_is_gone(school: School) -> None:
    git(school.root, "update-index", "--split-index")
    own = school.root / ".git"
    with clean_room(locate(school.root)) as room:
        whole_ = read_index(own, room)
    assert whole_.fault == ""
    assert sorted(whole_.entries) == sorted(git(school.root, "ls-files").split())
    for file in own.glob("sharedindex.*"):
        file.unlink()
    with clean_room(locate(school.root)) as room:
        assert read_index(own, room).fault == "его вторую часть (sharedindex) не прочесть"


# refs


def refs(folder: Path, files: Mapping[str, str | bytes], own: Path | None = None) -> Refs:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_refs(own or folder, folder)


PACKED = (
    f"# pack-refs with: peeled fully-peeled sorted \n{ONE} {MAIN}\n{TWO} refs/tags/a\n^{THREE}\n"
)


def test_refs_loose_and_packed(tmp_path: Path) -> None:
    found = refs(tmp_path, {
        "packed-refs": PACKED, MAIN: f"{TWO}\n", "refs/tags/b": THREE, "refs/tags/c.lock": ONE,
        "refs/remotes/usb/HEAD": "ref: refs/remotes/usb/main\n",
        "config": "[core]\n\tbare = true\n",
    })  # fmt: skip
    assert found.ids == {MAIN: TWO, "refs/tags/a": TWO, "refs/tags/b": THREE}
    assert found.broken == {}
    empty = tmp_path / "empty"
    assert refs(empty, {"HEAD": "x"}) == Refs()
    assert refs(empty, {"packed-refs": ""}) == Refs()
    assert refs(empty, {"packed-refs": PACKED.partition("\n")[0] + "\n"}) == Refs()
    assert refs(empty, {"packed-refs": f"{ONE} {MAIN}\n"}).ids == {MAIN: ONE}


@pytest.mark.parametrize(
    ("files", "name", "why"),
    [
        ({MAIN: ""}, MAIN, "пусто"),
        ({MAIN: " \n"}, MAIN, "пусто"),
        ({MAIN: "x"}, MAIN, "не идентификатор"),
        ({MAIN: ONE[:-1]}, MAIN, "не идентификатор"),
        ({MAIN: f"{ONE}\n{TWO}"}, MAIN, "не идентификатор"),
        ({MAIN: "ref: refs/heads/x"}, MAIN, "она отсылает к другой ссылке"),
        ({"refs/remotes/a/b/HEAD": "ref: x"}, "refs/remotes/a/b/HEAD",
         "она отсылает к другой ссылке"),
        ({"packed-refs": f"{ONE} {MAIN}"}, "packed-refs", "последняя строка обрывается"),
        ({"packed-refs": "x\n"}, "packed-refs", "в нём строка, которой там не бывает"),
        ({"packed-refs": f"# note\n{ONE} {MAIN}\n"}, "packed-refs",
         "в нём строка, которой там не бывает"),
        ({"packed-refs": f"{ONE} HEAD\n"}, "packed-refs", "в нём строка, которой там не бывает"),
        ({"packed-refs": f"{ONE}\t{MAIN}\n"}, "packed-refs", "в нём строка, которой там не бывает"),
        ({"packed-refs": f"{ONE} {MAIN}\n{TWO} {MAIN}\n"}, MAIN, "записана в packed-refs дважды"),
        ({"packed-refs": f"{ONE} {MAIN}\n" * 3}, MAIN, "записана в packed-refs дважды"),
        ({"config": "[core]\n\trefStorage = files\n"}, "refs",
         ELSEWHERE),
        ({"config": "[extensions] refstorage\n"}, "refs",
         ELSEWHERE),
        ({"reftable/x": ""}, "refs",
         ELSEWHERE),
    ],
)  # fmt: skip
def test_a_ref_that_git_could_read_otherwise(
    files: dict[str, str], name: str, why: str, tmp_path: Path
) -> None:
    found = refs(tmp_path, files)
    assert found.broken == {name: why}
    assert name not in found.ids


def test_a_broken_ref_hides_the_packed_one_and_a_good_one_mends_it(tmp_path: Path) -> None:
    shadowed = refs(tmp_path, {"packed-refs": PACKED, MAIN: "", "refs/tags/a": "ref: x"})
    assert (shadowed.ids, sorted(shadowed.broken)) == ({}, [MAIN, "refs/tags/a"])
    twice = f"{ONE} {MAIN}\n{TWO} {MAIN}\n"
    mended = refs(tmp_path, {"packed-refs": twice, MAIN: THREE, "refs/tags/a": ONE})
    assert (mended.ids, mended.broken) == ({MAIN: THREE, "refs/tags/a": ONE}, {})
    head = refs(tmp_path, {
        "packed-refs": f"{ONE} refs/remotes/usb/HEAD\n", "refs/remotes/usb/HEAD": "ref: x",
    })  # fmt: skip
    assert "refs/remotes/usb/HEAD" not in head.ids
    assert head.broken == {}


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="links")
def test_refs_behind_links(tmp_path: Path) -> None:
    refs(tmp_path, {"packed-refs": PACKED, "refs/heads/x": ONE, "else/main": TWO})
    (tmp_path / "refs/heads/main").symlink_to(tmp_path / "else/main")
    (tmp_path / "refs/tags").symlink_to(tmp_path / "else")
    elsewhere = "вместо неё — ссылка на другое место"
    found = read_refs(tmp_path, tmp_path)
    assert found.ids == {"refs/heads/x": ONE}
    assert found.broken == {MAIN: elsewhere, "refs/tags": elsewhere}
    (tmp_path / "packed-refs").unlink()
    (tmp_path / "packed-refs").symlink_to(tmp_path / "else/main")
    assert read_refs(tmp_path, tmp_path).broken["packed-refs"] == elsewhere
    (tmp_path / "packed-refs").unlink()
    (tmp_path / "packed-refs").mkdir()
    assert read_refs(tmp_path, tmp_path).broken["packed-refs"] == "это не файл"
    whole_ = tmp_path / "whole"
    whole_.mkdir()
    (whole_ / "refs").symlink_to(tmp_path / "refs")
    assert read_refs(whole_, whole_).ids == {}
    assert read_refs(whole_, whole_).broken["refs"] == elsewhere


def test_a_linked_work_tree_has_some_refs_of_its_own(tmp_path: Path) -> None:
    own, common = tmp_path / "own", tmp_path / "common"
    refs(
        own,
        {"refs/heads/x": ONE, **{f"refs/{n}/a": ONE for n in ("bisect", "worktree", "rewritten")}},
    )
    found = refs(common, {MAIN: TWO, "refs/bisect/b": TWO}, own)
    assert found.ids == {
        MAIN: TWO, "refs/bisect/b": TWO, "refs/bisect/a": ONE, "refs/worktree/a": ONE,
        "refs/rewritten/a": ONE,
    }  # fmt: skip
    (own / "reftable").mkdir()
    assert list(read_refs(own, common).broken) == ["refs"]


# answers


def test_what_differs_is_read_from_gits_own_lines() -> None:
    gone = "0" * 40
    lines = [
        f":000000 100644 {gone} {ONE} A", "new", f":100644 000000 {ONE} {gone} D", "old",
        f":100644 100755 {ONE} {TWO} M", "я\udcff",
    ]  # fmt: skip
    parts = [each.encode("utf-8", "surrogateescape") for each in lines]
    assert list(parse_raw_diff(parts)) == [
        FileChange("new", "", "100644", "", ONE),
        FileChange("old", "100644", "", ONE, ""),
        FileChange("я\udcff", "100644", "100755", ONE, TWO),
    ]
    with pytest.raises(ValueError, match="shorter"):
        list(parse_raw_diff(parts[:3]))


# settings


@pytest.fixture
def _no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> None:
        raise AssertionError("git was asked")

    monkeypatch.setattr(store, "run_git", run)


@pytest.mark.usefixtures("_no_git")
def test_settings_of_the_plainest_form_need_no_git(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        '[Core]\n\tFileMode = true\n\n[remote "USB диск"]\n\turl = /a b/c.git\n'
        "\tfetch = +x:y\n[a]\n"
    )
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.worktree").write_text("[x]\n\ty = z\n")
    found, unread = read_settings(own, tmp_path)
    assert unread == ()
    assert found == (
        Setting("config", "core.filemode", "true"),
        Setting("config", "remote.USB диск.url", "/a b/c.git"),
        Setting("config", "remote.USB диск.fetch", "+x:y"),
        Setting("config.worktree", "x.y", "z"),
    )
    assert read_settings(tmp_path / "none", tmp_path / "none") == ((), ())


def test_settings_that_are_no_file_stop_git(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config.worktree").write_text("[core]\n\tbare\n\tx = 1\n")
    assert read_settings(tmp_path, tmp_path) == (
        (Setting("config.worktree", "core.bare", None), Setting("config.worktree", "core.x", "1")),
        ("config",),
    )


def test_an_object_of_every_size_is_stored_as_git_names_it(school: School) -> None:
    """Sizes about where the heading of an entry of a pack grows by a byte."""
    sizes = (0, 1, 15, 16, 2047, 2048, 65_536, 131_072)
    data = [bytes([size % 251]) * size for size in sizes]
    write_objects(school.root, [("blob", each) for each in data])
    for each in data:
        shown = git(school.root, "cat-file", "-s", object_id("blob", each)).strip()
        assert int(shown) == len(each)
