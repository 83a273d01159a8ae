"""Restore: make a new archive folder from mirrors, media or other copies, however broken each is.

No copy is written to. The folder gets its name when what it holds is whole, verified and on the
disk. Every object is hashed on the way in; older copies of a medium are asked only for what the
others lack. A commit counts as whole only with everything its whole history needs. An older history
without fault goes before a longer one with faults; between two different histories people choose.

Of what is newer than the newest whole commit every sound object is kept in a pack beside the
archive and every lost one is named (R-6.3, R-6.7). Its files get into the folder, as edits nobody
saved yet, only when every newer commit is signed by a key that the whole history trusts. Commits
that no copy names are used only when a named history misses a commit and they may be its lower
part: what else lies loose in a store may be what was destroyed by law.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from papka.copies import media
from papka.copies.files_tar import read_tar
from papka.copies.gathering import (
    Gathered,
    build,
    gather_copy,
    pack_of,
    refresh_stats,
    watch_reading,
)
from papka.copies.medium_format import (
    BUNDLE,
    FILES,
    MANIFEST,
    PLAIN,
    BadMedium,
    Label,
    is_copy_name,
    read_label,
    read_manifest,
)
from papka.copies.mirrors import accept_authority
from papka.copies.salvage import Lost, Pool, Reach, all_commits, present_commits, reach
from papka.copies.signed_lines import newest_act, refuse_before_act, signed_commits
from papka.copies.transport import is_bundle, naming_of_bundle, unwrap_pack
from papka.core.errors import GitFailed, NotAnArchive, NotFound, Refused, cannot_access
from papka.core.findings import Finding, Severity, has_errors
from papka.proof.act_evidence import BadAct, read_act
from papka.proof.anchors import Anchors
from papka.proof.chronicle import judge_commits, judge_signature, standing_of
from papka.proof.clean_room import CleanRoom
from papka.proof.examination import Verified
from papka.proof.history_reading import changes_of, trust_states, walk
from papka.proof.memory import Memory
from papka.proof.rewriting import rewrite
from papka.proof.trusted_keys import TrustHistory
from papka.proof.verification import verify
from papka.repository import dot_papka, worktree
from papka.repository.commit_snapshots import CommitTree
from papka.repository.commit_writing import store_pack
from papka.repository.derived_store import DerivedStore
from papka.repository.files import PROGRAM, NotPlain, read_plain, set_mode
from papka.repository.git_values import (
    EXECUTABLE,
    MAIN,
    TREE,
    Commit,
    Malformed,
    TrackedFile,
    naming_of,
    parse_commit,
    parse_tree,
)
from papka.repository.handle import Remote, is_remote, normalize_address
from papka.repository.objects import Objects
from papka.repository.purging import gone_by_act
from papka.repository.rewritten_commits import ACT, act_file
from papka.repository.runner import SshAccess
from papka.repository.store import locate, read_refs
from papka.repository.unfinished_work import BuildingSite, building_site, sweep_sites

_SOURCES = (
    "Годятся имя зеркала, папка с зеркалом или архивом, папка на носителе, файл .bundle, ssh://… "
    "и https://…"
)


@dataclass(frozen=True, slots=True)
class RestoreSource:
    """A copy to restore from: a store in a folder or on a server (`remote`), a copy on a medium, or
    a bundle of git's alone.

    `name`: for people; `label`: of the medium, when readable; `is_spare`: an older copy, asked only
    when the newer ones are not whole.
    """

    name: str
    remote: Remote | None = None
    copy: Path | None = None
    bundle: Path | None = None
    label: Label | None = None
    is_spare: bool = False


def find_sources(
    written: Sequence[str], mirrors: Sequence[Remote], base: Path, authority: Path | None = None
) -> tuple[RestoreSource, ...]:
    """Find the sources that a person named, in that order; all `mirrors` when none is named.

    Only names and manifests are read. Every copy on a medium is a source, the newest first. `base`:
    the folder that relative paths start from; `authority`: the certificate by which servers named
    by an address https://… are known. Raises NotFound, Refused.
    """
    if not written:
        if not mirrors:
            raise NotFound("Не сказано, из чего восстанавливать", f"--from КОПИЯ. {_SOURCES}")
        return tuple(RestoreSource(mirror.name, mirror) for mirror in mirrors)
    if authority is not None:
        url = next((each for each in written if each.startswith("https://")), written[0])
        authority = accept_authority(url, authority)
    return tuple(
        source for each in written for source in _resolve_source(each, mirrors, base, authority)
    )


def _resolve_source(
    written: str, mirrors: Sequence[Remote], base: Path, authority: Path | None
) -> Iterator[RestoreSource]:
    named = next((mirror for mirror in mirrors if mirror.name == written), None)
    if named is not None:
        yield RestoreSource(named.name, named)
        return
    if is_remote(written):
        known = str(authority) if authority and written.startswith("https://") else ""
        yield RestoreSource(written, Remote(written, written, "", primary=False, authority=known))
        return
    place = Path(normalize_address(written, base))
    if is_bundle(place):
        yield RestoreSource(written, bundle=place)
        return
    if not place.is_dir():
        raise NotFound(f"Копии «{written}» нет", f"Подключите её или назовите иначе. {_SOURCES}")
    yield from _find_in_folder(written, place)


def _find_in_folder(written: str, place: Path) -> Iterator[RestoreSource]:
    if is_copy_name(place.name) or (place / MANIFEST).is_file():
        yield RestoreSource(place.name, copy=place, label=_read_label(place.parent))
        return
    copies = sorted(media.read_manifests(place), reverse=True)
    if copies:
        label = _read_label(place)
        name = label.medium if label else written
        for at, copy in enumerate(copies):
            yield RestoreSource(f"{name}, {copy}", copy=place / copy, label=label, is_spare=at > 0)
        return
    try:
        locate(place)
    except NotAnArchive as error:
        raise Refused(f"В папке {place} копии архива нет", _SOURCES) from error
    yield RestoreSource(written, Remote(written, str(place), "", primary=False))


def _read_label(folder: Path) -> Label | None:
    data = media.read_label_of(folder)
    try:
        return read_label(data) if data is not None else None
    except BadMedium:
        return None


_MARK = ".papka/restored-from"
"""Says of which head and sources the archive was restored, for the same command given again."""


@dataclass(frozen=True, slots=True)
class NewerThanWhole:
    """What lies above the restored head. `tip`: the last readable commit; `commits`: how many are
    readable; `lost`: objects no copy has; `laid`: paths put into the folder as unsaved edits;
    `gone`: paths whose newest bytes no copy has; `is_signed`: all commits are signed by trusted
    keys, else nothing was laid."""

    tip: str
    commits: int
    lost: tuple[Lost, ...]
    laid: tuple[str, ...]
    gone: tuple[str, ...]
    is_signed: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored archive. `verified`: its verification, with errors only when no copy is without;
    `passed_over`: heads of longer histories that were left for their faults, and those faults;
    `again`: the same command had restored it here before, and nobody has gone on from there."""

    folder: Path
    verified: Verified
    gathered: tuple[Gathered, ...]
    above: NewerThanWhole | None = None
    passed_over: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    again: bool = False

    @property
    def is_good(self) -> bool:
        return not has_errors(self.verified.findings)


