"""Git's commits, trees, stores and keys as values, parsed from and composed to their own bytes.

`compose_commit` of a parsed commit gives the parsed bytes back whenever the commit is written the
one way papka writes it; text keeps undecodable bytes (surrogateescape), so nothing is lost on the
way. Nothing is judged here: what must not stand in a commit or a store is `proof`'s to say.

Only key types papka trusts exist: `ssh-ed25519`, its hardware twin `sk-ssh-ed25519@openssh.com`
with the application `ssh:`, and `ecdsa-sha2-nistp384`. A key has exactly one spelling, so two texts
of one key are equal.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

FILE, EXECUTABLE, LINK, TREE, SUBMODULE = "100644", "100755", "120000", "40000", "160000"


Naming = Literal["sha1", "sha256"]
"""How a store names its objects, in git's own words. papka writes SHA-1 and reads both: a digest in
seals stands beside the name, and a store of git's next kind must be readable when it comes."""
NAMED_IN_RECORDS: Naming = "sha1"
"""How seals, acts and trust name commits in every archive there is."""
ID = "(?:[0-9a-f]{64}|[0-9a-f]{40})"
"""Pattern of an object's name of either kind."""
ID_BYTES: Mapping[Naming, int] = {"sha1": 20, "sha256": 32}
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
HEADERS = ("tree", "parent", "author", "committer")
_SIGNATURE_HEADER: Mapping[Naming, str] = {"sha1": "gpgsig", "sha256": "gpgsig-sha256"}

_PERSON = re.compile(
    r"(?P<name>[^<>\n]*) <(?P<email>[^<>\n]*)> (?P<time>[0-9]{1,19}) (?P<offset>[+-][0-9]{4})"
)
_ID = re.compile(ID)
_LAST = int(dt.datetime(9999, 12, 30, tzinfo=dt.UTC).timestamp())
"""A day before the end of the calendar, for the zones; seconds since 1970."""


class Malformed(ValueError):
    """The bytes are no commit or tree; the text says in Russian which part is wrong."""


@dataclass(frozen=True, slots=True)
class GitPerson:
    """A name in a commit; `time` in seconds since 1970, `offset` as git writes it (`+0300`)."""

    name: str
    email: str
    time: int
    offset: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {self.time} {self.offset}"

    @property
    def has_zone(self) -> bool:
        """Whether the offset is one a clock can have."""
        return int(self.offset[1:3]) < 24 and int(self.offset[3:]) < 60

    @property
    def moment(self) -> dt.datetime:
        """The time in the person's own zone.

        A time that no calendar holds becomes its last day, an impossible zone UTC.
        """
        zone = dt.datetime.strptime(self.offset, "%z").tzinfo if self.has_zone else dt.UTC
        return dt.datetime.fromtimestamp(min(self.time, _LAST), zone)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; `headers` are all of them in order, `signed_payload` the bytes that are signed."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: GitPerson
    committer: GitPerson
    signature: str | None
    message: str
    headers: tuple[tuple[str, str], ...]
    signed_payload: bytes

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]

    @property
    def unexpected(self) -> tuple[str, ...]:
        """Headers that are unknown, repeated, or out of order."""
        names = [name for name, _ in self.headers]
        signed = _SIGNATURE_HEADER[naming_of(self.id)]
        due = ["tree", *["parent"] * len(self.parents), "author", "committer"]
        if names[: len(due)] != due:
            known = (*HEADERS, signed)
            return tuple(name for name in names if name not in known) or ("порядок заголовков",)
        rest = names[len(due) :]
        return tuple(rest[1:] if rest[:1] == [signed] else rest)


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree; `mode` as git stores it, without a leading zero."""

    mode: str
    name: str
    id: str


class FileChange(NamedTuple):
    """A change of one path by one commit; an empty mode and id: the path is not there."""

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


def naming_of(id_: str) -> Naming:
    """Return how the store is named in which an object has this name."""
    return "sha256" if len(id_) == 2 * ID_BYTES["sha256"] else "sha1"


def new_digest(naming: Naming, data: bytes = b"") -> hashlib._Hash:
    """Begin the digest that makes names, and ends git's files."""
    # The name git gives, not a protection: seals carry SHA-256 beside it.
    return hashlib.new(naming, data, usedforsecurity=False)


