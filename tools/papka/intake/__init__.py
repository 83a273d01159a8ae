"""Exports, lists of people, sheets and packages: read, matched, planned, taken, given out again."""

from __future__ import annotations