def restore(  # noqa: PLR0913 - from what, to where, and all it may be compared with
    place: Path,
    sources: Sequence[RestoreSource],
    *,
    now: datetime,
    base: Path,
    access: SshAccess | None = None,
    settings: Mapping[str, str] | None = None,
    anchors: Anchors | Collection[str] = (),
    memory: Memory | None = None,
) -> Restored:
    """Make the archive at `place`, a full path where nothing lies yet.

    `base`: the folder that relative addresses start from; `settings`: of another copy, to be
    carried over. Raises Refused when nothing whole is left, or copies hold different histories.
    """
    if _is_restored(place, sources):
        sweep_sites(place)
        verified = verify(place, now=now, anchors=anchors, memory=memory)
        return Restored(place, verified, (), again=True)
    with building_site(place) as site:
        pool = Pool(site.room / "pool")
        gathered, found = _gather(pool, sources, base, access)
        if not found:
            raise _refuse_all(gathered)

        def make(candidate: Candidate) -> Verified:
            build_archive(site, pool.folder, candidate.head, settings or {}, "papka restore")
            return verify(site.built, now=now, anchors=anchors, memory=memory)

        chosen, verified, passed = _choose(found, make)
        refuse_before_act(CleanRoom(pool.folder), chosen.head, _list_heads(pool, gathered))
        _refuse_fork(chosen, found, passed, gathered)
        above = _keep_newer(site, pool, chosen)
        worktree.write(site.built, _MARK, _compose_mark(chosen.head, sources), synced=False)
        site.finish()
    DerivedStore(place).forget()  # of what stood at this place before
    return Restored(place, verified, gathered, above, passed)


