"""Reads refs from plain files exactly as git would resolve them.

Invariants: git is not run; whatever lies loose shadows the packed ref of that name, even when it
holds no id; what git could read otherwise than we do is told as broken, never guessed at.
Absent on purpose: following symbolic refs. An archive needs none.

A store's settings read as data: nothing they name is run, no file they include is opened.

Invariants: nothing is understood otherwise than git would: only what leaves no room for doubt is
read here, as papka and git write it, all else git parses; it gets the bytes through a pipe, far
from the store, and obeys none. Absent on purpose: judging, and settings of the
person or the computer.

Finds a repository's parts and reads them as plain files: refs, alternates, signs of tampering.

Invariants: git is not run; a `.git` file and a commondir are followed as git follows them; nothing
is written. Absent on purpose: obeying any setting read.

The id a store carries, by which memory knows it wherever it lies.

Invariants: the id is random and says nothing; a store that cannot be written to has none.
Absent on purpose: trust in it. It only tells two media in one drive apart.

What a store noted of where its branch stood: for the day when the ref itself is damaged.

Invariants: read as a plain file; a line that is no entry is passed over; nothing here is proof, it
only says where to look. Absent on purpose: the logs' authors, times and reasons.

A repository of our own that sees the objects of another and takes nothing else from it.

The program that runs now, as the hook of a store names it.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import papka
from papka.core.errors import NotAnArchive
from papka.repository.dot_papka import stale_locks
from papka.repository.files import SMALL, NotPlain, read_plain, write_whole
from papka.repository.git_values import GATE, MAIN, Installed, Setting, StoreFacts
from papka.repository.runner import run_git

_ID = re.compile(rb"[0-9a-f]{40}")
_PACKED = re.compile(rb"(?P<id>[0-9a-f]{40}) (?P<name>refs/[^\s\0]+)")
_PEELED = re.compile(rb"\^[0-9a-f]{40}")
_HEADING = b"# pack-refs with:"
"""git dies of any other remark in packed-refs."""
_OF_A_WORK_TREE = ("bisect", "worktree", "rewritten")
"""The refs a linked work tree has of its own; all others are the common ones."""
_HEAD_OF_A_REMOTE = re.compile(r"refs/remotes/[^/]+/HEAD")
_ELSEWHERE_TOLD = "вместо неё — ссылка на другое место"
_ELSEWHERE = re.compile(rb"(?im)(?:^|\])[ \t]*refstorage[ \t]*(?:=|$)")


@dataclass(slots=True)
class Refs:
    """`ids`: full name -> commit id; `broken`: full name -> what is wrong with it."""

    ids: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, id_: str) -> None:
        self.broken.pop(name, None)
        self.ids[name] = id_

    def spoil(self, name: str, why: str) -> None:
        """The name, and all below it, lead nowhere that we would believe."""
        for below in [each for each in self.ids if each == name or each.startswith(name + "/")]:
            del self.ids[below]
        self.broken[name] = why


def read_refs(own: Path, common: Path) -> Refs:
    """All refs but HEAD of a store; `own` differs from `common` in a linked work tree."""
    found = Refs()
    _packed(common / "packed-refs", found)
    _loose(common, "refs", found)
    for place in dict.fromkeys((common / "refs", own / "refs")):
        if place.is_symlink():
            found.spoil("refs", _ELSEWHERE_TOLD)
    if own != common:
        for name in _OF_A_WORK_TREE:
            _loose(own, f"refs/{name}", found)
    stored_elsewhere = any((folder / "reftable").exists() for folder in (own, common))
    if stored_elsewhere or _ELSEWHERE.search(read_bytes(common / "config")):
        found.spoil("refs", "настройки велят git брать ссылки из другого места (refStorage)")
    return found


def read_bytes(file: Path) -> bytes:
    """A regular file's bytes; nothing when it is not there, or is something that could hang us."""
    try:
        return read_plain(file, follow=True)
    except (OSError, NotPlain):
        return b""


