"""Commits and trees as values, parsed from and composed to git's own bytes.

Invariants: `compose_commit` of a parsed commit gives the parsed bytes back whenever the commit is
written the one way papka writes it; text keeps undecodable bytes (surrogateescape), so nothing
is lost on the way. Absent on purpose: judging. What must not stand in a commit is `integrity`'s.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

FILE, EXECUTABLE, LINK, TREE, SUBMODULE = "100644", "100755", "120000", "40000", "160000"


def is_runnable(path: str) -> bool:
    """Whether the system is to run this file of an archive."""
    return path.startswith("tools/hooks/") or (path.startswith("tools/") and path.endswith(".sh"))


EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
HEADERS = ("tree", "parent", "author", "committer", "gpgsig")

_PERSON = re.compile(
    r"(?P<name>[^<>\n]*) <(?P<email>[^<>\n]*)> (?P<time>[0-9]{1,19}) (?P<offset>[+-][0-9]{4})"
)
_ID = re.compile(r"[0-9a-f]{40}")
_LAST = int(dt.datetime(9999, 12, 30, tzinfo=dt.UTC).timestamp())
"""A day before the end of the calendar, for the zones."""


class Malformed(ValueError):
    """The bytes are no commit or tree at all; the text says which part is wrong."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who and when: `time` in seconds since 1970, `offset` as git writes it (`+0300`)."""

    name: str
    email: str
    time: int
    offset: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {self.time} {self.offset}"

    @property
    def has_zone(self) -> bool:
        """Whether some clock could go by the offset."""
        return int(self.offset[1:3]) < 24 and int(self.offset[3:]) < 60

    @property
    def moment(self) -> dt.datetime:
        """The same, in the zone of who it was; what no calendar holds is its last day, in UTC."""
        time = min(self.time, _LAST)
        zone = dt.datetime.strptime(self.offset, "%z").tzinfo if self.has_zone else dt.UTC
        return dt.datetime.fromtimestamp(time, zone)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. `headers` are all of them in order; `signed_payload` is the bytes signed."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    signature: str | None
    message: str
    headers: tuple[tuple[str, str], ...]
    signed_payload: bytes

    @property
    def unexpected(self) -> tuple[str, ...]:
        """Headers that are unknown, repeated, or out of order."""
        names = [name for name, _ in self.headers]
        due = ["tree", *["parent"] * len(self.parents), "author", "committer"]
        if names[: len(due)] != due:
            return tuple(name for name in names if name not in HEADERS) or ("порядок заголовков",)
        rest = names[len(due) :]
        return tuple(rest[1:] if rest[:1] == ["gpgsig"] else rest)


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree; `mode` as git stores it, without a leading zero."""

    mode: str
    name: str
    id: str


class Change(NamedTuple):
    """What one commit did to one path; an empty mode and id: the path is not there."""

    path: str
    old_mode: str
    new_mode: str
    old_id: str
    new_id: str

    @property
    def added(self) -> bool:
        return not self.old_id

    @property
    def deleted(self) -> bool:
        return not self.new_id


def object_id(kind: str, data: bytes) -> str:
    """git's SHA-1 name of an object; kind is blob, tree or commit."""
    # The name git gives, not a protection: seals carry SHA-256 beside it.
    digest = hashlib.sha1(f"{kind} {len(data)}\0".encode(), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def parse_commit(id_: str, raw: bytes) -> Commit:
    """The commit these bytes are; raises Malformed."""
    head, gap, message = raw.partition(b"\n\n")
    if not gap:
        raise Malformed("нет пустой строки после заголовков")
    headers: list[tuple[str, str]] = []
    payload: list[bytes] = []
    signature = False
    for line in head.split(b"\n"):
        if line.startswith(b" ") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value}\n{_text(line[1:])}")
        else:
            key, _, rest = line.partition(b" ")
            headers.append((_text(key), _text(rest)))
            signature = key == b"gpgsig"
        if not signature:
            payload.append(line)
    first = dict(reversed(headers))
    return Commit(
        id=id_,
        tree=_id(first, "tree"),
        parents=tuple(_checked(value, "parent") for name, value in headers if name == "parent"),
        author=_person(first, "author"),
        committer=_person(first, "committer"),
        signature=f"{first['gpgsig']}\n" if "gpgsig" in first else None,
        message=_text(message),
        headers=tuple(headers),
        signed_payload=b"\n".join(payload) + b"\n\n" + message,
    )


def compose_commit(  # noqa: PLR0913  # a commit is made of exactly these
    tree: str,
    parents: Iterable[str],
    author: Person,
    committer: Person,
    message: str,
    signature: str | None = None,
) -> bytes:
    """The bytes of a commit; without a signature they are what is to be signed."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {author}", f"committer {committer}"]
    if signature is not None:
        lines.append("gpgsig " + signature.removesuffix("\n").replace("\n", "\n "))
    return _bytes("\n".join(lines) + "\n\n" + message)


def parse_tree(raw: bytes) -> list[TreeEntry]:
    """A tree's entries in their order; raises Malformed."""
    entries: list[TreeEntry] = []
    at, end = 0, len(raw)
    while at < end:
        zero = raw.find(b"\0", at)
        mode, gap, name = raw[at:zero].partition(b" ")
        if zero < 0 or not gap or zero + 21 > end:
            raise Malformed(f"дерево обрывается на байте {at}")
        entries.append(TreeEntry(_text(mode), _text(name), raw[zero + 1 : zero + 21].hex()))
        at = zero + 21
    return entries


def compose_tree(entries: Iterable[TreeEntry]) -> bytes:
    """The bytes of a tree, sorted as git does: a folder sorts as if its name ended in "/"."""
    keyed = sorted(
        (_bytes(e.name) + (b"/" if e.mode == TREE else b""), e.mode, _bytes(e.name), e.id)
        for e in entries
    )
    return b"".join(
        b"%s %s\0%s" % (mode.encode(), name, bytes.fromhex(id_)) for _, mode, name, id_ in keyed
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _checked(value: str, header: str) -> str:
    if _ID.fullmatch(value) is None:
        raise Malformed(f"{header}: не идентификатор")
    return value


def _id(headers: Mapping[str, str], name: str) -> str:
    if name not in headers:
        raise Malformed(f"нет заголовка {name}")
    return _checked(headers[name], name)


def _person(headers: Mapping[str, str], name: str) -> Person:
    match = _PERSON.fullmatch(headers.get(name, ""))
    if match is None:
        raise Malformed(f"{name}: не прочесть, кто и когда")
    return Person(match["name"], match["email"], int(match["time"]), match["offset"])
