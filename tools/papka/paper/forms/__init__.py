"""Printed forms besides the personal file: every PrintedForm of a module of this folder is one."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from papka.paper.form import PrintedForm

_ORDER = (
    *("certificate", "transcript", "progress", "notice", "register", "group-sheet", "order"),
    *("consent", "self-examination", "management", "platform-printout"),
    *("keys", "refounding", "seal", "backup-act"),
)
"""The order of the list; forms not named here come after these, by name."""


def _find_forms() -> tuple[PrintedForm, ...]:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    values = [value for module in modules for value in vars(module).values()]
    found = {form.name: form for form in values if isinstance(form, PrintedForm)}
    return tuple(found[name] for name in (*_ORDER, *sorted(found.keys() - set(_ORDER))))


FORMS: tuple[PrintedForm, ...] = _find_forms()
