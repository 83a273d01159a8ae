"""For a person: path:line:column, the line with a caret, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from papka.core.findings import Finding, Location, Severity

WORDS = {
    Severity.INFO: ("сведение", "blue"),
    Severity.WARNING: ("предупреждение", "yellow"),
    Severity.ERROR: ("ошибка", "red"),
    Severity.FATAL: ("нарушение", "bright_red"),
}
_NO_BREAK = "\u00a0"
_WIDEST = 160


def render(findings: Sequence[Finding], source: Callable[[str], bytes | None]) -> str:
    lines: dict[str, list[str]] = {}
    blocks = [_block(finding, source, lines) for finding in findings]
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def place(where: Location) -> str:
    """`path:line:column`, or the commit, as far as known."""
    if not where.path:
        return where.commit[:12] or "архив"
    parts = [printable(where.path), *(str(part) for part in (where.line, where.column) if part)]
    text = ":".join(parts)
    return f"{text} (запись {where.commit[:12]})" if where.commit else text


def printable(text: str) -> str:
    """Without what would command a terminal or break the line."""
    return "".join(char if char.isprintable() or char == _NO_BREAK else "·" for char in text)


def _block(
    finding: Finding, source: Callable[[str], bytes | None], lines: dict[str, list[str]]
) -> str:
    word, color = WORDS[finding.severity]
    head = click.style(place(finding.where), bold=True)
    parts = [f"{head}: {click.style(word, fg=color, bold=True)} {finding.code.name}"]
    parts += _excerpt(finding.where, source, lines)
    parts.append(f"  {printable(finding.message)}")
    if finding.hint:
        parts.append(f"  → {printable(finding.hint)}")
    parts += [f"  см. {place(other)}" for other in finding.related]
    return "\n".join(parts)


def _excerpt(
    where: Location, source: Callable[[str], bytes | None], lines: dict[str, list[str]]
) -> list[str]:
    """The source line and a caret under the place; nothing where the line is not known."""
    if not where.line or where.commit:
        return []
    if where.path not in lines:
        data = source(where.path)
        lines[where.path] = (data or b"").decode("utf-8", "replace").splitlines()
    if where.line > len(lines[where.path]):
        return []
    raw = lines[where.path][where.line - 1]
    text = printable(raw)[:_WIDEST]
    column = min(max(where.column, 1), len(text) + 1)
    number = f"{where.line:>5}"
    mark = "^" * max(1, _length(text[column - 1 :]))
    caret = " " * (column - 1) + click.style(mark, fg="red", bold=True)
    return [f"{number} | {text}", f"{' ' * len(number)} | {caret}"]


def _length(rest: str) -> int:
    """How much to underline: the word at the place, or the value up to a comment."""
    if rest[:1] in ('"', "'"):
        end = rest.find(rest[0], 1)
        return end + 1 if end > 0 else len(rest)
    value = rest.split(" #", maxsplit=1)[0].rstrip()
    key, colon, tail = value.partition(":")
    return len(key) if colon and (not tail or tail.startswith(" ")) else len(value)
