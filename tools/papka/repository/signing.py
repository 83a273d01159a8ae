"""Find who acts, load or make keys, and sign: from a plain key file in process, else by the agent.

A signature (SSHSIG) is byte for byte what `ssh-keygen -Y sign` would make. A private key never
leaves this module and is never written but with mode 0600. Who acts is a staff id, never a name:
commits outlive people (R-1.3). Verifying is `proof`'s, which shares no code with this writer, so
that its bugs cannot hide.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from papka.core.errors import KeyMissing, KeyWaits, NotFound, Refused
from papka.core.places import is_staff_id
from papka.repository.files import SMALL, read_plain, sync_folder
from papka.repository.git_values import (
    ED25519,
    P384,
    SK_ED25519,
    BadKey,
    PublicKey,
    wire_string,
)
from papka.repository.handle import read_setting, signing_settings, write_settings
from papka.repository.runner import run_keygen
from papka.repository.unfinished_work import settle_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    Secret = Ed25519PrivateKey | EllipticCurvePrivateKey

GIT = "git"
"""The namespace of commits."""


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A key to sign with; `file` is its private file, `agent` the socket that may hold it."""

    public: PublicKey
    file: Path
    agent: str | None = None
    _secret: Secret | None = field(default=None, repr=False)

    @property
    def fingerprint(self) -> str:
        return self.public.fingerprint

    @property
    def is_guarded(self) -> bool:
        """Whether it is ssh-keygen that signs, which may ask the terminal for a passphrase."""
        return self._secret is None

    def sign(self, data: bytes, namespace: str = GIT) -> str:
        """Return the armored signature of `data`; raise KeyMissing when the key cannot be used."""
        if self._secret is not None:
            return _sign(self._secret, self.public, data, namespace)
        ran = run_keygen(
            "-q", "-Y", "sign", "-n", namespace, "-f", str(_public_file(self.file)),
            given=data, agent=self.agent,
        )  # fmt: skip
        if ran.code:
            raise KeyMissing(
                f"Ключ {self.file} защищён паролем или живёт на токене, а агент ключей его не дал",
                f"Добавьте ключ в агент и повторите: ssh-add {self.file}",
            )
        if self.public.kind == SK_ED25519 and not _is_touched(ran.text):
            raise KeyMissing(
                f"Токен с ключом {self.file} подписал без прикосновения, такой подписи не верят",
                "Создайте ключ, который его требует: ssh-keygen -t ed25519-sk -f ФАЙЛ",
            )
        return _lower(ran.text) if self.public.kind == P384 else ran.text


def load_signer(file: Path, *, agent: str | None = None) -> KeySigner:
    """Load the key in `file` (private, or `.pub` of one the agent holds); raise KeyMissing."""
    secret = None if file.suffix == ".pub" else _load_private(file)
    if secret is not None:
        return KeySigner(_public_of(secret), file, agent, secret)
    return KeySigner(load_public(_public_file(file)), file, agent)


def load_public(file: Path) -> PublicKey:
    """Load the public key in a `.pub` file; raise KeyMissing."""
    try:
        return PublicKey.from_line(
            read_plain(file, most=SMALL, follow=True).decode().partition("\n")[0]
        )
    except FileNotFoundError as error:
        raise KeyMissing(
            f"Нет файла открытого ключа {file}",
            f"Получите его из закрытого: ssh-keygen -y -f {file.with_suffix('')} > {file}",
        ) from error
    except (BadKey, UnicodeDecodeError) as error:
        raise KeyMissing(
            f"Файл {file} — не открытый ключ, который знает papka: {error}",
            "Нужен ключ ssh-ed25519: ssh-keygen -t ed25519 -f ФАЙЛ",
        ) from error


