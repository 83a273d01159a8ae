"""Verify one printed document: whose signature its code bears, and whether the paper says the same.

Works offline. The code is read off the page as it is seen, never from hidden data; a signed fact
that the visible page does not show is named; what a program cannot see is left to a person, and
said so. Whether the archive itself is sound is the work of `verify`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.core.errors import PapkaError, cannot_access
from papka.core.findings import Finding, Location, Severity, has_errors
from papka.core.installation import ShippedSnapshot
from papka.paper import document_codes
from papka.paper.document_coverage import (
    UNREAD,
    UNSIGNED,
    Compared,
    Coverage,
    Seen,
    cover,
    registered_rows,
)
from papka.paper.document_origin import Origin, judge_signature
from papka.paper.document_text import (
    LABELS,
    against_itself,
    against_print,
    differing,
    fact_as_text,
    list_facts,
    spellings_on_form,
)
from papka.paper.document_text import spellings_anywhere as printed_ways
from papka.paper.form import State
from papka.paper.forms import load_form
from papka.paper.forms.issued_documents import IssuedLine
from papka.paper.html import parts_of, take_parts
from papka.paper.issued_contents import duplicate_in_force
from papka.paper.page_pictures import (
    FoundCodes,
    NoPicture,
    SeenPage,
    Unseen,
    codes_on,
    look,
    picture_of,
    read_photograph,
)
from papka.paper.press import print_form
from papka.proof.document_code import (
    PREFIX,
    BadCode,
    DocumentFacts,
    Scanned,
    facts_of,
    message_room,
    read_text,
)
from papka.proof.trusted_keys import TrustEntry
from papka.records.acts import RegisterEntry
from papka.records.derived.in_force import as_issued
from papka.repository.files import read_plain

_PDF = b"%PDF-"
_FONTS = "templates/fonts/"
_ITSELF = "видимый текст самого документа"
_SEEN: Mapping[Seen, str] = {"code": "только текст кода", "picture": "только изображение"}
_UNREAD = {True: "на снимке он виден, но неразборчив", False: "на снимке его не нашли"}
"""Why a photograph gave no code, by whether one is seen there."""


@dataclass(frozen=True, slots=True)
class DocumentProof:
    """The verdict on a document.

    `facts`: None when no code was read; `signer`: who signed them; `against`: what the visible page
    was compared with, empty when it was not; `rows` and `events`: of the register, covered by the
    signature, where a person has to compare the paper with them.
    """

    findings: tuple[Finding, ...]
    facts: DocumentFacts | None = None
    signer: TrustEntry | None = None
    against: str = ""
    coverage: Coverage = UNREAD
    rows: tuple[IssuedLine, ...] = ()
    events: tuple[IssuedLine, ...] = ()

    @property
    def is_unread(self) -> bool:
        """Whether nothing speaks against the document, for nothing of it was read."""
        errors = {found.code for found in self.findings if found.severity >= Severity.ERROR}
        unread = {document_codes.DOC_QR_UNREAD, document_codes.DOC_FILE_UNREADABLE}
        return bool(errors) and errors <= unread


FindOrigin = Callable[[str, str], Origin]
"""Number and core (base64) of the document -> what it is held against."""


def verify_text(code: str, origin: FindOrigin) -> DocumentProof:
    """Verify the text of a scanned code."""
    return _verify_code(code, origin, seen="code")


def verify_file(file: Path, origin: FindOrigin, *, now: datetime) -> DocumentProof:
    """Verify a PDF, or a photograph or scan (PNG, JPEG) of a document."""
    try:
        data = read_plain(file, follow=True)
    except OSError as error:
        raise cannot_access(error) from error
    proof = _verify_bytes(data, origin, now=now)
    where = Location(file.name)
    moved = tuple(f if f.where.path else f.moved(where) for f in proof.findings)
    return replace(proof, findings=moved)


def _verify_bytes(data: bytes, origin: FindOrigin, *, now: datetime) -> DocumentProof:
    pages: tuple[SeenPage, ...] = ()
    codes: list[list[FoundCodes]] = []
    try:
        if data[:1024].find(_PDF) >= 0:
            pages = look(data)
            codes = [
                [found for found in codes_on(page.picture) if found.text.startswith(PREFIX)]
                for page in pages
            ]
            texts = {found.text for page in codes for found in page}
            missing = document_codes.DOC_NO_QR.at(Location())
        else:
            read = read_photograph(picture_of(data), PREFIX)
            texts = set(read.texts)
            missing = document_codes.DOC_QR_UNREAD.at(Location(), detail=_UNREAD[read.is_seen])
    except (Unseen, NoPicture) as error:
        return DocumentProof((document_codes.DOC_FILE_UNREADABLE.at(Location(), detail=error),))
    if not texts:
        return DocumentProof((missing,))
    if len(texts) > 1:
        return DocumentProof((document_codes.DOC_QR_SEVERAL.at(Location(), count=len(texts)),))
    compare = _ComparedPages(data, pages, codes, now) if pages else None
    return _verify_code(texts.pop(), origin, compare=compare, seen="picture")


@dataclass(frozen=True, slots=True)
class _ComparedPages:
    """A PDF's pages and the codes on each, to be compared with what was signed."""

    data: bytes
    pages: tuple[SeenPage, ...]
    codes: Sequence[Sequence[FoundCodes]]
    now: datetime

    def findings(
        self, facts: DocumentFacts, origin: Origin, entry: RegisterEntry | None
    ) -> tuple[tuple[Finding, ...], str]:
        """Return what differs, and what the pages were compared with."""
        printed: tuple[Finding, ...] | None = None
        if entry is not None:
            for data in _print_again(origin, entry, self.now):
                if data == self.data:
                    return (), "напечатанное по реестру, байт в байт"
                ways = printed_ways(facts, str(entry.facts.get("dative", "")))
                found = against_print(facts, ways, self.pages, look(data))
                if not found or printed is None:
                    printed = found
                if not found:
                    break
        if printed is not None:
            return printed, "напечатанное по реестру"
        shelf = ShippedSnapshot("templates")
        fonts = {p.removeprefix(_FONTS): shelf.read(p) for p in shelf.paths() if p.endswith(".ttf")}
        boxes = [[found.box for found in page] for page in self.codes]
        found = against_itself(facts, self.pages, boxes, fonts)
        return found, _ITSELF


