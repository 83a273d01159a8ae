"""Which forms there are, by their names, the personal file among them (requirements, R-3.3).

Invariant: what organization.yaml does not list under `forms:` is not printed; without such a list
everything is. Sheets of proof (keys, seals) are always in use.
"""

from __future__ import annotations

from functools import cache

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
    """Every form but the personal file. Their words are imported when they are asked for."""
    from papka.paper.forms import FORMS  # noqa: PLC0415 - a tenth of a second of modules

    return {form.name: form for form in FORMS}


def titles() -> dict[str, str]:
    """Name -> title of every form, the personal file first."""
    return {
        PERSONAL_FILE: "Личное дело целиком",
        **{name: form.title for name, form in singles().items()},
    }


def target_of(name: str) -> Target:
    """What a form is printed for."""
    return "дело" if name == PERSONAL_FILE else singles()[name].target


def require_form(name: str) -> None:
    """Raises NotFound for a form there is not."""
    if name != PERSONAL_FILE and name not in singles():
        raise NotFound(f"Формы «{name}» нет", f"Все формы: papka print.{suggest(name, titles())}")


def require_in_use(name: str, archive: Archive) -> None:
    """Raises Refused for a form this organization does not use."""
    listed = archive.organization.forms if archive.organization else ()
    if listed and name not in listed and not _is_of_proof(name):
        raise Refused(
            f"Форма {name} («{titles()[name]}») в этой организации не применяется",
            "Применяемые формы перечислены в records/organization.yaml, строка forms: "
            f"{', '.join(listed)}. Руководитель может добавить её туда",
        )


def _is_of_proof(name: str) -> bool:
    """Whether it shows what proves the archive, which no organization can do without."""
    return name != PERSONAL_FILE and singles()[name].is_of_proof


def in_use(archive: Archive) -> tuple[str, ...]:
    """Names of the forms the organization uses, in their own order."""
    listed = archive.organization.forms if archive.organization else ()
    return tuple(n for n in titles() if not listed or n in listed or _is_of_proof(n))


def targets(name: str, archive: Archive) -> tuple[str, ...]:
    """Every address the form can be printed for."""
    if name == PERSONAL_FILE:
        return tuple(archive.students)
    return tuple(singles()[name].targets(archive))
