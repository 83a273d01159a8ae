"""One entry or issued document on the screen: its words, what points at it, what it rests on.

Invariants: an entry is known by its id, wherever in the file it stands, so a commit that only moved
lines around it is not among its commits; people are named by the staff list of the state shown. A
result taken from a platform is led back to its cell (R-6.2), and a scan to its digest, by the bytes
that are kept, never by what the record says; a difference between the two is told. Signatures are
judged by `verify`. For an issued document only the registers, the schemas, the organization and the
staff are read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from papka.core.errors import NotFound
from papka.core.findings import Location
from papka.core.phrases import suggest
from papka.core.places import (
    ORGANIZATION,
    SHEETS,
    STAFF,
    import_file,
    order_file,
    place,
    raw_file,
    raw_name,
    record_file,
    record_folder,
)
from papka.core.snapshot import DictSnapshot, Snapshot
from papka.desk.open_records import Opened, open_file
from papka.intake.headers import compile_pattern
from papka.intake.teacher_sheet import read_layout
from papka.paper.forms.platform_printout import platform_title, titles
from papka.paper.issued_contents import title_of_form
from papka.paper.sections import Section
from papka.records.acts import Import
from papka.records.archive import Archive, load, load_part
from papka.records.derived.approvals import judge_period
from papka.records.raw_exports import HEADER, NAMES, NotRows, read_rows
from papka.records.schemas import SchemaSet, find_differences, label_leaves
from papka.records.school import Conversion, ExportLayout, MarkColumn, Series
from papka.records.strict_yaml import Steps, Value, iterate_entries, locate, read
from papka.records.student import Document, Result, Source, Student
from papka.records.wording import act_words, day, order, teacher
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import NarrowSnapshot, read_commit
from papka.repository.files import files_below
from papka.repository.git_values import Commit
from papka.repository.history import last_change, versions
from papka.repository.objects import Objects
from papka.repository.points import resolve
from papka.repository.rewritten_commits import as_signed
from papka.repository.worktree import WorktreeSnapshot

_BOOK = "register"
_BOOKS = record_folder(_BOOK)
_SHARED = (ORGANIZATION, STAFF)


@dataclass(frozen=True, slots=True)
class Touch:
    """A commit that changed the entry: `what` in a word, `fields` the keys that changed.

    `key` is the fingerprint of the key that signed, "" when none can be read.
    """

    commit: str
    time: dt.datetime
    staff: str
    what: str
    fields: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class ShownCommit:
    """A commit as shown: `name` and `post` of its author, (label, old, new) of what changed."""

    touch: Touch
    name: str
    post: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Why:
    """`steps` are the commits, newest first; `grounds` what else speaks for the entry: (label,
    words)."""

    steps: tuple[ShownCommit, ...] = ()
    grounds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EntryShown:
    """One entry: `lines` are (label, value) in the order of the record; `cited` says who points
    at it; `value` is the record itself; `why` is set only on request."""

    address: str
    title: str
    where: Location
    lines: tuple[tuple[str, str], ...]
    cited: tuple[str, ...]
    value: dict[str, Value]
    commit: str | None
    why: Why | None = None


def show_entry(
    root: Path, student: str, entry: str, *, rev: str | None = None, why: bool = False
) -> EntryShown:
    """Open one entry of a personal file; raises NotFound with the likely id."""
    opened = open_file(root, student, rev=rev, is_for_show=True)
    documents = {
        path: read(opened.files.read(path), path).value
        for path in opened.files.paths()
        if path.startswith(opened.student.folder + "/") and path.endswith(".yaml")
    }
    entries = {
        value["id"]: (path, pointer, value)
        for path, whole in documents.items()
        for pointer, value in iterate_entries(whole, ())
    }
    if entry not in entries:
        raise NotFound(
            f"Записи {entry} в деле {student} нет",
            f"Все записи дела: papka show {student}.{suggest(entry, entries)}",
        )
    path, steps, value = entries[entry]
    kind, tip, schemas = _kind_of(path), rev or "HEAD", opened.schemas
    pointer = "".join(f"/{step}" for step in steps)
    line, column = locate(opened.files.read(path), pointer)
    commit = opened.commit.id if opened.commit else None
    reasons = None
    if why:
        commits = _list_steps(root, opened.archive, schemas, path, entry, steps, tip)
        reasons = Why(tuple(commits), tuple(_list_grounds(root, opened, value, tip)))
    return EntryShown(
        f"{student}#{entry}",
        schemas.title(kind, steps[:1]),
        Location(path, pointer, line, column, commit or ""),
        tuple(label_leaves(schemas, kind, steps, value)),
        tuple(_list_citations(opened, documents, student, entry)),
        value,
        commit,
        reasons,
    )


def show_document(
    root: Path, number: str, *, rev: str | None = None, why: bool = False
) -> EntryShown | None:
    """Open the register's entry of this number; None when there is none."""
    commit = commit_snapshots.read_commit(root, rev) if rev else None
    source: Snapshot
    if commit is None:
        source = WorktreeSnapshot(root)
        paths = [*files_below(root, _BOOKS), *files_below(root, "schema"), *_SHARED]
    else:
        source = NarrowSnapshot(root, commit.id, ())
        paths = [p for p in source.paths() if p.startswith((_BOOKS, "schema/")) or p in _SHARED]
    data = dict(source.read_many(paths))
    files = DictSnapshot(
        {p: d for p, d in data.items() if not p.startswith(_BOOKS) or number.encode() in d}
    )
    schemas = SchemaSet.load(files)
    archive = load(files, schemas)
    key = next((key for key, each in archive.registers.items() if each.number == number), None)
    if key is None:
        return None
    path = f"{_BOOKS}/{key}.yaml"
    value = read(files.read(path), path).value
    kind = _kind_of(path)
    steps = _list_steps(root, archive, schemas, path, None, (), rev or "HEAD") if why else ()
    return EntryShown(
        number,
        schemas.title(kind, ()) or "Выданный документ",
        Location(path, "", 1, 1, commit.id if commit else ""),
        word_document(schemas, {k: v for k, v in value.items() if k != "salt"}, archive.series),
        (),
        value,
        commit.id if commit else None,
        Why(tuple(steps)) if why else None,
    )