def _packed(file: Path, found: Refs) -> None:
    if os.path.lexists(file) and (file.is_symlink() or not file.is_file()):
        found.spoil("packed-refs", _ELSEWHERE_TOLD if file.is_symlink() else "это не файл")
        return
    data = read_bytes(file)
    if data and not data.endswith(b"\n"):
        found.spoil("packed-refs", "последняя строка обрывается")  # git reads none of it
    lines = data.removesuffix(b"\n").split(b"\n")
    for line in lines[1:] if lines[0].startswith(_HEADING) or lines == [b""] else lines:
        if _PEELED.fullmatch(line):
            continue
        match = _PACKED.fullmatch(line)
        if match is None:
            found.spoil("packed-refs", "в нём строка, которой там не бывает")
            continue
        name = match["name"].decode("utf-8", "surrogateescape")
        if name in found.ids or name in found.broken:
            found.spoil(name, "записана в packed-refs дважды")
        else:
            found.put(name, match["id"].decode())


def _loose(folder: Path, name: str, found: Refs) -> None:
    for entry in _listed(folder / name):
        ref = f"{name}/{entry.name}"
        if entry.name.endswith(".lock"):
            continue
        if entry.is_symlink():
            found.spoil(ref, _ELSEWHERE_TOLD)
        elif entry.is_dir(follow_symlinks=False):
            _loose(folder, ref, found)
        else:
            _one(ref, read_bytes(Path(entry.path)).rstrip(), found)


def _one(ref: str, value: bytes, found: Refs) -> None:
    if _ID.fullmatch(value):
        found.put(ref, value.decode())
    elif value.startswith(b"ref:") and _HEAD_OF_A_REMOTE.fullmatch(ref):
        found.ids.pop(ref, None)
    elif value.startswith(b"ref:"):
        found.spoil(ref, "она отсылает к другой ссылке")
    else:
        found.spoil(ref, "не идентификатор" if value else "пусто")


