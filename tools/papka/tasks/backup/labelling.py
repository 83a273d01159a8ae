"""Which medium this is: the label on it, the journal and the file system must agree (R-6.3).

Invariants: a label is written once and kept; a number in the journal belongs to one medium for
good. Absent on purpose: renaming a medium, and taking an empty folder for a known one: with the
disk not plugged in, the copy would go to the computer's own.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from papka.core.errors import MediumFailed, Refused
from papka.core.medium import BadMedium, Label, read_label
from papka.gates import media
from papka.gates.volume import Volume
from papka.model.archive import Archive
from papka.model.safekeeping import Copy

_WORD = re.compile(r"\S+(?: \S+)*")


def find_label(
    to: Path, archive: Archive, medium: str | None, kind: str | None
) -> tuple[Label, bool]:
    """The label, and whether it is still to be written; `medium` and `kind` as a person names them.

    Raises Refused, MediumFailed for a label that cannot be read, OSError.
    """
    data = media.read_label_of(to)
    if data is not None:
        return _labelled(to, data, medium, kind), False
    if medium is None or kind is None:
        raise Refused(
            "Этот носитель ещё не помечен: неизвестно, какой у него номер и что он такое",
            'Назовите его один раз: --medium Н-1 --kind "флеш-накопитель" (номер — на наклейке)',
        )
    for value, key in ((medium, "--medium"), (kind, "--kind")):
        if _WORD.fullmatch(value) is None or not value.isprintable():
            raise Refused(
                f"{key}: «{value}» — не строка без лишних пробелов", "Например: --medium Н-1"
            )
    made_by_papka = [c for c in _copies(archive) if c.medium == medium and c.head is not None]
    if made_by_papka:
        raise Refused(
            f"На {medium} уже делали копию {made_by_papka[-1].date:%d.%m.%Y}, а здесь метки нет: "
            "подключён не он, или указана другая папка",
            "Подключите его и укажите ту же папку; новому или очищенному носителю дайте новый "
            "номер",
        )
    return Label(medium, kind, secrets.token_hex(16)), True


def _labelled(to: Path, data: bytes, medium: str | None, kind: str | None) -> Label:
    try:
        label = read_label(data)
    except BadMedium as error:
        raise MediumFailed(
            medium or "без номера", f"метка в {to} повреждена: {error}",
            "Возьмите другой носитель, а этот проверьте: прежние копии на нём могли уцелеть",
        ) from error  # fmt: skip
    if medium is not None and medium != label.medium:
        raise Refused(
            f"Этот носитель помечен как {label.medium}, а не {medium}",
            f"Подключите {medium} или уберите ключ --medium",
        )
    return label if kind is None else replace(label, kind=kind)


def _copies(archive: Archive) -> Iterator[Copy]:
    for key in sorted(archive.media):
        yield from archive.media[key].copies


def last_place(archive: Archive, medium: str) -> str | None:
    """Where the medium was kept last."""
    places = [copy.place for copy in _copies(archive) if copy.medium == medium and copy.place]
    return places[-1] if places else None


def refuse_other_disk(archive: Archive, label: Label, volume: Volume) -> None:
    """Raises Refused when the journal knows the medium by another file system."""
    known = [copy.device for copy in _copies(archive) if copy.medium == label.medium]
    if known and known[-1] and volume.identity and known[-1] != volume.identity:
        raise Refused(
            f"Это не тот носитель, что записан в журнале как {label.medium}: файловая система "
            "другая, а метка, видно, переписана вместе с файлами",
            f"Подключите {label.medium}; с нового носителя уберите метку и дайте ему новый номер",
        )


def twin_of(archive: Archive, label: Label, volume: Volume) -> str:
    """Another medium that is the same disk; the newest word of the journal counts."""
    if not volume.identity:
        return ""
    found = [c.medium for c in _copies(archive) if c.device == volume.identity]
    return next((medium for medium in reversed(found) if medium != label.medium), "")


def refuse_number(medium: str) -> None:
    """Of a server: it has no sticker."""
    if medium:
        raise Refused(
            "Номер носителя бывает у папки на диске, а это адрес сервера", "Уберите --medium"
        )


def label_for_mirror(folder: Path, medium: str) -> Label | None:
    """The label to be written; None when the disk has this one. Raises Refused for another."""
    data = media.read_label_of(folder)
    if data is None:
        if not medium.isprintable() or medium != medium.strip():
            raise Refused(f"--medium: «{medium}» не годится", "Номер с наклейки: --medium Н-1")
        return Label(medium, "носитель с зеркалом", secrets.token_hex(16))
    try:
        found = read_label(data).medium
    except BadMedium as error:
        raise Refused(
            f"Метка в {folder} повреждена: {error}", "Возьмите другой носитель"
        ) from error
    if found != medium:
        raise Refused(
            f"Этот носитель помечен как {found}, а не {medium}",
            f"Подключите {medium} или назовите {found}",
        )
    return None
