"""The command line, a command (or two of a kind) a file: it asks and shows, and decides nothing."""

from __future__ import annotations
