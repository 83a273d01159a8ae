"""Find which student a row of an export is about: by platform key, e-mail, then name and birth day.

Invariants: nothing is guessed: two candidates, one known by the name alone, or clues that point to
different people make the row ambiguous, and only an answer settles it; a personal file that was
opened twice (`duplicate_of`) stands for the one that is kept. Likeness of names counts for nothing.

Answers are a small YAML file: the word by which the question named a row (`name_row`), or «строка
8123» -> a student's number, «пропустить», for a card «новое дело», or the enrolment that its marks
belong to («к зачислению e2», «2026-0007#e2»); anything else is a finding. The file is the user's
own and never kept: it may hold names.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from papka.core.cells import folded, name_words, tidy
from papka.core.findings import Finding, Location
from papka.core.places import is_student_id
from papka.intake import intake_codes
from papka.intake.marks import StudentRow
from papka.intake.people_matching import follow_duplicate, whole_names
from papka.intake.tables import row_word
from papka.records.editing import write_scalar
from papka.records.strict_yaml import locate, read
from papka.records.student import Person
from papka.records.yaml_tree import escaped

SKIP = "пропустить"
"""The answer that leaves a row unmatched on purpose."""
NEW = "новое дело"
"""The answer that a card is about nobody the archive knows."""


@dataclass(frozen=True, slots=True)
class PeopleIndex:
    """Where students are found: each clue -> their ids. `keys` are those a card holds already.

    Keys are learnt for the cards unless `learns` is false.
    """

    by_key: Mapping[str, frozenset[str]]
    by_email: Mapping[str, frozenset[str]]
    by_relative: Mapping[str, frozenset[str]]
    by_name: Mapping[tuple[str, ...], frozenset[str]]
    births: Mapping[str, dt.date | None]
    keys: Mapping[str, frozenset[str]]
    learns: bool = True


@dataclass(frozen=True, slots=True)
class OpenRow:
    """Rows nobody was found for, or more than one; `word` is how an answers file names them."""

    rows: tuple[int, ...]
    word: str
    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """Rows laid to students. `known`: first row of a student's rows -> student.

    `ambiguous` wait for an answer, `unmatched` have no candidate, `skipped` were left out.
    `learnt`: student -> keys for the card. `used` are the words of the answers that settled a
    row, `strangers` of those that name a student there is not. `studies`: number of a row -> the
    enrolment that an answer names for it.
    """

    known: Mapping[int, str]
    ambiguous: tuple[OpenRow, ...] = ()
    unmatched: tuple[OpenRow, ...] = ()
    skipped: tuple[OpenRow, ...] = ()
    learnt: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    strangers: tuple[str, ...] = ()
    studies: Mapping[int, str] = field(default_factory=dict)

    @property
    def asked(self) -> frozenset[str]:
        """Everybody who is a candidate of a row that waits for an answer."""
        return frozenset(one for each in self.ambiguous for one in each.candidates)


def index_by_number(people: Mapping[str, Person]) -> PeopleIndex:
    """Index students for our own sheets: by number, which a name can only contradict."""
    own = {id_: frozenset({follow_duplicate(id_, people)}) for id_ in people}
    names: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for id_, person in people.items():
        for name in _name_words(person):
            names[name] |= own[id_]
    known = {name: frozenset(ids) for name, ids in names.items()}
    return PeopleIndex(own, {}, {}, known, dict.fromkeys(people), {}, learns=False)


def index_people(people: Mapping[str, Person], platform: str) -> PeopleIndex:
    """Index `people` (id -> card) by every clue; `platform` is whose keys count."""
    clues: list[defaultdict[str, set[str]]] = [defaultdict(set) for _ in range(4)]
    by_key, by_email, by_relative, keys = clues
    by_name: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    births: dict[str, dt.date | None] = {}
    for id_, person in people.items():
        student = follow_duplicate(id_, people)
        births[student] = births.get(student) or person.birth_date
        for account in person.accounts:
            if account.platform == platform:
                by_key[account.key].add(student)
                keys[student].add(account.key)
        if person.email:
            by_email[person.email.casefold()].add(student)
        for relative in person.representatives:
            if relative.email:
                by_relative[relative.email.casefold()].add(student)
        for name in _name_words(person):
            by_name[name].add(student)
    names = {name: frozenset(ids) for name, ids in by_name.items()}
    keyed, mailed, kin, own = (
        {clue: frozenset(ids) for clue, ids in found.items()} for found in clues
    )
    return PeopleIndex(keyed, mailed, kin, names, births, own)


def match_rows(
    rows: Iterable[StudentRow], known: PeopleIndex, answers: Mapping[str, str]
) -> Matched:
    """Find each row's student. `answers`: a row's word -> student id, SKIP, NEW or an enrolment."""
    sure: dict[int, str] = {}
    learnt: defaultdict[str, dict[str, None]] = defaultdict(dict)
    heaps: dict[str, dict[str, OpenRow]] = {"ambiguous": {}, "unmatched": {}, "skipped": {}}
    used: set[str] = set()
    strangers: dict[str, None] = {}
    studies: dict[int, str] = {}
    for row in rows:
        word = name_row(row)
        student, candidates, reason = _find_student(row, known)
        for said, numbers in _answers_about(row, word, answers):
            answer, _, study = answers[said].partition("#")
            used.add(said)
            studies |= dict.fromkeys(numbers, study) if study else {}
            if not answer:
                continue
            word = said
            if answer in known.births:
                student = answer
            elif answer == SKIP:
                _add_open(heaps["skipped"], row, word, "пропущена по ответу", frozenset())
                student, candidates, reason = "", frozenset(), SKIP
            elif answer == NEW:
                student, candidates, reason = "", frozenset(), "новое дело по ответу"
            else:
                strangers[word] = None
        if student:
            sure[row.first] = student
            if row.key and row.key not in known.keys.get(student, ()) and known.learns:
                learnt[student][row.key] = None
        elif reason != SKIP:
            heap = heaps["ambiguous" if candidates else "unmatched"]
            _add_open(heap, row, word, reason, candidates)
    ambiguous, unmatched, skipped = (tuple(heap.values()) for heap in heaps.values())
    keys = {student: tuple(found) for student, found in learnt.items()}
    return Matched(
        sure, ambiguous, unmatched, skipped, keys, frozenset(used), tuple(strangers), studies
    )


def find_ambiguous(file: str, waiting: Iterable[OpenRow]) -> Iterator[Finding]:
    """Find each row that waits for an answer, with those who may be meant."""
    for each in waiting:
        among = ", ".join(each.candidates)
        for row in each.rows:
            where = Location(file, line=row)
            yield intake_codes.EXPORT_ROW_AMBIGUOUS.at(where, reason=each.reason, candidates=among)


def numbered_row(word: str) -> int:
    """Return the number in an answer's word «строка 12»; 0 for any other word."""
    found = _ROW.fullmatch(word)
    return int(found[1]) if found else 0


