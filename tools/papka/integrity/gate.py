"""Does a hosted store still check what is pushed to it?

Absent on purpose: what the check asks, and stores that were never made by `mirror host`.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import repository as codes
from papka.core.findings import Finding, Location
from papka.core.gate import GATE, HOSTED, Installed, read_gate
from papka.core.store import StoreFacts

_FOLDER = "hooks"


def is_hosted(facts: StoreFacts) -> bool:
    """Whether `mirror host` made the store: it says so, or our own check stands at its entry."""
    return facts.bare and (_is_marked(facts) or read_gate(facts.gate or b"") is not None)


def judge_gate(facts: StoreFacts, own: Installed) -> Iterator[Finding]:
    """`own`: the papka that verifies. Nothing for a store that is not hosted."""
    if not is_hosted(facts):
        return
    named = read_gate(facts.gate or b"")
    ways = {each.value for each in facts.settings if each.key == "core.hookspath"} or {_FOLDER}
    if facts.gate is None:
        detail = f"{_FOLDER}/{GATE} нет, или git не может её выполнить"
    elif named is None:
        detail = f"{_FOLDER}/{GATE} изменена"
    elif ways != {_FOLDER}:
        detail = f"настройка core.hooksPath ведёт git мимо {_FOLDER}/{GATE}"
    else:
        if named != own:
            program = _shown(f"{named.python} ({named.package})")
            yield codes.GATE_ELSEWHERE.at(Location(), program=program)
        return
    yield codes.GATE_BROKEN.at(Location(), detail=detail)


def _is_marked(facts: StoreFacts) -> bool:
    return any(each.key == HOSTED and each.value != "false" for each in facts.settings)


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
