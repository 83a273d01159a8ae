"""Deadlines that the law gives, by the table in organization.yaml: transcripts, answers, leaks.

The days and the sources are data of the school, or the program's own where it has none; what nobody
has confirmed says so in its source. What may have been settled on paper is asked for a year only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

from papka.core.findings import Code, Location, Severity
from papka.desk.deadline import Deadline, end_of_hours, say_term
from papka.records.archive import Archive
from papka.records.derived.destruction import UnfoundedScan, unfounded_scans
from papka.records.derived.in_force import consents_on, is_distributed
from papka.records.derived.statutory_terms import end_of_term
from papka.records.school import Organization, StatutoryName
from papka.records.student import Consent, DataRequest, Enrolment, Student
from papka.records.wording import day

_TRANSCRIPT = (
    "Выдайте справку: papka issue transcript {address}. Если её уже вручили без papka, выдайте ещё "
    "раз, чтобы она была в книге"
)
_TRANSCRIPT_WHY = (
    "Отчисленному выдают справку об обучении или о периоде обучения в срок, который закон считает "
    "от приказа об отчислении. Срок и его основание — в records/organization.yaml, deadlines. "
    "Через год напоминание кончается."
)
TRANSCRIPT_DUE = Code(
    "TRANSCRIPT_DUE",
    Severity.WARNING,
    says="справка об обучении не выдана: {address}, {text}",
    hint=_TRANSCRIPT,
    why=_TRANSCRIPT_WHY,
)
TRANSCRIPT_OVERDUE = Code(
    "TRANSCRIPT_OVERDUE",
    Severity.ERROR,
    says="справка об обучении не выдана в срок: {address}, {text}",
    hint=_TRANSCRIPT,
    why=_TRANSCRIPT_WHY,
)
_ANSWER = (
    "Напечатайте ответ: papka print answer {address}; когда он отправлен, отметьте: "
    'papka fix {address} answered.date=ДАТА answered.number="ИСХОДЯЩИЙ НОМЕР"'
)
_ANSWER_WHY = (
    "На обращение о персональных данных отвечают в срок, который даёт закон: он зависит от того, "
    "чего просят. Если послано уведомление с причинами, срок продлевают: extended. Сроки и их "
    "основания — в records/organization.yaml, deadlines, рабочие дни — в work_calendar."
)
ANSWER_DUE = Code(
    "ANSWER_DUE",
    Severity.WARNING,
    says="ответа на обращение нет: {address}, {text}",
    hint=_ANSWER,
    why=_ANSWER_WHY,
)
ANSWER_OVERDUE = Code(
    "ANSWER_OVERDUE",
    Severity.ERROR,
    says="на обращение не ответили в срок: {address}, {text}",
    hint=_ANSWER,
    why=_ANSWER_WHY,
)
_WITHDRAWN = (
    "Прекратите обработку для этой цели, снимите с сайта и удалите то, что держалось только на "
    "этом согласии; потом отметьте: papka fix {address} revoked.stopped=ДАТА"
)
_WITHDRAWN_WHY = (
    "Когда согласие отозвано, обработку для этой цели прекращают, а данные, для которых нет "
    "другого основания, уничтожают в срок, который даёт закон. Срок и его основание — в "
    "records/organization.yaml, deadlines. Через год напоминание кончается."
)
WITHDRAWN_DUE = Code(
    "WITHDRAWN_DUE",
    Severity.WARNING,
    says="согласие отозвано, обработка не прекращена: {address}, {text}",
    hint=_WITHDRAWN,
    why=_WITHDRAWN_WHY,
)
WITHDRAWN_OVERDUE = Code(
    "WITHDRAWN_OVERDUE",
    Severity.ERROR,
    says="обработку после отзыва согласия не прекратили в срок: {address}, {text}",
    hint=_WITHDRAWN,
    why=_WITHDRAWN_WHY,
)
_OFF_SITE = (
    "Снимите с сайта всё, что показано по этому согласию; потом отметьте: "
    "papka fix {address} revoked.off_site=ДАТА"
)
_OFF_SITE_WHY = (
    "Когда отозвано согласие на распространение, передачу данных всем прекращают в срок, который "
    "даёт закон: он короче срока уничтожения. Срок и его основание — в records/organization.yaml, "
    "deadlines. Через год напоминание кончается."
)
OFF_SITE_DUE = Code(
    "OFF_SITE_DUE",
    Severity.WARNING,
    says="согласие на распространение отозвано: {address}, {text}",
    hint=_OFF_SITE,
    why=_OFF_SITE_WHY,
)
OFF_SITE_OVERDUE = Code(
    "OFF_SITE_OVERDUE",
    Severity.ERROR,
    says="с сайта не сняли в срок: {address}, {text}",
    hint=_OFF_SITE,
    why=_OFF_SITE_WHY,
)
_PHOTO = (
    "Снимите фотографию с сайта и уберите из бумажного дела; сам файл уничтожают по приказу "
    "руководителя: papka destroy {address} --order ПРИКАЗ. Есть новое согласие — внесите: papka "
    "add {student} consent"
)
_PHOTO_WHY = (
    "Фотографию хранят и печатают только с согласия (п. 3.1). Согласия больше нет: печатать её "
    "papka не будет, а хранить можно лишь до срока, который даёт закон. Срок и его основание — в "
    "records/organization.yaml, deadlines. Напоминание кончается, когда файла в деле нет."
)
PHOTO_DUE = Code(
    "PHOTO_DUE",
    Severity.WARNING,
    says="фотография без действующего согласия: {address}, {text}",
    hint=_PHOTO,
    why=_PHOTO_WHY,
)
PHOTO_OVERDUE = Code(
    "PHOTO_OVERDUE",
    Severity.ERROR,
    says="фотографию без согласия не уничтожили в срок: {address}, {text}",
    hint=_PHOTO,
    why=_PHOTO_WHY,
)
_WRONG_SCAN = (
    "Никому его не показывайте, чужой лист выньте из бумажного дела. Файл уничтожают по приказу "
    "руководителя: papka destroy {address} --order ПРИКАЗ; если записали ошибочно не то, внесите "
    "документ заново с этим же файлом"
)
_WRONG_SCAN_WHY = (
    "Скан документа, внесённого ошибочно, лежит в деле без основания. Пользоваться такими данными "
    "прекращают и уничтожают их в сроки, которые даёт закон, со дня, когда ошибку отметили; чего "
    "уничтожить нельзя (носителя нет под рукой), то блокируют, но не дольше. Сроки и основания — в "
    "records/organization.yaml, deadlines. Напоминание кончается, когда файла в деле нет."
)
WRONG_SCAN_DUE = Code(
    "WRONG_SCAN_DUE",
    Severity.WARNING,
    says="скан внесён ошибочно и лежит в деле: {address}, {text}",
    hint=_WRONG_SCAN,
    why=_WRONG_SCAN_WHY,
)
WRONG_SCAN_OVERDUE = Code(
    "WRONG_SCAN_OVERDUE",
    Severity.ERROR,
    says="скан, внесённый ошибочно, не уничтожили в срок: {address}, {text}",
    hint=_WRONG_SCAN,
    why=_WRONG_SCAN_WHY,
)
LEAK_NOTICE_DUE = Code(
    "LEAK_NOTICE_DUE",
    Severity.WARNING,
    says="ключ объявлен украденным {address}: {text}",
    hint="Если вместе с ключом могли пропасть персональные данные, известите Роскомнадзор: "
    "pd.rkn.gov.ru. Если извещение уже подано или пропал один ключ, делать нечего",
    why="О доступе посторонних к персональным данным оператор извещает Роскомнадзор дважды: о "
    "самом происшествии и о том, что выяснила проверка. Часы идут с той минуты, когда о нём "
    "узнали. Через месяц напоминание кончается.",
)

ASKED_FOR = dt.timedelta(days=366)
"""How long a document that was not issued in time is asked for: what is older may have been settled
on paper, before there was an archive."""
_REMEMBERED = dt.timedelta(days=31)
"""How long a stolen key is told of: whether a notice was sent the archive does not know."""


def is_expelled(enrolment: Enrolment) -> bool:
    return enrolment.ended is not None and enrolment.ended.reason == "отчисление"


def list_statutory(
    archive: Archive, student: Student, on: dt.date, transcripts: Collection[str]
) -> Iterator[Deadline]:
    """Yield those of a personal file; `transcripts`: to whom or for which enrolment one was
    given."""
    school = archive.organization
    if school is None:
        return
    yield from _list_transcripts(archive, school, student, on, transcripts)
    yield from _list_answers(school, student, on)
    yield from _list_withdrawn(archive, school, student, on)
    yield from _list_scans(archive, school, student, on)


def given_transcripts(archive: Archive) -> frozenset[str]:
    """Return the addresses of who was given a transcript that is not void."""
    return frozenset(
        entry.student
        for entry in archive.registers.values()
        if entry.form.partition("@")[0] == "transcript" and entry.void is None
    )


def _list_transcripts(
    archive: Archive, school: Organization, student: Student, on: dt.date, given: Collection[str]
) -> Iterator[Deadline]:
    """Who was expelled and has no transcript yet, which is owed within days of the order."""
    for enrolment in student.enrolments:
        ended = enrolment.ended
        if ended is None or not is_expelled(enrolment):
            continue
        address = f"{student.id}#{enrolment.id or ''}"
        order = archive.orders.get(ended.order or "")
        since = order.date if order else ended.date
        by, said = end_of_term(school, "справка при отчислении", since)
        if student.id in given or address in given:
            continue
        if since <= on <= by + ASKED_FOR:
            yield Deadline(
                "справка при отчислении",
                address,
                say_term(by, on, said),
                by,
                student.where(enrolment, "ended"),
                TRANSCRIPT_OVERDUE if on > by else TRANSCRIPT_DUE,
            )


_TERM_OF: dict[str, StatutoryName] = {
    "сведения": "ответ на обращение",
    "уточнение": "уточнение данных",
    "прекращение обработки": "прекращение обработки",
}
_NEVER_EXTENDED = frozenset(("уточнение",))
"""Requests whose term a notice does not extend."""


def _list_answers(school: Organization, student: Student, on: dt.date) -> Iterator[Deadline]:
    """Who asked about personal data and has no answer yet."""
    for asked in student.requests:
        is_answered = asked.answered is not None and asked.answered.date <= on
        if is_answered or asked.date > on:
            continue
        by, said = _end_of_answer(school, asked, on)
        yield Deadline(
            "ответ на обращение",
            f"{student.id}#{asked.id or ''}",
            f"{asked.kind}, получено {day(asked.date)}, {say_term(by, on, said)}",
            by,
            student.where(asked),
            ANSWER_OVERDUE if on > by else ANSWER_DUE,
        )


def _end_of_answer(school: Organization, asked: DataRequest, on: dt.date) -> tuple[dt.date, str]:
    """Return the last day for an answer; a notice extends it if it was sent before it was over."""
    by, said = end_of_term(school, _TERM_OF[asked.kind], asked.date)
    more = asked.extended
    if more is None or more.date > min(by, on) or asked.kind in _NEVER_EXTENDED:
        return by, said
    by = end_of_term(school, "продление ответа", by).last
    return by, f"{said}; продлён письмом № {more.number} от {day(more.date)}"


def _list_withdrawn(
    archive: Archive, school: Organization, student: Student, on: dt.date
) -> Iterator[Deadline]:
    """Which consents were withdrawn, and nobody said yet that the work for them has stopped."""
    for consent in student.consents:
        gone = consent.revoked
        if gone is None or gone.date > on or (gone.stopped is not None and gone.stopped <= on):
            continue
        if consents_on(archive, student, on, consent.purpose):
            continue
        terms: list[tuple[str, StatutoryName, Code, Code]] = [
            ("согласие отозвано", "данные после отзыва согласия", WITHDRAWN_OVERDUE, WITHDRAWN_DUE)
        ]
        if _is_for_all(archive, consent) and not (gone.off_site and gone.off_site <= on):
            terms.insert(0, ("снять с сайта", "снятие с сайта", OFF_SITE_OVERDUE, OFF_SITE_DUE))
        for what, term, overdue, due in terms:
            by, said = end_of_term(school, term, gone.date)
            if on <= by + ASKED_FOR:
                yield Deadline(
                    what,
                    f"{student.id}#{consent.id or ''}",
                    f"{consent.purpose}: отозвано {day(gone.date)}, {say_term(by, on, said)}",
                    by,
                    student.where(consent, "revoked"),
                    overdue if on > by else due,
                )


def _is_for_all(archive: Archive, consent: Consent) -> bool:
    """Tell whether it was a consent to distribution by its own text."""
    purpose = archive.purposes.get(consent.purpose)
    editions = purpose.editions if purpose else ()
    return any(is_distributed(each) for each in editions if each.edition == consent.edition)


def _list_scans(
    archive: Archive, school: Organization, student: Student, on: dt.date
) -> Iterator[Deadline]:
    """Scans that nothing allows to keep any more; told until the file is gone."""
    for scan in unfounded_scans(archive, student, on):
        photo, consent, end = scan.document, scan.consent, scan.since
        if consent is None:
            yield _report_wrong_scan(school, student, scan, on)
            continue
        is_withdrawn = consent.revoked is not None and consent.revoked.date == end
        ended = f"{'отозвано' if is_withdrawn else 'действовало по'} {day(end)}"
        by, said = end_of_term(school, scan.term, end)
        yield Deadline(
            "фотография без согласия",
            f"{student.id}#{photo.id or ''}",
            f"согласие {consent.id or ''} {ended}, {say_term(by, on, said)}",
            by,
            student.where(photo),
            PHOTO_OVERDUE if on > by else PHOTO_DUE,
        )


def _report_wrong_scan(
    school: Organization, student: Student, scan: UnfoundedScan, on: dt.date
) -> Deadline:
    """Word what is due about the scan of a document entered by mistake, the wrong child's."""
    noticed = scan.since
    stop, why = end_of_term(school, "прекращение неправомерной обработки", noticed)
    by, said = end_of_term(school, scan.term, noticed)
    held, until = end_of_term(school, "уничтожение заблокированных данных", noticed)
    return Deadline(
        "скан внесён ошибочно",
        f"{student.id}#{scan.document.id or ''}",
        f"отмечено {day(noticed)}; прекратить пользоваться до {day(stop)} ({why}); "
        f"уничтожить: {say_term(by, on, said)}; чего уничтожить нельзя — блокировать не "
        f"дольше чем по {day(held)} ({until})",
        stop if on <= stop else by,
        student.where(scan.document),
        WRONG_SCAN_OVERDUE if on > by else WRONG_SCAN_DUE,
    )


def list_leaks(archive: Archive, stolen: Iterable[dt.datetime], on: dt.date) -> Iterator[Deadline]:
    """Yield what the authority must be told since keys were declared stolen."""
    school = archive.organization
    if school is None:
        return
    for since in stolen:
        notice = end_of_hours(school, "извещение об утечке", since)
        outcome = end_of_hours(school, "итоги проверки утечки", since)
        if since.date() <= on <= outcome.date() + _REMEMBERED:
            source = school.statutory("извещение об утечке").source
            yield Deadline(
                "извещение об утечке",
                f"{since:%d.%m.%Y %H:%M}",
                f"Роскомнадзор извещают до {notice:%d.%m.%Y %H:%M}, об итогах проверки — до "
                f"{outcome:%d.%m.%Y %H:%M} ({source})",
                notice.date(),
                Location("records/trust/revocations"),
                LEAK_NOTICE_DUE,
            )
