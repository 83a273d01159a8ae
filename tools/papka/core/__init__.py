"""Words that every other folder speaks: findings, errors, places of records, snapshots, phrases.

Nothing here reads a file, a clock or the environment, but for `installation`.
"""

from __future__ import annotations
