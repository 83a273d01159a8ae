"""Printed forms of a school's own: a template and a description in its archive, no Python.

A form is a folder `templates/forms/NAME/`: `form.yaml` (version, title, for), the template
`form.html.j2` and, if need be, `form.css`. `papka print NAME ADDRESS` prints it like any other
form. The template gets form.record, which is what `papka show ADDRESS --format json` prints for
the state that the paper names, and all that `document.html.j2` asks for. `version` is the edition
of this contract: names that a form of version 1 may use are never changed, only added.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from papka.core.errors import NotFound, PapkaError, Refused
from papka.core.phrases import suggest
from papka.core.places import is_student_id
from papka.core.snapshot import Snapshot
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    Target,
    letterhead,
    list_addresses,
    of_head,
    page,
)
from papka.paper.issued_contents import entry_of
from papka.paper.print_state import print_state
from papka.records.archive import Archive
from papka.records.derived.approvals import approval_states
from papka.records.strict_yaml import locate, read
from papka.records.tombstones import no_file

FOLDER = "templates/forms/"
VERSION = 1
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_KEYS = ("version", "title", "for")
_NEXT = (
    "Исправьте и сохраните: papka save. В form.yaml три строки — version: 1, title: Название, "
    "for: дело, — а рядом лежит шаблон form.html.j2"
)

Flaw = tuple[str, int, str]
"""Path, line (0: of the whole file) and Russian reason, as `html.compile_all` gives them."""


class FormBroken(PapkaError):
    """A form of the school's own is described wrongly or has no template."""

    def __init__(self, name: str, flaw: Flaw) -> None:
        path, line, reason = flaw
        place = f"{path}:{line}" if line else path
        super().__init__(f"Форма «{name}» не печатается: {place}: {reason}", _NEXT)


class OwnForm(NamedTuple):
    """What form.yaml says: title, and what the form is printed for."""

    title: str
    target: Target


@dataclass(frozen=True, slots=True)
class OwnFormView:
    """What the template reads as `form`; `record` is what `show --format json` prints."""

    page: Page
    letterhead: Letterhead
    signature: SignatureLine
    record: dict[str, Any]


ADDRESSES: Mapping[Target, Callable[[Archive], Iterable[str]]] = {
    "дело": lambda archive: archive.students,
    "обучение": lambda archive: list_addresses(archive, lambda student: student.enrolments),
    "согласие": lambda archive: list_addresses(archive, lambda student: student.consents),
    "номер документа": lambda archive: [each.number for each in archive.registers.values()],
}
"""What a form may be for, and the addresses of such records."""


def read_own_forms(
    templates: Snapshot, taken: Container[str]
) -> tuple[dict[str, OwnForm], dict[str, Flaw]]:
    """Return the forms by name, and for each that cannot be used the first reason.

    `taken`: names of the program's own forms.
    """
    paths = frozenset(path for path in templates.paths() if path.startswith(FOLDER))
    forms: dict[str, OwnForm] = {}
    flaws: dict[str, Flaw] = {}
    for name in sorted({path.removeprefix(FOLDER).partition("/")[0] for path in paths}):
        found = _read_form(templates, name, paths, taken)
        if isinstance(found, OwnForm):
            forms[name] = found
        else:
            flaws[name] = found
    return forms, flaws


def find_flaws(templates: Snapshot) -> list[Flaw]:
    """Return all that keeps forms from being printed, the program's and the school's."""
    from papka.paper.form_list import names  # it lists these forms too
    from papka.paper.html import compile_all  # Jinja2 when a form is at stake

    _, flaws = read_own_forms(templates, names())
    return [*compile_all(templates), *flaws.values()]


def make_forms(
    found: Mapping[str, OwnForm], show: Callable[[State, str], dict[str, Any]]
) -> dict[str, PrintedForm]:
    """Return the forms ready to print; `show` gives the record at an address (`values_at`)."""

    def view(title: str, target: Target, state: State, address: str) -> OwnFormView:
        archive = state.archive
        head, record = page(state, title), show(state, address)
        if target == "номер документа":
            now = print_state(archive, entry_of(archive, address)[1], title)
            head = replace(head, stamp=now.stamp or head.stamp)
        shown_on = state.signed_on
        return OwnFormView(head, letterhead(archive, shown_on), of_head(archive, shown_on), record)

    return {
        name: PrintedForm(
            name, form.title, form.target, partial(view, form.title, form.target),
            ADDRESSES[form.target], is_own=True,
        )
        for name, form in found.items()
    }  # fmt: skip


