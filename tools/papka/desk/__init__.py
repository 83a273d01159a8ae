"""One job a module: gates wired to rules. Tasks return values and never print."""

from __future__ import annotations
