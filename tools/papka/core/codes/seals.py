"""Codes of `verify`: seals and the digests kept on paper."""

from __future__ import annotations