def generate_key(file: Path, comment: str, passphrase: str = "", kind: str = ED25519) -> PublicKey:
    """Write a new key: `file` (0600) and `file.pub`. Raise Refused when one is there.

    One with a passphrase is made by ssh-keygen, and only an agent can sign with it then; raise
    KeyMissing where that program is not installed.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    beside = file.with_name(f"{file.name}.pub")
    for path in (file, beside):
        if path.exists():
            raise Refused(
                f"Ключ {path} уже есть, papka не пишет поверх ключей", "Выберите другое имя файла"
            )
    if passphrase:
        return _generate_guarded(file, comment, passphrase, kind)
    secret: Secret = (
        ec.generate_private_key(ec.SECP384R1())
        if kind == P384
        else ed25519.Ed25519PrivateKey.generate()
    )
    private = secret.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption()
    )
    public = _public_of(secret)
    _write(file, 0o600, private)
    _write(beside, 0o644, f"{public.line} {comment}\n".encode())
    return public


def make_missing_key(file: Path, comment: str) -> None:
    """Make a key of the second type where no file is yet; raise NotFound for no folder."""
    if file.suffix == ".pub" or file.exists():
        return
    if not file.parent.is_dir():
        raise NotFound(
            f"Папки {file.parent} нет: ключ положить некуда",
            "Создайте папку или назовите другой файл",
        )
    generate_key(file, comment, kind=P384)


def _generate_guarded(file: Path, comment: str, passphrase: str, kind: str) -> PublicKey:
    make = ("-t", "ecdsa", "-b", "384") if kind == P384 else ("-t", "ed25519")
    words = ["-q", *make, "-C", comment, "-f", str(file)]
    if os.name == "nt":  # it asks the console there and nobody else; the command line is one's own
        ran = run_keygen(*words, "-N", passphrase)
    else:
        ran = run_keygen(*words, given=f"{passphrase}\n{passphrase}\n".encode(), alone=True)
    if ran.code:
        raise Refused(
            "Программа ssh-keygen не сделала ключа с таким паролем",
            "Возьмите пароль подлиннее, хотя бы из пяти знаков, и повторите",
        )
    return load_public(_public_file(file))


def is_guarded(file: Path) -> bool:
    """Whether only ssh-keygen or an agent can use a key: a passphrase or a token guards it."""
    return file.suffix == ".pub" or _load_private(file) is None


def prepare_key_folder(folder: Path) -> None:
    """Make the folder of a person's key, closed to others, unless it is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def complete_key(file: Path, comment: str) -> None:
    """Write the public half of a key that a killed command did not come to."""
    beside = file.with_name(f"{file.name}.pub")
    secret = None if beside.exists() else _load_private(file)
    if secret is not None:
        _write(beside, 0o644, f"{_public_of(secret).line} {comment}\n".encode())


def _write(path: Path, mode: int, data: bytes) -> None:
    """Write a file whole or not at all; the caller has seen that nothing lies there."""
    aside = path.with_name(f".{path.name}.papka-new")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)
    sync_folder(path.parent)


