"""papka: an archive of students' personal files, kept as plain files in git."""

from __future__ import annotations

__version__ = "0.1.0"
