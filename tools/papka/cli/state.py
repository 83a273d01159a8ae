"""Where this user's programs keep what they remember, outside every archive.

Absent on purpose: making the folder; nothing is made before something is kept.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from papka.core.errors import PapkaError
from papka.gates.memory import Memory


def memory() -> Memory:
    """What papka remembers for this user: XDG_STATE_HOME, or its usual places."""
    named = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_STATE_HOME", "")
    # A relative path would be another memory in every folder; the standard has it passed over.
    folder = Path(named) if Path(named).is_absolute() else _home() / ".local" / "state"
    return Memory(folder / "papka")


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
