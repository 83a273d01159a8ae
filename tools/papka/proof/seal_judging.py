"""Judges seals: how each came into history, its text, its signature, and the content under it.

Invariants: a seal comes by a commit of its own and is there for good. Everything that is wrong is
reported, not only the first. Its key must be a head's in the sealed commit and the one that signed
the seal's own commit, so that taking a key away is judged once, by the order of commits. A digest
follows from content alone; what cannot be sealed (an odd name, a link, a lost file) has no digest
and so equals nothing.

Anchors: each thing given from paper must match something here, or it is reported, unless the
history has lost its beginning, which is reported as what it is. A sound seal that paper names
vouches for the whole history before it, so for the first commit too; a head's later key vouches for
nothing, for public keys are public and a forger may list them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from papka.core.findings import Finding, Location
from papka.core.places import (
    ENDINGS,
    LIST,
    SEALS,
    SIGNATURE,
    TEXT,
    TRUST,
    is_plain,
    is_plain_mode,
    read_seal_file,
    seal_file,
    unit,
    unit_folder,
)
from papka.core.snapshot import Snapshot, bytes_of
from papka.proof import verify_codes
from papka.proof.anchors import (
    ANCHOR_MISMATCH,
    ANCHOR_NOT_GIVEN,
    SEAL_BAD_SIGNATURE,
    SEAL_CHAIN_BROKEN,
    SEAL_DIGEST_MISMATCH,
    SEAL_KEPT,
    SEAL_MISSING,
    SEAL_MOVED,
    SEAL_NOT_IN_HISTORY,
    SEAL_OTHER_NAMES,
    SEAL_UNREADABLE,
    Anchors,
    BadSeal,
    Seal,
    SealText,
    read_seal,
)
from papka.proof.chronicle import Chronicle, HistoryStep
from papka.proof.ssh_signatures import Altered, UnreadableSignature, read
from papka.proof.trusted_keys import SEAL
from papka.repository.git_values import TREE, FileChange, TreeEntry, naming_of

_FOLDER = f"{SEALS}/"


@dataclass(frozen=True, slots=True)
class PlacedSeal:
    """A seal as the commit of `step` brought it. `files`: ending -> blob id."""

    number: int
    step: HistoryStep
    files: Mapping[str, str]


def placed_seals(steps: Sequence[HistoryStep]) -> tuple[PlacedSeal, ...]:
    """List every seal ever added, oldest first: it counts from the commit that added its text."""
    found: list[PlacedSeal] = []
    for step in steps:
        added: dict[int, dict[str, str]] = {}
        for change in step.changes:
            file = read_seal_file(change.path)
            if file is not None and change.added:
                added.setdefault(file[0], {})[file[1]] = change.new_id
        found += [PlacedSeal(n, step, files) for n, files in added.items() if TEXT in files]
    return tuple(found)


def only_added(chronicle: Chronicle) -> Iterator[Finding]:
    """Report whatever was done to seals besides adding each by a commit of its own."""
    yield from judge_places(chronicle.steps)


def judge_places(steps: Sequence[HistoryStep]) -> Iterator[Finding]:
    """Report the same of `steps`, which need not begin with the root."""
    for step in steps:
        touched = [change for change in step.changes if change.path.startswith(_FOLDER)]
        yield from _judge_touched(step, touched)


def judge_numbers(steps: Sequence[HistoryStep]) -> Iterator[Finding]:
    """Report seals that are not there whole in the end; `steps` begin with the root."""
    there: set[str] = set()
    for step in steps:
        for change in step.changes:
            if change.path.startswith(_FOLDER):
                (there.discard if change.deleted else there.add)(change.path)
    numbers = {file[0] for path in there if (file := read_seal_file(path))}
    for number in range(1, max(numbers, default=0) + 1):
        files = (seal_file(number, ending) for ending in ENDINGS)
        lost = [path.rpartition("/")[2] for path in files if path not in there]
        if lost:
            where = Location(seal_file(number, TEXT))
            yield SEAL_MISSING.at(where, number=f"{number:04}", what=", ".join(lost))


def judge_seal_changes(before: Snapshot, changes: Mapping[str, bytes | None]) -> Iterator[Finding]:
    """Report what `verify` would find wrong with changing seals, before a commit is made."""
    touched = [path for path in changes if path.startswith(_FOLDER)]
    numbers = {file[0] if (file := read_seal_file(path)) else 0 for path in touched}
    is_one = numbers != {0} and len(numbers) == 1 and len(changes) == len(ENDINGS)
    for path in touched:
        if not is_one or changes[path] is None or bytes_of(before, path) is not None:
            yield SEAL_KEPT.at(Location(path), path=path)


def _judge_touched(step: HistoryStep, touched: Sequence[FileChange]) -> Iterator[Finding]:
    numbers: set[str] = set()
    for change in touched:
        where = Location(change.path, commit=step.commit.id)
        file = read_seal_file(change.path)
        number = f"{file[0]:04}" if file else "?"
        if file is None and not change.deleted:
            what = "в папке пломб посторонний файл"
            yield SEAL_MOVED.at(where, number=number, detail=what)
        elif change.deleted:
            name = change.path.rpartition("/")[2]
            yield SEAL_MISSING.at(where, number=number, what=f"{name}, его убрали")
        elif not change.added:
            yield SEAL_MOVED.at(where, number=number, detail="её файл изменён потом")
        else:
            numbers.add(number)
    if not numbers:
        return
    where = Location(touched[0].path, commit=step.commit.id)
    number = min(numbers)
    if len(numbers) > 1:
        detail = f"одним сохранением добавлены сразу {', '.join(sorted(numbers))}"
        yield SEAL_MOVED.at(where, number=number, detail=detail)
    beside = [change.path for change in step.changes if not change.path.startswith(_FOLDER)]
    if beside:
        detail = f"тем же сохранением изменено и другое ({beside[0]})"
        yield SEAL_MOVED.at(where, number=number, detail=detail)


_DEEPEST = 64
"""Folders in folders; an archive has eight. Deeper ones are made to exhaust who reads them."""

Trees = Mapping[str, Sequence[TreeEntry]]
"""Entries of every tree by its id."""


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a commit as a seal lists it. `lines`: path -> digest in hex, "" where there
    can be none; `trust`: the digest of `records/trust/`; `destroyed`: paths without a digest
    because an act destroyed what lay there since."""

    lines: Mapping[str, str]
    trust: str
    destroyed: frozenset[str] = frozenset()


