"""The files of an issued document: its entry in the register, signed; of a replaced one its end.

Invariants: made of saved records alone, read anew for every number asked; a duplicate says what
the original said, even when the personal file is gone; nothing is signed for a draft's number.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from papka.core.document_facts import message
from papka.core.errors import NotFound, Refused
from papka.core.layout import (
    ALLOWED_SIGNERS,
    RECORDS,
    SALT_BYTES,
    STUDENTS,
    is_student_id,
    student_folder,
)
from papka.core.suggestion import may_be
from papka.gates.git.narrow import NarrowSnapshot, blob_at
from papka.integrity import sshsig
from papka.integrity.documents.entry import facts_of
from papka.integrity.trust import DOCUMENT, read_trust
from papka.model.acts import RegisterEntry
from papka.model.archive import Archive
from papka.model.plain import plain
from papka.model.reading import load
from papka.tasks.actor import Actor
from papka.tasks.add import new_file
from papka.tasks.edition import UPGRADE
from papka.tasks.numbers import Series, register
from papka.tasks.save import head_of
from papka.text.edit import set_value
from papka.text.schemas import SchemaSet
from papka.views.issued.case import issuer, order_words
from papka.views.issued.contents import CONTENTS
from papka.views.issued.in_force import require_first, require_last
from papka.views.issued.lacking import lacking
from papka.views.issued.request import SERIES, Request, case_of, entry_of

BOOK = "issued"


@dataclass(slots=True)
class Writer:
    """Asked by the reservation for the files under a number; `made` is the last entry."""

    root: Path
    actor: Actor
    request: Request
    made: RegisterEntry | None = None
    salt: str = field(default_factory=lambda: secrets.token_hex(SALT_BYTES))

    @property
    def series(self) -> Series:
        return register(BOOK, self.request.date.year, SERIES[self.request.form])

    def files(self, number: str) -> Mapping[str, bytes]:
        """Raises NotFound or Refused when there is nothing to issue, or not yet."""
        archive, head = saved(self.root, self.request.address)
        end = self._end(archive)
        entry = self._entry(archive, number)
        if number != self.series.draft:
            entry = signed(entry, self.actor)
        self.made = entry
        path = f"{self.series.folder}/{number}.yaml"
        files = {path: new_file(path, "register", plain(entry))}
        if self.request.replace:
            old, _ = entry_of(archive, self.request.replace)
            end |= {"replaced_by": entry.number}
            files |= {ended_path(old): ended(self.root, head, old, end)}
        return files

    def _end(self, archive: Archive) -> dict[str, str]:
        """What ends the replaced document, but for what takes its place."""
        request = self.request
        if not request.replace:
            return {}
        return void(
            archive, request.replace,
            kind="испорчен" if request.spoiled else "заменён",
            reason=request.reason, date=request.date.isoformat(), order=request.order,
        )  # fmt: skip

    def _entry(self, archive: Archive, number: str) -> RegisterEntry:
        request = self.request
        series = archive.series.get(SERIES[request.form])
        if series is None:
            raise Refused(
                f"Серия {SERIES[request.form]} не объявлена: нумеровать документ негде",
                "Руководитель впишет её в series файла records/organization.yaml; в архив от "
                f"прежней версии программы её добавит {UPGRADE}",
            )
        sequence = number.removeprefix(self.series.prefix)
        number = f"{series.prefix}-{request.date.year}-{sequence}"
        said = self._original(archive) if request.duplicate else self._new(archive)
        return RegisterEntry(
            number=number,
            series=series.series,
            form=f"{request.form}@1",
            date=request.date,
            salt=self.salt,
            issuer=issuer(archive, self.actor.staff),
            protocol=request.protocol,
            blank=request.blank,
            duplicate_of=request.duplicate,
            **said,
        )

    def _new(self, archive: Archive) -> dict[str, Any]:
        request = self.request
        _known_order(archive, request.order)
        case = case_of(archive, request)
        if reasons := lacking(request.form, case):
            raise Refused(
                f"Документ о {case.address} выдать нельзя: " + "; ".join(reasons),
                f"Что записано: papka show {case.student.id}",
            )
        require_first(archive, request, case.address)
        contents = CONTENTS[request.form](case)
        ended = case.enrolment.ended
        own = ended.order if ended and request.form != "progress" else None
        return {
            "student": case.address,
            "holder": case.person.name.full,
            "birth_date": case.person.birth_date,
            "order": request.order or own,
            "facts": contents.facts,
            "rows": contents.rows,
            "events": contents.events,
        }

    def _original(self, archive: Archive) -> dict[str, Any]:
        _, old = entry_of(archive, self.request.duplicate or "")
        if old.void is not None:
            raise Refused(
                f"Документ № {old.number} недействителен ({old.void.kind or old.void.reason}): "
                "дубликата у него не бывает",
                "Выдайте дубликат того, что действует"
                + (f": № {old.void.replaced_by}" if old.void.replaced_by else ""),
            )
        require_last(archive, old.number)
        return {
            "student": old.student,
            "holder": old.holder,
            "birth_date": old.birth_date,
            "order": self.request.order or old.order,
            "facts": self._with_order(archive, old)
            | old.facts
            | {"original": old.date.isoformat()},
            "rows": old.rows,
            "events": old.events,
        }

    def _with_order(self, archive: Archive, old: RegisterEntry) -> dict[str, str]:
        """An entry written by hand may name its order without its words."""
        words = order_words(archive, self.request.order or old.order)
        return {"order": words} if words else {}


def saved(root: Path, address: str = "") -> tuple[Archive, str]:
    """Shared records and one personal file as saved last, and that commit."""
    head = head_of(root)
    student = address.partition("#")[0]
    folder = student_folder(student) if is_student_id(student) else ""
    snapshot = NarrowSnapshot(root, head, {folder} if folder else ())
    archive = load(
        snapshot,
        SchemaSet.load(snapshot),
        wanted=lambda path: (
            not path.startswith(STUDENTS + "/") or bool(folder and path.startswith(folder + "/"))
        ),
    )
    return archive, head


def request_again(
    root: Path, number: str, form: str | None, address: str | None
) -> tuple[str, str]:
    """Form and study of an earlier document. Raises NotFound; Refused when others were named."""
    archive, _ = saved(root)
    _, entry = entry_of(archive, number)
    found = entry.form.partition("@")[0]
    if found not in SERIES:
        raise Refused(
            f"Документ № {number} — формы {entry.form}, заново её не выдать",
            f"Выдают: {', '.join(SERIES)}",
        )
    if (form or found, address or entry.student) != (found, entry.student):
        raise Refused(
            f"Документ № {number} — это {found} {entry.student}, а не {form} {address}",
            "Уберите форму и номер дела: их знает книга регистрации",
        )
    return found, entry.student


def require_head(root: Path, actor: Actor) -> None:
    """Raises Refused unless this key may sign documents: only heads' keys may."""
    data = blob_at(root, head_of(root), ALLOWED_SIGNERS) or b""
    heads = [entry for entry in read_trust(data).entries if DOCUMENT in entry.namespaces]
    if actor.signer.public not in [entry.key for entry in heads]:
        names = ", ".join(dict.fromkeys(entry.staff for entry in heads))
        raise Refused(
            f"Документы подписывает руководитель, а ключ сотрудника {actor.staff} этого не может",
            f"Пусть выдаст руководитель ({names or 'его ключа в архиве нет'}): ключ "
            f"--as {heads[0].staff if heads else 's001'}",
        )


