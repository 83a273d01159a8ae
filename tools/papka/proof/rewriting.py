"""History rewritten without what is destroyed, so that nothing else of it loses its proof.

What goes is a unit of retention or one attachment of a personal folder. Of every commit from the
first that holds any of it on, the bytes are kept but for three things: its tree and its parents are
those that take their place, and the signature is left out. A tree is kept byte for byte but for the
entries that go and the ids of the folders they lay in; a folder left empty goes too. Commits before
stay as they are, with their signatures. Nothing else can be done here, and `layers` computes the
same again.

The evidence is a pack with exactly the commits that were rewritten and those of their trees that
were changed *above* the units. The trees changed inside a unit are a pack of their own, which lies
in that unit and is destroyed with it, beside a list of what went: SHA-256, blob id and path.

Cost follows what changed between one version of a folder and the next: an entry that both have is
not parsed again, and of large folders no tree is held but the last.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from papka.core.errors import Refused
from papka.core.places import STUDENTS, is_unit, place, unit
from papka.repository.git_values import EMPTY_TREE, Malformed, links_of, object_id
from papka.repository.objects import Objects
from papka.repository.pack_format import PackBuilder, common_end, common_start

INNER = "destroyed"
"""The folder inside a unit with what was destroyed of it: `<act>.pack` and `<act>.files`."""
_DEEPEST = 500
"""So many versions of a folder rest on one another in evidence, which is read from end to end."""
_SMALL = 8192
"""Trees up to so many bytes are kept between the two times they are needed."""

ReadMany = Callable[[Sequence[str]], Iterator[bytes]]
"""Reads trees by id, in the order asked; raises KeyError at one that is not there."""


Entry = tuple[int, int, bytes]
"""Where an entry of a tree begins and ends, and its name."""


@dataclass(slots=True)
class FolderCut:
    """What goes from one folder. `whole`: names; `stems`: the same without endings, for a unit that
    is several files; `below`: folders that lose something inside them; `unit`: the unit this folder
    is or lies in, "" above units. `is_passed`: nothing is known of its inside any more."""

    path: str = ""
    whole: set[bytes] = field(default_factory=set)
    stems: set[bytes] = field(default_factory=set)
    below: dict[bytes, FolderCut] = field(default_factory=dict)
    unit: str = ""
    is_passed: bool = False

    def goes(self, name: bytes) -> bool:
        return name in self.whole or (bool(self.stems) and name.partition(b".")[0] in self.stems)

    @property
    def leads_to_passed(self) -> bool:
        return self.is_passed or any(each.leads_to_passed for each in self.below.values())


def is_destroyable(path: str) -> bool:
    """Whether the path is a unit of retention, or an attachment in a personal folder."""
    return is_unit(path) or _folder_of_file(path) is not None


def _folder_of_file(path: str) -> str | None:
    """Return the personal folder that holds this attachment; None for any other path."""
    found = place(path)
    return unit(path) if found is not None and found.kind == "attachment" else None


def plan_cut(gone: Collection[str], passed: Collection[str] = ()) -> FolderCut:
    """Plan what goes from which folder; raise Refused for what is neither a unit nor a file of one.

    `passed`: units that were destroyed since, of which something had gone before.
    """
    top = FolderCut()
    for path in sorted(gone):
        if not is_destroyable(path):
            raise Refused(
                f"Уничтожить можно целую единицу хранения или файл личной папки, а не {path}",
                "Назовите личную папку, приказ, запись реестра, книгу выгрузки или скан из дела",
            )
        folder, name = _find_folder(top, path)
        is_stem = is_unit(path) and not path.startswith((f"{STUDENTS}/", "records/imports/"))
        (folder.stems if is_stem else folder.whole).add(name)
    for path in passed:
        folder, name = _find_folder(top, path)
        folder.below[name] = FolderCut(path, unit=path, is_passed=True)
    return top


def _find_folder(top: FolderCut, path: str) -> tuple[FolderCut, bytes]:
    """Return the folder that holds the path, made on the way, and the name of the path in it."""
    *folders, name = path.split("/")
    at = top
    for each in folders:
        inside = f"{at.path}/{each}".lstrip("/")
        mine = at.unit or (inside if is_unit(inside) else "")
        at = at.below.setdefault(each.encode(), FolderCut(inside, unit=mine))
    return at, name.encode()


_FEW = 8
"""So many entries are looked at each by itself before a folder is compared as a whole."""


class FolderVersions:
    """One folder through history: finds in each version the entries that matter.

    Only what differs from the version before is parsed, so that a save in a folder of thousands
    costs little more than in a small one. `fresh`: those found that the version before had not.
    """

    def __init__(self, cut: FolderCut) -> None:
        self._cut = cut
        self._raw = b""
        self._starts: list[int] = []
        self._found: list[Entry] = []
        self.fresh: list[Entry] = []

    def find(self, raw: bytes) -> list[Entry]:
        """Return the entries of the next version that go or lead to what goes: the same list as
        before while none of them changed or moved. Raise Malformed."""
        old, starts = self._raw, self._starts
        if self._has_same_frame(raw):
            self.fresh = [
                each
                for each in self._found
                if raw[each[1] - 20 : each[1]] != old[each[1] - 20 : each[1]]
            ]
            self._raw = raw
            return self._found
        # Where an entry begins in both, after nothing but equal bytes.
        first = max(bisect_right(starts, common_start(old, raw)) - 1, 0)
        begin = starts[first] if starts else 0
        shift = len(raw) - len(old)
        last = bisect_left(starts, len(old) - common_end(old, raw, begin), lo=first)
        parsed: list[int] = []
        at = begin
        while at < len(raw):
            while last < len(starts) and starts[last] + shift < at:
                last += 1
            if last < len(starts) and starts[last] + shift == at:
                break  # an entry of before, with nothing but equal bytes behind it
            parsed.append(at)
            at = _end_of_entry(raw, at)
        else:
            last = len(starts)
        end = starts[last] if last < len(starts) else len(old)
        self.fresh = [each for at in parsed if (each := self._look(raw, at)) is not None]
        self._raw = raw
        if shift or parsed != starts[first:last]:
            behind = [start + shift for start in starts[last:]]
            self._starts = [*starts[:first], *parsed, *behind]
        self._replace(begin, end, shift)
        return self._found

    def _has_same_frame(self, raw: bytes) -> bool:
        """Whether at most the ids of the few entries found before are others: the rest is equal."""
        old, found = self._raw, self._found
        if len(raw) != len(old) or not 0 < len(found) <= _FEW:
            return False
        at = 0
        for _, end, _ in found:
            if raw[at : end - 20] != old[at : end - 20]:
                return False
            at = end
        return raw[at:] == old[at:]

    def _replace(self, begin: int, end: int, shift: int) -> None:
        """Put the fresh ones in place of those found between two places before."""
        low, high = bisect_left(self._found, (begin,)), bisect_left(self._found, (end,))
        if not shift and low == high and not self.fresh:
            return
        moved = [(at + shift, stop + shift, name) for at, stop, name in self._found[high:]]
        self._found = [*self._found[:low], *self.fresh, *moved]

    def _look(self, raw: bytes, at: int) -> Entry | None:
        zero = raw.index(b"\0", at)
        mode, _, name = raw[at:zero].partition(b" ")
        leads = mode == b"40000" and name in self._cut.below
        return (at, zero + 21, name) if leads or self._cut.goes(name) else None


def _end_of_entry(raw: bytes, at: int) -> int:
    zero = raw.find(b"\0", at)
    gap = raw.find(b" ", at, zero)
    if zero < 0 or gap < 0 or zero + 21 > len(raw):
        raise Malformed(f"дерево обрывается на байте {at}")
    return zero + 21


@dataclass(slots=True)
class _FolderWork:
    """One folder of the plan under way. `ids`: its versions in history's order; `twins`: the
    version that took the place of each, where that is asked for; `new`: what each becomes, "" when
    nothing is left."""

    cut: FolderCut
    ids: dict[str, None] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    kept: dict[str, tuple[bytes, list[Entry], list[Entry]]] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)
    below: dict[bytes, _FolderWork] = field(default_factory=dict)


@dataclass(slots=True)
class Reduced:
    """Trees reduced. `new`: old root tree -> its new id; `changed`: every old tree that became
    another, by the unit it lies in ("" above units); `folders`: those that are a whole unit;
    `gone`: path -> ids of what stood there."""

    new: Mapping[str, str]
    changed: dict[str, dict[str, None]] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    gone: dict[str, dict[str, None]] = field(default_factory=dict)


Emit = Callable[[FolderCut, str, bytes, str, bytes], None]
"""Takes a folder's cut, the old id and bytes, the new id and bytes (both empty when pruned)."""


