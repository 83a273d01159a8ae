"""Which forms there are, by their names, the personal file among them (requirements, R-3.3).

What organization.yaml does not list under `forms:` is not printed; without such a list everything
is. Sheets of proof (keys, seals) are always in use. A form that the school has no known duty to
keep is printed only where it is listed, and such a name in the list switches nothing else off.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from papka.core.errors import NotFound, Refused
from papka.core.phrases import suggest
from papka.paper.form import PrintedForm, Target
from papka.paper.forms import every_form, form_names, load_form
from papka.records.archive import Archive

PERSONAL_FILE = "personal-file"
NEEDED: dict[Target, tuple[str, str]] = {
    "дело": ("номер дела", "2026-0007"),
    "обучение": ("запись об обучении", "2026-0007#e1"),
    "согласие": ("запись о согласии", "2026-0007#c1"),
    "обращение": ("запись об обращении", "2026-0007#z1"),
    "зачёт": ("запись о зачёте", "2026-0007#k1"),
    "выписка": ("дело и приказ", "2026-0007:2026/0001"),
    "группа": ("группу", "Г-26-1"),
    "приказ": ("приказ", "2026/0001"),
    "номер документа": ("номер выданного документа", "С-2026-0001"),
    "книга и год": ("книгу и год", "certificates/2026"),
    "год": ("год", "2026"),
    "период": ("период", "2026-1"),
    "архив": ("ничего", ""),
    "пломба": ("номер пломбы", "0002"),
    "замена ключей": ("номер акта о замене ключей", "0001"),
    "акт об уничтожении": ("номер акта об уничтожении", "1"),
}
"""What to name for a form, and an example."""


ON_REQUEST = frozenset({"order-book", "name-book", "case-list", "nomenclature"})
OF_ORGANIZATIONS = frozenset({"self-examination", "self-examination-exact"})
"""What the law asks of organizations: off for an entrepreneur until asked for (приказ № 462)."""


Own = Mapping[str, PrintedForm]
"""Forms of the school's own, by name (`own_forms`)."""
_NONE: Own = MappingProxyType({})


def singles() -> dict[str, PrintedForm]:
    """Return the program's forms but the personal file, by name."""
    return {form.name: form for form in every_form()}


def names(own: Own = _NONE) -> tuple[str, ...]:
    """Return the names of all forms, the personal file first; no form's words are imported."""
    return (PERSONAL_FILE, *form_names(), *own)


def titles(own: Own = _NONE) -> dict[str, str]:
    """Return name -> title of every form, the personal file first."""
    forms = {**singles(), **own}
    return {
        PERSONAL_FILE: "Личное дело целиком",
        **{name: form.title for name, form in forms.items()},
    }


def find_single(name: str, own: Own = _NONE) -> PrintedForm | None:
    """Return the form; None for the personal file, which is printed in its own way."""
    return None if name == PERSONAL_FILE else own.get(name) or load_form(name)


def target_of(name: str, own: Own = _NONE) -> Target:
    """Return what a form is printed for."""
    form = find_single(name, own)
    return form.target if form else "дело"


def require_form(name: str, own: Own = _NONE) -> None:
    """Raise NotFound for a form there is not."""
    known = names(own)
    if name not in known:
        raise NotFound(f"Формы «{name}» нет", f"Все формы: papka print.{suggest(name, known)}")


def require_in_use(name: str, archive: Archive, own: Own = _NONE) -> None:
    """Raise Refused for a form this organization does not use."""
    if not is_in_use(name, archive, own):
        listed = archive.organization.forms if archive.organization else ()
        if _is_off(name, archive):
            raise Refused(
                f"Форма {name} («{titles(own)[name]}») выключена: обязанности вести её у этой "
                "организации не найдено",
                "Если она нужна, руководитель включает её в records/organization.yaml: в строку "
                f"forms вписывают {name}; другие формы от этого не выключаются",
            )
        raise Refused(
            f"Форма {name} («{titles(own)[name]}») в этой организации не применяется",
            "Применяемые формы перечислены в records/organization.yaml, строка forms: "
            f"{', '.join(listed)}. Руководитель может добавить её туда",
        )


def in_use(archive: Archive, own: Own = _NONE) -> tuple[str, ...]:
    """Return names of the forms the organization uses, in their own order."""
    return tuple(name for name in names(own) if is_in_use(name, archive, own))


def is_in_use(name: str, archive: Archive, own: Own = _NONE) -> bool:
    """Tell whether the organization uses a form; nothing but its own file is asked."""
    listed = archive.organization.forms if archive.organization else ()
    if name in listed:
        return True
    if _is_off(name, archive):
        return False
    if all(_is_off(each, archive) for each in listed):
        return True
    form = find_single(name, own)
    return form is not None and form.is_of_proof


def _is_off(name: str, archive: Archive) -> bool:
    """Tell whether the form is printed only where the school asks for it."""
    school = archive.organization
    is_trader = school is not None and school.is_sole_trader
    return name in ON_REQUEST or (is_trader and name in OF_ORGANIZATIONS)


def targets(name: str, archive: Archive, own: Own = _NONE) -> tuple[str, ...]:
    """Return every address the form can be printed for."""
    form = find_single(name, own)
    return tuple(form.targets(archive) if form else archive.students)
