"""Builds a whole new store beside the old one: the wanted history, its refs, safe settings.

Invariants: only what the wanted commits need goes in; of the old settings only those that lead
nowhere and run nothing are kept; everything is on the disk before the caller swaps it in.
Absent on purpose: hooks, the old index, reflogs, other helpers of git: they are made anew, or lost.

What of a damaged store's settings is worth keeping: who works here, and where the mirrors are.

Invariants: the file is read as data, far from the store; a line git cannot read is left out, the
rest is kept; nothing is kept that runs a program, leads away or bends what git sees.
Absent on purpose: the safe settings themselves (`repository`).

Gathers from damaged and whole copies of an archive all that is left of its history.

Invariants: a copy in a folder is read as files, with no git run in it, so half of it may be broken;
one on a server is fetched whole or not at all; every object is hashed on the way in.
Absent on purpose: choosing the head to go on from, and writing to any copy.

Which head to go on from: the newest that is wholly there, and what a newer one lacks.

Invariants: what main names comes first; nothing newer is given up unless that was asked for, and
then what this copy once stood at comes before what only others have: the files in its folder are
of that, and saved on top of another's newer save they would take it back. A commit counts as there
only with everything it needs. Absent on purpose: judging signatures, which
`verify` does of the store built on this head.

What this computer remembers of a store to be healed, whose own branch may say nothing any more.

Invariants: memory only names a head and refuses another history; what is taken is judged as ever.
Absent on purpose: learning anything. `verify` does that, of the healed store.

Which refs of a damaged store go into the new one.

Invariants: main is the head chosen; another ref is kept when all it leads to is whole; one whose
name is a bit away from a ref every archive has, and whose commits main has anyway, is no ref but
damage. Absent on purpose: judging what a branch of one's own is for.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from papka.copies.salvage import Lost, Pool, present_commits, reach
from papka.copies.transport import whole_copy
from papka.core.errors import (
    GitFailed,
    NotAnArchive,
    PapkaError,
    Refused,
    RemoteUnreachable,
    cannot_access,
)
from papka.proof.memory import Memory, recall
from papka.proof.store_rules import is_extra
from papka.repository.commit_snapshots import without_filters
from papka.repository.git_values import MAIN, object_id
from papka.repository.handle import (
    SAFE_ARCHIVE,
    SAFE_STORE,
    Remote,
    accept,
    folder_of,
    init,
    is_elsewhere,
    remotes,
    write_settings_of,
)
from papka.repository.history import line_to
from papka.repository.runner import SshAccess, explain_talk, run_git
from papka.repository.store import (
    STORE_ID,
    Store,
    locate,
    noted_heads,
    read_bytes,
    read_refs,
    store_id,
)
from papka.repository.worktree import WorktreeSnapshot

_NOBODY = {"GIT_COMMITTER_NAME": "papka", "GIT_COMMITTER_EMAIL": "papka@papka.invalid"}


def build(  # noqa: PLR0913 - a store is made of exactly these
    place: Path,
    pool: Path,
    refs: Mapping[str, str],
    *,
    settings: Mapping[str, str],
    bare: bool,
    why: str,
) -> None:
    """Makes `place` a store (what `.git` is, or a bare one) whose refs are these.

    `pool` holds, hashed, all that they need; `settings` come on top of the safe ones; `why` stands
    in the log of the refs.
    """
    init(place, bare=True)
    _pack(pool, refs.values(), place.resolve() / "objects" / "pack", "--revs")
    here = {"GIT_DIR": str(place.resolve()), **_NOBODY}
    safe = SAFE_STORE if bare else {**SAFE_ARCHIVE, "core.bare": "false"}
    write_settings_of(place, {**safe, **settings})
    for ref, id_ in refs.items():
        options = ("update-ref", "--create-reflog", "-m", why, ref, id_)
        run_git(*options, folder=place, variables=here)
    if not bare:
        run_git("read-tree", MAIN, folder=place, variables=here)


def pack_of(pool: Path, ids: Iterable[str], folder: Path) -> None:
    """A pack of exactly these objects of the pool, with its index, in a folder made for it."""
    folder.mkdir(parents=True, exist_ok=True)
    _pack(pool, ids, folder.resolve())


def _pack(pool: Path, ids: Iterable[str], folder: Path, *options: str) -> None:
    folder.mkdir(exist_ok=True)
    given = "".join(f"{id_}\n" for id_ in dict.fromkeys(ids)).encode()
    run_git("pack-objects", "-q", *options, str(folder / "pack"), folder=pool, given=given)


def carry_id(old: Path, new: Path) -> None:
    """The new store takes over the old one's name in this computer's memory."""
    id_ = store_id(old)
    if id_:
        (new / STORE_ID).write_text(f"{id_}\n", encoding="ascii")


def refresh_stats(root: Path) -> None:
    """Brings the index up to the files' dates; it is a cache, so its trouble is nobody's loss."""
    with suppress(GitFailed):
        run_git(
            "update-index", "-q", "--refresh", folder=root, variables=without_filters(root),
            accepted=(0, 1),
        )  # fmt: skip


_KEPT = re.compile(
    r"remote\.[a-z][a-z0-9-]*\.(?:url|fetch)|papka\.[a-z0-9.-]+|papka-staff\.s\d+\.key"
    r"|user\.(?:name|email|signingkey)|gpg\.format|gpg\.ssh\.allowedsignersfile|commit\.gpgsign"
)
_BAD_LINE = re.compile(r"bad config line (?P<number>\d+) ")
_DAMAGED_LINES = 20
"""A file with more of them is not a damaged one of ours but something else."""


def kept_settings(common: Path) -> dict[str, str]:
    """`section.key` -> value, of the store whose shared folder this is."""
    found: dict[str, str] = {}
    for line in _parsed(read_bytes(common / "config")).split(b"\0"):
        name, given, value = line.decode("utf-8", "replace").partition("\n")
        if given and _KEPT.fullmatch(name) and value.isprintable() and _is_sound(name, value):
            found[name] = value
    return found


def _parsed(data: bytes) -> bytes:
    """git's list of the settings, without the lines it cannot read."""
    lines = data.split(b"\n")
    for _ in range(_DAMAGED_LINES):
        ran = run_git(
            "config", "--file", "-", "--list", "-z", "--no-includes", given=b"\n".join(lines),
            folder=Path(tempfile.gettempdir()), variables={"GIT_DIR": os.devnull},
            accepted=range(-64, 256),
        )  # fmt: skip
        bad = _BAD_LINE.search(ran.trouble)
        if ran.code == 0 or bad is None:
            return ran.output if ran.code == 0 else b""
        # Emptied, not taken out: the numbers of the others stay.
        lines[int(bad["number"]) - 1 : int(bad["number"])] = [b""]
    return b""


