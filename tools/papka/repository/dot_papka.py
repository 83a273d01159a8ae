"""Keep files in `.papka/`: read and written as if a stranger had been there; locks and drafts.

No link is followed, neither of a file nor of a folder on the way, so nothing outside is read,
written or removed; a file is a regular one of a bounded size, else it counts as not there.
docs/beside.md says of each name who believes it.

A secret key of this person, kept outside every archive and readable by its owner alone, marks what
papka has put there; it leaves this module only within a code of authenticity.

One papka command at a time writes an archive. Its lock lies outside git's own folder and is the
operating system's, so a killed command leaves none behind; locks that a killed git left in a store
are found by `stale_locks` and removed by `clear_stale`, for who holds the archive.

A draft is the files of a unit that waits for its number, in `.papka/drafts/<name>/`, which git
ignores. It is whole (its folder appears by one rename) or not there. A mark in the state folder
says which drafts papka made here and has not numbered yet; a planted, changed or repeated one has
none.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import LockHeld, PapkaError, Refused
from papka.repository import files as repository_files
from papka.repository import worktree
from papka.repository.files import FILE, SMALL, list_entries, read_if_plain, tighten

FOLDER = ".papka"


def read(root: Path, path: str, *, most: int = SMALL) -> bytes | None:
    """Read a file below `.papka/` of at most `most` bytes; None when there is none to be read."""
    return read_if_plain(root / path, most=most) if _is_ours(root, path) else None


def write(root: Path, path: str, data: bytes, *, synced: bool = True) -> None:
    """Replace a file; raise Refused when a link or a file stands in place of a folder."""
    make_folder(root, path.rpartition("/")[0])
    worktree.write(root, path, data, synced=synced)


def rewrite_start(root: Path, path: str, length: int, change: Callable[[bytes], bytes]) -> None:
    """Change the first `length` bytes of a file in place; do nothing where that is not possible."""
    flags = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not _is_ours(root, path):
        return
    with suppress(OSError):
        handle = os.open(root / path, flags | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "r+b", buffering=0) as file:
            about = os.fstat(handle)
            # Under a second name it may be a file from elsewhere.
            if stat.S_ISREG(about.st_mode) and about.st_nlink == 1:
                new = change(file.read(length))
                if len(new) == length:
                    file.seek(0)
                    file.write(new)


def remove(root: Path, path: str) -> None:
    """Remove whatever lies there, be it a whole folder; do nothing when nothing does."""
    target = root / path
    if not _is_ours(root, path) or not os.path.lexists(target):
        return
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def entries(root: Path, path: str) -> list[os.DirEntry[str]]:
    """Return the entries of a folder, by name; [] when it is no folder."""
    return list_entries(root / path) if _is_ours(root, f"{path}/x") else []


def make_folder(root: Path, path: str) -> Path:
    """Make a folder and those above it; raise Refused when one of them is something else."""
    refuse_link(root, path)
    (root / path).mkdir(parents=True, exist_ok=True)
    return root / path


def refuse_link(root: Path, path: str) -> None:
    """Raise Refused when a link or a file stands in place of this folder, or of one above it."""
    at = root
    for part in path.split("/"):
        at = at / part
        if os.path.lexists(at) and not stat.S_ISDIR(at.lstat().st_mode):
            raise Refused(
                f"{at.relative_to(root)} должна быть папкой, а это ссылка или файл",
                "papka такого не делает: посмотрите, куда она ведёт, и уберите её",
            )


def _is_ours(root: Path, path: str) -> bool:
    """Whether all folders on the way to a path are the archive's own, and no links."""
    at = root
    for part in path.split("/")[:-1]:
        at = at / part
        try:
            if not stat.S_ISDIR(at.lstat().st_mode):
                return False
        except OSError:
            return False
    return True


OLD = 600.0
"""Seconds after which a git lock is stale where running programs cannot be listed."""
_PROCESSES = Path("/proc")


@contextmanager
def archive_lock(root: Path, *, seconds: float = 5.0) -> Iterator[None]:
    """Hold the archive for this command; raise LockHeld after waiting `seconds`."""
    with own_lock(root, f"{FOLDER}/lock", seconds):
        yield


@contextmanager
def own_lock(root: Path, path: str, seconds: float) -> Iterator[None]:
    """Hold a lock below `.papka/`; raise LockHeld, or Refused where a link lies in its place."""
    tighten(make_folder(root, path.rpartition("/")[0]))
    with file_lock(root / path, path, seconds):
        yield


