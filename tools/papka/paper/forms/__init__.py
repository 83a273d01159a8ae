"""Printed forms besides the personal file, each in the module of its name; some share one."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from papka.paper.form import PrintedForm

_ORDER = (
    *("certificate", "transcript", "progress", "credit-note", "notice", "card", "lending-card"),
    *("register", "register-certification", "group-sheet", "year-sheet", "order", "order-extract"),
    *("consent", "answer", "student-counts", "self-examination", "self-examination-exact"),
    *("management", "attention", "platform-printout", "needs-plan", "diagnostics-summary"),
    *("approval-act", "keys", "refounding", "seal", "safe-sheet", "backup-act", "media-log"),
    *("destruction-act", "destruction-extract"),
    *("order-book", "name-book", "case-list", "nomenclature"),
)
"""The order of the list; forms not named here come after these, by name."""
_SHARED = {
    name: module
    for module, names in {
        "issued_documents": ("certificate", "transcript", "progress"),
        "trust_sheets": ("keys", "refounding", "seal"),
        "file_sheets": ("card", "lending-card", "credit-note"),
        "register": ("register-certification",),
        "order": ("order-extract",),
        "destruction_act": ("destruction-extract",),
        "self_examination": ("self-examination-exact", "student-counts"),
        "restricted_sheets": ("needs-plan", "diagnostics-summary"),
        "school_books": ("media-log", "order-book", "name-book", "case-list", "nomenclature"),
    }.items()
    for name in names
}
"""Form -> its module, where that is called otherwise."""


@cache
def form_names() -> tuple[str, ...]:
    """Return the names of all forms, importing none of them."""
    modules = {found.name for found in iter_modules(__path__)} - set(_SHARED.values())
    own = {module.replace("_", "-") for module in modules}
    return (*_ORDER, *sorted(own - set(_ORDER)))


@cache
def load_form(name: str) -> PrintedForm:
    """Return a form; no module but its own is imported. Raise KeyError for a form there is not."""
    if name not in form_names():
        raise KeyError(name)
    module = import_module(f"{__name__}.{_SHARED.get(name) or name.replace('-', '_')}")
    forms = (value for value in vars(module).values() if isinstance(value, PrintedForm))
    return next(form for form in forms if form.name == name)


def every_form() -> tuple[PrintedForm, ...]:
    """Return all forms, in the order of the list."""
    return tuple(map(load_form, form_names()))
