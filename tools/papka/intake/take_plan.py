"""Plan a take: lay exports beside the archive of one commit, and tell everything it would do.

Invariants: a plan writes nothing and depends on nothing but its arguments and chance (part numbers,
salts); everything comes from one commit, never from unsaved edits; a file taken in before is
recognised by its bytes; every fault of every file is found; a file of the archive is composed once,
however many exports add to it; each new result knows the cell it came from.

Each file of the archive is fetched and read once, and the judgement of the step (`save`) goes on
with the same readings. Of personal files that no row is about only the card is looked at, and read
only if it may hold a row's clue.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal

from papka.core.cells import folded
from papka.core.errors import NotFound, Refused
from papka.core.findings import Finding, Location, Severity, has_errors
from papka.core.phrases import suggest
from papka.core.places import (
    IMPORTS,
    ORGANIZATION,
    SALT_BYTES,
    SHEETS,
    STUDENTS,
    import_file,
    place,
    results_file,
    student_folder,
)
from papka.core.snapshot import Remembered
from papka.intake import intake_codes
from papka.intake.export_files import open_export
from papka.intake.export_matching import (
    SKIP,
    Matched,
    find_ambiguous,
    index_by_number,
    index_people,
    match_rows,
    numbered_row,
)
from papka.intake.export_parts import (
    PartOrder,
    Salts,
    cut_export,
    part_encoding,
    read_order,
    write_manifest,
)
from papka.intake.headers import recognise
from papka.intake.mark_rules import Origin
from papka.intake.marks import MarkContext, Rows, StudentRow, read_rows
from papka.intake.people_files import (
    Numbers,
    files_of,
    open_people,
    open_plan,
    origins_of,
    rows_of_export,
)
from papka.intake.people_folder import ListWish
from papka.intake.people_plan import LaidList, ListPlan
from papka.intake.people_study import ENROLLED, OPENED, SAME, WRONG
from papka.intake.proposal import (
    ExportContext,
    Proposal,
    ProposedCell,
    ProposedLine,
    Shelf,
    card_with_keys,
    normalise_topic,
    open_shelf,
    propose,
    results_files,
)
from papka.intake.tables import Export, row_word
from papka.intake.teacher_sheet import (
    STUDY,
    find_own_platform,
    missing_columns,
    speak_of_sheet,
)
from papka.intake.typed_marks import TypedMarks
from papka.records import raw_exports
from papka.records.archive import Archive, Readings, load, load_students
from papka.records.raw_exports import NAMES, ORDER, UNMATCHED
from papka.records.schemas import SchemaSet
from papka.records.school import ExportLayout, Period, Platform
from papka.records.student import Person, Student
from papka.repository.commit_snapshots import CommitSnapshot
from papka.repository.files import names_in

_WORD = re.compile(r"[^\W_]+")


@dataclass
class TakeDesk:
    """One commit (`head`) open for a take: shared records, cards, personal files."""

    root: Path
    head: str

    def __post_init__(self) -> None:
        self.readings = Readings()
        self.snapshot = Remembered(CommitSnapshot(self.root, self.head))
        self.schemas = SchemaSet.load(self.snapshot)

    @cached_property
    def archive(self) -> Archive:
        """The shared records."""
        return load(self.snapshot, self.schemas, wanted=_is_shared, readings=self.readings)

    def people(self, rows: Iterable[StudentRow], named: Collection[str]) -> dict[str, Person]:
        """Return the cards of everyone a row may be about, and of those `named`."""
        return self.people_of(
            (text for row in rows for text in (row.key, row.email, row.name)), named
        )

    def people_of(self, texts: Iterable[str], named: Collection[str]) -> dict[str, Person]:
        """Return the cards that hold a word of these texts, and those of the `named`."""
        cards = [path for path in self.snapshot.paths() if path.endswith("/student.yaml")]
        words = {word for text in texts if text for word in _split_words(text)}
        wanted = {
            path
            for path, data in self.snapshot.read_many(cards)
            if b"duplicate_of" in data
            or path.split("/")[3] in named
            or not words.isdisjoint(_split_words(data.decode(errors="ignore")))
        }
        found = load(
            self.snapshot, self.schemas, wanted=wanted.__contains__, readings=self.readings
        ).students
        return {id_: student.person for id_, student in found.items() if student.person}

    def students(self, ids: Collection[str]) -> dict[str, Student]:
        """Return whole personal files."""
        return load_students(self.snapshot, self.schemas, ids, self.readings)

    def lying(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return what those of the paths hold that are there."""
        known = self._paths
        return dict(self.snapshot.read_many(path for path in paths if path in known))

    def orders(self) -> Iterator[tuple[str, PartOrder]]:
        """Yield every import whose original is still kept."""
        keys = {import_file(key, NAMES[ORDER]): key for key in self.archive.imports}
        for path, data in self.lying(keys).items():
            order = read_order(data)
            if order is not None:
                yield keys[path], order

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self.snapshot.paths())


