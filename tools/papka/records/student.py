"""One student's personal file: a type for each file of the folder, and all of them as one value.

Records are frozen and keyed by name; entries keep the order of their files; nothing is computed. A
file that was rejected contributes nothing here and is named in `Archive.unreadable`. A result
belongs to the period in which the work was due (R-4.4, R-4.5). A correction (`replaces`) says the
entry was untrue; a re-sit (`resits`) says it was true and is better now; both leave it readable. An
entry made by mistake (`void`) is kept apart from the lists (`Student.voided`): it counts nowhere.
`Diagnostic` and `Need` stand only in the restricted archive (R-4.2, R-2.2.7): words, no mark, level
or comparison (R-4.1); its folder bears the number of the main file and no name, so the two archives
join only in the hands of who sees both.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, NamedTuple

import msgspec
import msgspec.structs

from papka.core.findings import Location
from papka.core.kinds import ENTRY_KINDS, LETTERS, LIST_KINDS
from papka.core.places import student_folder
from papka.records.strict_yaml import Steps

_ENTRY_LISTS = tuple(kind.name for kind in ENTRY_KINDS)


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A mapping of a YAML file; an absent key is "not known or not so" and None or empty here."""


class Voided(Record, frozen=True, kw_only=True):
    """The mark «внесено ошибочно»: when the mistake was noticed, and what it was."""

    date: dt.date
    reason: str


class Entry(Record, frozen=True, kw_only=True):
    """An entry of a student's list: `id` is a letter and a number, unique in the folder, never
    reused; None only until `papka save` gives it one."""

    id: str | None = None
    void: Voided | None = None


class Name(Record, frozen=True, kw_only=True):
    """A name as in the person's papers; the patronymic is absent where there is none.

    A person with a single name has only `given`. `dative` and `genitive` are written only where
    declension by rule would be unsure.
    """

    given: str
    surname: str | None = None
    patronymic: str | None = None
    genitive: str | None = None
    dative: str | None = None

    @property
    def full(self) -> str:
        """Surname, given name, patronymic."""
        return " ".join(part for part in (self.surname, self.given, self.patronymic) if part)

    @property
    def short(self) -> str:
        """Initials and surname: «А. П. Смирнова»; a single name stays whole."""
        if self.surname is None:
            return self.given
        initials = [f"{part[0]}." for part in (self.given, self.patronymic) if part]
        return " ".join([*initials, self.surname])


class FormerName(Record, frozen=True, kw_only=True):
    """Parts of the name that were different until (and including) a day."""

    until: dt.date
    surname: str | None = None
    given: str | None = None
    patronymic: str | None = None
    document: str | None = None

    @property
    def words(self) -> str:
        """The parts that were different, in the order of a full name."""
        return " ".join(part for part in (self.surname, self.given, self.patronymic) if part)


class Representative(Name, frozen=True, kw_only=True):
    """A lawful representative of a minor (R-3.1); `authority` names the paper that says so."""

    id: str | None = None
    void: Voided | None = None
    relation: str
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    identity: str | None = None
    authority: str | None = None
    former_names: tuple[FormerName, ...] = ()


class Account(Record, frozen=True, kw_only=True):
    """A person's name in a platform's exports, and when they used it (R-1.4.4)."""

    platform: str
    key: str
    since: dt.date | None = None
    until: dt.date | None = None


class Lending(Entry, frozen=True, kw_only=True):
    """A time that the paper file was off its shelf (R-6.6)."""

    date: dt.date
    taken_by: str
    due: dt.date | None = None
    returned: dt.date | None = None


class BoundPaper(Record, frozen=True, kw_only=True):
    """A line of the inventory of a bound volume, as it was bound; no sheets: it takes none."""

    title: str
    on_sheets: str | None = None


