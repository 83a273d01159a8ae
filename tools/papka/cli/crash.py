"""Our own bug: the traceback goes to a file with versions, never to the screen."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from papka import __version__


def write_log(error: Exception) -> Path:
    """Write the traceback to a new file in the temporary folder; returns its path.

    Arguments of the command are left out: they may hold personal data.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    path = Path(tempfile.mkdtemp(prefix="papka-")) / f"error-{stamp}.log"
    lines = [
        f"papka {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
        f"command: {sys.argv[1] if len(sys.argv) > 1 else ''}\n",
        *traceback.format_exception(error),
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return path
