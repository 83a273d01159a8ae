"""What must be true of the copies, as plain values: who saved what, what came where.

Invariants: no file, no clock, no papka; one step makes one list of stages that each store may be
found at, and a step that nothing disturbed must end at the last.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.life.facts import Facts, path_of


@dataclass(slots=True)
class Copy:
    """One person's copy. `saved`: at its head; `edits`: what a person wrote after that.

    `halves`: what killed commands may have begun to write, until a command comes to its end.
    `waits`: surnames of those, and "" for the document, that wait for a number as drafts.
    `begun`: the document that was given while nobody was left to be told. `undoable`: the last
    commit, and the facts before it, as long as nothing came after.
    """

    saved: dict[str, str]
    edits: dict[str, str] = field(default_factory=dict)
    halves: list[Facts] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    begun: str = ""
    undoable: tuple[str, dict[str, str]] | None = None

    @property
    def lies(self) -> dict[str, str]:
        """What a person sees in the folder."""
        return {**self.saved, **self.edits}

    @property
    def edited(self) -> set[str]:
        """The files with edits."""
        return {path_of(key, value) for key, value in self.edits.items()}

    def unlike(self, expected: Facts, found: Facts) -> list[str]:
        """What is otherwise than expected, and not what a killed command has begun."""
        return [
            f"{key}: должно быть {expected.get(key, '—')}, а стоит {found.get(key, '—')}"
            for key in sorted(expected.keys() | found.keys())
            if found.get(key) != expected.get(key)
            and (key in self.edits or found.get(key) not in {h.get(key) for h in self.halves})
        ]

    def stand(self, saved: Facts) -> None:
        """From now on this is saved."""
        self.saved = dict(saved)
        self.edits = {k: v for k, v in self.edits.items() if saved.get(k) != v}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a step may stand: what the copy has saved by then, and what the primary has."""

    name: str
    saved: Facts
    hub: Facts


def merged(base: Facts, ours: Facts, theirs: Facts) -> tuple[dict[str, str], list[str]]:
    """Three states of facts made one, and the facts both sides made different things of."""
    both: dict[str, str] = {}
    conflicts = []
    for key in base.keys() | ours.keys() | theirs.keys():
        was, mine, other = base.get(key), ours.get(key), theirs.get(key)
        if mine not in (was, other) and other != was:
            conflicts.append(key)
        value = mine if other == was else other
        if value is not None:
            both[key] = value
    return both, sorted(conflicts)


def next_number(facts: Facts, year: int, kind: str) -> str:
    """The number after the highest: of a student, an order."""
    given = [value for key, value in facts.items() if key.startswith(f"{kind} ")]
    mark = "-" if kind == "student" else "/"
    tails = [int(value[5:9]) for value in given if value.startswith(f"{year}{mark}")]
    return f"{year}{mark}{max(tails, default=0) + 1:04}"


def next_document(facts: Facts) -> tuple[str, str]:
    """The fact of the next transcript."""
    given = sum(key.startswith("document О-2026-") for key in facts)
    return f"document О-2026-{given + 1:04}", f"2026/transcripts-{given + 1:04}"


def students(facts: Facts) -> list[str]:
    return sorted(value for key, value in facts.items() if key.startswith("student "))


def numbers_given_twice(facts: Facts) -> Iterator[str]:
    """A number that two bear, or somebody who bears two."""
    seen: dict[tuple[str, str], str] = {}
    for key, value in facts.items():
        kind = key.partition(" ")[0]
        if " + " in value:
            yield f"стоит дважды: {key}: {value}"
        if kind in ("student", "order", "document"):
            other = seen.setdefault((kind, value), key)
            if other != key:
                yield f"один номер {value} у двоих: {other}, {key}"


LETTERS = "абвгдежзик"


def surname(number: int) -> str:
    """Somebody plainly invented, another for every number."""
    return "Лист" + "".join(LETTERS[int(digit)] for digit in f"{number:04}")


def picked(chance: random.Random, among: Iterable[str]) -> str:
    return chance.choice(sorted(among))
