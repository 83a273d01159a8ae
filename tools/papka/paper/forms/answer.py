"""Answer to a request about personal data, made of what the archive holds (152-ФЗ, ст. 14, ч. 7).

Who asked for particulars gets all the law names, each said only of what is written down; what
nobody wrote down is said to be so. To another request what was done is written in by hand.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.kinds import KIND_OF
from papka.core.phrases import count_phrase
from papka.core.places import SHEETS
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    find_entry,
    find_student,
    letterhead,
    list_addresses,
    name_addressee,
    of_head,
    page,
)
from papka.paper.forms.consent import Particular
from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.in_force import consents_on
from papka.records.derived.keeping import (
    PERSONAL_FOLDER,
    find_term,
    last_day_of_file,
    say_start,
)
from papka.records.derived.leadership import school_on
from papka.records.schemas import shipped
from papka.records.school import UNCONFIRMED
from papka.records.search import sex_of
from papka.records.student import DataRequest, Person, Student, to_mapping
from papka.records.wording import NBSP, day, number, quoted

_PARTICULARS = "сведения"
_NOT_DATA = frozenset(("id", "duplicate_of", "paper", "holds", "need_ended", "representatives"))
"""Keys of a card that say nothing of the person, or are counted among the entries."""
_CARD_LISTS = {
    "/representatives": "представители",
    "/paper/lendings": "выдачи бумажного дела",
    "/holds": "запреты на уничтожение",
}
_RIGHTS = (
    "Данные, которые неполны, устарели, неточны, получены незаконно или не нужны для названной "
    "цели, можно потребовать уточнить, заблокировать или уничтожить (152-ФЗ, ст. 14, ч. 1); "
    "действия оператора можно обжаловать в Роскомнадзор или в суд (ст. 17)."
)


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """`number` and `date` are empty until the answer is sent; without `particulars` there is room
    to write what was done."""

    page: Page
    letterhead: Letterhead
    to: str
    number: str
    date: str
    text: str
    particulars: tuple[Particular, ...]
    rights: str
    signature: SignatureLine


def view(state: State, address: str) -> AnswerForm:
    """Word the answer to one request. Raise NotFound."""
    archive = state.archive
    student_id, _, entry_id = address.partition("#")
    student, person = find_student(archive, student_id)
    asked = find_entry(
        student.requests,
        entry_id,
        f"В деле {student_id} нет обращения {entry_id or '(не названо)'}",
        f"Внести обращение: papka add {student_id} request; все записи дела: papka show "
        f"{student_id}",
    )
    is_full = asked.kind == _PARTICULARS
    sent = asked.answered
    signed_on = sent.date if sent else state.signed_on
    return AnswerForm(
        page=page(state, f"Ответ на обращение, личное дело {number(student_id)}"),
        letterhead=letterhead(archive, signed_on),
        to=_address(person, asked),
        number=sent.number if sent else "",
        date=day(sent.date) if sent else "",
        text=_write_text(student, person, asked, state.on),
        particulars=tuple(_list_particulars(archive, student, state.on)) if is_full else (),
        rights=_RIGHTS if is_full else "",
        signature=of_head(archive, signed_on),
    )


def _address(person: Person, asked: DataRequest) -> str:
    """Address who asked."""
    other = wording.representative(person, asked.asked_by)
    if other is not None:
        return name_addressee(other, sex_of(other))
    return name_addressee(person.name, person.sex)


def _write_text(student: Student, person: Person, asked: DataRequest, on: dt.date) -> str:
    start = (
        f"На обращение от{NBSP}{day(asked.date)} ({asked.asked}) сообщаем. "
        f"Чьи данные: {person.name.full}, личное дело {number(student.id)}."
    )
    if asked.kind == _PARTICULARS:
        return f"{start} По состоянию на{NBSP}{day(on)} обрабатываются такие данные:"
    return f"{start} По обращению ({asked.kind}) сделано следующее:"


def _list_particulars(archive: Archive, student: Student, on: dt.date) -> Iterator[Particular]:
    school = school_on(archive.organization, on) if archive.organization else None
    if school is not None:
        yield Particular("Оператор", (school.name, school.address))
    yield Particular("Какие данные хранятся", tuple(_list_data(student)))
    sources = _list_sources(archive, student)
    if sources:
        yield Particular("Откуда получены, кроме обратившегося", sources)
    yield Particular(
        "Основания и цели",
        tuple(_list_grounds(archive, student, on)) or ("в архиве основание не записано",),
    )
    yield Particular(
        "Как обрабатываются",
        (f"{_name_places(student)}: запись, хранение, уточнение, печать документов",),
    )
    yield Particular("До какого срока", (_say_keeping(archive, student),))
    yield Particular(
        "Кому переданы",
        tuple(dict.fromkeys(_list_receivers(archive, student, on)))
        or ("записей о передаче другим лицам в архиве нет",),
    )
    countries = school.mirrors.countries if school else ()
    if countries:
        places = ", ".join(map(wording.country, countries))
        yield Particular("За границу", (f"копии архива разрешено хранить только здесь: {places}",))


def _name_places(student: Student) -> str:
    """Name paper only of one whose paper file is somewhere."""
    has_paper = student.person is not None and student.person.paper is not None
    return "в электронном архиве и на бумаге" if has_paper else "в электронном архиве"


def _list_data(student: Student) -> Iterator[str]:
    """Yield what the card says, then how many entries of each kind there are, void ones too."""
    card = to_mapping(student.person) if student.person else {}
    titles = (
        _within(field.title)
        for field in shipped().forms.of("student").fields
        if field.name in card and field.name not in _NOT_DATA
    )
    yield f"карточка: {'; '.join(titles)}"
    counts: Counter[str] = Counter()
    for _, pointer, entries in student.lists():
        counts[_name_list(student, pointer)] += len(entries)
    counts["сканы"] += len(student.attachments)
    for title, count in counts.items():
        if count:
            yield f"{title}: {count_phrase(count, 'запись', 'записи', 'записей')}"


def _within(title: str) -> str:
    """Return a title as it stands within a sentence; «СНИЛС» stays as it is."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _name_list(student: Student, pointer: str) -> str:
    if pointer in _CARD_LISTS:
        return _CARD_LISTS[pointer]
    known = KIND_OF.get(pointer[1:])
    if known is not None:
        return known.title
    added = {each.pointer: each.title for each in student.added.lists}
    return added.get(pointer, pointer[1:]).lower()


