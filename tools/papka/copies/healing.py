"""Heal an archive: build a whole store beside the damaged one, verify it, then swap it in.

The damaged store is only read, and is kept under a dated name. Every object is hashed on the way;
nothing is swapped until the new store holds all that the head needs. Killed at any point, the
archive has a store, and a retry ends the work. Files in the folder stay as they are; newer records
of a mirror are left to `sync`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.copies.gathering import (
    Gathered,
    RememberedHead,
    build,
    carry_id,
    choose_head,
    find_misspelt_refs,
    gather_copy,
    gather_store,
    kept_refs,
    read_kept_settings,
    refresh_stats,
    remembered_head,
)
from papka.copies.salvage import Lost, Pool
from papka.core.errors import ChangedMeanwhile, NotAnArchive, NotFound, Refused
from papka.core.findings import Severity
from papka.proof.memory import Memory
from papka.proof.verification import verify
from papka.proof.verify_codes import LEFT_AFTER_ACT, NOT_WHOLE
from papka.repository import dot_papka, unfinished_work
from papka.repository.dot_papka import archive_lock
from papka.repository.git_values import MAIN
from papka.repository.handle import Remote
from papka.repository.purging import purge_own
from papka.repository.runner import SshAccess
from papka.repository.store import Store, read_refs

_POOL, _KEPT = ".papka/healing-pool", ".papka/damaged"
_HELPERS = ("INDEX_", "COMMIT_GRAPH")
_MENDED = (
    *NOT_WHOLE,
    *("REF_NAME", "REPO_", "HEAD_ELSEWHERE", *_HELPERS),
)
"""Beginnings of the codes of faults that a new store mends."""
_SOURCES_STEP = "Назовите ещё одну копию: papka restore --heal --from ПАПКА-КОПИИ"
_LOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Healed:
    """An archive healed. `kept`: where the damaged store lies, None when nothing was swapped.

    `head`: the last commit now; `before`: what main said, "" when it said nothing readable.
    `gathered`: each copy that was read, this archive's own first. `dropped`: other refs that could
    not be kept. `finished`: an earlier, killed healing was brought to its end; `purged`: what was
    destroyed by law lay in the store still, and went.
    """

    head: str
    before: str
    kept: Path | None
    gathered: tuple[Gathered, ...] = ()
    dropped: tuple[str, ...] = ()
    finished: bool = False
    purged: bool = False

    @property
    def is_moved(self) -> bool:
        """Tell whether the head is another than main named."""
        return bool(self.kept) and self.head != self.before


def heal(  # noqa: PLR0913 - what is healed, where from, and what is known of it
    root: Path,
    *,
    now: datetime,
    access: SshAccess | None = None,
    copies: Sequence[Remote] | None = None,
    drop_unsent: bool = False,
    memory: Memory | None = None,
) -> Healed:
    """Put a whole store in the place of a damaged one.

    `copies`: where to take what is lost from, by default all mirrors; `drop_unsent`: go back to the
    newest commit that is whole; `memory`: asked for a lost head, and whether another history is
    this archive's. Raises Refused, naming what is nowhere whole, NotFound, ChangedMeanwhile.
    """
    dot = root / ".git"
    if dot.is_file() or any((dot / "worktrees").glob("*")):
        raise Refused(
            "Эта папка делит хранилище с другой (git worktree), заменить его нельзя",
            "Сделайте из зеркала новую папку: git clone АДРЕС-ЗЕРКАЛА НОВАЯ-ПАПКА",
        )
    for name in (unfinished_work.UNDER_WAY, _POOL, _KEPT):
        dot_papka.refuse_link(root, name)
    new = root / unfinished_work.UNDER_WAY
    aside = _free_name(root / _KEPT, now.strftime("%Y-%m-%d-%H%M%S"))
    with archive_lock(root):
        finished = unfinished_work.settle_exchange(dot, new, aside) == "finished"
        shutil.rmtree(root / _POOL, ignore_errors=True)
        is_sound, holds_destroyed = _judge_store(root, now)
        if is_sound and not find_misspelt_refs(root, dot):
            head = read_refs(dot, dot).ids[MAIN]
            if holds_destroyed:
                purge_own(root)
            return Healed(head, head, None, finished=finished, purged=holds_destroyed)
        try:
            healed = _rebuild(
                root, Pool(root / _POOL), (new, aside), now, access, copies,
                remembered_head(memory, Store(dot, dot, root)), drop_unsent=drop_unsent,
            )  # fmt: skip
            if holds_destroyed:  # and the store that is kept aside holds it too
                purge_own(root)
            return replace(healed, purged=holds_destroyed)
        finally:
            shutil.rmtree(root / _POOL, ignore_errors=True)


def _free_name(folder: Path, name: str) -> Path:
    """Return a path in `folder` that no earlier healing, were it of the same second, has taken."""
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next(folder / each for each in names if not (folder / each).exists())


def _judge_store(root: Path, now: datetime) -> tuple[bool, bool]:
    """Tell whether a store needs no other in its place, and whether it holds what is destroyed."""
    try:
        found = verify(root, now=now).findings
    except NotAnArchive:
        return False, False
    is_damaged = any(
        finding.code.name.startswith(_MENDED)
        and finding.code.name not in LEFT_AFTER_ACT
        and (finding.severity >= Severity.ERROR or finding.code.name.startswith(_HELPERS))
        for finding in found
    )
    return not is_damaged, any(finding.code.name in LEFT_AFTER_ACT for finding in found)


def _rebuild(  # noqa: PLR0913 - as heal
    root: Path,
    pool: Pool,
    places: tuple[Path, Path],
    now: datetime,
    access: SshAccess | None,
    copies: Sequence[Remote] | None,
    remembered: RememberedHead,
    *,
    drop_unsent: bool,
) -> Healed:
    dot, (new, aside) = root / ".git", places
    settings = read_kept_settings(dot)
    mirrors = _read_mirrors(settings)
    copies = mirrors if copies is None else [_resolve_copy(copy, mirrors) for copy in copies]
    own = gather_store(pool, "этот архив", Store(dot, dot, root))
    gathered = [remembered.stands_in(own, pool, dot)]
    wanted, lost = choose_head(root, pool, gathered, drop_unsent=False)
    if wanted is None or not wanted.is_own:
        gathered += [gather_copy(pool, root, copy, access) for copy in copies]
        pool.glean(dot / "objects")  # again: bases of its deltas may have come
        wanted, lost = choose_head(root, pool, gathered, drop_unsent=drop_unsent)
    if wanted is None:
        raise _refuse_lost(lost, gathered)
    if wanted.head != own.head:
        remembered.refuse_other(wanted.head, wanted.commits)
    refs, dropped = kept_refs(pool, own.refs or {}, wanted, mirrors)
    unfinished_work.begin_exchange(new)
    build(new, pool.folder, refs, settings=settings, bare=False, why="papka restore --heal")
    carry_id(dot, new)
    _require_whole(new, now, is_own=wanted.is_own)
    if read_refs(dot, dot).ids.get(MAIN, "") != own.head:
        raise ChangedMeanwhile("архив")
    unfinished_work.swap_stores(dot, new, aside)
    refresh_stats(root)
    kept = aside if aside.exists() else None
    return Healed(wanted.head, own.head, kept, tuple(gathered), dropped)


def _read_mirrors(settings: Mapping[str, str]) -> list[Remote]:
    """Return the mirrors that the damaged settings still name, the primary first."""
    primary = settings.get("papka.primary", "")
    found = [
        Remote(name, value, "", name == primary)
        for key, value in settings.items()
        if (name := key.removeprefix("remote.").removesuffix(".url")) and key.endswith(".url")
    ]
    return sorted(found, key=lambda remote: not remote.primary)


def _resolve_copy(copy: Remote, mirrors: Sequence[Remote]) -> Remote:
    """Return the mirror that a copy is called by its name; raises NotFound for an unknown name."""
    for mirror in mirrors:
        if copy.name == mirror.name:
            return mirror
    if not copy.url:
        raise NotFound(
            f"Зеркала «{copy.name}» у архива нет", "Назовите папку или адрес копии: --from ПАПКА"
        )
    return copy


def _require_whole(new: Path, now: datetime, *, is_own: bool) -> None:
    """Refuse a new store that is not whole or, with a head that main did not name, has errors."""
    for finding in verify(new, now=now).findings:
        grave = finding.severity >= Severity.ERROR and not is_own
        if finding.code.name.startswith(NOT_WHOLE) or (
            grave and not finding.code.name.startswith(_MENDED)
        ):
            raise Refused(
                f"Собранное хранилище не прошло проверки: {finding.message}; архив не изменён",
                _SOURCES_STEP,
            )


def _refuse_lost(lost: Sequence[Lost], gathered: Sequence[Gathered]) -> Refused:
    """Return the refusal that names what no copy has whole."""
    lines = [_describe_lost(each) for each in lost[:_LOST_NAMED]]
    lines += [f"и ещё {len(lost) - _LOST_NAMED}"] if len(lost) > _LOST_NAMED else []
    asked = ", ".join(each.name for each in gathered if not each.trouble)
    named = f" ({asked})" if asked else ""
    silent = [f"«{each.name}»: {each.trouble}" for each in gathered if each.trouble]
    what = (
        ":\n  " + "\n  ".join(lines)
        if lines
        else ": ни одного сохранения, с которого можно продолжить"
    )
    return Refused(
        f"Целого нет ни в одной копии{named}{what}\n"
        + ("".join(f"Не отозвалось {each}\n" for each in silent))
        + "Архив не изменён",
        f"{_SOURCES_STEP}. Если другой копии нет, вернитесь к последнему целому сохранению, "
        "файлы в папке останутся как есть: papka restore --heal --drop-unsent",
    )


def _describe_lost(lost: Lost) -> str:
    at = f"сохранение {lost.commit[:12]}"
    return at if lost.kind == "commit" else f"{lost.path or 'все файлы'} ({at})"
