"""What the store itself says: damaged objects and refs, and settings that bend what git sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from papka.core.codes import history as codes
from papka.core.codes import repository
from papka.core.findings import Finding, Location
from papka.core.gate import GATE
from papka.core.store import MAIN, ObjectFault, StoreFacts
from papka.integrity.attributes import content_filters
from papka.integrity.gate import is_hosted
from papka.integrity.settings import judge_settings

_SAFE_REF = re.compile(r"refs(?:/(?!-)[A-Za-z0-9._-]+)+", re.ASCII)
_REPLACED = "refs/replace/"
_FOLLOWED = "refs/remotes/"
_LONG = 80
"""So much of a file that should hold one short line is shown."""
_FEW = 5


def judge_facts(facts: StoreFacts) -> Iterator[Finding]:
    """What was seen without running git."""
    yield from _refs(facts)
    nowhere = Location()
    if facts.head != f"ref: {MAIN}":
        step = f"git symbolic-ref HEAD {MAIN}" if facts.bare else "git checkout main"
        shown = _shown(facts.head)[:_LONG] or "пусто"
        yield codes.HEAD_ELSEWHERE.at(nowhere, head=shown, step=step)
    if facts.misplaced:
        yield codes.REPO_COMMONDIR.at(nowhere)
    if facts.grafts:
        yield codes.REPO_GRAFTS.at(nowhere)
    if facts.shallow:
        yield codes.REPO_SHALLOW.at(nowhere)
    if facts.alternates:
        more = len(facts.alternates) - _FEW
        names = [_shown(name) for name in facts.alternates[:_FEW]]
        names += [f"и ещё {more}"] if more > 0 else []
        yield codes.REPO_ALTERNATES.at(nowhere, files=", ".join(names))
    if facts.partial:
        yield codes.REPO_PARTIAL.at(nowhere, marks=_shown(", ".join(facts.partial)))
    yield from judge_settings(facts.settings, facts.unread_settings, bare=facts.bare)
    yield from _left_beside(facts)


def _left_beside(facts: StoreFacts) -> Iterator[Finding]:
    """What lies in the store that no archive needs."""
    nowhere = Location()
    is_gate = is_hosted(facts)
    for name in facts.hooks:
        if is_gate and name == GATE:
            continue
        yield repository.REPO_HOOKS.at(nowhere, names=_shown(f"hooks/{name}"))
    for name in facts.locks:
        yield repository.STALE_LOCK.at(nowhere, file=_shown(name))
    inside = Location("info/attributes" if facts.bare else ".git/info/attributes")
    for line, attributes in content_filters(facts.attributes):
        yield repository.ATTR_CONTENT_FILTER.at(inside, line=line, attributes=attributes)


def judge_leftovers(leftovers: Iterable[str], unreachable: int, store: str) -> Iterator[Finding]:
    """What nothing leads to in a bare `store`: «в хранилище», «на зеркале …»."""
    nowhere = Location()
    for name in leftovers:
        yield repository.PUSH_LEFTOVER.at(nowhere, folder=f"objects/{_shown(name)}", store=store)
    if unreachable:
        yield repository.OBJECT_UNREACHABLE.at(nowhere, count=unreachable, store=store)


def is_extra(ref: str) -> bool:
    """Whether a ref is one that no archive needs."""
    return ref != MAIN and not ref.startswith((_REPLACED, _FOLLOWED))


def _refs(facts: StoreFacts) -> Iterator[Finding]:
    nowhere = Location()
    for ref, detail in facts.broken_refs:
        yield codes.REF_DAMAGED.at(nowhere, ref=_shown(ref), detail=detail)
    if MAIN not in facts.refs and MAIN not in dict(facts.broken_refs):
        yield codes.REF_DAMAGED.at(nowhere, ref=MAIN, detail="её нет")
    for ref in facts.refs:
        if _SAFE_REF.fullmatch(ref) is None:
            yield codes.REF_NAME_UNSAFE.at(nowhere, ref=_shown(ref))
        elif is_extra(ref):
            yield codes.REF_EXTRA.at(nowhere, ref=ref)
    replaced = [ref for ref in facts.refs if ref.startswith(_REPLACED)]
    if replaced:
        yield codes.REPO_REPLACE_REFS.at(nowhere, refs=_shown(", ".join(replaced)))


def judge_objects(faults: Iterable[ObjectFault]) -> Iterator[Finding]:
    """What checking every object found."""
    for fault in faults:
        if fault.kind == "pack":
            yield codes.PACK_DAMAGED.at(Location(), pack=fault.id, detail=fault.detail)
        elif fault.kind == "graph":
            yield repository.COMMIT_GRAPH_DAMAGED.at(Location(), file=fault.id, detail=fault.detail)
        elif fault.kind == "missing":
            yield codes.OBJECT_MISSING.at(Location(), id=fault.id, detail=fault.detail)
        else:
            yield codes.OBJECT_CORRUPT.at(Location(), id=fault.id, detail=fault.detail)


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
