"""Codes of `verify`: what this computer remembers of the archive."""

from __future__ import annotations
