"""awards.yaml, consents.yaml, documents.yaml, notices.yaml: awards, legal bases, papers, what the
student was told (R-2.2.10, R-3.1, R-5.5, R-2.2.6)."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from papka.model.record import Entry, Record


class Award(Entry, frozen=True, kw_only=True):
    """An award for one of nine activities; it cites the award act's clause and an order (R-4.8)."""

    date: dt.date
    activity: Literal[
        "учебная",
        "физкультурная",
        "спортивная",
        "общественная",
        "научная",
        "научно-техническая",
        "творческая",
        "экспериментальная",
        "инновационная",
    ]
    award: str
    act: str
    clause: str
    order: str
    text: str
    event: str | None = None
    document: str | None = None


class Revoked(Record, frozen=True, kw_only=True):
    date: dt.date
    document: str | None = None


class Consent(Entry, frozen=True, kw_only=True):
    """One purpose, one consent; `signed_by` is a representative's id or «обучающийся»."""

    purpose: str
    edition: int
    date: dt.date
    signed_by: str
    valid_until: dt.date | None = None
    document: str | None = None
    revoked: Revoked | None = None


class Certified(Record, frozen=True, kw_only=True):
    """«Верно»: the head certified a copy or a platform's printout (R-5.3)."""

    date: dt.date
    signed_by: str


class Document(Entry, frozen=True, kw_only=True):
    """A line of the inventory, in this order. `sheets` counts paper; «только файл» has none.

    `lettered` sheets («5а») were bound in after numbering and are among `sheets`; `skipped` are
    numbers that no sheet bears.
    `file` is in `attachments/`, named by the start of its sha256. `replaces`: the document that
    this one is a better scan of; both stay.
    """

    kind: str
    title: str
    medium: Literal["подлинник", "копия", "только файл"]
    number: str | None = None
    date: dt.date | None = None
    sheets: int | None = None
    lettered: tuple[str, ...] = ()
    skipped: tuple[int, ...] = ()
    certified: Certified | None = None
    note: str | None = None
    file: str | None = None
    sha256: str | None = None
    original_name: str | None = None
    replaces: str | None = None


class Notice(Entry, frozen=True, kw_only=True):
    """The student or a representative was told (R-2.2.6)."""

    date: dt.date
    about: Literal["задолженности", "отсутствие задолженностей", "успеваемость"]
    channel: str
    told: str
    period: str | None = None
    document: str | None = None


class Awards(Record, frozen=True, kw_only=True):
    awards: tuple[Award, ...]


class Consents(Record, frozen=True, kw_only=True):
    consents: tuple[Consent, ...]


class Documents(Record, frozen=True, kw_only=True):
    documents: tuple[Document, ...]


class Notices(Record, frozen=True, kw_only=True):
    notices: tuple[Notice, ...]