class Volume(Record, frozen=True, kw_only=True):
    """A bound volume of the paper file, signed by the head (R-6.5).

    `head`: the commit that its sheets show; `reason`: why the file was bound anew.
    """

    volume: int
    bound: dt.date
    sheets: int
    signed_by: str
    head: str | None = None
    papers: tuple[BoundPaper, ...] = ()
    reason: str | None = None


class Paper(Record, frozen=True, kw_only=True):
    """The bound paper file: its shelf, volumes and lendings (R-6.6)."""

    place: str
    volumes: tuple[Volume, ...] = ()
    lendings: tuple[Lending, ...] = ()

    @property
    def shelf(self) -> tuple[Volume, ...]:
        """The volumes that stand now: a file bound anew begins again with its first volume."""
        found: list[Volume] = []
        for volume in sorted(self.volumes, key=lambda each: each.bound):
            found = [*([] if volume.volume == 1 else found), volume]
        return tuple(found)


class Hold(Entry, frozen=True, kw_only=True):
    """A ban on destroying the folder, whatever the retention table says (R-6.4)."""

    since: dt.date
    reason: str
    order: str | None = None
    until: dt.date | None = None


class NeedEnded(Record, frozen=True, kw_only=True):
    """The recorded decision «до минования надобности»: the folder is needed no more (R-6.4)."""

    date: dt.date
    order: str
    reason: str | None = None


class Person(Record, frozen=True, kw_only=True):
    """The student. `photo` names a document and needs a consent in force."""

    id: str
    name: Name
    sex: Literal["женский", "мужской"] | None = None
    birth_date: dt.date | None = None
    former_names: tuple[FormerName, ...] = ()
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    identity: str | None = None
    snils: str | None = None
    representatives: tuple[Representative, ...] = ()
    accounts: tuple[Account, ...] = ()
    photo: str | None = None
    paper: Paper | None = None
    holds: tuple[Hold, ...] = ()
    need_ended: NeedEnded | None = None
    duplicate_of: str | None = None


Mark = int | float | str
"""A mark of the part's declared scale: a number or a word, never converted."""


class Source(Record, frozen=True, kw_only=True, omit_defaults=True, rename={"export": "import"}):
    """The platform cell a result was taken from; `raw` is its text unchanged (R-6.2).

    `by_hand` says who set it there past the platform's own counting, and why (R-4.6).
    """

    export: str
    row: int
    column: int
    raw: str
    by_hand: str | None = None


class Shown(Record, frozen=True, kw_only=True):
    """A planned result and whether it showed (R-2.2.5)."""

    outcome: str
    level: Literal["да", "частично", "нет"]


Absence = Literal["уважительная причина", "без уважительной причины"]
"""Why somebody was not attested."""


class Result(Entry, frozen=True, kw_only=True, omit_defaults=True):
    """One result. A narrative one (личностный) has `text`, never a mark (R-4.1).

    What is absent is not written, here and in `Source`: approval is pinned to what an entry says.
    """

    enrolment: str
    kind: Literal["учебный", "внеурочный", "личностный"]
    origin: Literal["текущий контроль", "внеурочный план", "мероприятие", "независимая оценка"]
    date: dt.date
    part: str | None = None
    control: Literal["текущий", "за период", "итоговый"] | None = None
    event: str | None = None
    mark: Mark | None = None
    absence: Absence | None = None
    assessed_by: str | None = None
    author: Literal["обучающийся"] | None = None
    text: str | None = None
    shows: tuple[Shown, ...] = ()
    resit_by: dt.date | None = None
    resits: str | None = None
    replaces: str | None = None
    reason: str | None = None
    source: Source | None = None


class PeriodResults(Record, frozen=True, kw_only=True):
    period: str
    results: tuple[Result, ...]


Ending = Literal["завершение", "отчисление", "перевод"]
COMPLETED: Ending = "завершение"


class Ended(Record, frozen=True, kw_only=True):
    """The end of an enrolment; all else in it was true until that day."""

    date: dt.date
    reason: Ending
    order: str | None = None
    moved_to: str | None = None