def _list_heads(pool: Pool, gathered: Sequence[Gathered]) -> set[str]:
    """Return the last commits that copies name and that one of them holds."""
    return present_commits(pool.folder, [each.head for each in gathered if each.head])


def _is_restored(place: Path, sources: Sequence[RestoreSource]) -> bool:
    """Tell whether this very command was killed after its work was done."""
    try:
        store = locate(place)
    except (OSError, NotAnArchive):
        return False
    marked = dot_papka.read(place, _MARK)
    return marked == _compose_mark(read_refs(store.own, store.common).ids.get(MAIN, ""), sources)


def _compose_mark(head: str, sources: Sequence[RestoreSource]) -> bytes:
    return "\n".join((head, *(source.name for source in sources), "")).encode()


def _choose(
    found: Sequence[Candidate], make: Callable[[Candidate], Verified]
) -> tuple[Candidate, Verified, dict[str, tuple[Finding, ...]]]:
    """Build and return the longest history without fault, or the longest when all have faults."""
    faults: dict[str, tuple[Finding, ...]] = {}
    for candidate in found:
        verified = make(candidate)
        grave = tuple(each for each in verified.findings if each.severity >= Severity.ERROR)
        if not grave or len(found) == 1:
            return candidate, verified, faults
        faults[candidate.head] = grave
    return found[0], make(found[0]), {}


def build_archive(
    site: BuildingSite, pool: Path, head: str, settings: Mapping[str, str], why: str
) -> None:
    """Build a store whose main is `head` of the store `pool`, and the files beside it.

    `why` goes into the log of main.
    """
    shutil.rmtree(site.built, ignore_errors=True)
    site.built.mkdir(mode=0o700)
    dot = site.built / ".git"
    build(dot, pool, {MAIN: head}, settings=settings, bare=False, why=why)
    for path, entry in lay_out_commit(CleanRoom(dot), head, site.built).items():
        if entry.mode == EXECUTABLE:
            set_mode(site.built / path, PROGRAM)
    refresh_stats(site.built)


def _refuse_fork(
    chosen: Candidate,
    found: Sequence[Candidate],
    passed: Collection[str],
    gathered: Sequence[Gathered],
) -> None:
    """Refuse two sound histories that copies name, of which neither continues the other."""
    line = frozenset(chosen.commits) | chosen.signed
    line |= frozenset(chosen.newer.commits if chosen.newer else ())
    for other in found:
        if other.named and chosen.named and other.head not in passed and other.head not in line:
            names = {
                head: ", ".join(each.name for each in gathered if each.head == head) or head[:12]
                for head in (chosen.head, other.head)
            }
            raise Refused(
                f"Копии хранят разные истории: «{names[chosen.head]}» кончается сохранением "
                f"{chosen.head[:12]}, «{names[other.head]}» — сохранением {other.head[:12]}, и ни "
                "одна не продолжает другую",
                "Проверьте обе (papka verify КОПИЯ) и назовите одну: --from КОПИЯ; вторую "
                "восстановите в другую папку",
            )


