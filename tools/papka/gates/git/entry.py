"""The one way into a store on a server: its hook, and the settings that make git run this hook.

Invariants: the hook is written whole or not at all, and git can run it where it lies (a disk
mounted `noexec` makes git pass a hook over in silence); it names papka by its full path and lets
nothing in when papka is not there; a hook of somebody else is put aside, never lost.
Absent on purpose: judging what comes, and other hooks.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import papka
from papka.core.errors import Refused
from papka.gates import durable
from papka.gates.git.mirror_folder import weakened
from papka.gates.git.repository import SAFE_STORE, write_settings
from papka.gates.git.store import Store

ENTRY = {**SAFE_STORE, "core.hooksPath": "hooks"}
"""`hooks` is where git looks anyway; said here, no setting of a person or of the computer leads it
elsewhere."""
_NAME, _ASIDE = "pre-receive", "pre-receive.before-papka"
_HOOK = """\
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
    aside = _write(store.common / "hooks", _text())
    if not os.access(store.common / "hooks" / _NAME, os.X_OK):
        raise Refused(
            f"Программы с этого диска не выполняются (noexec): {store.common}",
            "Держите хранилище на диске, где это разрешено, иначе git пропустит проверку молча",
        )
    return aside


def _text() -> bytes:
    # The link of a virtual environment, not what it leads to: only the link knows the libraries.
    package = Path(papka.__file__).resolve().parent
    quoted = {"python": shlex.quote(sys.executable), "package": shlex.quote(str(package))}
    return _HOOK.format(**quoted).encode()


def _write(folder: Path, text: bytes) -> str:
    folder.mkdir(exist_ok=True)
    hook, aside = folder / _NAME, ""
    if os.path.lexists(hook) and not _is_ours(hook):
        hook.replace(folder / _ASIDE)
        aside = _ASIDE
    new = folder / f".{_NAME}.tmp"
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
    """Whether `host` wrote it, on this computer or before papka was moved."""
    mark = _HOOK.partition("python=")[0].encode()
    return hook.is_file() and not hook.is_symlink() and hook.read_bytes().startswith(mark)