class Enrolment(Entry, frozen=True, kw_only=True):
    """A programme taken, in the edition fixed on that day; the contract is the legal basis of
    everything recorded under it (R-3.1)."""

    program: str
    edition: int
    start: dt.date
    planned_end: dt.date | None = None
    group: str | None = None
    form: str | None = None
    distance: bool = False
    contract: str | None = None
    order: str | None = None
    individual_parts: tuple[str, ...] = ()
    continues: str | None = None
    ended: Ended | None = None


class Transfer(Entry, frozen=True, kw_only=True):
    """A move to another group of the same programme; `date` is the first day in it."""

    enrolment: str
    date: dt.date
    group: str
    order: str | None = None


class Transfers(Record, frozen=True, kw_only=True):
    transfers: tuple[Transfer, ...]


class CreditItem(Record, frozen=True, kw_only=True):
    """One subject compared: theirs as written there, ours by decision."""

    their_subject: str
    their_result: str
    decision: Literal["зачесть", "зачесть частично", "отказать"]
    reason: str
    their_hours: int | None = None
    part: str | None = None
    hours: int | None = None
    mark: int | float | str | None = None


class Credit(Entry, frozen=True, kw_only=True):
    """Results of another organisation credited by order."""

    enrolment: str
    applied: dt.date
    organisation: str
    document: str
    items: tuple[CreditItem, ...]
    decided: dt.date | None = None
    order: str | None = None


class Enrolments(Record, frozen=True, kw_only=True):
    enrolments: tuple[Enrolment, ...]


class Credits(Record, frozen=True, kw_only=True):
    credits: tuple[Credit, ...]


