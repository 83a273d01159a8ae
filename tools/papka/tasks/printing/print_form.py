"""One form for one address: view, page, PDF.

Invariants: the archive's own templates print; same records, same state, same bytes.
WeasyPrint is imported only when a page is really laid out.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

from papka.core.forms import SCHEME, assets
from papka.core.snapshot import Snapshot
from papka.gates.html import render, standalone
from papka.tasks.printing.printed import Printed
from papka.views.form import Form
from papka.views.state import State


def print_form(
    form: Form, state: State, address: str, *, templates: Snapshot, html: bool = False
) -> tuple[Printed, ...]:
    """Raises NotFound, PangoMissing, TemplateBroken, PrintFailed."""
    files = assets(templates)
    view = form.view(state, address)
    page = render(templates, form.template, {"form": view})
    styles = tuple(
        name
        for name in (f"{SCHEME}{path}" for path in _sheets(form))
        if name in files or name == f"{SCHEME}paper.css"
    )
    name = file_name(form, address)
    if html:
        return (Printed(f"{name}.html", standalone(page, styles, files).encode(), 0, "html"),)
    from papka.gates import pdf  # noqa: PLC0415 - imports WeasyPrint, which is slow or missing

    layout = pdf.lay_out(page, styles, files, f"templates/{form.template}")
    total = sha256(page.encode())
    for asset in sorted(files):
        total.update(files[asset])
    # The page's own moment: that of the state, but of an issued document its day.
    moment = dt.datetime.fromisoformat(view.page.created)
    data = layout.write((), moment, total.digest()[:16])
    return (Printed(f"{name}.pdf", data, layout.pages),)


def file_name(form: Form, address: str) -> str:
    """«certificate-С-2026-0001»: signs that a file name may not hold become hyphens."""
    safe = "".join(sign if sign.isalnum() else "-" for sign in address)
    return f"{form.name}-{safe}"


def _sheets(form: Form) -> tuple[str, ...]:
    return "paper.css", "document.css", f"{form.name}/{form.name}.css"
