"""Check the code of an issued document without papka: Python and the library cryptography alone.

    python3 check-code.py КОД ПАПКА-КЛЮЧЕЙ [ОТПЕЧАТОК…]

КОД: the text of the QR code (PAPKA1:…), or a file with it. ПАПКА-КЛЮЧЕЙ: records/trust of the
archive, as check-signatures.sh found it good: allowed_signers and, when keys were ever taken away,
revocations; with the list `entered`, which it adds, a document by such a key is judged too.
ОТПЕЧАТОК: of a head's key, from paper (SHA256:…); the code must then be by such a key.

Exit status: 0 signed by a head's key that counts, 1 not to be trusted, 2 not called as above, 3 not
established: whether the document was entered before its key was taken away, the register must tell.
The format is described in formats.md beside this file.
"""

import base64
import binascii
import datetime as dt
import hashlib
import re
import struct
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
TEXTS = {
    1: "Форма",
    2: "Номер",
    4: "Кому",
    6: "Программа",
    7: "Часы",
    10: "Итог",
    11: "Основание",
    12: "Взамен утраченного",
    13: "Организация",
}
DAYS = {3: "Дата", 5: "Дата рождения", 8: "Начало обучения", 9: "Окончание обучения"}
BYTES = {14: ("Запись реестра", 16), 15: ("Ключ", 4)}
REQUIRED = {1, 2, 3, 4, 13, 14, 15}
CORES = {0x3D: 96, 0x3E: 64, 0x3F: 69}
ORDER = 2**252 + 27742317777372353535851937790883648493
P384 = "ecdsa-sha2-nistp384"
P384_ORDER = 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D
KINDS = {
    "ssh-ed25519": (b"", 32, b""),
    "sk-ssh-ed25519@openssh.com": (b"", 32, b"ssh:"),
    P384: (b"nistp384", 97, b""),
}
"""What ssh writes before the point of a key, the bytes of the point, what it writes after."""
LINE = re.compile(
    r"([a-z][a-z0-9-]*)@papka\.invalid "
    r'namespaces="(git|git,papka-seal,papka-document)"'
    r'(?:,valid-after="(\d{8})",valid-before="(\d{8})")? (\S+) ([A-Za-z0-9+/]+=*)',
    re.ASCII,
)
ENDED = re.compile(
    r"(?:(retired) (SHA256:\S{43}) at|(compromised) (SHA256:\S{43}) after) (root|[0-9a-f]{40})"
)


Facts = dict[int, str | dt.date]


class Key(NamedTuple):
    """A line of the list of keys. `since`, `before`: the term as it stands there, else ""; `point`:
    32 bytes, of P-384 97; `print_`: the fingerprint."""

    staff: str
    spaces: str
    since: str
    before: str
    kind: str
    point: bytes
    print_: str


class Refused(Exception):
    """The code is not to be trusted; the text says why, in Russian."""


def decode_base45(text: str) -> bytes:
    """Return the bytes of a text in base45 (RFC 9285)."""
    data = bytearray()
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        if len(group) == 1 or any(sign not in SIGNS for sign in group):
            raise Refused("код обрывается, или в нём посторонний знак")
        number = sum(SIGNS.index(sign) * 45**place for place, sign in enumerate(group))
        if number >= 256 ** (len(group) - 1):
            raise Refused("в коде невозможное сочетание знаков")
        data += number.to_bytes(len(group) - 1, "big")
    return bytes(data)


def take_apart(payload: bytes) -> tuple[bytes, bytes, Facts]:
    """Return what is signed, the signature, and the facts by tag: strictly, in the one order."""
    if not payload or payload[0] != 1 or len(payload) > 300:
        raise Refused("это не код первой версии")
    at, last = 1, 0
    facts: Facts = {}

    def take(count: int) -> bytes:
        nonlocal at
        found = payload[at : at + count]
        if len(found) != count:
            raise Refused("код обрывается")
        at += count
        return found

    while (tag := take(1)[0]) not in CORES:
        bare = tag & 0x3F
        if bare <= last or (tag != bare and bare not in TEXTS):
            raise Refused("сведения стоят не по порядку")
        last = bare
        if bare in TEXTS:
            facts[bare] = read_text(take(take(1)[0]), tag)
        elif bare in DAYS:
            facts[bare] = read_day(take(4))
        elif bare in BYTES:
            facts[bare] = take(BYTES[bare][1]).hex()
        else:
            raise Refused("в коде неизвестное сведение")
    signed, core = payload[: at - 1], take(CORES[tag])
    if at != len(payload) or not facts.keys() >= REQUIRED:
        raise Refused("в коде лишнее, или нет обязательных сведений")
    return signed, core, facts


def read_text(data: bytes, tag: int) -> str:
    """Return a text as people read it; one that was cut ends with an ellipsis."""
    if tag & 0x40:
        data = data[8:]
    try:
        found = data.decode("utf-8" if tag & 0x80 else "cp1251")
    except UnicodeDecodeError:
        raise Refused("текст в коде не прочесть") from None
    hidden = any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in found)
    if hidden or " ".join(found.split()) != found:
        raise Refused("в тексте невидимые знаки или лишние пробелы")
    return f"{found}…" if tag & 0x40 else found


def read_day(data: bytes) -> dt.date:
    """Return the day whose digits the bytes spell."""
    try:
        digits = data.hex()
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise Refused("в коде день, которого нет") from None


def wire(data: bytes) -> bytes:
    """Return the bytes as ssh writes a string: their number, then they."""
    return struct.pack(">I", len(data)) + data


