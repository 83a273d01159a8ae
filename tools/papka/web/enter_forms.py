"""*Внести*: a new record, one more entry, a correction, an end, as forms made from the schemas.

The fields, words and duties are those the terminal asks for. A form is looked at before it is saved
(field by field, and as lines of the files), and saved at once under the key of who enters. What
somebody else changed in the record meanwhile is told at its field and never overwritten.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from papka.core.cells import moment
from papka.core.errors import NotFound, PapkaError, Refused
from papka.core.findings import Finding, Severity
from papka.core.phrases import suggest
from papka.core.places import is_student_id
from papka.core.snapshot import bytes_of
from papka.desk import command_end, entries, new_records
from papka.desk.command_end import WriteStep, Written, write
from papka.desk.filling import Filling
from papka.desk.form_model import (
    FormBox,
    FormLayout,
    FormLine,
    FormPart,
    flatten,
    lines_of,
    name_at,
    read_form,
)
from papka.desk.open_records import Desk, EntryKind, FoundEntry, find_entry, find_record
from papka.records.fields import BadAnswer
from papka.repository.commit_snapshots import CommitTree
from papka.repository.git_values import MAIN
from papka.repository.worktree import FolderTree
from papka.web.face import Face

FIELD, WAS = "f.", "w."
"""What the names of fields of the record begin with, and of what stood in them."""
SentFields = Mapping[str, str]


class ShownChange(NamedTuple):
    """A line of the preview."""

    title: str
    before: str
    after: str


@dataclass(slots=True)
class FormState:
    """A form as it is shown: its parts, questions besides the record's, and what is wrong.

    `shown` are fields that have a text, `emptied` those whose suggestion somebody took away.
    `notes` stop nothing.
    """

    parts: tuple[FormPart, ...] = ()
    extras: list[FormLine] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    emptied: frozenset[str] = frozenset()
    changes: list[ShownChange] = field(default_factory=list)

    @property
    def lines(self) -> list[FormLine]:
        return [*lines_of(self.parts), *self.extras]

    @property
    def shown(self) -> str:
        return " ".join(line.name for line in lines_of(self.parts) if line.text)

    @property
    def is_wrong(self) -> bool:
        return bool(self.troubles) or any(line.wrong for line in self.lines)

    def blame(self, wrong: Mapping[str, str]) -> None:
        """Put sentences at the fields they are about."""
        self.parts = tuple(_blame(part, wrong) for part in self.parts)


def _blame(part: FormPart, wrong: Mapping[str, str]) -> FormPart:
    if isinstance(part, FormBox):
        parts = tuple(_blame(each, wrong) for each in part.parts)
        is_wrong = any(line.wrong for line in lines_of(parts))
        is_rare = part.is_rare and not is_wrong
        return replace(part, parts=parts, is_open=part.is_open or is_wrong, is_rare=is_rare)
    said = " ".join(filter(None, (part.wrong, wrong.get(part.name, ""))))
    return replace(part, wrong=said, is_rare=part.is_rare and not said)


class FormOutcome(NamedTuple):
    """What came of a form: the addresses of what was saved, the commit, words about what is next.

    Without a commit it waits as a draft, or was so already.
    """

    names: tuple[str, ...]
    commit: str
    words: str = ""


def ask_more(  # noqa: PLR0913 - what a question is
    name: str,
    title: str,
    description: str,
    text: str = "",
    words: Mapping[str, str] | None = None,
    *,
    is_due: bool = False,
    is_choice: bool = False,
    is_date: bool = False,
) -> FormLine:
    """Make a question besides those of the schema."""
    return FormLine(
        name, title, description, (text,) if text else (), words or {},
        is_choice=is_choice, is_list=False, is_long=False, is_date=is_date, is_due=is_due,
    )  # fmt: skip


class RecordForm(ABC):
    """A form of one record: shown, read, judged, saved."""

    title: str
    filling: Filling

    def __init__(self, face: Face) -> None:
        self.face = face

    @abstractmethod
    def begin(self) -> FormState:
        """Return the form as it is first shown."""

    @abstractmethod
    def read(self, sent: SentFields, grown: str = "", *, is_sent: bool = True) -> FormState:
        """Return the form as it was sent; `is_sent`: all that is due must stand in it."""

    @abstractmethod
    def build(self, sent: SentFields) -> WriteStep:
        """Return the step of the form that was read. Raise PapkaError."""

    def save_step(self, sent: SentFields, *, dry_run: bool) -> tuple[Written | None, FormOutcome]:
        """Save, or only judge; return the judgement and what came of it."""
        actor, now = self.face.require_actor(), self.face.clock()
        step = self.build(sent)
        self._refuse_unsaved(step)
        written = write(self.face.root, step, now=now, saving=actor, dry_run=dry_run)
        commit = written.saved.commit if written.saved else None
        if not dry_run and not written.refused:
            command_end.answered(self.face.root, step.request)
        return written, FormOutcome(step.names, commit or "")

    def _refuse_unsaved(self, step: WriteStep) -> None:
        """Refuse to save over what somebody wrote into the same file, saved or not."""
        root = self.face.root
        tree, files = CommitTree(root, MAIN), FolderTree(root)
        for path, data in step.before.items():
            saved = bytes_of(tree, path)
            if data != saved and saved == bytes_of(files, path):
                raise Refused(
                    f"Пока вы сохраняли, {path} сохранил кто-то другой; ваше не записано",
                    "Посмотрите, что там теперь, и сохраните снова",
                )
            if data != saved:
                raise Refused(
                    f"В файле {path} лежит несохранённая правка",
                    "Сохраните её (papka save) или верните файл, каким он был, и повторите",
                )

    def judge(self, state: FormState, sent: SentFields) -> WriteStep | None:
        """Judge the form as it would be saved; what is wrong is told at its fields."""
        written, _ = self.save_step(sent, dry_run=True)
        if written is None:
            return None
        self.tell(state, written)
        return written.step

    def tell(self, state: FormState, written: Written) -> None:
        """Tell what the judge found: at fields what is about the files of the step."""
        names = [line.name for line in lines_of(state.parts)]
        wrong: dict[str, str] = {}
        for each in written.findings:
            own = each.where.path in written.step.after
            name = name_at(each.where.pointer, names) if own else ""
            if each.severity < Severity.ERROR:
                state.notes.append(_sentence(each))
            elif name:
                wrong[name] = " ".join(filter(None, (wrong.get(name, ""), _sentence(each))))
            else:
                state.troubles.append(_sentence(each))
        if wrong:
            state.blame(wrong)


def _sentence(finding: Finding) -> str:
    return ". ".join(filter(None, (finding.message, finding.hint)))


class FillingForm(RecordForm):
    """A record that is filled in from nothing: `new`, `add`, `end`."""

    def __init__(
        self,
        face: Face,
        title: str,
        filling: Filling,
        step: Callable[[SentFields], WriteStep],
        extras: Iterable[FormLine] = (),
    ) -> None:
        super().__init__(face)
        self.title, self.filling = title, filling
        self._step, self._extras = step, tuple(extras)

    def begin(self) -> FormState:
        self.filling.suggest()
        texts = flatten(self.filling.form, self.filling.record)
        return FormState(FormLayout(self.filling, texts).parts(), list(self._extras))

    def read(self, sent: SentFields, grown: str = "", *, is_sent: bool = True) -> FormState:
        given = _texts_of(sent)
        shown = sent.get("shown", "").split()
        emptied = {name for name in shown if not "".join(given.get(name, ())).strip()}
        emptied |= {*sent.get("emptied", "").split()}
        reading = read_form(self.filling, given, emptied)
        made = flatten(self.filling.form, self.filling.record)
        texts = {**made, **{name: text for name, text in given.items() if "".join(text).strip()}}
        parts = FormLayout(self.filling, texts, reading.wrong, grown, is_sent).parts()
        state = FormState(parts, _answered(self._extras, sent), emptied=frozenset(emptied))
        state.changes = [
            ShownChange(line.title, "", line.text) for line in state.lines if line.text.strip()
        ]
        return state

    def build(self, sent: SentFields) -> WriteStep:
        return self._step(sent)


def _texts_of(sent: SentFields) -> dict[str, tuple[str, ...]]:
    start = len(FIELD)
    return {name[start:]: (text,) for name, text in sent.items() if name.startswith(FIELD)}


def _answered(extras: Iterable[FormLine], sent: SentFields) -> list[FormLine]:
    return [replace(each, texts=(sent.get(each.name, "").strip(),)) for each in extras]


class NewStudentForm(FillingForm):
    """A new personal file: its number is taken where all computers see it."""

    def save_step(self, sent: SentFields, *, dry_run: bool) -> tuple[Written | None, FormOutcome]:
        if dry_run or not new_records.has_primary(self.filling):
            return super().save_step(sent, dry_run=dry_run)
        face = self.face
        reserved, written = new_records.save_student(
            self.filling, face.require_actor(), now=face.clock(), access=face.access
        )
        asked = new_records.request("student", self.filling)
        if written is not None:
            if not written.refused:
                command_end.answered(face.root, asked)
            saved = written.saved
            return written, FormOutcome(written.step.names, (saved and saved.commit) or "")
        if reserved.draft is None:
            raise Refused(
                f"Номер не занят: обмен с основным зеркалом остановлен. {reserved.reason}",
                "Разберитесь с обменом: papka sync",
            )
        command_end.answered(face.root, asked)
        words = (
            f"Номера пока нет: {reserved.reason}. Дело ждёт черновиком; номер получит papka sync"
        )
        return None, FormOutcome((reserved.draft,), "", words)

    def judge(self, state: FormState, sent: SentFields) -> WriteStep | None:
        alike = new_records.find_alike(self.filling)
        if alike:
            state.notes.append(
                f"Похоже, дело этого человека уже есть: {', '.join(alike)}. Имя и дата рождения те "
                "же или почти те же. Сохраняйте, только если это другой человек"
            )
        return super().judge(state, sent)


def new_form(face: Face, kind: str) -> RecordForm:
    """Begin a record of one of `new_records.KINDS`."""
    desk = Desk(face.root)
    filling = new_records.begin_record(desk, kind, staff=face.staff, today=face.today)
    title = f"Новое: {filling.form.title}"
    year = face.today.year

    def build(_: SentFields) -> WriteStep:
        number = new_records.next_student(desk, year) if kind == "student" else ""
        return new_records.build_record(filling, kind, number)

    make = NewStudentForm if kind == "student" else FillingForm
    return make(face, title, filling, build)


def add_form(face: Face, desk: Desk, kind: EntryKind) -> RecordForm:
    """Begin one more entry of a personal file."""
    filling = entries.fill_entry(desk, kind, staff=face.staff, today=face.today)
    name = desk.person.person.name.full if desk.person.person else ""
    extras = []
    if kind.by_period:
        known = desk.archive.periods
        going = {
            key: each.title for key, each in known.items() if key not in desk.archive.approvals
        }
        how = "Пусто — открытый период, в который попадает дата"
        extras.append(ask_more("period", "Период", how, words=going, is_choice=True))
    return FillingForm(
        face,
        f"{kind.form.title}: {name or desk.student}, {desk.student}",
        filling,
        lambda sent: entries.add_entry(filling, kind, period=sent.get("period") or None),
        extras,
    )


def end_form(face: Face, found: FoundEntry) -> RecordForm:
    """Begin the end of an entry that was in force."""
    filling = entries.fill_end(found, staff=face.staff, today=face.today)
    title = f"Закончить: {found.form.title}, {found.address}"
    return FillingForm(face, title, filling, lambda _: entries.end_entry(found, filling))


_TWICE = "duplicate_of"
"""A card that is given up for another has its own command, which moves the entries."""


class FixForm(RecordForm):
    """A correction: the entry as it stands, each field of which may get another value."""

    def __init__(self, face: Face, found: FoundEntry) -> None:
        super().__init__(face)
        self.found = found
        self.title = f"Исправить: {found.form.title}, {found.address}"
        self.filling = Filling(found.desk, found.form, face.staff, face.today)
        self.filling.filled = dict(found.value)
        self._fields = {name: each for name, each in entries.list_settable(found) if name != _TWICE}
        self._now = {
            name: text for name, text in flatten(found.form, found.value).items()
            if name in self._fields
        }  # fmt: skip
        self._changed: dict[str, str] = {}

    def begin(self) -> FormState:
        parts = tuple(self._keep(FormLayout(self.filling, self._now).parts()))
        return FormState(parts, list(self._extras()))

    def _keep(self, parts: Iterable[FormPart]) -> Iterator[FormPart]:
        """Yield the parts whose fields may be set."""
        for part in parts:
            if isinstance(part, FormLine):
                if part.name in self._fields:
                    yield part
            elif inside := tuple(self._keep(part.parts)):
                yield replace(part, parts=inside)

    def _extras(self) -> Iterator[FormLine]:
        found = self.found
        if entries.needs_correction_entry(found.form):
            yield ask_more("reason", "Почему прежнее неверно", "И чем это подтверждается")
        elif found.entry_id and not found.record and found.form.field("void") is not None:
            yield ask_more("reason", "Почему записи не должно быть", "Если она внесена ошибочно")
        if not found.record and found.kind in ("student", "representative"):
            how = "Если имя сменилось, а не описка: последний день прежнего имени"
            yield ask_more("until", "Прежнее имя действовало до", how, is_date=True)
        if found.entry_id and not found.record and found.form.field("void") is not None:
            how = "Записи не должно было быть: другой человек, внесена дважды. Она останется в деле"
            words = {"да": "внесена ошибочно"}
            yield ask_more("void", "Внесено ошибочно", how, words=words, is_choice=True)

    def read(self, sent: SentFields, grown: str = "", *, is_sent: bool = True) -> FormState:  # noqa: ARG002 - lists do not grow here
        texts = dict(self._now)
        wrong: dict[str, str] = {}
        self._changed = {}
        for name in self._fields:
            given = sent.get(FIELD + name)
            if given is None:
                continue
            now, was = "\n".join(self._now.get(name, ())), sent.get(WAS + name, "")
            given, was = _plain(given), _plain(was)
            if given in (was, now):
                continue
            if was != now:
                wrong[name] = (
                    f"Пока вы правили, здесь записали: {now or 'пусто'}. Ваше «{given}» не "
                    "записано; если верно оно, введите его снова"
                )
                continue
            self._changed[name] = given
            texts[name] = [given]
            wrong |= self._judge_text(name, given)
        parts = tuple(self._keep(FormLayout(self.filling, texts, wrong).parts()))
        state = FormState(parts, _answered(self._extras(), sent))
        for line in state.lines:
            if line.name in self._changed or (line.name == "void" and line.text):
                before = "\n".join(self._now.get(line.name, ()))
                state.changes.append(ShownChange(line.title, before, line.text))
        if is_sent and not state.changes and not wrong:
            state.troubles.append("Ничего не изменено")
        return state

    def _judge_text(self, name: str, text: str) -> dict[str, str]:
        if not text:
            return {name: "Убрать поле можно в редакторе; потом papka save"}
        try:
            entries.parse_changes(self.found, self._pairs(name, text))
        except BadAnswer as bad:
            return {name: str(bad).removeprefix(f"{name}: ")}
        except Refused as refused:
            return {name: f"{refused.message}. {refused.next_step}"}
        return {}

    def _pairs(self, name: str, text: str) -> list[str]:
        """Return what the command line would be told of a field."""
        lines = text.splitlines() if self._fields[name].is_list else [text]
        return [f"{name}={line}" for line in lines if line.strip()]

    def build(self, sent: SentFields) -> WriteStep:
        reason = sent.get("reason", "").strip()
        if sent.get("void"):
            if self._changed:
                raise Refused("Ошибочную запись отмечают целиком", "Верните прежние значения полей")
            if not reason:
                raise Refused("Не сказано, почему записи не должно быть", "Напишите причину")
            return entries.void_entry(self.found, reason, today=self.face.today)
        pairs = [pair for name, text in self._changed.items() for pair in self._pairs(name, text)]
        wanted = entries.parse_changes(self.found, pairs)
        if entries.sets_resit_date(wanted):
            reason = reason or entries.RESIT_REASON
        elif entries.needs_correction_entry(self.found.form) and not reason:
            raise Refused("Не сказано, почему прежнее неверно", "Напишите причину")
        said = sent.get("until", "").strip()
        until = moment(said, "ДД.ММ.ГГГГ") if said else None
        if said and until is None:
            raise Refused(f"«{said}» не читается как день", "День пишут так: 28.05.2026")
        return entries.fix_entry(
            self.found, wanted, reason=reason, until=until.date() if until else None
        )


def _plain(text: str) -> str:
    """Return a field's text without what sending a form does to it."""
    return text.replace("\r\n", "\n").strip()


