"""What a row of a list says of a person: card, keys, representatives, contract, consents.

Invariants: a card takes what it lacked and a newer phone, e-mail or address; a birth day that
stands is never overwritten; a name that changes leaves the former one in the card.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from papka.core import cells
from papka.desk.order_writing import same_number
from papka.intake import people_codes as codes
from papka.intake.people_folder import Folder, ListWish, Telling, given
from papka.intake.people_list import PersonRow
from papka.intake.people_matching import clues_of_name, whole_names
from papka.records.archive import Archive
from papka.records.derived.in_force import age
from papka.records.student import Name

CONTRACT = "договор"
_CONTRACT_TITLE = "Договор об образовании"
_SELF = "обучающийся"


@dataclass(frozen=True, slots=True)
class CardLaying:
    """Lays what rows say of people on their files."""

    wish: ListWish
    archive: Archive
    telling: Telling

    def lay(self, row: PersonRow, folder: Folder) -> str | None:
        """Lay everything but study; returns the id of the contract that the row names."""
        if not folder.is_new:
            self._update_card(row, folder)
        self._add_accounts(row, folder)
        relatives = self._add_relatives(row, folder)
        self._add_consents(row, folder, relatives)
        return self._add_contract(row, folder)

    def _update_card(self, row: PersonRow, folder: Folder) -> None:
        person = folder.student.person
        if person is None:
            return
        card = f"{folder.student.folder}/student.yaml"
        for key, value in row.card.items():
            if getattr(person, key) != value:
                folder.sets[card, f"/{key}"] = value
        if row.birth_date and person.birth_date is None:
            folder.sets[card, "/birth_date"] = row.birth_date.isoformat()
        elif row.birth_date and row.birth_date != person.birth_date:
            self.telling.tell(
                codes.LIST_ALREADY_DIFFERS, row, "birth_date",
                what="день рождения", known=f"{person.birth_date:%d.%m.%Y}",
            )  # fmt: skip
        if row.name is not None:
            self._update_name(row, row.name, folder, card)

    def _update_name(self, row: PersonRow, name: Name, folder: Folder, card: str) -> None:
        """Write a name that has changed, the one before as a former one until yesterday."""
        person = folder.student.person
        assert person is not None, "only a card that is there has a name"
        now = person.name
        known = [clues_of_name(each)[0] for each in whole_names(person)]
        if name.patronymic and now.patronymic is None:
            folder.sets[card, "/name/patronymic"] = name.patronymic
        if clues_of_name(name)[0] in known:
            return
        if now.dative or now.genitive:
            self.telling.tell(codes.LIST_CASES_STALE, row, row.at_name, student=person.id)
            return
        former: dict[str, Any] = {"until": (self.wish.today - dt.timedelta(days=1)).isoformat()}
        for part in ("surname", "given"):
            new, old = getattr(name, part), getattr(now, part)
            if new and cells.folded(new) != cells.folded(old or ""):
                folder.sets[card, f"/name/{part}"] = new
                former |= {part: old} if old else {}
        if len(former) > 1:
            folder.add_to_card("former_names", former)

    def _add_accounts(self, row: PersonRow, folder: Folder) -> None:
        person = folder.student.person
        held = {(each.platform, each.key) for each in person.accounts} if person else set()
        held |= {(each["platform"], each["key"]) for each in folder.laid_on_card("accounts")}
        since = {"since": self.wish.today.isoformat()} if folder.is_new else {}
        for platform, key in row.keys.items():
            if (platform, key) not in held:
                folder.add_to_card("accounts", {"platform": platform, "key": key, **since})

    def _add_relatives(self, row: PersonRow, folder: Folder) -> list[str]:
        """Add representatives the card lacks; returns the ids of those the row names."""
        person, found = folder.student.person, []
        card = f"{folder.student.folder}/student.yaml"
        there = list(person.representatives) if person else []
        for each in row.relatives:
            own = clues_of_name(each.name)[0]
            same = next((at for at, one in enumerate(there) if clues_of_name(one)[0] == own), None)
            if same is not None:
                for key in ("phone", "email"):
                    value = getattr(each, key)
                    if value and getattr(there[same], key) != value:
                        folder.sets[card, f"/representatives/{same}/{key}"] = value
                found.append(there[same].id or "")
                continue
            name = {
                "surname": each.name.surname,
                "given": each.name.given,
                "patronymic": each.name.patronymic,
            }
            listed = folder.laid_on_card("representatives")
            known = next((one for one in listed if _is_named(one, name)), None)
            if known is None:
                known = given(
                    {"id": folder.next_id("p"), "relation": each.relation, **name,
                     "phone": each.phone, "email": each.email}
                )  # fmt: skip
                folder.add_to_card("representatives", known)
            found.append(known["id"])
        return found

    def _add_contract(self, row: PersonRow, folder: Folder) -> str | None:
        """Add the contract to the inventory; returns its id."""
        said = row.said.get("contract")
        if not said:
            return None
        number, day = re.sub(r"\A№ *", "", said), row.days.get("contract_date")
        told = re.fullmatch(r"(?P<number>.+?),? от (?P<day>.*\d.*)", number)
        if told and (found := cells.day(told["day"])):
            number, day = told["number"], day or found
        for each in folder.student.documents:
            if cells.folded(each.kind) == CONTRACT and same_number(each.number or "", number):
                return each.id
        known = folder.has("documents", kind=CONTRACT, number=number)
        entry = {"kind": CONTRACT, "number": number, "date": day, "title": _CONTRACT_TITLE}
        known = known or folder.add("documents", "d", {**entry, "medium": "подлинник"})
        return str(known["id"])

    def _add_consents(self, row: PersonRow, folder: Folder, relatives: list[str]) -> None:
        for purpose, day in row.consents.items():
            if any(
                each.purpose == purpose and each.date == day for each in folder.student.consents
            ) or folder.has("consents", purpose=purpose, date=day.isoformat()):
                continue
            signer = self._signer(row, folder, relatives, day)
            if signer is None:
                self.telling.tell(codes.LIST_SIGNER_MISSING, row, f"consent/{purpose}")
                continue
            editions = self.archive.purposes[purpose].editions
            begun = [each.edition for each in editions if each.since <= day]
            first = min((each.edition for each in editions), default=1)
            entry = {"purpose": purpose, "edition": max(begun, default=first), "date": day}
            folder.add("consents", "c", {**entry, "signed_by": signer})

    def _signer(
        self, row: PersonRow, folder: Folder, relatives: list[str], day: dt.date
    ) -> str | None:
        """Return who signs: a grown-up, else the first representative."""
        person = folder.student.person
        born = row.birth_date or (person.birth_date if person else None)
        if born is not None and age(born, day) >= 18:
            return _SELF
        own = [each.id for each in person.representatives if each.id] if person else []
        listed = [each["id"] for each in folder.record.get("representatives", ())]
        found = [*relatives, *own, *listed]
        return found[0] if found else (_SELF if born is None else None)


def new_card(number: str, row: PersonRow, wish: ListWish) -> dict[str, Any]:
    """Return a new card, as far as the row says of it."""
    assert row.name is not None, "a file is opened for a name only"
    names = {key: getattr(row.name, key) for key in ("surname", "given", "patronymic")}
    accounts = [
        {"platform": platform, "key": key, "since": wish.today.isoformat()}
        for platform, key in row.keys.items()
    ]
    card: dict[str, Any] = {
        "id": number,
        "name": given(names),
        "sex": row.card.get("sex"),
        "birth_date": row.birth_date,
        **{key: row.card.get(key) for key in ("phone", "email", "address", "snils")},
        "accounts": accounts or None,
    }
    return given(card)


def complete_card(record: dict[str, Any], row: PersonRow) -> None:
    """Take from one more row of a new person what the rows before did not say."""
    for key, value in row.card.items():
        record.setdefault(key, value)
    if row.birth_date is not None:
        record.setdefault("birth_date", row.birth_date.isoformat())
    if row.name is not None and row.name.patronymic:
        record["name"].setdefault("patronymic", row.name.patronymic)


def _is_named(entry: Mapping[str, Any], name: Mapping[str, Any]) -> bool:
    return all(
        cells.folded(entry.get(key) or "") == cells.folded(name[key] or "")
        for key in ("surname", "given")
    )
