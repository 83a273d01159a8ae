"""Signer, author and committer are one staff id and nothing more: names are personal data."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.integrity.chronicle import Chronicle


def is_the_signer(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        if step.verdict.signer is None:
            continue
        staff = step.verdict.signer.staff
        due = (staff, f"{staff}@papka.invalid")
        for role, person in (
            ("автор", step.commit.author),
            ("записавший", step.commit.committer),
        ):
            if (person.name, person.email) != due:
                # A foreign name may be a person's own: it is left out of the message.
                named = person.email.removesuffix("@papka.invalid")
                shown = named if named.isalnum() and named.isascii() else "кто-то другой"
                yield codes.AUTHOR_MISMATCH.at(
                    Location(commit=step.commit.id), signer=staff, role=role, named=shown
                )
