"""What people wrote, as plain words: read from files, from a commit by plain git, or from a folder.

Invariants: papka is not asked, nor its parser, so that nothing here errs as it would; a fact that
stands twice reads otherwise than one that stands once.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Facts = Mapping[str, str]
"""`phone 2026-0001` -> `+70000000007`; what is only there or not is counted: `notice 2026-0001 т17`
-> `1`. A number is the value of what bears it: `student Клён` -> `2026-0004`."""

_STUDENT = r"records/students/\d{4}/(?P<name>\d{4}-\d{4})"
_READ = (
    (rf"{_STUDENT}/student\.yaml", r"^phone: \D?(?P<word>\+\d+)", "phone {name}", "{word}"),
    (rf"{_STUDENT}/student\.yaml", r"^  place: (?P<word>.+)$", "place {name}", "{word}"),
    (rf"{_STUDENT}/student\.yaml", r"^  surname: (?P<word>\S+)$", "student {word}", "{name}"),
    (rf"{_STUDENT}/notices\.yaml", r"channel: (?P<word>т\d+)$", "notice {name} {word}", "1"),
    (
        r"records/orders/(?P<name>\d{4}/\d{4})\.yaml",
        *(r"^heading: .*? ?(?P<word>т\d+)?$", "order {word}", "{name}"),
    ),
    (
        r"records/registers/issued/(?P<name>\d{4}/[a-z]+-\d{4})\.yaml",
        *(r"^number: (?P<word>\S+)$", "document {word}", "{name}"),
    ),
    (r"records/media/(?P<name>\d{4})\.yaml", r"sha256: (?P<word>\w+)$", "copy {word}", "{name}"),
    (r"records/approvals/(?P<name>[\d-]+)\.yaml", r"\A(?P<word>)", "approval {name}", "1"),
)
"""Which file, which line of it, and the fact that it is; what has no word is called by its name."""
_ROWS = tuple(
    (re.compile(file), re.compile(line, re.MULTILINE), key, value)
    for file, line, key, value in _READ
)


def facts_of(path: str, text: str) -> Iterator[tuple[str, str]]:
    """Each fact as often as it stands there."""
    for file, line, key, value in _ROWS:
        if found := file.fullmatch(path):
            for each in line.finditer(text):
                words = {"name": found["name"], "word": each["word"] or found["name"]}
                yield key.format(**words), value.format(**words)


def is_read(path: str) -> bool:
    return any(file.fullmatch(path) for file, *_ in _ROWS)


def gathered(found: Iterator[tuple[str, str]]) -> dict[str, str]:
    """One value a fact; several are told together."""
    facts: dict[str, str] = {}
    for key, value in found:
        facts[key] = f"{facts[key]} + {value}" if key in facts else value
    return facts


def path_of(key: str, value: str = "") -> str:
    """The file a fact stands in."""
    kind, _, rest = key.partition(" ")
    who = value if kind == "student" else rest.partition(" ")[0]
    if kind in ("phone", "place", "student"):
        return f"records/students/{who[:4]}/{who}/student.yaml"
    if kind == "notice":
        return f"records/students/{who[:4]}/{who}/notices.yaml"
    folder = {"order": "orders", "document": "registers/issued", "copy": "media"}
    return (
        f"records/{folder[kind]}/{value}.yaml"
        if kind in folder
        else f"records/approvals/{rest}.yaml"
    )


@dataclass(slots=True)
class Reader:
    """Reads stores and folders; a blob is read once."""

    _known: dict[tuple[str, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def saved(self, store: Path, commit: str) -> dict[str, str]:
        """The facts of a commit."""
        listed = git(store, "ls-tree", "-r", "-z", commit, "records/").decode("utf-8")
        found: list[tuple[str, str]] = []
        for line in filter(None, listed.split("\0")):
            about, path = line.split("\t", 1)
            if is_read(path):
                found.append((path, about.split()[2]))
        wanted = [each for each in found if each not in self._known]
        if wanted:
            for each, text in zip(wanted, _blobs(store, [id_ for _, id_ in wanted]), strict=True):
                self._known[each] = tuple(facts_of(each[0], text))
        return gathered(fact for each in found for fact in self._known[each])

    def lying(self, root: Path) -> dict[str, str]:
        """The facts that lie in a folder, saved or not."""
        paths = (path.relative_to(root).as_posix() for path in (root / "records").rglob("*.yaml"))
        return gathered(
            fact
            for path in sorted(paths)
            if is_read(path)
            for fact in facts_of(path, (root / path).read_text(encoding="utf-8"))
        )


def _blobs(store: Path, ids: list[str]) -> Iterator[str]:
    out = git(store, "cat-file", "--batch", given="\n".join(ids).encode() + b"\n")
    at = 0
    for _ in ids:
        end = out.index(b"\n", at)
        size = int(out[at:end].split()[2])
        yield out[end + 1 : end + 1 + size].decode("utf-8")
        at = end + size + 2


def git(store: Path, *words: str, given: bytes | None = None) -> bytes:
    """Plain git; fails the test when git fails."""
    ran = subprocess.run(
        ["git", "-C", store, *words], input=given, capture_output=True, check=False
    )  # fmt: skip
    assert ran.returncode == 0, f"git {' '.join(words)}: {ran.stderr.decode(errors='replace')}"
    return ran.stdout
