"""Print what one commit of the archive holds: a form for an address, as words, page and PDF.

The archive's own templates print it. A paper names the latest commit that changed anything it rests
on (records, schemas that judged them, templates), so an unrelated save changes no paper, and
printing at that very commit gives the same bytes. Unsaved edits, the clock and what was printed
before play no part. WeasyPrint is imported only when a page is really laid out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from papka.core.errors import NotFound, Refused
from papka.core.places import student_folder
from papka.core.snapshot import Part, Snapshot
from papka.desk.approval import SavedActs
from papka.paper.form import PrintedForm, State, View
from papka.paper.form_list import (
    PERSONAL_FILE,
    find_single,
    in_use,
    names,
    require_form,
    require_in_use,
    targets,
)
from papka.paper.html import SCHEME, TEMPLATES, assets, parts_of, render, standalone, take_parts
from papka.paper.personal_file import FileCase, contents, whole
from papka.paper.personal_file_layout import print_personal_file
from papka.paper.print_cache import PrintedDocument, PrintedFile, PrintOptions, file_name
from papka.paper.provenance import Provenance, Provenances
from papka.paper.result_tables import States
from papka.records.acts import RegisterEntry
from papka.records.archive import issued_to, load_part
from papka.records.choosing import PeopleFilter, choose_people
from papka.records.derived.approvals import approval_states
from papka.records.lazy_archive import ArchiveReader, Unreadable, drop_covered
from papka.records.schemas import SchemaSet
from papka.records.student import Person, Student, Volume
from papka.records.wording import day
from papka.repository.commit_snapshots import CommitTree, first_commit, read_commit
from papka.repository.git_values import Commit
from papka.repository.history import LastChanges, commit_before, newest_change
from papka.repository.rewritten_commits import as_signed

if TYPE_CHECKING:
    from papka.paper.own_forms import Flaw, OwnForm


def print_form(
    form: PrintedForm, state: State, address: str, *, templates: Snapshot, html: bool = False
) -> PrintedFile:
    """Print one form. Raise NotFound, PangoMissing, TemplateBroken, PrintFailed."""
    view = form.view(state, address)
    name = file_name(form.name, address)
    return print_view(form.stem, name, view, templates=templates, html=html)


def print_view(
    stem: str, name: str, view: View, *, templates: Snapshot, html: bool = False
) -> PrintedFile:
    """Lay out the words of a view by the template and style sheet at `stem` (`PrintedForm`).

    `name` is the file's, without its ending. Raise PangoMissing, TemplateBroken, PrintFailed.
    """
    files = assets(templates)
    template = f"{stem}.html.j2"
    page = render(templates, template, {"form": view})
    styles = tuple(
        name
        for name in (f"{SCHEME}{path}" for path in ("paper.css", "document.css", f"{stem}.css"))
        if name in files or name == f"{SCHEME}paper.css"
    )
    if html:
        return PrintedFile(f"{name}.html", standalone(page, styles, files).encode(), 0)
    from papka.paper import pdf  # imports WeasyPrint, which is slow or missing

    layout = pdf.lay_out(page, styles, files, f"templates/{template}")
    total = sha256(page.encode())
    for asset in sorted(files):
        total.update(files[asset])
    # The page's own moment: that of the state, but of an issued document its day.
    moment = dt.datetime.fromisoformat(view.page.created)
    data = layout.write((), moment, total.digest()[:16])
    return PrintedFile(f"{name}.pdf", data, layout.pages)


def find_undrawable(
    form: PrintedForm, state: State, address: str, *, templates: Snapshot
) -> tuple[str, ...]:
    """Fill in one form and list the characters its fonts lack. Raise TemplateBroken, Refused."""
    from papka.paper import font_characters  # imports fontTools, for issuing alone

    page = render(templates, form.template, {"form": form.view(state, address)})
    fonts = {name: data for name, data in assets(templates).items() if name.endswith(".ttf")}
    try:
        characters = font_characters.drawable(fonts)
    except font_characters.BadFont as error:
        raise Refused(
            f"{TEMPLATES}{error.name.removeprefix(SCHEME)}: это не шрифт",
            "Верните файл шрифта: papka upgrade",
        ) from error
    return font_characters.list_missing(page, characters) if fonts else ()


def as_last_bound(
    root: Path, tip: str, schemas: SchemaSet, student: Student
) -> tuple[Student, dict[str, RegisterEntry]]:
    """Return the file and its documents in the books as they stood when its last volume was bound.

    What they hold is not new since (R-6.5).

    The state is that of the commit which its sheets show, where the record says it; else of the
    latest commit made up to the end of that day, by the clock of who made it. Raise Refused when no
    volume is bound, or the history does not reach that day.
    """
    volumes = student.person.paper.shelf if student.person and student.person.paper else ()
    if not volumes:
        raise Refused(
            f"В деле {student.id} нет прошитых томов: новых листов не бывает без старых",
            "Напечатайте дело целиком, без --new-sheets; прошитое записывает papka bind",
        )
    last = volumes[-1]
    ended = dt.datetime.combine(last.bound, dt.time.max)
    commit = _find_shown(root, last) or commit_before(root, tip, ended)
    if commit is None:
        raise Refused(
            f"В истории архива нет состояния на {day(last.bound)}, когда прошит последний том",
            "Напечатайте дело целиком, без --new-sheets",
        )
    tree = CommitTree(root, commit)
    folder = Part(tree, student_folder(student.id))
    # by the salt it is known which of its results were approved
    paths = [path for path in folder.paths() if path.endswith((".yaml", "/.salt"))]
    found = load_part(folder.read_many(paths), schemas)
    books = issued_to(ArchiveReader(tree, schemas).archive(set()), student.id)
    return found.students.get(student.id, Student(student.id)), books


def _find_shown(root: Path, volume: Volume) -> str | None:
    """Return the commit that the sheets of a bound volume show, None where it is not known here."""
    try:
        return read_commit(root, volume.head).id if volume.head else None
    except NotFound:
        return None


_SCHEMAS, _TEMPLATES = "schema", "templates"
_ROUNDS = 5


class Targets(NamedTuple):
    """Addresses in the form's own order; `troubles` are files that may hide more of them."""

    addresses: tuple[str, ...]
    troubles: Mapping[str, Unreadable]


