"""A package of one personal file: its list of check sums, its signature, what both prove.

A package is a small archive: its files lie at the paths they have in the archive they came from,
so what reads an archive reads it. Invariants: every file but the list and its signature is listed,
once, with its SHA-256; the signature covers the list; a key is trusted only by what the reader
brings, never by what lies in the package. Absent on purpose: ZIP, and any decision.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from papka.core.codes import packages as codes
from papka.core.findings import Finding, Location, Severity, worst
from papka.core.keys import PublicKey
from papka.integrity import sshsig
from papka.integrity.trust import DOCUMENT

LIST, SIGNATURE, SIGNERS, READ_ME = "SHA256SUMS", "SHA256SUMS.sig", "allowed_signers", "README.md"
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<path>[^\n]+)")

Standing = Literal["подписан", "подписан неизвестным ключом", "не подтверждён"]


@dataclass(frozen=True, slots=True)
class Proof:
    """`key` signed the list, whoever owns it; `standing` is what the reader may believe."""

    standing: Standing
    key: PublicKey | None
    findings: tuple[Finding, ...]

    @property
    def is_proven(self) -> bool:
        return self.standing == "подписан"

    @property
    def is_broken(self) -> bool:
        """Altered, incomplete, or under a false signature: nothing may follow from it."""
        severity = worst(self.findings)
        return severity is not None and severity >= Severity.ERROR


def check_sums(files: Mapping[str, bytes]) -> bytes:
    """The list, as `sha256sum -c` reads it."""
    lines = (f"{sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()


def prove(
    files: Mapping[str, bytes], trusted: Collection[str], revoked: Collection[str] = ()
) -> Proof:
    """`trusted` and `revoked` are fingerprints (`SHA256:…`) that the reader knows of."""
    found = [*_altered(files)]
    key = None
    signed = _signature(files)
    if isinstance(signed, Finding):
        found.append(signed)
    else:
        key = signed
        if key.fingerprint in revoked:
            found.append(codes.PACKAGE_KEY_REVOKED.at(Location(SIGNATURE), key=key.fingerprint))
        elif key.fingerprint not in trusted:
            found.append(codes.PACKAGE_KEY_UNKNOWN.at(Location(SIGNATURE), key=key.fingerprint))
    if not found:
        return Proof("подписан", key, ())
    unknown = all(finding.code is codes.PACKAGE_KEY_UNKNOWN for finding in found)
    standing: Standing = "подписан неизвестным ключом" if unknown else "не подтверждён"
    return Proof(standing, key, tuple(found))


def _signature(files: Mapping[str, bytes]) -> PublicKey | Finding:
    """The key whose signature of the list holds."""
    at = Location(SIGNATURE)
    if SIGNATURE not in files:
        return codes.PACKAGE_UNSIGNED.at(at)
    try:
        read = sshsig.read(files[SIGNATURE].decode("ascii"))
    except (UnicodeDecodeError, sshsig.Unreadable, sshsig.Altered) as error:
        return codes.PACKAGE_SIGNATURE_BAD.at(at, detail=str(error))
    if read.namespace != DOCUMENT.encode():
        return codes.PACKAGE_SIGNATURE_BAD.at(at, detail="подпись сделана для другого назначения")
    if not read.covers(files.get(LIST, b"")):
        return codes.PACKAGE_SIGNATURE_BAD.at(at, detail="список файлов подписан не этот")
    return read.key


def _altered(files: Mapping[str, bytes]) -> Iterator[Finding]:
    listed = _listed(files.get(LIST, b""))
    if listed is None:
        yield codes.PACKAGE_LIST_UNREADABLE.at(Location(LIST))
        return
    for path, digest in listed.items():
        if path not in files:
            yield codes.PACKAGE_FILE_MISSING.at(Location(path))
        elif sha256(files[path]).hexdigest() != digest:
            yield codes.PACKAGE_FILE_ALTERED.at(Location(path))
    for path in sorted(files.keys() - listed.keys() - {LIST, SIGNATURE}):
        yield codes.PACKAGE_FILE_UNLISTED.at(Location(path))


def _listed(data: bytes) -> dict[str, str] | None:
    """Path -> SHA-256 (hex); None for what is no such list."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        return None
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or match["path"] in found or match["path"] in (LIST, SIGNATURE):
            return None
        found[match["path"]] = match["digest"]
    return found or None