class Digests:
    """Digests of the content of many commits; equal folders are digested once."""

    def __init__(
        self, trees: Trees, blobs: Mapping[str, str], destroyed: Collection[str] = ()
    ) -> None:
        """`blobs`: SHA-256 in hex by blob id; `destroyed`: units destroyed by acts. A tree or blob
        that is not there is lost."""
        self._trees = trees
        self._blobs = blobs
        self._destroyed = destroyed
        self._folders: dict[str, str] = {}

    def content(self, tree: str) -> Content:
        """Return the content of the commit with this tree."""
        lines = dict(self._list_lines(tree, ""))
        at: str | None = tree
        for name in TRUST.split("/"):
            entries = self._trees.get(at, ()) if at else ()
            at = next((e.id for e in entries if e.name == name and e.mode == TREE), None)
        gone = (path for path, digest in lines.items() if not digest and self._is_gone(path))
        return Content(lines, self._digest_folder(at) if at else "", frozenset(gone))

    def _is_gone(self, path: str) -> bool:
        return path in self._destroyed or unit(path) in self._destroyed

    def _list_lines(self, tree: str, prefix: str) -> Iterator[tuple[str, str]]:
        if tree not in self._trees or prefix.count("/") > _DEEPEST:
            yield prefix.removesuffix("/"), ""
            return
        for entry in self._trees[tree]:
            path = prefix + entry.name
            if entry.mode == TREE and unit_folder(path) == path:
                yield path, self._digest_folder(entry.id) if is_plain(path) else ""
            elif entry.mode == TREE:
                yield from self._list_lines(entry.id, f"{path}/")
            else:
                yield path, self._digest_file(path, entry)

    def _digest_folder(self, tree: str) -> str:
        """Digest the folder as coreutils do (`provenance.folder_digest`); "" when a file in it has
        none."""
        if tree not in self._folders:
            files = sorted(self._list_files(tree, "./"))
            self._folders[tree] = ""
            if all(digest for _, digest in files):
                text = "".join(f"{digest}  {path}\n" for path, digest in files)
                self._folders[tree] = hashlib.sha256(text.encode()).hexdigest()
        return self._folders[tree]

    def _list_files(self, tree: str, prefix: str) -> Iterator[tuple[str, str]]:
        if tree not in self._trees or prefix.count("/") > _DEEPEST:
            yield prefix, ""
            return
        for entry in self._trees[tree]:
            path = prefix + entry.name
            if entry.mode == TREE:
                yield from self._list_files(entry.id, f"{path}/")
            else:
                yield path, self._digest_file(path, entry)

    def _digest_file(self, path: str, entry: TreeEntry) -> str:
        if not is_plain(path) or not is_plain_mode(path, entry.mode):
            return ""
        return self._blobs.get(entry.id, "")


