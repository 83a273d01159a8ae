"""The clean room: a suspect's objects looked at from an empty repository of our own.

Invariants: git never runs inside the suspect, so none of its configuration, hooks, attributes or
replacements is obeyed, and it may belong to anybody; nothing is written there. A suspect that
borrows objects elsewhere is refused before it is opened. The index of a work tree is read from its
own bytes (git only joins a split one, from copies) and never believed: who asks has hashed the
files. What `git fsck` prints is read so that a damaged object is one fault, not also a missing one,
and an exit code other than 0 never yields nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from papka.core.errors import GitFailed, Refused
from papka.repository.commit_snapshots import list_tracked, parse_raw_diff
from papka.repository.git_values import (
    ID,
    ID_BYTES,
    FileChange,
    GitIndex,
    IndexEntry,
    Naming,
    ObjectFault,
    Stamp,
    StoreFacts,
    TrackedFile,
    new_digest,
)
from papka.repository.objects import Objects
from papka.repository.points import resolve
from papka.repository.runner import feed, open_git, run_git
from papka.repository.store import Store, borrow_objects, find_borrowed, find_naming, read_bytes

_PACK = re.compile(f"pack-{ID}")
_LOOSE = re.compile(r"objects/(?P<a>[0-9a-f]{2})/(?P<b>[0-9a-f]{62}|[0-9a-f]{38})\b")
_CORRUPT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<id>{ID}): (?P<what>object corrupt or missing|object could not be parsed)",
        rf"error: packed (?P<id>{ID}) from .* is (?P<what>corrupt)",
        rf"cannot (?P<what>unpack) (?P<id>{ID}) from",
        rf"error in (?:blob|tree|commit|tag) (?P<id>{ID}): (?P<what>.*)",
    )
)
_MISSING = tuple(
    re.compile(pattern)
    for pattern in (
        rf"missing (?P<what>blob|tree|commit|tag) (?P<id>{ID})",
        rf"(?P<id>{ID}): (?P<what>object missing|invalid sha1 pointer.*)",
        rf"(?P<what>Could not read) (?P<id>{ID})",
    )
)
_PLAINLY = {
    "blob": "это содержимое файла",
    "tree": "это папка",
    "commit": "это сохранение",
    "tag": "это метка",
    "object corrupt or missing": "не читается",
    "object could not be parsed": "не складывается в объект git",
    "object missing": "на него указывает ссылка",
    "corrupt": "содержимое не то",
    "unpack": "не распаковывается",
    "Could not read": "не читается",
}
"""git's own words, where people know plainer ones."""
_BROKEN_SUM = re.compile(r"(?:checksum|hash) mismatch")
_HARMLESS = re.compile(r"dangling |unreachable |notice: |warning in |Checking |Verifying |\s*$")


def read_fsck(code: int, lines: Iterable[str]) -> list[ObjectFault]:
    """Read the output of `git fsck`: packs first, each object once; [] only when it found nothing.

    An unknown line is a fault only when there is no other.
    """
    packs: dict[str, str] = {}
    corrupt: dict[str, str] = {}
    missing: dict[str, str] = {}
    other: list[str] = []
    for line in lines:
        if _HARMLESS.match(line):
            continue
        pack, loose = _PACK.search(line), _LOOSE.search(line)
        if pack is not None:
            is_sum = _BROKEN_SUM.search(line)
            packs.setdefault(
                pack[0], "контрольная сумма не сходится" if is_sum else first_line(line)
            )
        if "hash-path mismatch" in line and loose is not None:
            corrupt.setdefault(loose["a"] + loose["b"], "содержимое другого объекта")
        elif not (
            _record_match(corrupt, _CORRUPT, line) or _record_match(missing, _MISSING, line) or pack
        ):
            other.append(first_line(line))
    found = [ObjectFault("pack", name, detail) for name, detail in sorted(packs.items())]
    found += [ObjectFault("corrupt", id_, what) for id_, what in sorted(corrupt.items())]
    found += [
        ObjectFault("missing", id_, what)
        for id_, what in sorted(missing.items())
        if id_ not in corrupt
    ]
    if code and not found:
        found.append(ObjectFault("corrupt", "", "; ".join(other) or f"git fsck: код {code}"))
    return found


def count_unreachable(lines: Iterable[str]) -> int:
    """Count the objects that none of the tips given to fsck leads to."""
    return sum(line.startswith("unreachable ") for line in lines)


def _record_match(into: dict[str, str], patterns: Iterable[re.Pattern[str]], line: str) -> bool:
    for pattern in patterns:
        match = pattern.search(line)
        if match is not None:
            into.setdefault(match["id"], _PLAINLY.get(match["what"], match["what"]))
            return True
    return False


