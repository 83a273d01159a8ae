"""A commit holds exactly what its signature and a reader see.

Recomposing the commit must give its bytes back: that leaves no room for a second signature, an
unknown header, a zero byte that ends the text for some programs, or an odd spelling of a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.core.history import Commit, compose_commit
from papka.integrity.chronicle import Chronicle


def nothing_hidden(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        odd = _odd(step.commit)
        if odd:
            yield codes.HEADER_UNEXPECTED.at(Location(commit=step.commit.id), headers=odd)


def _odd(commit: Commit) -> str:
    if commit.unexpected:
        return ", ".join(name or "строка без имени" for name in commit.unexpected)
    if b"\0" in commit.signed_payload:
        return "нулевой байт"
    c = commit
    if not (c.author.has_zone and c.committer.has_zone):
        return "часовой пояс, которого не бывает"
    if compose_commit(c.tree, c.parents, c.author, c.committer, c.message) != c.signed_payload:
        return "необычная запись заголовка"
    return ""
