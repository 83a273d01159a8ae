"""Every form of every person, order and paper of the sample school: its words, one by one.

Read as HTML, before a line is broken, so that whole schools cost milliseconds a paper.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import islice

import pytest

from papka.core.errors import PapkaError
from papka.paper.form import State, tie_words
from papka.paper.forms import every_form
from papka.paper.personal_file_layout import print_personal_file
from papka.paper.press import print_form
from papka.records.archive import Archive
from tests.paper.conftest import COMMIT, MOMENT, forms
from tests.paper.forms_school import short
from tests.support.archives import loaded, sample, snapshot

DAY = dt.date(2026, 12, 28)
DRAWN = {"style", "script", "svg", "title", "head", "pre", "code"}
BOTH_SEXES = re.compile(r"\((?:а|ась|ой|ая|ся|она|обучалась)\)|[а-я]_")
UNKNOWN = {f"certificate С-{number}" for number in ("2025-0004", "2026-0005", "2026-0006")}
"""«Заря», «Blackbird Robin»: no patronymic, and no sex in the entry."""


SAME = {"order-extract": 8, "card": 8}
"""Papers whose words others have too, each of which is read: orders and personal files."""
SCHOOLS: dict[str, Callable[[], Archive]] = {"short": short, "sample": lambda: loaded(sample())}


class Texts(HTMLParser):
    """The texts of a page, one for each run between two tags."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._skipped = 0
        self._is_column = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped += tag in DRAWN
        self._is_column = ("scope", "col") in attrs

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in DRAWN
        self._is_column = False

    def handle_data(self, data: str) -> None:
        if not self._skipped and not self._is_column and data.strip():
            self.texts.append(data)


def pages(archive: Archive) -> Iterator[tuple[str, str]]:
    """Form and address -> the page; a form that refuses an address has no words to judge."""
    templates = forms()
    state = State(archive, MOMENT, DAY, COMMIT, root=COMMIT[::-1])
    for form in every_form():
        for address in islice(form.targets(archive), SAME.get(form.name)):
            try:
                made = print_form(form, state, address, templates=templates, html=True)
            except PapkaError:
                continue
            yield f"{form.name} {address}", made.data.decode()
    scans = snapshot(sample())
    for student in archive.students:
        made, *_ = print_personal_file(
            archive, scans, student,
            templates=templates, as_of=MOMENT, commit=COMMIT, html=True,
        )  # fmt: skip
        yield f"personal-file {student}", made.data.decode()


@pytest.mark.parametrize("school", SCHOOLS)
def test_no_form_parts_what_belongs_together_or_names_two_sexes_at_once(school: str) -> None:
    seen = set()
    flaws = []
    for name, page in pages(SCHOOLS[school]()):
        seen.add(name.split(" ")[0])
        reader = Texts()
        reader.feed(page)
        for text in reader.texts:
            words = re.sub(r" +", " ", text.strip())
            tied = tie_words(words)
            if tied != words:
                at = next(
                    n for n, pair in enumerate(zip(words, tied, strict=True)) if len({*pair}) > 1
                )
                flaws.append(f"{name}: {words[max(at - 30, 0) : at]}|{words[at : at + 30]}")
            if name not in UNKNOWN and (found := BOTH_SEXES.search(words)):
                flaws.append(f"{name}: {words[max(found.start() - 30, 0) : found.end()]}")
    assert len(seen) > 10
    assert not flaws, "\n".join(flaws)