class _FormPage:
    """One form and what may be done with it in one request."""

    def __init__(self, face: Face, form: RecordForm, sent: SentFields) -> None:
        self.face, self.form, self.sent = face, form, sent

    def answer(self) -> ResponseReturnValue:
        """Do what the pressed button says."""
        said = self.sent.get("do", "preview")
        word, _, grown = said.partition(":")
        if word == "save":
            return self._save()
        if word in ("more", "back"):
            return self.show(self.form.read(self.sent, grown, is_sent=False))
        return self._preview(self.form.read(self.sent))

    def show(self, state: FormState) -> str:
        """Show the form."""
        return render_template("record_form.html", form=self.form, state=state, was=WAS, name=FIELD)

    def _preview(self, state: FormState, ticket: str = "") -> str:
        """Show what would be saved; or the form again, with what is wrong."""
        step = None
        if not state.is_wrong:
            try:
                step = self.form.judge(state, self.sent)
            except (PapkaError, BadAnswer) as trouble:
                state.troubles.append(tell(trouble))
        if state.is_wrong or step is None:
            return self.show(state)
        return render_template(
            "record_preview.html", form=self.form, state=state, was=WAS, name=FIELD, sent=self.sent,
            differences=list(command_end.list_differences(step)),
            is_guarded=self.face.require_actor().signer.is_guarded,
            ticket=ticket or self.face.new_ticket(),
        )  # fmt: skip

    def _save(self) -> ResponseReturnValue:
        """Save what was shown, once."""
        ticket = self.sent.get("ticket", "")
        if self.face.outcome(ticket) is None:
            state = self.form.read(self.sent)
            if state.is_wrong:
                return self.show(state)
            try:
                self.face.do_once(ticket, lambda: self._finish(state))
            except (PapkaError, BadAnswer) as trouble:
                state.troubles.append(tell(trouble))
            if self.face.outcome(ticket) is None:
                return self.show(state)
        return redirect(url_for("enter.recorded", ticket=ticket), 303)

    def _finish(self, state: FormState) -> FormOutcome | None:
        written, done = self.form.save_step(self.sent, dry_run=False)
        if written is not None and written.refused:
            self.form.tell(state, written)
            return None
        return done


