"""Acts of destruction as they lie in an archive: what each says, and the evidence beside it.

Evidence never repeats: that of an act holds the commits, as they were signed, that no earlier act
rewrote, and the trees, as they were signed, that no earlier act changed. What lay inside a unit is
kept inside that unit, and is gone when the unit goes whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from papka.core.errors import GitFailed
from papka.core.places import is_unit, unit
from papka.proof.tree_cutting import is_destroyable
from papka.records import strict_yaml
from papka.repository.git_values import is_id
from papka.repository.objects import Objects
from papka.repository.pack_format import PackReader
from papka.repository.rewritten_commits import ACT, EVIDENCE, INNER, act_file, inner_file

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
class SavedAct:
    """An act with its evidence read. `inner`: unit -> its own evidence; `files`: path -> blob id ->
    SHA-256 of what it destroyed inside units that still stand."""

    number: int
    text: ActText
    evidence: PackReader
    inner: Mapping[str, PackReader]
    files: Mapping[str, Mapping[str, str]]

    @property
    def paths(self) -> frozenset[str]:
        """The units and files that it destroyed, as far as they are known."""
        return self.text.units | self.files.keys()


def read_saved_act(
    objects: Objects, tree: str, number: int, destroyed: Iterable[str] = ()
) -> SavedAct:
    """Read an act as it stands in a tree or commit; raise BadAct, BadPack.

    `destroyed`: units that went whole by other acts, with what they held of this one's evidence.
    """

    def need(path: str) -> bytes:
        try:
            kind, data = objects.read(f"{tree}:{path}")
        except (KeyError, GitFailed):
            kind, data = "", b""
        if kind != "blob":
            raise BadAct(f"в сохранении с актом нет файла {path}")
        return data

    text = read_act(need(act_file(number, ACT)), number)
    evidence = need(act_file(number, EVIDENCE))
    if hashlib.sha256(evidence).hexdigest() != text.evidence:
        raise BadAct("доказательство не то, что названо в акте")
    inner: dict[str, PackReader] = {}
    files: dict[str, Mapping[str, str]] = {}
    for folder in text.inside.keys() - set(destroyed):
        pack = need(inner_file(folder, number, "pack"))
        if hashlib.sha256(pack).hexdigest() != text.inside[folder]:
            raise BadAct(f"доказательство в {folder} не то, что названо в акте")
        inner[folder] = PackReader(pack)
        files |= read_listed(need(inner_file(folder, number, "files")), folder)
    return SavedAct(number, text, PackReader(evidence), inner, files)


@dataclass(slots=True)
class Evidence:
    """The evidence of all acts together: `shelf` says which pack holds an object."""

    objects: Objects
    packs: list[PackReader] = field(default_factory=list)
    shelf: dict[str, PackReader] = field(default_factory=dict)

    @classmethod
    def of(cls, objects: Objects, acts: Iterable[SavedAct]) -> Evidence:
        found = cls(objects)
        for act in acts:
            for pack in (act.evidence, *act.inner.values()):
                found.packs.append(pack)
                found.shelf |= dict.fromkeys(pack.ids, pack)
        return found

    def commit(self, id_: str) -> bytes | None:
        """Return the bytes of a commit as it was signed; None when no act keeps it."""
        pack = self.shelf.get(id_)
        return pack.read(id_) if pack is not None and pack.kind(id_) == "commit" else None

    def read_trees(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Read trees as they were signed, out of evidence or the store; raises KeyError."""
        stored = iter(self.objects.find_many([id_ for id_ in ids if id_ not in self.shelf]))
        for id_ in ids:
            pack = self.shelf.get(id_)
            found = ("", pack.read(id_)) if pack is not None else next(stored)
            if found is None:
                raise KeyError(id_)
            yield found[1]

    def rest(self) -> None:
        """Let go of what was read last."""
        for pack in self.packs:
            pack.rest()
