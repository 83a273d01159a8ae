"""The page for a school's site, in a real Chromium: what it reads, believes and says, and to whom.

`papka give checker` itself is tried in tests/cli/test_give_command.py.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace as changed
from PIL import Image

from papka.paper.checker_page import compose_page
from papka.paper.document_text import fact_as_text, list_facts
from papka.proof.document_code import (
    PREFIX,
    BadCode,
    compose_code,
    compose_message,
    decode,
    encode,
    encode_facts,
    fit_facts,
    key_hint,
    read_text,
)
from papka.proof.ssh_signatures import read, verifies
from papka.proof.trusted_keys import HEAD, STAFF, Revocation, Revocations, TrustEntry
from papka.repository.signing import KeySigner, generate_key, load_signer
from tests.paper.test_document_signatures import code_of, code_of_token, token_of
from tests.proof.test_document_code import FACTS
from tests.support.archives import good, loaded
from tests.support.bent_signatures import ORDER, P384_ORDER
from tests.support.browser import Page, browsing
from tests.support.documents import packed
from tests.support.photographs import (
    PHOTOGRAPHS,
    picture_of_code,
    sheet_with,
    with_a_stain,
)

_DAY = dt.timedelta(days=1)
_COMMIT = "0" * 40


@dataclass(frozen=True)
class Told:
    """What the page says: `kind` is good, doubtful or bad, `rows` are the table."""

    kind: str
    title: str
    reason: str
    rows: dict[str, str]
    caption: str
    coverage: str


_TOLD = """new Promise((done) => {
  const by = (id) => document.getElementById(id), box = by('result');
  const look = () => box.hidden || done({
    kind: box.className.replace('result ', ''), title: by('verdict').textContent,
    reason: by('reason').textContent, caption: by('facts-caption').textContent,
    coverage: by('coverage').innerText, focused: document.activeElement === box,
    rows: [...by('facts').rows].map((row) => [row.cells[0].innerText, row.cells[1].innerText]),
  });
  new MutationObserver(look).observe(box, { attributes: true });
  look();
})"""


class Visitor:
    """A person who has the page open; whoever hears from it sees that it sent and broke nothing."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def paste(self, text: str) -> Told:
        self._forget()
        self.page.run(f"""document.getElementById('code').value = {json.dumps(text)};
            document.querySelector('#typed button').click()""")
        return self.hear()

    def show(self, picture: Image.Image, folder: Path, kind: str = "JPEG") -> Told:
        file = folder / f"photo.{kind.lower()}"
        file.write_bytes(packed(picture, kind, quality=70))
        return self.choose(file)

    def choose(self, file: Path) -> Told:
        self._forget()
        self.page.choose("#picture", file)
        return self.hear()

    def hear(self) -> Told:
        said = self.page.run(_TOLD)
        assert said.pop("focused"), "a reader of screens is not told"
        assert self.page.requests == [self.address]
        assert self.page.console == []
        return Told(**{**said, "rows": dict(said["rows"])})

    def _forget(self) -> None:
        self.page.run("document.getElementById('result').hidden = true")


@dataclass(frozen=True)
class Signers:
    """Keys by what became of them; the page knows all but the stranger's."""

    head: KeySigner
    acting: KeySigner
    retired: KeySigner
    stolen: KeySigner
    teacher: KeySigner
    stranger: KeySigner


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Signers:
    folder = tmp_path_factory.mktemp("keys")

    def make(name: str) -> KeySigner:
        generate_key(folder / name, "")
        return load_signer(folder / name)

    return Signers(**{name: make(name) for name in Signers.__annotations__})