def signed(entry: RegisterEntry, actor: Actor) -> RegisterEntry:
    """The entry with the signature of what it says."""
    public = actor.signer.public
    data = message(facts_of(entry, public))
    found = sshsig.read(actor.signer.sign(data, DOCUMENT))
    core = base64.b64encode(found.point + found.tail).decode()
    return entry.signed(core, public.fingerprint)


def void(archive: Archive, number: str, **words: str | None) -> dict[str, str]:
    """What ends a document. Raises NotFound; Refused without a reason, or when it has ended."""
    _, old = entry_of(archive, number)
    if old.void is not None:
        raise Refused(
            f"Документ № {number} уже недействителен: {old.void.reason}",
            f"Что о нём записано: papka find {number}",
        )
    require_last(archive, number)
    if not words.get("reason"):
        raise Refused(f"Почему № {number} недействителен?", 'Назовите причину: --reason "…"')
    _known_order(archive, words.get("order"))
    return {name: value for name, value in words.items() if value}


def ended_path(key: str) -> str:
    return f"{RECORDS}/registers/{key}.yaml"


def ended(root: Path, head: str, key: str, end: Mapping[str, str]) -> bytes:
    """The file of an entry with its end written in."""
    data = blob_at(root, head, ended_path(key))
    assert data is not None
    return set_value(data, "/void", dict(end))


def _known_order(archive: Archive, order: str | None) -> None:
    if order is not None and order not in archive.orders:
        raise NotFound(
            f"Приказа {order} среди сохранённых записей нет",
            f"Приказ указывают по имени файла: 2026/0001.{may_be(order, archive.orders)}",
        )
