"""Where seals came into history: each by a commit of its own, and there for good.

Absent on purpose: what seals say (`seal_judging`).

What a commit holds, digested as a seal lists it: from trees and blobs, each counted once.

Invariants: a digest follows from content alone, so equal folders of two seals are digested once
however many seals there are; what cannot be sealed (an odd name, a link, a lost file) has no digest
and so equals nothing. Absent on purpose: reading. Trees and digests of blobs are given.

Judges one seal: its text, its place in the chain and in history, its signature, its content.

Invariants: everything that is wrong is told, not only the first; the key must be a head's in the
sealed commit and the one that signed the seal's own commit, so that taking a key away is judged
once, by the order of commits. Absent on purpose: reading.

Whose archive this is: what was kept outside it against its first commit and its seals.

Invariants: each thing given must meet something here, or it is told, unless the history has lost
its beginning, which is told as what it is; a sound seal that paper names
vouches for the whole history before it, and so for the first commit; a head's later key vouches for
nothing by itself, for public keys are public and a forger may list them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
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
    unit_folder,
)
from papka.core.snapshot import Snapshot
from papka.proof import anchors as proof_anchors
from papka.proof import verify_codes
from papka.proof.anchors import Anchors, BadSeal, Seal, SealText, read_seal
from papka.proof.chronicle import Chronicle, Step
from papka.proof.ssh_signatures import Altered, Unreadable, read
from papka.proof.trusted_keys import SEAL
from papka.repository.git_values import TREE, Change, TreeEntry

_FOLDER = f"{SEALS}/"


@dataclass(frozen=True, slots=True)
class Placed:
    """A seal as its commit `step` brought it: ending -> blob id of each of its files."""

    number: int
    step: Step
    files: Mapping[str, str]


def placed_seals(steps: Sequence[Step]) -> tuple[Placed, ...]:
    """Every seal that ever came, oldest first: by the commit that added its text."""
    found: list[Placed] = []
    for step in steps:
        added: dict[int, dict[str, str]] = {}
        for change in step.changes:
            file = read_seal_file(change.path)
            if file is not None and change.added:
                added.setdefault(file[0], {})[file[1]] = change.new_id
        found += [Placed(n, step, files) for n, files in added.items() if TEXT in files]
    return tuple(found)


def only_added(chronicle: Chronicle) -> Iterator[Finding]:
    """What was done to seals besides adding each by a commit of its own."""
    yield from judge_places(chronicle.steps)


def judge_places(steps: Sequence[Step]) -> Iterator[Finding]:
    """The same of `steps`, which need not begin with the root."""
    for step in steps:
        touched = [change for change in step.changes if change.path.startswith(_FOLDER)]
        if touched:
            yield from _touched(step, touched)


def judge_numbers(steps: Sequence[Step]) -> Iterator[Finding]:
    """Numbers that are not there whole in the end, in a history told from its root."""
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
            yield proof_anchors.SEAL_MISSING.at(where, number=f"{number:04}", what=", ".join(lost))


def judge_seal_changes(before: Snapshot, changes: Mapping[str, bytes | None]) -> Iterator[Finding]:
    """What `verify` would say of changing these: asked before a commit is made."""
    touched = [path for path in changes if path.startswith(_FOLDER)]
    numbers = {file[0] if (file := read_seal_file(path)) else 0 for path in touched}
    is_one = numbers != {0} and len(numbers) == 1 and len(changes) == len(ENDINGS)
    for path in touched:
        if not is_one or changes[path] is None or _holds(before, path):
            yield proof_anchors.SEAL_KEPT.at(Location(path), path=path)


def _holds(snapshot: Snapshot, path: str) -> bool:
    try:
        snapshot.read(path)
    except KeyError:
        return False
    return True


def _touched(step: Step, touched: Sequence[Change]) -> Iterator[Finding]:
    numbers: set[str] = set()
    for change in touched:
        where = Location(change.path, commit=step.commit.id)
        file = read_seal_file(change.path)
        number = f"{file[0]:04}" if file else "?"
        if file is None and not change.deleted:
            what = "в папке печатей посторонний файл"
            yield proof_anchors.SEAL_MOVED.at(where, number=number, detail=what)
        elif change.deleted:
            name = change.path.rpartition("/")[2]
            yield proof_anchors.SEAL_MISSING.at(where, number=number, what=f"{name}, его убрали")
        elif not change.added:
            yield proof_anchors.SEAL_MOVED.at(where, number=number, detail="её файл изменён потом")
        else:
            numbers.add(number)
    if not numbers:
        return
    where = Location(touched[0].path, commit=step.commit.id)
    number = min(numbers)
    if len(numbers) > 1:
        detail = f"одной записью добавлены сразу {', '.join(sorted(numbers))}"
        yield proof_anchors.SEAL_MOVED.at(where, number=number, detail=detail)
    beside = [change.path for change in step.changes if not change.path.startswith(_FOLDER)]
    if beside:
        detail = f"той же записью изменено и другое ({beside[0]})"
        yield proof_anchors.SEAL_MOVED.at(where, number=number, detail=detail)


_DEEPEST = 64
"""Folders in folders; an archive has eight. Deeper ones are made to exhaust who reads them."""

Trees = Mapping[str, Sequence[TreeEntry]]
"""Entries of every tree by its id."""


@dataclass(frozen=True, slots=True)
class Content:
    """`lines`: what each line of the list must say, path -> digest in hex, empty where there can
    be none; `trust`: the digest of the folder of trust."""

    lines: Mapping[str, str]
    trust: str


class Digests:
    """Of many commits of one archive."""

    def __init__(self, trees: Trees, blobs: Mapping[str, str]) -> None:
        """`blobs`: SHA-256 in hex by blob id. A tree or blob that is not there is lost."""
        self._trees = trees
        self._blobs = blobs
        self._folders: dict[str, str] = {}

    def content(self, tree: str) -> Content:
        """Of the commit whose tree this is."""
        lines = dict(self._lines(tree, ""))
        at: str | None = tree
        for name in TRUST.split("/"):
            entries = self._trees.get(at, ()) if at else ()
            at = next((e.id for e in entries if e.name == name and e.mode == TREE), None)
        return Content(lines, self._folder(at) if at else "")

    def _lines(self, tree: str, prefix: str) -> Iterator[tuple[str, str]]:
        if tree not in self._trees or prefix.count("/") > _DEEPEST:
            yield prefix.removesuffix("/"), ""
            return
        for entry in self._trees[tree]:
            path = prefix + entry.name
            if entry.mode == TREE and unit_folder(path) == path:
                yield path, self._folder(entry.id) if is_plain(path) else ""
            elif entry.mode == TREE:
                yield from self._lines(entry.id, f"{path}/")
            else:
                yield path, self._file(path, entry)

    def _folder(self, tree: str) -> str:
        """As coreutils digest the folder (`folder_digest`); "" when something in it has none."""
        if tree not in self._folders:
            files = sorted(self._files(tree, "./"))
            self._folders[tree] = ""
            if all(digest for _, digest in files):
                text = "".join(f"{digest}  {path}\n" for path, digest in files)
                self._folders[tree] = hashlib.sha256(text.encode()).hexdigest()
        return self._folders[tree]

    def _files(self, tree: str, prefix: str) -> Iterator[tuple[str, str]]:
        if tree not in self._trees or prefix.count("/") > _DEEPEST:
            yield prefix, ""
            return
        for entry in self._trees[tree]:
            path = prefix + entry.name
            if entry.mode == TREE:
                yield from self._files(entry.id, f"{path}/")
            else:
                yield path, self._file(path, entry)

    def _file(self, path: str, entry: TreeEntry) -> str:
        if not is_plain(path) or not is_plain_mode(path, entry.mode):
            return ""
        return self._blobs.get(entry.id, "")


_NAMED = 5
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Given:
    """A seal as found: `files` are its bytes by ending (a lost one is not there); `content` is that
    of the commit it was put on; `before` is the seal before: its number and digest."""

    placed: Placed
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
    """What the seal says, None when it cannot be read, and what is wrong with it.

    `known`: ids of the commits of this history.
    """
    where, name = given.where, given.name
    lost = [name + ending for ending in ENDINGS if ending not in given.files]
    found = (
        [proof_anchors.SEAL_MISSING.at(where, number=name, what=", ".join(lost))] if lost else []
    )
    try:
        said = read_seal(given.files.get(TEXT, b""))
    except BadSeal as error:
        return None, [*found, proof_anchors.SEAL_UNREADABLE.at(where, number=name, detail=error)]
    found += _place(given, said, known)
    found += _chain(given, said)
    found += _signature(given)
    found += _content(given, said)
    return said, found


def _place(given: Given, said: SealText, known: Collection[str]) -> Iterator[Finding]:
    commit = given.placed.step.commit
    if said.head not in known:
        yield proof_anchors.SEAL_NOT_IN_HISTORY.at(given.where, number=given.name, head=said.head)
    elif commit.parents != (said.head,):
        detail = f"запечатана запись {said.head}, а стоит она не за ней"
        yield proof_anchors.SEAL_MOVED.at(given.where, number=given.name, detail=detail)
    made = commit.committer.moment.date()
    if abs(said.date - made) > _DAY:
        detail = f"день печати {said.date:%d.%m.%Y}, а запись сделана {made:%d.%m.%Y}"
        yield proof_anchors.SEAL_MOVED.at(given.where, number=given.name, detail=detail)


def _chain(given: Given, said: SealText) -> Iterator[Finding]:
    number, digest = given.before
    faults = []
    if said.number != given.placed.number:
        faults.append(f"в тексте стоит номер {said.number:04}")
    if given.placed.number != number + 1:
        faults.append(f"перед ней № {number:04}" if number else "перед ней нет ни одной")
    if said.previous != digest:
        faults.append("свёртка предыдущей печати не та")
    for detail in faults:
        yield proof_anchors.SEAL_CHAIN_BROKEN.at(given.where, number=given.name, detail=detail)


def _signature(given: Given) -> Iterator[Finding]:
    if SIGNATURE not in given.files:
        return
    detail = _fault(given.files[SIGNATURE], given.files[TEXT], given.placed.step)
    if detail:
        yield proof_anchors.SEAL_BAD_SIGNATURE.at(given.where, number=given.name, detail=detail)


def _fault(armored: bytes, text: bytes, step: Step) -> str:
    """Why the signature is not accepted; empty when it is."""
    try:
        signature = read(armored.decode("ascii"))
    except UnicodeDecodeError:
        return "это не подпись ssh"
    except (Unreadable, Altered) as error:
        return str(error)
    if signature.namespace != SEAL.encode():
        return "она сделана не для печати"
    if not signature.covers(text):
        return "она не подходит к тексту печати"
    entry = step.trust.get(signature.key)
    if entry is None:
        return f"ключу {signature.key.fingerprint} в запечатанной записи никто не доверял"
    if not entry.is_head:
        return f"{entry.staff} — не руководитель"
    if step.verdict.key != signature.key.fingerprint:
        return "запись, в которой она появилась, подписана другим ключом"
    return ""


def _content(given: Given, said: SealText) -> Iterator[Finding]:
    name = given.name

    def wrong(what: str, paths: Collection[str] = ()) -> Finding:
        related = [Location(path, commit=said.head) for path in paths]
        return proof_anchors.SEAL_DIGEST_MISMATCH.at(
            given.where, number=name, what=what, related=related
        )

    if said.trust != given.content.trust:
        yield wrong("папка доверенных ключей другая")
    if LIST not in given.files:
        return
    data = given.files[LIST]
    if hashlib.sha256(data).hexdigest() != said.listed:
        yield wrong(f"список {name}{LIST} другой")
    count = data.count(b"\n")
    if count != said.units:
        yield wrong(f"в списке строк {count}, а не {said.units}")
    due = [f"{digest}  {path}" for path, digest in sorted(given.content.lines.items())]
    lines = data.decode("utf-8", "replace").removesuffix("\n").split("\n")
    if lines == due and data.endswith(b"\n"):
        return
    odd = sorted({_path(line) for line in {*lines} ^ {*due}})
    shown = ", ".join(odd[:_NAMED]) or "порядок строк списка"
    more = f" и ещё {len(odd) - _NAMED}" if len(odd) > _NAMED else ""
    yield wrong(f"не сходится {shown}{more}", odd)


def _path(line: str) -> str:
    """What a line is about, without signs that a terminal would obey."""
    path = line.partition("  ")[2] or line
    return path.encode("ascii", "backslashreplace").decode()


_SHAPE = "…… 8 групп по 8 знаков ……"


def judge_anchors(
    steps: Sequence[Step], seals: Sequence[Seal], anchors: Anchors
) -> Iterator[Finding]:
    """`seals` as judged, with `is_anchored` set."""
    roots = [step for step in steps if step.is_root]
    met = met_anchors(steps, seals, anchors)
    for what, given, known in (
        ("отпечаток ключа", anchors.keys, met.keys),
        ("свёртка печати", anchors.seals, met.seals),
        ("номер первой записи", anchors.roots, met.roots),
    ):
        for each in sorted(given - known) if roots else ():
            where = Location(commit=roots[0].commit.id)
            yield proof_anchors.ANCHOR_MISMATCH.at(where, what=what, given=each)
    is_ours = met.keys or met.roots or any(seal.is_anchored for seal in seals)
    if not is_ours and met == anchors:  # else what does not fit is told already
        for step in roots:
            key = step.verdict.key or "неизвестный"
            yield verify_codes.ROOT_UNANCHORED.at(Location(commit=step.commit.id), key=key)
    if seals and not anchors.seals:
        last = seals[-1]
        yield proof_anchors.ANCHOR_NOT_GIVEN.at(
            Location(seal_file(last.number, TEXT)),
            number=last.name,
            date=f"{last.date:%d.%m.%Y}",
            shape=_SHAPE,
        )


def met_anchors(steps: Sequence[Step], seals: Sequence[Seal], anchors: Anchors) -> Anchors:
    """Those of `anchors` that this history answers to."""
    roots = [step for step in steps if step.is_root]
    first = anchors.keys & {step.verdict.key for step in roots}
    ids = anchors.roots & {step.commit.id for step in roots}
    digests = anchors.seals & {seal.digest for seal in seals}
    is_ours = bool(first or ids or any(seal.is_anchored for seal in seals))
    return Anchors(first | (anchors.keys & _heads(steps) if is_ours else set()), digests, ids)


def _heads(steps: Sequence[Step]) -> set[str]:
    """Fingerprints of all keys that were ever a head's."""
    trusts = {id(step.trust): step.trust for step in steps}
    return {e.key.fingerprint for trust in trusts.values() for e in trust.values() if e.is_head}