def read_keys(folder: Path) -> Iterator[Key]:
    """Yield the keys of `allowed_signers`."""
    for line in (folder / "allowed_signers").read_bytes().decode("utf-8", "replace").split("\n"):
        if not line or line.startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if found is None or found[5] not in KINDS:
            raise Refused("в списке ключей строка не по образцу")
        staff, spaces, since, before, kind, text = found.groups("")
        try:
            blob = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise Refused("в списке ключей строка не по образцу") from None
        begin, size, end = KINDS[kind]
        start = wire(kind.encode()) + (wire(begin) if begin else b"")
        point = blob[len(start) + 4 : len(start) + 4 + size]
        if blob != start + wire(point) + (wire(end) if end else b"") or len(point) != size:
            raise Refused("в списке ключей строка не по образцу")
        yield Key(staff, spaces, since, before, kind, point, fingerprint_of(blob))


def fingerprint_of(blob: bytes) -> str:
    """Return SHA256:… of a key, as ssh-keygen -l prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def is_signed(signed: bytes, core: bytes, key: Key) -> bool:
    """Whether the key made this signature of these bytes, as ssh-keygen -Y sign makes it."""
    end = KINDS[key.kind][2]
    words = (b"papka-document", b"", b"sha512", hashlib.sha512(signed).digest())
    message = b"SSHSIG" + b"".join(map(wire, words))
    if key.kind == P384:
        return is_signed_p384(message, core, key)
    if len(core) != (69 if end else 64) or int.from_bytes(core[32:64], "little") >= ORDER:
        return False
    if end:
        if not core[64] & 1:  # nobody touched the token
            return False
        message = hashlib.sha256(end).digest() + core[64:] + hashlib.sha256(message).digest()
    try:
        Ed25519PublicKey.from_public_bytes(key.point).verify(core[:64], message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed_p384(message: bytes, core: bytes, key: Key) -> bool:
    """Whether the key of P-384 made this signature: of the two that are alike, the lesser S."""
    r, s = int.from_bytes(core[:48], "big"), int.from_bytes(core[48:], "big")
    if len(core) != 96 or not 0 < r < P384_ORDER or not 0 < s <= P384_ORDER // 2:
        return False
    try:
        known = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), key.point)
        known.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA384()))
    except (InvalidSignature, ValueError):
        return False
    return True


def find_signer(signed: bytes, core: bytes, keys: Iterable[Key]) -> Key:
    """Return the key of the list that made the signature."""
    for key in keys:
        if is_signed(signed, core, key):
            return key
    raise Refused("ни один ключ из списка этого не подписывал")


def judge_ends(folder: Path, print_: str, core: bytes) -> str:
    """Return what the list of keys taken away leaves open; raise Refused for a key others hold, and
    for a document that was not entered while its key counted, where that is known."""
    file, entered, said = folder / "revocations", folder / "entered", ""
    if entered.is_file():
        line = f"{base64.b64encode(core).decode()} {print_}"
        if line in entered.read_bytes().decode("utf-8", "replace").split("\n"):
            return ""
    for line in file.read_bytes().decode("utf-8", "replace").split("\n") if file.exists() else ():
        if not line or line.startswith("#"):
            continue
        found = ENDED.fullmatch(line)
        if found is None:
            raise Refused("в списке отозванных ключей строка не по образцу")
        retired, one, _, other, commit = found.groups()
        if print_ != (one or other):
            continue
        if not retired:
            raise Refused(f"ключом {print_} могут владеть посторонние: он отозван")
        said = f"ключ {print_} выведен после сохранения {commit}"
    if said and entered.is_file():
        raise Refused(f"{said}, а записи о документе до того нет")
    return said


def check(code: str, folder: Path, paper: frozenset[str]) -> int:
    """Print what is signed and by whom; return the exit status."""
    if not code.startswith("PAPKA1:"):
        raise Refused("это не код документа: он начинается с «PAPKA1:»")
    signed, core, facts = take_apart(decode_base45(code.removeprefix("PAPKA1:")))
    key = find_signer(signed, core, read_keys(folder))
    if "papka-document" not in key.spaces:
        raise Refused(f"{key.staff} документов не подписывает: это не ключ руководителя")
    day = f"{facts[3]:%Y%m%d}"
    if key.since and not key.since <= day < key.before:
        raise Refused("в день документа срок этого ключа не шёл")
    left = judge_ends(folder, key.print_, core)
    if paper and key.print_ not in paper:
        raise Refused(f"подписано ключом {key.print_}, а на бумаге другой")
    for tag, fact in facts.items():
        name = TEXTS.get(tag) or DAYS.get(tag) or BYTES[tag][0]
        print(f"{name}: {fact:%d.%m.%Y}" if tag in DAYS else f"{name}: {fact}")
    print(f"Подписано ключом {key.print_} ({key.staff})")
    if left:
        print(f"НЕ УСТАНОВЛЕНО: {left}. Верен, если запись о нём внесена не позже этого сохранения")
        return 3
    print("ПОДПИСЬ ВЕРНА. Сличите сведения с бумагой; не аннулирован ли документ, знает реестр")
    return 0


def main(words: list[str]) -> int:
    """Return the exit status for what was typed."""
    if len(words) < 2 or any(not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", w) for w in words[2:]):
        print("python3 check-code.py КОД ПАПКА-КЛЮЧЕЙ [SHA256:…]", file=sys.stderr)
        return 2
    code, folder = words[0], Path(words[1])
    if not (folder / "allowed_signers").is_file():
        print(f"Нет файла {folder / 'allowed_signers'}", file=sys.stderr)
        return 2
    if not code.startswith("PAPKA1:") and Path(code).is_file():
        code = Path(code).read_bytes()[:2000].decode("utf-8", "replace").strip()
    try:
        return check(code, folder, frozenset(words[2:]))
    except Refused as error:
        print(f"НЕ ВЕРИТЬ: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
