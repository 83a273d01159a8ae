"""What is destroyed, taken out of trees of git and nothing else of them.

What goes is a unit of retention or one attachment of a personal folder. A tree is kept byte for
byte but for the entries that go and the ids of the folders they lay in; a folder left empty goes
too. Cost follows what changed between one version of a folder and the next: an entry that both have
is not parsed again, and of large folders no tree is held but the last.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from papka.core.errors import Refused
from papka.core.places import STUDENTS, is_unit, place, unit
from papka.repository.git_values import Malformed, object_id
from papka.repository.pack_format import common_end, common_start

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
    is or lies in, "" above units."""

    path: str = ""
    whole: set[bytes] = field(default_factory=set)
    stems: set[bytes] = field(default_factory=set)
    below: dict[bytes, FolderCut] = field(default_factory=dict)
    unit: str = ""

    def goes(self, name: bytes) -> bool:
        return name in self.whole or (bool(self.stems) and name.partition(b".")[0] in self.stems)


def is_destroyable(path: str) -> bool:
    """Whether the path is a unit of retention, or an attachment in a personal folder."""
    return is_unit(path) or folder_of_file(path) is not None


def folder_of_file(path: str) -> str | None:
    """Return the personal folder that holds this attachment; None for any other path."""
    found = place(path)
    return unit(path) if found is not None and found.kind == "attachment" else None


def plan_cut(gone: Collection[str]) -> FolderCut:
    """Plan what goes from which folder; raise Refused for what is neither a unit nor a file of one.

    A file of a unit that goes whole is passed over.
    """
    top = FolderCut()
    for path in sorted(gone):
        if not is_destroyable(path):
            raise Refused(
                f"Уничтожить можно целую единицу хранения или файл личной папки, а не {path}",
                "Назовите личную папку, приказ, запись реестра, книгу выгрузки или скан из дела",
            )
        if (whole := folder_of_file(path)) is not None and whole in gone:
            continue
        folder, name = _find_folder(top, path)
        is_stem = is_unit(path) and not path.startswith((f"{STUDENTS}/", "records/imports/"))
        (folder.stems if is_stem else folder.whole).add(name)
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
    """One folder of the plan under way. `ids`: its versions in history's order; `kept`: those that
    are small, with what was found in them; `new`: what each becomes, "" when nothing is left."""

    cut: FolderCut
    ids: dict[str, None] = field(default_factory=dict)
    kept: dict[str, tuple[bytes, list[Entry], list[Entry]]] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)
    below: dict[bytes, _FolderWork] = field(default_factory=dict)


@dataclass(slots=True)
class Reduced:
    """Trees reduced. `new`: old root tree -> its new id, "" when nothing is left; `changed`: every
    old tree that became another, by the unit it lies in ("" above units); `folders`: those that are
    a whole unit; `gone`: path -> ids of what stood there."""

    new: Mapping[str, str]
    changed: dict[str, dict[str, None]] = field(default_factory=dict)
    folders: dict[str, set[str]] = field(default_factory=dict)
    gone: dict[str, dict[str, None]] = field(default_factory=dict)


Emit = Callable[[FolderCut, str, bytes, str, bytes], None]
"""Takes a folder's cut, the old id and bytes, the new id and bytes (both empty when pruned)."""


def reduce_trees(
    roots: Iterable[str], cut: FolderCut, read: ReadMany, emit: Emit | None = None
) -> Reduced:
    """Reduce root trees, given in history's order. Raises Malformed, KeyError."""
    top = _FolderWork(cut, dict.fromkeys(roots))
    found = Reduced(top.new)
    _collect_below(top, read)
    _reduce_folder(top, read, emit, found)
    return found


def _collect_below(work: _FolderWork, read: ReadMany) -> None:
    """List the versions of all folders below that lose something."""
    if not work.cut.below:
        return
    work.below = {name: _FolderWork(cut) for name, cut in work.cut.below.items()}
    versions = FolderVersions(work.cut)
    for id_, raw in zip(work.ids, read(list(work.ids)), strict=True):
        entries = versions.find(raw)
        if len(raw) <= _SMALL:
            work.kept[id_] = raw, entries, versions.fresh
        for _, end, name in versions.fresh:
            if name in work.below:
                work.below[name].ids.setdefault(raw[end - 20 : end].hex())
    for below in work.below.values():
        _collect_below(below, read)


def _reduce_folder(work: _FolderWork, read: ReadMany, emit: Emit | None, found: Reduced) -> None:
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
            found.folders.setdefault(work.cut.unit, set()).add(id_)
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


def list_unmet(gone: Collection[str], met: Collection[str]) -> list[str]:
    """Return those of the planned paths of which no tree held anything; `met`: entries that did."""
    there = {*met, *(f"{path.rpartition('/')[0]}/{stem_of(path)}" for path in met)}
    return sorted(set(gone) - there)


def stem_of(path: str) -> str:
    """Return the name of a file without its endings."""
    return path.rpartition("/")[2].partition(".")[0]
