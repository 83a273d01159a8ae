"""Read a git store as plain files: its parts, refs, settings, and signs of tampering.

Git is not run inside the store, and nothing that a file there names is opened, run or obeyed; only
`borrow_objects` and `give_id` write. A `.git` file and a commondir are followed as git follows
them.

Refs resolve exactly as in git: whatever lies loose shadows the packed ref of that name, even when
it holds no id; what git could read otherwise than we do is told as broken, never guessed at.
Symbolic refs are not followed: an archive needs none. Settings of the plain form that papka and git
write are read here; all others are parsed by a git that gets the bytes through a pipe.

Neither the id of a store nor its notes of where main stood are proof: the one tells two media in
one drive apart, the other says where to look when the ref is damaged.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import papka
from papka.core.errors import NotAnArchive, Refused
from papka.repository.dot_papka import stale_locks
from papka.repository.files import SMALL, list_entries, read_if_plain, write_whole
from papka.repository.git_values import (
    GATE,
    ID,
    MAIN,
    PURGER,
    Installed,
    Naming,
    Setting,
    StoreFacts,
    is_id,
    naming_of,
)
from papka.repository.runner import run_git


@dataclass(frozen=True, slots=True)
class Store:
    """Folders of a store: `own` holds HEAD, `common` the refs and objects (they differ in a linked
    work tree), `tree` the files of the archive, None in a bare store."""

    own: Path
    common: Path
    tree: Path | None

    @property
    def objects(self) -> Path:
        return self.common / "objects"


def locate(root: Path) -> Store:
    """Find the store of an archive or of a bare mirror; raise NotAnArchive."""
    dot = root / ".git"
    if dot.is_file():
        heading, target = read_bytes(dot)[:8], read_bytes(dot)[8:]
        own = root / _parse_path(target) if heading == b"gitdir: " else dot
        tree: Path | None = root
    elif dot.is_dir():
        own, tree = dot, root
    else:
        own, tree = root, None
    shared = own / "commondir"
    common = own / _parse_path(read_bytes(shared)) if os.path.lexists(shared) else own
    head = own / "HEAD"
    if not (common / "objects").is_dir() or not (head.is_file() or head.is_symlink()):
        raise NotAnArchive(str(root))
    return Store(own, common, tree)


def _parse_path(written: bytes) -> Path:
    """Return the path in one of git's little files: all but the end of the line belongs to it."""
    return Path(os.fsdecode(written.rstrip(b"\r\n")))


_FANOUT_END = 8 + 256 * 4
"""A pack index begins with 8 bytes and 256 running totals; the last is the number of objects."""
_KEY = rb"(?im)(?:^|\])[ \t]*(?:%s)[ \t]*(?:=|\r?$)"
"""A key of the configuration, at the start of a line or right after the section's heading."""
_PARTIAL = re.compile(_KEY % rb"partialclone|promisor|partialclonefilter")
_LEADS_AWAY = re.compile(rb"(?im)^[ \t]*\[[ \t]*(?:include|includeif|hook)\b")
_WORK_TREE = re.compile(_KEY % rb"worktree")


def observe(store: Store) -> StoreFacts:
    """Gather what the store's files say."""
    refs = read_refs(store.own, store.common)
    settings, unread = read_settings(store.own, store.common)
    return StoreFacts(
        refs=dict(sorted(refs.ids.items())),
        head=_read_head(store.own / "HEAD"),
        broken_refs=tuple(sorted(refs.broken.items())),
        grafts=bool(read_bytes(store.common / "info" / "grafts").strip()),
        shallow=bool(read_bytes(store.common / "shallow").strip()),
        alternates=find_borrowed(store),
        partial=find_partial_marks(store),
        misplaced=_is_misplaced(store),
        bare=store.tree is None,
        settings=settings,
        unread_settings=unread,
        hooks=list_hooks(store),
        locks=stale_locks(store.own, store.common, store.tree),
        attributes=read_bytes(store.common / "info" / "attributes"),
        gate=_read_hook(store, GATE),
        purger=_read_hook(store, PURGER),
        # The folders in which git holds back what a push sent.
        leftovers=tuple(
            sorted(
                each.name
                for name in ("tmp_objdir-*", "incoming-*")
                for each in store.objects.glob(name)
            )
        ),
    )


def _read_head(file: Path) -> str:
    if file.is_symlink():
        return f"файл-ссылка на {file.readlink()}"
    return read_bytes(file).decode("utf-8", "replace").rstrip()