def _keep_newer(site: BuildingSite, pool: Pool, chosen: Candidate) -> NewerThanWhole | None:
    """Keep the objects of newer commits, and lay their files over those of the head."""
    newer = chosen.newer
    if newer is None:
        return None
    place = site.built / LEFT_OVER
    pack_of(pool.folder, sorted(newer.present), place)
    lines = [f"{each.kind} {each.id} {each.commit} {each.path}\n" for each in newer.lost]
    (place / "lost.txt").write_text("".join(lines), encoding="utf-8")
    (place / "tip.txt").write_text(f"{newer.tip}\n", encoding="ascii")
    changes, gone = _read_newer_files(pool.folder, chosen)
    is_signed = _is_signed(pool.folder, chosen)
    laid = changes if is_signed else {}
    for path, data in laid.items():
        if data is None:
            worktree.remove(site.built, path)
        else:
            worktree.write(site.built, path, data, synced=False)
    return NewerThanWhole(newer.tip, len(newer.commits), newer.lost, tuple(laid), gone, is_signed)


def _refuse_all(gathered: Sequence[Gathered]) -> Refused:
    lines = [f"«{each.name}»: {each.trouble or 'ни одного целого сохранения'}" for each in gathered]
    return Refused(
        "Восстановить не из чего:\n  " + "\n  ".join(lines),
        "Назовите ещё одну копию: --from КОПИЯ",
    )


def lay_out_commit(room: CleanRoom, commit: str, place: Path) -> Mapping[str, TrackedFile]:
    """Write the plain files of a commit into a folder, byte for byte, and return them by path.

    git's own checkout would obey attributes. Nothing is synced: the caller does that for all files
    together. Raises GitFailed, KeyError for a commit that is not whole.
    """
    files = {
        path: entry
        for path, entry in room.files(commit).items()
        if entry.mode.startswith("100") and _is_inside(path)
    }
    found = room.objects().read_many(entry.id for entry in files.values())
    worktree.lay_out(place, ((path, each[2]) for path, each in zip(files, found, strict=True)))
    return files


def _is_inside(path: str) -> bool:
    """Tell whether a path of a commit leads below the archive and not into its store."""
    return not any(part in ("", ".", "..") or part.casefold() == ".git" for part in path.split("/"))


def _gather(
    pool: Pool, sources: Sequence[RestoreSource], root: Path, access: SshAccess | None
) -> tuple[tuple[Gathered, ...], tuple[Candidate, ...]]:
    """Take what each source gives, of spare ones until nothing is missing, and list the heads.

    `root`: the folder that relative addresses start from.
    """
    gathered = [_gather_source(pool, each, root, access) for each in sources if not each.is_spare]
    _act_again(pool.folder, _list_heads(pool, gathered))
    found = _list_candidates(pool.folder, [each.head for each in gathered])
    for spare in (each for each in sources if each.is_spare):
        if found and found[0].newer is None:
            break
        gathered.append(_gather_source(pool, spare, root, access))
        _act_again(pool.folder, _list_heads(pool, gathered))
        found = _list_candidates(pool.folder, [each.head for each in gathered])
    return tuple(gathered), found