def _load_private(file: Path) -> Secret | None:
    """Load a private key; None when only ssh-keygen or the agent can use it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import (
        load_ssh_private_key,
    )

    try:
        secret = load_ssh_private_key(read_plain(file, most=SMALL, follow=True), password=None)
    except OSError as error:
        raise KeyMissing(
            f"Ключ подписи не найден: {file}",
            "Укажите свой ключ или создайте его: ssh-keygen -t ed25519 -f ФАЙЛ",
        ) from error
    except (TypeError, UnsupportedAlgorithm):
        return None  # a passphrase, or a hardware key
    except ValueError as error:
        raise KeyMissing(
            f"Файл {file} — не закрытый ключ OpenSSH",
            "Укажите закрытый ключ (файл без «.pub»)",
        ) from error
    if isinstance(secret, ed25519.Ed25519PrivateKey):
        return secret
    if isinstance(secret, ec.EllipticCurvePrivateKey) and isinstance(secret.curve, ec.SECP384R1):
        return secret
    raise KeyMissing(
        f"Ключ {file} не ed25519 и не ecdsa на 384 бита, такими papka не подписывает",
        "Создайте ключ: ssh-keygen -t ed25519 -f ФАЙЛ",
    )


def _is_touched(armored: str) -> bool:
    """Whether a token says that it was touched as it signed."""
    # The signature ends in a byte of flags and four of a counter.
    blob = base64.b64decode("".join(armored.splitlines()[1:-1]))
    return bool(blob[-5] & 1)


def _public_of(secret: Secret) -> PublicKey:
    from cryptography.hazmat.primitives import serialization as form

    spelled = secret.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
    return PublicKey.from_line(spelled.decode())


def _public_file(file: Path) -> Path:
    return file if file.suffix == ".pub" else file.with_name(f"{file.name}.pub")


def _sign(secret: Secret, public: PublicKey, data: bytes, namespace: str) -> str:
    """Make an SSHSIG version 1 (OpenSSH's PROTOCOL.sshsig), hash sha512, armored."""
    middle = wire_string(namespace.encode()) + wire_string(b"") + wire_string(b"sha512")
    signed = b"SSHSIG" + middle + wire_string(hashlib.sha512(data).digest())
    start = b"SSHSIG" + (1).to_bytes(4, "big") + wire_string(public.blob) + middle
    signature = wire_string(public.kind.encode()) + wire_string(_sign_bytes(secret, signed))
    return _armor(start + wire_string(signature))


def _sign_bytes(secret: Secret, message: bytes) -> bytes:
    """Return the signature proper of a message: what stands in ssh's string after its kind."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

    if isinstance(secret, ed25519.Ed25519PrivateKey):
        return secret.sign(message)
    made = secret.sign(message, ec.ECDSA(hashes.SHA384()))
    return _compose_pair(*utils.decode_dss_signature(made))


def _compose_pair(r: int, s: int) -> bytes:
    """Compose R and the lesser of S and n - S, which sign alike: only that is ever accepted."""
    lesser = min(s, _P384_ORDER - s)
    return b"".join(
        wire_string(each.to_bytes(each.bit_length() // 8 + 1, "big")) for each in (r, lesser)
    )


_P384_ORDER = 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D
"""n of P-384."""


def _lower(armored: str) -> str:
    """Make of ssh-keygen's signature by a key of P-384 the one with the lesser S."""
    blob = base64.b64decode("".join(armored.splitlines()[1:-1]))
    fields, at = [], len(b"SSHSIG") + 4
    while at < len(blob):  # the key, the purpose, nothing, sha512, the signature
        size = int.from_bytes(blob[at : at + 4], "big")
        fields.append(blob[at + 4 : at + 4 + size])
        at += 4 + size
    kind = wire_string(P384.encode())
    pair = fields[-1][len(kind) + 4 :]
    size = int.from_bytes(pair[:4], "big")
    r, s = (int.from_bytes(each, "big") for each in (pair[4 : 4 + size], pair[8 + size :]))
    start = blob[: len(blob) - len(wire_string(fields[-1]))]
    return _armor(start + wire_string(kind + wire_string(_compose_pair(r, s))))


def _armor(blob: bytes) -> str:
    encoded = base64.b64encode(blob).decode()
    lines = [encoded[at : at + 70] for at in range(0, len(encoded), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


_SETUP = (
    "Назначьте сотрудника и его ключ для этой копии архива: "
    "git config user.name s002; git config user.signingKey ПУТЬ-К-КЛЮЧУ"
)


@dataclass(frozen=True, slots=True)
class SigningActor:
    """A person who acts: a staff id, and the key that signs for it."""

    staff: str
    signer: KeySigner

    @property
    def sign(self) -> Callable[[bytes], str]:
        return self.signer.sign


def find_actor(root: Path, staff: str | None = None, *, agent: str | None = None) -> SigningActor:
    """Return the person configured in this copy, or `staff` (`--as`), with a usable key.

    First the folder is freed of what a killed command left half written. `agent` is the socket of
    the ssh agent. Raise KeyMissing, KeyWaits or Refused.
    """
    settle_folder(root)
    own, waiting = read_setting(root, "user.name") or None, waiting_person(root)
    name = staff or own or waiting or None
    if name is not None and name == waiting:
        raise KeyWaits(name, request_file(name))
    if name is None:
        raise KeyMissing("Неизвестно, кто сохраняет: в этой копии архива нет имени", _SETUP)
    if not is_staff_id(name):
        raise Refused(
            f"«{name}» — не номер сотрудника: в историю пишут номер (s002), а не имя", _SETUP
        )
    setting = "user.signingKey" if name == own else key_setting(name)
    path = read_setting(root, setting)
    if path is None:
        raise KeyMissing(
            f"Для сотрудника {name} в этой копии архива не указан ключ подписи",
            f"git config {setting} ПУТЬ-К-КЛЮЧУ",
        )
    return SigningActor(name, load_signer(Path(path).expanduser(), agent=agent))


def key_setting(staff: str) -> str:
    """Return the setting that names the file of a person's key beside the copy's own."""
    return f"papka-staff.{staff}.key"


_WAITING = "papka.waiting"


def waiting_person(root: Path) -> str:
    """Return whose key waits in this copy for the head to accept it, "" for nobody's."""
    staff = read_setting(root, _WAITING) or ""
    return staff if is_staff_id(staff) else ""  # it becomes part of a path


def request_file(staff: str) -> str:
    """Return where in the archive's folder the request to accept a person's key lies."""
    return f"print/request-{staff}.txt"


def begin_waiting(root: Path, staff: str, key: Path) -> None:
    """Make the copy a person's whose key nobody trusts yet: neither papka nor git commits for them.

    Who worked here before goes on with `--as`.
    """
    own, own_key = read_setting(root, "user.name"), read_setting(root, "user.signingKey")
    settings = {**signing_settings(staff, key), _WAITING: staff}
    settings |= {"user.name": "", "user.email": "", "user.signingKey": ""}  # git refuses as well
    if own and own_key and own != staff:
        settings[key_setting(own)] = own_key
    write_settings(root, {**settings, key_setting(staff): str(key)})


def end_waiting(root: Path, staff: str, key: Path) -> None:
    """Make the copy the person's own: the key is trusted now."""
    write_settings(root, {**signing_settings(staff, key), _WAITING: ""})


def kept_key(root: Path, staff: str) -> Path | None:
    """Return the file of the key that signs for a person beside the copy's own."""
    path = read_setting(root, key_setting(staff))
    return Path(path).expanduser() if path else None


def acting_staff(root: Path, staff: str | None = None) -> str:
    """Return the staff id configured in this copy, or `staff` (`--as`), or "". Needs no key."""
    return staff or read_setting(root, "user.name") or ""


def remember_actor(root: Path, staff: str, key: Path, *, main: bool) -> None:
    """Write down where the key of a person is; `main` makes this person the copy's own."""
    if main:
        write_settings(root, signing_settings(staff, key))
    else:
        write_settings(root, {key_setting(staff): str(key)})