def _read_hook(store: Store, name: str) -> bytes | None:
    """Return a program that git runs at a push: None without one, b"" behind a link."""
    if name not in list_hooks(store):
        return None
    file = store.common / "hooks" / name
    return b"" if file.is_symlink() else read_bytes(file)


def _is_misplaced(store: Store) -> bool:
    """Whether a commondir lies elsewhere than in a linked work tree, whose store lists the tree."""
    if not os.path.lexists(store.own / "commondir"):
        return False
    if store.tree is None or not (store.tree / ".git").is_file():
        return True
    own = store.own.resolve()
    return own.parent.name != "worktrees" or own.parent.parent != store.common.resolve()


def find_borrowed(store: Store) -> tuple[str, ...]:
    """Return the files below the store that bring in objects it does not hold itself."""
    if store.objects.is_symlink():
        return ("objects",)
    found = []
    for name in ("alternates", "http-alternates"):
        file = store.objects / "info" / name
        if read_bytes(file).strip() or (file.exists() and not file.is_file()):
            found.append(f"objects/info/{name}")
    return tuple(dict.fromkeys((*found, *_find_irregular(store.objects, "objects"))))


def _find_irregular(folder: Path, name: str) -> Iterator[str]:
    """Yield everything below that is a link, or a pipe, which git would wait for."""
    for entry in list_entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _find_irregular(Path(entry.path), f"{name}/{entry.name}")
        elif not entry.is_file(follow_symlinks=False):
            yield f"{name}/{entry.name}"


def find_partial_marks(store: Store) -> tuple[str, ...]:
    """Return the marks of a clone that leaves objects at its remote.

    Of such a clone git's own check says that nothing is missing.
    """
    packs = sorted(file.name for file in (store.objects / "pack").glob("*.promisor"))
    configured = settings_files(store.own, store.common)
    marked = dict.fromkeys(name for name, data in configured if _PARTIAL.search(data))
    return (*packs, *marked)


def leads_away(store: Store) -> bool:
    """Whether the settings name other files, programs of their own or another work tree."""
    text = b"\n".join(data for _, data in settings_files(store.own, store.common))
    return bool(_LEADS_AWAY.search(text) or _WORK_TREE.search(text))


def list_hooks(store: Store) -> tuple[str, ...]:
    """Return the names of the programs a store would run when it is sent something."""
    folder = store.common / "hooks"
    names = (e.name for e in list_entries(folder) if not e.name.endswith(".sample"))
    # A link that leads in a circle or nowhere is none, and hides no other.
    return tuple(n for n in names if os.access(folder / n, os.X_OK) and (folder / n).is_file())


def count_objects(store: Store) -> int:
    """Count the objects stored, loose and packed; one stored twice counts twice."""
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


_PACKED = re.compile(rb"(?P<id>[0-9a-f]+) (?P<name>refs/[^\s\0]+)")
_HEADING = b"# pack-refs with:"
"""git dies of any other remark in packed-refs."""
_HEAD_OF_A_REMOTE = re.compile(r"refs/remotes/[^/]+/HEAD")
_IS_ELSEWHERE = (
    "настройки велят git брать ссылки из другого места (refStorage); если так их положил новый "
    "git, файлами их сделает git refs migrate --ref-format=files"
)
_IS_LINK = "вместо неё — ссылка на другое место"
_NAMED_BY_SHA256 = re.compile(
    rb"""(?im)(?:^|\])[ \t]*objectformat[ \t]*=[ \t]*"?sha256"?[ \t]*\r?$"""
)
_ELSEWHERE = re.compile(rb"(?im)(?:^|\])[ \t]*refstorage[ \t]*(?:=|$)")


@dataclass(slots=True)
class Refs:
    """`naming`: how the store names commits; `ids`: full name -> commit id; `broken`: full name ->
    what is wrong with it."""

    naming: Naming = "sha1"
    ids: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, id_: str) -> None:
        self.broken.pop(name, None)
        self.ids[name] = id_

    def spoil(self, name: str, why: str) -> None:
        """Mark the name as broken, and drop what lies below it."""
        for known in (self.ids, self.broken):
            for below in [each for each in known if each == name or each.startswith(name + "/")]:
                del known[below]
        self.broken[name] = why

    def is_id(self, word: str) -> bool:
        """Whether git would take the word for a commit of this store."""
        return is_id(word) and naming_of(word) == self.naming