def object_id(kind: str, data: bytes, naming: Naming = "sha1") -> str:
    """Return git's name of an object; kind is blob, tree or commit."""
    digest = new_digest(naming, f"{kind} {len(data)}\0".encode())
    digest.update(data)
    return digest.hexdigest()


def empty_tree(naming: Naming) -> str:
    """Return the name of the tree without files."""
    return EMPTY_TREE if naming == "sha1" else object_id("tree", b"", naming)


def parse_commit(id_: str, raw: bytes) -> Commit:
    """Parse the bytes of a commit; raise Malformed."""
    head, gap, message = raw.partition(b"\n\n")
    if not gap:
        raise Malformed("нет пустой строки после заголовков")
    headers: list[tuple[str, str]] = []
    payload: list[bytes] = []
    signature = False
    signed = _SIGNATURE_HEADER[naming_of(id_)]
    for line in head.split(b"\n"):
        if line.startswith(b" ") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value}\n{_text(line[1:])}")
        else:
            key, _, rest = line.partition(b" ")
            headers.append((_text(key), _text(rest)))
            signature = key == signed.encode()
        if not signature:
            payload.append(line)
    first = dict(reversed(headers))
    return Commit(
        id=id_,
        tree=_parse_id("tree", first.get("tree")),
        parents=tuple(_parse_id(name, value) for name, value in headers if name == "parent"),
        author=_parse_person(first, "author"),
        committer=_parse_person(first, "committer"),
        signature=f"{first[signed]}\n" if signed in first else None,
        message=_text(message),
        headers=tuple(headers),
        signed_payload=b"\n".join(payload) + b"\n\n" + message,
    )


def bytes_of_commit(commit: Commit) -> bytes:
    """Return the bytes of a parsed commit whose signature, if any, is its last header."""
    if commit.signature is None:
        return commit.signed_payload
    head, gap, message = commit.signed_payload.partition(b"\n\n")
    spelled = commit.signature.removesuffix("\n").replace("\n", "\n ")
    header = _SIGNATURE_HEADER[naming_of(commit.id)].encode()
    return head + b"\n" + header + b" " + spelled.encode("utf-8", "surrogateescape") + gap + message


def links_of(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the tree and the parents that a commit's bytes begin with; raise Malformed.

    Much quicker than parsing all of it.
    """
    end = raw.find(b"\n")
    if raw[:5] != b"tree " or _ID.fullmatch(raw[5:end].decode("ascii", "replace")) is None:
        raise Malformed("нет заголовка tree")
    size = end - len("tree ")
    parents, at = [], end + 1
    while raw[at : at + 7] == b"parent ":
        parents.append(raw[at + 7 : at + 7 + size].decode("ascii", "replace"))
        at += 8 + size
    return raw[5:end].decode("ascii", "replace"), tuple(parents)


def compose_commit(  # noqa: PLR0913  # a commit is made of exactly these
    tree: str,
    parents: Iterable[str],
    author: GitPerson,
    committer: GitPerson,
    message: str,
    signature: str | None = None,
) -> bytes:
    """Compose the bytes of a commit; without a signature they are what is to be signed."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {author}", f"committer {committer}"]
    if signature is not None:
        lines.append("gpgsig " + signature.removesuffix("\n").replace("\n", "\n "))
    return _bytes("\n".join(lines) + "\n\n" + message)


def parse_tree(raw: bytes, naming: Naming = "sha1") -> list[TreeEntry]:
    """Parse a tree's entries in their order; raise Malformed."""
    entries: list[TreeEntry] = []
    at, end, size = 0, len(raw), ID_BYTES[naming]
    while at < end:
        zero = raw.find(b"\0", at)
        mode, gap, name = raw[at:zero].partition(b" ")
        if zero < 0 or not gap or zero + 1 + size > end:
            raise Malformed(f"дерево обрывается на байте {at}")
        entries.append(TreeEntry(_text(mode), _text(name), raw[zero + 1 : zero + 1 + size].hex()))
        at = zero + 1 + size
    return entries


