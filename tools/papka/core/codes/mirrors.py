"""Codes of `verify`: copies compared with the archive."""

from __future__ import annotations