@contextmanager
def file_lock(path: Path, shown: str, seconds: float) -> Iterator[None]:
    """Hold a lock file, in a folder that is there; raise LockHeld, naming it as `shown`."""
    from filelock import FileLock, Timeout  # only where something is written

    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise Refused(
            f"{shown} должен быть файлом, а это ссылка, канал или папка",
            "papka такого не делает: посмотрите, что это, и уберите его",
        )
    lock = FileLock(path, mode=FILE)
    try:
        lock.acquire(timeout=seconds)
    except Timeout as error:
        raise LockHeld(shown) from error
    try:
        yield
    finally:
        lock.release()


def clear_stale(root: Path) -> tuple[str, ...]:
    """Remove the locks a killed git left behind and return their paths; call it holding the lock.

    Nothing is touched while a git program works in the archive.
    """
    folder = root / ".git"
    found = sorted([*folder.glob("*.lock"), *(folder / "refs").rglob("*.lock")])
    if not found or is_git_working_in(root):
        return ()
    removed = []
    for path in found:
        if is_left_behind(path):
            path.unlink(missing_ok=True)
            removed.append(path.relative_to(root).as_posix())
    return tuple(removed)


def is_left_behind(path: Path) -> bool:
    """Whether a lock is stale, given that no git is known to run; False when it has gone."""
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        return False
    return _PROCESSES.is_dir() or age > OLD


def is_git_working_in(root: Path) -> bool:
    """Whether a git that this command did not start has its working folder in the archive."""
    home = root.resolve()
    for process in _PROCESSES.glob("[0-9]*"):
        try:
            name, _, about = (process / "stat").read_text().partition("(")[2].rpartition(")")
            place = (process / "cwd").readlink()
        except OSError:
            continue  # it has ended, or is somebody else's
        is_own = int(about.split()[1]) == os.getpid()
        if name.startswith("git") and not is_own and (place == home or home in place.parents):
            return True
    return False


def stale_locks(own: Path, common: Path, tree: Path | None) -> tuple[str, ...]:
    """Return the names of the locks that a killed git left in a store."""
    found = {path: path.relative_to(base) for base in (own, common) for path in _find_locks(base)}
    if not found or is_git_working_in(tree or common):
        return ()
    # Asked after they were seen: one of a git that ended meanwhile has gone with it.
    left = {name.as_posix() for path, name in found.items() if is_left_behind(path)}
    return tuple(sorted(left))


def _find_locks(base: Path) -> Iterator[Path]:
    objects = ("objects/info", "objects/info/commit-graphs", "objects/pack")
    for name in ("", *objects, "info", "worktrees"):
        yield from (base / name).glob("*.lock")
    yield from (base / "refs").rglob("*.lock")


_DRAFTS = f"{FOLDER}/drafts"
_LARGEST, _MOST = 64 << 10, 20
"""Bytes of a file and number of files: all of it is shown to the person who signs it."""


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft; `files`: path -> bytes; `trouble`: why it is none of papka's, "" when it may be."""

    name: str
    files: Mapping[str, bytes]
    trouble: str = ""

    @property
    def place(self) -> str:
        """Its path from the archive's folder."""
        return f"{_DRAFTS}/{self.name}"


def keep_draft(root: Path, files: Mapping[str, bytes]) -> str:
    """Keep the files; return the draft's name. Raise Refused when the folder is a link."""
    folder = make_folder(root, _DRAFTS)
    name = f"{max(_list_numbers(root), default=0) + 1}"
    unfinished = f"new-{name}"
    remove(root, f"{_DRAFTS}/{unfinished}")
    for path, data in files.items():
        worktree.write(folder / unfinished, path, data)
    mark = _mark_of(root, files)
    if mark is not None:
        with suppress(OSError):  # without a mark it is shown and asked about: nothing is lost
            mark.parent.mkdir(mode=0o700, exist_ok=True)
            mark.touch(mode=0o600)
    (folder / unfinished).rename(folder / name)
    repository_files.sync_folder(folder)
    return name


def list_drafts(root: Path) -> tuple[KeptDraft, ...]:
    """Return all drafts, the oldest first."""
    return tuple(_read_draft(root, f"{number}") for number in sorted(_list_numbers(root)))


