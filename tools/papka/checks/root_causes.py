"""One mistake, one message: the cause of many findings, told in their place.

Where a mistake has one meaning the archive is judged again as it was meant, so that what follows
from the mistake falls away and what does not is still found. Findings are made of the files as
they are; what could not be judged is named. An archive without findings costs nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from papka.checks import vanished
from papka.checks.changed_values import (
    OF_CHANGES,
    at_line_before,
    is_one_change,
    tell_changes,
    with_line_before,
)
from papka.checks.dates import DATE_ORDER
from papka.checks.declared_names import declared
from papka.checks.false_facts import NAME_CASE, SCAN_OF_OTHER
from papka.checks.misplaced import Accident, copied_folder, find_copies, find_misplaced
from papka.checks.personal_data import NAME_MIXED_SCRIPT, NAME_SUSPICIOUS
from papka.checks.results import MARK_NOT_ON_SCALE, find_mark_scale, is_whole_float
from papka.checks.safekeeping import CARD_MISSING, PATH_MISMATCH
from papka.checks.unchanged_records import FOLDER_REMOVED, ID_REMOVED
from papka.core import cells
from papka.core.findings import Finding, Location, Severity, has_errors, sort_findings
from papka.core.kinds import SCHEMA_OF
from papka.core.lookalikes import CLOSING, OPENING, TO_CYRILLIC, TO_LATIN, clean
from papka.core.phrases import count_phrase
from papka.core.places import RECORDS, folder_around, place, student_folder
from papka.core.snapshot import Overlay, Snapshot, bytes_of
from papka.records import mend_codes as codes
from papka.records import reading_codes
from papka.records.archive import Archive
from papka.records.file_accidents import find_cut
from papka.records.mending import (
    NO_DECISIONS,
    Decisions,
    Fits,
    Mended,
    Names,
    decision_key,
    joined,
    mend,
    mend_at,
    mend_line,
    no_names,
)
from papka.records.schemas import SchemaSet
from papka.records.school import NOT_ATTESTED
from papka.records.strict_yaml import add_lines, read, snapshot_source

_LED = re.compile(rb"# yaml-language-server: \$schema=\S*?([a-z]+)\.json")
_ROUNDS = 4
_FEW = 4
"""Of more changed files it is not asked what each has brought."""
_OF_TEXTS = (codes.CUT_BY_SIGN, codes.WEB_SIGNS, codes.QUOTES_ODD)
"""Codes of a file that could be read, whose line a person should look at again."""


class Judging(Protocol):
    """The way from what was saved (`before`, read as `old`) to a state, by all rules."""

    schemas: SchemaSet
    before: Snapshot | None
    old: Archive | None
    changed: frozenset[str]

    def judge(self, after: Snapshot) -> tuple[Archive, list[Finding]]: ...


@dataclass(frozen=True, slots=True)
class Explained:
    """What is to be told. `mends` are the changes that would put files right, by path; `accidents`
    files in wrong places; `unjudged` files that were not read: what they say was not judged.
    """

    findings: tuple[Finding, ...] = ()
    mends: Mapping[str, Mended] = field(default_factory=dict)
    accidents: tuple[Accident, ...] = ()
    unjudged: tuple[str, ...] = ()


def explain(
    after: Snapshot,
    step: Judging,
    archive: Archive,
    found: Iterable[Finding],
    decisions: Decisions = NO_DECISIONS,
) -> Explained:
    """Tell the findings of a state, already judged, by their causes.

    What has several meanings is taken for the likeliest, or for what was decided.
    """
    return _Inquiry(after, step, decisions).run(archive, list(found))


class _Inquiry:
    """One archive on its way from findings to causes."""

    def __init__(self, after: Snapshot, step: Judging, decisions: Decisions) -> None:
        self._decisions = decisions
        self._after = after
        self._schemas = step.schemas
        self._judge = step.judge
        self._before = step.before
        self._old = step.old
        self._changed = step.changed
        self._meant: dict[str, bytes | None] = {}
        self._told: list[Finding] = []
        self._mends: dict[str, Mended] = {}
        self._accidents: list[Accident] = []
        self._real: dict[str, str] = {}
        self._closed: set[str] = set()
        self._tried: set[tuple[str, str]] = set()
        self._hopeless: set[tuple[str, str]] = set()
        self._likely: dict[tuple[str, str], str] = {}

    @property
    def _now(self) -> Snapshot:
        return Overlay(self._after, self._meant) if self._meant else self._after

    def run(self, archive: Archive, found: list[Finding]) -> Explained:
        first = found
        if self._put_in_place(found):
            archive, found = self._judge(self._now)
        if self._leave_out_copies(archive):
            archive, found = self._judge(self._now)
        for one in found:
            if one.code is codes.FILE_CUT and self._before is not None:
                self._close(one.where.path, [one], bytes_of(self._before, one.where.path))
        if self._closed:
            archive, found = self._judge(self._now)
        for _ in range(_ROUNDS):
            if not self._mend_files(archive) and not self._mend_names(archive, found):
                break
            archive, found = self._judge(self._now)
        found = self._without_consequences(archive, found)
        self._mend_texts(found)
        found = self._restore_gone(found)
        found = vanished.group(found, self._old, archive)
        found = self._fold(found, archive)
        if self._before is not None:
            found = list(tell_changes(found, self._before, self._now))
        told = self._told + self._as_they_are(map(self._with_likely, found))
        unjudged = sorted(archive.unreadable | self._closed)
        if has_errors(first) and not has_errors(told):
            told = first
        return Explained(
            tuple(sort_findings(_without_echoes(told))),
            self._mends,
            tuple(self._accidents),
            tuple(self._real.get(path, path) for path in unjudged),
        )

    def _with_likely(self, finding: Finding) -> Finding:
        """Add the line that was probably meant."""
        likely = self._likely.get((finding.where.path, finding.where.pointer))
        if finding.code is NAME_CASE:
            likely = self._respelt(finding, cells.name)
        elif finding.code in (NAME_MIXED_SCRIPT, NAME_SUSPICIOUS):
            likely = self._respelt(finding, _as_one_alphabet)
        return replace(finding, instead=likely) if likely else finding

    def _respelt(self, finding: Finding, spell: Callable[[str], str]) -> str:
        """Return the line of a name written as it should be; "" when that is not known."""
        data = self._now.read(finding.where.path)
        (placed,) = add_lines([finding], lambda _: data)
        line = data.decode().split("\n")[placed.where.line - 1].rstrip("\r")
        key, sign, written = line.partition(": ")
        name = spell(written.strip())
        return f"{key}{sign}{name}" if name else ""

    @cached_property
    def _missing(self) -> Mapping[str, bytes]:
        """What was saved and is not there now."""
        if self._before is None:
            return {}
        there = set(self._after.paths())
        lost = [path for path in self._before.paths() if path not in there]
        return dict(self._before.read_many([p for p in lost if p.startswith(f"{RECORDS}/")]))

    def _put_in_place(self, found: list[Finding]) -> bool:
        """Judge files under a wrong name or in a wrong place as if they stood right."""
        unknown = [one.where.path for one in found if one.code is reading_codes.PATH_UNKNOWN]
        kept = self._before.paths() if self._before is not None else ()
        accidents: list[Accident] = []
        if unknown or self._missing:
            accidents += find_misplaced(self._after, unknown, self._missing, kept)
        if kept:
            new = {one.where.path for one in found}.difference(kept, unknown)
            accidents += find_copies(self._after, new.intersection(self._after.paths()))
        for accident in accidents:
            self._accidents.append(accident)
            self._told.append(accident.finding)
            for right, now in accident.moved.items():
                self._meant[right] = self._after.read(now)
                self._meant[now] = None
                self._real[right] = now
            for path in accident.gone:
                self._meant[path] = None
        return bool(accidents)

    def _leave_out_copies(self, archive: Archive) -> bool:
        """Judge the archive without a personal folder that is a copy of another."""
        copies = list(_list_copied(archive, self._old))
        for folder, finding in copies:
            self._told.append(self._as_it_is(finding))
            inside = [path for path in self._now.paths() if path.startswith(f"{folder}/")]
            self._meant |= dict.fromkeys(inside)
            self._accidents.append(Accident(finding, {}, tuple(inside), sure=False))
        return bool(copies)

    def _mend_files(self, archive: Archive) -> bool:
        """Mend what the reader or a schema refused; tell accidents with whole files alone."""
        changed = False
        names = declared(archive)
        for path in sorted(archive.unreadable - self._mends.keys() - self._closed):
            data = self._now.read(path)
            mended = mend(data, path, self._schemas, names, self._decisions)
            changed |= self._take_mended(path, data, mended)
        return changed

    def _take_mended(self, path: str, data: bytes, mended: Mended) -> bool:
        kept = bytes_of(self._before, path) if self._before is not None else None
        cut = find_cut(path, kept, data) if kept is not None else None
        wrong = cut or mended.alone or self._judge_kind(path, data)
        if wrong is not None:
            if mended.alone is not None and mended.mends:
                self._mends[path] = mended
            return self._close(path, [wrong], kept)
        slips = [each.finding for each in mended.mends]
        if mended.data is None:
            return self._close(path, [*slips, *mended.left], kept) if mended.left else False
        if not slips:
            return False
        self._put(path, mended)
        return True

    def _put(self, path: str, mended: Mended) -> None:
        """Tell what was mended and judge on as if it were."""
        earlier = self._mends.get(path)
        self._told += self._as_they_are(each.finding for each in mended.mends)
        self._mends[path] = mended if earlier is None else joined(earlier, mended)
        self._meant[path] = mended.data

    def _close(self, path: str, findings: Iterable[Finding], kept: bytes | None) -> bool:
        """Tell what is wrong with a file and judge the rest as it was saved, or without it."""
        self._told += self._as_they_are(findings)
        self._closed.add(path)
        self._meant[path] = kept
        return True

    def _judge_kind(self, path: str, data: bytes) -> Finding | None:
        """Tell when the content is that of another kind of record."""
        value, found = read(data, path).value, place(path)
        if not isinstance(value, dict) or not value or found is None:
            return None
        forms, own = self._schemas.forms, SCHEMA_OF[found.kind]
        form = forms.of(own)
        fields = {one.name for one in form.fields}
        led = _LED.match(data)
        if value.keys() <= fields or (form.required and form.required <= value.keys()):
            return None
        for name in SCHEMA_OF.values():
            other = forms.of(name)
            is_led = led is not None and led[1].decode() == name
            known = {one.name for one in other.fields}
            if name == own or not other.required or not other.required <= value.keys():
                continue
            if is_led or (value.keys() <= known and fields.isdisjoint(value)):
                return codes.FILE_WRONG_KIND.at(
                    Location(path, line=1, column=1),
                    wanted=form.title,
                    found=other.title,
                    right=f"{name}.yaml",
                    path=path,
                )
        return None

    def _mend_names(self, archive: Archive, found: list[Finding]) -> bool:
        """Mend names and marks that were surely meant otherwise."""
        names, changed = declared(archive), False
        for one in found:
            path, key = one.where.path, (one.where.path, one.where.pointer)
            if not _is_about_a_name(one) or path in self._closed:
                continue
            said = (one.message, one.where.pointer.rpartition("/")[2])
            if key in self._tried or said in self._hopeless or self._is_as_saved(path):
                continue
            self._tried.add(key)
            fits: tuple[Names, Fits | None] = (names, None)
            if one.code is MARK_NOT_ON_SCALE:
                fits = _fitting_mark(archive, one)
            data = bytes_of(self._now, path)
            mended = mend_at(data, one, self._schemas, *fits) if data else None
            if mended is not None and not mended.is_sure:
                self._likely[key] = mended.mends[0].finding.instead
                self._hopeless.add(said)
            elif mended is not None:
                self._put(path, mended)
                changed = True
            else:
                self._hopeless.add(said)
        return changed

    def _is_as_saved(self, path: str) -> bool:
        """Tell whether nobody changed a file: what is wrong with its names was done elsewhere."""
        kept = bytes_of(self._before, path) if self._before is not None else None
        return kept is not None and kept == bytes_of(self._now, path)

    def _mend_texts(self, found: list[Finding]) -> None:
        """Offer the lines in which a text was cut short, or holds signs of a web page."""
        for one in found:
            if one.code not in _OF_TEXTS:
                continue
            sure = one.code is not codes.CUT_BY_SIGN
            decided = self._decisions.get(decision_key(self._as_it_is(one)), 0)
            data = bytes_of(self._now, one.where.path)
            if data is None or decided is None:
                continue
            mended = mend_line(data, one, sure=sure)
            earlier = self._mends.get(one.where.path)
            self._mends[one.where.path] = joined(earlier, mended) if earlier else mended

    def _restore_gone(self, found: list[Finding]) -> list[Finding]:
        """Tell a file that vanished as one finding, and judge on as if it were there."""
        lost = {
            path: data
            for path, data in self._missing.items()
            if path not in self._meant and place(path) is not None
        }
        told = {one.where.path for one in found if one.code is FOLDER_REMOVED}
        for path in sorted(lost):
            if any(path.startswith(f"{folder}/") for folder in told):
                self._meant[path] = lost[path]
        if told:
            _, found = self._judge(self._now)
            found = [one for one in found if one.code is not FOLDER_REMOVED]
            self._told += [FOLDER_REMOVED.at(Location(one), student=one.rpartition("/")[2])
                           for one in sorted(told)]  # fmt: skip
        for path in sorted(lost.keys() - self._meant.keys()):
            if path.endswith("/.salt"):
                continue  # a rule of its own tells it
            self._meant[path] = lost[path]
            _, left = self._judge(self._now)
            fewer = len(found) - len(left)
            if fewer > 0:
                more = count_phrase(fewer, "замечание", "замечания", "замечаний")
                used = f"; из-за этого ещё {more}"
                self._told.append(
                    codes.FILE_GONE.at(Location(path), path=path, used=used if fewer > 1 else "")
                )
                found = left
            else:
                self._meant[path] = None
        return found

    def _without_consequences(self, archive: Archive, found: list[Finding]) -> list[Finding]:
        """Tell what follows from one change of a saved file as that change."""
        before = self._before
        if before is None or not found:
            return found
        changed = [path for path in sorted(self._changed) if path.startswith(f"{RECORDS}/")]
        for path in changed if len(changed) <= _FEW else ():
            kept = bytes_of(before, path)
            if path in self._meant or not is_one_change(kept, bytes_of(self._now, path), path):
                continue
            left = set(self._judge(Overlay(self._now, {path: kept}))[1])
            follows = [one for one in found if one not in left]
            if len(follows) > 1 or any(one.code is PATH_MISMATCH for one in follows):
                found = [one for one in found if one in left]
                found += self._tell_change(archive, before, path, follows)
        return found

    def _tell_change(
        self, archive: Archive, before: Snapshot, path: str, follows: list[Finding]
    ) -> list[Finding]:
        """Choose what tells of a change best; the worst, put there, when none is about its file."""
        told = self._fold(vanished.group(follows, self._old, archive), archive)
        here = [one for one in told if one.where.path == path]
        if not here:
            (first, *others) = sorted(told, key=lambda one: not has_errors([one]))
            more = count_phrase(len(others), "замечание", "замечания", "замечаний")
            message = f"{first.message}; из-за этого ещё {more}" if others else first.message
            moved = replace(first, where=Location(path), message=message, related=(first.where,))
            return [with_line_before(moved, before, self._now)]
        main = min(here, key=lambda one: (_rank(one), not has_errors([one])))
        gone = [one.message for one in here if one is not main and vanished.is_of_gone(one)]
        if gone:
            main = replace(main, message="; ".join([main.message, *gone[:_FEW]]))
        worst = next((one for one in told if has_errors([one])), None)
        if worst is not None and not has_errors([main]):
            (said,) = tell_changes([main], before, self._now)
            message = f"{said.message}; из-за этого: {worst.message}"
            return [replace(said, code=worst.code, message=message)]
        if _rank(main) == _OTHERS:
            return [with_line_before(main, before, self._now)]
        return [main if main.code in OF_CHANGES else at_line_before(main, before, self._now)]

    def _fold(self, found: list[Finding], archive: Archive) -> list[Finding]:
        """Tell once what several findings say of one mistake in a file that can be read."""
        found = _fold_births(found)
        found = _fold_new_folders(found, archive, self._old)
        if self._old is None:
            return found
        for where, was, now in vanished.renumbered(self._old, archive):
            gone = [one for one in found if _is_of_id(one, was, where)]
            if gone:
                told = replace(
                    ID_REMOVED.at(where, id=was),
                    message=f"Номер записи изменён: был {was}, стал {now}",
                    hint=f"Верните прежний номер: {ID_REMOVED.why[0].lower()}{ID_REMOVED.why[1:]}",
                    instead=f"id: {was}",
                )
                found = [one for one in found if one not in gone] + [told]
        return found

    def _as_it_is(self, finding: Finding) -> Finding:
        """Move a finding from the files as meant to the files as they are."""
        (one,) = self._as_they_are([finding])
        return one

    def _as_they_are(self, findings: Iterable[Finding]) -> list[Finding]:
        """Do so for many, so that each of their files is parsed once."""
        given = list(findings)
        placed = add_lines(given, snapshot_source(self._now))
        return [self._in_file(one, was.where.line) for one, was in zip(placed, given, strict=True)]

    def _in_file(self, finding: Finding, known: int) -> Finding:
        """Put a finding at its place in the file as it is; `known`: the line it had before."""
        where = finding.where
        mended = self._mends.get(where.path)
        if mended is not None and mended.lines and where.line and known == 0:
            at = min(where.line, len(mended.lines)) - 1
            where = replace(where, line=mended.lines[at])
        return finding.moved(replace(where, path=self._real.get(where.path, where.path)))


_OTHERS = 3


def _rank(finding: Finding) -> int:
    """Tell how well a finding tells of a change in its file: what vanished, what had to stay."""
    if vanished.is_of_gone(finding):
        return 0
    return 1 if finding.code is ID_REMOVED else 2 if finding.code in OF_CHANGES else _OTHERS


def _as_one_alphabet(name: str) -> str:
    """Write a name with the letters and signs of one alphabet; "" when it holds what is no name."""
    plain = clean(name).strip(f"{OPENING}{CLOSING}\"' ")
    for text in (plain, plain.translate(TO_CYRILLIC), plain.translate(TO_LATIN)):
        if re.fullmatch(r"[а-яё' -]+|[a-z' -]+", text, re.IGNORECASE):
            return text
    return ""


def _is_about_a_name(finding: Finding) -> bool:
    return finding.code is MARK_NOT_ON_SCALE or finding.code.name.startswith("REF_UNKNOWN_")


def _is_of_id(finding: Finding, was: str, where: Location) -> bool:
    """Tell whether a finding says that an entry of this file, or its id, is gone."""
    folder = where.path.rpartition("/")[0]
    return finding.where.path.startswith(folder) and f" {was} " in (
        finding.message.replace("«", " ").replace("»", " ") + " "
    )


def _fitting_mark(archive: Archive, finding: Finding) -> tuple[Names, Fits | None]:
    """Return what a mark may be: the words of its scale, or its numbers."""
    scale = find_mark_scale(archive, finding.where)
    if scale is None:
        return no_names, None
    words = dict.fromkeys((*scale.marks, NOT_ATTESTED), "")
    return (
        lambda _path, _pointer: words if scale.marks else {},
        lambda mark: scale.has(mark) and not is_whole_float(mark),
    )


_BIRTH = "чем рождение"


def _fold_births(found: list[Finding]) -> list[Finding]:
    """Tell a birth that comes after several other days as a fault of the birth date."""
    folders: dict[str, list[Finding]] = {}
    for one in found:
        if one.code is DATE_ORDER and _BIRTH in one.message:
            folders.setdefault(folder_around(one.where.path), []).append(one)
    folded: set[Finding] = set()
    told = []
    for folder, late in folders.items():
        if len(late) < 2:
            continue
        folded.update(late)
        first, *rest = late
        where = Location(f"{folder}/student.yaml", "/birth_date")
        more = count_phrase(len(rest), "день", "дня", "дней")
        message = f"{first.message}; так же не сходятся ещё {more}"
        hint = "Исправьте дату рождения: она позже всего, что было в этом деле"
        told.append(replace(first, where=where, message=message, hint=hint, related=()))
    return [one for one in found if one not in folded] + told


def _fold_new_folders(found: list[Finding], archive: Archive, old: Archive | None) -> list[Finding]:
    """Tell a new personal folder without a card, or with another child's papers, as one thing."""
    known = old.folders if old is not None else frozenset()
    for one in [each for each in found if each.code in (SCAN_OF_OTHER, CARD_MISSING)]:
        place_of = place(one.where.path)
        student = place_of.student if place_of else ""
        if not student or student in known or one not in found:
            continue
        folder = student_folder(student)
        if one.code is SCAN_OF_OTHER:
            copied = _find_copied(archive, student, found)
            if copied is None:
                continue
            one = copied  # noqa: PLW2901 - told in its place
        found = [each for each in found if not each.where.path.startswith(f"{folder}/")]
        found.append(one)
    return found


