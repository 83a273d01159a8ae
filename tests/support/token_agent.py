"""A hardware key in software behind an ssh agent's socket: what a FIDO token and ssh-agent do.

It speaks only what ssh-keygen asks of it: the list of keys, and a signature.
"""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from papka.repository.git_values import SK_APPLICATION, SK_ED25519, PublicKey, wire_string

_LIST, _LISTED, _SIGN, _SIGNED, _FAILED = 11, 12, 13, 14, 5


@dataclass
class Token:
    """`touched`: whether a finger is on it when it signs; `count`: how often it signed."""

    secret: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    touched: bool = True
    count: int = 0

    @property
    def public(self) -> PublicKey:
        return PublicKey(SK_ED25519, self.secret.public_key().public_bytes_raw())

    def write_public(self, file: Path) -> Path:
        """The `.pub` file a person has of a key that never leaves the token."""
        file.write_text(f"{self.public.line} token\n")
        return file

    def sign(self, data: bytes) -> bytes:
        """As the FIDO standard says: application, flags, counter, and the digest of the data."""
        self.count += 1
        tail = bytes([self.touched]) + struct.pack(">I", self.count)
        signed = hashlib.sha256(SK_APPLICATION).digest() + tail + hashlib.sha256(data).digest()
        return wire_string(SK_ED25519.encode()) + wire_string(self.secret.sign(signed)) + tail

    def answer(self, request: bytes) -> bytes:
        kind, rest = request[0], request[1:]
        if kind == _LIST:
            listed = struct.pack(">I", 1) + wire_string(self.public.blob) + wire_string(b"token")
            return bytes([_LISTED]) + listed
        if kind == _SIGN:
            blob, rest = _string(rest)
            data, _ = _string(rest)
            if blob == self.public.blob:
                return bytes([_SIGNED]) + wire_string(self.sign(data))
        return bytes([_FAILED])


@contextmanager
def agent_with(token: Token, path: Path) -> Iterator[str]:
    """Serves the token at a socket; its name is what SSH_AUTH_SOCK holds."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        serving = threading.Thread(target=_serve, args=(server, token))
        serving.start()
        try:
            yield str(path)
        finally:
            with socket.socket(socket.AF_UNIX) as last:
                last.connect(str(path))
                last.sendall(struct.pack(">I", 0))
            serving.join()


def _serve(server: socket.socket, token: Token) -> None:
    """One client at a time; an empty message ends it."""
    while True:
        client, _ = server.accept()
        with client, client.makefile("rwb") as stream:
            while size := stream.read(4):
                request = stream.read(int.from_bytes(size, "big"))
                if not request:
                    return
                answer = token.answer(request)
                stream.write(struct.pack(">I", len(answer)) + answer)
                stream.flush()


def _string(data: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(data[:4], "big")
    return data[4 : 4 + size], data[4 + size :]
