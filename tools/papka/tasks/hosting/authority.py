"""The school's own certificate, by which a mirror's https server is known.

Invariants: with it no other certificate is believed for that mirror; the file stays where it is and
only its place is written down. Absent on purpose: a way to believe a server without checking.
"""

from __future__ import annotations

from pathlib import Path

from papka.core.errors import Refused, cannot_access
from papka.gates.git.addresses import is_one_place
from papka.gates.git.far import authority_setting
from papka.gates.git.repository import remotes, write_settings
from papka.gates.plain_file import SMALL, read_plain

_PUBLIC, _SECRET = b"-----BEGIN CERTIFICATE-----", b"PRIVATE KEY-----"


def accept_authority(url: str, file: Path) -> Path:
    """The full path of a file that may be written down for this address; raises Refused."""
    if not url.startswith("https://"):
        raise Refused(
            "Сертификат бывает только у адреса https://…",
            "У ssh свой ключ сервера: зайдите на него один раз и сверьте отпечаток",
        )
    try:
        data = read_plain(file, most=SMALL, follow=True)
    except OSError as error:
        raise cannot_access(error) from error
    if _PUBLIC not in data or _SECRET in data:
        raise Refused(
            f"{file} — не сертификат (или в нём лежит закрытый ключ)",
            "Возьмите у того, кто ведёт сервер, файл, который начинается с BEGIN CERTIFICATE",
        )
    return file.resolve()


def is_known(root: Path, name: str, url: str) -> bool:
    """Whether this very mirror is written down already: then only its certificate is new."""
    return any(each.name == name and is_one_place(each.url, url) for each in remotes(root))


def keep_authority(root: Path, name: str, file: Path) -> None:
    """Written down for a mirror."""
    write_settings(root, {authority_setting(name): str(file)})