def _listed(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Entries by name; of a folder behind a link none, for who asks has told of the link."""
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return


_NO_REPOSITORY = {"GIT_DIR": os.devnull}
"""git looks for a repository around the current folder first: there is none."""
_WORD = r"[A-Za-z][A-Za-z0-9-]*"
_SECTION_HEADING = re.compile(rf'\[(?P<section>{_WORD})(?: "(?P<sub>[^"\\\x00-\x1f\x7f]*)")?\]')
_SIGN = r'"\\;#'
"""Signs that mean something in a value."""
_PLAIN = re.compile(
    rf"\t(?P<key>{_WORD}) = "
    rf"(?P<value>[^\s{_SIGN}](?:[^{_SIGN}\x00-\x1f\x7f]*[^\s{_SIGN}])?)"
)
_NO_FILE = b"["
"""What stands for a pipe or a folder in place of settings: nothing that could be understood."""


def read_settings(own: Path, common: Path) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """All settings of a store, and the files in which git finds no sense."""
    found: list[Setting] = []
    unread: list[str] = []
    for name, data in files(own, common):
        plain = _plain(data)
        if plain is not None:
            found += [Setting(name, key, value) for key, value in plain]
            continue
        ran = run_git(
            "config", "--file", "-", "--list", "-z", "--no-includes", given=data,
            folder=Path(tempfile.gettempdir()), variables=_NO_REPOSITORY, accepted=range(256),
        )  # fmt: skip
        if ran.code:
            unread.append(name)
        found += [_setting(name, line) for line in ran.output.split(b"\0") if line]
    return tuple(found), tuple(unread)


def _plain(data: bytes) -> list[tuple[str, str]] | None:
    """Key and value of each setting when every line is of the plainest form; else None."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        return None
    found: list[tuple[str, str]] = []
    section = ""
    for line in lines:
        if (heading := _SECTION_HEADING.fullmatch(line)) is not None:
            section = heading["section"].lower()
            section += f".{heading['sub']}" if heading["sub"] is not None else ""
        elif section and (setting := _PLAIN.fullmatch(line)) is not None:
            found.append((f"{section}.{setting['key'].lower()}", setting["value"]))
        elif line:
            return None
    return found


def files(own: Path, common: Path) -> Iterator[tuple[str, bytes]]:
    """The files git takes a store's settings from, by name, with their bytes."""
    places = dict.fromkeys((common / "config", common / "config.worktree", own / "config.worktree"))
    for place in places:
        if os.path.lexists(place):
            try:
                yield place.name, read_plain(place, most=SMALL, follow=True)
            except (OSError, NotPlain):
                yield place.name, _NO_FILE


def _setting(file: str, line: bytes) -> Setting:
    key, given, value = line.decode("utf-8", "surrogateescape").partition("\n")
    return Setting(file, key, value if given else None)


_FANOUT_END = 8 + 256 * 4
"""A pack index begins with 8 bytes and 256 running totals; the last is the number of objects."""
_KEY = rb"(?im)(?:^|\])[ \t]*(?:%s)[ \t]*(?:=|\r?$)"
"""A key of the configuration, at the start of a line or right after the section's heading."""
_PARTIAL = re.compile(_KEY % rb"partialclone|promisor|partialclonefilter")
_LEADS_AWAY = re.compile(rb"(?im)^[ \t]*\[[ \t]*(?:include|includeif|hook)\b")
_HELD_BACK = ("tmp_objdir-*", "incoming-*")
"""What git calls the folders in which it holds back what a push sent."""
_WORK_TREE = re.compile(_KEY % rb"worktree")


@dataclass(frozen=True, slots=True)
class Store:
    """Where things are: `own` holds HEAD, `common` the refs and objects (they differ in a linked
    work tree), `tree` is the folder with the files, None in a bare store."""

    own: Path
    common: Path
    tree: Path | None

    @property
    def objects(self) -> Path:
        return self.common / "objects"


def locate(root: Path) -> Store:
    """The store of an archive or of a bare mirror; raises NotAnArchive."""
    dot = root / ".git"
    if dot.is_file():
        heading, target = read_bytes(dot)[:8], read_bytes(dot)[8:]
        own = root / _path(target) if heading == b"gitdir: " else dot
        tree: Path | None = root
    elif dot.is_dir():
        own, tree = dot, root
    else:
        own, tree = root, None
    shared = own / "commondir"
    common = own / _path(read_bytes(shared)) if os.path.lexists(shared) else own
    head = own / "HEAD"
    if not (common / "objects").is_dir() or not (head.is_file() or head.is_symlink()):
        raise NotAnArchive(str(root))
    return Store(own, common, tree)


def observe(store: Store) -> StoreFacts:
    """What the store's files say."""
    refs = read_refs(store.own, store.common)
    settings, unread = read_settings(store.own, store.common)
    return StoreFacts(
        refs=dict(sorted(refs.ids.items())),
        head=_head(store.own / "HEAD"),
        broken_refs=tuple(sorted(refs.broken.items())),
        grafts=bool(read_bytes(store.common / "info" / "grafts").strip()),
        shallow=bool(read_bytes(store.common / "shallow").strip()),
        alternates=borrowed(store),
        partial=partial(store),
        misplaced=_is_misplaced(store),
        bare=store.tree is None,
        settings=settings,
        unread_settings=unread,
        hooks=hooks(store),
        locks=stale_locks(store.own, store.common, store.tree),
        attributes=read_bytes(store.common / "info" / "attributes"),
        gate=_gate(store),
        leftovers=_leftovers(store),
    )


def _leftovers(store: Store) -> tuple[str, ...]:
    found = (each for name in _HELD_BACK for each in store.objects.glob(name))
    return tuple(sorted(each.name for each in found))


def borrowed(store: Store) -> tuple[str, ...]:
    """Names below the store through which it takes objects that it does not hold itself."""
    if store.objects.is_symlink():
        return ("objects",)
    found = []
    for name in ("alternates", "http-alternates"):
        file = store.objects / "info" / name
        if read_bytes(file).strip() or (file.exists() and not file.is_file()):
            found.append(f"objects/info/{name}")
    return tuple(dict.fromkeys((*found, *_no_files(store.objects, "objects"))))


def partial(store: Store) -> tuple[str, ...]:
    """Marks of a clone that leaves objects at its remote; git checks it and finds none missing."""
    packs = sorted(file.name for file in (store.objects / "pack").glob("*.promisor"))
    configured = files(store.own, store.common)
    marked = dict.fromkeys(name for name, data in configured if _PARTIAL.search(data))
    return (*packs, *marked)


def leads_away(store: Store) -> bool:
    """Whether the configuration names other files, programs of its own or another folder."""
    text = b"\n".join(data for _, data in files(store.own, store.common))
    return bool(_LEADS_AWAY.search(text) or _WORK_TREE.search(text))


def hooks(store: Store) -> tuple[str, ...]:
    """The programs a store would run when it is sent something."""
    try:
        with os.scandir(store.common / "hooks") as entries:
            found = [entry for entry in entries if not entry.name.endswith(".sample")]
            return tuple(sorted(e.name for e in found if e.is_file() and os.access(e, os.X_OK)))
    except OSError:
        return ()


def _gate(store: Store) -> bytes | None:
    """What git would run before it takes a push; nothing readable when it lies behind a link."""
    if GATE not in hooks(store):
        return None
    file = store.common / "hooks" / GATE
    return b"" if file.is_symlink() else read_bytes(file)


def count_objects(store: Store) -> int:
    """How many objects are stored, loose and packed; one stored twice counts twice."""
    folders = [each for each in store.objects.glob("[0-9a-f][0-9a-f]") if each.is_dir()]
    loose = sum(len(list(folder.iterdir())) for folder in folders)
    packed = 0
    for index in (store.objects / "pack").glob("*.idx"):
        if not index.is_file():
            continue
        with index.open("rb") as file:
            start = file.read(_FANOUT_END)
        packed += int.from_bytes(start[-4:], "big") if len(start) == _FANOUT_END else 0
    return loose + packed


def _no_files(folder: Path, name: str) -> Iterator[str]:
    """Everything below that is kept behind a link, or a pipe, which git would wait for."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in listed:
        if entry.is_dir(follow_symlinks=False):
            yield from _no_files(Path(entry.path), f"{name}/{entry.name}")
        elif not entry.is_file(follow_symlinks=False):
            yield f"{name}/{entry.name}"


def _head(file: Path) -> str:
    if file.is_symlink():
        return f"файл-ссылка на {file.readlink()}"
    return read_bytes(file).decode("utf-8", "replace").rstrip()


def _is_misplaced(store: Store) -> bool:
    """A commondir belongs in a linked work tree, and leads to the store that tree is listed in."""
    if not os.path.lexists(store.own / "commondir"):
        return False
    if store.tree is None or not (store.tree / ".git").is_file():
        return True
    own = store.own.resolve()
    return own.parent.name != "worktrees" or own.parent.parent != store.common.resolve()


def _path(written: bytes) -> Path:
    """A path from git's own little files: all but the end of the line belongs to it."""
    return Path(os.fsdecode(written.rstrip(b"\r\n")))


STORE_ID = "papka-store"
_STORE_ID = re.compile(rb"[0-9a-f]{32}\n?")


def store_id(common: Path) -> str:
    """The id in a store's folder, empty when there is none."""
    found = read_bytes(common / STORE_ID)
    return found.decode().strip() if _STORE_ID.fullmatch(found) else ""


def give_id(store: Store) -> str:
    """The store's id, made when it has none; empty where nothing can be written."""
    found = store_id(store.common)
    if found:
        return found
    with suppress(OSError):
        data = f"{secrets.token_hex(16)}\n".encode()
        write_whole(store.common / STORE_ID, data, aside=store.common / f"{STORE_ID}.new")
    return store_id(store.common)


_ENTRY = re.compile(rb"[0-9a-f]{40} (?P<to>[0-9a-f]{40}) ")


def noted_heads(common: Path) -> tuple[str, ...]:
    """Ids at which main stood, the newest first."""
    lines = read_bytes(common / "logs" / MAIN).split(b"\n")
    found = [match["to"].decode() for line in lines if (match := _ENTRY.match(line))]
    return tuple(dict.fromkeys(reversed(found)))


def borrow(folder: Path, *objects: Path) -> None:
    """Makes an empty bare repository in `folder` that sees the objects of others."""
    info = folder / "objects" / "info"
    for each in (info, folder / "objects" / "pack", folder / "refs" / "heads"):
        each.mkdir(parents=True)
    # What `git init` writes, without a process: every command that looks anywhere begins here.
    (folder / "HEAD").write_text(f"ref: {MAIN}\n", encoding="ascii")
    (folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = true\n", encoding="ascii"
    )
    lines = (_quoted(each.resolve()) + b"\n" for each in objects)
    (info / "alternates").write_bytes(b"".join(lines))


def _quoted(path: Path) -> bytes:
    """The path as a C string: a newline or a quote in it must not end the line."""
    raw = path.as_posix().encode("utf-8", "surrogateescape")
    plain = range(0x20, 0x7F)
    body = b"".join(
        b"\\%c" % byte if byte in b'"\\' else b"%c" % byte if byte in plain else b"\\%03o" % byte
        for byte in raw
    )
    return b'"' + body + b'"'


def installed() -> Installed:
    """The papka that runs now, as the gate of a store names it."""
    # The link of a virtual environment, not what it leads to: only the link knows the libraries.
    return Installed(sys.executable, str(Path(papka.__file__).resolve().parent))