def word_document(
    schemas: SchemaSet, entry: dict[str, Value], series: Mapping[str, Series]
) -> tuple[tuple[str, str], ...]:
    """Word the entry of an issued document: label and text, its form and series by their titles."""
    titles = {"form": title_of_form(str(entry.get("form", "")))}
    if named := series.get(str(entry.get("series", ""))):
        titles["series"] = named.title
    return tuple(label_leaves(schemas, _BOOK, (), {**entry, **titles}))


def word_why(why: Why) -> tuple[Section, ...]:
    """Word who entered and changed an entry, and what else speaks for it."""
    if why.steps:
        rows = tuple(
            (
                step.touch.commit[:12],
                f"{step.touch.time:%d.%m.%Y %H:%M}",
                word_signer(step),
                "\n".join([step.touch.what, *(word_change(*change) for change in step.changes)]),
            )
            for step in why.steps
        )
        columns = ("Сохранение", "Когда", "Кто подписал", "Что сделано")
        note = "Подлинность подписей проверяет papka verify"
        found = [Section("Кто и когда (последнее сверху)", columns, rows, (note,))]
    else:
        note = "Эта запись ещё не сохранена: в истории её нет. Сохранить: papka save"
        found = [Section("", (), (), (note,))]
    if why.grounds:
        found.append(Section("Чем подтверждается", ("Что", "Чем"), why.grounds))
    return tuple(found)


def word_signer(step: ShownCommit) -> str:
    """Name who signed a commit, their post and the fingerprint of the key, a line each."""
    return f"{step.name} ({step.touch.staff})\n{step.post}\nключ {step.touch.key or '?'}"


def word_change(label: str, old: str, new: str) -> str:
    """Say what a field was and what it is."""
    return f"{label}: {old or 'не было'} → {new or 'убрано'}"


def entry_values(found: EntryShown) -> dict[str, object]:
    """Return the entry for programs."""
    return {
        "address": found.address,
        "path": found.where.path,
        "line": found.where.line,
        "pointer": found.where.pointer,
        "commit": found.commit,
        "entry": found.value,
        "cited": list(found.cited),
        "history": [_commit_values(step) for step in found.why.steps] if found.why else [],
        "grounds": [list(pair) for pair in found.why.grounds] if found.why else [],
    }


