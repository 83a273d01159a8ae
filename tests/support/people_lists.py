"""Lists of people laid on the good archive, as values: nothing touches the disk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from papka.checks import rules
from papka.core.findings import Finding
from papka.desk.order_writing import OrderBook
from papka.intake.export_files import open_export
from papka.intake.people_files import files_of
from papka.intake.people_folder import ListWish
from papka.intake.people_headings import find_list
from papka.intake.people_list import read_list
from papka.intake.people_matching import People
from papka.intake.people_plan import LaidList, ListPlan
from papka.records.archive import Archive, load
from papka.records.schemas import SchemaSet
from papka.records.student import Person, Student
from tests.support.archives import good

AGLAYA = "2026-0001"
TODAY = dt.date(2026, 9, 2)


@dataclass
class School:
    """The good archive as a dictionary of files that lists change."""

    files: dict[str, bytes] = field(default_factory=lambda: dict(good()))

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes:
        return self.files[path]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self.files[path]) for path in paths)

    @property
    def archive(self) -> Archive:
        return load(self, SchemaSet.load(self))

    def people_of(self, texts: Iterable[str], named: Collection[str]) -> dict[str, Person]:
        del texts, named
        found = self.archive.students.items()
        return {id_: student.person for id_, student in found if student.person}

    def students(self, ids: Collection[str]) -> dict[str, Student]:
        return {id_: student for id_, student in self.archive.students.items() if id_ in ids}

    def lying(self, paths: Iterable[str]) -> dict[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.files[path].decode()
        assert old in text, f"{path}: no {old!r}"
        self.files[path] = text.replace(old, new, 1).encode()

    def findings(self) -> list[str]:
        """What the rules say of the archive as it is now."""
        archive = self.archive
        return [f"{each.code.name} {each.where.path}" for each in rules.run(archive)] + [
            f"{each.code.name} {each.where.path}" for each in archive.findings
        ]


@dataclass(frozen=True)
class Laid:
    """What came of a list: verdicts by row, codes with their cells, questions, changed files."""

    laid: LaidList
    findings: tuple[Finding, ...]
    changed: Mapping[str, bytes]

    @property
    def verdicts(self) -> dict[int, tuple[str, ...]]:
        return dict(self.laid.verdicts)

    @property
    def told(self) -> list[str]:
        return [f"{each.where.line}:{each.where.column} {each.code.name}" for each in self.findings]

    @property
    def asked(self) -> list[tuple[tuple[int, ...], str, tuple[str, ...]]]:
        return [(each.rows, each.reason, each.candidates) for each in self.laid.matched.ambiguous]


def take_list(
    school: School,
    header: str,
    *rows: str,
    today: dt.date = TODAY,
    answers: Mapping[str, str] | None = None,
    writes_orders: bool = True,
) -> Laid:
    """Lay a list on the school, and write it there unless something is wrong or asked."""
    data = "".join(f"{line}\n" for line in (header, *rows)).encode()
    archive = school.archive
    export = open_export(data, "list.csv")
    found = find_list(export)
    assert found is not None, "the headings make no list of people"
    read = read_list(export, found, archive)
    last = max(int(id_[5:]) for id_ in archive.students)
    orders = max(int(key[5:]) for key in archive.orders) + 1

    def next_card() -> str:
        nonlocal last
        last += 1
        return f"2026-{last:04d}"

    plan = ListPlan(
        ListWish("list.csv", today, answers or {}, writes_orders=writes_orders),
        archive,
        People.of_cards(school.people_of((), ())),
        lambda ids: school.students(set(ids)),
        next_card,
        OrderBook(archive.orders, {2026: orders}),
    )
    laid = plan.lay(read.rows)
    findings = (*read.findings, *laid.findings)
    changed: dict[str, bytes] = {}
    if not laid.matched.ambiguous and all(each.severity < 2 for each in findings):
        changed = files_of(
            school, laid.folders.values(), laid.orders, lambda id_: id_.encode().ljust(32, b"s")
        )
        school.files |= changed
    return Laid(laid, findings, changed)
