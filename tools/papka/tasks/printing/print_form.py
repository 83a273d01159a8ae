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
from papka.tasks.printing.printed import Printed, file_name
from papka.views.form import Form, View
from papka.views.state import State


def print_form(
    form: Form, state: State, address: str, *, templates: Snapshot, html: bool = False
) -> tuple[Printed, ...]:
    """Raises NotFound, PangoMissing, TemplateBroken, PrintFailed."""
    view = form.view(state, address)
    return print_view(
        form.name, file_name(form.name, address), view, templates=templates, html=html
    )


def print_view(
    form: str, name: str, view: View, *, templates: Snapshot, html: bool = False
) -> tuple[Printed, ...]:
    """The words of a view laid out; `name` is the file's, without its ending.

    Raises PangoMissing, TemplateBroken, PrintFailed.
    """
    files = assets(templates)
    template = f"{form}/{form}.html.j2"
    page = render(templates, template, {"form": view})
    styles = tuple(
        name
        for name in (f"{SCHEME}{path}" for path in _sheets(form))
        if name in files or name == f"{SCHEME}paper.css"
    )
    if html:
        return (Printed(f"{name}.html", standalone(page, styles, files).encode(), 0, "html"),)
    from papka.gates import pdf  # noqa: PLC0415 - imports WeasyPrint, which is slow or missing

    layout = pdf.lay_out(page, styles, files, f"templates/{template}")
    total = sha256(page.encode())
    for asset in sorted(files):
        total.update(files[asset])
    # The page's own moment: that of the state, but of an issued document its day.
    moment = dt.datetime.fromisoformat(view.page.created)
    data = layout.write((), moment, total.digest()[:16])
    return (Printed(f"{name}.pdf", data, layout.pages),)


def _sheets(form: str) -> tuple[str, ...]:
    return "paper.css", "document.css", f"{form}/{form}.css"
