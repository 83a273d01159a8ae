"""Memory in files below a folder of the user's own, outside every archive.

`<folder>/<first commit>/memory.json` for each archive, `<folder>/stores.json` for all stores.
Invariants: written whole or not at all, readable by the user alone; what cannot be understood is
told and left as it is. Absent on purpose: finding the folder (`own_key.state_folder`).
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from papka.core.errors import LockHeld, cannot_access
from papka.core.memory import Known, KnownSeal, KnownStore, Receipt, Unsent
from papka.gates.lock import file_lock
from papka.gates.plain_file import LARGE, NotPlain, read_plain

T = TypeVar("T")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FORMAT = 1
_SECONDS = 10.0


class MemoryTrouble(Exception):
    """A file of memory cannot be read or written; `path` and `reason` are for the reader."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered below `folder`, which is made when something is kept."""

    folder: Path

    def known(self, root: str) -> Known | None:
        """The archive that begins with this commit; raises MemoryTrouble."""
        return _understood(self._file(root), _known, None)

    def stores(self) -> tuple[KnownStore, ...]:
        """All stores seen here; raises MemoryTrouble."""
        return _understood(self._stores, _read_stores, ())

    def keep(self, known: Known, stores: Sequence[KnownStore]) -> None:
        """Writes an archive down, and all stores; call it holding `held`. Raises MemoryTrouble."""
        # The archive first: a store behind what is known is a copy, one ahead would be a riddle.
        _write(self._file(known.root), asdict(known))
        _write(self._stores, {"stores": [asdict(store) for store in stores]})

    @contextmanager
    def held(self) -> Iterator[None]:
        """For reading and then keeping: commands at one time lose nothing of each other's."""
        lock = self.folder / "lock"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.touch(mode=0o600)
        except OSError as error:
            raise MemoryTrouble(self.folder, cannot_access(error).message) from error
        try:
            with file_lock(lock, str(lock), _SECONDS):
                yield
        except LockHeld as error:
            raise MemoryTrouble(lock, error.message) from error

    def _file(self, root: str) -> Path:
        assert _COMMIT.fullmatch(root)
        return self.folder / root / "memory.json"

    @property
    def _stores(self) -> Path:
        return self.folder / "stores.json"


def _understood(file: Path, read: Callable[[Mapping[str, Any]], T], nothing: T) -> T:
    try:
        value = json.loads(read_plain(file, most=LARGE, follow=True))
        if value["format"] != _FORMAT:
            raise MemoryTrouble(file, "его писала другая версия papka")
        return read(value)
    except (FileNotFoundError, NotADirectoryError):
        return nothing
    except OSError as error:
        raise MemoryTrouble(file, cannot_access(error).message) from error
    except NotPlain as error:
        raise MemoryTrouble(file, error.reason) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise MemoryTrouble(file, "файл повреждён") from error


def _write(file: Path, value: Mapping[str, Any]) -> None:
    data = json.dumps({"format": _FORMAT, **value}, ensure_ascii=False, indent=0).encode()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".papka-", dir=file.parent)  # for the user alone
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise MemoryTrouble(file, cannot_access(error).message) from error


def _known(value: Mapping[str, Any]) -> Known:
    seal = value["seal"]
    return Known(
        root=_commit(value["root"]),
        bound=tuple(map(_commit, value["bound"])),
        verified=int(value["verified"]),
        seal=None if seal is None else KnownSeal(int(seal["number"]), _text(seal["digest"])),
        receipts=_receipts(value["receipts"]),
        looked=_receipts(value.get("looked", ())),  # not remembered at first
        keys=tuple(map(_text, value["keys"])),
        anchored=tuple(map(_text, value["anchored"])),
        refoundings=tuple(map(_text, value["refoundings"])),
    )


def _receipts(value: Iterable[Mapping[str, Any]]) -> tuple[Receipt, ...]:
    return tuple(
        Receipt(_text(each["store"]), _commit(each["commit"]), int(each["time"])) for each in value
    )


def _read_stores(value: Mapping[str, Any]) -> tuple[KnownStore, ...]:
    return tuple(
        KnownStore(
            _text(each["id"]),
            _text(each["path"]),
            _commit(each["root"]),
            _commit(each["head"]),
            _text(each["base"]),
            tuple(
                Unsent(_commit(one["id"]), _text(one["author"]), int(one["time"]))
                for one in each["unsent"]
            ),
        )
        for each in value["stores"]
    )


def _commit(value: object) -> str:
    if not isinstance(value, str) or _COMMIT.fullmatch(value) is None:
        raise ValueError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
