"""Acts of destruction taken off a history, newest first, until each commit is as it was signed.

An act's evidence holds the commits it rewrote. Each is rewritten once more here, by `rewriting`,
and the id that comes out must be the one in the store: so an act can do nothing but take away what
it names. What lies inside a unit that a later act destroyed whole is known no more, and is passed.

The signed line is what all rules judge: the commits as people signed them, with the trees that lie
in the store now. What names a commit (memory, revocations, acceptances, seals, receipts, paper)
names the signed one, and so goes on meaning the same after every act. Findings are values; where an
act cannot be taken off, it and all before it stay as they lie, unsigned.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from papka.core.errors import GitFailed, Refused
from papka.core.findings import Finding, Location
from papka.core.places import is_unit, unit
from papka.proof import verify_codes
from papka.proof.clean_room import CleanRoom
from papka.proof.history_reading import Walked, walk
from papka.proof.rewriting import (
    INNER,
    FolderCut,
    Reduced,
    inner_file,
    is_destroyable,
    list_unmet,
    plan_cut,
    reduce_trees,
    rewrite_commit,
)
from papka.records import strict_yaml
from papka.repository.git_values import (
    EMPTY_TREE,
    TREE,
    Commit,
    Malformed,
    TreeEntry,
    is_id,
    links_of,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.pack_format import BadPack, PackReader
from papka.repository.rewritten_commits import (
    ACT,
    EVIDENCE,
    Unpaired,
    act_file,
    list_act_numbers,
    pair_commits,
)

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LISTED = re.compile(r"([0-9a-f]{64})  ([0-9a-f]{40})  ([^\n]+)\n", re.ASCII)


class BadAct(ValueError):
    """An act cannot be taken off; the text says in Russian why."""


@dataclass(frozen=True, slots=True)
class ActText:
    """What the proof needs of an act. `units`: destroyed whole; `inside`: units that lost files,
    each with the SHA-256 of its inner evidence; `count`: units and files that went."""

    units: frozenset[str]
    inside: Mapping[str, str]
    old_head: str
    evidence: str
    count: int = 0


def read_act(data: bytes, number: int) -> ActText:
    """Read an act's file; raise BadAct."""
    value = strict_yaml.read(data, act_file(number, ACT)).value
    if not isinstance(value, dict):
        raise BadAct(f"{ACT} не прочесть")
    what = _list_of(value, "what")
    units = frozenset(_text(each, "path") for each in what if "entry" not in each)
    entered = {_text(each, "path") for each in what if "entry" in each}
    inside: dict[str, str] = {}
    for each in _list_of(value, "inner"):
        path, digest = _text(each, "path"), _text(each, "sha256")
        folder = path.rpartition(f"/{INNER}/")[0]
        if path != inner_file(folder, number, "pack") or not _DIGEST.fullmatch(digest):
            raise BadAct(f"{ACT}: inner называет не то доказательство")
        inside[folder] = digest
    old_head, evidence = _text(value, "old_head"), _text(value, "evidence")
    if not is_id(old_head) or not _DIGEST.fullmatch(evidence):
        raise BadAct(f"{ACT}: нет прежнего последнего сохранения или доказательства")
    if not what or entered != inside.keys() or not all(map(is_unit, (*units, *inside))):
        raise BadAct(f"{ACT}: список уничтоженного не по образцу")
    return ActText(units, inside, old_head, evidence, len(what))


