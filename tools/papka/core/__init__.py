"""The words everything else is written in: findings, codes, errors, layout, snapshots, history.

Nothing here reads a file, a clock or the environment.
"""

from __future__ import annotations
