"""The one gate to git: a scrubbed runner, reading, writing, the repository, the clean room."""

from __future__ import annotations
