"""What an entry rests on: its commits and their signers, approval, re-sits, orders, scans.

Invariants: people are named by the staff list of the state shown; a scan's digest is computed from
its stored bytes. Absent on purpose: judging signatures (`verify`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from papka.core.layout import order_file, record_file
from papka.gates.git.objects import Objects
from papka.gates.git.reading import read_commit
from papka.gates.git.tracing import last_change
from papka.model.archive import Archive
from papka.model.results import Result
from papka.model.standing import Document
from papka.model.student import Student
from papka.tasks.approval import approval_of
from papka.tasks.labelled import differences, labelled
from papka.tasks.open_file import Opened
from papka.tasks.take.raw_origin import raw_origin
from papka.tasks.trace import Touch, trace
from papka.text.entries import Steps, Value
from papka.text.schemas import SchemaSet
from papka.views.reference import order, teacher
from papka.views.wording import day


@dataclass(frozen=True, slots=True)
class Step:
    """One commit: `name` and `post` of who signed, (label, old, new) of what changed."""

    touch: Touch
    name: str
    post: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Why:
    """`steps` the latest first; `grounds` are (what, its words)."""

    steps: tuple[Step, ...] = ()
    grounds: tuple[tuple[str, str], ...] = ()


def steps_of(  # noqa: PLR0913 - an entry's place, and in which words to tell it
    root: Path,
    archive: Archive,
    schemas: SchemaSet,
    path: str,
    entry: str | None,
    kind: str,
    at: Steps,
    rev: str,
) -> Iterator[Step]:
    """Commits that touched the entry (None: the whole record)."""
    for touch in trace(root, path, entry, rev):
        member = archive.staff.get(touch.staff)
        old = list(labelled(schemas, kind, at, touch.before or {}))
        new = list(labelled(schemas, kind, at, touch.after or {}))
        changes = tuple(differences(old, new)) if touch.fields else ()
        yield Step(touch, teacher(archive, touch.staff), member.post if member else "", changes)


def grounds(root: Path, opened: Opened, value: Value, rev: str) -> Iterator[tuple[str, str]]:
    """What else speaks for one entry of a personal file."""
    archive, student = opened.archive, opened.student
    found = next(((p, r) for p, r in student.results if r.id == value["id"]), None)
    if found is not None:
        period, result = found
        yield from raw_origin(root, opened, result, rev)
        yield "Утверждение", _approval(root, opened, period, result, rev)
        chain = list(_chain(student, result))
        if len(chain) > 1:
            yield "Исправления и пересдачи", "; ".join(_attempt(each) for each in chain)
    for key in _orders(archive, student.id, value):
        yield "Приказ", f"{order(archive, key)}{_saved(root, archive, order_file(key), rev)}"
    for paper in _papers(student, value):
        yield f"Документ {paper.id}", f"«{paper.title}»{_digest(root, student, paper, rev)}"


def _approval(root: Path, opened: Opened, period: str, result: Result, rev: str) -> str:
    archive = opened.archive
    states = approval_of(root, archive, opened.student, opened.commit.id if opened.commit else None)
    state = states.get(period, {}).get(result.id or "", "черновик")
    act = archive.approvals.get(period)
    if act is None:
        return "черновик: период не закрыт"
    path = record_file("approval", period) or ""
    words = f"акт руководителя от {day(act.closed)}{_saved(root, archive, path, rev)}"
    if state == "черновик":
        return f"черновик: внесено или изменено после утверждения ({words})"
    return f"утверждено: {words}"


def _saved(root: Path, archive: Archive, path: str, rev: str) -> str:
    """«, запись истории 0123456789ab, 20.11.2026, Смирнова А. П.»."""
    id_ = last_change(root, path, rev)
    if id_ is None:
        return ", в истории ещё нет"
    commit = read_commit(root, id_)
    signer = teacher(archive, commit.author.name)
    return f", запись истории {id_[:12]} от {day(commit.committer.moment.date())}, {signer}"


def _chain(student: Student, result: Result) -> Iterator[Result]:
    """Corrections and re-sits before and after, in the order of the records."""
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


def _attempt(result: Result) -> str:
    words = [f"{result.id} от {day(result.date)}"]
    words += [f"оценка {result.mark}"] if result.mark is not None else []
    words += [f"пересдача {result.resits}"] if result.resits else []
    words += [f"исправление {result.replaces}"] if result.replaces else []
    words += [f"причина: {result.reason}"] if result.reason else []
    return ", ".join(words)


def _orders(archive: Archive, student: str, value: Value) -> Iterator[str]:
    """Orders the entry cites, then those that name it."""
    ended = value.get("ended")
    named = [value.get("order"), ended.get("order") if isinstance(ended, dict) else None]
    cited = [key for key in named if isinstance(key, str)]
    yield from cited
    address = f"{student}#{value['id']}"
    for key, found in archive.orders.items():
        if key not in cited and any(address in item.students for item in found.items):
            yield key


def _papers(student: Student, value: Value) -> Iterator[Document]:
    revoked = value.get("revoked")
    ids = {value["id"], value.get("document"), value.get("contract"), value.get("identity")}
    ids |= {revoked.get("document")} if isinstance(revoked, dict) else set()
    return (paper for paper in student.documents if paper.id in ids)


def _digest(root: Path, student: Student, paper: Document, rev: str) -> str:
    if paper.file is None:
        return ", скана нет"
    asked = f"{rev}:{student.folder}/attachments/{paper.file}"
    [found] = Objects(root).find_many([asked])
    if found is None:
        return f", файл {paper.file} ещё не сохранён"
    digest = sha256(found[1]).hexdigest()
    differs = paper.sha256 is not None and paper.sha256 != digest
    warning = f"; в записи указан другой: {paper.sha256}" if differs else ""
    return f", скан {paper.file}, SHA-256 {digest}{warning}"
