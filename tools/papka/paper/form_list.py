"""Which forms there are, by their names, the personal file among them (requirements, R-3.3).

What organization.yaml does not list under `forms:` is not printed; without such a list everything
is. Sheets of proof (keys, seals) are always in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from papka.core.errors import NotFound, Refused
from papka.core.phrases import suggest
from papka.paper.form import PrintedForm, Target
from papka.records.archive import Archive

PERSONAL_FILE = "personal-file"
NEEDED: dict[Target, tuple[str, str]] = {
    "дело": ("номер дела", "2026-0007"),
    "обучение": ("запись об обучении", "2026-0007#e1"),
    "согласие": ("запись о согласии", "2026-0007#c1"),
    "группа": ("группу", "Г-26-1"),
    "приказ": ("приказ", "2026/0001"),
    "номер документа": ("номер выданного документа", "С-2026-0001"),
    "книга и год": ("книгу и год", "certificates/2026"),
    "год": ("год", "2026"),
    "период": ("период", "2026-1"),
    "архив": ("ничего", ""),
    "печать": ("номер печати", "0002"),
    "замена ключей": ("номер акта о замене ключей", "0001"),
}
"""What to name for a form, and an example."""


@cache
def singles() -> dict[str, PrintedForm]:
    """Return the program's forms but the personal file. Their words are imported when asked for."""
    from papka.paper.forms import FORMS  # noqa: PLC0415 - a tenth of a second of modules

    return {form.name: form for form in FORMS}


Own = Mapping[str, PrintedForm]
"""Forms of the school's own, by name (`own_forms`)."""
_NONE: Own = MappingProxyType({})


def titles(own: Own = _NONE) -> dict[str, str]:
    """Return name -> title of every form, the personal file first."""
    forms = {**singles(), **own}
    return {
        PERSONAL_FILE: "Личное дело целиком",
        **{name: form.title for name, form in forms.items()},
    }


def find_single(name: str, own: Own = _NONE) -> PrintedForm | None:
    """Return the form; None for the personal file, which is printed in its own way."""
    return None if name == PERSONAL_FILE else {**singles(), **own}[name]


def target_of(name: str, own: Own = _NONE) -> Target:
    """Return what a form is printed for."""
    form = find_single(name, own)
    return form.target if form else "дело"


def require_form(name: str, own: Own = _NONE) -> None:
    """Raise NotFound for a form there is not."""
    known = titles(own)
    if name not in known:
        raise NotFound(f"Формы «{name}» нет", f"Все формы: papka print.{suggest(name, known)}")


def require_in_use(name: str, archive: Archive, own: Own = _NONE) -> None:
    """Raise Refused for a form this organization does not use."""
    if name not in in_use(archive, own):
        listed = archive.organization.forms if archive.organization else ()
        raise Refused(
            f"Форма {name} («{titles(own)[name]}») в этой организации не применяется",
            "Применяемые формы перечислены в records/organization.yaml, строка forms: "
            f"{', '.join(listed)}. Руководитель может добавить её туда",
        )


def in_use(archive: Archive, own: Own = _NONE) -> tuple[str, ...]:
    """Return names of the forms the organization uses, in their own order."""
    listed = archive.organization.forms if archive.organization else ()
    if not listed:
        return tuple(titles(own))
    proof = {name for name, form in singles().items() if form.is_of_proof}
    return tuple(name for name in titles(own) if name in listed or name in proof)


def targets(name: str, archive: Archive, own: Own = _NONE) -> tuple[str, ...]:
    """Return every address the form can be printed for."""
    form = find_single(name, own)
    return tuple(form.targets(archive) if form else archive.students)
