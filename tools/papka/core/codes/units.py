"""Codes of `verify`: units of retention: salts, personal data outside of them."""

from __future__ import annotations
