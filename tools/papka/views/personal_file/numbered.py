"""The sheets that carry the case's numbers: chapters with words, copies, provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from papka.views.personal_file.case import Head
from papka.views.personal_file.contents import Contents
from papka.views.personal_file.copies import Side


@dataclass(frozen=True, slots=True)
class Chapters:
    head: Head
    contents: Contents


@dataclass(frozen=True, slots=True)
class Copies:
    head: Head
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Origins:
    """`provenance` is the view of the sheet of provenance; `title` its line in the inventory;
    `is_numbered` is False where what stands before it was not counted."""

    head: Head
    title: str
    provenance: Any
    is_numbered: bool
