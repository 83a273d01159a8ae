"""Commits, steps and what is said of them as plain values: rules are asked without a store."""

from __future__ import annotations

from collections.abc import Iterable

from papka.core.findings import Finding
from papka.proof.chronicle import Chronicle, HistoryStep, Verdict
from papka.proof.trusted_keys import HEAD, NOTHING, STAFF, TrustEntry, TrustHistory, TrustState
from papka.repository.git_values import (
    ED25519,
    FILE,
    Commit,
    FileChange,
    GitPerson,
    PublicKey,
    TrackedFile,
    compose_commit,
    parse_commit,
)

START = 1_772_442_000
"""02.03.2026, noon in Moscow."""


def id_of(number: int) -> str:
    """A commit's or a blob's id that begins with its number."""
    return f"{number:02d}{'c' * 38}"


def key(number: int) -> PublicKey:
    """A key nobody has."""
    return PublicKey(ED25519, bytes([number]) * 32)


CHIEF = TrustEntry("s001", HEAD, key(1))
SPARE = TrustEntry("s001", HEAD, key(2))
CLERK = TrustEntry("s003", STAFF, key(3))


def person(staff: str = "s003", time: int = START, offset: str = "+0300") -> GitPerson:
    return GitPerson(staff, f"{staff}@papka.invalid", time, offset)


def commit(
    number: int,
    *,
    parents: tuple[str, ...] | None = None,
    author: GitPerson | None = None,
    committer: GitPerson | None = None,
    message: str = "Правка\n",
) -> Commit:
    """Number 1 is a root; each other stands on the one before unless it is told otherwise."""
    above = ((id_of(number - 1),) if number > 1 else ()) if parents is None else parents
    who = author or person()
    raw = compose_commit("4" * 40, above, who, committer or who, message)
    return parse_commit(id_of(number), raw)


def added(path: str, id_: str = "1" * 40, mode: str = FILE) -> FileChange:
    return FileChange(path, "", mode, "", id_)


def changed(path: str, mode: str = FILE, old_mode: str = FILE, id_: str = "2" * 40) -> FileChange:
    return FileChange(path, old_mode, mode, "1" * 40, id_)


def deleted(path: str) -> FileChange:
    return FileChange(path, FILE, "", "1" * 40, "")


def step(  # noqa: PLR0913 - each test bends one of these
    number: int = 2,
    *changes: FileChange,
    made: Commit | None = None,
    by: TrustEntry | None = CLERK,
    verdict: Verdict | None = None,
    before: TrustState = NOTHING,
    after: TrustState = NOTHING,
    authorised: bool = False,
    standing: TrustHistory | None = None,
) -> HistoryStep:
    """One commit, signed well by `by` unless a `verdict` says otherwise."""
    entries = (CHIEF, SPARE, CLERK)
    good = Verdict("good", by, by.key.fingerprint if by else "")
    return HistoryStep(
        made or commit(number),
        changes,
        {entry.key: entry for entry in entries},
        verdict or good,
        before,
        after,
        authorised,
        standing or TrustHistory(),
    )


def chronicle(*steps: HistoryStep, now: int = START, files: Iterable[str] = ()) -> Chronicle:
    return Chronicle(steps, now, dict.fromkeys(files, TrackedFile(FILE, "1" * 40)))


def told(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    """Code, place and sentence of each: the place as `path:line@commit`, each part when it is
    there."""
    return [(found.code.name, place(found), found.message) for found in findings]


def place(found: Finding) -> str:
    where = found.where
    line = f":{where.line}" if where.line else ""
    commit_ = f"@{where.commit.rstrip('c').lstrip('0')}" if where.commit else ""
    return f"{where.path}{line}{commit_}"


def codes(findings: Iterable[Finding]) -> list[str]:
    return [found.code.name for found in findings]