def first_line(text: str) -> str:
    """Return the first line, without folders of this machine."""
    first = next(iter(text.strip().splitlines()), "")
    return re.sub(r"\S*/objects/", "objects/", first)


HELPERS = {
    "info/commit-graph": "commit-graph",
    "info/commit-graphs/commit-graph-chain": "commit-graph",
    "pack/multi-pack-index": "multi-pack-index",
}
"""Files beside the objects that repeat their content, and the command that compares."""
_PLAIN_REF = re.compile(r"refs(?:/(?![.-])[A-Za-z0-9._-]+)+", re.ASCII)
_PLAIN_HEAD = re.compile(rf"ref: {_PLAIN_REF.pattern}|{ID}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CleanRoom:
    """An open clean room. `folder`: our own bare repository; `suspect`: the folder of objects it
    sees, None when there are several; `stored`: id of a commit as it was signed -> its id in the
    store, of those that an act of destruction rewrote."""

    folder: Path
    suspect: Path | None = None
    stored: Mapping[str, str] = field(default_factory=dict)

    @property
    def naming(self) -> Naming:
        """How the objects that it sees are named."""
        return find_naming(self.folder)

    def objects(self) -> Objects:
        return Objects(self.folder)

    def likely_commits(self, tips: Sequence[str]) -> list[str]:
        """List the ids git takes for the history, newest first: only a hint what to read in bulk,
        for a commit-graph may lie."""
        try:
            ran = run_git("rev-list", *tips, folder=self.folder, accepted=(0, 1, 128))
        except GitFailed:
            return []
        return ran.text.split()

    def files(self, commit: str, below: Sequence[str] = ()) -> dict[str, TrackedFile]:
        """List every path of a commit, or below these files and folders of it, links and submodules
        included; raises GitFailed."""
        return dict(list_tracked(self.folder, self.stored.get(commit, commit), below))

    def names(self, commit: str, folder: str) -> list[str]:
        """List the names directly in a folder of a commit; `folder` ends in "/", "" is the top."""
        ran = run_git(
            "ls-tree", "-z", "--name-only", "--full-tree", self.stored.get(commit, commit),
            *([folder] if folder else []), folder=self.folder,
        )  # fmt: skip
        paths = ran.output.decode("utf-8", "surrogateescape").split("\0")[:-1]
        return [path.removeprefix(folder) for path in paths]

    def sizes(self, ids: Collection[str]) -> dict[str, int]:
        """Return the sizes in bytes of those objects that are there, without reading them."""
        given = "".join(f"{id_}\n" for id_ in ids).encode()
        if not given:
            return {}
        ran = run_git("cat-file", "--batch-check", "--buffer", folder=self.folder, given=given)
        lines = (line.split(" ") for line in ran.text.splitlines())
        return {words[0]: int(words[2]) for words in lines if len(words) == 3}

    def changes(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[FileChange, ...] | None]:
        """Compare pairs of trees (before, after); None where a tree is lost.

        One process does all, and one more after each loss.
        """
        at = 0
        while at < len(pairs):
            found, is_whole = self._diff(pairs[at:])
            if is_whole:
                yield from found
                return
            sure = max((n + 1 for n, each in enumerate(found) if each), default=0)
            yield from found[:sure]
            at += sure
            while at < len(pairs):  # those that git passes over in silence, and the lost one
                [one], is_whole = self._diff(pairs[at : at + 1])
                yield one if is_whole else None
                at += 1
                if not is_whole:
                    break

    def _diff(
        self, pairs: Sequence[tuple[str, str]]
    ) -> tuple[list[tuple[FileChange, ...] | None], bool]:
        """Run diff-tree once; also return whether it came to the end.

        git passes in silence over a pair whose own tree is lost, as over an equal one: it dies only
        of folders lost inside them.
        """
        options = ("diff-tree", "--stdin", "-r", "--raw", "-z", "--no-abbrev", "--no-renames")
        with open_git(*options, folder=self.folder) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            feeding = feed(process.stdin, (f"{a} {b}\n".encode() for a, b in pairs))
            output = process.stdout.read()
            feeding.join()
            is_whole = process.wait() == 0
        found = zip(_split_by_pair(output, pairs), pairs, strict=True)
        return [each if each or a == b else None for each, (a, b) in found], is_whole

    def ignored(self, paths: Sequence[str], rules: Mapping[str, bytes]) -> set[str]:
        """Return those of `paths` that these `.gitignore` files (path -> bytes) leave out."""
        if not paths or not any(rules.values()):
            return set()
        tree = Path(tempfile.mkdtemp(prefix="papka-tree-", dir=self.folder))
        for path, data in rules.items():
            place = tree / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        ran = run_git(
            "check-ignore", "-z", "--stdin", "--no-index", folder=tree, accepted=(0, 1),
            given=b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths),
            variables={
                "GIT_DIR": str(self.folder),
                "GIT_WORK_TREE": str(tree),
                "GIT_LITERAL_PATHSPECS": "0",  # check-ignore refuses to run with it
            },
        )  # fmt: skip
        return {p.decode("utf-8", "surrogateescape") for p in ran.output.split(b"\0")[:-1]}

    def check(self, tips: Collection[str]) -> list[ObjectFault]:
        """Run `git fsck` on every object and on all that the tips need."""
        return self.check_all(tips)[0]

    def check_all(
        self, tips: Collection[str], kept: Collection[str] = ()
    ) -> tuple[list[ObjectFault], int]:
        """Do the same, and count the objects that nothing leads to, no tip and none of `kept`,
        which need not be there: 0 for a damaged store, where what is lost leads nowhere."""
        tips = {*tips, *self.sizes(kept)}
        faults, left = self._fsck(tips)
        if faults:  # read once more: a cable or a sleepy disk must not cry wolf
            faults, left = self._fsck(tips)
        return [*faults, *self._check_helpers()], 0 if faults else left

    def _check_helpers(self) -> Iterator[ObjectFault]:
        """Verify the files that only speed git up; no other command of ours believes them."""
        if self.suspect is None:
            return
        place = f"--object-dir={self.suspect.resolve()}"
        for file, command in HELPERS.items():
            if not os.path.lexists(self.suspect / file):
                continue
            ran = run_git(
                command, "verify", place, "--no-progress", folder=self.folder,
                config=("core.multiPackIndex=true",), accepted=range(-64, 256),
            )  # fmt: skip
            if ran.code:
                yield ObjectFault("graph", f"objects/{file}", first_line(ran.trouble))

    def _fsck(self, tips: Collection[str]) -> tuple[list[ObjectFault], int]:
        ran = run_git(
            "fsck", "--full", "--strict", "--unreachable", "--no-progress", "--no-reflogs",
            *sorted(tips), folder=self.folder, accepted=range(-64, 256),
            # Other programs read a mode that git shows as 100644 in their own ways.
            config=("fsck.badFilemode=error",),
        )  # fmt: skip
        lines = [*ran.text.splitlines(), *ran.trouble.splitlines()]
        return read_fsck(ran.code, lines), count_unreachable(lines)


