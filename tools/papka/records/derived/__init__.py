"""Facts that follow from the records and are computed, never stored."""

from __future__ import annotations
