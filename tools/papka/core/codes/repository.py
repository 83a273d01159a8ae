"""Codes of `verify`: the repository's state: index, settings, hooks, attributes."""

from __future__ import annotations
