"""Who acts: a staff id and the key that signs for it, from the settings of this copy.

Invariants: the identity is the id, never a name (commits outlive people, R-1.3). Absent on
purpose: deciding what the actor may do (`integrity`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import KeyMissing, Refused
from papka.core.layout import is_staff_id
from papka.gates.git.repository import read_setting, signing_settings, write_settings
from papka.gates.signing import Signer, load_signer
from papka.tasks.settling import settle

_SETUP = (
    "Назначьте сотрудника и его ключ для этой копии архива: "
    "git config user.name s002; git config user.signingKey ПУТЬ-К-КЛЮЧУ"
)


@dataclass(frozen=True, slots=True)
class Actor:
    """`staff` signs with `signer`."""

    staff: str
    signer: Signer

    @property
    def sign(self) -> Callable[[bytes], str]:
        return self.signer.sign


def find_actor(root: Path, staff: str | None = None, *, agent: str | None = None) -> Actor:
    """The configured person of this copy, or `staff` (`--as`), with a usable key.

    Whoever acts begins with a folder that no killed command left half written. `agent` is the
    socket of the ssh agent. Raises KeyMissing or Refused.
    """
    settle(root)
    own = read_setting(root, "user.name")
    name = staff or own
    if name is None:
        raise KeyMissing("Неизвестно, кто сохраняет: в этой копии архива нет имени", _SETUP)
    if not is_staff_id(name):
        raise Refused(
            f"«{name}» — не номер сотрудника: в историю пишут номер (s002), а не имя", _SETUP
        )
    setting = "user.signingKey" if name == own else f"papka-staff.{name}.key"
    path = read_setting(root, setting)
    if path is None:
        raise KeyMissing(
            f"Для сотрудника {name} в этой копии архива не указан ключ подписи",
            f"git config {setting} ПУТЬ-К-КЛЮЧУ",
        )
    return Actor(name, load_signer(Path(path).expanduser(), agent=agent))


def acting_staff(root: Path, staff: str | None = None) -> str:
    """Whose id stands for this copy, or `staff` (`--as`); "" when nobody's does. Needs no key."""
    return staff or read_setting(root, "user.name") or ""


def remember_actor(root: Path, staff: str, key: Path, *, main: bool) -> None:
    """Write down whose key is where; `main` makes this person the copy's own."""
    if main:
        write_settings(root, signing_settings(staff, key))
    else:
        write_settings(root, {f"papka-staff.{staff}.key": str(key)})