def _is_sound(name: str, value: str) -> bool:
    """An address of a mirror must be one that papka itself would write down."""
    if not name.endswith(".url"):
        return True
    try:
        return bool(accept(value, None))
    except Refused:
        return False


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one copy gave. `head`: its main, "" when it has none that can be read; `broken`: its
    damaged pieces; `trouble`: why nothing at all came from it."""

    name: str
    head: str = ""
    refs: Mapping[str, str] | None = None
    broken: tuple[str, ...] = ()
    trouble: str = ""


def gather_store(pool: Pool, name: str, store: Store) -> Gathered:
    """All that is sound in a folder's store."""
    refs = read_refs(store.own, store.common).ids
    broken = pool.glean(store.objects)
    return Gathered(name, refs.get(MAIN, ""), refs, broken)


def gather_copy(pool: Pool, root: Path, copy: Remote, access: SshAccess | None) -> Gathered:
    """All that a mirror or another copy gives; its trouble is told, never raised."""
    try:
        if not is_elsewhere(copy.url):
            return gather_store(pool, copy.name, locate(folder_of(root, copy.url)))
        with whole_copy(root, copy, access) as (folder, ran):
            if ran.code:
                return Gathered(copy.name, trouble=explain_talk(ran.trouble).words)
            return gather_store(pool, copy.name, locate(folder))
    except NotAnArchive:
        return Gathered(copy.name, trouble=explain_talk("does not exist").words)
    except RemoteUnreachable as error:
        return Gathered(copy.name, trouble=error.message.rpartition("недоступно: ")[2])
    except PapkaError as error:
        return Gathered(copy.name, trouble=error.message)
    except OSError as error:
        return Gathered(copy.name, trouble=cannot_access(error).message)


def gather_files(pool: Pool, tree: Path, lost: Sequence[Lost]) -> int:
    """Lost files that still lie in the folder, byte for byte; how many there were."""
    files, found = WorktreeSnapshot(tree), 0
    for each in lost:
        if each.kind != "blob":
            continue
        try:
            data = files.read(each.path)
        except (KeyError, OSError):
            continue
        if object_id("blob", data) == each.id:
            pool.put("blob", data)
            found += 1
    return found


_NOTED = "refs/remotes/"
"""Where this copy keeps what each mirror confirmed."""


@dataclass(frozen=True, slots=True)
class WholeHead:
    """The head to go on from and its history; `is_own`: this copy itself calls it the last."""

    head: str
    commits: frozenset[str]
    is_own: bool


def whole_head(
    root: Path, pool: Pool, gathered: Sequence[Gathered], *, drop_unsent: bool
) -> tuple[WholeHead | None, tuple[Lost, ...]]:
    """The head to go on from; None and what is lost when there is none that is whole.

    What main names comes first; when it names nothing known, where its log says it stood; without
    a log, the newest that the copies name. What is not whole is given up only on request.
    """
    own, noted = gathered[0].head, noted_heads(root / ".git")
    copies = [each.head for each in gathered[1:]]
    sent = [id_ for ref, id_ in (gathered[0].refs or {}).items() if ref.startswith(_NOTED)]
    others = [*copies, *sent]
    known = present_commits(pool.folder, [id_ for id_ in (own, *others) if id_])
    # A flipped bit makes an id that nobody has ever seen; a lost commit was noted somewhere.
    here = [own] if own in known or own in noted else list(noted[:1])
    whole, lost = _whole(root, pool, here or [id_ for id_ in others if id_ in known])
    if lost and drop_unsent:
        stood = [*here, *noted, *(id_ for id_ in sent if id_ in known)]
        whole, _ = _whole(root, pool, stood)
        if not whole:
            whole, _ = _whole(root, pool, [id_ for id_ in copies if id_ in known])
        here = []
    elif lost:
        return None, lost
    if not whole:
        return None, lost
    newest = max(whole, key=lambda id_: len(whole[id_]))
    return WholeHead(newest, whole[newest], newest in here), ()