def _answers_about(
    row: StudentRow, word: str, answers: Mapping[str, str]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the words of answers about a student's rows, and the rows each is about."""
    if word in answers:
        yield word, row.rows
    for number in row.rows:
        own = row_word(number)
        if own in answers and own != word:
            yield own, (number,)


def name_row(row: StudentRow) -> str:
    """Return how an answers file names a row: by the first clue it has."""
    name = row.name
    if name and row.birth_date:
        name = f"{name}, {row.birth_date:%d.%m.%Y}"
    return row.key or row.email or name or row_word(row.first)


def _add_open(
    heap: dict[str, OpenRow], row: StudentRow, word: str, reason: str, candidates: frozenset[str]
) -> None:
    rows = heap[word].rows if word in heap else ()
    heap[word] = OpenRow((*rows, *row.rows), word, reason, tuple(sorted(candidates)))


def _find_student(row: StudentRow, known: PeopleIndex) -> tuple[str, frozenset[str], str]:
    """Return the student, or candidates and why none was taken."""
    if not known.learns:
        return _find_numbered(row, known)
    email = row.email.casefold()
    none: frozenset[str] = frozenset()
    by_key = known.by_key.get(row.key, none) if row.key else none
    by_email = known.by_email.get(email, none) if email else none
    if by_key:
        if len(by_key) > 1:
            return "", by_key, "ключ платформы стоит в нескольких карточках"
        if by_email and not by_key & by_email:
            return "", by_key | by_email, "ключ и почта указывают на разных людей"
        return next(iter(by_key)), frozenset(), ""
    if by_email:
        if len(by_email) > 1:
            return "", by_email, "почта стоит в нескольких карточках"
        return _accept_unless_keyed(row, by_email, known, "почте")
    return _find_by_name(row, known, known.by_relative.get(email, none) if email else none)


def _find_numbered(row: StudentRow, known: PeopleIndex) -> tuple[str, frozenset[str], str]:
    """Find whom a row of our own sheet numbers, unless the name there is another's."""
    none: frozenset[str] = frozenset()
    numbered = known.by_key.get(row.key, none)
    named = known.by_name.get(name_words(row.name), none)
    if numbered and named and not numbered & named:
        return "", numbered | named, "номер дела и имя указывают на разных людей"
    if numbered:
        return next(iter(numbered)), none, ""
    return "", none, "в архиве такого человека нет" if row.key else "номера дела в строке нет"


def _find_by_name(
    row: StudentRow, known: PeopleIndex, relatives: frozenset[str]
) -> tuple[str, frozenset[str], str]:
    namesakes: frozenset[str] = frozenset()
    if row.name:
        namesakes = known.by_name.get(name_words(row.name), namesakes)
    if row.birth_date is not None:
        same_day = frozenset(s for s in namesakes if known.births.get(s) == row.birth_date)
        if len(same_day) == 1:
            return _accept_unless_keyed(row, same_day, known, "имени и дню рождения")
        if same_day:
            return "", same_day, "одинаковые имя и день рождения у нескольких"
        namesakes = frozenset(s for s in namesakes if known.births.get(s) is None)
    if namesakes:
        return "", namesakes | relatives, "совпало только имя"
    if relatives:
        return "", relatives, "почта родителя, а не обучающегося"
    if not (row.key or row.email or row.name):
        return "", frozenset(), "в строке не сказано, кто это"
    return "", frozenset(), "в архиве такого человека нет"


def _accept_unless_keyed(
    row: StudentRow, found: frozenset[str], known: PeopleIndex, by: str
) -> tuple[str, frozenset[str], str]:
    """Accept unless the card names another key: that may be another person's account."""
    (student,) = found
    if row.key and known.keys.get(student):
        return "", found, f"найден по {by}, но в карточке другой ключ платформы"
    return student, frozenset(), ""


def _name_words(person: Person) -> Iterable[tuple[str, ...]]:
    """Yield names with and without the patronymic, former names too."""
    for name in whole_names(person):
        yield name_words(name.full)
        yield name_words(f"{name.surname or ''} {name.given}")


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers as read; `given`: a row's word -> student id, SKIP, NEW, «#e2» or «2026-0007#e2»."""

    given: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def read_answers(data: bytes, name: str) -> Answers:
    """Read the answers in a file; `name` only stands in findings."""
    document = read(data, name)
    if document.findings:
        return Answers({}, document.findings)
    value = document.value
    unreadable = intake_codes.EXPORT_ANSWER_UNREADABLE
    if not isinstance(value, dict):
        return Answers({}, (unreadable.at(Location(name, line=1, column=1), word="файл"),))
    given: dict[str, str] = {}
    found = []
    for word, answer in value.items():
        text = tidy(str(answer))
        understood = _read_answer(text)
        if understood is not None:
            given[_read_word(str(word))] = understood
        else:
            line, column = locate(data, f"/{escaped(word)}")
            found.append(unreadable.at(Location(name, line=line, column=column), word=text))
    return Answers(given, tuple(found))


_ROW = re.compile(r"строка *№? *([1-9]\d*)")
_STUDY = re.compile(r"(?:(?:к )?(?:зачислени[юе]|обучени[юе]) *)?#?([eе][1-9]\d*)")


def _read_word(word: str) -> str:
    """Return the word of an answer: «Строка № 5» is «строка 5»."""
    found = _ROW.fullmatch(folded(word))
    return row_word(int(found[1])) if found else word


def _read_answer(text: str) -> str | None:
    """Return an answer as `match_rows` takes it; None when it is none."""
    for known in (SKIP, NEW):
        if folded(text) == folded(known):
            return known
    student, sign, rest = text.partition("#")
    if is_student_id(student):
        found = _STUDY.fullmatch(folded(rest)) if sign else None
        return text if not sign else f"{student}#e{found[1][1:]}" if found else None
    found = _STUDY.fullmatch(folded(text))
    return f"#e{found[1][1:]}" if found else None


def write_questions(rows: Iterable[OpenRow], *, opens: bool = False) -> str:
    """Write an answers file to be filled in: every open row with its candidates as a comment.

    `opens`: the answer may be a new personal file.
    """
    lines = []
    for row in rows:
        among = ", ".join((*row.candidates, *([NEW] if opens else []), SKIP))
        lines.append(f"# строка {row.rows[0]}: {row.reason}; возможные ответы: {among}")
        key = write_scalar(row.word)
        if len(key) >= 1000:
            key = write_scalar(row.word[:900])
        lines.append(f"{key}: {SKIP}")
    return "".join(f"{line}\n" for line in lines)