@contextmanager
def clean_room(store: Store) -> Iterator[CleanRoom]:
    """Open a room for a store; raises Refused when the store borrows objects elsewhere."""
    if find_borrowed(store):
        raise Refused("Хранилище берёт объекты из другого хранилища, проверять его нельзя")
    with empty_repository(store.objects) as folder:
        yield CleanRoom(folder, store.objects)


@contextmanager
def empty_repository(*objects: Path) -> Iterator[Path]:
    """Make a bare repository of our own that sees these folders of objects, and remove it."""
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        borrow_objects(Path(name), *objects)
        yield Path(name)


def resolve_in(store: Store, facts: StoreFacts, point: str, tip: str = "HEAD") -> str:
    """Resolve a point of history (id, tag, branch) in a store; raises NotFound.

    The store's refs are copied into a room of their own, those with plain names only: the room
    where objects are checked has none.
    """
    with empty_repository(store.objects) as folder:
        refs = sorted((ref, id_) for ref, id_ in facts.refs.items() if _PLAIN_REF.fullmatch(ref))
        packed = "".join(f"{id_} {ref}\n" for ref, id_ in refs)
        (folder / "packed-refs").write_text(packed, encoding="ascii")
        if _PLAIN_HEAD.fullmatch(facts.head):
            (folder / "HEAD").write_text(facts.head + "\n", encoding="ascii")
        return resolve(folder, point, tip)


def _split_by_pair(
    output: bytes, pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[FileChange, ...]]:
    """Cut diff-tree's answer at the repeated pairs; equal trees have no part in it."""
    parts = output.split(b"\0")
    at = 0
    for before, after in pairs:
        heading = f"{before} {after}\n".encode()
        mine: list[bytes] = []
        if at < len(parts) and parts[at].startswith(heading):
            parts[at] = parts[at][len(heading) :]
            while at + 1 < len(parts) and parts[at].startswith(b":"):
                mine += parts[at : at + 2]
                at += 2
        yield tuple(parse_raw_diff(mine))