def _find_copied(archive: Archive, student_id: str, found: list[Finding]) -> Finding | None:
    """Say from whom a folder was copied and what of that child is still in it.

    None where a scan alone is the same: brothers may have one contract.
    """
    student = archive.students[student_id]
    first = next(one for one in found if one.code is SCAN_OF_OTHER and _is_in(one, student_id))
    other = next(each for each in archive.students if first.message.endswith(f"деле {each}"))
    person, model = student.person, archive.students[other].person
    kept = ["сканы"]
    if person is not None and model is not None:
        if person.birth_date == model.birth_date:
            kept.append("дата рождения")
        if person.representatives and person.representatives == model.representatives:
            kept.append("представители")
        if person.phone and person.phone == model.phone:
            kept.append("телефон")
        if person.photo and person.photo == model.photo:
            kept.append("фотография")
    if len(kept) == 1:
        return None
    message = f"; остались чужие: {', '.join(kept)}"
    where = Location(f"{student.folder}/student.yaml", "/id")
    return copied_folder(other, where, message)


def _is_in(finding: Finding, student: str) -> bool:
    return finding.where.path.startswith(f"{student_folder(student)}/")


def _list_copied(archive: Archive, old: Archive | None) -> Iterable[tuple[str, Finding]]:
    """List personal folders that are copies of others, the later of two."""
    salts: dict[bytes, str] = {}
    known = old.students.keys() if old is not None else set()
    for id_ in sorted(archive.students, key=lambda one: (one not in known, one)):
        student = archive.students[id_]
        if student.salt is None:
            continue
        first = salts.setdefault(student.salt, id_)
        if first == id_:
            continue
        person, other = student.person, archive.students[first].person
        if (
            person is None
            or other is None
            or (person.id in (first, id_) and (person.id == first or person.name == other.name))
        ):
            finding = copied_folder(first, Location(f"{student.folder}/student.yaml", "/id"))
            yield student.folder, finding


