"""What is kept of a personal file that was judged: enough to leave the file itself unread.

Numbers, counts and digests; nothing that a person could be told by. What the school's rules compare
between personal files (names, days of birth, scans, salts) is kept as keyed digests: equal ones
tell that two files must be read, and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from papka.records.people_alike import appearance_of, list_likenesses
from papka.records.student import Student

SIGN_BYTES = 8
"""Of a digest: that two of a million are the same by chance costs reading two files."""


class StudentFacts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the rest of a check asks of a personal file.

    `files`: how many lie there; `enrolments`: their ids; `duplicate_of`: the file that is kept in
    its place. The rest are signs (`sign`), one after another: of the salt, of scans that can be of
    nobody else, of what people who are alike share, of what no text outside may hold.
    """

    files: int
    enrolments: tuple[str, ...] = ()
    duplicate_of: str | None = None
    salt: bytes = b""
    scans: bytes = b""
    looks: bytes = b""
    clues: bytes = b""


class KeptStudent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A personal file as it was judged: `content` and `frame` are digests of its files and of all
    that its rules look at beside them, `frame` is empty when something was wrong; `day`: the day
    of the judgement, as an ordinal."""

    content: bytes
    frame: bytes
    day: int
    facts: StudentFacts


class KeptFinding(msgspec.Struct, frozen=True, array_like=True):
    """A finding that names personal files by their numbers alone."""

    code: str
    message: str
    hint: str
    where: tuple[str, str, int, int]
    related: tuple[tuple[str, str, int, int], ...] = ()


class KeptOutcome(msgspec.Struct, frozen=True, array_like=True):
    """What a check of a whole folder said: `day`, as an ordinal, of the judgement; `files` and
    `students` read; `names`: digest of what it left for the editor."""

    day: int
    files: int
    students: int
    names: bytes
    findings: tuple[KeptFinding, ...] = ()


_decode = msgspec.msgpack.Decoder(KeptStudent).decode
_decode_outcome = msgspec.msgpack.Decoder(KeptOutcome).decode
_encode = msgspec.msgpack.Encoder().encode


def write_kept(kept: KeptStudent | KeptOutcome) -> bytes:
    return _encode(kept)


def read_outcome(data: bytes) -> KeptOutcome | None:
    """Read what was kept; None of what another edition wrote."""
    try:
        return _decode_outcome(data)
    except msgspec.MsgspecError:
        return None


def read_kept(data: bytes) -> KeptStudent | None:
    """Read what was kept; None of what another edition wrote."""
    try:
        return _decode(data)
    except msgspec.MsgspecError:
        return None


def sign(text: str | bytes, secret: bytes) -> bytes:
    """Return a short keyed digest."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, key=secret, digest_size=SIGN_BYTES).digest()


def facts_of(
    student: Student, files: int, scans: Iterable[str], clues: Iterable[str], secret: bytes
) -> StudentFacts:
    """Return the facts of a personal file of so many `files`.

    `scans`: digests of those that can be of nobody else; `clues`: what no text outside may hold.
    """
    person = student.person
    looks: set[bytes] = set()
    if person is not None and person.birth_date is not None and person.duplicate_of is None:
        seen = appearance_of(person.name, person.birth_date)
        looks = {sign("\0".join(map(str, each)), secret) for each in list_likenesses(seen)}
    return StudentFacts(
        files,
        tuple(each.id for each in student.enrolments if each.id is not None),
        person.duplicate_of if person is not None else None,
        b"" if student.salt is None else sign(student.salt, secret),
        _join(sign(each, secret) for each in scans),
        _join(looks),
        _join(sign(each, secret) for each in clues),
    )


def _join(signs: Iterable[bytes]) -> bytes:
    return b"".join(sorted(set(signs)))


def cut_signs(joined: bytes) -> Iterator[bytes]:
    """Yield the signs that stand one after another."""
    return (joined[at : at + SIGN_BYTES] for at in range(0, len(joined), SIGN_BYTES))
