"""Files of trust and of seals, bytes as they are, read when they are asked for.

Invariant: what is looked up, found or not, is in `consulted`. Absent on purpose: understanding
them, which is the matter of proof (`integrity`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.core.layout import PROOF
from papka.core.snapshot import Tree

_FOLDERS = tuple(f"{folder}/" for folder in PROOF)


class ProofFiles(Mapping[str, bytes]):
    """By path, of one Tree."""

    def __init__(self, tree: Tree, consulted: set[str]) -> None:
        self._tree = tree
        self._consulted = consulted

    def __getitem__(self, key: str) -> bytes:
        if not key.startswith(_FOLDERS):
            raise KeyError(key)
        self._consulted.add(key)
        return self._tree.read(key)

    def __iter__(self) -> Iterator[str]:
        for folder in PROOF:
            self._consulted.add(folder)
            yield from self._tree.below(folder)

    def __len__(self) -> int:
        return sum(1 for _ in self)
