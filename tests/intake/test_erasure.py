"""What remains when one student's unit is taken away does not give the student's row back.

The adversary knows the name, every other row, how the file was sorted and written, and reads all
that remains: files, paths, digests, numbers of parts, and what git keeps above a destroyed unit
(the ids of blobs and folders that are gone). They try every mark and every likely e-mail against
all of it. Whatever makes some rows likelier than others is a success, so each way of keeping less
carefully is tried as well: there the same adversary must succeed, or the test could not fail.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, product

import pytest

from papka.core.places import import_file, raw_file, raw_name, student_folder, unit
from papka.intake.export_parts import PartOrder, Parts, RowRun, write_order
from papka.intake.tables import Export
from papka.records.archive import load_part
from papka.records.raw_exports import (
    AGGREGATE,
    ORIGINAL_UNIT,
    UNMATCHED,
    UNMATCHED_UNIT,
    ImportPart,
    read_list,
    write_list,
)
from papka.records.raw_exports import HEADER as HEADING
from papka.records.schemas import SchemaSet
from tests.support.archives import good, snapshot
from tests.support.exports import import_files, parts_of, salt, text_export, workbook_export

KEY = "2026-1/1"
FOLDER = f"records/imports/{KEY}"
VICTIM = "2026-0004"
NAME = "Абрикосова Аглая"
HEADER = "Имя;Почта;Техника;Теория\r\n"
EMAILS = ("", "ab@x.example", "aglaya@x.example", "aglaya.abrikosova@school.example")
MARKS = ("2", "3", "4", "5", "10")
TRUTH = (EMAILS[2], "4", "10")
OTHERS = {
    "2026-0001": ("Берёзкин Пётр", "p@x.example", "10", "5"),
    "2026-0002": ("Ветрова Майя", "m@x.example", "5", "3"),
    "2026-0003": ("Громов Лев", "l@x.example", "5", "4"),
    "2026-0005": ("Дождева Анна", "a@x.example", "3", "5"),
    "2026-0006": ("Ежов Марк", "e@x.example", "3", "2"),
    "2026-0007": ("Жукова Ия", "i@x.example", "2", "4"),
}
Row = tuple[str, str, str]
PLACE, LAST = 3, len(OTHERS)


def line(cells: tuple[str, ...]) -> str:
    return ";".join(cells)


def sheet(row: Row, place: int) -> list[tuple[str, tuple[str, str, str, str]]]:
    """Who stands where: sorted by the first mark, the best first; `place` is the victim's."""
    named = [*OTHERS.items()]
    named.insert(place, (VICTIM, (NAME, *row)))
    return named


def average(row: Row) -> str:
    """As platforms write it: two digits, a decimal comma."""
    marks = [[int(cells[2]), int(cells[3])] for _, cells in sheet(row, 0)]
    first, second = (f"{sum(column) / len(column):.2f}" for column in zip(*marks, strict=True))
    return f"Среднее;;{first};{second}\r\n".replace(".", ",")


def file_text(row: Row, place: int = PLACE, *, averages: bool = True) -> str:
    """With averages the platform ends the last line, without them it does not."""
    rows = "\r\n".join(line(cells) for _, cells in sheet(row, place))
    return HEADER + rows + (f"\r\n{average(row)}" if averages else "")


def blob(data: bytes) -> bytes:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).digest()


def tree(entries: Mapping[str, tuple[bool, bytes]]) -> bytes:
    """The id git gives a folder: name -> (is a folder, id)."""
    ordered = sorted(entries.items(), key=lambda each: each[0] + "/" * each[1][0])
    body = b"".join(
        (b"40000 " if folder else b"100644 ") + name.encode() + b"\0" + id_
        for name, (folder, id_) in ordered
    )
    return hashlib.sha1(b"tree %d\0" % len(body) + body, usedforsecurity=False).digest()


