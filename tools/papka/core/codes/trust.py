"""Codes of `verify`: who may sign, who may no more, and what was accepted."""

from __future__ import annotations