def is_own(root: Path, draft: KeptDraft) -> bool:
    """Whether papka made this draft here for this person, unchanged since and not numbered yet."""
    mark = _mark_of(root, draft.files)
    return mark is not None and mark.is_file()


def drop_draft(root: Path, draft: KeptDraft) -> None:
    """Remove a draft, which has its number now."""
    mark = _mark_of(root, draft.files)
    if mark is not None:
        mark.unlink(missing_ok=True)
    remove(root, draft.place)


def _list_numbers(root: Path) -> list[int]:
    names = (entry.name for entry in entries(root, _DRAFTS))
    return [int(name) for name in names if re.fullmatch(r"[1-9][0-9]{0,5}", name)]


def _read_draft(root: Path, name: str) -> KeptDraft:
    files: dict[str, bytes] = {}
    for path in _list_below(root, f"{_DRAFTS}/{name}"):
        data = read(root, path, most=_LARGEST)
        if data is None:
            return KeptDraft(name, {}, f"{path}: это не файл или он больше, чем бывает в черновике")
        files[path.removeprefix(f"{_DRAFTS}/{name}/")] = data
        if len(files) > _MOST:
            return KeptDraft(name, {}, f"в нём больше файлов, чем бывает в черновике ({_MOST})")
    return KeptDraft(name, files, "" if files else "в нём ничего нет")


def _list_below(root: Path, folder: str) -> Iterator[str]:
    for entry in entries(root, folder):
        path = f"{folder}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _list_below(root, path)
        else:
            yield path


def _mark_of(root: Path, files: Mapping[str, bytes]) -> Path | None:
    """Return the path of a draft's mark; None without a key. A moved archive has no marks.

    The name says nothing to anybody who has not the key.
    """
    parts = [os.fsencode(root.resolve())]
    for path in sorted(files):
        parts += [path.encode("utf-8", "surrogateescape"), files[path]]
    code = authenticate("papka draft", parts)
    return None if code is None else state_folder() / "drafts" / code


_KEY_BYTES = 32


def state_folder() -> Path:
    """Return the folder where papka remembers for this user: XDG_STATE_HOME, or its usual place."""
    named = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_STATE_HOME", "")
    # A relative path would be another memory in every folder; the standard says to ignore it.
    folder = Path(named) if Path(named).is_absolute() else _home() / ".local" / "state"
    return folder / "papka"


def cache_folder() -> Path:
    """Return the folder for what can be made anew at any time: XDG_CACHE_HOME, or its usual place.

    Raise PapkaError for a user without a folder.
    """
    if sys.platform == "win32":
        return state_folder() / "cache"
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else _home() / ".cache") / "papka"


def _home() -> Path:
    """Return this user's folder, whatever HOME says; raise PapkaError when there is none."""
    if sys.platform == "win32" or Path(os.environ.get("HOME", "")).is_absolute():
        return Path.home()
    import pwd  # posix alone has it

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        raise PapkaError(
            "У этого пользователя нет домашней папки, запомнить проверенное негде",
            "Задайте её переменной HOME и повторите",
        ) from None


def authenticate(purpose: str, parts: Iterable[bytes | memoryview]) -> str | None:
    """Return the code of these parts for a purpose; None where no key can be kept."""
    try:
        key = _read_key(state_folder() / "key")
    except PapkaError:
        key = None  # no state folder: nothing is kept, all is asked
    if key is None:
        return None
    total = hmac.new(key, purpose.encode() + b"\0", hashlib.sha256)
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()


def is_authentic(code: str, purpose: str, parts: Iterable[bytes | memoryview]) -> bool:
    """Whether this person's papka made the code, for the same purpose and parts."""
    own = authenticate(purpose, parts)
    return own is not None and hmac.compare_digest(own.encode(), code.encode())


def _read_key(file: Path) -> bytes | None:
    """Return the key, made at first; None where none can be kept or what lies there is no key."""
    with suppress(OSError):
        if not os.path.lexists(file):
            _make_key(file)
    found = read_if_plain(file, most=_KEY_BYTES)
    return found if found is not None and len(found) == _KEY_BYTES else None


def _make_key(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".papka-", dir=file.parent)  # for the user alone
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(_KEY_BYTES))
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(name, file)  # another papka may be making one: the first is everybody's
    finally:
        Path(name).unlink(missing_ok=True)
