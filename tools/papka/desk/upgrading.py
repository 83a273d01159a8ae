"""Upgrade: bring an archive's schemas, forms and helpers to the program's edition, in one commit.

Invariants: only a head's key signs it; it writes the program's own files and what the new format
asks of records, nothing else; it runs nothing of the archive and believes of it only what is
signed. A file the school changed stays as it is until the head decides, and the decision is
remembered in the signed `tools/edition.txt`. Like any save it is judged: the new schemas judge the
records that are there.

When the format rises, records change step by step, each step once in the life of an archive:
`format` says which have run. A step adds what the program needs and corrects what it would misread;
nothing the school wrote is removed or changed in meaning; text is spliced, so comments stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from papka.core.errors import NotFound, Refused
from papka.core.phrases import suggest
from papka.core.places import ALLOWED_SIGNERS, FORMAT, ORGANIZATION, RECORDS
from papka.desk.edition import (
    EDITION,
    Difference,
    EditionState,
    School,
    compare_edition,
    digests,
    first_records,
    read_accepted,
    render_accepted,
)
from papka.desk.saving import Saved, require_head_commit, save_changes
from papka.desk.sealing import require_head
from papka.paper.issued_contents import SERIES
from papka.records.editing import append_entry, replace_scalar, set_value
from papka.records.strict_yaml import read
from papka.repository.commit_snapshots import CommitTree, worktree_changes
from papka.repository.signing import SigningActor

REGULATIONS = f"{RECORDS}/regulations/"
_WITH_ACTS = 2
"""The first format whose archives begin with drafts of local acts."""
_ASKED, _KEPT = "изменён в школе", "оставлен свой"


def raise_format(
    data: bytes, regulations: Collection[str], fresh: Mapping[str, bytes]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Raise records to today's format: return those that change, and what changes, in words.

    `data` is organization.yaml, `regulations` the paths of the archive's local acts, `fresh` the
    records of a school that starts today.
    """
    value, declared = (read(each, ORGANIZATION).value for each in (data, fresh[ORGANIZATION]))
    told: list[str] = []
    files: dict[str, bytes] = {}
    if (
        value.get("format", FORMAT) < _WITH_ACTS
        and not regulations
        and _is_same_kind(value, declared)
    ):
        files = {path: text for path, text in fresh.items() if path.startswith(REGULATIONS)}
        told += [f"{path}: заготовка, её утверждает руководитель" for path in files]
    for number in range(value.get("format", FORMAT), FORMAT):
        data, said = _STEPS[number](data, declared)
        data = replace_scalar(data, "/format", number + 1)
        told += [f"{ORGANIZATION}: {what}" for what in said]
        told.append(f"{ORGANIZATION}: формат {number} → {number + 1}")
    return files | {ORGANIZATION: data}, tuple(told)


def _is_same_kind(value: Mapping[str, Any], declared: Mapping[str, Any]) -> bool:
    """Return whether the archive is of the kind of a new one: a restricted one declares little."""
    return bool(value["kind"] == declared["kind"])


def _raise_to_second(data: bytes, declared: Mapping[str, Any]) -> tuple[bytes, tuple[str, ...]]:
    """Add series, purposes and terms that `issue`, consents and destruction need; order the marks
    of scales from the lowest to the highest."""
    told: list[str] = []
    value = read(data, "").value
    for at, scale in enumerate(value.get("scales") or ()):
        if marks := _turn_scale(scale):
            data = set_value(data, f"/scales/{at}/marks", marks)
            told.append(f"шкала «{scale['scale']}»: отметки от низшей к высшей")
    if not _is_same_kind(value, declared):
        return data, tuple(told)
    for series in _lacking_series(value, declared):
        data = append_entry(data, "series", series)
        told.append(f"серия {series['series']} «{series['title']}», номера {series['prefix']}-…")
    if not value.get("purposes"):
        for purpose in declared.get("purposes") or ():
            data = append_entry(data, "purposes", purpose)
            told.append(f"цель согласия «{purpose['title']}»: прочтите её текст до первой подписи")
    kept = {each["unit"] for each in value.get("retention") or ()}
    for each in declared.get("retention") or ():
        if each["unit"] not in kept:
            data = append_entry(data, "retention", each)
            told.append(f"срок хранения «{each['unit']}»: {each['source']}")
    return data, tuple(told)


def _turn_scale(scale: Mapping[str, Any]) -> list[str]:
    """Return the marks of a scale in reverse if they are written from the highest down, else []."""
    marks, passing = scale.get("marks") or [], set(scale.get("passing_marks") or ())
    if not passing or len(passing) == len(marks) or set(marks[: len(passing)]) != passing:
        return []
    return list(reversed(marks))