def _commit_values(step: ShownCommit) -> dict[str, object]:
    return {
        "commit": step.touch.commit,
        "time": step.touch.time.isoformat(),
        "staff": step.touch.staff,
        "name": step.name,
        "post": step.post,
        "key": step.touch.key,
        "what": step.touch.what,
        "fields": list(step.touch.fields),
        "changes": [{"label": label, "old": old, "new": new} for label, old, new in step.changes],
    }


def _kind_of(path: str) -> str:
    at = place(path)
    return at.kind if at else ""


def _list_citations(
    opened: Opened, documents: dict[str, Value], student: str, entry: str
) -> Iterator[str]:
    """List what points at the entry: other entries of the file, orders, issued documents."""
    for path, whole in documents.items():
        for steps, value in iterate_entries(whole, ()):
            for key, text in value.items():
                if key != "id" and text == entry:
                    label = opened.schemas.title(_kind_of(path), (*steps, key)) or key
                    yield f"{value['id']} — {label.lower()}"
    address = f"{student}#{entry}"
    for key, each in opened.archive.orders.items():
        if any(address in item.students for item in each.items):
            yield f"приказ № {each.number} от {each.date:%d.%m.%Y} ({key})"
    for issued in opened.archive.registers.values():
        if issued.student == address:
            yield f"выдан документ {issued.number} от {issued.date:%d.%m.%Y}"


def _list_steps(  # noqa: PLR0913 - an entry's place, and in which words to tell it
    root: Path,
    archive: Archive,
    schemas: SchemaSet,
    path: str,
    entry: str | None,
    at: Steps,
    rev: str,
) -> Iterator[ShownCommit]:
    """Yield the commits that changed an entry, or with None the whole record, newest first."""
    kind = _kind_of(path)
    tip = resolve(root, rev)
    found = [
        (as_signed(root, tip, version.commit), _find_record(version.data, path, entry))
        for version in versions(root, path, tip)
    ]
    for (commit, after), (_, before) in zip(found, [*found[1:], (None, None)], strict=True):
        if after != before:
            yield tell_step(archive, commit, compare_entries(schemas, kind, at, before, after))