def _act_again(folder: Path, heads: Iterable[str]) -> None:
    """Carry out once more an act of which no copy has all: what it rewrote comes out the same, byte
    for byte, from a copy made before it."""
    room = CleanRoom(folder)
    for head in heads:
        number = newest_act(room, head)
        if not number or not reach(folder, head).lost:
            continue
        with suppress(BadAct, Refused, NotFound, GitFailed, KeyError, Malformed):
            tree = CommitTree(folder, head)
            act = read_act(tree.read(act_file(number, ACT)), number)
            line = walk(room, act.old_head)
            if line.unreadable:
                continue
            gone = sorted(gone_by_act(tree, number))
            made = rewrite(room.objects(), [commit.id for commit in line.commits], gone, number)
            store_pack(folder, made.pack)


def _gather_source(
    pool: Pool, source: RestoreSource, root: Path, access: SshAccess | None
) -> Gathered:
    try:
        if source.copy is not None:
            return _gather_medium(pool, source.name, source.copy, access)
        if source.bundle is not None:
            broken: list[str] = []
            refs = _take_bundle(pool, source.name, source.bundle, access, broken)
            return Gathered(source.name, refs.get(MAIN, ""), refs, tuple(broken))
    except Refused as error:
        return Gathered(source.name, trouble=error.message)
    assert source.remote is not None
    return gather_copy(pool, root, source.remote, access)


def _gather_medium(pool: Pool, name: str, copy: Path, access: SshAccess | None) -> Gathered:
    """Take a bundle, and the plain files beside it when the bundle is not whole."""
    broken: list[str] = []
    try:
        manifest = read_manifest(media.read_manifest_of(copy))
    except BadMedium:
        manifest = None
        broken.append("manifest.txt")
    refs = _take_bundle(pool, name, copy / BUNDLE, access, broken)
    if broken:
        try:
            _take_plain_files(pool, copy)
        except OSError as error:
            if not refs:
                return Gathered(name, trouble=cannot_access(error).message)
    head = refs.get(MAIN) or (manifest.head if manifest else "")
    return Gathered(name, head, refs, tuple(broken))


def _take_bundle(
    pool: Pool, name: str, bundle: Path, access: SshAccess | None, broken: list[str]
) -> dict[str, str]:
    """Take what is sound in a bundle, and return its refs; name it in `broken` when not all is."""
    pool.take_naming(naming_of_bundle(bundle))
    refs: dict[str, str] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="papka-", dir=pool.folder) as room:
            pack = Path(room) / "bundle.pack"
            with watch_reading(access, name, bundle.stat().st_size) as tell:
                refs = unwrap_pack(bundle, pack, tell)
            if not pool.take_pack(pack):
                broken.append(bundle.name)
    except (OSError, NotPlain):
        broken.append(bundle.name)
    return refs


def _take_plain_files(pool: Pool, copy: Path) -> None:
    """Take the newest state that lies beside a bundle, as far as the disk gives it."""
    if (copy / FILES).exists():
        with suppress(NotPlain), media.open_patiently(copy / FILES) as file:
            for _, data in read_tar(file):
                if data is not None:
                    pool.put("blob", data)
    for path in media.list_files(copy):
        if path.startswith(PLAIN):
            with suppress(OSError, NotPlain):  # the disk does not give this one
                pool.put("blob", read_plain(copy / path))