def read_refs(own: Path, common: Path) -> Refs:
    """Return all refs but HEAD; `own` differs from `common` in a linked work tree."""
    found = Refs(find_naming(common))
    _read_packed(common / "packed-refs", found)
    _read_loose(common, "refs", found)
    if (common / "refs").is_symlink() or (own / "refs").is_symlink():
        found.spoil("refs", _IS_LINK)
    if own != common:
        # The refs a linked work tree has of its own; all others are the common ones.
        for name in ("bisect", "worktree", "rewritten"):
            _read_loose(own, f"refs/{name}", found)
    stored_elsewhere = any((folder / "reftable").exists() for folder in (own, common))
    if stored_elsewhere or _ELSEWHERE.search(read_bytes(common / "config")):
        found.spoil("refs", _IS_ELSEWHERE)
    return found


def read_bytes(file: Path) -> bytes:
    """Return a regular file's bytes; b"" when it is not there or could hang the reader."""
    return read_if_plain(file, follow=True) or b""


def _read_packed(file: Path, found: Refs) -> None:
    if os.path.lexists(file) and (file.is_symlink() or not file.is_file()):
        found.spoil("packed-refs", _IS_LINK if file.is_symlink() else "это не файл")
        return
    data = read_bytes(file)
    if data and not data.endswith(b"\n"):
        found.spoil("packed-refs", "последняя строка обрывается")  # git reads none of it
    lines = data.removesuffix(b"\n").split(b"\n")
    for line in lines[1:] if lines[0].startswith(_HEADING) or lines == [b""] else lines:
        if line[:1] == b"^" and found.is_id(line[1:].decode("ascii", "replace")):
            continue
        match = _PACKED.fullmatch(line)
        if match is None or not found.is_id(match["id"].decode()):
            found.spoil("packed-refs", "в нём строка, которой там не бывает")
            continue
        name = match["name"].decode("utf-8", "surrogateescape")
        if name in found.ids or name in found.broken:
            found.spoil(name, "записана в packed-refs дважды")
        else:
            found.put(name, match["id"].decode())


def _read_loose(folder: Path, name: str, found: Refs) -> None:
    for entry in list_entries(folder / name):
        ref = f"{name}/{entry.name}"
        if entry.name.endswith(".lock"):
            continue
        if entry.is_symlink():
            found.spoil(ref, _IS_LINK)
        elif entry.is_dir(follow_symlinks=False):
            _read_loose(folder, ref, found)
        else:
            _take_ref(ref, read_bytes(Path(entry.path)).rstrip(), found)


def _take_ref(ref: str, value: bytes, found: Refs) -> None:
    if found.is_id(value.decode("ascii", "replace")):
        found.put(ref, value.decode())
    elif value.startswith(b"ref:") and _HEAD_OF_A_REMOTE.fullmatch(ref):
        found.ids.pop(ref, None)
    elif value.startswith(b"ref:"):
        found.spoil(ref, "она отсылает к другой ссылке")
    else:
        found.spoil(ref, "не идентификатор" if value else "пусто")


_WORD = r"[A-Za-z][A-Za-z0-9-]*"
_SECTION_HEADING = re.compile(rf'\[(?P<section>{_WORD})(?: "(?P<sub>[^"\\\x00-\x1f\x7f]*)")?\]')
_SIGN = r'"\\;#'
"""Characters that mean something in a value."""
_PLAIN = re.compile(
    rf"\t(?P<key>{_WORD}) = "
    rf"(?P<value>[^\s{_SIGN}](?:[^{_SIGN}\x00-\x1f\x7f]*[^\s{_SIGN}])?)"
)


def read_settings(own: Path, common: Path) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """Return all settings of a store, and the names of the files that git cannot parse."""
    found: list[Setting] = []
    unread: list[str] = []
    for name, data in settings_files(own, common):
        plain = _parse_plain(name, data)
        if plain is not None:
            found += plain
            continue
        ran = run_git(
            "config", "--file", "-", "--list", "-z", "--no-includes", given=data,
            # git looks for a repository around the current folder first: there is none.
            folder=Path(tempfile.gettempdir()), variables={"GIT_DIR": os.devnull},
            accepted=range(256),
        )  # fmt: skip
        if ran.code:
            unread.append(name)
        for line in filter(None, ran.output.decode("utf-8", "surrogateescape").split("\0")):
            key, given, value = line.partition("\n")
            found.append(Setting(name, key, value if given else None))
    return tuple(found), tuple(unread)