def reduce_trees(
    roots: Sequence[tuple[str, str]], cut: FolderCut, read: ReadMany, emit: Emit | None = None
) -> Reduced:
    """Reduce root trees; `roots`: (tree, its twin) in history's order, twins "" if none is asked.

    The twin is the tree that took its place: of a folder that is passed, whatever it holds is taken
    over. Raises Malformed and KeyError.
    """
    top = _FolderWork(cut)
    for tree, twin in roots:
        top.ids.setdefault(tree)
        if twin:
            top.twins.setdefault(tree, twin)
    found = Reduced(top.new)
    _collect_below(top, read)
    _reduce_folder(top, read, emit, found)
    return found


def _collect_below(work: _FolderWork, read: ReadMany) -> None:
    """List the versions of all folders below that lose something."""
    if not work.cut.below or work.cut.is_passed:
        return
    work.below = {name: _FolderWork(cut) for name, cut in work.cut.below.items()}
    passing = {name for name, cut in work.cut.below.items() if cut.leads_to_passed}
    twins = _read_entries(work, passing, read) if passing else {}
    versions = FolderVersions(work.cut)
    for id_, raw in zip(work.ids, read(list(work.ids)), strict=True):
        entries = versions.find(raw)
        if len(raw) <= _SMALL:
            work.kept[id_] = raw, entries, versions.fresh
        for _, end, name in entries:
            below = work.below.get(name)
            if below is None:
                continue
            inside = raw[end - 20 : end].hex()
            below.ids.setdefault(inside)
            if twin := twins.get(id_, {}).get(name):
                below.twins.setdefault(inside, twin)
    for below in work.below.values():
        _collect_below(below, read)


