"""The program that runs now, as the hook of a store names it."""

from __future__ import annotations

import sys
from pathlib import Path

import papka
from papka.core.gate import Installed


def installed() -> Installed:
    """The papka that runs now, as the gate of a store names it."""
    # The link of a virtual environment, not what it leads to: only the link knows the libraries.
    return Installed(sys.executable, str(Path(papka.__file__).resolve().parent))