def tell(trouble: Exception) -> str:
    """Return a trouble in one line."""
    if isinstance(trouble, PapkaError):
        return f"{trouble.message}. {trouble.next_step}"
    return str(trouble)


def find_at(root: Path, address: str) -> FoundEntry:
    """Find an entry, a card, or a record of the school by its address. Raise NotFound."""
    student, _, entry = address.partition("#")
    if is_student_id(student):
        return find_entry(Desk(root, student), entry)
    found = find_record(Desk(root), address)
    if found is None:
        raise NotFound(f"Записи «{address}» нет", "Найдите человека или приказ и откройте оттуда")
    return found


def add_forms(pages: Blueprint, face: Face) -> None:
    """Add the pages of forms to those of entering."""

    def answer(form: RecordForm) -> ResponseReturnValue:
        page = _FormPage(face, form, request.form)
        return page.answer() if request.method == "POST" else page.show(form.begin())

    @pages.route("/enter/new/", methods=("GET", "POST"))
    def new() -> ResponseReturnValue:
        face.require_actor()
        kind = request.args.get("kind", "")
        if kind not in new_records.KINDS:
            raise NotFound(f"«{kind}» так не завести", suggest(kind, new_records.KINDS))
        return answer(new_form(face, kind))

    @pages.route("/enter/add/", methods=("GET", "POST"))
    def add() -> ResponseReturnValue:
        face.require_actor()
        desk, word = Desk(face.root, request.args.get("student", "")), request.args.get("kind", "")
        kinds = desk.kinds()
        if not word:
            return render_template("record_kinds.html", student=desk.student, kinds=kinds)
        if word not in kinds:
            raise NotFound(f"Вида записи «{word}» нет", suggest(word, kinds))
        return answer(add_form(face, desk, kinds[word]))

    @pages.route("/enter/fix/", methods=("GET", "POST"))
    def fix() -> ResponseReturnValue:
        face.require_actor()
        return answer(FixForm(face, find_at(face.root, request.args.get("address", ""))))

    @pages.route("/enter/end/", methods=("GET", "POST"))
    def end() -> ResponseReturnValue:
        face.require_actor()
        return answer(end_form(face, find_at(face.root, request.args.get("address", ""))))

    @pages.get("/enter/recorded/")
    def recorded() -> str:
        return render_template("recorded.html", done=face.outcome(request.args.get("ticket", "")))