@pytest.fixture(scope="module")
def visitor(signers: Signers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    folder = tmp_path_factory.mktemp("site")
    file = folder / "checker.html"
    file.write_bytes(page_of(signers))
    film = folder / "camera.y4m"
    film.write_bytes(_film(sheet_with(code_of(signers.head)).crop((800, 600, 1300, 1050))))
    with browsing(folder, film) as page:
        page.open(file.as_uri())
        yield Visitor(page, file.as_uri())


def page_of(signers: Signers) -> bytes:
    school = loaded(good()).organization
    assert school is not None
    term = (FACTS.date - 7 * _DAY, FACTS.date - _DAY)
    trust = (
        TrustEntry("s001", HEAD, signers.head.public),
        TrustEntry("s004", HEAD, signers.acting.public, term),
        TrustEntry("s002", HEAD, signers.retired.public),
        TrustEntry("s003", HEAD, signers.stolen.public),
        TrustEntry("s005", STAFF, signers.teacher.public),
        TrustEntry("s001", HEAD, token_of(_SECRET)),
    )
    revoked = Revocations(
        (
            Revocation(signers.retired.public.fingerprint, _COMMIT, is_compromised=False),
            Revocation(signers.stolen.public.fingerprint, _COMMIT, is_compromised=False),
            Revocation(signers.stolen.public.fingerprint, _COMMIT, is_compromised=True),
        )
    )
    return compose_page(school, trust, revoked, dt.date(2026, 11, 30))


_SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def _film(picture: Image.Image) -> bytes:
    """A film of one frame that a camera shows for ever (Y4M, grey)."""
    frame = picture.resize((picture.width & ~1, picture.height & ~1))
    grey = bytes([128]) * (frame.width * frame.height // 2)
    head = f"YUV4MPEG2 W{frame.width} H{frame.height} F10:1 Ip A1:1 C420jpeg\n".encode()
    return head + b"FRAME\n" + frame.tobytes() + grey


def _bent(code: str, at: int) -> str:
    payload = bytearray(decode(code.removeprefix(PREFIX)))
    payload[at] ^= 1
    return PREFIX + encode(bytes(payload))


def test_a_good_code(visitor: Visitor, signers: Signers) -> None:
    told = visitor.paste(f" {code_of(signers.head)}\n")
    assert (told.kind, told.caption) == ("good", "Подписано")
    assert told.rows["ФИО"] == "Абрикосова-Лунная Аглая Тихоновна"
    assert told.rows["Форма"] == "Сертификат об освоении программы"
    assert told.rows["Дата рождения"] == "14.05.2011"
    assert "Строки приложения и прочее" not in told.rows
    for heading in ("Доказано", "Не доказано кодом, сверьте глазами", "Не проверялось"):
        assert heading in told.coverage
    assert "Отметки, темы и другие строки приложения: в коде их нет" in told.coverage
    assert "с тех пор они не менялись" in told.coverage


@pytest.fixture(scope="module")
def sheet(signers: Signers) -> Image.Image:
    return sheet_with(code_of(signers.head))


@pytest.mark.parametrize(
    "how",
    [
        *("as it is", "half as large", "turned by 45 degrees", "seen from the side"),
        *("seen from below", "grainy", "a lamp at one end", "a shadow across"),
        *("dim, askew and blurred", "out of focus", "small in 48 million points"),
    ],
)
def test_a_photograph(how: str, visitor: Visitor, sheet: Image.Image, tmp_path: Path) -> None:
    told = visitor.show(PHOTOGRAPHS[how](sheet), tmp_path)
    assert told.kind == "good", told
    assert told.rows["Номер"] == "С-2026-0001"


def test_what_the_camera_sees(visitor: Visitor) -> None:
    visitor.page.run("document.getElementById('camera').click()")
    told = visitor.hear()
    assert (told.kind, told.rows["Номер"]) == ("good", "С-2026-0001")
    assert visitor.page.run("document.getElementById('video').srcObject") is None


def test_a_code_that_is_not_read_is_no_missing_code(
    visitor: Visitor, sheet: Image.Image, tmp_path: Path
) -> None:
    told = visitor.show(with_a_stain(sheet), tmp_path)
    assert (told.kind, told.title) == ("doubtful", "Код виден, но не прочитан")
    told = visitor.show(sheet.crop((0, 0, 800, 600)), tmp_path, "PNG")
    assert (told.kind, told.title) == ("doubtful", "Код на снимке не найден")
    assert told.rows == {}
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7")
    assert visitor.choose(tmp_path / "paper.pdf").title == "Файл не открывается как снимок"


def test_two_codes_on_one_picture(
    visitor: Visitor, signers: Signers, sheet: Image.Image, tmp_path: Path
) -> None:
    both = sheet.copy()
    both.paste(picture_of_code(code_of(signers.retired)), (400, 700))
    told = visitor.show(both, tmp_path)
    assert told.kind == "bad"
    assert "несколько разных кодов" in told.reason


@pytest.mark.parametrize(
    ("signer", "kind", "reason"),
    [
        ("acting", "bad", "ключ дан на срок с 13.11.2026 по 19.11.2026"),
        ("retired", "doubtful", "этим ключом больше не подписывают"),
        ("stolen", "bad", "отозванным ключом"),
        ("teacher", "bad", "которого нет среди ключей этой организации"),
        ("stranger", "bad", "которого нет среди ключей этой организации"),
    ],
)
def test_other_keys(
    signer: str, kind: str, reason: str, visitor: Visitor, signers: Signers
) -> None:
    """A key beyond its term, one out of use, one lost, a teacher's, and another school's."""
    told = visitor.paste(code_of(getattr(signers, signer)))
    assert told.kind == kind
    assert reason in told.reason
    assert (told.caption == "Подписано") == (kind != "bad")
    assert "с тех пор они не менялись" not in told.coverage


def test_a_key_within_its_term(visitor: Visitor, signers: Signers) -> None:
    facts = replace(FACTS, date=FACTS.date - _DAY, key=key_hint(signers.acting.public.blob))
    core = signers.acting.sign(compose_message(facts), "papka-document")
    assert visitor.paste(compose_code(facts, read(core).core)).kind == "good"


@pytest.mark.parametrize(("flags", "kind"), [(1, "good"), (0, "bad")])
def test_hardware_key_with_and_without_touch(visitor: Visitor, flags: int, kind: str) -> None:
    assert visitor.paste(code_of_token(_SECRET, flags)).kind == kind


def test_no_fact_can_be_altered_under_the_signature(visitor: Visitor, signers: Signers) -> None:
    """One bit of any byte: refused as a code, or the signature no longer fits."""
    code = code_of(signers.head)
    count = len(decode(code.removeprefix(PREFIX)))
    codes = [_bent(code, at) for at in range(count)]
    verdicts = visitor.page.run(f"""Promise.all({json.dumps(codes)}.map(async (code) => {{
      try {{
        const school = JSON.parse(document.getElementById('school').textContent);
        return (await DocumentCode.judge(DocumentCode.read(code), school)).verdict;
      }} catch (error) {{
        if (error instanceof DocumentCode.BadCode) return 'refused';
        throw error;
      }}
    }}))""")
    assert set(verdicts) == {"bad", "refused"}
    assert len(verdicts) == count


def test_a_forged_fact_is_shown_as_not_signed(visitor: Visitor, signers: Signers) -> None:
    scanned = read_text(code_of(signers.head))
    forged = replace(scanned.facts, hours="999")
    told = visitor.paste(compose_code(forged, scanned.core))
    assert (told.kind, told.rows["Часы"]) == ("bad", "999")
    assert told.caption == "Написано в коде, подпись НЕ подтверждена"
    assert "Подпись неверна" in told.reason
    assert "Доказано\nНичего." in told.coverage.replace("\n\n", "\n")


@pytest.mark.parametrize("text", ["", "привет", "PAPKA1:", "PAPKA2:AAA", "PAPKA1:::::", "<b>x</b>"])
def test_garbage(text: str, visitor: Visitor) -> None:
    told = visitor.paste(text)
    assert (told.kind, told.title, told.rows) == ("bad", "Код не принят", {})


def test_it_reads_a_code_exactly_when_papka_does(visitor: Visitor) -> None:
    """Bent payloads of many kinds: the page takes what papka takes, with the same facts."""
    chance = Random(45)
    cases = [PREFIX + encode(each) for each in _spellings(chance)]
    said = visitor.page.run(f"""{json.dumps(cases)}.map((code) => {{
      try {{
        const rows = DocumentCode.listFacts(DocumentCode.read(code).facts);
        return Object.fromEntries(rows);
      }} catch (error) {{
        if (error instanceof DocumentCode.BadCode) return null;
        throw error;
      }}
    }})""")
    own = [_read_here(code) for code in cases]
    assert said == own
    assert 20 < sum(each is not None for each in own) < len(own) - 20


def _read_here(code: str) -> dict[str, str] | None:
    try:
        facts = read_text(code).facts
    except BadCode:
        return None
    hidden = ("entry", "key")
    return {name: fact_as_text(value) for name, value in list_facts(facts) if name not in hidden}


def _spellings(chance: Random) -> Iterator[bytes]:
    core = bytes([0x3E]) + bytes(64)
    texts = (
        *("Заря", "Ōta Žofie", "Ёлка № 7 «А»", "Zoe\u0308", "a  b", " a", "a\u200bb", "\u0098", ""),
        *("\u00a0", "x\u0085y", "Длинное имя " * 30, "Ō" * 150, "мир\u0301", "A\u00adB", "\ufeffA"),
    )
    for text in texts:
        facts = replace(FACTS, holder=text)
        yield encode_facts(fit_facts(facts)) + core
        yield b"".join((_head(), _text(4, text.encode()[:99], 0x80), _tail())) + core
        data = text.encode("cp1251", "ignore")[:99]
        yield b"".join((_head(), _text(4, data), _tail())) + core
        yield b"".join((_head(), _text(4, bytes(8) + data, 0x40), _tail())) + core
    for day in ("20260230", "00000101", "20261301", "19000101", "2026a101", "20240229", "20230229"):
        head = _head().replace(bytes.fromhex("20260611"), bytes.fromhex(day))
        yield head + _text(4, b"x") + _tail() + core
    sound = encode_facts(fit_facts(FACTS)) + core
    for _ in range(150):
        bent = bytearray(sound)
        at = chance.randrange(len(bent))
        chance.choice(
            (
                lambda bent=bent, at=at: bent.__setitem__(at, chance.randrange(256)),
                lambda bent=bent, at=at: bent.__delitem__(at),
                lambda bent=bent, at=at: bent.insert(at, chance.randrange(256)),
            )
        )()
        yield bytes(bent)


def _text(tag: int, data: bytes, flag: int = 0) -> bytes:
    return bytes([tag | flag, len(data)]) + data


def _head() -> bytes:
    day = bytes([3]) + bytes.fromhex("20260611")
    return bytes([1]) + _text(1, b"certificate@1") + _text(2, b"7") + day


def _tail() -> bytes:
    return _text(13, b"0123456789") + bytes([14]) + bytes(16) + bytes([15]) + bytes(4)


def test_its_own_arithmetic_agrees_with_the_library(visitor: Visitor) -> None:
    """For browsers whose WebCrypto has no ed25519: signatures good, bent, and of strange points."""
    chance = Random(25519)
    cases: list[tuple[bytes, bytes, bytes]] = []
    for length in (0, 1, 64, 111, 112, 300):
        secret = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        key, message = secret.public_key().public_bytes_raw(), chance.randbytes(length)
        made = secret.sign(message)
        s = int.from_bytes(made[32:], "little") + ORDER
        cases += [
            (key, made, message),
            (key, made, message + b"x"),
            (key, made[:32] + s.to_bytes(32, "little"), message),
            (key, bytes([made[0] ^ 1]) + made[1:], message),
            (made[:32], made, message),
            (b"\xff" * 32, made, message),
            (key[:31] + bytes([key[31] ^ 128]), made, message),
        ]
    sent = [[base64.b64encode(part).decode() for part in case] for case in cases]
    said = visitor.page.run(f"""(() => {{
      const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
      return {json.dumps(sent)}.map((parts) => Signature.verifiesHere(...parts.map(bytes)));
    }})()""")
    assert said == [verifies(*case) for case in cases]
    assert sum(said) == 6


def test_its_own_arithmetic_of_the_second_type_agrees_with_the_library(visitor: Visitor) -> None:
    chance = Random(384)
    cases: list[tuple[bytes, bytes, bytes]] = []
    for length in (0, 112):
        secret = ec.derive_private_key(chance.randrange(1, P384_ORDER), ec.SECP384R1())
        message = chance.randbytes(length)
        key = secret.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        r, s = decode_dss_signature(secret.sign(message, ec.ECDSA(SHA384())))
        made, twin = (
            r.to_bytes(48, "big") + each.to_bytes(48, "big") for each in (s, P384_ORDER - s)
        )
        cases += [
            (key, made, message),
            (key, twin, message),
            (key, made, message + b"x"),
            (key, bytes(48) + made[48:], message),
            (key, made[:48] + bytes(48), message),
            (key[:-1] + bytes([key[-1] ^ 1]), made, message),
            (b"\5" + key[1:], made, message),
        ]
    sent = [[base64.b64encode(part).decode() for part in case] for case in cases]
    said = visitor.page.run(f"""(() => {{
      const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
      return {json.dumps(sent)}.map((parts) => Signature.verifiesP384(...parts.map(bytes)));
    }})()""")
    assert said == [verifies(*case) for case in cases]
    assert sum(said) == 4


def test_without_webcrypto(visitor: Visitor, signers: Signers) -> None:
    """A page without https, or an older browser."""
    visitor.page.run("crypto.subtle.importKey = () => Promise.reject(new Error('none'))")
    try:
        assert visitor.paste(code_of(signers.head)).kind == "good"
        assert visitor.paste(_bent(code_of(signers.head), 60)).kind == "bad"
    finally:
        visitor.page.run("delete crypto.subtle.importKey")


def test_the_browsers_own_reader_is_asked_first(
    visitor: Visitor, signers: Signers, sheet: Image.Image, tmp_path: Path
) -> None:
    """Where it is there; what it does not find is looked for by the page's own."""
    code = json.dumps(code_of(signers.head))
    blank = Image.new("L", (200, 200), "white")
    visitor.page.run(f"""globalThis.BarcodeDetector = class {{
      async detect() {{ return [{{ rawValue: 'https://x.invalid' }}, {{ rawValue: {code} }}]; }}
    }}; null""")
    try:
        assert visitor.show(blank, tmp_path).kind == "good"
        visitor.page.run("BarcodeDetector.prototype.detect = async () => []; null")
        assert visitor.show(sheet, tmp_path).kind == "good"
        assert visitor.show(blank, tmp_path).title == "Код на снимке не найден"
    finally:
        visitor.page.run("delete globalThis.BarcodeDetector")


@pytest.mark.parametrize("pixel", [2, 3, 5])
def test_its_decoder_on_codes_of_every_length(visitor: Visitor, pixel: int) -> None:
    """Short codes and long ones, each with a mask of its own, to the last sign."""
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    chance = Random(pixel)
    texts = ["".join(chance.choices(signs, k=length)) for length in (1, 64, 241, 457, 483)]
    for text in texts:
        picture = picture_of_code(text, pixel)
        sent = base64.b64encode(picture.tobytes()).decode()
        read = visitor.page.run(f"""QrDecoder.read(
          Uint8Array.from(atob('{sent}'), (sign) => sign.charCodeAt(0)),
          {picture.width}, {picture.height})""")
        assert read == {"texts": [text], "seen": True}


def test_nothing_can_be_sent(signers: Signers, visitor: Visitor) -> None:
    """The policy forbids what a script slipped into the page would try."""
    tries = {
        "connect-src": "fetch('https://papka.invalid/')",
        "img-src": "new Image().src = 'https://papka.invalid/x.png'",
        "script-src-elem": "document.head.append(Object.assign("
        "document.createElement('script'), { textContent: 'window.bad = 1' }))",
        "style-src-attr": "document.body.setAttribute('style', 'color: red')",
    }
    for directive, act in tries.items():
        told = visitor.page.run(f"""new Promise((done) => {{
          addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective),
            {{ once: true }});
          Promise.resolve({act}).catch(() => null);
        }})""")
        assert told == directive
    assert visitor.page.run("typeof window.bad") == "undefined"
    visitor.page.requests[:] = [visitor.address]  # the refused ones are told of too
    visitor.page.console.clear()
    page = page_of(signers).decode()
    assert "http://" not in page
    assert "https://" not in page


def test_by_keyboard_on_a_narrow_screen_in_the_dark(visitor: Visitor, signers: Signers) -> None:
    page = visitor.page
    seen: list[Any] = []
    page.run("document.activeElement.blur(); getSelection().collapse(document.body, 0)")
    for _ in range(4):
        for kind in ("keyDown", "keyUp"):
            page.call("Input.dispatchKeyEvent", type=kind, key="Tab", windowsVirtualKeyCode=9)
        seen.append(page.run("document.activeElement.id || document.activeElement.textContent"))
    assert seen == ["camera", "picture", "code", "Проверить текст"]
    visitor.paste(code_of(signers.head))
    for dark in (False, True):
        assert page.picture(320, dark=dark).startswith(b"\x89PNG")
        assert page.run("document.documentElement.scrollWidth <= innerWidth")
        assert page.run(_LEAST_CONTRAST) >= 4.5


_LEAST_CONTRAST = """(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/\\d+/g).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const paper = light(getComputedStyle(document.body).backgroundColor);
  const words = [...document.querySelectorAll('h1, h2, h3, p, li, th, td, label, #school-name')];
  return Math.min(...words.map((word) => light(getComputedStyle(word).color))
    .map((ink) => Math.max(ink, paper) / Math.min(ink, paper)));
})()"""


def test_names_of_a_school_are_no_part_of_the_page(signers: Signers) -> None:
    """Whatever a school calls itself: it is data, and ends neither the element nor the page."""
    school = loaded(good()).organization
    assert school is not None
    name = "Студия </script><script>alert(1)</script> [[script]] & «Ко»"
    trust = (TrustEntry("s001", HEAD, signers.head.public),)
    page = compose_page(changed(school, name=name), trust, Revocations(), FACTS.date).decode()
    assert page.count("</script>") == 2
    assert "alert(1)</script>" not in page
    data = page.partition('id="school">')[2].partition("</script>")[0]
    assert json.loads(data)["name"] == name
