"""Printed forms besides the personal file: one a module, all of them in FORMS."""

from __future__ import annotations

from papka.paper.form import PrintedForm
from papka.paper.forms import (
    backup_act,
    consent,
    group_sheet,
    issued_documents,
    management,
    notice,
    order,
    platform_printout,
    register,
    self_examination,
    trust_sheets,
)

FORMS: tuple[PrintedForm, ...] = (
    issued_documents.CERTIFICATE,
    issued_documents.TRANSCRIPT,
    issued_documents.PROGRESS,
    notice.FORM,
    register.FORM,
    group_sheet.FORM,
    order.FORM,
    consent.FORM,
    self_examination.FORM,
    management.FORM,
    platform_printout.FORM,
    trust_sheets.KEYS,
    trust_sheets.REFOUNDING,
    trust_sheets.SEAL,
    backup_act.FORM,
)
