"""Whether git is set to wait until what it wrote is on the disk: by itself it does not (tried).

Absent on purpose: a finding for a plain clone, in which nobody saves yet. papka itself always
waits, whatever is set; this is for the `git commit` and `git push` of people and mirrors.
"""

from __future__ import annotations

from collections.abc import Iterable

from papka.core.layout import is_staff_id
from papka.core.store import Setting

_OBJECTS = frozenset({"loose-object", "pack"})
_DERIVED = frozenset({"pack-metadata", "commit-graph"})
_DEFAULT = (_OBJECTS | _DERIVED) - {"loose-object"}
_PARTS = {
    "objects": _OBJECTS,
    "derived-metadata": _DERIVED,
    "committed": _OBJECTS,
    "added": _OBJECTS | {"index"},
    "all": _OBJECTS | _DERIVED | {"index", "reference"},
    "default": _DEFAULT,
}
_NEEDED = _OBJECTS | {"reference"}
"""Without these a power cut takes the last commits, or the branch itself."""


def weakness(settings: Iterable[Setting]) -> str:
    """What is wrong, in words; empty when nothing is. The last word on a key counts, as in git."""
    value = {setting.key: setting.value or "" for setting in settings}
    method = value.get("core.fsyncmethod", "fsync").lower()
    if method not in ("fsync", "batch"):
        return f"core.fsyncMethod = {method}" if method.isascii() else "core.fsyncMethod"
    if "core.fsync" in value:
        lacking = _NEEDED - _synced(value["core.fsync"])
        return f"core.fsync не включает {', '.join(sorted(lacking))}" if lacking else ""
    takes_pushes = "receive.denynonfastforwards" in value
    if takes_pushes or is_staff_id(value.get("user.name", "")):
        return "core.fsync не задан"
    return ""


def _synced(value: str) -> frozenset[str]:
    found: frozenset[str] = _DEFAULT
    for word in value.replace(" ", ",").split(","):
        name = word.removeprefix("-")
        parts = _PARTS.get(name, frozenset({name}))
        if name == "none":
            found = frozenset()
        else:
            found = found - parts if word.startswith("-") else found | parts
    return found
