"""Exports laid beside the archive as one commit shows it: everything a take would change.

Invariants: a plan writes nothing and depends on nothing but its arguments and chance (part numbers,
salts); a file taken in before is recognised by its bytes; every fault of every file is found.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from papka.core.codes import takings as codes
from papka.core.errors import Refused
from papka.core.findings import Finding, Location, Severity, worst
from papka.core.layout import (
    IMPORTS,
    SALT_BYTES,
    SHEETS,
    import_file,
    student_folder,
)
from papka.core.table import Export
from papka.gates.folders import names_in
from papka.gates.sheets import open_export
from papka.intake.manifest import encoding_of, manifest
from papka.intake.mapped import Context, Rows, StudentRow
from papka.intake.mapping import read_rows, recognise
from papka.intake.matching import Matched, by_number, index, match
from papka.intake.newcomers import (
    Newcomer,
    card_files,
    enrolled,
    newcomers,
)
from papka.intake.parts import Salts, cut
from papka.intake.proposal import Line, Taking, propose, shelf
from papka.intake.sheet import own_platform
from papka.model.export_layout import ExportLayout
from papka.model.school import Platform
from papka.model.student import Student
from papka.tasks.take.pending import Pending
from papka.tasks.take.plan import CARDS, STUDIES, Plan, Planned, Wish
from papka.tasks.take.reading import Desk
from papka.tasks.take.rows import chance, covers, named_studies, open_rows
from papka.tasks.take.where import declared_period, platform_in_use


def plan(root: Path, head: str, wish: Wish, *, first: int) -> Plan:
    """`first`: the number in the year of the first new personal file. Raises NotFound, Refused."""
    planning = _Planning(root, head, wish, first)
    for name, data in wish.files:
        planning.take(name, data)
    return planning.plan()


class _Planning:
    def __init__(self, root: Path, head: str, wish: Wish, first: int) -> None:
        self.root, self.wish, self.next_card = root, wish, first
        self.desk = Desk(root, head)
        self.period = declared_period(self.desk.archive, wish.period)
        self.platforms = {key: each.platform for key, each in self.desk.archive.imports.items()}
        self.platform = ""
        self.students: dict[str, Student] = {}
        self.salts: dict[str, bytes] = {}
        self.pending = Pending(self.period.period)
        self.done: list[Planned] = []
        self.digests = {(o.size, o.sha256): key for key, o in self.desk.orders()}
        self.used: set[str] = set()
        self.names: dict[str, str] = {}

    def take(self, name: str, data: bytes) -> None:
        """Lays one more file beside what is there and what the files before it would change."""
        known = (len(data), sha256(data).hexdigest())
        if known in self.digests:
            self.done.append(Planned(name, already=self.digests[known]))
            return
        export = open_export(data, name, encoding=self.wish.encoding, delimiter=self.wish.delimiter)
        about = Planned(
            name, export.layout, export.encoding and encoding_of(export), export.delimiter
        )
        planned = self._planned(export, about)
        if planned.key:
            self.digests[known] = planned.key
        self.done.append(planned)

    def plan(self) -> Plan:
        findings = [finding for each in self.done for finding in each.findings]
        strange = [word for word in self.wish.answers if word not in self.used]
        findings += [
            codes.EXPORT_ANSWER_STRANGE.at(Location(self.done[-1].file), word=word)
            for word in strange
            if not any(each.already for each in self.done)
        ]
        severity = worst(findings)
        done = tuple(self.done)
        if severity is not None and severity >= Severity.ERROR:
            return Plan(self.desk, done, tuple(findings), names=self.names)
        changes, lying = self.pending.changes(self.desk, self.platform)
        return Plan(
            self.desk,
            done,
            tuple(findings),
            changes,
            {path: lying.get(path) for path in changes},
            dict(self.pending.origins()),
            self.names,
        )

    def _planned(self, export: Export, about: Planned) -> Planned:
        platform = own_platform(export) or platform_in_use(
            self.desk.archive, self.wish.platform, self.period
        )
        self._one_platform(platform)
        layout = recognise(export, platform, layout=self.wish.export)
        findings = list(export.findings)
        if isinstance(layout, tuple):
            return replace(about, findings=(*findings, *layout))
        archive = self.desk.archive
        date = self.wish.date or min(self.wish.today, self.period.end)
        rows = read_rows(export, layout, Context(archive.programs, archive.scales, date))
        findings += rows.findings
        about = replace(about, layout=layout, rows=len(rows.students))
        severity = worst(findings)
        if severity is not None and severity >= Severity.ERROR:
            return replace(about, findings=tuple(findings))
        return self._laid(export, platform, rows, replace(about, findings=tuple(findings)))

    def _laid(self, export: Export, platform: Platform, rows: Rows, about: Planned) -> Planned:
        """The rows matched, their parts cut, and what they would change."""
        matched = self._matched(platform, rows)
        key = f"{self.period.period}/{self._number()}"
        self.platforms[key] = platform.id
        self._open(set(matched.known.values()))
        findings = list(about.findings)
        cards = self._cards(rows, matched, findings, export.file, platform)
        known = {**matched.known, **{each.first: number for each, number in cards}}
        findings += open_rows(export.file, matched, rows, cards, accepted=self.wish.accepted)
        owners: dict[int, str | None] = {}
        about_all = {number for number, kind in rows.kinds.items() if kind == "aggregate"}
        for row in rows.students:
            if row.first in known or not row.skipped:
                owners |= dict.fromkeys(row.rows, known.get(row.first))
            else:
                about_all.update(row.rows)
        header = {number for number, kind in rows.kinds.items() if kind == "header"}
        salts = Salts(self.salts, *(secrets.token_bytes(SALT_BYTES) for _ in range(2)))
        parts = cut(
            export, owners,
            key=key, header=header, salts=salts, numbers=chance(), aggregates=about_all,
            table=rows.table,
        )  # fmt: skip
        self.pending.files |= parts.files
        self.pending.files[import_file(key, "manifest.yaml")] = manifest(
            export,
            platform=platform.id,
            layout=rows.layout.id,
            edition=rows.layout.edition,
            period=self.period.period,
            taken=self.wish.today,
            by=self.wish.staff,
        )
        studies = same = 0
        lines: tuple[Line, ...] = ()
        if rows.layout.target == STUDIES:
            studies, same = self._enrol(rows, matched, findings, export.file)
        elif rows.layout.target == CARDS:
            same = len(matched.known)
        else:
            lines = self._results(export, rows, matched, key, parts.rows, findings)
        if self.wish.learn:
            for student, keys in matched.learnt.items():
                self.pending.learnt.setdefault(student, {}).update(dict.fromkeys(keys))
        return replace(
            about,
            key=key,
            matched=matched,
            lines=lines,
            cards=tuple(number for _, number in cards),
            studies=studies,
            same=same,
            findings=tuple(findings),
        )

    def _matched(self, platform: Platform, rows: Rows) -> Matched:
        people = self.desk.people(rows.students, set(self.wish.answers.values()))
        known = by_number(people) if platform.id == SHEETS else index(people, platform.id)
        matched = match(rows.students, known, self.wish.answers)
        self.used |= matched.used - set(matched.strangers)
        asked = {id_ for each in matched.ambiguous for id_ in each.candidates}
        self.names |= {id_: people[id_].name.full for id_ in asked if id_ in people}
        return matched

    def _open(self, ids: set[str]) -> None:
        """Personal files the rows are about; one without a salt gets it now."""
        wanted = ids - self.students.keys()
        for id_, student in self.desk.students(wanted).items():
            self.students[id_] = student
            self.salts[id_] = student.salt or secrets.token_bytes(SALT_BYTES)
            if student.salt is None:
                self.pending.files[f"{student_folder(id_)}/.salt"] = self.salts[id_]

    def _cards(
        self, rows: Rows, matched: Matched, findings: list[Finding], file: str, platform: Platform
    ) -> list[tuple[StudentRow, str]]:
        """New personal files for the rows of a list that nobody was found for."""
        if rows.layout.target != CARDS:
            return []
        strange = {row for each in matched.unmatched for row in each.rows}
        fresh = [row for row in rows.students if row.first in strange and not row.skipped]
        made, wrong = newcomers(fresh, rows.layout, self.desk.archive, file)
        findings += wrong
        return [self._card(newcomer, platform) for newcomer in made]

    def _card(self, newcomer: Newcomer, platform: Platform) -> tuple[StudentRow, str]:
        number = f"{self.wish.today.year}-{self.next_card:04d}"
        self.next_card += 1
        self.salts[number] = secrets.token_bytes(SALT_BYTES)
        today = self.wish.today
        self.pending.files |= card_files(
            number, newcomer, platform.id, self.salts[number], today=today
        )
        return newcomer.row, number

    def _enrol(
        self, rows: Rows, matched: Matched, findings: list[Finding], file: str
    ) -> tuple[int, int]:
        known = [(matched.known[r.first], r) for r in rows.students if r.first in matched.known]
        made, same, wrong = enrolled(known, self.students, rows.layout, self.desk.archive, file)
        findings += wrong
        for student, entries in made.items():
            self.pending.studies.setdefault(student, []).extend(entries)
        return sum(map(len, made.values())), same

    def _results(  # noqa: PLR0913 - one step of `_laid`, which is read with it
        self,
        export: Export,
        rows: Rows,
        matched: Matched,
        key: str,
        own_rows: Mapping[int, int],
        findings: list[Finding],
    ) -> tuple[Line, ...]:
        archive = self.desk.archive
        earlier = self._earlier(rows.layout, set(matched.known.values()))
        self._open(set(earlier))
        for student in sorted({*matched.known.values(), *earlier}):
            if student not in self.pending.shelves:
                person = self.students[student]
                own = shelf(person, self.period.period, self.platform, self.platforms)
                self.pending.shelves[student] = own
        taking = Taking(
            archive,
            export.file,
            key,
            self.period.period,
            self.wish.today,
            own_rows,
            dict(named_studies(export, rows)) if self.platform == SHEETS else {},
        )
        marks = (
            (matched.known[mark.student], mark)
            for mark in rows.marks
            if mark.student in matched.known
        )
        proposal = propose(taking, marks, self.pending.shelves, earlier, covers(export, rows))
        findings += proposal.findings
        return proposal.lines

    def _earlier(self, layout: ExportLayout, here: set[str]) -> set[str]:
        """Students of earlier exports of the same kind, if mostly the same people were in them:
        an export of another group says nothing about who is gone."""
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

    def _one_platform(self, platform: Platform) -> None:
        if self.platform not in {"", platform.id}:
            raise Refused(
                "Ведомости педагогов и выгрузки платформы вместе не принимают",
                "Примите их двумя командами",
            )
        self.platform = platform.id

    def _number(self) -> int:
        """The next free number of an import; what lies there unsaved counts too."""
        period = self.period.period
        names = [key.partition("/")[2] for key in self.platforms if key.startswith(f"{period}/")]
        names += names_in(self.root, f"{IMPORTS}{period}")
        return max((int(name) for name in names if name.isdecimal()), default=0) + 1
