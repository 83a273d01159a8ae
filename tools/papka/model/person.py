"""student.yaml: who the personal file is about (R-1.3, R-5.2)."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from papka.model.record import Entry, Record


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


class Representative(Name, frozen=True, kw_only=True):
    """A lawful representative of a minor (R-3.1); `authority` names the paper that says so."""

    id: str | None = None
    relation: str
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    identity: str | None = None
    authority: str | None = None


class Account(Record, frozen=True, kw_only=True):
    """How a platform's exports name this person, and when they used it (R-1.4.4)."""

    platform: str
    key: str
    since: dt.date | None = None
    until: dt.date | None = None


class Lending(Entry, frozen=True, kw_only=True):
    """The paper file left its shelf (R-6.6)."""

    date: dt.date
    taken_by: str
    due: dt.date | None = None
    returned: dt.date | None = None


class Volume(Record, frozen=True, kw_only=True):
    """A bound volume of the paper file, signed by the head (R-6.5)."""

    volume: int
    bound: dt.date
    sheets: int
    signed_by: str


class Paper(Record, frozen=True, kw_only=True):
    """Where the bound paper file stands (R-6.6)."""

    place: str
    volumes: tuple[Volume, ...] = ()
    lendings: tuple[Lending, ...] = ()


class Hold(Entry, frozen=True, kw_only=True):
    """While it lasts the folder is not destroyed, whatever the retention table says (R-6.4)."""

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
