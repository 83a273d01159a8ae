"""Seals put on the small signed archives of `histories`, and ways to forge them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta

from papka.core.places import LIST, SIGNATURE, TEXT, seal_file
from papka.desk.sealing import make_seal_files
from papka.repository.signing import SigningActor
from tests.support.histories import NOW, School

Text = Callable[[str], str]
Files = Mapping[str, bytes]


def unbent(text: str) -> str:
    return text


def put_seal(school: School, period: str = "2025", by: str = "s001") -> str:
    """An honest seal on the last commit; its digest."""
    number, files = honest_files(school, period, by)
    school.save(files, "s001", late=60)
    return digest(files, number)


def honest_files(
    school: School, period: str = "2025", by: str = "s001", on: str = ""
) -> tuple[int, dict[str, bytes]]:
    """The next seal's number and files, made on the commit `on` or the last one."""
    actor = SigningActor("s001", school.signer(by))
    return make_seal_files(school.root, on or school.head, actor, now=NOW, period=period)


def bent_files(
    school: School, bend: Text = unbent, units: Text = unbent, by: str = "s001"
) -> dict[str, bytes]:
    """As honest ones, with the text and the list bent; digests and signature follow the bending."""
    number, files = honest_files(school)
    listed = units(files[seal_file(number, LIST)].decode())
    text = files[seal_file(number, TEXT)].decode()
    old = hashlib.sha256(files[seal_file(number, LIST)]).hexdigest()
    text = text.replace(old, hashlib.sha256(listed.encode()).hexdigest())
    lines = len(files[seal_file(number, LIST)].splitlines())
    text = bend(text.replace(f"units: {lines}\n", f"units: {listed.count(chr(10))}\n"))
    signature = school.signer(by).sign(text.encode(), "papka-seal")
    return {
        seal_file(number, LIST): listed.encode(),
        seal_file(number, TEXT): text.encode(),
        seal_file(number, SIGNATURE): signature.encode(),
    }


def digest(files: Files, number: int) -> str:
    return hashlib.sha256(files[seal_file(number, TEXT)]).hexdigest()


LATER = NOW + timedelta(hours=1)
