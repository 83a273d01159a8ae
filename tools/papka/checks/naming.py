"""The one question of every reference rule: is this name declared?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from papka.core.findings import Code, Finding, Location
from papka.core.suggestion import may_be


def unknown(
    code: Code, name: str | None, known: Collection[str], where: Callable[[], Location]
) -> Iterator[Finding]:
    """A finding of `code` (fields name, may_be) unless `name` is absent or among `known`.

    `where` is called only then: places are looked up on the unhappy path.
    """
    if name is not None and name not in known:
        yield code.at(where(), name=name, may_be=may_be(name, known))