def values_at(root: Path, state: State, address: str) -> dict[str, Any]:
    """Return what `papka show ADDRESS --format json` prints for this state. Raise NotFound."""
    student, _, entry = address.partition("#")
    if is_student_id(student) and not entry:
        values = _file_values(state, student)
    elif state.is_past:
        raise Refused(
            "Ключ --on — для форм о деле целиком: у одной записи даты видны",
            "Напечатайте эту форму без него",
        )
    else:
        values = _entry_values(root, state, student, entry)
    shown: dict[str, Any] = json.loads(json.dumps(values, default=str))
    return shown


def _file_values(state: State, student: str) -> dict[str, Any]:
    from papka.desk.dossier import file_values  # the words of `show`

    archive = state.archive
    kept = archive.students.get(student)
    if kept is None or kept.person is None:
        raise no_file(archive.destroyed, student, archive.students, "")
    list(archive.approvals)  # whatever is approved later changes the paper
    states = approval_states(archive, kept)
    return file_values(archive, kept, state.on, states, state.commit)


def _entry_values(root: Path, state: State, student: str, entry: str) -> dict[str, Any]:
    from papka.desk.entry_history import (  # the words of `show`
        entry_values,
        show_document,
        show_entry,
    )

    archive = state.archive
    for mapping in (archive.registers, archive.orders, archive.staff):
        list(mapping)  # each may cite the entry, and a new one changes the paper
    if entry:
        archive.students.get(student)
        return entry_values(show_entry(root, student, entry, rev=state.commit))
    found = show_document(root, student, rev=state.commit)
    if found is None:
        numbers = [each.number for each in archive.registers.values()]
        raise NotFound(
            f"Документ {student} в книгах регистрации не записан",
            f"Выданные документы: papka print register.{suggest(student, numbers)}",
        )
    return entry_values(found)


def _read_form(
    templates: Snapshot, name: str, paths: Container[str], taken: Container[str]
) -> OwnForm | Flaw:
    path = f"{FOLDER}{name}/form.yaml"
    if path not in paths:
        return path, 0, "такого файла нет, а без него неизвестно, что это за форма"
    if not _NAME.fullmatch(name):
        return path, 0, "имя папки — это имя формы: строчные латинские буквы, цифры и дефис"
    if name in taken:
        return path, 0, f"форма «{name}» уже есть в программе: назовите папку иначе"
    data = templates.read(path)
    document = read(data, path)
    if document.findings:
        finding = document.findings[0]
        return path, finding.where.line, finding.message
    if not isinstance(document.value, dict):
        return path, 1, "здесь нужны строки version, title и for"
    wrong = _judge(document.value)
    if wrong:
        key, reason = wrong
        return path, locate(data, f"/{key}", key=True)[0], reason
    if f"{FOLDER}{name}/form.html.j2" not in paths:
        return path, 0, "рядом нет шаблона form.html.j2"
    return OwnForm(document.value["title"], document.value["for"])


def _judge(value: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the first wrong key and the reason."""
    for key in _KEYS:
        if key not in value:
            return key, f"нет строки «{key}»"
    for key in value:
        if key not in _KEYS:
            return key, f"строка «{key}» здесь не нужна: есть только {', '.join(_KEYS)}"
    version, title, target = (value[key] for key in _KEYS)
    if version is True or version != VERSION:
        return "version", (
            f"версия «{version}» этой программе неизвестна, она знает {VERSION}: "
            "обновите программу или укажите version: 1"
        )
    if not isinstance(title, str) or not title.strip():
        return "title", "здесь нужно название формы"
    if not isinstance(target, str) or target not in ADDRESSES:
        return "for", f"форма бывает для чего-то одного: {', '.join(ADDRESSES)}"
    return None
