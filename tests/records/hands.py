"""The same records as different hands write them: brackets, quotes, comments, CRLF, odd indents.

Everything is drawn from one seeded `Random`, so that a soak is the same on every machine.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from papka.records.editing import write_scalar
from papka.records.strict_yaml import read

COMMENTS = (" # сверено с ведомостью", "  # «ещё»: раз", "   #", " # - не запись", " # a: b")
NOTES = ("# заметка секретаря", "#", "# key: value", "# - пункт")


class Hand:
    """One way of writing; `chance` of each oddity is drawn once a file."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._brackets = dice.choice((0.0, 0.1, 0.4))
        self._quotes = dice.choice((0.0, 0.2, 0.6))
        self._comments = dice.choice((0.0, 0.1, 0.4))
        self._notes = dice.choice((0.0, 0.05, 0.2))
        self._dash = dice.choice(("  ", "  ", "", "    "))
        self._gap = dice.choice((" ", " ", "   "))
        self._newline = dice.choice(("\n", "\n", "\r\n"))

    def write(self, tree: dict[str, Any]) -> bytes:
        """A file that reads back as the tree."""
        lines = ["# yaml-language-server: $schema=../schema/x.json"] if self._is(0.7) else []
        lines += ["---"] if self._is(0.1) else []
        lines += self._map(tree, "")
        lines += [""] * self._dice.choice((0, 0, 0, 2)) + (["# конец"] if self._is(0.2) else [])
        end = "" if self._is(0.1) and not lines[-1].startswith(" ") else self._newline
        return (self._newline.join(lines) + end).encode()

    def _map(self, tree: dict[str, Any], indent: str) -> list[str]:
        lines: list[str] = []
        for key, value in tree.items():
            lines += self._note(indent)
            name = self._name(key)
            if isinstance(value, str) and self._is(0.05) and "\n" not in value.strip():
                lines += self._long(f"{indent}{name}:", value, indent)
            elif isinstance(value, (dict, list)) and value and not self._is(self._brackets):
                lines.append(f"{indent}{name}:{self._comment()}")
                if isinstance(value, dict):
                    lines += self._map(value, indent + "  ")
                else:
                    lines += self._list(value, indent + self._dash)
            elif isinstance(value, (dict, list)) and value and self._is(0.3):
                lines += self._tall(f"{indent}{name}: ", value, indent)
            else:
                lines.append(f"{indent}{name}: {self._flow(value)}{self._comment()}")
        return lines

    def _list(self, items: list[Any], indent: str) -> list[str]:
        lines: list[str] = []
        for item in items:
            lines += self._note(indent)
            if isinstance(item, dict) and item and not self._is(self._brackets / 2):
                inner = indent + " " + self._gap
                block = self._map(item, inner)
                while block[0].lstrip().startswith("#") or not block[0].strip():
                    block.pop(0)
                lines += [f"{indent}-{self._gap}{block[0].removeprefix(inner)}", *block[1:]]
            else:
                lines.append(f"{indent}- {self._flow(item)}{self._comment()}")
        return lines

    def _tall(self, head: str, value: Any, indent: str) -> list[str]:  # noqa: ANN401 - YAML
        """Brackets over several lines, with or without a comma at the end."""
        if isinstance(value, dict):
            inside = [f"{self._name(key)}: {self._flow(item)}" for key, item in value.items()]
            first, last = "{", "}"
        else:
            inside = [self._flow(item) for item in value]
            first, last = "[", "]"
        comma = "," if self._is(0.3) else ""
        lines = [f"{indent}    {item},{self._comment()}" for item in inside[:-1]]
        return [
            f"{head}{first}{self._comment()}",
            *lines,
            f"{indent}    {inside[-1]}{comma}{self._comment()}",
            f"{indent}  {last}{self._comment()}",
        ]

    def _long(self, head: str, value: str, indent: str) -> list[str]:
        mark = "|" if value.endswith("\n") else "|-"
        return [f"{head} {mark}", *(f"{indent}    {line}" for line in value.splitlines())]

    def _flow(self, value: Any) -> str:  # noqa: ANN401 - YAML
        if isinstance(value, dict):
            inside = ", ".join(f"{self._name(k)}: {self._flow(v)}" for k, v in value.items())
            return f"{{{inside}}}"
        if isinstance(value, list):
            return f"[{', '.join(self._flow(item) for item in value)}]"
        if isinstance(value, str) and self._is(self._quotes):
            if "'" not in value and value.isprintable() and self._is(0.5):
                return f"'{value}'"
            return json.dumps(value, ensure_ascii=False)
        return write_scalar(value, flow=True)

    def _name(self, key: str) -> str:
        return f'"{key}"' if self._is(self._quotes / 20) else key

    def _comment(self) -> str:
        return self._dice.choice(COMMENTS) if self._is(self._comments) else ""

    def _note(self, indent: str) -> list[str]:
        if not self._is(self._notes):
            return []
        note = self._dice.choice(NOTES)
        return self._dice.choice(([""], [indent + note], [note], ["", indent + note]))

    def _is(self, chance: float) -> bool:
        return self._dice.random() < chance


def written(tree: dict[str, Any], dice: Random) -> bytes:
    """The tree in some hand; another hand is tried when the strict reader would not take it."""
    while True:
        data = Hand(dice).write(tree)
        document = read(data, "")
        if not document.findings and document.value == tree:
            return data
