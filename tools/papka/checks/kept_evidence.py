"""A scan once kept stays: another one is another document that names the first (R-5.5)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding
from papka.model.archive import Archive


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    for student_id, old in before.students.items():
        new = after.students.get(student_id)
        if new is None:
            continue
        now = {document.id: document for document in new.documents}
        for document in old.documents:
            kept = now.get(document.id) if document.id else None
            if document.sha256 is None or kept is None:
                continue  # gone altogether: said by removed_ids, or its file is not read
            if (kept.file, kept.sha256) != (document.file, document.sha256):
                yield codes.EVIDENCE_CHANGED.at(new.where(kept, "sha256"), document=document.id)
