"""This person's secret, by which papka knows what it has put into a folder that others can write.

Invariants: the key lies with what papka remembers, outside every archive, readable by its owner
alone; it leaves this module only within a code of authenticity; it says nothing of anybody.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from papka.core.errors import PapkaError
from papka.gates.plain_file import NotPlain, read_plain

_NAME = "key"
_BYTES = 32


def state_folder() -> Path:
    """Where papka remembers for this user: XDG_STATE_HOME, or its usual places."""
    named = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_STATE_HOME", "")
    # A relative path would be another memory in every folder; the standard has it passed over.
    folder = Path(named) if Path(named).is_absolute() else _home() / ".local" / "state"
    return folder / "papka"


def _home() -> Path:
    """This user's folder, whatever HOME says; raises PapkaError when there is none."""
    if sys.platform == "win32" or Path(os.environ.get("HOME", "")).is_absolute():
        return Path.home()
    import pwd  # noqa: PLC0415 - posix alone has it

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        raise PapkaError(
            "У этого пользователя нет домашней папки, запомнить проверенное негде",
            "Задайте её переменной HOME и повторите",
        ) from None


def authenticate(purpose: str, parts: Iterable[bytes | memoryview]) -> str | None:
    """The code of these bytes for a purpose, each part told from the next; None without a key."""
    try:
        key = _key(state_folder())
    except PapkaError:
        key = None  # nobody's: nothing is kept, all is asked
    if key is None:
        return None
    total = hmac.new(key, purpose.encode() + b"\0", hashlib.sha256)
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()


def is_authentic(code: str, purpose: str, parts: Iterable[bytes | memoryview]) -> bool:
    """Whether this person's papka made the code of the same bytes."""
    own = authenticate(purpose, parts)
    return own is not None and hmac.compare_digest(own.encode(), code.encode())


def _key(folder: Path) -> bytes | None:
    """The key, made at first; None where none can be kept or what lies there is no key."""
    file = folder / _NAME
    with suppress(OSError, NotPlain):
        if not os.path.lexists(file):
            _make(file)
        found = read_plain(file, most=_BYTES)
        if len(found) == _BYTES:
            return found
    return None


def _make(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".papka-", dir=file.parent)  # for the user alone
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(_BYTES))
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(name, file)  # another papka may be making one: the first is everybody's
    finally:
        Path(name).unlink(missing_ok=True)
