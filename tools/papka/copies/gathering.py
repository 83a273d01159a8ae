"""Gather what is left of a damaged archive from its copies, and build a whole store of it.

Copies are only read. One in a folder is read as files, with no git run in it, so half of it may be
broken; one on a server is fetched whole or not at all. Every object is hashed on the way in.

The head to go on from is the newest that is wholly there, with everything its history needs; what
main names comes first. Nothing newer is given up unless that was asked for, and then what this
archive once stood at comes before what only others have: the files in the folder belong to that,
and saved on top of another's newer save they would undo it. The computer's memory only names a
head and refuses another history. Signatures are judged by `verify`, of the store built.

The new store holds only what its refs need. Of the old settings those stay that name people and
mirrors; nothing that runs a program, leads away or changes what git sees. Another ref than main
stays when all it leads to is whole; a ref whose name is one bit away from a usual one, and whose
commits main has, is damage. Hooks, reflogs and git's helpers are not kept.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from papka.copies.salvage import Lost, Pool, Tell, present_commits, reach
from papka.copies.signed_lines import newest_act, refuse_before_act, signed_commits
from papka.copies.transport import count_bytes, whole_copy
from papka.core.errors import (
    GitFailed,
    NotAnArchive,
    PapkaError,
    Refused,
    RemoteUnreachable,
    cannot_access,
)
from papka.proof.clean_room import CleanRoom
from papka.proof.layers import read_line
from papka.proof.memory import Memory, recall
from papka.proof.store_rules import is_extra
from papka.repository.commit_snapshots import without_filters
from papka.repository.git_values import MAIN, object_id
from papka.repository.handle import (
    SAFE_ARCHIVE,
    SAFE_STORE,
    Remote,
    folder_of,
    init,
    is_remote,
    list_remotes,
    normalize_address,
    write_settings_of,
)
from papka.repository.history import commits_up_to
from papka.repository.runner import SshAccess, explain_talk, run_git, watched
from papka.repository.store import (
    STORE_ID,
    Store,
    find_naming,
    locate,
    noted_heads,
    read_bytes,
    read_refs,
    store_id,
)
from papka.repository.worktree import WorktreeSnapshot


def build(  # noqa: PLR0913 - a store is made of exactly these
    place: Path,
    pool: Path,
    refs: Mapping[str, str],
    *,
    settings: Mapping[str, str],
    bare: bool,
    why: str,
) -> None:
    """Make `place` a store (a `.git`, or a bare one) with these refs.

    `pool` holds, hashed, all that they need; `settings` come on top of the safe ones; `why` goes
    into the log of the refs.
    """
    init(place, bare=True, naming=find_naming(pool))
    pack_of(pool, refs.values(), place / "objects" / "pack", "--revs")
    here = {
        "GIT_DIR": str(place.resolve()),
        "GIT_COMMITTER_NAME": "papka",
        "GIT_COMMITTER_EMAIL": "papka@papka.invalid",
    }
    safe = SAFE_STORE if bare else {**SAFE_ARCHIVE, "core.bare": "false"}
    write_settings_of(place, {**safe, **settings})
    for ref, id_ in refs.items():
        options = ("update-ref", "--create-reflog", "-m", why, ref, id_)
        run_git(*options, folder=place, variables=here)
    if not bare:
        run_git("read-tree", MAIN, folder=place, variables=here)


def pack_of(pool: Path, ids: Iterable[str], folder: Path, *options: str) -> None:
    """Pack exactly these objects of the pool, with an index, into a folder made for it.

    `options`: of `git pack-objects`; with `--revs` all that these commits need is packed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = str(folder.resolve() / "pack")
    given = "".join(f"{id_}\n" for id_ in dict.fromkeys(ids)).encode()
    run_git("pack-objects", "-q", *options, target, folder=pool, given=given)


def carry_id(old: Path, new: Path) -> None:
    """Give the new store the id by which this computer's memory knows the old one."""
    id_ = store_id(old)
    if id_:
        (new / STORE_ID).write_text(f"{id_}\n", encoding="ascii")


def refresh_stats(root: Path) -> None:
    """Update the index to the files' dates. The index is a cache: failures are ignored."""
    with suppress(GitFailed):
        run_git(
            "update-index", "-q", "--refresh", folder=root, variables=without_filters(root),
            accepted=(0, 1),
        )  # fmt: skip


_KEPT_SETTING = re.compile(
    r"remote\.[a-z][a-z0-9-]*\.(?:url|fetch)|papka\.[a-z0-9.-]+|papka-staff\.s\d+\.key"
    r"|user\.(?:name|email|signingkey)|gpg\.format|gpg\.ssh\.allowedsignersfile|commit\.gpgsign"
)
_BAD_LINE = re.compile(r"bad config line (?P<number>\d+) ")
_BAD_LINES_AT_MOST = 20
"""A file with more of them is not damaged settings but something else."""