_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NAMED = 5
"""So many odd paths are named in a finding."""


@dataclass(frozen=True, slots=True)
class Given:
    """A seal as found. `files`: ending -> bytes, without lost ones; `content`: that of the commit
    it was put on; `before`: number and digest of the seal before."""

    placed: PlacedSeal
    files: Mapping[str, bytes]
    content: Content
    before: tuple[int, str]

    @property
    def name(self) -> str:
        return f"{self.placed.number:04}"

    @property
    def where(self) -> Location:
        path = seal_file(self.placed.number, TEXT)
        return Location(path, commit=self.placed.step.commit.id)


def judge_seal(given: Given, known: Collection[str]) -> tuple[SealText | None, list[Finding]]:
    """Judge one seal; return its text, None when it cannot be read, and the findings.

    `known`: ids of the commits of this history.
    """
    where, name = given.where, given.name
    lost = [name + ending for ending in ENDINGS if ending not in given.files]
    found: list[Finding] = []
    if lost:
        found.append(SEAL_MISSING.at(where, number=name, what=", ".join(lost)))
    try:
        text = read_seal(given.files.get(TEXT, b""))
    except BadSeal as error:
        return None, [*found, SEAL_UNREADABLE.at(where, number=name, detail=error)]
    found += _judge_place(given, text, known)
    found += _judge_chain(given, text)
    if SIGNATURE in given.files:
        files = given.files
        detail = _explain_signature(files[SIGNATURE], files[TEXT], given.placed.step)
        if detail:
            found.append(SEAL_BAD_SIGNATURE.at(where, number=name, detail=detail))
    found += _judge_content(given, text)
    return text, found


def _judge_place(given: Given, text: SealText, known: Collection[str]) -> Iterator[Finding]:
    commit = given.placed.step.commit
    if naming_of(text.head) != naming_of(commit.id):
        yield SEAL_OTHER_NAMES.at(given.where, number=given.name)
    elif text.head not in known:
        yield SEAL_NOT_IN_HISTORY.at(given.where, number=given.name, head=text.head)
    elif commit.parents != (text.head,):
        detail = f"опломбировано сохранение {text.head}, а стоит пломба не за ним"
        yield SEAL_MOVED.at(given.where, number=given.name, detail=detail)
    made = commit.committer.moment.date()
    if abs(text.date - made) > dt.timedelta(days=1):
        detail = f"день пломбы {text.date:%d.%m.%Y}, а сохранение сделано {made:%d.%m.%Y}"
        yield SEAL_MOVED.at(given.where, number=given.name, detail=detail)


def _judge_chain(given: Given, text: SealText) -> Iterator[Finding]:
    number, digest = given.before
    faults = []
    if text.number != given.placed.number:
        faults.append(f"в тексте стоит номер {text.number:04}")
    if given.placed.number != number + 1:
        faults.append(f"перед ней № {number:04}" if number else "перед ней нет ни одной")
    if text.previous != digest:
        faults.append("контрольная сумма предыдущей пломбы не та")
    for detail in faults:
        yield SEAL_CHAIN_BROKEN.at(given.where, number=given.name, detail=detail)


def _explain_signature(armored: bytes, text: bytes, step: HistoryStep) -> str:
    """Say why the signature is not accepted; empty when it is."""
    try:
        signature = read(armored.decode("ascii"))
    except UnicodeDecodeError:
        return "это не подпись ssh"
    except (UnreadableSignature, Altered) as error:
        return str(error)
    if signature.namespace != SEAL.encode():
        return "она сделана не для пломбы"
    if not signature.covers(text):
        return "она не подходит к тексту пломбы"
    entry = step.trust.get(signature.key)
    if entry is None:
        return f"ключу {signature.key.fingerprint} в опломбированном сохранении никто не доверял"
    if not entry.is_head:
        return f"{entry.staff} — не руководитель"
    if step.verdict.key != signature.key.fingerprint:
        return "сохранение, в котором она появилась, подписано другим ключом"
    return ""


