"""A check that trusts the personal files it judged before finds what one that reads all finds."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from papka.checks import rules
from papka.checks.between_students import BETWEEN, COMPARED, gather_facts
from papka.checks.checking import Step
from papka.checks.kept_verdicts import (
    Known,
    Shape,
    Trust,
    group_folders,
    list_trusted,
    name_blamed,
    settle,
)
from papka.checks.personal_data import check_personal_data
from papka.checks.root_causes import explain
from papka.core.errors import PapkaError
from papka.core.findings import Finding, sort_findings
from papka.core.places import place
from papka.records.archive import Archive
from papka.records.derived.student_facts import (
    KeptStudent,
    StudentFacts,
    read_kept,
    sign,
    write_kept,
)
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import add_lines
from tests.checks.tried_archives import FOLDERS, Files, branches, saved_on, states
from tests.support.archives import loaded, sample, snapshot

SECRET = b"a key of this person"
DAILY = ("records/orders/", "records/registers/", "records/imports/")
UNSEEN = ("records/media/", "records/trust/", "records/seals/")


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:20]


def shape_of(files: Files) -> Shape:
    """What `KeptVerdicts` reads of a commit, of files at hand."""
    own: dict[str, list[bytes]] = {}
    frame, daily = [], {}
    for path in sorted(files):
        found = place(path)
        about = digest(path.encode() + digest(files[path]))
        if path.startswith("records/students/"):
            own.setdefault(path.split("/")[3], []).append(about)
        elif path.startswith(DAILY):
            daily[path] = digest(files[path])
        elif not path.startswith(UNSEEN) and (found or path.startswith("schema/")):
            frame.append(about)
    saved = {student: digest(b"".join(each)) for student, each in own.items()}
    return Shape(digest(b"".join(frame)), daily, saved, frozenset(saved))


def judge_whole(files: Files, day: dt.date | None) -> tuple[Archive, list[Finding]]:
    return Step(None, snapshot(files), (), whole=True, day=day).judge(snapshot(files))


def learn(files: Files, day: dt.date | None) -> Known:
    archive, found = judge_whole(files, day)
    shape = shape_of(files)
    blamed = name_blamed(found, snapshot(files))
    students = {}
    for id_, student in archive.students.items():
        count = sum(1 for path in files if (at := place(path)) and at.student == id_)
        frame = b"" if id_ in blamed else shape.frame
        facts = gather_facts(student, count, SECRET)
        kept = KeptStudent(shape.saved[id_], frame, (day or dt.date.max).toordinal(), facts)
        students[id_] = read_kept(write_kept(kept)) or kept
    daily = {sign(path, SECRET): id_ for path, id_ in shape.daily.items()}
    return Known(shape.frame, daily, students)


def tell(step: Step, archive: Archive, found: list[Finding], files: Files) -> str:
    """All that the screen would say."""
    told = explain(snapshot(files), step, archive, found) if found else None
    findings = sort_findings(add_lines(told.findings if told else (), files.get))
    there = archive.students.keys() | archive.trusted
    return f"{archive.files} {sorted(there)} {told and told.unjudged}\n" + "\n".join(
        map(repr, findings)
    )


def assert_the_same(
    known: Known, before: Files, files: Files, day: dt.date | None, *, told: bool = True
) -> int:
    """Return how many personal files were not read. `told`: the causes are asked too."""
    base = snapshot(files)
    changed = [path for path in before | files if before.get(path) != files.get(path)]
    trusted = list_trusted(known, shape_of(files), base, day, SECRET)

    def judge(facts: Mapping[str, StudentFacts]) -> tuple[int, str]:
        step = Step(snapshot(before), base, changed, whole=True, day=day)
        step.trust = Trust(base, facts, SECRET)
        archive, found = step.judge(base)
        said = tell(step, archive, found if told else [], files)
        return len(archive.trusted), said + str(sorted(map(repr, found)))

    try:
        _, said = judge({})
    except PapkaError as error:
        with pytest.raises(type(error)):
            judge(trusted)
        return 0
    count, less = judge(trusted)
    assert less == said
    if not told:
        return count
    schemas = SchemaSet.load(base)
    apart = settle(base, schemas, dict(group_folders(base)), day, SECRET, size=5)
    assert judge(apart)[1] == said
    return count


def cases(*, whole: bool) -> Iterator[tuple[str, Files, dt.date | None]]:
    """Every code's bad archive; with `whole` every state that some branch of a rule rejects."""
    for folder in FOLDERS:
        yield folder.name, states(folder)[1], saved_on(folder)
    for row in branches() if whole else ():
        yield row.id, row.after, row.day


def test_what_nothing_blames_is_not_missed_when_it_is_not_read(
    request: pytest.FixtureRequest,
) -> None:
    is_whole = request.config.getoption("--soak")
    trusted = 0
    for _, files, day in islice(cases(whole=is_whole), None, None, 1 if is_whole else 2):
        known = learn(files, day)
        trusted += assert_the_same(known, files, files, day, told=is_whole) > 0
    assert trusted > 25


DAY = dt.date(2027, 6, 30)


