"""What a row of a list says of study: enrolment, transfer, end, and the orders about them.

Invariants: what is written down of study is never overwritten: what stands otherwise is told; an
enrolment is the same by programme and first day; whom the list enrols, moves or ends an order
names: the one in the row's own cell, else one that is written with the list.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from papka.core import cells
from papka.core.phrases import suggest
from papka.desk.order_writing import (
    OrderBook,
    OrderDraft,
    compose_end,
    compose_enrolment,
    compose_transfer,
    find_order,
)
from papka.intake import intake_codes
from papka.intake import people_codes as codes
from papka.intake.people_folder import Folder, FolderStudy, ListWish, Telling, given
from papka.intake.people_headings import REASONS
from papka.intake.people_list import PersonRow
from papka.records.archive import Archive
from papka.records.derived.leadership import signatory_on
from papka.records.derived.membership import bare_word, find_group, group_on
from papka.records.derived.result_facts import edition_on
from papka.records.school import Program
from papka.records.student import Enrolment, Student, Transfer

OPENED, ENROLLED, COMPLETED = "новое дело", "зачисление", "зачисление дополнено"
MOVED, LEFT, CARD, SAME, WRONG = "перевод", "окончание", "карточка", "уже есть", "ошибка"
VERDICTS = (OPENED, ENROLLED, COMPLETED, MOVED, LEFT, CARD, SAME, WRONG)
"""What may have come of a row."""
_ENROLLING, _MOVING, _ENDING = "зачисление", "перевод", "отчисление"
_KINDS_OF = {
    _ENROLLING: ("зачисление", "перевод"),
    _MOVING: ("перевод",),
    _ENDING: ("отчисление", "перевод"),
}


@dataclass(frozen=True, slots=True)
class StudyAct:
    """What an order is about: its kind, the field of the row that may name it, the point's text,
    the day, and the entry that gets the order."""

    kind: str
    field: str
    text: str
    day: dt.date
    into: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrderedDeed:
    """An act of somebody who is to be named in an order, with the number and the day that the row
    gives it."""

    act: StudyAct
    address: str
    number: str
    dated: dt.date | None


@dataclass(slots=True)
class StudyLaying:
    """Lays what rows say of study; `write_orders` comes after the last row.

    `found`: words of an order and kind of the act -> the orders they name; `programs`: words of a
    programme -> the one they name.
    """

    wish: ListWish
    archive: Archive
    telling: Telling
    orders: OrderBook
    deeds: list[OrderedDeed] = field(default_factory=list)
    found: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    programs: dict[str, Program | None] = field(default_factory=dict)

    def lay(self, row: PersonRow, folder: Folder, contract: str | None, done: list[str]) -> None:
        """Lay the study of a row; `done` takes what came of it."""
        said = {key: row.said.get(key, "") for key in ("program", "group", "edition")}
        named = any(said.values()) or row.days.keys() & {"start", "moved", "ended"}
        if not named and not self.wish.program:
            return
        program = self._program(row, said["program"])
        group = self._group(row, said["group"])
        if (said["program"] and program is None) or (said["group"] and group is None):
            return
        if group is not None and program is None:
            program = self.archive.programs.get(self.archive.groups[group].program)
        if not self._fits(row, group, program):
            return
        study = self._find_study(row, folder, program)
        if study is None:
            study = self._enrol(row, folder, program, group, contract)
            if study is None:
                return
            done.append(ENROLLED)
        elif self._complete_study(row, folder, study, contract):
            done.append(COMPLETED)
        if self._move(row, folder, study, group):
            done.append(MOVED)
        if self._end(row, folder, study):
            done.append(LEFT)

    def _fits(self, row: PersonRow, group: str | None, program: Program | None) -> bool:
        """Tell a group of another programme."""
        other = self.archive.groups[group].program if group is not None else None
        if other is None or program is None or other == program.code:
            return True
        titles = {code: each.title for code, each in self.archive.programs.items()}
        self.telling.tell(
            codes.LIST_GROUP_OF_OTHER, row, "group",
            group=group, program=titles.get(other, other), wanted=program.title,
            may_be=_listed(
                each.group for each in self.archive.groups.values() if each.program == program.code
            ),
        )  # fmt: skip
        return False

    def _program(self, row: PersonRow, said: str) -> Program | None:
        said = said or self.wish.program
        if said not in self.programs:  # a list names few, each in many rows
            self.programs[said] = find_program(self.archive, said) if said else None
        found = self.programs[said]
        if said and found is None:
            titles = [each.title for each in self.archive.programs.values()]
            how = (
                "Если список называет так программу архива, впишите это название в её файл, один "
                f'раз: papka fix КОД "other_names={_unquoted(said)}" --save.'
            )
            self._unknown(row, "program", "программы", said, how, titles)
        return found

    def _group(self, row: PersonRow, said: str) -> str | None:
        if not said:
            return None
        found = find_group(self.archive, said)
        if found is None:
            how = "Группы объявляют в records/organization.yaml (groups)."
            self._unknown(row, "group", "группы", said, how, self.archive.groups)
        return found

    def _unknown(  # noqa: PLR0913 - what such a finding says
        self, row: PersonRow, at: str, what: str, said: str, how: str, known: Iterable[str]
    ) -> None:
        hint = suggest(said, known)
        self.telling.tell(
            codes.LIST_WORD_UNKNOWN, row, at, what=what, value=said, how=how, may_be=hint
        )

    def _find_study(
        self, row: PersonRow, folder: Folder, program: Program | None
    ) -> FolderStudy | None:
        """Return the enrolment that the row is about, if it is there."""
        own = _studies_of(folder, program)
        start = row.days.get("start")
        edition = self._said_edition(row)
        if start is not None:
            same = [each for each in own if each.start == start]
            if edition is not None and len(same) > 1:
                same = [each for each in same if each.edition == edition]
            return same[0] if same else None
        going = [each for each in own if each.ended is None] or own
        if edition is not None:
            going = [each for each in going if each.edition == edition] or going
        return going[-1] if len(going) == 1 else None

    def _said_edition(self, row: PersonRow) -> int | None:
        said = row.said.get("edition", "")
        found = re.search(r"[1-9][0-9]*", said)
        return int(found[0]) if found else None

    def _enrol(
        self,
        row: PersonRow,
        folder: Folder,
        program: Program | None,
        group: str | None,
        contract: str | None,
    ) -> FolderStudy | None:
        start, edition = row.days.get("start"), self._said_edition(row)
        if program is not None and edition is None and start is not None:
            edition = edition_on(self.archive, program, start)
        if "start" in row.unread or self._is_unclear(row, folder, program):
            return None
        told: dict[str, object] = {"программа": program, "первый день": start}
        if program is not None and start is not None:
            told["редакция"] = edition
        lacks = [word for word, value in told.items() if value is None]
        if lacks or program is None or edition is None or start is None:
            self._tell_lacking(row, lacks)
            return None
        if program.edition(edition) is None:
            numbers = [str(each.edition) for each in program.editions]
            what, how = f"редакции программы «{program.title}»", "Редакции нумеруются."
            self._unknown(row, "edition", what, str(edition), how, numbers)
            return None
        self._tell_twice(row, folder, program)
        entry = folder.add(
            "enrolments", "e",
            {
                "program": program.code, "edition": edition, "group": group,
                "form": row.said.get("form"), "contract": contract or row.said.get("contract_id"),
                "start": start, "planned_end": row.days.get("planned_end"),
            },
        )  # fmt: skip
        study = FolderStudy(entry["id"], program.code, edition, start, group, fresh=entry)
        folder.studies.append(study)
        text = compose_enrolment(start, program.title, group)
        self._order(row, folder, study, StudyAct(_ENROLLING, "order", text, start, entry))
        return study

    def _tell_lacking(self, row: PersonRow, lacks: Iterable[str]) -> None:
        if not self.wish.updates:
            missing = intake_codes.EXPORT_FIELD_MISSING
            self.telling.tell(missing, row, what=", ".join(lacks))
            return
        titles = [each.title for each in self.archive.programs.values()]
        for what in lacks:
            at, wanted = _NEEDED[what]
            wanted += _listed(titles) if at == "program" else ""
            self.telling.tell(codes.LIST_STUDY_INCOMPLETE, row, at, what=what, wanted=wanted)

    def _is_unclear(self, row: PersonRow, folder: Folder, program: Program | None) -> bool:
        """Tell a row that moves or ends one study of several and does not say which."""
        if row.days.get("start") is not None or not row.days.keys() & {"moved", "ended"}:
            return False
        own = _studies_of(folder, program)
        what = "у обучающегося их несколько" if own else "такого обучения в архиве нет"
        starts = _listed(f"{each.start:%d.%m.%Y}" for each in own)
        self.telling.tell(codes.LIST_STUDY_UNKNOWN, row, "start", what=what, may_be=starts)
        return True

    def _tell_twice(self, row: PersonRow, folder: Folder, program: Program) -> None:
        for each in folder.studies:
            if each.program == program.code and each.ended is None and each.entry is not None:
                self.telling.tell(
                    codes.LIST_STUDIES_TWICE, row, "start",
                    student=folder.student.id, program=program.title,
                    day=f"{each.start:%d.%m.%Y}", entry=each.id,
                )  # fmt: skip

    def _complete_study(
        self, row: PersonRow, folder: Folder, study: FolderStudy, contract: str | None
    ) -> bool:
        """Fill in what a known enrolment lacks; tell what stands there otherwise."""
        edition = self._said_edition(row)
        if edition is not None and edition != study.edition:
            self.telling.tell(
                codes.LIST_ALREADY_DIFFERS, row, "edition",
                what=f"редакция программы у {study.id}", known=study.edition,
            )  # fmt: skip
        if not self.wish.updates:
            return False
        wanted = {
            "form": row.said.get("form"),
            "planned_end": row.days.get("planned_end"),
            "contract": contract,
        }
        changed = False
        for key, value in wanted.items():
            if value is None:
                continue
            text = value.isoformat() if isinstance(value, dt.date) else value
            if study.fresh is not None:
                changed = changed or key not in study.fresh
                study.fresh.setdefault(key, text)
            elif getattr(study.entry, key) is None:
                self._set_study(folder, study, key, text)
                changed = True
        return changed

    def _set_study(self, folder: Folder, study: FolderStudy, key: str, value: object) -> None:
        at = next(n for n, each in enumerate(folder.student.enrolments) if each is study.entry)
        folder.sets[f"{folder.student.folder}/enrolments.yaml", f"/enrolments/{at}/{key}"] = value

    def _move(self, row: PersonRow, folder: Folder, study: FolderStudy, group: str | None) -> bool:
        day = row.days.get("moved")
        if group is None or (not self.wish.updates and day is None):
            return False
        if day is None or day <= study.start:
            last = _group_at(folder, study, dt.date.max)
            if group in {study.group, last}:
                return False
            if study.group is None and study.entry is not None and not folder.moves:
                self._set_study(folder, study, "group", group)
                return True
            self.telling.tell(
                codes.LIST_TRANSFER_UNDATED, row, "group", group=group, known=last or "нет"
            )
            return False
        if _group_at(folder, study, day) == group:
            return False
        entry = folder.add("transfers", "t", {"enrolment": study.id, "date": day, "group": group})
        folder.moves.append(Transfer(id=entry["id"], enrolment=study.id, date=day, group=group))
        text = compose_transfer(day, group)
        self._order(row, folder, study, StudyAct(_MOVING, "move_order", text, day, entry))
        return True

    def _end(self, row: PersonRow, folder: Folder, study: FolderStudy) -> bool:
        day = row.days.get("ended")
        if day is None:
            return False
        said = cells.folded(row.said.get("reason", ""))
        reason = next((each for each in REASONS if said and each.startswith(said[:5])), None)
        if study.ended is not None:
            if study.ended != day:
                self.telling.tell(
                    codes.LIST_ALREADY_DIFFERS, row, "ended",
                    what=f"окончание {study.id}", known=f"{study.ended:%d.%m.%Y}",
                )  # fmt: skip
            return False
        if reason is None:
            self.telling.tell(codes.LIST_REASON_MISSING, row, "reason", day=f"{day:%d.%m.%Y}")
            return False
        value = given({"date": day, "reason": reason, "moved_to": row.said.get("moved_to")})
        study.ended = day
        if study.fresh is not None:
            study.fresh["ended"] = value
        else:
            self._set_study(folder, study, "ended", value)
        program = self.archive.programs.get(study.program)
        title = program.title if program else study.program
        text = compose_end(day, reason, title)
        self._order(row, folder, study, StudyAct(_ENDING, "end_order", text, day, value))
        return True

    def _order(self, row: PersonRow, folder: Folder, study: FolderStudy, act: StudyAct) -> None:
        """Find the order of an act, or ask for one to be written."""
        entry_id = act.into.get("id", study.id)
        address = f"{folder.student.id}#{entry_id}"
        said = row.said.get(act.field, "")
        number, dated = (cells.order(said) if said else None) or ("", None)
        if said and not re.search(r"\d", number):
            wanted = "номер приказа, можно с днём: 18-к от 31.08.2026; или его файл: 2026/0018"
            self.telling.tell(codes.LIST_CELL_UNREADABLE, row, act.field, value=said, wanted=wanted)
            return
        if dated is None and act.field == "order":
            dated = row.days.get("order_date")
        found = self._named_orders(number, act, dated) if said else []
        if len(found) > 1:
            known = ", ".join(found)
            self.telling.tell(codes.LIST_ORDER_UNSURE, row, act.field, value=said, known=known)
        elif found:
            act.into["order"] = found[0]
            self.orders.name(found[0], address)
        elif said and (not self.wish.updates or re.fullmatch(r"20\d\d/\d{4,}", said)):
            how = "Приказы: папка records/orders; номер с бумаги — приказ напишет программа."
            self._unknown(row, act.field, "приказа", said, how, self.archive.orders)
        elif said or self.wish.writes_orders:
            if said:
                raw = re.split(r",? от ", said)[0]
                number = re.sub(r"\A(?:приказ\w*)?\s*(?:№|N)?\s*", "", raw, flags=re.IGNORECASE)
            self.deeds.append(OrderedDeed(act, address, number, dated))

    def _named_orders(self, number: str, act: StudyAct, dated: dt.date | None) -> list[str]:
        orders = self.archive.orders
        if (number, act.kind) not in self.found:  # a list names few orders, each in many rows
            self.found[number, act.kind] = find_order(orders, number, _KINDS_OF[act.kind])
        found = self.found[number, act.kind]
        if dated is not None:
            return [key for key in found if orders[key].date == dated]
        return [key for key in found if abs((orders[key].date - act.day).days) <= 183]

    def write_orders(self) -> None:
        """Write an order for each kind, and for each number that the list itself gives."""
        groups: dict[tuple[str, str, dt.date | None], list[OrderedDeed]] = {}
        for deed in self.deeds:
            key = (deed.act.kind, cells.folded(deed.number), deed.dated)
            groups.setdefault(key, []).append(deed)
        for (kind, _, dated), deeds in groups.items():
            first = min(deed.act.day for deed in deeds)
            day = dated or min(self.wish.today, first)
            signatory = signatory_on(self.archive, day)
            draft = OrderDraft(
                kind,
                day,
                signatory.staff if signatory else "",
                deeds[0].number,
                by_contract=all("contract" in deed.act.into for deed in deeds),
            )
            for deed in sorted(deeds, key=lambda each: each.act.text):
                draft.add(deed.act.text, deed.address)
            opened = self.orders.open(draft)
            for deed in deeds:
                deed.act.into["order"] = opened


_NEEDED = {
    "программа": ("program", "название или код программы"),
    "первый день": ("start", "первый день обучения: 01.09.2026"),
    "редакция": ("edition", "номер редакции программы"),
}
"""What an enrolment needs -> its field, and what may stand there."""


def _unquoted(text: str) -> str:
    """Return a text that a line to type can have in quotes."""
    return re.sub(r"[\"«»]", "", text)


def _listed(words: Iterable[str]) -> str:
    """Name what may stand in a cell, to join a hint; "" when there is nothing to name."""
    known = sorted(words)
    return f": {', '.join(known[:8])}{'…' if len(known) > 8 else ''}" if known else ""


def _studies_of(folder: Folder, program: Program | None) -> list[FolderStudy]:
    """Return the enrolments on the programme, or all where none is said."""
    return [each for each in folder.studies if program is None or each.program == program.code]


def _group_at(folder: Folder, study: FolderStudy, day: dt.date) -> str | None:
    own = Student(folder.student.id, transfers=tuple(folder.moves))
    entry = study.entry or Enrolment(
        id=study.id, program=study.program, edition=study.edition, start=study.start,
        group=study.group,
    )  # fmt: skip
    return group_on(own, entry, day)


def find_program(archive: Archive, said: str) -> Program | None:
    """Return the programme of this code or title, or the one that is also called so: in its file,
    or in the words by which a platform's layout names programmes."""
    word = bare_word(said)
    known = archive.programs.values()
    found = [each for each in known if word in (bare_word(each.code), bare_word(each.title))]
    if found:
        return found[0]
    also = {each.code for each in known if word in map(bare_word, each.other_names)}
    also |= {
        str(each.mark)
        for platform in archive.platforms.values()
        for layout in platform.exports
        for column in layout.fields
        for each in column.words
        if column.field == "program" and bare_word(each.text) == word
    }
    return archive.programs.get(also.pop()) if len(also) == 1 else None