Activity = Literal[
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
"""The nine of R-2.2.10, in its order."""


class Award(Entry, frozen=True, kw_only=True):
    """An award for one of nine activities; it cites the award act's clause and an order (R-4.8)."""

    date: dt.date
    activity: Activity
    award: str
    act: str
    clause: str
    order: str
    text: str
    event: str | None = None
    document: str | None = None


class Revoked(Record, frozen=True, kw_only=True):
    """`off_site`: the day what was shown to everybody was taken off; `stopped`: the day from which
    nothing is kept or done for the purpose any more."""

    date: dt.date
    document: str | None = None
    off_site: dt.date | None = None
    stopped: dt.date | None = None


class Consent(Entry, frozen=True, kw_only=True):
    """One purpose, one consent; `signed_by` is a representative's id or «обучающийся»."""

    purpose: str
    edition: int
    date: dt.date
    signed_by: str
    valid_until: dt.date | None = None
    prohibitions: tuple[str, ...] = ()
    transfer: Literal["только по внутренней сети", "по сетям связи", "без передачи"] | None = None
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
    replaces: str | None = None


class Notice(Entry, frozen=True, kw_only=True):
    """A notice to the student or a representative (R-2.2.6)."""

    date: dt.date
    about: Literal["задолженности", "отсутствие задолженностей", "успеваемость"]
    channel: str
    told: str
    period: str | None = None
    document: str | None = None


class Extended(Record, frozen=True, kw_only=True):
    """A notice that the answer takes longer, with its reason (152-ФЗ ст. 14 ч. 3)."""

    date: dt.date
    number: str
    reason: str


class Answered(Record, frozen=True, kw_only=True):
    """The letter that answered; `number` is that of outgoing post."""

    date: dt.date
    number: str


class DataRequest(Entry, frozen=True, kw_only=True):
    """A request of the student or a representative about personal data (152-ФЗ ст. 14, 20, 21)."""

    date: dt.date
    kind: Literal["сведения", "уточнение", "прекращение обработки"]
    asked_by: str
    channel: str
    asked: str
    document: str | None = None
    extended: Extended | None = None
    answered: Answered | None = None


class Awards(Record, frozen=True, kw_only=True):
    awards: tuple[Award, ...]


class Consents(Record, frozen=True, kw_only=True):
    consents: tuple[Consent, ...]


class Documents(Record, frozen=True, kw_only=True):
    documents: tuple[Document, ...]


class Notices(Record, frozen=True, kw_only=True):
    notices: tuple[Notice, ...]


class DataRequests(Record, frozen=True, kw_only=True):
    requests: tuple[DataRequest, ...]


class Diagnostic(Entry, frozen=True, kw_only=True):
    """One pedagogical diagnosis: for correcting the teaching and for counsel (R-4.2)."""

    date: dt.date
    assessed_by: str
    tool: str
    text: str
    advice: str | None = None
    enrolment: str | None = None


class Need(Entry, frozen=True, kw_only=True):
    """A special educational need, its basis and what the school does about it (R-2.2.7)."""

    date: dt.date
    basis: str
    text: str
    measures: tuple[str, ...] = ()
    until: dt.date | None = None


class Diagnostics(Record, frozen=True, kw_only=True):
    diagnostics: tuple[Diagnostic, ...]


class Needs(Record, frozen=True, kw_only=True):
    needs: tuple[Need, ...]


class AddedLine(NamedTuple):
    """A leaf of an entry in the words of its schema; `targets`: what it is a name of, if any;
    `is_printed`: whether it may stand on paper."""

    label: str
    text: str
    targets: tuple[str, ...]
    is_printed: bool


class AddedEntry(Entry, frozen=True, kw_only=True):
    """An entry of a list that the program has no type for; `since` is its day, if it says one."""

    since: dt.date | None = None
    value: Mapping[str, Any]
    lines: tuple[AddedLine, ...]


class AddedList(NamedTuple):
    """Such a list; `letter`: of its entries' ids, "" when they have none."""

    path: str
    pointer: str
    title: str
    letter: str
    entries: tuple[AddedEntry, ...]


class AddedField(NamedTuple):
    """A field that the type of its entry (`owner`, "" outside entries) does not know."""

    path: str
    pointer: str
    owner: str
    value: Any
    lines: tuple[AddedLine, ...]


class Added(NamedTuple):
    """What a personal file says beyond the types of the program; `records`:
    whole files, as (path, kind, value)."""

    lists: tuple[AddedList, ...] = ()
    fields: tuple[AddedField, ...] = ()
    records: tuple[tuple[str, str, Any], ...] = ()


NOTHING_ADDED = Added()

AnyEntry = (
    Enrolment
    | Transfer
    | Result
    | Credit
    | Award
    | Consent
    | Document
    | Notice
    | DataRequest
    | Representative
    | Lending
    | Hold
    | Diagnostic
    | Need
    | AddedEntry
)


@dataclass(frozen=True, slots=True)
class Student:
    """One student's whole personal file (R-1.3).

    `periods` maps a period (by file name) to its results, `stated_periods` to the period the file
    itself names; `attachments` a file name to its sha256 (hex); `raw` a file name to the bytes of
    the student's own rows of an export; `added` is what only the schemas know of. A restricted
    archive has `diagnostics` and `needs` alone. `voided` are the entries made by mistake, by path
    and pointer of their list, with their places in it: no list has them but those of `lists`.
    """

    id: str
    person: Person | None = None
    enrolments: tuple[Enrolment, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    periods: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    credits: tuple[Credit, ...] = ()
    awards: tuple[Award, ...] = ()
    consents: tuple[Consent, ...] = ()
    documents: tuple[Document, ...] = ()
    notices: tuple[Notice, ...] = ()
    requests: tuple[DataRequest, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    needs: tuple[Need, ...] = ()
    attachments: Mapping[str, str] = field(default_factory=dict)
    stated_periods: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, bytes] = field(default_factory=dict)
    salt: bytes | None = None
    added: Added = NOTHING_ADDED
    voided: Mapping[tuple[str, str], tuple[tuple[int, AnyEntry], ...]] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        return student_folder(self.id)

    @property
    def results(self) -> Iterator[tuple[str, Result]]:
        """Yield every result with its period, periods in order of their names."""
        for period in sorted(self.periods):
            for result in self.periods[period]:
                yield period, result

    def lists(self) -> Iterator[tuple[str, str, tuple[AnyEntry, ...]]]:
        """Yield every list that has entries, as its file has it: (path, pointer of the list,
        entries), with those made by mistake."""
        if not self.voided:
            yield from self._list_counting()
            return
        for path, pointer, entries in self._list_counting(with_empty=True):
            gone = self.voided.get((path, pointer))
            if gone:
                whole = list(entries)
                for place, entry in gone:
                    whole.insert(place, entry)
                yield path, pointer, tuple(whole)
            elif entries:
                yield path, pointer, entries

    def _list_counting(
        self, *, with_empty: bool = False
    ) -> Iterator[tuple[str, str, tuple[AnyEntry, ...]]]:
        folder = self.folder
        if self.person:
            card = f"{folder}/student.yaml"
            if self.person.representatives or with_empty:
                yield card, "/representatives", self.person.representatives
            if self.person.paper:
                yield card, "/paper/lendings", self.person.paper.lendings
            if self.person.holds or with_empty:
                yield card, "/holds", self.person.holds
        for name in _ENTRY_LISTS:
            if name != "results":
                entries = getattr(self, name)
                if entries or with_empty:  # of thirty lists a file has three
                    yield f"{folder}/{name}.yaml", f"/{name}", entries
            else:
                for period in sorted(self.periods):
                    yield f"{folder}/results/{period}.yaml", "/results", self.periods[period]
        for path, pointer, _, _, entries in self.added.lists:
            yield path, pointer, entries

    def records(self) -> Iterator[tuple[str, Any]]:
        """Yield every file of records of the folder as (kind, its value); what only the schemas
        know of comes as it was read."""
        if self.person:
            yield "student", self.person
        for kind in LIST_KINDS:
            yield kind.name, {kind.name: getattr(self, kind.name)}
        for results in self.periods.values():
            yield "results", {"results": results}
        for _, kind_name, value in self.added.records:
            yield kind_name, value

    def entries(self) -> Iterator[AnyEntry]:
        """Yield every entry, those made by mistake too."""
        for _, _, entries in self.lists():
            yield from entries

    def where(self, entry: AnyEntry | Person | None, *fields: str | int) -> Location:
        """Return the place of an entry of this student, or of a field in it.

        Looked up by identity only when something is found: the happy path pays nothing.
        """
        tail = "".join(f"/{part}" for part in fields)
        if entry is None or isinstance(entry, Person):
            return Location(f"{self.folder}/student.yaml", tail)
        for path, pointer, entries in self.lists():
            for index, candidate in enumerate(entries):
                if candidate is entry:
                    return Location(path, f"{pointer}/{index}{tail}")
        raise LookupError(f"{self.id}: no such entry")


def without_mark(entry: AnyEntry) -> AnyEntry:
    """Return the entry without the mark of a mistake."""
    return msgspec.structs.replace(entry, void=None)


def set_void_apart(student: Student) -> Student:
    """Return the file as it was read, with the entries made by mistake out of the way."""
    voided: dict[tuple[str, str], tuple[tuple[int, AnyEntry], ...]] = {}
    counting: dict[str, Any] = {}
    for path, pointer, entries in student.lists():
        gone = tuple((at, each) for at, each in enumerate(entries) if each.void is not None)
        if gone:
            voided[path, pointer] = gone
            counting[path + pointer] = tuple(each for each in entries if each.void is None)
    if not voided:
        return student
    folder, person = student.folder, student.person

    def left(path: str, pointer: str, entries: Any) -> Any:  # noqa: ANN401 - a list of any kind
        return counting.get(f"{folder}/{path}.yaml{pointer}", entries)

    if person is not None:
        paper = person.paper
        if paper is not None:
            lendings = left("student", "/paper/lendings", paper.lendings)
            paper = msgspec.structs.replace(paper, lendings=lendings)
        person = msgspec.structs.replace(
            person,
            representatives=left("student", "/representatives", person.representatives),
            holds=left("student", "/holds", person.holds),
            paper=paper,
        )
    ids = {entry.id for gone in voided.values() for _, entry in gone}
    fields = tuple(each for each in student.added.fields if each.owner not in ids)
    lists: dict[str, Any] = {
        kind.name: left(kind.name, f"/{kind.name}", getattr(student, kind.name))
        for kind in LIST_KINDS
    }
    return replace(
        student,
        person=person,
        periods={
            period: left(f"results/{period}", "/results", results)
            for period, results in student.periods.items()
        },
        added=student.added._replace(fields=fields),
        voided=voided,
        **lists,
    )


def give_ids(student: Student, known: Iterable[str] = ()) -> dict[tuple[str, str], dict[int, str]]:
    """Give ids to the entries that have none: (path, pointer of the list) -> position -> id.

    An id is the letter of its list and the next number. `known` are ids the folder has had before:
    numbers are never reused.
    """
    taken: defaultdict[str, int] = defaultdict(int)
    for id_ in (*known, *(entry.id for entry in student.entries() if entry.id)):
        taken[id_[0]] = max(taken[id_[0]], int(id_[1:]))
    found: dict[tuple[str, str], dict[int, str]] = {}
    letters = {(each.path, each.pointer): each.letter for each in student.added.lists}
    for path, pointer, entries in student.lists():
        letter = letters.get((path, pointer)) or LETTERS.get(pointer, "")
        for index, entry in enumerate(entries):
            if entry.id is None and letter:
                taken[letter] += 1
                found.setdefault((path, pointer), {})[index] = f"{letter}{taken[letter]}"
    return found


def to_mapping(record: Record) -> dict[str, Any]:
    """Return the mapping a record was read from, keys and order of the model, dates as text."""
    found: dict[str, Any] = _drop_absent(msgspec.to_builtins(record))
    return found


def _drop_absent(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """Drop what is absent or an empty list, at every depth."""
    if isinstance(value, dict):
        return {
            key: _drop_absent(item)
            for key, item in value.items()
            if item is not None and item not in ((), [])
        }
    return [_drop_absent(item) for item in value] if isinstance(value, (list, tuple)) else value


def iterate_texts(value: object, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield (pointer, text) of every text, depth first; keys, numbers and dates are none."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Record):
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        for attribute, key in names:
            yield from iterate_texts(getattr(value, attribute), f"{pointer}/{key}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from iterate_texts(item, f"{pointer}/{key}")
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from iterate_texts(item, f"{pointer}/{index}")


@cache
def keys_of(type_: type) -> Mapping[str, str] | None:
    """Return key of the record -> attribute, of a type of records; None for any other type."""
    if not issubclass(type_, Record):
        return None
    return dict(zip(type_.__struct_encode_fields__, type_.__struct_fields__, strict=True))


def iterate_names(
    value: Any,  # noqa: ANN401 - any part of a record, with a type or as it was read
    way: tuple[str, ...],
) -> Iterator[tuple[Steps, str]]:
    """Yield (steps, text) of every text at a way below a value; `*` leads through lists and
    mappings."""
    if not way:
        if isinstance(value, str):
            yield (), value
        return
    first, rest = way[0], way[1:]
    inner: Iterable[tuple[str | int, Any]] = ()
    if first == "*":
        if isinstance(value, dict):
            inner = value.items()
        elif isinstance(value, (list, tuple)):
            inner = enumerate(value)
    elif isinstance(value, dict):
        inner = [(first, value.get(first))]
    elif attribute := (keys_of(value.__class__) or {}).get(first):
        inner = [(first, getattr(value, attribute))]
    for key, below in inner:
        for further, name in iterate_names(below, rest):
            yield (key, *further), name
