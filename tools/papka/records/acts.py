"""Acts of the school that records refer to: orders, events, approvals, issued documents, media.

Where these files outlive personal folders, only ids and salted digests stand in them (exports
taken, copies made, honest mistakes accepted): they must not confirm a guess of what a destroyed
folder held.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from papka.records.student import Record


class OrderItem(Record, frozen=True, kw_only=True):
    """A numbered point of an order; `students` are addresses like `2026-0007#e1`."""

    text: str
    students: tuple[str, ...] = ()


class Order(Record, frozen=True, kw_only=True):
    """An order; `number` is what stands on paper, the file name is the sequence.

    `salt`: random bytes, so that a seal's digest of the file confirms no guess once it is gone;
    orders of earlier years have none.
    """

    number: str
    date: dt.date
    kind: Literal[
        "зачисление",
        "поощрение",
        "отчисление",
        "перевод",
        "зачёт",
        "утверждение программы",
        "утверждение акта",
        "уничтожение",
        "хранение",
        "изменение данных",
        "иное",
    ]
    heading: str
    items: tuple[OrderItem, ...]
    signed_by: str
    basis: str | None = None
    cancels: str | None = None
    preamble: str | None = None
    salt: str | None = None


Level = Literal[
    "организация",
    "муниципальный",
    "региональный",
    "межрегиональный",
    "всероссийский",
    "международный",
]


class JournalEvent(Record, frozen=True, kw_only=True):
    """An event that results and awards point to (R-4.5).

    `monitoring` and `source` belong to independent assessments (R-4.6).
    """

    id: str
    kind: Literal["внеурочный план", "мероприятие", "независимая оценка"]
    title: str
    date: dt.date
    level: Level | None = None
    organizer: str | None = None
    monitoring: Literal["внутреннее", "внешнее"] | None = None
    source: str | None = None


class Events(Record, frozen=True, kw_only=True):
    events: tuple[JournalEvent, ...]


class ApprovalException(Record, frozen=True, kw_only=True, rename={"export": "import"}):
    """A lack that the head accepts when a period is closed; ids only, for approvals outlive
    personal folders."""

    kind: Literal["нет отметки", "несопоставленная строка", "иное"]
    reason: str
    student: str | None = None
    part: str | None = None
    export: str | None = None
    row: int | None = None


class Approval(Record, frozen=True, kw_only=True):
    """The head's act that approves and closes a period, or some entries before or after (R-5.6).

    Its day is `approved` in an act made while the period is open, `closed` in any other. `entries`:
    SHA-256 of the list of the entries it approves, which lies beside it. An act that closes without
    one approves what stood in the period at its own commit.
    """

    period: str
    signed_by: str
    closed: dt.date | None = None
    approved: dt.date | None = None
    entries: str | None = None
    exceptions: tuple[ApprovalException, ...] = ()

    @property
    def is_early(self) -> bool:
        """Whether it was made before the period was closed."""
        return self.closed is None

    @property
    def date(self) -> dt.date:
        """The day of the act; the last day there is for a broken one that has none."""
        return self.closed or self.approved or dt.date.max


class Handed(Record, frozen=True, kw_only=True):
    """The handing over; `to` is an id of the personal file, `name` tells who when that is gone."""

    date: dt.date
    to: str
    name: str | None = None


class Void(Record, frozen=True, kw_only=True):
    """The end of a document that counts no more; its number and file stay (R-2.2.11)."""

    reason: str
    kind: Literal["испорчен", "заменён", "аннулирован"] | None = None
    date: dt.date | None = None
    order: str | None = None
    replaced_by: str | None = None

    @property
    def word(self) -> str:
        """The word for it; an older entry says only that it does not count."""
        return self.kind or "не действует"


class PrintedRow(Record, frozen=True, kw_only=True):
    """A line of a printed table, worded as on paper: scales and programmes may change later."""

    title: str
    hours: int | None = None
    control: str | None = None
    result: str | None = None
    scale: str | None = None
    date: dt.date | None = None
    note: str | None = None


class Issuer(Record, frozen=True, kw_only=True):
    """The school and its head on the day of issue, worded as on paper.

    `acting`: the order or power of attorney of one who signed in the head's place.
    """

    name: str
    post: str
    head: str
    short_name: str | None = None
    inn: str | None = None
    ogrn: str | None = None
    contacts: str | None = None
    licence: str | None = None
    place: str | None = None
    acting: str | None = None


class RegisterEntry(Record, frozen=True, kw_only=True):
    """One issued document; it outlives the personal file and so holds what was printed (R-5.4.3).

    `duplicate_of` is the number of a lost one that this was issued for; `signature` is the core of
    the head's signature (base64) and `key` its key's fingerprint. `facts` are words of the paper by
    name (a day as in the records): program, direction, hours, plan, study_form, distance, started,
    ended, ending, standing, order, sex, dative, former, period, state, debts, result, credited,
    regulation, original.
    """

    number: str
    series: str
    form: str
    date: dt.date
    student: str
    holder: str
    salt: str
    birth_date: dt.date | None = None
    order: str | None = None
    protocol: str | None = None
    blank: str | None = None
    duplicate_of: str | None = None
    facts: dict[str, str | int | float] = msgspec.field(default_factory=dict)
    rows: tuple[PrintedRow, ...] = ()
    events: tuple[PrintedRow, ...] = ()
    issuer: Issuer | None = None
    signature: str | None = None
    key: str | None = None
    handed: Handed | None = None
    void: Void | None = None

    def signed(self, signature: str, key: str) -> RegisterEntry:
        """Return the entry with the head's signature of it."""
        return msgspec.structs.replace(self, signature=signature, key=key)