def _judge_content(given: Given, text: SealText) -> Iterator[Finding]:
    name = given.name

    def wrong(what: str, paths: Collection[str] = ()) -> Finding:
        related = [Location(path, commit=text.head) for path in paths]
        return SEAL_DIGEST_MISMATCH.at(given.where, number=name, what=what, related=related)

    if text.trust != given.content.trust:
        yield wrong("папка доверенных ключей другая")
    if LIST not in given.files:
        return
    data = given.files[LIST]
    if hashlib.sha256(data).hexdigest() != text.listed:
        yield wrong(f"список {name}{LIST} другой")
    count = data.count(b"\n")
    if count != text.units:
        yield wrong(f"в списке строк {count}, а не {text.units}")
    listed = {line[66:]: line[:64] for line in data.decode("utf-8", "replace").split("\n")}
    # What an act destroyed is compared no more: its line is known by its path alone.
    known = {path: _known_digest(listed, path) for path in given.content.destroyed}
    content = {**given.content.lines, **known}
    due = [f"{digest}  {path}" for path, digest in sorted(content.items())]
    lines = data.decode("utf-8", "replace").removesuffix("\n").split("\n")
    if lines == due and data.endswith(b"\n"):
        return
    odd = sorted({_describe_line(line) for line in {*lines} ^ {*due}})
    shown = ", ".join(odd[:_NAMED]) or "порядок строк списка"
    more = f" и ещё {len(odd) - _NAMED}" if len(odd) > _NAMED else ""
    yield wrong(f"не сходится {shown}{more}", odd)


def _known_digest(listed: Mapping[str, str], path: str) -> str:
    digest = listed.get(path, "")
    return digest if _DIGEST.fullmatch(digest) else ""


def _describe_line(line: str) -> str:
    """Return the path in a line of the list, without signs that a terminal would obey."""
    path = line.partition("  ")[2] or line
    return path.encode("ascii", "backslashreplace").decode()


def judge_anchors(
    steps: Sequence[HistoryStep], seals: Sequence[Seal], anchors: Anchors
) -> Iterator[Finding]:
    """Report anchors that match nothing here, a root no anchor vouches for, and a seal not compared
    with paper. `seals`: as judged, with `is_anchored` set."""
    roots = [step for step in steps if step.is_root]
    met = met_anchors(steps, seals, anchors)
    for what, given, known in (
        ("отпечаток ключа", anchors.keys, met.keys),
        ("контрольная сумма пломбы", anchors.seals, met.seals),
        ("номер первого сохранения", anchors.roots, met.roots),
    ):
        for each in sorted(given - known) if roots else ():
            where = Location(commit=roots[0].commit.id)
            yield ANCHOR_MISMATCH.at(where, what=what, given=each)
    is_ours = met.keys or met.roots or any(seal.is_anchored for seal in seals)
    if not is_ours and met == anchors:  # else what does not fit is reported already
        for step in roots:
            key = step.verdict.key or "неизвестный"
            yield verify_codes.ROOT_UNANCHORED.at(Location(commit=step.commit.id), key=key)
    if seals and not anchors.seals:
        last = seals[-1]
        yield ANCHOR_NOT_GIVEN.at(
            Location(seal_file(last.number, TEXT)),
            number=last.name,
            date=f"{last.date:%d.%m.%Y}",
            shape="…… 8 групп по 8 знаков ……",
        )


def met_anchors(steps: Sequence[HistoryStep], seals: Sequence[Seal], anchors: Anchors) -> Anchors:
    """Return those of `anchors` that this history answers to."""
    roots = [step for step in steps if step.is_root]
    first = anchors.keys & {step.verdict.key for step in roots}
    begun = {step.commit.id for step in roots}
    # Where commits are named by SHA-256, 64 digits from paper may be either.
    ids = (anchors.roots | anchors.seals) & begun
    digests = anchors.seals & ({seal.digest for seal in seals} | begun)
    is_ours = bool(first or ids or any(seal.is_anchored for seal in seals))
    return Anchors(
        first | (anchors.keys & _list_head_keys(steps) if is_ours else set()), digests, ids
    )


def _list_head_keys(steps: Sequence[HistoryStep]) -> set[str]:
    """Return the fingerprints of all keys that were ever a head's."""
    trusts = {id(step.trust): step.trust for step in steps}
    return {e.key.fingerprint for trust in trusts.values() for e in trust.values() if e.is_head}