def _whole(
    root: Path, pool: Pool, heads: Sequence[str]
) -> tuple[dict[str, frozenset[str]], tuple[Lost, ...]]:
    """Those heads whose history is all there, with their commits; and what the others lack."""
    whole: dict[str, frozenset[str]] = {}
    lost: dict[str, Lost] = {}
    for head in heads:
        seen = reach(pool.folder, head)
        while seen.lost and gather_files(pool, root, seen.lost):
            seen = reach(pool.folder, head)
        if seen.lost:
            lost |= {each.id: each for each in seen.lost}
        else:
            whole[head] = frozenset(seen.commits)
    return whole, tuple(lost.values())


@dataclass(frozen=True, slots=True)
class RememberedHead:
    """`head`: where the store was last seen; `bound`: what may never be missing from its history;
    `line`: all of it that is remembered. All are empty when nothing is."""

    head: str = ""
    bound: str = ""
    line: frozenset[str] = frozenset()

    def stands_in(self, own: Gathered, pool: Pool, common: Path) -> Gathered:
        """What the store itself gave, with this head where its branch names nothing known and no
        log of it is left: the copies are asked for what is lost, not for what is true."""
        is_known = own.head and present_commits(pool.folder, [own.head])
        if not self.head or is_known or noted_heads(common):
            return own
        return replace(own, head=self.head)

    def refuse_other(self, head: str, commits: Collection[str]) -> None:
        """Raises Refused for a history that is not the one remembered, goes on from it, or is an
        earlier state of it."""
        if self.bound and self.bound not in commits and head not in self.line:
            raise Refused(
                f"Самая новая целая история ({head[:12]}) — не та, что проверял этот компьютер: "
                f"в архиве уже была запись {self.bound[:12]}; архив не изменён",
                "Назовите копию, в которой эта запись есть: papka restore --heal --from "
                "ПАПКА-КОПИИ; если такой нет, сообщите руководителю",
            )


def remembered_head(memory: Memory | None, store: Store) -> RememberedHead:
    """Of the archive that lay in this store; of memory in trouble nothing, which `verify` tells."""
    recalled = recall(memory, store, "") if memory else None
    if recalled is None or recalled.store is None or recalled.known is None:
        return RememberedHead()
    known, seen = recalled.known, recalled.store
    unsent = (each.id for each in seen.unsent)
    bound = known.bound[-1] if known.bound else ""
    return RememberedHead(seen.head, bound, frozenset((*known.bound, *unsent)))


_SAFE_REF = re.compile(r"refs/(?:heads|tags|remotes)(?:/(?![-.])[A-Za-z0-9._-]+)+", re.ASCII)


def kept_refs(
    pool: Pool, own: Mapping[str, str], wanted: WholeHead, mirrors: Iterable[Remote]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Main and what else can be kept; the names of what cannot."""
    refs, dropped = {MAIN: wanted.head}, []
    twisted = frozenset(_twisted(own, _known(mirrors)))
    for ref, id_ in own.items():
        if ref == MAIN or (ref in twisted and id_ in wanted.commits):
            continue
        if _SAFE_REF.fullmatch(ref) and (id_ in wanted.commits or not reach(pool.folder, id_).lost):
            refs[ref] = id_
        else:
            dropped.append(ref)
    return refs, tuple(dropped)


def misspelt(root: Path, dot: Path) -> tuple[str, ...]:
    """Refs of an otherwise sound store that a flipped bit has made."""
    refs = read_refs(dot, dot).ids
    found = [*_twisted(refs, _known(remotes(root)))]
    line = frozenset(line_to(root, refs[MAIN])) if found and MAIN in refs else frozenset()
    return tuple(ref for ref in found if refs[ref] in line)


def _twisted(refs: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    """Extra refs whose names are one bit away from a known one."""
    for ref in refs:
        if is_extra(ref) and any(_is_a_bit_away(ref, each) for each in known):
            yield ref


def _known(mirrors: Iterable[Remote]) -> tuple[str, ...]:
    """Refs that every archive with these mirrors has."""
    return (MAIN, *(f"refs/remotes/{each.name}/main" for each in mirrors))


def _is_a_bit_away(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    odd = [ord(a) ^ ord(b) for a, b in zip(one, other, strict=True) if a != b]
    return len(odd) == 1 and odd[0].bit_count() == 1
