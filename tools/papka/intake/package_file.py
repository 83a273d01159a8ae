"""Make and open the package of a personal file: a ZIP within limits, its check sums, its signature.

A package is a small archive: its files lie at the paths they have in the archive they came from,
so what reads an archive reads it. Invariants: every file but the list and its signature is listed,
once, with its SHA-256; the signature covers the list; a key is trusted only by what the reader
brings, never by what lies in the package.

The ZIP's bytes depend on nothing but its content: files are stored, not compressed, so that no
version of a library changes a byte. What is unpacked is never written to a disk here, and is
limited before and while it is read. A name that could lead outside a folder, or stand for the same
file twice, is refused.
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
from papka.core.findings import Finding, Location, has_errors
from papka.intake import intake_codes
from papka.proof import ssh_signatures
from papka.proof.trusted_keys import DOCUMENT
from papka.repository.git_values import PublicKey

MOST_FILES = 5_000
MOST_FILE_BYTES = 64 * 1024**2
"""Bytes of one file, unpacked."""
MOST_BYTES = 512 * 1024**2
"""Bytes of all files, unpacked."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PLAIN = re.compile(r"[\w.+-]+(?: [\w.+-]+)*", re.ASCII)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_UNIX = 3
_ADVICE = "Попросите организацию выгрузить пакет заново (papka give package)"


def pack(files: Mapping[str, bytes], moment: dt.datetime) -> bytes:
    """Make a ZIP of the files, sorted by name, all of one moment (UTC)."""
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
    """Return path -> bytes. Raises Refused for what is no ZIP, too much, or named unsafely."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            _refuse_unsafe(entries, len(data), name)
            return {entry.filename: _read_member(opened, entry, name) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Refused(f"Файл {name} — не ZIP или повреждён", _ADVICE) from error


def _refuse_unsafe(entries: list[zipfile.ZipInfo], size: int, name: str) -> None:
    if len(entries) > MOST_FILES:
        raise Refused(f"В {name} {len(entries)} файлов, можно {MOST_FILES}", _ADVICE)
    sizes = [entry.file_size for entry in entries]
    if max(sizes, default=0) > MOST_FILE_BYTES or sum(sizes) > MOST_BYTES:
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
    """Accept a relative path of plain ASCII names, none hidden or reserved."""
    names = path.split("/")
    return len(names) <= 8 and all(
        _PLAIN.fullmatch(part) and "." not in (part[0], part[-1]) and not _RESERVED.fullmatch(part)
        for part in names
    )


def _read_member(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    """Read no more than was declared: a stream that goes on is a bomb."""
    with opened.open(entry) as stream:
        data = stream.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise Refused(f"В {name} файл не того размера, что заявлен", _ADVICE)
    return data


LIST, SIGNATURE, SIGNERS, READ_ME = "SHA256SUMS", "SHA256SUMS.sig", "allowed_signers", "README.md"
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<path>[^\n]+)")

Standing = Literal["подписан", "подписан неизвестным ключом", "не подтверждён"]


@dataclass(frozen=True, slots=True)
class PackageProof:
    """What a package proves: `key` signed the list, `standing` is what may be believed of it."""

    standing: Standing
    key: PublicKey | None
    findings: tuple[Finding, ...]

    @property
    def is_proven(self) -> bool:
        return self.standing == "подписан"

    @property
    def is_broken(self) -> bool:
        """Whether it is altered, incomplete, or falsely signed: nothing may follow from it."""
        return has_errors(self.findings)


def check_sums(files: Mapping[str, bytes]) -> bytes:
    """Write the list, as `sha256sum -c` reads it."""
    lines = (f"{sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()


def prove(
    files: Mapping[str, bytes], trusted: Collection[str], revoked: Collection[str] = ()
) -> PackageProof:
    """Judge sums and signature. `trusted` and `revoked` are fingerprints (`SHA256:…`)."""
    found = list(_find_altered(files))
    key = None
    signed = _check_signature(files)
    if isinstance(signed, Finding):
        found.append(signed)
    else:
        key = signed
        where, name = Location(SIGNATURE), key.fingerprint
        if name in revoked:
            found.append(intake_codes.PACKAGE_KEY_REVOKED.at(where, key=name))
        elif name not in trusted:
            found.append(intake_codes.PACKAGE_KEY_UNKNOWN.at(where, key=name))
    if not found:
        return PackageProof("подписан", key, ())
    unknown = all(finding.code is intake_codes.PACKAGE_KEY_UNKNOWN for finding in found)
    standing: Standing = "подписан неизвестным ключом" if unknown else "не подтверждён"
    return PackageProof(standing, key, tuple(found))


def _check_signature(files: Mapping[str, bytes]) -> PublicKey | Finding:
    """Return the key whose signature of the list holds."""
    at = Location(SIGNATURE)
    if SIGNATURE not in files:
        return intake_codes.PACKAGE_UNSIGNED.at(at)
    try:
        read = ssh_signatures.read(files[SIGNATURE].decode("ascii"))
    except (
        UnicodeDecodeError,
        ssh_signatures.UnreadableSignature,
        ssh_signatures.Altered,
    ) as error:
        return intake_codes.PACKAGE_SIGNATURE_BAD.at(at, detail=str(error))
    if read.namespace != DOCUMENT.encode():
        return intake_codes.PACKAGE_SIGNATURE_BAD.at(
            at, detail="подпись сделана для другого назначения"
        )
    if not read.covers(files.get(LIST, b"")):
        return intake_codes.PACKAGE_SIGNATURE_BAD.at(at, detail="список файлов подписан не этот")
    return read.key


def _find_altered(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Find files that differ from the list."""
    listed = _read_list(files.get(LIST, b""))
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


def _read_list(data: bytes) -> dict[str, str] | None:
    """Read the list: path -> SHA-256 (hex); None for what is no such list."""
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
