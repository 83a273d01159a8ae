"""Printed forms besides the personal file: one a module, all of them in FORMS."""

from __future__ import annotations

from papka.views.form import Form

FORMS: tuple[Form, ...] = ()
