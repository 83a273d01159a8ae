"""An issued certificate, and ways to forge one: other facts under the old code, bent PDFs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # the library has no types
from msgspec.structs import replace as changed
from PIL import Image

from papka.core.places import ALLOWED_SIGNERS
from papka.paper.document_origin import Origin, from_archive, from_trust_file
from papka.paper.document_verification import DocumentProof, verify_file, verify_text
from papka.paper.form import State
from papka.paper.forms.issued_documents import CERTIFICATE, CertificateView
from papka.paper.page_pictures import codes_on, look
from papka.paper.press import print_form
from papka.proof.document_code import Scanned, compose_code, facts_signed, read_text
from papka.records.acts import RegisterEntry
from tests.support.command import papka
from tests.support.issuing import STUDY, graduate
from tests.support.school import Archive

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
Bend = Callable[[CertificateView], CertificateView]


@dataclass(frozen=True, eq=False)
class Issued:
    """A certificate as printed, its entry, and what `papka verify` holds it against.

    Of two, each is itself alone: what is made of one is remembered by it.
    """

    archive: Archive
    data: bytes
    entry: RegisterEntry
    origin: Origin

    @property
    def code(self) -> str:
        return compose_code(facts_signed(self.entry), base64.b64decode(self.entry.signature or ""))

    @property
    def scanned(self) -> Scanned:
        return read_text(self.code)

    @property
    def trust(self) -> Path:
        return self.archive.root / ALLOWED_SIGNERS

    def forged(self, entry: RegisterEntry | None = None, bend: Bend = lambda view: view) -> bytes:
        """A PDF of another entry, or of a bent page, under this document's code."""
        return _printed(self, entry or self.entry, bend)

    def with_facts(self, **facts: str | int) -> RegisterEntry:
        return changed(self.entry, facts={**self.entry.facts, **facts})

    def verify(self, data: bytes, folder: Path, name: str = "document.pdf") -> DocumentProof:
        """In the archive."""
        (folder / name).write_bytes(data)
        return verify_file(folder / name, lambda _number, _core: self.origin, now=NOW)

    def verify_alone(self, data: bytes, folder: Path) -> DocumentProof:
        """By the trust file alone."""
        (folder / "document.pdf").write_bytes(data)
        origin = from_trust_file(self.trust)
        return verify_file(folder / "document.pdf", lambda _number, _core: origin, now=NOW)

    def verify_code(self, code: str) -> DocumentProof:
        return verify_text(code, lambda _number, _core: self.origin)


def issue(archive: Archive) -> Issued:
    """The good archive's graduate gets a certificate."""
    graduate(archive)
    ran = papka("issue", "-C", archive.root, "certificate", STUDY, "--date", "2026-11-20")
    assert ran.code == 0, ran.all
    data = (archive.root / "print" / "certificate-С-2026-0001.pdf").read_bytes()
    return seen_again(archive, data)


def seen_again(archive: Archive, data: bytes) -> Issued:
    """The same paper against the archive as it is by now."""
    (found,) = codes_on(look(data)[0].picture)
    scanned = read_text(found.text)
    core = base64.b64encode(scanned.core).decode()
    origin = from_archive(archive.root, str(scanned.facts.number), core, now=datetime.now(UTC))
    assert origin.entry is not None
    return Issued(archive, data, origin.entry, origin)


def _printed(issued: Issued, entry: RegisterEntry, bend: Bend) -> bytes:
    archive = issued.origin.archive
    assert archive is not None

    def view(state: State, number: str) -> CertificateView:
        true: CertificateView = CERTIFICATE.view(_with(state, issued.entry), issued.entry.number)
        made: CertificateView = CERTIFICATE.view(_with(state, entry), number)
        return bend(replace(made, paper=replace(made.paper, code=true.paper.code)))

    state = State(archive, NOW, NOW.date(), "0" * 40)
    form = replace(CERTIFICATE, view=view)
    made = print_form(form, state, entry.number, templates=issued.origin.templates[0])
    return made.data


def _with(state: State, entry: RegisterEntry) -> State:
    registers = {
        key: entry if key.startswith("issued/2026/certificates") else each
        for key, each in state.archive.registers.items()
    }
    return replace(state, archive=replace(state.archive, registers=registers))


def picture(data: bytes, dots: int = 150) -> Image.Image:
    """The first page."""
    document = pdfium.PdfDocument(data)
    made: Image.Image = document[0].render(scale=dots / 72).to_pil()
    document.close()
    return made


def packed(image: Image.Image, kind: str = "JPEG", quality: int = 80) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, quality=quality)
    return stream.getvalue()


def names(proof: DocumentProof) -> list[str]:
    """Codes found, each once, without what only informs."""
    return sorted({f.code.name for f in proof.findings if f.severity > 0})


def said(proof: DocumentProof) -> str:
    return "\n".join(finding.message for finding in proof.findings)