_HEADER = struct.Struct(">4sLL")
_ENTRIES: Mapping[Naming, struct.Struct] = {
    naming: struct.Struct(f">LLLLLLLLLL{size}sH") for naming, size in ID_BYTES.items()
}
_ASSUMED, _LONG, _SKIPPED = 0x8000, 0x4000, 0x4000
_STAGE = 0x3000
_PREFIXED = 4
"""The version that writes each name as its difference from the one before."""
_ASSUME = "в индексе помечен «считать неизменным» (assume-unchanged)"
_SKIP = "в индексе помечен «не брать в папку» (skip-worktree)"


class _Broken(ValueError):
    """The bytes are no index; the text says what is wrong."""


def read_index(own: Path, room: CleanRoom) -> GitIndex:
    """Read the index of the work tree whose git folder is `own`; empty when it has none."""
    file = own / "index"
    if not os.path.lexists(file):
        return GitIndex({})
    data = read_bytes(file)
    try:
        naming = room.naming
        _refuse_altered(data, naming)
        if _is_split(data, naming):
            data = _join_split(own, room)
        entries = {
            name.decode("utf-8", "surrogateescape"): each
            for name, each, _ in _iter_entries(data, naming)
        }
        return GitIndex(entries, file.stat().st_mtime_ns)
    except (_Broken, struct.error, IndexError, ValueError) as error:
        known = isinstance(error, _Broken)
        return GitIndex({}, fault=str(error) if known else "он обрывается посреди записи")
    except (GitFailed, OSError):
        return GitIndex({}, fault="его вторую часть (sharedindex) не прочесть")


def _refuse_altered(data: bytes, naming: Naming) -> None:
    size = ID_BYTES[naming]
    if len(data) < _HEADER.size + size:
        raise _Broken("он короче самого короткого")
    written = data[-size:]
    # git may be set to leave the sum out; zeros stand there then.
    if any(written) and new_digest(naming, data[:-size]).digest() != written:
        raise _Broken("контрольная сумма не сходится")


def _is_split(data: bytes, naming: Naming) -> bool:
    """Whether another file holds part of the entries: then an extension "link" follows them."""
    at = _HEADER.size
    for _, _, end in _iter_entries(data, naming):
        at = end
    while at + 8 <= len(data) - ID_BYTES[naming]:
        name, size = struct.unpack_from(">4sL", data, at)
        if name == b"link":
            return True
        at += 8 + size
    return False


def _join_split(own: Path, room: CleanRoom) -> bytes:
    """Join a split index from copies of both halves in the clean room."""
    copy = room.folder / "papka-index"
    for shared in own.glob("sharedindex.*"):
        if shared.is_file():
            shutil.copy(shared, room.folder / shared.name)
    shutil.copy2(own / "index", copy)
    run_git(
        "update-index", "--no-split-index", "--index-version=2", folder=room.folder,
        variables={"GIT_INDEX_FILE": str(copy)},
    )  # fmt: skip
    return copy.read_bytes()


def _iter_entries(data: bytes, naming: Naming) -> Iterator[tuple[bytes, IndexEntry, int]]:
    """Yield each entry's path, its value, and where the next one begins."""
    magic, version, count = _HEADER.unpack_from(data)
    if magic != b"DIRC" or version not in (2, 3, 4):
        raise _Broken("это не индекс git")
    entry = _ENTRIES[naming]
    at, name = _HEADER.size, b""
    for _ in range(count):
        start = at
        fields = entry.unpack_from(data, at)
        flags, extended = fields[11], 0
        at += entry.size
        if flags & _LONG:
            (extended,) = struct.unpack_from(">H", data, at)
            at += 2
        kept = 0
        if version == _PREFIXED:
            cut, at = _read_varint(data, at)
            kept = len(name) - cut
        end = data.index(b"\0", at)
        name = name[:kept] + data[at:end]
        # Up to version 3 an entry is filled with zeros to a multiple of eight bytes.
        at = end + 1 if version == _PREFIXED else start + (end - start + 8) // 8 * 8
        mark = _SKIP if extended & _SKIPPED else _ASSUME if flags & _ASSUMED else ""
        stamp = Stamp(fields[2] * 1_000_000_000 + fields[3], fields[9])
        id_ = "" if flags & _STAGE else fields[10].hex()
        yield name, IndexEntry(id_, stamp, mark), at


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Read git's number of variable length; return it and where it ends."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1


def stamp(root: Path, path: str) -> Stamp | None:
    """Return when a file was changed and its size; None when it is not there."""
    try:
        found = (root / path).lstat()
    except OSError:
        return None
    return Stamp(found.st_mtime_ns, found.st_size)
