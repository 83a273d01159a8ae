"""Who may ask the web face for a page, and what every answer forbids: pure rules.

Asked is a request as it came; `judge` tells the path that is meant, or refuses. Whoever knows the
secret is the person who gave the command: the address was handed to one browser, in a file that
nobody else may read. What that browser is told by another page is refused by Host (a name that
was made to resolve to 127.0.0.1), by Origin and by what browsers add themselves (Sec-Fetch).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

HOST = "127.0.0.1"
_CHANGING = frozenset(("POST",))
_LOOKING = frozenset(("GET", "HEAD"))
_FOREIGN = frozenset(("cross-site", "same-site"))
"""What browsers say of a request that another page made; another port is the same site."""

FIRST_PAGE = "/"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect")),
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("X-Robots-Tag", "noindex"),
)
"""Of every answer: the page may load from here alone, stand in no frame and stay in no cache."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its path, and headers as they came, None for one that is not there."""

    method: str
    path: str
    host: str | None = None
    origin: str | None = None
    site: str | None = None
    """Sec-Fetch-Site: what the browser says of the page that asks."""
    mode: str | None = None
    target: str | None = None
    """Sec-Fetch-Dest: what the answer is for."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where this run of the face is reached: its port, and the secret in every path."""

    port: int
    secret: str

    @property
    def host(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    @property
    def address(self) -> str:
        """The first page, for the one browser that may know it."""
        return f"{self.origin}/{self.secret}/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is shown, in few words: who asks may be a stranger."""

    status: str
    words: str


_NOBODY = Refusal("404 Not Found", "Такой страницы нет.")
_STRANGER = Refusal("403 Forbidden", "Отклонено: запрос пришёл не со страниц этой программы.")
_METHOD = Refusal("405 Method Not Allowed", "Так спросить нельзя.")


def judge(door: Door, asked: Asked) -> str | Refusal:
    """Return the path behind the secret, which begins with a slash, or why it is refused."""
    if asked.host != door.host:
        return _STRANGER
    _, secret, *rest = [*asked.path.split("/", 2), ""]
    if not hmac.compare_digest(secret.encode("utf-8", "replace"), door.secret.encode()):
        return _NOBODY
    path = f"/{rest[0]}"
    if asked.method in _LOOKING:
        return path if _may_look(door, asked, path) else _STRANGER
    if asked.method in _CHANGING:
        return path if _may_change(door, asked) else _STRANGER
    return _METHOD


def _may_look(door: Door, asked: Asked, path: str) -> bool:
    """Whether a page may be shown; from elsewhere one comes to the first page alone, by a link."""
    if asked.origin not in (None, door.origin):
        return False
    if asked.site not in _FOREIGN:
        return True
    return path == FIRST_PAGE and (asked.mode, asked.target) == ("navigate", "document")


def _may_change(door: Door, asked: Asked) -> bool:
    """Whether a form of our own sent it.

    Under no-referrer browsers write «Origin: null» for a page's own form: then their word that
    the page was of the same origin must stand beside it.
    """
    if asked.site in _FOREIGN:
        return False
    return asked.origin == door.origin or (asked.origin == "null" and asked.site == "same-origin")