@dataclass(frozen=True, slots=True)
class AboveWhole:
    """What lies above a whole head: the last readable commit, all readable commits, what of them no
    copy has, and the ids of the objects that are there."""

    tip: str
    commits: tuple[str, ...]
    lost: tuple[Lost, ...]
    present: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A head to go on from. `commits`: its whole history, parents first; `named`: a copy calls it
    its last commit; `signed`: the same history as it was signed, when it has an act of destruction.
    What is in there is an older state, never another history."""

    head: str
    commits: tuple[str, ...]
    newer: AboveWhole | None = None
    named: bool = True
    signed: frozenset[str] = frozenset()


def _list_candidates(folder: Path, heads: Sequence[str]) -> tuple[Candidate, ...]:
    """List the heads whose history is whole, the longest first; `heads`: named by the copies."""
    wanted = list(dict.fromkeys(head for head in heads if head))
    known = present_commits(folder, wanted)
    tips = {head: reach(folder, head) for head in wanted if head in known}
    gone = [Lost(head, "commit", head) for head in wanted if head not in known]
    pieces = dict(tips)
    if gone or any(lost.kind == "commit" for seen in tips.values() for lost in seen.lost):
        pieces |= {stray: reach(folder, stray) for stray in _find_childless(folder, tips.values())}
    found: dict[str, Candidate] = {}
    for tip, seen in pieces.items():
        whole = _find_whole_part(folder, tip, seen)
        if whole and (whole.head not in found or tip in tips):
            found[whole.head] = Candidate(whole.head, whole.commits, named=tip in tips)
    room = CleanRoom(folder)
    lines = [replace(each, signed=signed_commits(room, each.head)) for each in found.values()]
    # Before an act there is what it destroyed: such a state is never gone on from.
    before = {head for head in found for each in lines if head in each.signed - {each.head}}
    kept = [each for each in lines if each.head not in before]
    ordered = sorted(kept, key=lambda each: (-len(each.commits), not each.named))
    return tuple(
        replace(each, newer=_find_newer(folder, each, tips, pieces, gone)) for each in ordered
    )


def _find_whole_part(folder: Path, tip: str, seen: Reach) -> Candidate | None:
    """Return the newest commit under `tip` that is whole; None when not even the first is."""
    if any(lost.kind == "commit" for lost in seen.lost):
        return None  # what lies below the gap is found by `_find_childless`
    while seen.lost:
        bad = {lost.commit for lost in seen.lost}
        keep = next(at for at, commit in enumerate(seen.commits) if commit in bad)
        if keep == 0:
            return None
        tip = seen.commits[keep - 1]
        seen = reach(folder, tip)
    return Candidate(tip, seen.commits)


def _find_newer(
    folder: Path,
    whole: Candidate,
    tips: dict[str, Reach],
    pieces: dict[str, Reach],
    gone: Sequence[Lost],
) -> AboveWhole | None:
    """Collect what named histories, and pieces between gaps, have beyond a whole one."""
    line = frozenset(whole.commits)
    beyond = {tip: seen for tip, seen in pieces.items() if _goes_beyond(tip, seen, whole, tips)}
    lost = {each.id: each for seen in beyond.values() for each in seen.lost}
    lost |= {each.id: each for each in gone}
    if not lost:
        return None
    named = [tip for tip in beyond if tip in tips] or [*beyond]
    tip = _pick_latest(folder, named) if named else gone[0].id
    above = (commit for seen in beyond.values() for commit in seen.commits)
    commits = tuple(dict.fromkeys(commit for commit in above if commit not in line))
    present = frozenset[str]().union(*(seen.present for seen in beyond.values()))
    return AboveWhole(tip, commits, tuple(lost.values()), present)


def _pick_latest(folder: Path, commits: Sequence[str]) -> str:
    """Return the commit made last: nothing else tells which of several pieces is the upper one."""
    found = Objects(folder).read_many(commits)
    return max(found, key=lambda each: parse_commit(each[0], each[2]).committer.time)[0]


def _goes_beyond(tip: str, seen: Reach, whole: Candidate, tips: dict[str, Reach]) -> bool:
    """Tell whether a history not below the whole one is not whole itself, or is a piece."""
    is_older = tip in whole.commits or tip in whole.signed
    return not is_older and (bool(seen.lost) or tip not in tips)


def _find_childless(folder: Path, tips: Iterable[Reach]) -> tuple[str, ...]:
    """Return the commits that nothing there continues, those of named histories left out."""
    named = {commit for seen in tips for commit in seen.commits}
    parents = all_commits(folder)
    continued = {parent for above in parents.values() for parent in above}
    return tuple(commit for commit in parents if commit not in continued | named)


LEFT_OVER = ".papka/restored"
"""The folder of the archive for the objects of commits that are not whole."""


def _read_newer_files(
    folder: Path, chosen: Candidate
) -> tuple[dict[str, bytes | None], tuple[str, ...]]:
    """Compare what is left of the newer commits with the whole history's last state.

    Return path -> newest bytes, None for a removed file, and the paths (folders too, "" for all)
    whose newest state no copy has.
    """
    assert chosen.newer is not None
    objects = Objects(folder)
    old = _list_tree(objects, _read_commit(objects, chosen.head).tree)
    line = sorted(
        (_read_commit(objects, id_) for id_ in chosen.newer.commits),
        key=lambda commit: commit.committer.time,
    )
    newest_first = [_list_tree(objects, commit.tree) for commit in reversed(line)]
    changes: dict[str, bytes | None] = {}
    for path in sorted(old.files.keys() | {p for each in newest_first for p in each.files}):
        found = _find_newest(objects, path, newest_first) if _is_inside(path) else None
        if found is not None and found[0] != old.files.get(path):
            changes[path] = found[1]
    gone = [*newest_first[0].unread] if newest_first else []
    if newest_first:
        gone += [p for p, id_ in newest_first[0].files.items() if _read_blob(objects, id_) is None]
    return changes, tuple(sorted(gone))


def _find_newest(
    objects: Objects, path: str, newest_first: Sequence[_Listing]
) -> tuple[str | None, bytes | None] | None:
    """Return id and bytes of a file's newest readable state, both None for a removed file; None
    when no newer commit can be read."""
    for each in newest_first:
        if any(not lost or path.startswith(f"{lost}/") for lost in each.unread):
            continue
        id_ = each.files.get(path)
        if id_ is None:
            return None, None
        data = _read_blob(objects, id_)
        if data is not None:
            return id_, data
    return None


@dataclass(frozen=True, slots=True)
class _Listing:
    """The files of a commit. `files`: path -> blob; `unread`: folders whose tree is lost."""

    files: dict[str, str]
    unread: tuple[str, ...]


def _list_tree(objects: Objects, tree: str) -> _Listing:
    files: dict[str, str] = {}
    unread: list[str] = []

    def enter(id_: str, prefix: str) -> None:
        try:
            entries = parse_tree(objects.read(id_)[1], naming_of(id_))
        except (KeyError, GitFailed, Malformed):
            unread.append(prefix.rstrip("/"))
            return
        for entry in entries:
            if entry.mode == TREE:
                enter(entry.id, f"{prefix}{entry.name}/")
            elif entry.mode.startswith("100"):
                files[prefix + entry.name] = entry.id

    enter(tree, "")
    return _Listing(files, tuple(unread))


def _read_commit(objects: Objects, id_: str) -> Commit:
    return parse_commit(id_, objects.read(id_)[1])


def _read_blob(objects: Objects, id_: str) -> bytes | None:
    try:
        return objects.read(id_)[1]
    except (KeyError, GitFailed):
        return None


def _is_signed(folder: Path, chosen: Candidate) -> bool:
    """Tell whether all newer commits are signed by keys trusted at the end of the whole history;
    what the newer ones say of trust is not asked."""
    assert chosen.newer is not None
    room = CleanRoom(folder)
    whole = walk(room, chosen.head).commits
    changes = changes_of(room, whole)
    standing = standing_of(judge_commits(whole, changes, trust_states(room, whole, changes)))
    late = room.objects().read_many(chosen.newer.commits)
    commits = [parse_commit(id_, raw) for id_, _, raw in late]
    return bool(commits) and all(_is_trusted(commit, standing) for commit in commits)


def _is_trusted(commit: Commit, standing: TrustHistory) -> bool:
    verdict = judge_signature(commit, standing.trust)
    signer = verdict.signer
    return (
        verdict.state == "good"
        and signer is not None
        and standing.revoked(signer.key, commit.id) is None
    )