def _list_sources(archive: Archive, student: Student) -> tuple[str, ...]:
    """Return the platforms whose exports hold results, and the organisations credited.

    What the school's own teachers wrote down in a sheet came from nobody else.
    """
    exports = {source.export for _, each in student.results if (source := each.source)}
    taken = {archive.imports[key].platform for key in exports if key in archive.imports}
    named = (
        archive.platforms[key].title if key in archive.platforms else key
        for key in taken - {SHEETS}
    )
    others = dict.fromkeys(each.organisation for each in student.credits)
    return (*(f"платформа {quoted(title)}" for title in sorted(named)), *others)


def _list_grounds(archive: Archive, student: Student, on: dt.date) -> Iterator[str]:
    for study in student.enrolments:
        if study.contract is not None:
            what = wording.program(archive, study, study.id or "")
            yield f"договор {wording.paper(student, study.contract)}: обучение, {what}"
    for consent in consents_on(archive, student, on):
        purpose = archive.purposes.get(consent.purpose)
        title = purpose.title if purpose else consent.purpose
        yield f"согласие от{NBSP}{day(consent.date)}: {_within(title)}"


def _say_keeping(archive: Archive, student: Student) -> str:
    rule, last = find_term(archive, PERSONAL_FOLDER), last_day_of_file(archive, student)
    if rule is None:
        return "срок хранения личного дела не установлен"
    years = count_phrase(rule.years, "год", "года", "лет")
    after = f"{years}{say_start(rule)} ({rule.source})"
    if UNCONFIRMED not in rule.source and last is not None:
        return f"по{NBSP}{day(last)}: {after}"
    return after


def _list_receivers(archive: Archive, student: Student, on: dt.date) -> Iterator[str]:
    person = student.person
    for account in person.accounts if person else ():
        platform = archive.platforms.get(account.platform)
        if platform is not None:
            yield f"платформа {quoted(platform.title)}: {platform.licence_basis}"
    for consent in consents_on(archive, student, on):
        purpose = archive.purposes.get(consent.purpose)
        edition = purpose.edition(consent.edition) if purpose else None
        yield from edition.processors if edition else ()
    for entry in archive.registers.values():
        owner = entry.student.partition("#")[0]
        if owner == student.id and entry.handed is not None and person is not None:
            told = entry.handed.name or wording.signer(person, entry.handed.to, entry.handed.date)
            yield f"документ {number(entry.number)}: вручён {day(entry.handed.date)}, {told}"


FORM = PrintedForm(
    name="answer",
    title="Ответ субъекту персональных данных",
    target="обращение",
    view=view,
    targets=lambda archive: list_addresses(archive, lambda student: student.requests),
)
