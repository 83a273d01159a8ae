"""From an engine's errors to findings a person can act on: one slip, one finding.

A misspelt field is reported once, not also as missing; a wrong value silences the conditions that
look at it; of alternatives the one meant is explained. Messages hold titles and allowed values
from the schema, never what was written.
"""

from __future__ import annotations

from collections.abc import Iterable

from papka.core.codes import schema as codes
from papka.core.findings import Finding, Location
from papka.text.outline import Outline
from papka.text.sentences import Error, Said, Speaker
from papka.text.tree import escaped


def word(errors: Iterable[Error], outline: Outline, file: str, path: str) -> list[Finding]:
    """Findings for all errors of one value, judged by the schema `file`."""
    speaker = Speaker(outline, file)
    said = _without_echoes([one for error in errors for one in speaker.say(error)])
    found: dict[tuple[str, str], Finding] = {}
    for one in said:
        pointer = "".join(f"/{escaped(part)}" for part in one.path)
        finding = one.code.at(Location(path, pointer), related=(), **one.words)
        name = one.field if one.code is codes.SCHEMA_MISSING_FIELD else ""
        found.setdefault((one.code.name, f"{pointer}/{escaped(name)}"), finding)
    return list(found.values())


def _without_echoes(said: list[Said]) -> list[Said]:
    """Drops what only repeats another finding."""
    nulls = {one.path for one in said if one.code is codes.SCHEMA_NULL}
    typed = {one.path for one in said if one.code is codes.SCHEMA_WRONG_TYPE}
    plain = {one.path for one in said if not one.watched}
    meant = {(*one.path[:-1], one.suggested) for one in said if one.suggested}

    def echoes(one: Said) -> bool:
        if one.code is codes.SCHEMA_NULL:
            return False
        if one.path in nulls or (one.path in typed and one.code is not codes.SCHEMA_WRONG_TYPE):
            return True
        if one.code is codes.SCHEMA_MISSING_FIELD and (*one.path, one.field) in meant:
            return True
        base = one.path[:-1] if one.code in codes.AT_KEY else one.path
        return any((*base, name) in plain or (*base, name) in meant for name in one.watched)

    return [one for one in said if not echoes(one)]