def _parse_plain(file: str, data: bytes) -> list[Setting] | None:
    """Return the settings when every line is of the plainest form; else None."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        return None
    found: list[Setting] = []
    section = ""
    for line in lines:
        if (heading := _SECTION_HEADING.fullmatch(line)) is not None:
            section = heading["section"].lower()
            section += f".{heading['sub']}" if heading["sub"] is not None else ""
        elif section and (setting := _PLAIN.fullmatch(line)) is not None:
            found.append(Setting(file, f"{section}.{setting['key'].lower()}", setting["value"]))
        elif line:
            return None
    return found


def settings_files(own: Path, common: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the files from which git takes a store's settings."""
    places = dict.fromkeys((common / "config", common / "config.worktree", own / "config.worktree"))
    for place in places:
        if os.path.lexists(place):
            data = read_if_plain(place, most=SMALL, follow=True)
            # A pipe or a folder stands for settings that nobody can parse.
            yield place.name, b"[" if data is None else data


STORE_ID = "papka-store"
_STORE_ID = re.compile(rb"[0-9a-f]{32}\n?")


def store_id(common: Path) -> str:
    """Return the random id in a store's folder; "" when there is none."""
    found = read_bytes(common / STORE_ID)
    return found.decode().strip() if _STORE_ID.fullmatch(found) else ""


def give_id(store: Store) -> str:
    """Return the store's id, made when it has none; "" where nothing can be written."""
    found = store_id(store.common)
    if found:
        return found
    with suppress(OSError):
        data = f"{secrets.token_hex(16)}\n".encode()
        write_whole(store.common / STORE_ID, data, aside=store.common / f"{STORE_ID}.new")
    return store_id(store.common)


_ENTRY = re.compile(rf"{ID} (?P<to>{ID}) ".encode())


def noted_heads(common: Path) -> tuple[str, ...]:
    """Return the ids at which main stood by the store's own log, the newest first."""
    lines = read_bytes(common / "logs" / MAIN).split(b"\n")
    found = [match["to"].decode() for line in lines if (match := _ENTRY.match(line))]
    return tuple(dict.fromkeys(reversed(found)))


_CONFIGS: Mapping[Naming, str] = {
    "sha1": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
    "sha256": "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
    "[extensions]\n\tobjectformat = sha256\n",
}


def find_naming(common: Path) -> Naming:
    """Return how a store says that it names its objects, from its settings read as text; one that
    lost them says it by the names of its packs.

    A store that lies about it has no object by the names that its refs hold.
    """
    data = read_if_plain(common / "config", most=SMALL, follow=True)
    if not data:
        packs = (each.stem.removeprefix("pack-") for each in common.glob("objects/pack/*.pack"))
        return naming_of(next(packs, ""))
    return "sha256" if _NAMED_BY_SHA256.search(data) else "sha1"


def refuse_unwritten(root: Path) -> None:
    """Raise Refused for an archive whose store papka reads but does not write."""
    if find_naming(locate(root).common) == "sha256":
        raise Refused(
            "Хранилище этого архива называет сохранения по SHA-256: программа его читает, "
            "проверяет и восстанавливает, но ничего в него не записывает",
            "Смотреть и проверять можно: papka show, papka find, papka check, papka verify. "
            "Записывать будет программа новее, или архив, восстановленный из копии с именами SHA-1",
        )


def borrow_objects(folder: Path, *objects: Path) -> None:
    """Make an empty bare repository in `folder` that sees the objects of others, nothing else."""
    info = folder / "objects" / "info"
    for each in (info, folder / "objects" / "pack", folder / "refs" / "heads"):
        each.mkdir(parents=True)
    # What `git init` writes, without a process: every command that looks anywhere begins here.
    (folder / "HEAD").write_text(f"ref: {MAIN}\n", encoding="ascii")
    namings = {find_naming(each.parent) for each in objects}
    config = _CONFIGS["sha256" if namings == {"sha256"} else "sha1"]
    (folder / "config").write_text(config, encoding="ascii")
    lines = (_quoted(each.resolve()) + b"\n" for each in objects)
    (info / "alternates").write_bytes(b"".join(lines))


def _quoted(path: Path) -> bytes:
    """Spell the path as a C string: a newline or a quote in it must not end the line."""
    raw = path.as_posix().encode("utf-8", "surrogateescape")
    plain = range(0x20, 0x7F)
    body = b"".join(
        b"\\%c" % byte if byte in b'"\\' else b"%c" % byte if byte in plain else b"\\%03o" % byte
        for byte in raw
    )
    return b'"' + body + b'"'


def find_running_program() -> Installed:
    """Return the papka that runs now, as the gate of a store names it."""
    # The link of a virtual environment, not what it leads to: only the link knows the libraries.
    return Installed(sys.executable, str(Path(papka.__file__).resolve().parent))
