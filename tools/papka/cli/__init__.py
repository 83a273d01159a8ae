"""The command line: one command a file; nothing here decides, it asks and shows."""

from __future__ import annotations
