"""Copies on media that are no git servers: planned, written, read back, recorded (R-6.3)."""

from __future__ import annotations
