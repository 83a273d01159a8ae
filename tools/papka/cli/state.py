"""Where this user's programs keep what they remember, outside every archive.

Absent on purpose: making the folder; nothing is made before something is kept.
"""

from __future__ import annotations

from papka.gates.memory import Memory
from papka.gates.own_key import state_folder


def memory() -> Memory:
    """What papka remembers for this user."""
    return Memory(state_folder())
