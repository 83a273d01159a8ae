"""Find whom a row of a people list is about: one person or a question, never two files.

Invariants: sure are a personal file's own number, a key of a platform, SNILS, or a name with its
birth day (ё as е, a patronymic missing on one side, a former surname); an e-mail that a family
shares makes nobody the same person, so twins stay two. Everything that only may be the same person
is a question: a name without a birth day, a surname or a birth day that differs, a slip of typing
in one of them. Rows of
one list are compared with one another just as with the archive.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from papka.core import cells
from papka.records.people_alike import AlikePeople, Appearance
from papka.records.student import Name, Person


@dataclass(frozen=True, slots=True)
class Clues:
    """What a row or a card says of a person; `names` also has former ones: (surname and given name,
    given name, patronymic), folded.

    `keys`: platform and key.
    """

    names: tuple[tuple[tuple[str, ...], str, str], ...] = ()
    former: tuple[str, ...] = ()
    sex: str = ""
    born: dt.date | None = None
    keys: frozenset[tuple[str, str]] = frozenset()
    snils: str = ""
    contacts: frozenset[str] = frozenset()


def clues_of_name(name: Name) -> tuple[tuple[str, ...], str, str]:
    """Return the words of surname and given name, the given name, the patronymic; all folded."""
    words = cells.name_words(f"{name.surname or ''} {name.given}")
    return words, cells.folded(name.given), cells.folded(name.patronymic or "")


def digits(text: str) -> str:
    """Return the digits of a number, a Russian phone without its 8 or +7."""
    found = re.sub(r"\D", "", text)
    return found[1:] if len(found) == 11 and found[0] in "78" else found


def contacts_of(phone: str | None, email: str | None) -> set[str]:
    """Return what is compared of a phone and an e-mail."""
    found = {digits(phone)} if phone else set()
    return found | ({email.casefold()} if email else set())


def whole_names(person: Person) -> Iterator[Name]:
    """Yield the name of a card and its former ones, with the parts that stayed."""
    now = person.name
    yield now
    for each in person.former_names:
        yield Name(
            surname=each.surname or now.surname,
            given=each.given or now.given,
            patronymic=each.patronymic or now.patronymic,
        )


def follow_duplicate(student: str, people: Mapping[str, Person]) -> str:
    """Return the personal file that is kept of one that was opened twice; else the same."""
    seen = {student}
    while (other := people[student].duplicate_of) is not None and other in people:
        if other in seen:
            return student
        seen.add(other)
        student = other
    return student


def clues_of_card(person: Person) -> Clues:
    """Return the clues of a card."""
    contacts = contacts_of(person.phone, person.email)
    for relative in person.representatives:
        contacts |= contacts_of(relative.phone, relative.email)
    return Clues(
        names=tuple(map(clues_of_name, whole_names(person))),
        sex=person.sex or "",
        born=person.birth_date,
        keys=frozenset((each.platform, each.key) for each in person.accounts),
        snils=digits(person.snils or ""),
        contacts=frozenset(contacts),
    )


class Answer(NamedTuple):
    """The person, "" for nobody; else candidates and why none was taken."""

    person: str
    candidates: tuple[str, ...] = ()
    reason: str = ""


_NOBODY = Answer("")


@dataclass(slots=True)
class People:
    """Everybody a row may be about, by clue: those of the archive and those of earlier rows.

    `numbers`: a personal file that was opened twice stands for the one that is kept.
    """

    clues: dict[str, Clues] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    _by: defaultdict[tuple[str, object], dict[str, None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _alike: AlikePeople = field(default_factory=AlikePeople)

    @classmethod
    def of_cards(cls, people: Mapping[str, Person]) -> People:
        """Return the people of these cards."""
        found = cls(numbers={id_: follow_duplicate(id_, people) for id_ in people})
        for id_, person in people.items():
            found.add(found.numbers[id_], clues_of_card(person))
        return found

    def add(self, person: str, clues: Clues) -> None:
        """Add a person, or what one more row says of one."""
        before = self.clues.get(person)
        self.clues[person] = clues if before is None else _joined(before, clues)
        for place in _places(clues, is_card=person in self.numbers):
            self._by[place][person] = None
        for seen in _appearances(clues):
            self._alike.add(person, seen)

    def find(self, row: Clues) -> Answer:
        """Find whom the row is about."""
        keyed = self._among(("key", key) for key in row.keys)
        if keyed:
            return self._settle_key(row, keyed)
        numbered = self._among([("snils", row.snils)] if row.snils else ())
        same = self._among(("name", name[0]) for name in row.names)
        same = [each for each in same if self._patronymics_agree(row, each)]
        sure = [each for each in same if self._is_same(row, each)]
        if len(sure) > 1:
            return Answer("", tuple(sure), "одинаковые имя и день рождения у нескольких")
        if sure:
            return self._unless_keyed(row, sure[0])
        if numbered:
            return Answer("", tuple(numbered), "СНИЛС тот же, а имя другое")
        doubtful = [each for each in same if self._may_be_same(row, each)]
        if doubtful:
            unknown = row.born is None or any(self.clues[one].born is None for one in doubtful)
            why = "совпало только имя" if unknown else "имя то же, а день рождения другой"
            return Answer("", tuple(doubtful), why)
        renamed = self._find_renamed(row)
        return renamed if renamed != _NOBODY else self._find_alike(row)

    def _find_alike(self, row: Clues) -> Answer:
        """Ask about those whose name and birth day are a slip of typing apart."""
        found = {each for seen in _appearances(row) for each in self._alike.find(seen)}
        if not found:
            return _NOBODY
        return Answer("", tuple(sorted(found)), "имя и день рождения почти те же")

    def _among(self, places: Iterable[tuple[str, object]]) -> list[str]:
        return list(dict.fromkeys(each for place in places for each in self._by.get(place, ())))

    def _settle_key(self, row: Clues, keyed: list[str]) -> Answer:
        if len(keyed) > 1:
            return Answer("", tuple(keyed), "ключ платформы стоит в нескольких карточках")
        given = {name[1] for name in row.names}
        known = {name[1] for name in self.clues[keyed[0]].names}
        if given and known and given.isdisjoint(known):
            return Answer("", tuple(keyed), "ключ платформы тот же, а имя другое")
        return Answer(keyed[0])

    def _unless_keyed(self, row: Clues, person: str) -> Answer:
        """Accept unless the card names another key of the platform: another person's account."""
        held = dict(self.clues[person].keys)
        if any(held.get(platform, key) != key for platform, key in row.keys):
            why = "найден по имени и дню рождения, но в карточке другой ключ платформы"
            return Answer("", (person,), why)
        return Answer(person)

    def _patronymics_agree(self, row: Clues, person: str) -> bool:
        known = {name[2] for name in self.clues[person].names if name[2]}
        own = {name[2] for name in row.names if name[2]}
        return not known or not own or not known.isdisjoint(own)

    def _is_same(self, row: Clues, person: str) -> bool:
        """Tell whether somebody of the same name is the same person for sure."""
        known = self.clues[person]
        if row.snils and row.snils == known.snils:
            return True
        if row.born is None or known.born is None:
            return not row.contacts.isdisjoint(known.contacts)
        return row.born == known.born

    def _may_be_same(self, row: Clues, person: str) -> bool:
        """Tell whether a namesake may be the same person: without a birth day, or with another one
        but the same patronymic, e-mail or phone."""
        known = self.clues[person]
        if row.born is None or known.born is None:
            return True
        patronymics = {name[2] for name in row.names} & {name[2] for name in known.names} - {""}
        return bool(patronymics) or not row.contacts.isdisjoint(known.contacts)

    def _find_renamed(self, row: Clues) -> Answer:
        """Find who may have changed the surname: the same given name and birth day.

        Two rows of one list are two people unless the row tells the former surname.
        """
        if row.born is None:
            return self._find_by_contacts(row)
        born = [(row.born, name[1]) for name in row.names]
        if row.former:
            found = self._among(("born", each) for each in born)
            told = [
                each
                for each in found
                if set(row.former) & self._surnames(each, row)
                and self._patronymics_agree(row, each)
            ]
            if len(told) == 1:
                return Answer(told[0])
        found = [
            each
            for each in self._among(("card", each) for each in born)
            if self._patronymics_agree(row, each) and self._may_be_renamed(row, each)
        ]
        if found:
            return Answer("", tuple(found), "фамилия другая, а имя и день рождения те же")
        return self._find_by_contacts(row)

    def _may_be_renamed(self, row: Clues, person: str) -> bool:
        """Tell whether somebody of the same given name and birth day may have a new surname: by
        patronymic, e-mail or phone; a girl also without."""
        known = self.clues[person]
        patronymics = {name[2] for name in row.names} & {name[2] for name in known.names} - {""}
        if patronymics or not row.contacts.isdisjoint(known.contacts):
            return True
        return "мужской" not in {row.sex, known.sex}

    def _surnames(self, person: str, row: Clues) -> set[str]:
        given = {name[1] for name in row.names}
        return {
            word
            for name in self.clues[person].names
            if name[1] in given
            for word in name[0]
            if word not in name[1].split()
        }

    def _find_by_contacts(self, row: Clues) -> Answer:
        """Ask about somebody with the given name and an e-mail or phone of the row."""
        found = [
            each
            for each in self._among(("contact", contact) for contact in row.contacts)
            if {name[1] for name in row.names} & {name[1] for name in self.clues[each].names}
            and (row.born is None or self.clues[each].born is None)
        ]
        if found:
            return Answer("", tuple(found), "почта или телефон те же, а имя совпало не целиком")
        if not row.names:
            alone = self._among(("contact", contact) for contact in row.contacts)
            if len(alone) == 1:
                return Answer(alone[0])
            if alone:
                return Answer("", tuple(alone), "почта или телефон стоят в нескольких карточках")
        return _NOBODY


def _places(clues: Clues, *, is_card: bool) -> Iterable[tuple[str, object]]:
    for whole, given, _ in clues.names:
        yield "name", whole
        if clues.born is not None:
            yield "born", (clues.born, given)
            if is_card:
                yield "card", (clues.born, given)
    for key in clues.keys:
        yield "key", key
    if clues.snils:
        yield "snils", clues.snils
    for contact in clues.contacts:
        yield "contact", contact


def _appearances(clues: Clues) -> Iterator[Appearance]:
    if clues.born is not None:
        for words, _, patronymic in clues.names:
            whole = tuple(sorted((*words, *patronymic.split())))
            yield Appearance(whole, patronymic, clues.born)


def _joined(one: Clues, other: Clues) -> Clues:
    return Clues(
        names=tuple(dict.fromkeys((*one.names, *other.names))),
        former=(*one.former, *other.former),
        sex=one.sex or other.sex,
        born=one.born or other.born,
        keys=one.keys | other.keys,
        snils=one.snils or other.snils,
        contacts=one.contacts | other.contacts,
    )