class Edits:
    """What a hand, a disk or a cloud may do to a few files of an archive."""

    def __init__(self, files: Files, rng: Random) -> None:
        self._files = files
        self._rng = rng
        self._own = sorted(path for path in files if path.startswith("records/students/"))
        self._daily = sorted(path for path in files if path.startswith(DAILY))
        self._shared = sorted(path for path in files if path.startswith("records/"))

    def made(self) -> Files:
        files = dict(self._files)
        for _ in range(self._rng.choice((1, 1, 1, 2, 3))):
            self._rng.choice(
                (self._cut_line, self._copy_line, self._swap_values, self._copy_file, self._remove,
                 self._turn_digit, self._add_daily, self._copy_folder)
            )(files)  # fmt: skip
        return files

    def _pick(self, files: Files, ending: str = ".yaml") -> str:
        where = self._rng.choice((self._own, self._own, self._own, self._daily, self._shared))
        there = [path for path in where if path in files and path.endswith(ending)]
        return self._rng.choice(there)

    def _lines(self, files: Files) -> tuple[str, list[bytes], int]:
        path = self._pick(files)
        lines = files[path].splitlines(keepends=True) or [b""]
        return path, lines, self._rng.randrange(len(lines))

    def _cut_line(self, files: Files) -> None:
        path, lines, at = self._lines(files)
        del lines[at]
        files[path] = b"".join(lines)

    def _copy_line(self, files: Files) -> None:
        path, lines, at = self._lines(files)
        lines.insert(self._rng.randrange(len(lines)), lines[at])
        files[path] = b"".join(lines)

    def _swap_values(self, files: Files) -> None:
        """Write the value of one line into another of the same key, of any file of the kind."""
        path, lines, at = self._lines(files)
        key = lines[at].partition(b":")[0]
        name = path.rpartition("/")[2]
        others = [other for other in self._shared if other.endswith(name) and other in files]
        taken = files[self._rng.choice(others)].splitlines(keepends=True)
        values = [line for line in taken if line.partition(b":")[0] == key]
        if values:
            lines[at] = self._rng.choice(values)
            files[path] = b"".join(lines)

    def _copy_file(self, files: Files) -> None:
        """Lay a file of one person into the folder of another."""
        path, other = (self._rng.choice(self._own) for _ in range(2))
        if path in files:
            folder = "/".join(other.split("/")[:4])
            files["/".join((folder, *path.split("/")[4:]))] = files[path]

    def _copy_folder(self, files: Files) -> None:
        folder = "/".join(self._rng.choice(self._own).split("/")[:4])
        new = f"{folder[:-4]}{self._rng.randrange(9000, 9999)}"
        for path in [each for each in files if each.startswith(f"{folder}/")]:
            data = files[path]
            if self._rng.random() < 0.5:
                data = data.replace(folder[-9:].encode(), new[-9:].encode())
            files[new + path[len(folder) :]] = data

    def _remove(self, files: Files) -> None:
        path = self._pick(files, "")
        del files[path]

    def _turn_digit(self, files: Files) -> None:
        path, lines, at = self._lines(files)
        digits = [place for place, sign in enumerate(lines[at]) if chr(sign).isdigit()]
        if digits:
            place = self._rng.choice(digits)
            new = str(self._rng.randrange(10)).encode()
            lines[at] = lines[at][:place] + new + lines[at][place + 1 :]
            files[path] = b"".join(lines)

    def _add_daily(self, files: Files) -> None:
        """Add an order, an issued document or a part of an import much like one that is there."""
        path = self._rng.choice(self._daily)
        if path in files:
            stem, dot, end = path.rpartition(".")
            new = f"{stem[:-2]}{self._rng.randrange(10, 99)}{dot}{end}"
            files.setdefault(new, files[path])


def test_edits_of_any_kind_are_told_alike_whether_all_is_read_or_not(
    request: pytest.FixtureRequest,
) -> None:
    files, rng = sample(), Random(20261130)
    known, edits, trusted = learn(files, DAY), Edits(files, rng), 0
    for _ in range(2_000 if request.config.getoption("--soak") else 6):
        trusted += assert_the_same(known, files, edits.made(), DAY)
    assert trusted > 0


def test_only_rules_that_compare_personal_files_find_what_they_find() -> None:
    """Of the other rules each personal file is judged by itself."""
    assert BETWEEN.keys() <= set(rules.CHECKS)
    found: dict[str, set[str]] = {}
    for _, files, day in cases(whole=False):
        archive = loaded(files, day=day)
        for rule in BETWEEN:
            found.setdefault(rule.__name__, set()).update(one.code.name for one in rule(archive))
    assert set().union(*found.values()) == {code.name for code in COMPARED}
    assert all(found.values()), found


def split(archive: Archive) -> Iterator[Archive]:
    """The archive once for each of its personal files, the others trusted."""
    for id_, student in archive.students.items():
        yield replace(archive, students={id_: student}, trusted=archive.folders - {id_})


def test_every_rule_says_whether_it_compares_personal_files() -> None:
    """Every other than those of `BETWEEN` finds in each file by itself what it finds in all."""
    archives = [loaded(files, day=day) for _, files, day in cases(whole=False)]
    archives += [loaded(row.after, day=row.day) for row in branches() if row.module == "duplicates"]
    archives.append(loaded(sample(), day=DAY))
    several = [each for each in archives if len(each.students) > 1]
    comparing = set()
    for rule in rules.CHECKS:
        for archive in several:
            whole = set(rule(archive))
            parts = {one for part in split(archive) for one in rule(part)}
            if whole != parts:
                comparing.add(rule)
    assert len(several) > 3
    assert comparing == set(BETWEEN) - {check_personal_data}
    assert check_personal_data in BETWEEN  # a new text may name whoever was read before
