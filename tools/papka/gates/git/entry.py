"""The one way into a store on a server: its hook, and the settings that make git run this hook.

Invariants: the hook is written whole or not at all, and git can run it where it lies (a disk
mounted `noexec` makes git pass a hook over in silence); it names papka by its full path and lets
nothing in when papka is not there; a hook of somebody else is put aside, never lost.
Absent on purpose: judging what comes, and other hooks.
"""

from __future__ import annotations

import os
from pathlib import Path

from papka.core.errors import Refused
from papka.core.gate import GATE, HOSTED, gate_text, is_begun_as_gate
from papka.gates import durable
from papka.gates.git.installed import installed
from papka.gates.git.mirror_folder import weakened
from papka.gates.git.repository import SAFE_STORE, write_settings
from papka.gates.git.store import Store

ENTRY = {
    **SAFE_STORE,
    "core.hooksPath": "hooks",
    "receive.maxInputSize": "4g",
    HOSTED: "true",
}
"""`hooks` is where git looks anyway; said here, no setting of a person or of the computer leads it
elsewhere. One push larger than any school's archive fills the disk before it is judged."""
_ASIDE = f"{GATE}.before-papka"


def set_entry(store: Store) -> str:
    """Writes settings and hook, whatever was there; the name a foreign hook was put aside under.

    Raises Refused when git would not obey them.
    """
    write_settings(store.common, ENTRY)
    loose = weakened(store, ENTRY)
    if loose:
        raise Refused(
            f"Настройки хранилища не держатся: {', '.join(loose)}",
            f"Уберите другие значения из файлов config и config.worktree в {store.common}",
        )
    aside = _write(store.common / "hooks", gate_text(installed()))
    if not os.access(store.common / "hooks" / GATE, os.X_OK):
        raise Refused(
            f"Программы с этого диска не выполняются (noexec): {store.common}",
            "Держите хранилище на диске, где это разрешено, иначе git пропустит проверку молча",
        )
    return aside


def _write(folder: Path, text: bytes) -> str:
    folder.mkdir(exist_ok=True)
    hook, aside = folder / GATE, ""
    if os.path.lexists(hook) and not _is_ours(hook):
        hook.replace(folder / _ASIDE)
        aside = _ASIDE
    new = folder / f".{GATE}.tmp"
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    new.chmod(0o755)
    new.replace(hook)
    durable.sync_folder(folder)
    return aside


def _is_ours(hook: Path) -> bool:
    return hook.is_file() and not hook.is_symlink() and is_begun_as_gate(hook.read_bytes())
