"""What a printed form is: its name, what it is printed for, and how its view is made.

Invariant: a form is a folder of `templates/` with `<name>.html.j2`, and a style sheet
`<name>.css` when it needs one; its view is a frozen dataclass with a field `page`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from papka.model.archive import Archive
from papka.views.state import State

Target = Literal[
    "дело",  # 2026-0007
    "обучение",  # 2026-0007#e1
    "согласие",  # 2026-0007#c1
    "группа",  # Г-26-1
    "приказ",  # 2026/0001
    "номер документа",  # С-2026-0001
    "книга и год",  # certificates/2026
    "год",  # 2026
    "период",  # 2026-1
    "архив",  # the archive itself: no address
    "печать",  # 0002
    "замена ключей",  # 0001
]
View = Any
"""A frozen dataclass with a field `page: Page`; templates read it as `form`."""


@dataclass(frozen=True, slots=True)
class Form:
    """`view` makes the words for one address and raises NotFound; `targets` are all addresses
    there are, for `--all`. A form of proof is always in use and is told the first commit; one of
    the archive itself has the empty address."""

    name: str
    title: str
    target: Target
    view: Callable[[State, str], View]
    targets: Callable[[Archive], Iterable[str]]
    is_of_proof: bool = False

    @property
    def template(self) -> str:
        return f"{self.name}/{self.name}.html.j2"