def read_kept_settings(common: Path) -> dict[str, str]:
    """Return the settings worth keeping of the store with this common folder, by `section.key`.

    The file is read as data, far from the store; a line git cannot read is left out.
    """
    found: dict[str, str] = {}
    for line in _list_settings(read_bytes(common / "config")).split(b"\0"):
        name, given, value = line.decode("utf-8", "replace").partition("\n")
        if (
            given
            and _KEPT_SETTING.fullmatch(name)
            and value.isprintable()
            and _is_acceptable(name, value)
        ):
            found[name] = value
    return found


def _list_settings(data: bytes) -> bytes:
    """Return git's list of the settings, without the lines it cannot read."""
    lines = data.split(b"\n")
    for _ in range(_BAD_LINES_AT_MOST):
        ran = run_git(
            "config", "--file", "-", "--list", "-z", "--no-includes", given=b"\n".join(lines),
            folder=Path(tempfile.gettempdir()), variables={"GIT_DIR": os.devnull},
            accepted=range(-64, 256),
        )  # fmt: skip
        bad = _BAD_LINE.search(ran.trouble)
        if ran.code == 0 or bad is None:
            return ran.output if ran.code == 0 else b""
        # Emptied, not removed: the numbers of the others stay.
        lines[int(bad["number"]) - 1 : int(bad["number"])] = [b""]
    return b""


def _is_acceptable(name: str, value: str) -> bool:
    """Tell whether papka itself would write down such a value, if it is a mirror's address."""
    if not name.endswith(".url"):
        return True
    try:
        return bool(normalize_address(value, None))
    except Refused:
        return False


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one copy gave. `head`: its main, "" when none can be read; `broken`: its damaged pieces;
    `trouble`: why nothing at all came from it."""

    name: str
    head: str = ""
    refs: Mapping[str, str] | None = None
    broken: tuple[str, ...] = ()
    trouble: str = ""


@contextmanager
def watch_reading(access: SshAccess | None, name: str, size: int) -> Iterator[Tell]:
    """Give what hears how many bytes of a copy were read, and tells whoever watches."""
    done = 0
    with watched(access.watch if access else None, name) as tell:

        def count(read: int) -> None:
            nonlocal done
            done += read
            tell("reading", done >> 20, size >> 20)

        yield count


def gather_store(pool: Pool, name: str, store: Store, access: SshAccess | None = None) -> Gathered:
    """Take all that is sound in a folder's store; `access` says who watches."""
    pool.take_naming(find_naming(store.common))
    refs = read_refs(store.own, store.common).ids
    size = count_bytes(store) if access and access.watch else 0
    with watch_reading(access, name, size) as tell:
        broken = pool.glean(store.objects, tell)
    return Gathered(name, refs.get(MAIN, ""), refs, broken)


def gather_copy(pool: Pool, root: Path, copy: Remote, access: SshAccess | None) -> Gathered:
    """Take all that a mirror or another copy gives; its trouble is returned, never raised."""
    try:
        if not is_remote(copy.url):
            return gather_store(pool, copy.name, locate(folder_of(root, copy.url)), access)
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


def _gather_files(pool: Pool, tree: Path, lost: Sequence[Lost]) -> int:
    """Take lost files that still lie in the folder, byte for byte; return how many."""
    files, found = WorktreeSnapshot(tree), 0
    for each in lost:
        if each.kind != "blob":
            continue
        try:
            data = files.read(each.path)
        except (KeyError, OSError):
            continue
        if object_id("blob", data, pool.naming) == each.id:
            pool.put("blob", data)
            found += 1
    return found


@dataclass(frozen=True, slots=True)
class WholeHead:
    """The head to go on from and its history; `is_own`: this archive itself calls it the last."""

    head: str
    commits: frozenset[str]
    is_own: bool


def choose_head(
    root: Path, pool: Pool, gathered: Sequence[Gathered], *, drop_unsent: bool
) -> tuple[WholeHead | None, tuple[Lost, ...]]:
    """Choose the head to go on from; None and what is lost when no head is whole.

    `gathered`: the archive itself first. What main names comes first; when it names nothing known,
    where its log says it stood; without a log, the newest that the copies name. `drop_unsent`:
    give up what is not whole.
    """
    own, noted = gathered[0].head, noted_heads(root / ".git")
    copies = [each.head for each in gathered[1:]]
    refs = gathered[0].refs or {}
    sent = [id_ for ref, id_ in refs.items() if ref.startswith("refs/remotes/")]  # as confirmed
    others = [*copies, *sent]
    known = present_commits(pool.folder, [id_ for id_ in (own, *others) if id_])
    # A flipped bit makes an id unknown everywhere; a lost commit is noted somewhere.
    here = [own] if own in known or own in noted else list(noted[:1])
    whole, lost = _split_whole(root, pool, here or [id_ for id_ in others if id_ in known])
    if lost and drop_unsent:
        stood = [*here, *noted, *(id_ for id_ in sent if id_ in known)]
        whole, _ = _split_whole(root, pool, stood)
        if not whole:
            whole, _ = _split_whole(root, pool, [id_ for id_ in copies if id_ in known])
        here = []
    elif lost:
        return None, lost
    if not whole:
        return None, lost
    room = CleanRoom(pool.folder)
    older = frozenset[str]().union(*(signed_commits(room, id_) - {id_} for id_ in whole))
    newest = max(whole, key=lambda id_: (id_ not in older, len(whole[id_])))
    refuse_before_act(room, newest, known)
    return WholeHead(newest, whole[newest], newest in here), ()


