"""Printed forms besides the personal file: one a module, all of them in FORMS."""

from __future__ import annotations

from papka.views.form import Form
from papka.views.forms import (
    backup_act,
    certificate,
    consent,
    group_sheet,
    keys,
    management,
    notice,
    order,
    platform_printout,
    progress,
    refounding,
    register,
    seal,
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
    keys.FORM,
    refounding.FORM,
    seal.FORM,
    backup_act.FORM,
)
