"""Copies of the archive: mirrors and the server, exchange, media, restoring and healing (R-6.3)."""

from __future__ import annotations