class Import(Record, frozen=True, kw_only=True):
    """Manifest of a platform's export (R-6.2), read by the description `export`, `edition`.

    Its parts stand in a list of their own (`raw_exports`): thousands of students would outgrow a
    YAML file.
    """

    platform: str
    export: str
    edition: int
    period: str
    taken: dt.date
    by: str
    layout: Literal["csv", "xlsx", "ods", "json"]
    encoding: str | None = None
    delimiter: str | None = None


class MediumCopy(Record, frozen=True, kw_only=True):
    """A backup on one medium (R-6.3).

    `size` in bytes; `sha256` of the copy's manifest, which holds the digest of every file; `head`
    is the commit copied; `device` the file system's own number.
    """

    date: dt.date
    medium: str
    kind: str
    size: int
    sha256: str
    made_by: str
    place: str | None = None
    verified: dt.date | None = None
    verified_by: str | None = None
    restored: dt.date | None = None
    act: str | None = None
    head: str | None = None
    device: str | None = None


class Inspection(Record, frozen=True, kw_only=True):
    """A periodic report of integrity and authenticity (R-6.1); `head` is a commit id.

    `verdict`: whether the archive can be restored from what was looked at; absent in reports made
    by hand, which say it in `outcome`.
    """

    date: dt.date
    store: str
    head: str
    made_by: str
    outcome: str
    verdict: Literal["годна", "негодна"] | None = None


class Media(Record, frozen=True, kw_only=True):
    """The journal of a school year's copies; two distinct media are due (R-6.3)."""

    copies: tuple[MediumCopy, ...] = ()
    inspections: tuple[Inspection, ...] = ()


class Acceptance(Record, frozen=True, kw_only=True):
    """The head's word that one finding about one commit is an honest accident."""

    commit: str
    code: str
    reason: str


DestructionBasis = Literal[
    "срок хранения",
    "согласие отозвано",
    "неправомерные данные",
    "цель достигнута",
    "требование субъекта",
]
"""Why the school had to destroy something (152-ФЗ ст. 21)."""


DataCategory = Literal[
    "фамилия, имя, отчество",
    "дата рождения",
    "контактные данные",
    "данные документов",
    "сведения о законных представителях",
    "имена на платформах",
    "фотография",
    "сведения об обучении",
    "результаты обучения",
    "поощрения",
    "согласия",
    "извещения и обращения",
    "копии документов",
    "строки выгрузок",
    "сведения о выданном документе",
    "сведения приказа",
    "иные сведения",
]
"""What kind of data was destroyed (приказ РКН № 179); it stays for ever and tells of nobody."""


class DestroyedThing(Record, frozen=True, kw_only=True):
    """What an act destroyed: a unit by its `path`, or the scan of one document of that unit.

    `entry` is the document's address; which files went with it, only the unit itself says.
    `due` is the last day of the term of keeping, or the legal last day to destroy. `categories` of
    the data, and bound `sheets` of the paper file, are what an act on paper has to name.
    """

    path: str
    basis: DestructionBasis
    due: dt.date
    entry: str | None = None
    categories: tuple[DataCategory, ...] = ()
    sheets: int | None = None


class Remaining(Record, frozen=True, kw_only=True):
    """What stays of whom the act is about, and on which basis; words of a fixed list alone."""

    what: Literal[
        "договор и результаты",
        "согласие и его отзыв",
        "строка описи",
        "приказы",
        "записи в книгах выдачи",
        "выгрузки",
        "бумажное дело",
        "сведения ограниченного архива",
    ]
    basis: Literal[
        "договор об образовании",
        "срок хранения личного дела",
        "срок хранения согласия",
        "собственный срок хранения",
        "решается отдельно",
    ]
    until: dt.date | None = None


class DestroyedCount(Record, frozen=True, kw_only=True):
    """How many of the destroyed files studied by a programme in a period, and how they ended."""

    program: str
    period: str
    students: int
    completed: int = 0
    expelled: int = 0
    moved: int = 0


class InnerEvidence(Record, frozen=True, kw_only=True):
    """A file of evidence that lies in a unit which goes on, and dies with it."""

    path: str
    sha256: str


class StoreToPurge(Record, frozen=True, kw_only=True):
    """A store that held what was destroyed when the act was made."""

    name: str
    kind: Literal["own", "folder", "server", "other"]


class Destruction(Record, frozen=True, kw_only=True):
    """An act of destruction (R-6.4, 152-ФЗ ст. 21 ч. 7): numbers alone, never a name.

    Its key is its number. `old_head`: head of main before the rewriting; `evidence`: SHA-256 of
    evidence.pack beside it; `media`: those that may hold the destroyed still, by their labels.
    """

    date: dt.date
    order: str
    signed_by: str
    commission: tuple[str, ...]
    method: str
    what: tuple[DestroyedThing, ...]
    old_head: str
    evidence: str
    remains: tuple[Remaining, ...] = ()
    counts: tuple[DestroyedCount, ...] = ()
    inner: tuple[InnerEvidence, ...] = ()
    stores: tuple[StoreToPurge, ...] = ()
    media: tuple[str, ...] = ()


class Purge(Record, frozen=True, kw_only=True):
    """A store or a medium that was freed of what an act destroyed, and by whom."""

    date: dt.date
    how: str
    by: str
    store: str | None = None
    medium: str | None = None


class Purges(Record, frozen=True, kw_only=True):
    """All that was purged after one act; what the act names and this does not is still open."""

    purges: tuple[Purge, ...]