def _verify_code(
    code: str, find: FindOrigin, *, seen: Seen, compare: _ComparedPages | None = None
) -> DocumentProof:
    try:
        scanned = read_text(code)
    except BadCode as error:
        return DocumentProof((document_codes.DOC_QR_UNREADABLE.at(Location(), detail=error),))
    facts = scanned.facts
    core = base64.b64encode(scanned.core).decode()
    origin = find(fact_as_text(facts.number), core)
    judged = judge_signature(scanned, origin.trust, origin.revoked, origin.stands)
    findings = [*origin.findings, *judged.findings]
    if judged.signer is None:
        # Nobody vouches for these facts: there is nothing to compare the page with.
        return DocumentProof(tuple(findings), facts, coverage=UNSIGNED)
    is_doubted = has_errors(findings)
    same, registered = _compare_entry(scanned, origin, judged.signer)
    findings += registered
    entry = origin.entry if same else None
    compared = Compared(
        "pages" if compare else seen,
        is_acting=judged.signer.term is not None,
        is_retired=any(found.code is document_codes.DOC_KEY_RETIRED for found in findings),
        has_archive=origin.archive is not None,
        entry=entry,
    )
    against = ""
    if compare is not None:
        differs, against = compare.findings(facts, origin, entry)
        findings += differs
        compared = replace(
            compared,
            is_same=not differs,
            is_reprinted=against != _ITSELF,
            found=[LABELS[name] for name in spellings_on_form(facts)],
            left=_list_unsought(facts),
        )
    if compare is None or not same:
        left = ", ".join((*compared.left, LABELS["entry"]))
        what = f"не все сведения (остались: {left})" if compare else _SEEN[seen]
        findings.append(document_codes.DOC_BY_EYE.at(Location(), what=what))
    if is_doubted:
        return DocumentProof(tuple(findings), facts, judged.signer, against, UNSIGNED)
    rows, events = registered_rows(compared)
    covered = cover(compared)
    return DocumentProof(tuple(findings), facts, judged.signer, against, covered, rows, events)


def _list_unsought(facts: DocumentFacts) -> list[str]:
    """Return labels of facts that are read by a person alone where there is no archive."""
    sought = {*spellings_on_form(facts), "entry", "key"}
    return [LABELS[name] for name, _ in list_facts(facts) if name not in sought]


def _compare_entry(
    scanned: Scanned, origin: Origin, signer: TrustEntry
) -> tuple[bool, list[Finding]]:
    """Tell whether the register holds exactly what was signed, and what it says of the document."""
    if origin.archive is None:
        return False, []
    number, entry = fact_as_text(scanned.facts.number), origin.entry
    if entry is None:
        return False, [document_codes.DOC_NOT_IN_REGISTER.at(Location(), number=number)]
    kept = facts_of(entry, signer.key)
    found = [
        document_codes.DOC_ENTRY_DIFFERS.at(
            Location(),
            field=LABELS[name],
            kept=fact_as_text(getattr(kept, name)),
            signed=fact_as_text(getattr(scanned.facts, name)),
        )
        for name in differing(kept, scanned.facts, message_room(signer.key))
    ]
    is_same = not found
    if entry.void is not None:
        found.append(
            document_codes.DOC_VOID.at(Location(), number=number, reason=_describe_void(entry))
        )
    if entry.duplicate_of is not None:
        found.append(document_codes.DOC_DUPLICATE.at(Location(), number=entry.duplicate_of))
    if duplicate := duplicate_in_force(origin.archive, entry.number):
        found.append(document_codes.DOC_HAS_DUPLICATE.at(Location(), number=duplicate.number))
    return is_same, found


def _describe_void(entry: RegisterEntry) -> str:
    """Write «заменён на № С-2026-0007 с 20.10.2026: ошибка в имени»."""
    void = entry.void
    assert void is not None
    kind = void.kind or "недействителен"
    instead = f" на № {void.replaced_by}" if void.replaced_by else ""
    since = f" с {fact_as_text(void.date)}" if void.date else ""
    return f"{kind}{instead}{since}: {void.reason}"


def _print_again(origin: Origin, entry: RegisterEntry, now: datetime) -> Iterable[bytes]:
    """Print the document as the entry says, with each of the templates; nothing without a form.

    What became of the document later is no part of the paper that was handed over, but of a copy.
    """
    archive = origin.archive
    try:
        form = load_form(entry.form.partition("@")[0])
    except KeyError:
        return
    if archive is None:
        return
    alone = replace(archive, registers={entry.number: as_issued(entry)})
    for stood in (alone, archive):
        state = State(stood, now, now.date(), "0" * 40)
        for templates in origin.templates:
            try:
                own = take_parts(templates, parts_of(templates, form.name))
                printed = print_form(form, state, entry.number, templates=own)
            except PapkaError:
                continue  # forms of long ago may ask for what is no more
            yield printed.data