def _is_shared(path: str) -> bool:
    kinds = {"organization", "platform", "program", "approval", "import", "order"}
    found = None if path.startswith(STUDENTS + "/") else place(path)
    return found is not None and (found.kind in kinds or path.endswith("/parts.txt"))


def _split_words(text: str) -> set[str]:
    """Return the words of a clue or of a card: either may write a name its own way."""
    return set(_WORD.findall(folded(text)))


CARDS, STUDIES, RESULTS = "карточки", "зачисления", "результаты"


@dataclass(frozen=True, slots=True)
class TakeRequest:
    """What is asked for; `files` are name and bytes.

    Without a `period` the file is the school's own list of people; `orders`: those whom it enrols,
    moves or ends get an order. `date` is the day of results that have none of their own; `accepted`
    is why rows nobody was found for are taken all the same. `takes_good`: rows with a fault are
    left for later, and do not stop the others; `left`: file -> number of such a row -> what is
    wrong with it. `typed`: the file is a sheet that a person filled in on a screen.
    """

    files: tuple[tuple[str, bytes], ...]
    period: str
    platform: str
    staff: str
    today: dt.date
    export: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    learn: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    accepted: str = ""
    date: dt.date | None = None
    orders: bool = True
    takes_good: bool = False
    left: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    typed: TypedMarks | None = None


Verdict = Literal["new", "same", "changed", "question", "refused"]
"""What becomes of a row; a question waits for an answer, a refused row for what is wrong in it."""


def _judge_listed(words: Sequence[str]) -> Verdict:
    """Return the verdict of a row of a list by what came of it."""
    if WRONG in words:
        return "refused"
    if OPENED in words or ENROLLED in words:
        return "new"
    return "same" if set(words) <= {SAME} else "changed"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """What would become of one file.

    `key` is its import's, "" when it is not taken; `already` that of the import that holds the same
    bytes. `cards` are numbers of new personal files, `studies` counts new enrolments. `people` are
    numbers of rows about people; `left` of those left for later, and why; `listed`: row of
    a list -> what came of it.
    """

    file: str
    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    key: str = ""
    already: str = ""
    layout: ExportLayout | None = None
    rows: int = 0
    matched: Matched = field(default_factory=lambda: Matched({}))
    lines: tuple[ProposedLine, ...] = ()
    cards: tuple[str, ...] = ()
    studies: int = 0
    same: int = 0
    findings: tuple[Finding, ...] = ()
    people: frozenset[int] = frozenset()
    laid: LaidList | None = None
    left: Mapping[int, str] = field(default_factory=dict)
    listed: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @property
    def open_rows(self) -> int:
        """How many rows nobody's file gets: they wait in the import for the period's closing."""
        nobody = (*self.matched.ambiguous, *self.matched.unmatched, *self.matched.skipped)
        return len(self.left) + sum(len(each.rows) for each in nobody) - len(self.cards)

    def verdicts(self) -> dict[int, Verdict]:
        """Return what becomes of every row about a person: the worklist of a take."""
        found: dict[int, Verdict] = dict.fromkeys(self.people, "same")
        for state in ("new", "changed"):
            found |= {line.row: state for line in self.lines if line.state == state and line.row}
        found |= {row: _judge_listed(words) for row, words in self.listed.items()}
        nobody = {row for each in self.matched.unmatched for row in each.rows}
        asked = {row for each in self.matched.ambiguous for row in each.rows}
        found |= dict.fromkeys(nobody, "new" if self.cards else "question")
        found |= dict.fromkeys(asked, "question")
        found |= {row: "refused" for each in self.matched.skipped for row in each.rows}
        faulty = {each.where.line for each in self.findings if each.severity >= Severity.ERROR}
        found |= {row: "refused" for row in faulty & self.people if found[row] != "question"}
        return dict(sorted((found | dict.fromkeys(self.left, "refused")).items()))

    @property
    def is_refused(self) -> bool:
        return has_errors(self.findings)

    def count(self, state: str) -> int:
        return sum(1 for line in self.lines if line.state == state)