def _split_whole(
    root: Path, pool: Pool, heads: Sequence[str]
) -> tuple[dict[str, frozenset[str]], tuple[Lost, ...]]:
    """Return the heads whose history is all there, with their commits; and what others lack."""
    whole: dict[str, frozenset[str]] = {}
    lost: dict[str, Lost] = {}
    for head in heads:
        seen = reach(pool.folder, head)
        while seen.lost and _gather_files(pool, root, seen.lost):
            seen = reach(pool.folder, head)
        if seen.lost:
            lost |= {each.id: each for each in seen.lost}
        else:
            whole[head] = frozenset(seen.commits)
    return whole, tuple(lost.values())


@dataclass(frozen=True, slots=True)
class RememberedHead:
    """What this computer remembers of a store; all is empty when it remembers nothing.

    `head`: where the store was last seen; `bound`: the last commit that its history must hold;
    `line`: all its commits that are remembered.
    """

    head: str = ""
    bound: str = ""
    line: frozenset[str] = frozenset()

    def stands_in(self, own: Gathered, pool: Pool, common: Path) -> Gathered:
        """Return what the store gave, with this head put in when its branch names nothing known
        and no log is left: copies may replace what is lost, not say what the head is."""
        is_known = own.head and present_commits(pool.folder, [own.head])
        if not self.head or is_known or noted_heads(common):
            return own
        return replace(own, head=self.head)

    def refuse_other(self, head: str, commits: Collection[str]) -> None:
        """Refuse a history that is neither the remembered one nor a later or earlier state."""
        if self.bound and self.bound not in commits and head not in self.line:
            raise Refused(
                f"Самая новая целая история ({head[:12]}) — не та, что проверял этот компьютер: "
                f"в архиве уже было сохранение {self.bound[:12]}; архив не изменён",
                "Назовите копию, в которой это сохранение есть: papka restore --heal --from "
                "ПАПКА-КОПИИ; если такой нет, сообщите руководителю",
            )


def remembered_head(memory: Memory | None, store: Store) -> RememberedHead:
    """Recall the archive that lay in this store; of unreadable memory nothing: `verify` says so."""
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
    """Return main and the other refs that can be kept, and the names of those that cannot."""
    refs, dropped = {MAIN: wanted.head}, []
    room = CleanRoom(pool.folder)
    acts = newest_act(room, wanted.head)
    stored = read_line(room, wanted.head)[0].stored if acts else {}
    twisted = frozenset(_find_misspelt(own, _usual_refs(mirrors)))
    for ref, id_ in own.items():
        if ref == MAIN or (ref in twisted and id_ in wanted.commits):
            continue
        at = stored.get(id_, id_)  # what it named was rewritten since
        # Beside main there may lie what an act has destroyed.
        is_whole = at in wanted.commits or (not acts and not reach(pool.folder, id_).lost)
        if _SAFE_REF.fullmatch(ref) and is_whole:
            refs[ref] = at
        else:
            dropped.append(ref)
    return refs, tuple(dropped)


def find_misspelt_refs(root: Path, dot: Path) -> tuple[str, ...]:
    """Return the refs of an otherwise sound store that a flipped bit has made."""
    refs = read_refs(dot, dot).ids
    found = [*_find_misspelt(refs, _usual_refs(list_remotes(root)))]
    line = frozenset(commits_up_to(root, refs[MAIN])) if found and MAIN in refs else frozenset()
    return tuple(ref for ref in found if refs[ref] in line)


def _find_misspelt(refs: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    """Yield extra refs whose names are one bit away from a usual one."""
    for ref in refs:
        if is_extra(ref) and any(_is_a_bit_away(ref, each) for each in known):
            yield ref


def _usual_refs(mirrors: Iterable[Remote]) -> tuple[str, ...]:
    """Return the refs that every archive with these mirrors has."""
    return (MAIN, *(f"refs/remotes/{each.name}/main" for each in mirrors))


def _is_a_bit_away(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    odd = [ord(a) ^ ord(b) for a, b in zip(one, other, strict=True) if a != b]
    return len(odd) == 1 and odd[0].bit_count() == 1