def _read_entries(
    work: _FolderWork, names: Collection[bytes], read: ReadMany
) -> dict[str, dict[bytes, str]]:
    """Return, of the twin of each version, the ids of these folders in it."""
    asked = list(dict.fromkeys(work.twins.values()))
    versions = FolderVersions(FolderCut(below={name: FolderCut() for name in names}))
    entries = {
        twin: {name: raw[end - 20 : end].hex() for _, end, name in versions.find(raw)}
        for twin, raw in zip(asked, read(asked), strict=True)
    }
    return {id_: entries[twin] for id_, twin in work.twins.items()}


def _reduce_folder(work: _FolderWork, read: ReadMany, emit: Emit | None, found: Reduced) -> None:
    if work.cut.is_passed:
        work.new.update({id_: work.twins.get(id_, "") for id_ in work.ids})
        return
    for below in work.below.values():
        _reduce_folder(below, read, emit, found)
    versions = FolderVersions(work.cut)
    left = [id_ for id_ in work.ids if id_ not in work.kept]
    others = read(left) if left else iter(())
    known: list[Entry] | None = None
    pieces: list[tuple[int, int, bytes]] = []
    for id_ in work.ids:
        if id_ in work.kept:
            raw, entries, fresh = work.kept[id_]
        else:
            raw = next(others)
            entries, fresh = versions.find(raw), versions.fresh
        if fresh:
            _note_gone(raw, fresh, work.cut, found)
        if entries is not known:
            known, pieces = entries, _list_pieces(entries, work.cut)
        new = _compose_reduced(raw, pieces, work) if entries else raw
        if new == raw:
            work.new[id_] = id_
            continue
        new_id = work.new[id_] = object_id("tree", new) if new else ""
        found.changed.setdefault(work.cut.unit, {}).setdefault(id_)
        if work.cut.unit and work.cut.path == work.cut.unit:
            found.folders.add(id_)
        if emit is not None:
            emit(work.cut, id_, raw, new_id, new)
    work.kept.clear()


