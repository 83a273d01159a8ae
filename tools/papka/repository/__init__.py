"""The archive's own repository: git, objects and history, the work tree, `.papka/`, and keys."""

from __future__ import annotations