def trees(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The id of every file and folder of a commit."""
    found = {path: blob(data) for path, data in files.items()}
    kinds = dict.fromkeys(files, False)
    for depth in range(max(path.count("/") for path in files), 0, -1):
        below: dict[str, dict[str, tuple[bool, bytes]]] = {}
        for path in [path for path in found if path.count("/") == depth]:
            folder, _, name = path.rpartition("/")
            below.setdefault(folder, {})[name] = (kinds[path], found[path])
        for folder, entries in below.items():
            found[folder], kinds[folder] = tree(entries), True
    return found


@dataclass(frozen=True)
class Remains:
    """`files` that stand after the destruction; `ids` that the trees above destroyed units still
    name, with their paths."""

    files: Mapping[str, bytes]
    ids: Mapping[str, bytes] = field(default_factory=dict)


def is_below(path: str, units: tuple[str, ...]) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in units)


def destroyed(files: Mapping[str, bytes], units: tuple[str, ...]) -> Remains:
    """By the rules of destruction: units go whole, the trees above them stay as evidence."""
    kept = {path: data for path, data in files.items() if not is_below(path, units)}
    ids = trees(files)
    inside = [path for path in ids if is_below(path.rpartition("/")[0], units)]
    for path in inside:
        del ids[path]
    return Remains(kept, ids)


@dataclass(frozen=True)
class Kept:
    """How an export is kept: the whole folder of records, and which units go with a student."""

    files: dict[str, bytes]
    units: tuple[str, ...]
    export: Export
    parts: Parts

    @property
    def remains(self) -> Remains:
        return destroyed(self.files, self.units)

    def put(self, path: str, data: bytes | None, *, gone: tuple[str, ...] | None = None) -> Kept:
        files = {each: old for each, old in self.files.items() if each != path}
        files |= {} if data is None else {path: data}
        return replace(self, files=files, units=self.units if gone is None else gone)


def kept(
    row: Row = TRUTH,
    place: int = PLACE,
    *,
    averages: bool = True,
    book: bool = False,
    numbers: Sequence[int] = (),
) -> Kept:
    """As papka keeps it."""
    people = sheet(row, place)
    owners: dict[int, str | None] = {number: id_ for number, (id_, _) in enumerate(people, 2)}
    totals = [len(people) + 2] if averages else []
    export = text_export(file_text(row, place, averages=averages))
    if book:
        export = workbook_export(
            [each.cells for each in export.tables[0].rows], b"PK" + export.data
        )
    parts = parts_of(export, owners, aggregates=totals, numbers=numbers)
    files = import_files(export, parts) | {
        f"{student_folder(id_)}/results/2026-1.yaml": f"row: {parts.rows[number]}\n".encode()
        for number, id_ in owners.items()
        if id_ is not None
    }
    return Kept(files, bound(files), export, parts)


def bound(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """What must go with the student: of every export they were in the unit `original`, for from the
    exact size, the digest, the order of rows, the averages or the workbook the row could be
    computed or confirmed; and rows nobody was found for, which may be this student's."""
    taken = [(path, data) for path, data in files.items() if path.startswith(FOLDER)]
    found = [student_folder(VICTIM)]
    archive = load_part(taken, SchemaSet.load(snapshot(good())))
    for key, kept in sorted(archive.import_files.items()):
        owners = {part.owner for part in kept.parts}
        if VICTIM in owners:
            found.append(import_file(key, ORIGINAL_UNIT))
            found += [import_file(key, UNMATCHED_UNIT)] if UNMATCHED in owners else []
    return tuple(found)


CANDIDATES = frozenset(product(EMAILS, MARKS, MARKS))


def suspects(remains: Remains) -> frozenset[Row]:
    """The rows the adversary cannot tell apart; all of them, if nothing is given away."""
    found = CANDIDATES
    for clue in (confirmed, measured, averaged, placed, numbered, read_out):
        found &= clue(remains)
    return found


def confirmed(remains: Remains) -> frozenset[Row]:
    """A digest that some guess gives: plain, of git, or keyed by any bytes that are left."""
    left = b"\n".join(remains.files.values())
    stated = {bytes.fromhex(word.decode()) for word in re.findall(rb"\b[0-9a-f]{64}\b", left)}
    stated |= {bytes.fromhex(word.decode()) for word in re.findall(rb"\b[0-9a-f]{40}\b", left)}
    stated |= set(remains.ids.values())
    keys = [data for data in remains.files.values() if len(data) == 32] + [b"", bytes(32)]
    keys += [bytes.fromhex(word.decode()) for word in re.findall(rb"salt: ([0-9a-f]{64})", left)]
    sure = {row for row in CANDIDATES if not stated.isdisjoint(digests(remains, row, keys))}
    return frozenset(sure) or CANDIDATES


def digests(remains: Remains, row: Row, keys: list[bytes]) -> Iterator[bytes]:
    for data in guessed(remains, row):
        plain = hashlib.sha256(data).digest()
        yield from (plain, hashlib.sha512(data).digest(), blob(data))
        yield hashlib.sha1(data, usedforsecurity=False).digest()
        yield hashlib.md5(data, usedforsecurity=False).digest()
        for key in keys:
            yield hmac.digest(key, plain, "sha256")
            yield hmac.digest(key, data, "sha256")
            yield hashlib.sha256(key + data).digest()
    for secret in (None, b"", bytes(32)):
        entries = {
            "order.txt": (False, blob(order_guess(remains, row))),
            "aggregate.part": (False, blob(average(row).encode("cp1251"))),
        }
        yield tree(entries | ({} if secret is None else {".salt": (False, blob(secret))}))
    own = {raw_name(KEY): (False, blob(guessed_part(row)))}
    yield from (tree(own), tree({"raw": (True, tree(own))}))


def guessed_part(row: Row) -> bytes:
    return (line((NAME, *row)) + "\r\n").encode("cp1251")


def guessed(remains: Remains, row: Row) -> Iterator[bytes]:
    """Everything the row could have stood in, byte for byte."""
    whole = [file_text(row), file_text(row, averages=False), file_text(row, LAST, averages=False)]
    for text in (*whole, average(row), line((NAME, *row)), line(row)):
        yield text.encode("cp1251")
        yield text.encode()
    yield guessed_part(row)
    yield order_guess(remains, row)


def order_guess(remains: Remains, row: Row) -> bytes:
    """The order as it must have been: the numbers of parts are known from the list."""
    listed, _ = read_list(remains.files.get(f"{FOLDER}/parts.txt", b""))
    number = {part.owner: part.number for part in listed}
    data = file_text(row).encode("cp1251")
    owners = (HEADING, *(id_ for id_, _ in sheet(row, PLACE)), AGGREGATE)
    sizes = map(len, data.splitlines(keepends=True))
    runs = (RowRun(number.get(who, 0), 1, size) for who, size in zip(owners, sizes, strict=True))
    digest = hashlib.sha256(data).hexdigest()
    return write_order(PartOrder("Оценки.csv", len(data), digest, 0, tuple(runs)))


def measured(remains: Remains) -> frozenset[Row]:
    """A number left that is the size of the file, or of the row, for some guesses only."""
    texts = [data for path, data in remains.files.items() if not path.endswith((".part", ".salt"))]
    stated = {int(word) for word in re.findall(rb"(?<![\w.-])\d{2,6}(?![\w.-])", b"\n".join(texts))}
    fitting = {
        row
        for row in CANDIDATES
        if stated
        & {len(file_text(row)), len(guessed_part(row)), len(file_text(row, averages=False))}
    }
    return frozenset(fitting) or CANDIDATES


def averaged(remains: Remains) -> frozenset[Row]:
    """Averages left anywhere: the other rows are known, so only some marks give them. Destroyed,
    but with a digest in the tree above, they are as good as left."""
    left = b"\n".join(remains.files.values()).decode("cp1251", errors="replace")
    ids = set(remains.ids.values())
    fitting = {
        row
        for row in CANDIDATES
        if average(row).strip() in left or blob(average(row).encode("cp1251")) in ids
    }
    return frozenset(fitting) or CANDIDATES


def placed(remains: Remains) -> frozenset[Row]:
    """Numbers of rows in the results of others leave a gap where the victim stood, and the file is
    sorted by the first mark."""
    rows = {
        id_: int(remains.files[f"{student_folder(id_)}/results/2026-1.yaml"][5:]) for id_ in OTHERS
    }
    return between(sorted(rows, key=rows.__getitem__), rows)


def numbered(remains: Remains) -> frozenset[Row]:
    """Numbers of parts that rise as the file does: the list still names the victim's own."""
    listed, _ = read_list(remains.files.get(f"{FOLDER}/parts.txt", b""))
    number = {part.student: part.number for part in listed if part.student}
    if sorted(OTHERS, key=number.__getitem__) != list(OTHERS):
        return CANDIDATES
    return bounded([id_ for id_ in OTHERS if number[id_] < number[VICTIM]])


def between(ordered: list[str], rows: Mapping[str, int]) -> frozenset[Row]:
    for before, after in pairwise(ordered):
        if rows[after] - rows[before] == 2:
            return bounded(ordered[: ordered.index(after)])
    return CANDIDATES


def bounded(before: list[str]) -> frozenset[Row]:
    """The first mark lies between those of the neighbours."""
    after = [id_ for id_ in OTHERS if id_ not in before]
    highest = int(OTHERS[before[-1]][2]) if before else 10
    lowest = int(OTHERS[after[0]][2]) if after else 0
    return frozenset(row for row in CANDIDATES if lowest <= int(row[1]) <= highest)


def read_out(remains: Remains) -> frozenset[Row]:
    """The row itself, in any text left."""
    left = b"\n".join(remains.files.values())
    texts = {left.decode("cp1251", errors="replace"), left.decode(errors="replace")}
    named = {row for row in CANDIDATES if any(line((NAME, *row)) in text for text in texts)}
    return frozenset(named) or CANDIDATES


# What papka keeps


@pytest.mark.parametrize("place", [PLACE, 0, LAST])
@pytest.mark.parametrize("averages", [True, False])
@pytest.mark.parametrize("book", [False, True], ids=["text", "workbook"])
def test_what_remains_tells_no_row_from_another(*, place: int, averages: bool, book: bool) -> None:
    remains = kept(TRUTH, place, averages=averages, book=book).remains
    assert suspects(remains) == CANDIDATES


def said(whole: Kept) -> tuple[object, ...]:
    """All that remains, but for what is chance: the numbers of parts, and digests whose salt is
    gone with its unit."""
    remains = whole.remains
    listed, _ = read_list(remains.files[f"{FOLDER}/parts.txt"])
    salts = {data for path, data in remains.files.items() if path.endswith(".salt")}
    parts = frozenset(
        (part.owner, part.digest if salt(part.owner) in salts else "") for part in listed
    )
    files = {path: data for path, data in remains.files.items() if not path.endswith("/parts.txt")}
    return parts, files, frozenset(remains.ids)


@pytest.mark.parametrize("book", [False, True], ids=["text", "workbook"])
@pytest.mark.parametrize("averages", [True, False])
def test_what_remains_is_the_same_whatever_the_row_was_and_wherever_it_stood(
    *, averages: bool, book: bool
) -> None:
    """No adversary, however clever, tells what is equal apart."""
    rows = [TRUTH, ("", "2", "2"), (EMAILS[3], "10", "3")]
    found = [
        said(kept(row, place, averages=averages, book=book))
        for row in rows
        for place in range(LAST + 1)
    ]
    assert all(each == found[0] for each in found)


def test_what_remains_is_all_that_belongs_to_others() -> None:
    """Nothing is protected by destroying more than what must go."""
    whole = kept()
    gone = whole.files.keys() - whole.remains.files.keys()
    assert {unit(path) for path in gone} == {student_folder(VICTIM), f"{FOLDER}/original"}
    assert {f"{FOLDER}/manifest.yaml", f"{FOLDER}/parts.txt", f"{FOLDER}/header.part"} <= (
        whole.remains.files.keys()
    )
    for other in OTHERS:
        assert raw_file(other, KEY) in whole.remains.files


def test_rows_nobody_was_found_for_go_as_well() -> None:
    export = text_export(f"Имя\r\n{NAME}\r\nГость\r\n")
    parts = parts_of(export, {2: VICTIM, 3: None})
    assert f"{FOLDER}/unmatched" in bound(import_files(export, parts))
    others = parts_of(export, {2: "2026-0001", 3: None})
    assert bound(import_files(export, others)) == (student_folder(VICTIM),)


# What would give it back


def listing(parts: Parts, change: Callable[[ImportPart], ImportPart]) -> bytes:
    return write_list(change(part) for part in parts.listed)


def plain_digest(whole: Kept) -> Kept:
    own = hashlib.sha256(whole.files[raw_file(VICTIM, KEY)]).hexdigest()
    listed = listing(
        whole.parts, lambda part: replace(part, digest=own) if part.owner == VICTIM else part
    )
    return whole.put(f"{FOLDER}/parts.txt", listed)


def plain_digest_of_the_file(whole: Kept) -> Kept:
    digest = hashlib.sha256(whole.export.data).hexdigest().encode()
    return whole.put(f"{FOLDER}/header.part", b"sha256: " + digest)


def salt_in_the_manifest(whole: Kept) -> Kept:
    salt = whole.files[f"{student_folder(VICTIM)}/.salt"]
    return whole.put(f"{FOLDER}/header.part", b"salt: " + salt.hex().encode())


def exact_size(whole: Kept) -> Kept:
    manifest = whole.files[f"{FOLDER}/manifest.yaml"]
    size = b"size: %d\n" % len(whole.export.data)
    return whole.put(f"{FOLDER}/manifest.yaml", manifest + size)


def averages_kept(whole: Kept) -> Kept:
    rows = whole.files[f"{FOLDER}/original/aggregate.part"]
    return whole.put(f"{FOLDER}/aggregate.part", rows)


def original_kept(whole: Kept) -> Kept:
    return replace(whole, units=(student_folder(VICTIM),))


def averages_without_a_folder(whole: Kept) -> Kept:
    """Destroyed, but git's tree above still names the blob."""
    rows = whole.files[f"{FOLDER}/original/aggregate.part"]
    path = f"{FOLDER}/original.aggregate"
    return whole.put(path, rows, gone=(*whole.units, path))


def unit_without_salt(whole: Kept) -> Kept:
    return whole.put(f"{FOLDER}/original/.salt", None)


def rows_of_the_file(whole: Kept) -> Kept:
    files = dict(whole.files)
    for number, (id_, _) in enumerate(sheet(TRUTH, PLACE), 2):
        files[f"{student_folder(id_)}/results/2026-1.yaml"] = f"row: {number}\n".encode()
    return replace(whole, files=files)


def name_in_the_open(whole: Kept) -> Kept:
    return whole.put(f"{FOLDER}/unmatched.part", line((NAME, *TRUTH)).encode())


@pytest.mark.parametrize(
    ("careless", "certain"),
    [
        (plain_digest, True),
        (plain_digest_of_the_file, True),
        (salt_in_the_manifest, True),
        (original_kept, True),
        (unit_without_salt, True),
        (name_in_the_open, True),
        (averages_kept, False),
        (averages_without_a_folder, False),
        (exact_size, False),
        (rows_of_the_file, False),
    ],
)
def test_a_careless_archive_gives_it_back(
    careless: Callable[[Kept], Kept], *, certain: bool
) -> None:
    """`certain`: the row itself; else fewer rows than before, the marks from averages."""
    left = suspects(careless(kept()).remains)
    assert TRUTH in left
    assert left < CANDIDATES
    if certain:
        assert left == {TRUTH}


def test_averages_give_the_very_marks() -> None:
    for careless in (averages_kept, averages_without_a_folder):
        left = suspects(careless(kept()).remains)
        assert {row[1:] for row in left} == {TRUTH[1:]}


def test_numbers_of_parts_in_the_order_of_the_file_show_the_neighbours() -> None:
    left = suspects(kept(numbers=list(range(1_000_001, 1_000_040))).remains)
    assert TRUTH in left
    assert left < CANDIDATES