def _without_echoes(found: list[Finding]) -> list[Finding]:
    """Tell the same thing of one file once, however many places it has there, no fault of the
    schema in a line that another finding already says how to write, and no doubt of a value that
    is wrong anyway."""
    lines = {(one.where.path, one.where.line) for one in found if one.instead}
    errors = [one for one in found if one.code.severity is Severity.ERROR]
    wrong = {(one.where.path, one.where.pointer) for one in errors}
    found = [
        one
        for one in found
        if one.code.severity is Severity.ERROR or (one.where.path, one.where.pointer) not in wrong
    ]
    found = [
        one
        for one in found
        if one.instead
        or not one.code.name.startswith("SCHEMA_")
        or (one.where.path, one.where.line) not in lines
    ]
    typed: dict[tuple[str, int, str], Finding] = {}
    for one in found:
        if one.instead and one.where.line:
            typed.setdefault((one.where.path, one.where.line, one.instead), one)
    found = [
        one for one in found if typed.get((one.where.path, one.where.line, one.instead), one) is one
    ]
    seen: dict[tuple[str, str, str], list[Finding]] = {}
    for one in found:
        seen.setdefault((one.code.name, one.where.path, one.message), []).append(one)
    return [
        first
        if not rest
        else replace(
            first,
            message=f"{first.message} (так же ещё в {len(rest)} местах этого файла)",
        )
        for first, *rest in seen.values()
    ]