@dataclass(frozen=True, slots=True)
class TakePlan:
    """What a take would do; `changes` is empty when anything is wrong or nothing is to do.

    `expected` is what the commit has in their place; `origins`: file and place of an entry -> place
    in the export; `names`: of candidates.
    """

    desk: TakeDesk
    files: tuple[PlannedFile, ...]
    findings: tuple[Finding, ...]
    changes: Mapping[str, bytes] = field(default_factory=dict)
    expected: Mapping[str, bytes | None] = field(default_factory=dict)
    origins: Mapping[tuple[str, str], Location] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        return has_errors(self.findings)


@dataclass(slots=True)
class Pending:
    """What a take would write, put into bytes once at the end.

    `files` are whole already; by student: `shelves` of results, keys `learnt`; `cards`: folder of a
    new personal file -> the row it is made of.
    """

    period: str
    files: dict[str, bytes] = field(default_factory=dict)
    shelves: dict[str, Shelf] = field(default_factory=dict)
    learnt: dict[str, dict[str, None]] = field(default_factory=dict)
    cards: dict[str, Location] = field(default_factory=dict)

    def changes(self, desk: TakeDesk, platform: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """Return path -> bytes to write, and what lies there now.

        `platform` is whose keys were learnt.
        """
        cards = {id_: f"{student_folder(id_)}/student.yaml" for id_ in self.learnt}
        results = [results_file(id_, self.period) for id_, own in self.shelves.items() if own.added]
        lying = desk.lying([*self.files, *results, *cards.values()])
        changes = dict(self.files)
        changes |= results_files(self.shelves.values(), self.period, lying)
        for id_, path in cards.items():
            changes[path] = card_with_keys(lying[path], platform, self.learnt[id_])
        return changes, lying

    def origins(self) -> Iterator[tuple[tuple[str, str], Location]]:
        """Yield file and pointer of every new result, and its cell; of a new folder its row."""
        for folder, where in self.cards.items():
            yield (folder, ""), where
        for student, own in self.shelves.items():
            path = results_file(student, self.period)
            for position, added in enumerate(own.added, len(own.results)):
                yield (path, f"/results/{position}"), added.cell


def find_open_rows(
    file: str,
    matched: Matched,
    rows: Rows,
    cards: Iterable[tuple[StudentRow, str]],
    *,
    accepted: str,
) -> Iterator[Finding]:
    """Find rows without a student that nobody has decided about."""
    idle = {row.first for row in rows.students if row.skipped}
    new = {row.first for row, _ in cards}
    waiting = (each for each in matched.ambiguous if each.rows[0] not in idle)
    yield from find_ambiguous(file, waiting)
    if accepted or rows.layout.target == CARDS:
        return
    for each in matched.unmatched:
        for row in each.rows if each.rows[0] not in idle | new else ():
            yield intake_codes.EXPORT_ROW_UNMATCHED.at(Location(file, line=row), reason=each.reason)


def make_coverage_test(export: Export, rows: Rows) -> Callable[[ProposedCell], bool]:
    """Return a test whether the file has a column for a mark, filled or not."""
    table = next(each for each in export.tables if each.name == rows.table)
    titles = {
        normalise_topic(cell)
        for row in table.rows
        if rows.kinds.get(row.number) == "header"
        for cell in row.cells
    }
    parts = {(rule.part, rule.control or "") for rule in rows.layout.columns}
    return lambda cell: (
        (cell.part, cell.control) in parts and (not cell.topic or cell.topic in titles)
    )


def named_studies(export: Export, rows: Rows) -> Iterator[tuple[int, str]]:
    """Yield which enrolment each row of our own sheet names."""
    table = next(each for each in export.tables if each.name == rows.table)
    wanted = folded(STUDY)
    heads = ([*map(folded, row.cells)] for row in table.rows)
    header = next((head for head in heads if wanted in head), None)
    if header is None:
        return
    column = header.index(wanted)
    for student in rows.students:
        cells = student.cells[0]
        yield student.first, cells[column].strip() if column < len(cells) else ""


def draw_part_numbers() -> Iterator[int]:
    """Yield random numbers for the parts."""
    while True:
        yield secrets.randbelow(10**9) + 1


def find_period(archive: Archive, name: str) -> Period:
    """Return the period the archive declares. Raises NotFound."""
    found = archive.periods.get(name)
    if found is None:
        raise NotFound(
            f"Периода «{name}» нет",
            f"Периоды объявляют в {ORGANIZATION}.{suggest(name, archive.periods)}",
        )
    return found


def find_platform(archive: Archive, name: str, period: Period) -> Platform:
    """Return the platform the archive declares.

    Raises NotFound, and Refused when it was not in use in the period (R-1.4.4).
    """
    known = archive.platforms
    if not name:
        raise Refused(
            "Не сказано, с какой платформы выгрузка",
            f"Добавьте ключ --platform, одну из: {', '.join(known)}",
        )
    found = known.get(name)
    if found is None:
        raise NotFound(
            f"Платформы «{name}» среди сохранённого нет",
            "Новое описание в records/platforms сначала сохраните: papka save."
            f"{suggest(name, known)}",
        )
    if found.since > period.end or (found.until and found.until < period.start):
        raise Refused(
            f"Платформа «{name}» в периоде {period.period} не используется",
            "Проверьте ключи --platform и --period и дни (since, until) в records/platforms",
        )
    return found


def plan_take(root: Path, head: str, wish: TakeRequest, *, first: int) -> TakePlan:
    """Plan a take. Raises NotFound, Refused.

    `first` is the number in the year of the first new personal file.
    """
    planning = _Planning(TakeDesk(root, head), wish, first)
    for name, data in wish.files:
        planning.take(name, data)
    return planning.finish()


class _Planning:
    """A plan in the making, file by file."""

    def __init__(self, desk: TakeDesk, wish: TakeRequest, first: int) -> None:
        self.desk, self.wish = desk, wish
        self.numbers = Numbers(desk.root, desk.head, wish.today.year, first)
        self.people: ListPlan | None = None
        self.period = find_period(self.desk.archive, wish.period)
        self.platforms = {key: each.platform for key, each in self.desk.archive.imports.items()}
        self.platform = ""
        self.students: dict[str, Student] = {}
        self.salts: dict[str, bytes] = {}
        self.pending = Pending(self.period.period)
        self.done: list[PlannedFile] = []
        self.digests = {(o.size, o.sha256): key for key, o in self.desk.orders()}
        self.used: set[str] = set()
        self.names: dict[str, str] = {}

    def take(self, name: str, data: bytes) -> None:
        """Lay one more file beside what is there and what the files before it would change."""
        known = (len(data), sha256(data).hexdigest())
        # the same sheet typed once more puts back what was changed meanwhile
        is_new = self.wish.typed is not None
        if (
            not is_new
            and known in self.digests
            and not self._has_open_rows(name, data, self.digests[known])
        ):
            self.done.append(PlannedFile(name, already=self.digests[known]))
            return
        planned = self.plan_file(name, data)
        if planned.key:
            self.digests[known] = planned.key
        self.done.append(planned)

    def plan_file(self, name: str, data: bytes) -> PlannedFile:
        """Lay a file beside what is there, taken in before or not."""
        export = open_export(data, name, encoding=self.wish.encoding, delimiter=self.wish.delimiter)
        about = PlannedFile(
            name, export.layout, export.encoding and part_encoding(export), export.delimiter
        )
        return self._plan_file(export, about)

    def finish(self) -> TakePlan:
        findings = [finding for each in self.done for finding in each.findings]
        # while rows are not read, nobody knows which answers would be about them
        is_read = not has_errors(findings) or all(each.key for each in self.done)
        if is_read and not any(each.already for each in self.done):
            findings += [
                intake_codes.EXPORT_ANSWER_STRANGE.at(Location(self.done[-1].file), word=word)
                for word in self.wish.answers
                if word not in self.used
            ]
        done = tuple(self.done)
        stands = self.wish.typed is not None and not any(
            line.state in ("new", "changed") for each in done for line in each.lines
        )
        if stands or has_errors(findings):
            return TakePlan(self.desk, done, tuple(findings), names=self.names)
        folders = self.people.folders.values() if self.people else ()
        if self.people is not None:
            self.pending.files |= files_of(
                self.desk, folders, self.people.orders, self.salts.__getitem__
            )
        changes, lying = self.pending.changes(self.desk, self.platform)
        return TakePlan(
            self.desk,
            done,
            tuple(findings),
            changes,
            {path: lying.get(path) for path in changes},
            origins_of(folders) | dict(self.pending.origins()),
            self.names,
        )

    def _plan_file(self, export: Export, about: PlannedFile) -> PlannedFile:
        own = find_own_platform(export)
        if own is None and not self.wish.platform and (lacks := missing_columns(export)):
            raise Refused(
                f"Похоже на ведомость педагога, но в первой строке нет: {', '.join(lacks)}",
                "Возьмите чистую ведомость (papka give sheet) и перенесите отметки в неё: скрытые "
                "столбцы и первую строку не меняют",
            )
        platform = own or find_platform(self.desk.archive, self.wish.platform, self.period)
        if self.platform not in {"", platform.id}:
            raise Refused(
                "Ведомости педагогов и выгрузки платформы вместе не принимают",
                "Примите их двумя командами",
            )
        self.platform = platform.id
        layout = recognise(export, platform, layout=self.wish.export)
        findings = list(export.findings)
        if isinstance(layout, tuple):
            return replace(about, findings=(*findings, *layout))
        rows = read_rows(export, layout, self._make_context(export.file, layout, platform))
        findings += rows.findings
        left = {
            row: why
            for row, why in self._rows_left(export.file).items()
            if rows.kinds.get(row) == "refused"
        }
        self.used |= {row_word(row) for row in left}
        about = replace(
            about,
            layout=layout,
            rows=len(rows.students),
            findings=tuple(findings),
            people=frozenset(each for each, kind in rows.kinds.items() if kind == "student"),
            left=left,
        )
        planned = about if about.is_refused else self._lay_rows(export, platform, rows, about)
        if platform.id == SHEETS:
            planned = replace(planned, findings=tuple(map(speak_of_sheet, planned.findings)))
        return planned

    def _make_context(self, file: str, layout: ExportLayout, platform: Platform) -> MarkContext:
        archive = self.desk.archive
        origin: Origin = "платформа" if layout.target == RESULTS else "список"
        return MarkContext(
            archive.programs,
            archive.scales,
            self.wish.date or min(self.wish.today, self.period.end),
            archive.orders,
            "ведомость" if platform.id == SHEETS else origin,
            frozenset(self._rows_left(file)),
        )

    def _rows_left(self, file: str) -> dict[int, str]:
        """Return the rows that are left for later, with a fault or by an answer, and why."""
        skipped = {
            number: "пропущена по ответу"
            for word, answer in self.wish.answers.items()
            if answer == SKIP and (number := numbered_row(word))
        }
        return {**self.wish.left.get(file, {}), **skipped}

    def _has_open_rows(self, name: str, data: bytes, key: str) -> bool:
        """Whether a file taken before has rows that waited and can be taken now."""
        manifest = self.desk.archive.imports.get(key)
        path = import_file(key, NAMES[UNMATCHED])
        lying = self.desk.lying([path])
        if manifest is None or path not in lying:
            return False
        trial = _Planning(self.desk, self.wish, self.numbers.card)
        planned = trial.plan_file(name, data)
        waited = len(raw_exports.read_rows(lying[path], manifest))
        if planned.is_refused:
            return self.wish.takes_good  # which rows those are is known when they are left
        return planned.open_rows < waited

    def _lay_rows(
        self, export: Export, platform: Platform, rows: Rows, about: PlannedFile
    ) -> PlannedFile:
        """Match the rows, cut their parts, and lay what they would change."""
        findings = list(about.findings)
        is_of_people = rows.layout.target in {CARDS, STUDIES}
        laid = self._lay_people(export.file, rows, platform, findings) if is_of_people else None
        matched = laid.matched if laid else self._match_rows(platform, rows)
        key = f"{self.period.period}/{self._next_import()}"
        self.platforms[key] = platform.id
        self._open_files(set(matched.known.values()))
        known = matched.known
        findings += find_open_rows(export.file, matched, rows, (), accepted=self.wish.accepted)
        owners: dict[int, str | None] = {}
        about_all = {number for number, kind in rows.kinds.items() if kind == "aggregate"}
        for row in rows.students:
            if row.first in known or not row.skipped:
                owners |= dict.fromkeys(row.rows, known.get(row.first))
            else:
                about_all.update(row.rows)
        owners |= {number: None for number, kind in rows.kinds.items() if kind == "refused"}
        header = {number for number, kind in rows.kinds.items() if kind == "header"}
        salts = Salts(self.salts, *(secrets.token_bytes(SALT_BYTES) for _ in range(2)))
        parts = cut_export(
            export, owners,
            key=key, header=header, salts=salts, numbers=draw_part_numbers(), aggregates=about_all,
            table=rows.table,
        )  # fmt: skip
        self.pending.files |= parts.files
        self.pending.files[import_file(key, "manifest.yaml")] = write_manifest(
            export,
            platform=platform.id,
            layout=rows.layout.id,
            edition=rows.layout.edition,
            period=self.period.period,
            taken=self.wish.today,
            by=self.wish.staff,
        )
        lines: tuple[ProposedLine, ...] = ()
        if laid is None:
            named = dict(named_studies(export, rows)) if self.platform == SHEETS else {}
            about_file = (self.desk.archive, export.file, key, self.period.period)
            named |= matched.studies
            taking = ExportContext(
                *about_file, self.wish.today, parts.rows, named,
                tells_all=self.wish.takes_good, typed=self.wish.typed,
            )  # fmt: skip
            proposal = self._lay_results(taking, rows, matched, make_coverage_test(export, rows))
            findings += proposal.findings
            lines = proposal.lines
        if self.wish.learn:
            for student, keys in matched.learnt.items():
                self.pending.learnt.setdefault(student, {}).update(dict.fromkeys(keys))
        return replace(
            about,
            key=key,
            matched=matched,
            lines=lines,
            cards=tuple(laid.opened.values()) if laid else (),
            studies=laid.count(ENROLLED) if laid else 0,
            same=laid.count(SAME) if laid else 0,
            findings=tuple(findings),
            listed=laid.verdicts if laid else {},
        )

    def _match_rows(self, platform: Platform, rows: Rows) -> Matched:
        named = {answer.partition("#")[0] for answer in self.wish.answers.values()}
        people = self.desk.people(rows.students, named)
        known = (
            index_by_number(people) if platform.id == SHEETS else index_people(people, platform.id)
        )
        matched = match_rows(rows.students, known, self.wish.answers)
        self.used |= matched.used - set(matched.strangers)
        asked = matched.asked & people.keys()
        self.names |= {id_: people[id_].name.full for id_ in asked}
        return matched

    def _open_files(self, ids: set[str]) -> None:
        """Read the personal files the rows are about; one without a salt gets it now."""
        wanted = ids - self.students.keys() - self.salts.keys()
        for id_, student in self.desk.students(wanted).items():
            self.students[id_] = student
            self.salts[id_] = student.salt or secrets.token_bytes(SALT_BYTES)
            if student.salt is None:
                self.pending.files[f"{student_folder(id_)}/.salt"] = self.salts[id_]

    def _lay_people(
        self, file: str, rows: Rows, platform: Platform, findings: list[Finding]
    ) -> LaidList:
        """Lay rows of cards and enrolments; several such files of a take are one plan."""
        layout, wish = rows.layout, self.wish
        people_rows = (row for row in rows.students if not row.skipped)
        listed = rows_of_export(people_rows, platform.id, rows.fields)
        people = open_people(self.desk, listed, wish.answers.values())
        if self.people is None:
            how = ListWish(
                file, wish.today, wish.answers,
                updates=False, opens=layout.target == CARDS, writes_orders=False,
                program=layout.program or "",
            )  # fmt: skip
            self.people = open_plan(how, self.desk, people, self.numbers)
        plan = self.people
        plan.know(people.index)
        plan.wish = replace(
            plan.wish, file=file, opens=layout.target == CARDS, program=layout.program or ""
        )
        laid = plan.lay(listed)
        findings += laid.findings
        self.used |= laid.matched.used - set(laid.matched.strangers)
        self.names |= people.named(laid.matched.asked)
        for row, number in laid.opened.items():
            self.salts[number] = secrets.token_bytes(SALT_BYTES)
            self.pending.cards[student_folder(number)] = Location(file, line=row)
        return laid

    def _lay_results(
        self,
        taking: ExportContext,
        rows: Rows,
        matched: Matched,
        covered: Callable[[ProposedCell], bool],
    ) -> Proposal:
        here = set(matched.known.values())
        earlier = self._find_earlier(rows.layout, here)
        self._open_files(earlier)
        for student in sorted(here | earlier):
            if student not in self.pending.shelves:
                self.pending.shelves[student] = open_shelf(
                    self.students[student], self.period.period, self.platform, self.platforms
                )
        marks = (
            (matched.known[mark.student], mark)
            for mark in rows.marks
            if mark.student in matched.known
        )
        return propose(taking, marks, self.pending.shelves, earlier, covered)

    def _find_earlier(self, layout: ExportLayout, here: set[str]) -> set[str]:
        """Return the students of earlier exports of the same kind, if mostly the same people.

        An export of another group says nothing about who is gone.
        """
        found: set[str] = set()
        for key, taken in self.desk.archive.imports.items():
            files = self.desk.archive.import_files.get(key)
            same = (taken.platform, taken.period, taken.export) == (
                self.platform, self.period.period, layout.id,
            )  # fmt: skip
            if same and files is not None:
                people = {part.student for part in files.parts if part.student}
                if 2 * len(people & here) >= len(people):
                    found |= people
        return {id_ for id_ in found if id_ in self.desk.archive.folders}

    def _next_import(self) -> int:
        """Return the next free number of an import; what lies there unsaved counts too."""
        period = self.period.period
        names = [key.partition("/")[2] for key in self.platforms if key.startswith(f"{period}/")]
        names += names_in(self.desk.root, f"{IMPORTS}{period}")
        return max((int(name) for name in names if name.isdecimal()), default=0) + 1
