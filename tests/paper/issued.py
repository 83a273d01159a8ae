"""Issued documents of the sample school, as entries: made as `papka issue` makes them."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import replace
from functools import cache

from msgspec.structs import replace as changed

from papka.paper.form import State
from papka.paper.forms import load_form
from papka.paper.issued_contents import CONTENTS, Request, case_of, issuer
from papka.paper.press import print_form
from papka.paper.print_cache import PrintedFile
from papka.records.acts import RegisterEntry
from papka.records.archive import Archive
from tests.paper.conftest import COMMIT, MOMENT, forms
from tests.support.archives import loaded, sample

DAY = dt.date(2026, 11, 20)
_PREFIX = {"certificate": "С", "transcript": "О", "progress": "У"}


@cache
def school() -> Archive:
    return loaded(sample())


def entry(form: str, address: str, **fields: object) -> RegisterEntry:
    """What the register would hold; signed by nobody, so that the same bytes come every time."""
    case = case_of(school(), Request(form, address, DAY))
    contents = CONTENTS[form](case)
    made = RegisterEntry(
        number=f"{_PREFIX[form]}-2026-0099",
        series="series",
        form=f"{form}@2",
        date=DAY,
        student=case.address,
        holder=case.person.name.full,
        birth_date=case.person.birth_date,
        salt="5a" * 32,
        facts=contents.facts,
        rows=contents.rows,
        events=contents.events,
        issuer=issuer(school(), "s001", DAY),
        signature=base64.b64encode(bytes(64)).decode(),
        key="SHA256:" + "A" * 43,
    )
    return changed(made, **fields)


def printed(
    made: RegisterEntry, *, moment: dt.datetime = MOMENT, commit: str = COMMIT
) -> PrintedFile:
    """On paper, in an archive that holds nothing but this entry."""
    form = load_form(made.form.partition("@")[0])
    alone = replace(Archive(), registers={"issued/2026/series-0099": made})
    state = State(alone, moment, moment.date(), commit)
    return print_form(form, state, made.number, templates=forms())
