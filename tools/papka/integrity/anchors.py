"""What was kept outside the archive, on paper, and how it is read when somebody types it.

Invariants: each text is one of three things and no other: a key's fingerprint, the digest of a
seal (64 hex digits, as the sheet prints them: 8 groups of 8), the id of the first commit (40).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from papka.core.errors import Refused

_KEY = re.compile(r"(?i:SHA256)[:\s]\s*(?P<signs>.*)", re.DOTALL)
_SIGNS = re.compile(r"[A-Za-z0-9+/]+")
_KEY_SIGNS = 43
_BETWEEN = re.compile(r"[\s\-–—:.]+")
_HEX = re.compile(r"[0-9a-f]+")
_SEAL, _COMMIT = 64, 40


@dataclass(frozen=True, slots=True)
class Anchors:
    """`keys`: fingerprints; `seals`: digests of seals; `roots`: ids of first commits."""

    keys: frozenset[str] = frozenset()
    seals: frozenset[str] = frozenset()
    roots: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.keys or self.seals or self.roots)

    def __or__(self, other: Anchors) -> Anchors:
        return Anchors(self.keys | other.keys, self.seals | other.seals, self.roots | other.roots)


def read_anchors(texts: Iterable[str]) -> Anchors:
    """All of them together; raises Refused as read_anchor."""
    found = Anchors()
    for text in texts:
        found |= read_anchor(text)
    return found


def read_anchor(text: str) -> Anchors:
    """What one text from paper is; raises Refused when it is none of the three."""
    plain = text.strip().removeprefix("=")
    key = _KEY.fullmatch(plain)
    if key is not None:
        signs = "".join(key["signs"].split())
        if _SIGNS.fullmatch(signs) and len(signs) == _KEY_SIGNS:
            return Anchors(keys=frozenset({f"SHA256:{signs}"}))
        raise Refused(f"«{text}» — не отпечаток ключа: {_wrong_key(signs)}", _HOW)
    digits = _BETWEEN.sub("", plain).lower()
    if _HEX.fullmatch(digits) and len(digits) == _SEAL:
        return Anchors(seals=frozenset({digits}))
    if _HEX.fullmatch(digits) and len(digits) == _COMMIT:
        return Anchors(roots=frozenset({digits}))
    raise Refused(f"«{text}» — не то, что печатают на листе печати: {_wrong(digits)}", _HOW)


_HOW = (
    "Наберите одно из трёх: свёртку печати (8 групп по 8 знаков), отпечаток ключа "
    "(SHA256:… целиком) или номер первой записи (40 знаков)"
)


def _wrong_key(signs: str) -> str:
    if len(signs) != _KEY_SIGNS:
        return f"после «SHA256:» должно быть {_KEY_SIGNS} знака, а здесь {len(signs)}"
    odd = next(sign for sign in signs if not _SIGNS.fullmatch(sign))
    return _foreign(signs) or f"знака «{odd}» в нём не бывает"


def _foreign(text: str) -> str:
    """Letters of another alphabet that look the same are the hardest to see."""
    odd = next((sign for sign in text if sign.isalpha() and not sign.isascii()), "")
    return f"буква «{odd}» набрана не латинской, переключите клавиатуру" if odd else ""


def _wrong(digits: str) -> str:
    foreign = _foreign(digits)
    if foreign:
        return foreign
    odd = sorted({sign for sign in digits if not _HEX.fullmatch(sign)})
    if odd:
        return f"в свёртке бывают только цифры и буквы a–f, а здесь «{odd[0]}»"
    return f"знаков {len(digits)}, а в свёртке печати их {_SEAL}"
