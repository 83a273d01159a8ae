"""ZIP files: made with bytes that depend on nothing but their content, opened within limits.

Invariants: what is packed is stored, not squeezed, so that no version of a library changes a byte;
what is unpacked is never written to a disk here, and is limited before and while it is read: how
many files, how large each and all together. A name that could lead outside a folder, or stand for
the same file twice, is refused. Absent on purpose: what the files mean.

A package of one personal file: its list of check sums, its signature, what both prove.

A package is a small archive: its files lie at the paths they have in the archive they came from,
so what reads an archive reads it. Invariants: every file but the list and its signature is listed,
once, with its SHA-256; the signature covers the list; a key is trusted only by what the reader
brings, never by what lies in the package. Absent on purpose: ZIP, and any decision.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from papka.core.errors import Refused
from papka.core.findings import Finding, Location, Severity, worst
from papka.intake import intake_codes
from papka.proof import ssh_signatures
from papka.proof.trusted_keys import DOCUMENT
from papka.repository.git_values import PublicKey

FILES = 5_000
LARGEST = 64 * 1024**2
ALL = 512 * 1024**2
"""Bytes, unpacked: of one file, of all of them."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PLAIN = re.compile(r"[\w.+-]+(?: [\w.+-]+)*", re.ASCII)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_DEEPEST = 8
_UNIX = 3
_ADVICE = "Попросите организацию выгрузить пакет заново (papka give package)"


def pack(files: Mapping[str, bytes], moment: dt.datetime) -> bytes:
    """The files as a ZIP, sorted by name, all of one moment (UTC)."""
    when = moment.astimezone(dt.UTC).timetuple()[:6]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, when)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            made.writestr(entry, files[name])
    return target.getvalue()


def unpack(data: bytes, name: str) -> dict[str, bytes]:
    """Path -> bytes; raises Refused for what is no ZIP, too much, or named unsafely."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            _refuse_unsafe(entries, len(data), name)
            return {entry.filename: _read(opened, entry, name) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Refused(f"Файл {name} — не ZIP или повреждён", _ADVICE) from error


def _refuse_unsafe(entries: list[zipfile.ZipInfo], size: int, name: str) -> None:
    if len(entries) > FILES:
        raise Refused(f"В {name} {len(entries)} файлов, можно {FILES}", _ADVICE)
    if any(entry.file_size > LARGEST for entry in entries) or (
        sum(entry.file_size for entry in entries) > ALL
    ):
        raise Refused(f"Файл {name} раскрывается в слишком большое", _ADVICE)
    if sum(entry.compress_size for entry in entries) > size:
        raise Refused(f"В {name} файлы лежат один поверх другого: так делают ZIP-бомбы", _ADVICE)
    seen: set[str] = set()
    for entry in entries:
        mode = entry.external_attr >> 16
        odd = entry.create_system == _UNIX and stat.S_IFMT(mode) not in (0, stat.S_IFREG)
        if odd or entry.flag_bits & 1 or entry.compress_type not in _METHODS:
            raise Refused(f"В {name} есть ссылка, шифр или неизвестное сжатие", _ADVICE)
        if not is_plain(entry.filename) or entry.filename.casefold() in seen:
            raise Refused(f"В {name} есть недопустимое или повторное имя файла", _ADVICE)
        seen.add(entry.filename.casefold())


def is_plain(path: str) -> bool:
    """A relative path of plain ASCII names, none hidden or reserved."""
    names = path.split("/")
    return len(names) <= _DEEPEST and all(
        _PLAIN.fullmatch(part)
        and not part.startswith(".")
        and not part.endswith(".")
        and not _RESERVED.fullmatch(part)
        for part in names
    )


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    """No more than was declared: a stream that goes on is a bomb."""
    with opened.open(entry) as stream:
        data = stream.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise Refused(f"В {name} файл не того размера, что заявлен", _ADVICE)
    return data


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
            found.append(
                intake_codes.PACKAGE_KEY_REVOKED.at(Location(SIGNATURE), key=key.fingerprint)
            )
        elif key.fingerprint not in trusted:
            found.append(
                intake_codes.PACKAGE_KEY_UNKNOWN.at(Location(SIGNATURE), key=key.fingerprint)
            )
    if not found:
        return Proof("подписан", key, ())
    unknown = all(finding.code is intake_codes.PACKAGE_KEY_UNKNOWN for finding in found)
    standing: Standing = "подписан неизвестным ключом" if unknown else "не подтверждён"
    return Proof(standing, key, tuple(found))


def _signature(files: Mapping[str, bytes]) -> PublicKey | Finding:
    """The key whose signature of the list holds."""
    at = Location(SIGNATURE)
    if SIGNATURE not in files:
        return intake_codes.PACKAGE_UNSIGNED.at(at)
    try:
        read = ssh_signatures.read(files[SIGNATURE].decode("ascii"))
    except (UnicodeDecodeError, ssh_signatures.Unreadable, ssh_signatures.Altered) as error:
        return intake_codes.PACKAGE_SIGNATURE_BAD.at(at, detail=str(error))
    if read.namespace != DOCUMENT.encode():
        return intake_codes.PACKAGE_SIGNATURE_BAD.at(
            at, detail="подпись сделана для другого назначения"
        )
    if not read.covers(files.get(LIST, b"")):
        return intake_codes.PACKAGE_SIGNATURE_BAD.at(at, detail="список файлов подписан не этот")
    return read.key


def _altered(files: Mapping[str, bytes]) -> Iterator[Finding]:
    listed = _listed(files.get(LIST, b""))
    if listed is None:
        yield intake_codes.PACKAGE_LIST_UNREADABLE.at(Location(LIST))
        return
    for path, digest in listed.items():
        if path not in files:
            yield intake_codes.PACKAGE_FILE_MISSING.at(Location(path))
        elif sha256(files[path]).hexdigest() != digest:
            yield intake_codes.PACKAGE_FILE_ALTERED.at(Location(path))
    for path in sorted(files.keys() - listed.keys() - {LIST, SIGNATURE}):
        yield intake_codes.PACKAGE_FILE_UNLISTED.at(Location(path))


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