def compose_tree(entries: Iterable[TreeEntry]) -> bytes:
    """Compose a tree, sorted as git does: a folder sorts as if its name ended in "/"."""
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


def is_id(text: str) -> bool:
    """Whether the text is the full id of an object, as git writes it."""
    return _ID.fullmatch(text) is not None


def _parse_id(header: str, value: str | None) -> str:
    if value is None:
        raise Malformed(f"нет заголовка {header}")
    if not is_id(value):
        raise Malformed(f"{header}: не идентификатор")
    return value


def _parse_person(headers: Mapping[str, str], name: str) -> GitPerson:
    match = _PERSON.fullmatch(headers.get(name, ""))
    if match is None:
        raise Malformed(f"{name}: не прочесть, кто и когда")
    return GitPerson(match["name"], match["email"], int(match["time"]), match["offset"])


MAIN = "refs/heads/main"
HOOKS = "tools/hooks"
"""Folder of the programs git runs in an archive: signed files like all others."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a store; section and name of `key` are in small letters.

    `value` is None where the file has no `=`, which git takes for yes.
    """

    file: str
    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """Facts about one store, read from its files without running git in it.

    `refs`: full name -> commit id, HEAD not among them; `head`: what HEAD holds, `ref: …` or an id.
    `broken_refs`: refs that hold no id, as (name, what is wrong); each hides the packed ref of that
    name. `misplaced`: a commondir lies where none belongs. `unread_settings`: files git cannot
    parse; `attributes`: the text of info/attributes; `locks`: files of a git that is no longer
    running; `gate`, `purger`: the programs that git runs before it takes a push and after, None
    when it would run none; `leftovers`: folders in which an interrupted push left what it sent. All
    others name files that make git see something else than what is stored.
    """

    refs: Mapping[str, str]
    head: str
    broken_refs: tuple[tuple[str, str], ...] = ()
    grafts: bool = False
    shallow: bool = False
    alternates: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    misplaced: bool = False
    bare: bool = False
    settings: tuple[Setting, ...] = ()
    unread_settings: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    attributes: bytes = b""
    gate: bytes | None = None
    purger: bytes | None = None
    leftovers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectFault:
    """A fault of the object store.

    `kind`: corrupt, missing, pack, or graph (a file beside the objects that helps to find them).
    """

    kind: str
    id: str
    detail: str


class TrackedFile(NamedTuple):
    """A file of the last commit: its mode and blob id."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's time of change in nanoseconds and its size, by which git knows it again."""

    time: int
    size: int


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A path as the index has it; `unwatched`: the mark that tells git not to look at the file."""

    id: str
    stamp: Stamp
    unwatched: str = ""


@dataclass(frozen=True, slots=True)
class GitIndex:
    """The index of a work tree, `written` at so many nanoseconds; `fault`: why it is unreadable."""

    entries: Mapping[str, IndexEntry]
    written: int = 0
    fault: str = ""


GATE, PURGER = "pre-receive", "post-receive"
HOSTED = "papka.hosted"
"""The setting that marks a store made by `mirror host`: there a gate must stand."""
# It lets nothing in when papka is not where it says.
_TEXT = """\
#!/bin/sh
# Пишет и исправляет `papka mirror host`: правки здесь не сохранятся.
python={python}
papka={package}
if [ -x "$python" ] && [ -f "$papka/__main__.py" ]; then
    exec "$python" -I -m papka mirror admit
fi
echo 'проверка на сервере не запускается (программа papka удалена или перенесена)' >&2
echo 'ничего не принято; пусть тот, кто ведёт сервер, повторит papka mirror host' >&2
exit 1
"""
_TEXT_AFTER = """\
#!/bin/sh
# Пишет и исправляет `papka mirror host`: правки здесь не сохранятся.
python={python}
papka={package}
if [ -x "$python" ] && [ -f "$papka/__main__.py" ]; then
    exec "$python" -I -m papka mirror carry-out