def _lacking_series(value: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[Any]:
    there = value.get("series") or ()
    names, taken = {each["series"] for each in there}, {each["prefix"] for each in there}
    for series in declared["series"]:
        if series["series"] not in SERIES.values() or series["series"] in names:
            continue
        prefix = series["prefix"]
        while prefix in taken:
            prefix += series["prefix"]
        taken.add(prefix)
        yield {**series, "prefix": prefix}


_STEPS = {1: _raise_to_second}
"""Format -> the step to the next one."""


@dataclass(frozen=True, slots=True)
class UpgradePlan:
    """What an upgrade of the commit `head` would do.

    `records`: those that the new format changes or adds; `declarations`: what changes in them, in
    words.
    """

    head: str
    found: EditionState
    records: Mapping[str, bytes]
    declarations: tuple[str, ...]

    @property
    def asked(self) -> tuple[Difference, ...]:
        """The files on which the head has to decide."""
        return self.of(_ASKED)

    def of(self, state: str) -> tuple[Difference, ...]:
        """Return the differences in this state."""
        return tuple(each for each in self.found.differences if each.state == state)


def plan_upgrade(root: Path, actor: SigningActor, *, today: dt.date) -> UpgradePlan:
    """Plan an upgrade; raises Refused for others than a head, and for an archive ahead of the
    program."""
    head = require_head_commit(root)
    tree = CommitTree(root, head)
    require_head(tree.read(ALLOWED_SIGNERS), actor, "Обновляет архив", today)
    found = compare_edition(root, tree)
    if found.is_newer:
        raise Refused(
            "Архив новее этой программы: его обновили другой, более новой",
            "Обновите программу на этом компьютере; архив обновлять не нужно",
        )
    if found.format == FORMAT:
        return UpgradePlan(head, found, {}, ())
    regulations = tree.below(REGULATIONS.rstrip("/"))
    return UpgradePlan(
        head,
        found,
        *raise_format(tree.read(ORGANIZATION), regulations, _make_first_records(tree, today)),
    )


def upgrade(  # noqa: PLR0913 - what the head decided, and how it is signed
    root: Path,
    actor: SigningActor,
    plan: UpgradePlan,
    *,
    take: Iterable[str] = (),
    keep: Iterable[str] = (),
    now: dt.datetime,
    dry_run: bool = False,
) -> Saved:
    """Upgrade as planned.

    `take` and `keep`: paths of files the school changed for which the head now chose the program's
    text, or the school's own. Raises NotFound for another path, Refused while a file concerned is
    unsaved.
    """
    taken, kept = frozenset(take), frozenset(keep)
    _require_asked(plan, taken, kept)
    changes = _collect_changes(root, plan, taken, kept)
    _refuse_unsaved(root, changes)
    tree = CommitTree(root, plan.head)
    there = {path: tree.read(path) for path in changes if tree.id_of(path) is not None}
    return save_changes(
        root, actor, changes, now=now, message=_compose_message(plan, taken, kept), dry_run=dry_run,
        expected={path: there.get(path) for path in changes},
    )  # fmt: skip


def _collect_changes(
    root: Path, plan: UpgradePlan, taken: frozenset[str], kept: frozenset[str]
) -> dict[str, bytes | None]:
    before = read_accepted(CommitTree(root, plan.head))
    waiting = {each.path for each in plan.asked} - taken - kept
    accepted = {
        path: before[path] if path in waiting else digest
        for path, digest in digests().items()
        if path not in waiting or path in before
    }
    changes: dict[str, bytes | None] = {
        each.path: each.theirs
        for each in plan.found.differences
        if each.state in {"новый", "обновить", "убрать"} or each.path in taken
    }
    return {**changes, **plan.records, EDITION: render_accepted(accepted)}


def _make_first_records(tree: CommitTree, today: dt.date) -> Mapping[str, bytes]:
    """Return the first records of this school, as if it started today."""
    value = read(tree.read(ORGANIZATION), ORGANIZATION).value
    if not isinstance(value, dict):
        raise Refused(f"{ORGANIZATION} не читается", "Исправьте его: papka check")
    keys = ("name", "short_name", "place", "address", "head", "head_post")
    school = School(**{key: value[key] for key in keys}, starts=value["school_year"]["starts"])
    return first_records(school, today)


def _require_asked(plan: UpgradePlan, taken: frozenset[str], kept: frozenset[str]) -> None:
    asked = [each.path for each in (*plan.asked, *plan.of(_KEPT))]
    for path in sorted(taken | kept):
        if path not in asked:
            raise NotFound(
                f"«{path}» решать не нужно: такого файла среди изменённых в школе нет",
                f"Что изменено: papka upgrade -n.{suggest(path, asked)}",
            )
    if both := sorted(taken & kept):
        raise Refused(f"«{both[0]}» и взять, и оставить нельзя", "Оставьте один из двух ключей")


def _refuse_unsaved(root: Path, changes: Iterable[str]) -> None:
    wanted = set(changes)
    unsaved = [path for path, _ in worktree_changes(root) if path in wanted]
    if unsaved:
        raise Refused(
            f"Есть несохранённое в том, что обновляется: {', '.join(unsaved[:3])}",
            "Сохраните это (papka save) или верните как было, потом повторите",
        )


def _compose_message(plan: UpgradePlan, taken: frozenset[str], kept: frozenset[str]) -> str:
    """Compose the message of paths only: history outlives people, so it names none."""
    lines = [f"Новая редакция программы, формат {FORMAT}", ""]
    for state in ("новый", "обновить", "убрать"):
        lines += [f"{state}: {each.path}" for each in plan.of(state)]
    lines += [f"взят вместо своего: {path}" for path in sorted(taken)]
    lines += [f"оставлен свой: {path}" for path in sorted(kept)]
    lines += [f"не решено: {e.path}" for e in plan.asked if e.path not in taken | kept]
    return "\n".join([*lines, *plan.declarations]) + "\n"
