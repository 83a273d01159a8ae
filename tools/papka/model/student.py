"""One student's whole personal file: every document of the folder, as one frozen value (R-1.3).

Invariants: entries keep the order of their files; a file that was rejected contributes nothing
here and is named in `Archive.unreadable`. Absent on purpose: anything computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from papka.core.findings import Location
from papka.core.layout import student_folder
from papka.model.person import Hold, Lending, Person, Representative
from papka.model.restricted import Diagnostic, Need
from papka.model.results import Result
from papka.model.standing import Award, Consent, Document, Notice
from papka.model.study import Credit, Enrolment

AnyEntry = (
    Enrolment
    | Result
    | Credit
    | Award
    | Consent
    | Document
    | Notice
    | Representative
    | Lending
    | Hold
    | Diagnostic
    | Need
)


@dataclass(frozen=True, slots=True)
class Student:
    """`periods` maps a period (by file name) to its results, `stated_periods` to the period the
    file itself names; `attachments` a file name to its sha256 (hex); `raw` a file name to the
    student's own rows of an export, their bytes. `diagnostics` and `needs` are
    those of a restricted archive, where there is nothing else (R-4.2)."""

    id: str
    person: Person | None = None
    enrolments: tuple[Enrolment, ...] = ()
    periods: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    credits: tuple[Credit, ...] = ()
    awards: tuple[Award, ...] = ()
    consents: tuple[Consent, ...] = ()
    documents: tuple[Document, ...] = ()
    notices: tuple[Notice, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    needs: tuple[Need, ...] = ()
    attachments: Mapping[str, str] = field(default_factory=dict)
    stated_periods: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, bytes] = field(default_factory=dict)
    salt: bytes | None = None

    @property
    def folder(self) -> str:
        return student_folder(self.id)

    @property
    def results(self) -> Iterator[tuple[str, Result]]:
        """Every result with its period, periods in order of their names."""
        for period in sorted(self.periods):
            for result in self.periods[period]:
                yield period, result

    def lists(self) -> Iterator[tuple[str, str, tuple[AnyEntry, ...]]]:
        """Every list of entries as (path, pointer of the list, entries)."""
        folder = self.folder
        if self.person:
            card = f"{folder}/student.yaml"
            yield card, "/representatives", self.person.representatives
            if self.person.paper:
                yield card, "/paper/lendings", self.person.paper.lendings
            yield card, "/holds", self.person.holds
        yield f"{folder}/enrolments.yaml", "/enrolments", self.enrolments
        for period in sorted(self.periods):
            yield f"{folder}/results/{period}.yaml", "/results", self.periods[period]
        yield f"{folder}/credits.yaml", "/credits", self.credits
        yield f"{folder}/awards.yaml", "/awards", self.awards
        yield f"{folder}/consents.yaml", "/consents", self.consents
        yield f"{folder}/documents.yaml", "/documents", self.documents
        yield f"{folder}/notices.yaml", "/notices", self.notices
        yield f"{folder}/diagnostics.yaml", "/diagnostics", self.diagnostics
        yield f"{folder}/needs.yaml", "/needs", self.needs

    def entries(self) -> Iterator[AnyEntry]:
        for _, _, entries in self.lists():
            yield from entries

    def where(self, entry: AnyEntry | Person | None, *fields: str | int) -> Location:
        """The place of an entry of this student, or of a field in it.

        Looked up by identity only when something is found: the happy path pays nothing.
        """
        tail = "".join(f"/{part}" for part in fields)
        if entry is None or isinstance(entry, Person):
            return Location(f"{self.folder}/student.yaml", tail)
        for path, pointer, entries in self.lists():
            for index, candidate in enumerate(entries):
                if candidate is entry:
                    return Location(path, f"{pointer}/{index}{tail}")
        raise LookupError(f"{self.id}: no such entry")