fi
echo 'акты об уничтожении здесь не исполняются (программа papka удалена или перенесена)' >&2
"""
_TEXTS = {GATE: _TEXT, PURGER: _TEXT_AFTER}
_MARK = _TEXT.partition("python=")[0].encode()


class Installed(NamedTuple):
    """Paths of an installed papka: its interpreter, and the folder of the package."""

    python: str
    package: str


def gate_text(installed: Installed, hook: str = GATE) -> bytes:
    """Compose a hook of a hosted store that runs this papka: its check, or the purging after."""
    python, package = map(shlex.quote, installed)
    return _TEXTS[hook].format(python=python, package=package).encode()


def read_gate(text: bytes, hook: str = GATE) -> Installed | None:
    """Return whose program a hook runs; None unless it is, to the byte, of `mirror host`."""
    shape = re.escape(_TEXTS[hook])
    for name in ("python", "package"):
        shape = shape.replace(rf"\{{{name}\}}", "(.+)")
    found = re.fullmatch(shape, text.decode("utf-8", "replace"))
    if found is None:
        return None
    try:
        python, package = (shlex.split(each) for each in found.groups())
    except ValueError:
        return None
    if len(python) != 1 or len(package) != 1:
        return None
    installed = Installed(python[0], package[0])
    return installed if gate_text(installed, hook) == text else None


def is_begun_as_gate(text: bytes) -> bool:
    """Whether `mirror host` of any edition began it; somebody may have changed it since."""
    return text.startswith(_MARK)


ED25519 = "ssh-ed25519"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_APPLICATION = b"ssh:"
P384 = "ecdsa-sha2-nistp384"
"""The second type of key, of other mathematics than ed25519: a broken one leaves the other."""


class BadKey(ValueError):
    """Not a public key papka knows; the text says why, in Russian."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: its type, and its `point` on the curve, 32 bytes; of P-384 97, uncompressed."""

    kind: str
    point: bytes

    @property
    def blob(self) -> bytes:
        """The key as ssh sends it."""
        before, after = _AROUND[self.kind]
        return wire_string(self.kind.encode()) + before + wire_string(self.point) + after

    @property
    def line(self) -> str:
        """`ssh-ed25519 AAAA…`, without a comment: comments carry names."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` as `ssh-keygen -l` prints it."""
        digest = hashlib.sha256(self.blob).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    @classmethod
    def from_blob(cls, blob: bytes) -> PublicKey:
        """Parse the bytes of exactly one known key; raise BadKey."""
        for kind, (before, _) in _AROUND.items():
            size = _POINT_BYTES[kind]
            start = len(wire_string(kind.encode()) + before) + 4
            found = cls(kind, blob[start : start + size])
            is_whole = len(found.point) == size and (kind != P384 or found.point[0] == _WHOLE_POINT)
            if is_whole and blob == found.blob:
                return found
        raise BadKey(
            "ключ не ssh-ed25519, не ecdsa-sha2-nistp384 и не sk-ssh-ed25519 с приложением «ssh:»"
        )

    @classmethod
    def from_line(cls, line: str) -> PublicKey:
        """Parse the line of a `.pub` file, its comment ignored; raise BadKey."""
        kind, _, rest = line.strip().partition(" ")
        encoded = rest.partition(" ")[0]
        try:
            key = cls.from_blob(base64.b64decode(encoded, validate=True))
        except ValueError as error:
            raise BadKey("ключ записан не в base64") from error
        if key.line != f"{kind} {encoded}":
            raise BadKey(f"вид ключа «{kind}» не совпадает с самим ключом")
        return key


def wire_string(data: bytes) -> bytes:
    """Compose ssh's string: four bytes of length, then the bytes."""
    return len(data).to_bytes(4, "big") + data


_AROUND: Mapping[str, tuple[bytes, bytes]] = {
    ED25519: (b"", b""),
    SK_ED25519: (b"", wire_string(SK_APPLICATION)),
    P384: (wire_string(b"nistp384"), b""),
}
"""What stands before and after the point in a key of each kind."""
_POINT_BYTES = {ED25519: 32, SK_ED25519: 32, P384: 97}
_WHOLE_POINT = 4
"""The first byte of a point of P-384 with both its coordinates."""