def _note_gone(raw: bytes, fresh: Iterable[Entry], cut: FolderCut, found: Reduced) -> None:
    for _, end, name in fresh:
        if cut.goes(name):
            path = f"{cut.path}/{name.decode('utf-8', 'surrogateescape')}"
            found.gone.setdefault(path, {}).setdefault(raw[end - 20 : end].hex())


def _list_pieces(entries: Iterable[Entry], cut: FolderCut) -> list[tuple[int, int, bytes]]:
    """List what stays between entries that go: from, up to, and the folder whose entry follows."""
    pieces: list[tuple[int, int, bytes]] = []
    at = 0
    for start, end, name in entries:
        if cut.goes(name):
            if start > at:
                pieces.append((at, start, b""))
        else:
            pieces.append((at, start, name))
        at = end
    return [*pieces, (at, -1, b"")]


def _compose_reduced(
    raw: bytes, pieces: Iterable[tuple[int, int, bytes]], work: _FolderWork
) -> bytes:
    parts: list[bytes] = []
    for start, end, name in pieces:
        if end < 0:
            parts.append(raw[start:])
            continue
        parts.append(raw[start:end])
        if name:
            head = b"40000 " + name + b"\0"
            at = end + len(head)
            if new := work.below[name].new[raw[at : at + 20].hex()]:
                parts += (head, bytes.fromhex(new))
    return b"".join(parts)


