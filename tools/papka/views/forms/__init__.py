"""Printed forms besides the personal file: one a module, all of them in FORMS."""

from __future__ import annotations

from papka.views.form import Form
from papka.views.forms import (
    certificate,
    consent,
    group_sheet,
    management,
    notice,
    order,
    platform_printout,
    progress,
    register,
    self_examination,
    transcript,
)

FORMS: tuple[Form, ...] = (
    certificate.FORM,
    transcript.FORM,
    progress.FORM,
    notice.FORM,
    register.FORM,
    group_sheet.FORM,
    order.FORM,
    consent.FORM,
    self_examination.FORM,
    management.FORM,
    platform_printout.FORM,
)