class _FileHistory(NamedTuple):
    student: Student
    person: Person
    earlier: Student | None
    earlier_issued: Mapping[str, RegisterEntry]
    states: States
    origins: Provenance


class Press:
    """Prints what is saved at one commit.

    `many`: history is walked once for all papers instead of searched for each.
    """

    def __init__(
        self, root: Path, tree: CommitTree, options: PrintOptions, *, many: bool = False
    ) -> None:
        self._root = root
        self._tree = tree
        self._options = options
        self._newest = LastChanges(root, tree.commit) if many else None
        self._acts = SavedActs(root, tree.commit)
        self._forms: dict[str, tuple[tuple[str, ...], Snapshot]] = {}

    def forms(self) -> tuple[str, ...]:
        """Return names of the forms in use. Raise NotAnArchive."""
        return in_use(self._records.archive(set()), self.own)

    @cached_property
    def own(self) -> dict[str, PrintedForm]:
        """The forms of the school's own, by name."""
        from papka.paper.own_forms import make_forms, values_at

        return make_forms(self._own[0], partial(values_at, self._root))

    @property
    def flaws(self) -> dict[str, Flaw]:
        """Name of a form of the school's own that cannot be used -> the reason."""
        return self._own[1]

    @cached_property
    def _own(self) -> tuple[dict[str, OwnForm], dict[str, Flaw]]:
        from papka.paper.own_forms import read_own_forms  # no personal file needs it

        return read_own_forms(Part(self._tree, _TEMPLATES), names())

    def require(self, form: str) -> None:
        """Raise NotFound for a form there is not, FormBroken for one that cannot be used."""
        if form != PERSONAL_FILE and form in self.flaws:
            from papka.paper.own_forms import FormBroken

            raise FormBroken(form, self.flaws[form])
        require_form(form, self._own_for(form))

    def _own_for(self, form: str) -> dict[str, PrintedForm]:
        """Return the forms of the school's own; none for the personal file, which is not theirs."""
        return {} if form == PERSONAL_FILE else self.own

    def targets(self, form: str) -> Targets:
        """Return every address of the form. Raise NotFound, FormBroken, Refused, NotAnArchive."""
        self.require(form)
        troubles: dict[str, Unreadable] = {}
        records = ArchiveReader(self._tree, self._schemas, self._options.on, troubles=troubles)
        archive = records.archive(set())
        require_in_use(form, archive, self._own_for(form))
        return Targets(targets(form, archive, self._own_for(form)), troubles)

    def choose(self, wanted: PeopleFilter, on: dt.date) -> frozenset[str]:
        """Return the students who fit a choice on a day. Raise NotFound, NotAnArchive."""
        records = ArchiveReader(self._tree, self._schemas, self._options.on, troubles={})
        return frozenset(
            each.student.id for each in choose_people(records.archive(set()), wanted, on)
        )

    def press(self, form: str, address: str) -> PrintedDocument:
        """Print the paper now.

        Raise NotFound, FormBroken, Refused for a form not in use, Unreadable, PangoMissing,
        TemplateBroken, PrintFailed.
        """
        self.require(form)
        consulted: set[str] = set()
        require_in_use(form, self._records.archive(consulted), self._own_for(form))
        parts, templates = self._read_form(form)
        consulted.update(parts, (_SCHEMAS,))
        self._rehearse(form, address, consulted)
        for _ in range(_ROUNDS):
            rests_on = drop_covered(consulted)
            commit = self._find_latest(rests_on)
            state = self._make_state(commit, consulted, form)
            files = self._print(form, state, address, templates, consulted)
            if set(drop_covered(consulted)) <= set(rests_on):
                ids = {path: self._tree.id_of(path) for path in rests_on}
                return PrintedDocument(files, commit.id, ids)
        raise Refused(
            f"Форма {form} для «{address}» каждый раз опирается на другие записи",
            "Это ошибка программы: сообщите разработчикам",
        )

    @cached_property
    def _schemas(self) -> SchemaSet:
        return SchemaSet.load(Part(self._tree, _SCHEMAS))

    @cached_property
    def _first(self) -> str:
        return first_commit(self._root, self._tree.commit)

    @cached_property
    def _provenances(self) -> Provenances:
        many = self._newest is not None
        return Provenances(self._root, self._tree.commit, self._tree, self._schemas, many=many)

    @cached_property
    def _records(self) -> ArchiveReader:
        return ArchiveReader(self._tree, self._schemas, self._options.on, stood=self._acts)

    def _read_form(self, form: str) -> tuple[tuple[str, ...], Snapshot]:
        if form not in self._forms:
            templates = Part(self._tree, _TEMPLATES)
            single = self._find_form(form)
            parts = parts_of(templates, single.folder if single else form)
            self._forms[form] = parts, take_parts(templates, parts)
        return self._forms[form]

    def _rehearse(self, form: str, address: str, consulted: set[str]) -> None:
        """Word the paper, to see what it will rest on; nothing is drawn or laid out."""
        state = self._make_state(self._tree.state, consulted, form)
        single = self._find_form(form)
        if single is not None:
            single.view(state, address)
            return
        history = self._read_history(state, address, consulted)
        if history is not None:
            case = FileCase(
                state, history.student, history.person, history.earlier, history.states,
                history.earlier_issued,
            )  # fmt: skip
            whole(case, contents(case), {}, history.origins)

    def _print(
        self, form: str, state: State, address: str, templates: Snapshot, consulted: set[str]
    ) -> tuple[PrintedFile, ...]:
        single, html = self._find_form(form), self._options.html
        if single is not None:
            if self._options.duplex or self._options.new_sheets or self._options.rebind:
                raise Refused(
                    "Ключи --duplex, --new-sheets и --rebind — только для личного дела",
                    "Напечатайте эту форму без них",
                )
            return (print_form(single, state, address, templates=templates, html=html),)
        history = self._read_history(state, address, consulted)
        return print_personal_file(
            state.archive,
            Part(self._tree, history.student.folder if history else _TEMPLATES),
            address,
            templates=templates,
            as_of=state.as_of,
            commit=state.commit,
            on=self._options.on,
            turn=self._options.turn,
            html=html,
            duplex=self._options.duplex,
            earlier=history.earlier if history else None,
            earlier_issued=history.earlier_issued if history else None,
            provenance=history.origins if history else None,
            states=history.states if history else None,
        )

    def _read_history(self, state: State, address: str, consulted: set[str]) -> _FileHistory | None:
        """Return what history tells of a personal file; None when there is no readable card."""
        student = state.archive.students.get(address)
        if student is None or student.person is None:
            return None
        self._require_unbound(student)
        list(state.archive.approvals)  # whatever is approved later changes the paper
        tip = self._tree.commit
        earlier, books = None, dict[str, RegisterEntry]()
        if self._options.new_sheets:
            earlier, books = as_last_bound(self._root, tip, self._schemas, student)
        return _FileHistory(
            student,
            student.person,
            earlier,
            books,
            approval_states(state.archive, student),
            self._provenances.of(state.archive, student, state.commit or tip, consulted),
        )

    def _require_unbound(self, student: Student) -> None:
        """Raise Refused where a print would stand beside sheets that are bound and signed."""
        shelf = student.person.paper.shelf if student.person and student.person.paper else ()
        options = self._options
        if options.rebind and (options.new_sheets or not shelf):
            raise Refused(
                "Ключи --rebind и --new-sheets вместе не имеют смысла"
                if shelf
                else f"В деле {student.id} нет прошитых томов: перешивать нечего",
                "Всё заново — один --rebind, только новое — один --new-sheets; не прошитое "
                "печатают без них",
            )
        if shelf and not (options.rebind or options.new_sheets or options.html):
            last = shelf[-1]
            raise Refused(
                f"Дело {student.id} прошито: том {last.volume}, {day(last.bound)}. Второго такого "
                "же листа печатать нельзя: прошитое подписано",
                "Только новые листы, следующим томом — --new-sheets; перешить дело заново — "
                "--rebind; прочитать — --html",
            )

    def _find_form(self, form: str) -> PrintedForm | None:
        return find_single(form, self._own_for(form))

    def _make_state(self, commit: Commit, consulted: set[str], form: str) -> State:
        moment, on = commit.committer.moment, self._options.on
        archive = self._records.archive(consulted)
        single = self._find_form(form)
        root = self._first if single and single.is_of_proof else None
        return State(
            archive, moment, on or moment.date(), commit.id,
            is_past=on is not None, root=root, turn=self._options.turn,
        )  # fmt: skip

    def _find_latest(self, rests_on: tuple[str, ...]) -> Commit:
        if self._newest is not None:
            found = self._newest.change(rests_on)
        else:
            found = newest_change(self._root, rests_on, self._tree.commit)
        commit = self._tree.commit_of(found or self._tree.commit)
        return as_signed(self._root, self._tree.commit, commit)