def rewrite_commit(raw: bytes, tree: str, parents: Sequence[str]) -> bytes:
    """Return the bytes of a commit with another tree, other parents and no signature."""
    head, gap, message = raw.partition(b"\n\n")
    lines: list[bytes] = []
    left = iter(parents)
    is_signature = False
    for line in head.split(b"\n"):
        if is_signature and line.startswith(b" "):
            continue
        is_signature = line.startswith(b"gpgsig ")
        if is_signature:
            continue
        if line.startswith(b"tree ") and not lines:
            lines.append(b"tree " + tree.encode())
        elif line.startswith(b"parent "):
            lines.append(b"parent " + next(left, "").encode())
        else:
            lines.append(line)
    return b"\n".join(lines) + gap + message


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A history rewritten, of which nothing is stored yet.

    `old_head`, `head`: the last commit before and after; `commits`: old id -> new id of those
    rewritten, oldest first; `pack`: the new commits and trees; `evidence`: the old ones above
    units; `inner`: files to be added inside units, by path; `gone`: path -> ids of the trees and
    blobs that stood there, at any time.
    """

    old_head: str
    head: str
    commits: Mapping[str, str]
    pack: bytes
    evidence: bytes
    inner: Mapping[str, bytes]
    gone: Mapping[str, tuple[str, ...]]

    @property
    def evidence_digest(self) -> str:
        """SHA-256 of the evidence, as the act names it."""
        return hashlib.sha256(self.evidence).hexdigest()


def rewrite(
    objects: Objects, commits: Sequence[str], gone: Collection[str], number: int
) -> Rewriting:
    """Rewrite a history without what is gone, for the act of this number.

    `commits`: ids of all commits as they are stored now, parents first, the last one main's;
    `gone`: units, and files of personal folders that stay. Raises Refused when a path is no such
    thing, stood nowhere, or lies in a folder that is to go whole or is no more.
    """
    _refuse_overlaps(gone)
    raws = dict(zip(commits, (_require(each) for each in objects.find_many(commits)), strict=True))
    links = {id_: links_of(raw) for id_, raw in raws.items()}
    made = PackBuilder()
    evidence = PackBuilder(deepest=_DEEPEST)
    inner: dict[str, PackBuilder] = {}

    def emit(cut: FolderCut, old_id: str, old: bytes, new_id: str, new: bytes) -> None:
        if new_id:
            made.add("tree", new, new_id, series=cut.path)
        into = evidence
        if cut.unit:
            into = inner.setdefault(cut.unit, PackBuilder(deepest=_DEEPEST))
        into.add("tree", old, old_id, series=cut.path)

    trees = dict.fromkeys(tree for tree, _ in links.values())
    reduced = reduce_trees([(tree, "") for tree in trees], plan_cut(gone), reader_of(objects), emit)
    _refuse_unmet(gone, reduced.gone)
    new_ids: dict[str, str] = {}
    for id_, raw in raws.items():
        tree, parents = links[id_]
        new_tree = reduced.new[tree] or EMPTY_TREE
        new_parents = tuple(new_ids.get(each, each) for each in parents)
        if (new_tree, new_parents) == (tree, parents):
            continue
        evidence.add("commit", raw, id_)
        new_ids[id_] = made.add("commit", rewrite_commit(raw, new_tree, new_parents))
    old_head = commits[-1]
    files = _compose_inner(objects, inner, reduced.gone, number)
    return Rewriting(
        old_head, new_ids.get(old_head, old_head), new_ids, made.close(), evidence.close(), files,
        {path: tuple(ids) for path, ids in reduced.gone.items()},
    )  # fmt: skip


def reader_of(objects: Objects) -> ReadMany:
    """Read trees from a store."""
    return lambda ids: (_require(found) for found in objects.find_many(ids))


def _require(found: tuple[str, bytes] | None) -> bytes:
    if found is None:
        raise KeyError
    return found[1]


def _refuse_overlaps(gone: Collection[str]) -> None:
    for path in gone:
        folder = _folder_of_file(path)
        if folder in gone:
            raise Refused(
                f"{path} лежит в личной папке, которую уничтожают целиком",
                "Назовите только папку",
            )


def _refuse_unmet(gone: Collection[str], met: Collection[str]) -> None:
    for path in list_unmet(gone, met):
        raise Refused(f"В истории архива никогда не было {path}", "Проверьте номер: papka find")


def list_unmet(gone: Collection[str], met: Collection[str]) -> list[str]:
    """Return those of the planned paths of which no tree held anything; `met`: entries that did."""
    there = {*met, *(f"{path.rpartition('/')[0]}/{stem_of(path)}" for path in met)}
    return sorted(set(gone) - there)


def stem_of(path: str) -> str:
    """Return the name of a file without its endings."""
    return path.rpartition("/")[2].partition(".")[0]


def _compose_inner(
    objects: Objects,
    packs: Mapping[str, PackBuilder],
    gone: Mapping[str, Iterable[str]],
    number: int,
) -> dict[str, bytes]:
    """Compose the files that lie in units: the trees changed in each, and the list of what went."""
    files: dict[str, bytes] = {}
    for folder, pack in packs.items():
        files[inner_file(folder, number, "pack")] = pack.close()
        lines = [
            f"{hashlib.sha256(_require(objects.find(id_))).hexdigest()}  {id_}  {path}\n"
            for path, ids in gone.items()
            if path.startswith(f"{folder}/")
            for id_ in ids
        ]
        files[inner_file(folder, number, "files")] = "".join(sorted(lines)).encode()
    return files


def inner_file(folder: str, number: int, ending: str) -> str:
    """Return a file inside a unit about what an act destroyed of it: `…/destroyed/3.pack`."""
    return f"{folder}/{INNER}/{number}.{ending}"