class EntryChange(NamedTuple):
    """What became of an entry: `what` in a word, the keys that changed, (label, old, new)."""

    what: str
    fields: tuple[str, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()


def compare_entries(
    schemas: SchemaSet,
    kind: str,
    at: Steps,
    before: dict[str, Value] | None,
    after: dict[str, Value] | None,
) -> EntryChange:
    """Tell what became of an entry, or of a whole record, in the words of its schema."""
    if before is None or after is None:
        return EntryChange("внесена" if before is None else "убрана")
    fields = tuple(key for key in {**before, **after} if before.get(key) != after.get(key))
    old, new = (list(label_leaves(schemas, kind, at, value)) for value in (before, after))
    return EntryChange("изменена", fields, tuple(find_differences(old, new)) if fields else ())


def tell_step(archive: Archive, commit: Commit, change: EntryChange) -> ShownCommit:
    """Tell a commit by who signed it, as the staff list names them, and what it did."""
    from papka.proof.ssh_signatures import signing_key  # only where signers are told

    staff = commit.author.name
    member = archive.staff.get(staff)
    moment, key = commit.committer.moment, signing_key(commit)
    touch = Touch(commit.id, moment, staff, change.what, change.fields, key)
    post = member.post if member else ""
    return ShownCommit(touch, teacher(archive, staff), post, change.changes)


def _find_record(data: bytes | None, path: str, entry: str | None) -> dict[str, Value] | None:
    if data is None:
        return None
    whole = read(data, path).value
    if entry is None:
        return whole if isinstance(whole, dict) else None
    return next((value for _, value in iterate_entries(whole) if value["id"] == entry), None)


def _list_grounds(root: Path, opened: Opened, value: Value, rev: str) -> Iterator[tuple[str, str]]:
    archive, student = opened.archive, opened.student
    found = next(((p, r) for p, r in student.results if r.id == value["id"]), None)
    if found is not None:
        period, result = found
        yield from raw_origin(root, opened, result, rev)
        yield "Утверждение", _describe_approval(root, opened, period, result, rev)
        chain = list(_linked_results(student, result))
        if len(chain) > 1:
            yield "Исправления и пересдачи", "; ".join(_describe_attempt(each) for each in chain)
    for key in _list_orders(archive, student.id, value):
        yield "Приказ", f"{order(archive, key)}{_cite_commit(root, archive, order_file(key), rev)}"
    for paper in _list_papers(student, value):
        scan = _describe_scan(root, archive, student, paper, rev)
        yield f"Документ {paper.id}", f"«{paper.title}»{scan}"


def raw_origin(root: Path, opened: Opened, result: Result, rev: str) -> Iterator[tuple[str, str]]:
    """Yield (label, words) of the export, the cell and the rule; nothing if typed by hand."""
    source = result.source
    if source is None:
        return
    kept = _load_export(root, opened, source.export, rev)
    taken = kept.imports.get(source.export)
    if taken is None:
        yield "Выгрузка", f"{source.export}: в архиве её нет, проверьте: papka check"
        return
    archive = opened.archive
    who = f"{teacher(archive, taken.by)} ({taken.by})"
    where = platform_title(archive, taken)
    yield "Выгрузка", f"{source.export}: {where}, принята {day(taken.taken)}, {who}"
    named = titles(kept, source.export, source.column)
    title = named[source.column - 1]
    student = kept.students.get(opened.student.id)
    part = student.raw.get(raw_name(source.export)) if student else None
    path = raw_file(opened.student.id, source.export)
    yield "Исходная ячейка", f"{path}, {_describe_cell(source, title, part, taken)}"
    if source.by_hand:
        yield "Поставлено вручную", source.by_hand
    yield "Правило", _describe_rule(archive, taken, named, title, result)


def _load_export(root: Path, opened: Opened, key: str, rev: str) -> Archive:
    """Load the export's manifest and header and the student's own rows of it."""
    paths = (
        import_file(key, "manifest.yaml"),
        import_file(key, NAMES[HEADER]),
        raw_file(opened.student.id, key),
    )
    found = zip(paths, Objects(root).find_many([f"{rev}:{path}" for path in paths]), strict=True)
    return load_part([(path, blob[1]) for path, blob in found if blob], opened.schemas)


def _describe_cell(source: Source, title: str, part: bytes | None, taken: Import) -> str:
    called = f" «{title}»" if title else ""
    place = f"строка {source.row}, столбец {source.column}{called}"
    try:
        cells = read_rows(part or b"", taken)[source.row - 1]
        text = cells[source.column - 1]
    except (NotRows, IndexError):
        return f"{place}: такой ячейки нет, проверьте: papka check"
    if text != source.raw:
        return f"{place}: «{text}», а в записи «{source.raw}»; проверьте: papka check"
    return f"{place}: «{text}»"


def _describe_rule(
    archive: Archive, taken: Import, named: tuple[str, ...], title: str, result: Result
) -> str:
    layout = _find_layout(archive, taken, named)
    if layout is None:
        return f"раскладка «{taken.export}», редакция {taken.edition}: в архиве её уже нет"
    about = f"раскладка «{layout.id}», редакция {layout.edition}"
    rule = next(
        (
            each
            for each in layout.columns
            if each.part == result.part and compile_pattern(each.column).matches(title)
        ),
        None,
    )
    if rule is None:
        return about
    how = _describe_conversion(layout, rule)
    return f"{about}: столбец «{rule.column}» — часть «{rule.part}»; {how}"


def _find_layout(archive: Archive, taken: Import, named: tuple[str, ...]) -> ExportLayout | None:
    if taken.platform == SHEETS:
        return read_layout(named)
    platform = archive.platforms.get(taken.platform)
    known = platform.exports if platform else ()
    wanted = (taken.export, taken.edition)
    return next((each for each in known if (each.id, each.edition) == wanted), None)


def _describe_conversion(layout: ExportLayout, rule: MarkColumn) -> str:
    """«процент; от 85 — 5, от 65 — 4; «сдан» — зачтено»."""
    how = rule.conversion or layout.conversion or Conversion(value="отметка")
    value = "отметка как стоит" if how.value == "отметка" else how.value
    words = [f"{value} из {how.of:g}" if how.of is not None else value]
    if how.bands:
        words.append(", ".join(f"от {band.at_least:g} % — {band.mark}" for band in how.bands))
    if how.rounding:
        words.append(f"округление {how.rounding}")
    if how.words:
        words.append(", ".join(f"«{word.text}» — {word.mark}" for word in how.words))
    return "; ".join(words)


def _describe_approval(root: Path, opened: Opened, period: str, result: Result, rev: str) -> str:
    """Cite the act that holds the entry; of one that no act holds, say that it waits for one."""
    archive = opened.archive
    found = judge_period(archive, opened.student, period)
    key = found.held.get(result.id or "")
    if key is not None:
        return f"утверждено: {_cite_act(root, archive, key, rev)}"
    if period not in archive.approvals:
        late = any(each.is_late and each.id == result.id for each in found.unapproved)
        if not late:
            return "не утверждено: период не закрыт"
        return (
            "не утверждено: изменено или исправляет утверждённое, а период не закрыт; утвердит "
            f"руководитель: papka period approve {period} {opened.student.id}#{result.id}"
        )
    return (
        "не утверждено: внесено или изменено после утверждения "
        f"({_cite_act(root, archive, period, rev)}); утвердит руководитель: papka period approve "
        f"{period}"
    )


def _cite_act(root: Path, archive: Archive, key: str, rev: str) -> str:
    path = record_file("approval", key) or ""
    return f"{act_words(key, archive.approvals[key])}{_cite_commit(root, archive, path, rev)}"


def _cite_commit(root: Path, archive: Archive, path: str, rev: str) -> str:
    """«, сохранение 0123456789ab, 20.11.2026, Смирнова А. П.»."""
    id_ = last_change(root, path, rev)
    if id_ is None:
        return ", в истории ещё нет"
    commit = as_signed(root, resolve(root, rev), read_commit(root, id_))
    signer = teacher(archive, commit.author.name)
    return f", сохранение {commit.id[:12]} от {day(commit.committer.moment.date())}, {signer}"


def _linked_results(student: Student, result: Result) -> Iterator[Result]:
    """Yield corrections and re-sits before and after, in the order of the records."""
    known = {each.id: each for _, each in student.results if each.id}
    together = {result.id}
    while True:
        linked = {
            id_
            for each in known.values()
            for id_ in (each.id, each.resits, each.replaces)
            if together & {each.id, each.resits, each.replaces} - {None} and id_ in known
        }
        if linked <= together:
            break
        together |= linked
    yield from (each for id_, each in known.items() if id_ in together)


def _describe_attempt(result: Result) -> str:
    words = [f"{result.id} от {day(result.date)}"]
    words += [f"оценка {result.mark}"] if result.mark is not None else []
    words += [f"пересдача {result.resits}"] if result.resits else []
    words += [f"исправление {result.replaces}"] if result.replaces else []
    words += [f"причина: {result.reason}"] if result.reason else []
    return ", ".join(words)


def _list_orders(archive: Archive, student: str, value: Value) -> Iterator[str]:
    """Yield the orders the entry cites, then those that name it."""
    ended = value.get("ended")
    named = [value.get("order"), ended.get("order") if isinstance(ended, dict) else None]
    cited = [key for key in named if isinstance(key, str)]
    yield from cited
    address = f"{student}#{value['id']}"
    for key, found in archive.orders.items():
        if key not in cited and any(address in item.students for item in found.items):
            yield key


def _list_papers(student: Student, value: Value) -> Iterator[Document]:
    revoked = value.get("revoked")
    ids = {value["id"], value.get("document"), value.get("contract"), value.get("identity")}
    ids |= {revoked.get("document")} if isinstance(revoked, dict) else set()
    return (paper for paper in student.documents if paper.id in ids)


def _describe_scan(
    root: Path, archive: Archive, student: Student, paper: Document, rev: str
) -> str:
    if paper.file is None:
        return ", скана нет"
    asked = f"{rev}:{student.folder}/attachments/{paper.file}"
    [found] = Objects(root).find_many([asked])
    if found is None:
        gone = archive.destroyed.of_scan(student, paper)
        return f", скан: {gone.words}" if gone else f", файл {paper.file} ещё не сохранён"
    digest = sha256(found[1]).hexdigest()
    differs = paper.sha256 is not None and paper.sha256 != digest
    warning = f"; в записи указан другой: {paper.sha256}" if differs else ""
    return f", скан {paper.file}, SHA-256 {digest}{warning}"
