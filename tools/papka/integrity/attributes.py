"""Attributes by which git puts other bytes in the folder, in a commit or in an export than given.

Judged for every `.gitattributes` any commit ever wrote, and for info/attributes, which no commit
holds. Absent on purpose: attributes that only change what is shown (diff) or how histories are
joined (merge): the programs they name stand in the settings, and those are judged there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.core.codes import repository as codes
from papka.core.findings import Finding, Location
from papka.integrity.chronicle import Step

NAME = ".gitattributes"
_HARMLESS = {
    "filter": ("-",),
    "ident": ("-", "!"),
    "text": ("-",),
    "crlf": ("-",),
    "eol": ("-",),
    "working-tree-encoding": ("-",),
    "export-subst": ("-", "!"),
    "export-ignore": ("-", "!"),
}
"""Attribute -> how it may be mentioned: `-` takes it off; `!` leaves it to the settings."""


def is_attributes(path: str) -> bool:
    """Whether some system reads the file as attributes: Windows ignores case."""
    return path.rpartition("/")[2].lower() == NAME


def content_filters(data: bytes) -> Iterator[tuple[int, str]]:
    """Lines that change content, with what in them does."""
    # Split as git does: only \n ends a line there.
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), start=1):
        text = line.lstrip(" \t\r\f\v\ufeff")
        if text.startswith("#"):
            continue
        found = [word for word in _attributes(text) if _changes_content(word)]
        if found:
            yield number, " ".join("".join(c for c in word if c.isprintable()) for word in found)


def judge_attributes(steps: tuple[Step, ...], contents: Mapping[str, bytes]) -> Iterator[Finding]:
    """`contents`: blob id -> bytes of the attribute files of all steps."""
    for step in steps:
        for change in step.changes:
            if change.deleted or not is_attributes(change.path):
                continue
            where = Location(change.path, commit=step.commit.id)
            for line, attributes in content_filters(contents.get(change.new_id, b"")):
                yield codes.ATTR_CONTENT_FILTER.at(where, line=line, attributes=attributes)


def _attributes(line: str) -> list[str]:
    """The words after the pattern, or after the name of a macro."""
    if line.startswith('"'):
        end = 1
        while end < len(line) and line[end] != '"':
            end += 2 if line[end] == "\\" else 1
        return line[end + 1 :].split()
    return line.split()[1:]


def _changes_content(word: str) -> bool:
    sign = word[0] if word[0] in "-!" else ""
    name, given, _ = word.removeprefix(sign).partition("=")
    allowed = _HARMLESS.get(name)
    return allowed is not None and (bool(given) or sign not in allowed or not sign)