def _list_of(value: Mapping[str, object], key: str) -> list[dict[str, object]]:
    found = value.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(value: Mapping[str, object], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def read_listed(data: bytes, folder: str) -> dict[str, dict[str, str]]:
    """Read the list of files destroyed inside a unit: path -> blob id -> SHA-256; raise BadAct."""
    text = data.decode("utf-8", "surrogateescape")
    lines = _LISTED.findall(text)
    if not lines or text != "".join(f"{a}  {b}  {c}\n" for a, b, c in sorted(set(lines))):
        raise BadAct(f"список уничтоженных файлов в {folder} не по образцу")
    found: dict[str, dict[str, str]] = {}
    for digest, id_, path in lines:
        if unit(path) != folder or is_unit(path) or not is_destroyable(path):
            raise BadAct(f"в списке уничтоженных файлов в {folder} чужой путь {path}")
        found.setdefault(path, {})[id_] = digest
    return found


@dataclass(frozen=True, slots=True)
class Layer:
    """An act taken off. `commit`: the act's own, as signed; `act`: what it says; `rewritten`: how
    many commits it rewrote; `files`: path -> blob id -> SHA-256 of what it destroyed inside units
    that still stand; `ids`: ids of all destroyed things, which no store may hold any more."""

    number: int
    commit: str
    act: ActText
    rewritten: int
    files: Mapping[str, Mapping[str, str]]
    ids: frozenset[str]

    @property
    def paths(self) -> frozenset[str]:
        """The units and files that it destroyed, as far as they are known."""
        return self.act.units | self.files.keys()


@dataclass(frozen=True, slots=True)
class SignedLine:
    """A history as it was signed. `commits`: parents first, each with the tree that lies in the
    store now; `stored`: the id of each as signed -> its id in the store; `signed_trees`: the id of
    each rewritten commit -> the tree it was signed with; `layers`: acts taken off, the newest
    first; `unreadable`: as walked; `packs`: where trees as they were signed can be read."""

    commits: tuple[Commit, ...]
    stored: Mapping[str, str]
    unreadable: tuple[tuple[str, str], ...] = ()
    layers: tuple[Layer, ...] = ()
    signed_trees: Mapping[str, str] = field(default_factory=dict)
    packs: tuple[PackReader, ...] = ()

    @property
    def moved(self) -> dict[str, str]:
        """The id as signed -> the id in the store, of the commits that acts rewrote."""
        return {signed: stored for signed, stored in self.stored.items() if signed != stored}

    @property
    def destroyed(self) -> frozenset[str]:
        """All units and files destroyed."""
        return frozenset().union(*(layer.paths for layer in self.layers))

    @property
    def destroyed_ids(self) -> frozenset[str]:
        """Ids of trees and blobs that no store may hold any more."""
        return frozenset().union(*(layer.ids for layer in self.layers))

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 by blob id of files destroyed inside units that still stand."""
        return {
            id_: digest
            for layer in self.layers
            for ids in layer.files.values()
            for id_, digest in ids.items()
        }

    def signed(self, id_: str) -> str:
        """Return the id as signed of a commit named by either id; itself when it is unknown."""
        return next((one for one, other in self.moved.items() if other == id_), id_)

    def read_tree(self, id_: str) -> bytes | None:
        """Return a tree as it was signed, that no store holds any more."""
        return next((pack.read(id_) for pack in self.packs if id_ in pack), None)


def is_continuation(line: SignedLine, head: str) -> bool:
    """Whether the line holds this commit, named as it was signed."""
    return head in line.stored


def read_line(room: CleanRoom, tip: str) -> tuple[SignedLine, list[Finding]]:
    """Read `tip` and all it descends from, as it was signed."""
    return peel(room, walk(room, tip))


def peel(room: CleanRoom, walked: Walked) -> tuple[SignedLine, list[Finding]]:
    """Take all acts off a history; the findings tell what is wrong with acts."""
    objects = room.objects()
    plain = plain_line(walked)
    numbers = list_act_numbers(objects, walked.commits[-1].tree) if walked.commits else []
    if not numbers:
        return plain, []
    work = _Peeling(objects, walked.commits)
    try:
        places = {number: _find_act(objects, walked.commits, number) for number in numbers}
        for number in sorted(numbers, reverse=True):
            _peel_act(work, number, places[number])
    except _ActKept:
        pass
    return _compose_line(plain, work), work.findings


def plain_line(walked: Walked) -> SignedLine:
    """Return a history as it lies in the store, with no act taken off."""
    stored = {each.id: each.id for each in walked.commits}
    return SignedLine(walked.commits, stored, walked.unreadable)


def _find_act(objects: Objects, commits: Sequence[Commit], number: int) -> int:
    """Return the place of the first commit that holds the act; acts are never taken away."""
    low, high = 0, len(commits) - 1
    while low < high:
        middle = (low + high) // 2
        if _find_blob(objects, commits[middle].tree, act_file(number, ACT)) is None:
            low = middle + 1
        else:
            high = middle
    return low


def _find_blob(objects: Objects, tree: str, path: str) -> bytes | None:
    try:
        kind, data = objects.read(f"{tree}:{path}")
    except (KeyError, GitFailed):
        return None
    return data if kind == "blob" else None


class _ActKept(Exception):
    """An act cannot be taken off, nor those before it."""


class _Peeling:
    """A history as far as acts are taken off it. `ids`: of the commit at each place; `places`: the
    place of each id; `links`: its tree and parents; `raws`: bytes of commits out of evidence;
    `shelf`: the evidence that holds an object."""

    def __init__(self, objects: Objects, commits: Sequence[Commit]) -> None:
        self.objects = objects
        self.commits = commits
        self.ids = [each.id for each in commits]
        self.places = {id_: at for at, id_ in enumerate(self.ids)}
        self.links = {each.id: (each.tree, each.parents) for each in commits}
        self.raws: dict[str, bytes] = {}
        self.packs: list[PackReader] = []
        self.shelf: dict[str, PackReader] = {}
        self.layers: list[tuple[int, int, Layer]] = []
        self.findings: list[Finding] = []

    @property
    def destroyed(self) -> frozenset[str]:
        """Units destroyed whole by the acts taken off so far."""
        return frozenset().union(*(layer.act.units for _, _, layer in self.layers))

    def report(self, number: int, at: int, detail: str) -> None:
        where = Location(act_file(number, ACT), commit=self.ids[at])
        self.findings.append(verify_codes.ACT_INVALID.at(where, number=number, detail=detail))

    def read_many(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Read trees out of evidence or the store; raises KeyError."""
        stored = iter(self.objects.find_many([id_ for id_ in ids if id_ not in self.shelf]))
        for id_ in ids:
            pack = self.shelf.get(id_)
            found = ("", pack.read(id_)) if pack is not None else next(stored)
            if found is None:
                raise KeyError(id_)
            yield found[1]

    def add_pack(self, pack: PackReader) -> None:
        """Let trees be read out of an act's evidence too, before all others."""
        self.packs.append(pack)
        self.shelf |= dict.fromkeys(pack.ids, pack)


@dataclass(frozen=True, slots=True)
class _ActGiven:
    """An act with its evidence read. `inner`: unit -> its own evidence; `passed`: units that lost
    files and were destroyed whole since."""

    number: int
    at: int
    act: ActText
    evidence: PackReader
    inner: Mapping[str, PackReader]
    files: Mapping[str, Mapping[str, str]]
    passed: frozenset[str]


def _peel_act(work: _Peeling, number: int, at: int) -> None:
    try:
        given = _read_given(work, number, at)
        pairs = _pair_commits(work, given)
        for pack in (given.evidence, *given.inner.values()):
            work.add_pack(pack)
        reduced = _reduce(work, given, pairs)
        _judge_pairs(work, given, pairs, reduced)
        _judge_evidence(work, given, pairs, reduced)
    except (BadAct, BadPack, Unpaired) as error:
        work.report(number, at, str(error))
        raise _ActKept from error
    ids = {id_ for found in reduced.gone.values() for id_ in found}
    ids |= reduced.folders  # with their salts: the folders in them may be another unit's too
    layer = Layer(number, "", given.act, len(pairs), given.files, frozenset(ids))
    work.layers.append((number, at, layer))
    for place, old in pairs.items():
        del work.places[work.ids[place]]
        work.ids[place] = old
    work.places |= {old: place for place, old in pairs.items()}
    for pack in (given.evidence, *given.inner.values()):
        pack.rest()


def _read_given(work: _Peeling, number: int, at: int) -> _ActGiven:
    tree = work.commits[at].tree

    def need(path: str) -> bytes:
        found = _find_blob(work.objects, tree, path)
        if found is None:
            raise BadAct(f"в сохранении с актом нет файла {path}")
        return found

    act = read_act(need(act_file(number, ACT)), number)
    evidence = need(act_file(number, EVIDENCE))
    if hashlib.sha256(evidence).hexdigest() != act.evidence:
        raise BadAct("доказательство не то, что названо в акте")
    passed = work.destroyed & act.inside.keys()
    inner: dict[str, PackReader] = {}
    files: dict[str, Mapping[str, str]] = {}
    for folder, digest in act.inside.items():
        if folder in passed:
            continue
        pack = need(inner_file(folder, number, "pack"))
        if hashlib.sha256(pack).hexdigest() != digest:
            raise BadAct(f"доказательство в {folder} не то, что названо в акте")
        inner[folder] = PackReader(pack)
        files |= read_listed(need(inner_file(folder, number, "files")), folder)
    return _ActGiven(number, at, act, PackReader(evidence), inner, files, passed)


def _pair_commits(work: _Peeling, given: _ActGiven) -> dict[int, str]:
    """Return the place of each rewritten commit -> the id of the commit it was made of, the oldest
    first; raise BadAct."""
    parents = work.links[work.ids[given.at]][1]
    if len(parents) != 1:
        raise BadAct("у сохранения с актом не одно предыдущее")
    heads = parents[0], given.act.old_head
    found = pair_commits(heads, lambda id_: work.links[id_][1], given.evidence)
    if not found:
        raise BadAct("история до акта не переписана: уничтоженное осталось в ней")
    if not work.places.keys() >= found.keys():
        raise BadAct("переписанная история расходится с прежней")
    for old in found.values():
        raw = work.raws[old] = given.evidence.read(old)
        work.links[old] = links_of(raw)
    return dict(sorted((work.places[new], old) for new, old in found.items()))


def _reduce(work: _Peeling, given: _ActGiven, pairs: Mapping[int, str]) -> Reduced:
    """Take out of the old trees what the act names."""
    roots = [(work.links[old][0], work.links[work.ids[at]][0]) for at, old in pairs.items()]
    try:
        return reduce_trees(roots, _plan(given), work.read_many)
    except KeyError as error:
        id_ = str(error.args[0])[:12] if error.args else ""
        raise BadAct(f"в доказательстве недостаёт прежней папки {id_}") from error
    except (Malformed, GitFailed) as error:
        raise BadAct("прежнюю папку в доказательстве не прочесть") from error


def _plan(given: _ActGiven) -> FolderCut:
    try:
        return plan_cut({*given.act.units, *given.files}, given.passed)
    except Refused as error:
        raise BadAct(error.message) from error


def _judge_pairs(
    work: _Peeling, given: _ActGiven, pairs: Mapping[int, str], reduced: Reduced
) -> None:
    """Compare each rewritten commit with what rewriting the old one gives."""
    odd: list[str] = []
    now = {old: work.ids[at] for at, old in pairs.items()}
    for at, old in pairs.items():
        tree, parents = work.links[old]
        due_tree = reduced.new[tree] or EMPTY_TREE
        due = tuple(now.get(each, each) for each in parents)
        if (due_tree, due) == (tree, parents):
            odd.append(f"сохранение {old[:12]} переписано, хотя в нём ничего не уничтожено")
        elif object_id("commit", rewrite_commit(work.raws[old], due_tree, due)) != work.ids[at]:
            odd.append(_explain_odd(work, given, old, work.ids[at], due_tree))
    if odd:
        more = f" (и ещё сохранений: {len(odd) - 1})" if len(odd) > 1 else ""
        work.report(given.number, given.at, odd[0] + more)


def _explain_odd(work: _Peeling, given: _ActGiven, old: str, new: str, due: str) -> str:
    """Say how a rewritten commit differs from what it should be."""
    there = work.links[new][0]
    if there == due:
        return f"в переписанном сохранении {old[:12]} изменены автор, время или описание"
    made: dict[str, bytes] = {}

    def note(_cut: FolderCut, _old: str, _raw: bytes, id_: str, data: bytes) -> None:
        made[id_] = data

    def read(id_: str) -> list[TreeEntry]:
        raw = made.get(id_)
        return parse_tree(raw if raw is not None else next(iter(work.read_many([id_]))))

    try:
        reduce_trees([(work.links[old][0], there)], _plan(given), work.read_many, note)
        found = next(_compare_trees(read, due, there, ""), "")
    except (KeyError, Malformed, GitFailed):
        found = ""
    what = found or "другие файлы"
    return f"в переписанном сохранении {old[:12]} {what}"


def _compare_trees(
    read: Callable[[str], list[TreeEntry]], due: str, there: str, folder: str
) -> Iterator[str]:
    """Yield, in words, how what is there differs from what is due; "" is a folder without files."""
    mine, theirs = ({e.name: e for e in (read(id_) if id_ else ())} for id_ in (due, there))
    for name in sorted(mine.keys() | theirs.keys()):
        one, other = mine.get(name), theirs.get(name)
        path = folder + name
        if one == other:
            continue
        modes = {each.mode for each in (one, other) if each is not None}
        if modes == {TREE} and is_above_units(path):
            left, right = (each.id if each is not None else "" for each in (one, other))
            yield from _compare_trees(read, left, right, f"{path}/")
        elif other is None:
            yield f"пропало и другое: {path}"
        elif one is None:
            yield f"появилось то, чего не было: {path}"
        else:
            yield f"изменено и другое: {path}"


def is_above_units(path: str) -> bool:
    """Whether a folder lies above units, or holds none at all."""
    return unit(f"{path}/.salt") is None


def _judge_evidence(
    work: _Peeling, given: _ActGiven, pairs: Mapping[int, str], reduced: Reduced
) -> None:
    """Report evidence with more or less in it than is due, and paths that never were."""
    due = {*pairs.values(), *reduced.changed.get("", ())}
    sets: list[tuple[str, PackReader, Collection[str]]] = [("", given.evidence, due)]
    sets += [(f" в {u}", pack, reduced.changed.get(u, ())) for u, pack in given.inner.items()]
    for where, pack, wanted in sets:
        if pack.ids - set(wanted):
            work.report(given.number, given.at, f"в доказательстве{where} есть лишнее")
        if set(wanted) - pack.ids:
            work.report(given.number, given.at, f"доказательство{where} неполное")
    for path in list_unmet({*given.act.units, *given.files}, reduced.gone):
        work.report(given.number, given.at, f"того, что названо уничтоженным, не было: {path}")
    for path, ids in given.files.items():
        if ids.keys() != reduced.gone.get(path, {}).keys():
            work.report(given.number, given.at, f"список уничтоженного не сходится: {path}")


def _compose_line(plain: SignedLine, work: _Peeling) -> SignedLine:
    """Put together the commits as signed, the trees stored, and the parents as signed."""
    at_stored = {commit.id: at for at, commit in enumerate(plain.commits)}
    commits: list[Commit] = []
    trees: dict[str, str] = {}
    for stored, id_ in zip(plain.commits, work.ids, strict=True):
        parents = tuple(work.ids[at_stored[p]] if p in at_stored else p for p in stored.parents)
        commit = stored
        if id_ != stored.id:
            commit = parse_commit(id_, work.raws[id_])
            trees[id_] = commit.tree
        commits.append(replace(commit, tree=stored.tree, parents=parents))
    layers = tuple(replace(each, commit=work.ids[at]) for _, at, each in work.layers)
    pairs = zip(work.ids, plain.commits, strict=True)
    return SignedLine(
        tuple(commits), {id_: stored.id for id_, stored in pairs}, plain.unreadable, layers, trees,
        tuple(reversed(work.packs)),
    )  # fmt: skip
