"""Whole screens of commands, word for word as a person sees them, and the exit code of each.

`screens/*.txt` were read by a person; --update-snapshots accepts a change that was looked at. What
differs from run to run or with any new file of the good archive (the folder, ids of commits, keys,
how many files were checked) is masked.
"""

from __future__ import annotations

import importlib.util
import io
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from papka import cli
from papka.cli.explain import CATALOGUE
from papka.cli.main import _PLACES, SECTIONS, tree
from papka.cli.options import use_russian
from papka.repository.signing import generate_key
from tests.support.archives import PROJECT, restricted
from tests.support.command import Ran, papka
from tests.support.histories import git
from tests.support.school import STUDENT, Archive, add_correction, copied
from tests.support.taking import aglaya, emil, gradebook, row
from tests.support.terminal import Terminal
from tests.support.workbooks import xlsx

SCREENS = Path(__file__).parent / "screens"
ID = "2026-0001"
NOTICES = f"{STUDENT}/notices.yaml"
RESULTS = f"{STUDENT}/results/2026-1.yaml"
CARD = f"{STUDENT}/student.yaml"
pytestmark = pytest.mark.usefixtures("plain_screen")


class Screens:
    """What was typed and what came, ready to be compared with the snapshot of a name."""

    def __init__(self, root: Path, config: pytest.Config) -> None:
        self.root, self.lines = root, list[str]()
        self.update = config.getoption("--update-snapshots")

    def type(self, *words: str | Path) -> int:
        return self._note_ran(words, papka(*words, "-C", self.root))

    def type_outside(self, *words: str | Path) -> int:
        """A command that is told of no archive."""
        return self._note_ran(words, papka(*words))

    def _note_ran(self, words: Sequence[str | Path], ran: Ran) -> int:
        self.note(f"$ papka {' '.join(map(str, words))}", ran.out, ran.err, f"[{ran.code}]")
        return ran.code

    def note(self, *texts: str) -> None:
        self.lines += [line.rstrip() for text in texts for line in self._masked(text).splitlines()]
        self.lines.append("")

    def _masked(self, text: str) -> str:
        text = text.replace(str(self.root), "АРХИВ").replace(str(self.root.parent), "РЯДОМ")
        text = re.sub(r"SHA256:[\w+/]{43}", "SHA256:…", text)
        text = re.sub(r"\b[0-9a-f]{40}\b", "<запись>", text)
        text = re.sub(r"(?<!/)\b[0-9a-f]{12}\b(?!\.)", "<начало ид>", text)
        text = re.sub(r"\d+ файл\w*, (?=\d+ личн)", "… файлов, ", text)
        text = re.sub(r"\b([0-9a-f]{8} ){3,7}[0-9a-f]{8}\b", "<отпечаток>", text)
        text = re.sub(r"(<начало ид> +)[\d.]{10} [\d:]{5}", r"\1<когда>", text)
        text = re.sub(r"(?<=принята )[\d.]{10}|(?<=выгрузка от )[\d.]{10}", "<день>", text)
        text = re.sub(r'(?<="time": ")[^"]+', "<когда>", text)
        text = re.sub(r"(?<=по акту 0001 от )[\d-]{10}", "<день>", text)
        return re.sub(r'("files": )\d+', r"\1…", text)


def compare(seen: Screens, name: str) -> None:
    """All that was typed and came is what stands in the snapshot."""
    path = SCREENS / f"{name}.txt"
    if seen.update:
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(seen.lines), "utf-8")
    assert seen.lines == path.read_text("utf-8").split("\n")


@pytest.fixture
def screens(built_archive: Archive, pytestconfig: pytest.Config) -> Screens:
    """Of an archive that is read only."""
    return Screens(built_archive.root, pytestconfig)


@pytest.fixture
def changing(archive: Archive, pytestconfig: pytest.Config) -> Screens:
    """Of an archive of one's own."""
    return Screens(archive.root, pytestconfig)


def commands(found: click.Command, path: Sequence[str]) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), found
    if isinstance(found, click.Group):
        for name, inner in found.commands.items():
            yield from commands(inner, [*path, name])


def test_every_command_explains_itself(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each module is executed anew, so that what it says is what stands in it now."""
    monkeypatch.chdir(tmp_path)
    use_russian()
    seen = Screens(PROJECT, pytestconfig)
    with click.Context(tree, info_name="papka") as top:
        seen.note("# papka", tree.get_help(top))
        for name in [name for _, inside in SECTIONS for name, _ in inside]:
            module, attribute = _PLACES.get(name, (name, "command"))
            file = Path(cli.__file__).parent / f"{module}.py"
            spec = importlib.util.spec_from_file_location(f"papka.cli.{module}", file)
            assert spec is not None
            assert spec.loader is not None
            anew = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(anew)
            for path, command in commands(getattr(anew, attribute), [name]):
                with click.Context(command, top, path) as context:
                    context.terminal_width = 110
                    if not command.hidden:
                        seen.note(f"# {path}", command.get_help(context))
    compare(seen, "help")


def test_fields_of_a_record_in_help(screens: Screens) -> None:
    for words in (
        ("add", "--help"),
        ("add", ID),
        ("add", ID, "--help"),
        ("add", ID, "notice", "--help"),
        ("add", ID, "document", "--help"),
        ("add", ID, "result", "--help"),
        ("new", "event", "--help"),
        ("new", "student", "--help"),
        ("end", f"{ID}#e1", "--help"),
        ("end", f"{ID}#l1", "--help"),
    ):
        screens.type(*words)
    compare(screens, "fields")


def test_finding(screens: Screens) -> None:
    for words in (
        (),
        ("гитара",),
        ("абрикосова",),
        ("2026/0002",),
        ("у-2026",),
        ("справка", "абрикосова"),
        ("абрикозова",),
        ("абрикосова", "сертификат"),
        ("мельница", "лодка"),
        ("классная",),
        ("чайкин",),
        ("чайкин", "абрикосова"),
        ("чайкин", "мельница"),
        ("гитара", "--format", "json"),
        ("мельница", "--format", "json"),
    ):
        screens.type("find", *words)
    compare(screens, "find")


def test_finding_where_files_cannot_be_read(archive: Archive, pytestconfig: pytest.Config) -> None:
    seen = Screens(archive.root, pytestconfig)
    archive.edit(CARD, "sex: женский", "sex: [")
    seen.type("find", "абрикосова")
    seen.type("find", ID)
    archive.write("records/programs/guitar.yaml", "code: [\n")
    seen.type("find", "гитара")
    shutil.rmtree(archive.root / "records" / "students")
    seen.type("find")
    seen.type("find", "кто", "--format", "json")
    compare(seen, "find-unread")


def test_showing(screens: Screens) -> None:
    for words in (
        (ID, "--on", "2026-11-20"),
        (ID, "--on", "01.06.2026", "--rev", "HEAD"),
        (ID, "--on", "2026-11-20", "--format", "json"),
        (f"{ID}#r1",),
        (f"{ID}#r3", "--why"),
        (f"{ID}#e1", "--rev", "HEAD"),
        (f"{ID}#e1", "--why"),
        (f"{ID}#r3", "--why", "--format", "json"),
        (f"{ID}#l1",),
        (f"{ID}#c1",),
        (f"{ID}#k1", "--why"),
        (f"{ID}#p1",),
        ("У-2026-0001",),
        ("У-2026-0001", "--why"),
        (f"{ID}#r9",),
        (f"{ID}#r1", "--on", "2026-11-20"),
        (ID, "--why"),
        ("2026-0011",),
        ("2026/0001",),
        ("Абрикосова",),
        (ID, "--on", "вчера"),
        (ID, "--rev", "нет"),
    ):
        screens.type("show", *words)
    compare(screens, "show")


def test_showing_what_is_not_saved(archive: Archive, pytestconfig: pytest.Config) -> None:
    seen = Screens(archive.root, pytestconfig)
    add_correction(archive)
    archive.edit(f"{STUDENT}/awards.yaml", "activity: творческая", "activity: [")
    seen.type("show", ID, "--on", "2026-11-20")
    seen.type("show", f"{ID}#r4", "--why")
    seen.type("show", f"{ID}#r3", "--why")
    compare(seen, "show-unsaved")


def test_showing_the_restricted_twin(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    for path, data in restricted().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    seen = Screens(tmp_path, pytestconfig)
    seen.type("find")
    students = sorted(path.name for path in (tmp_path / "records" / "students").glob("*/*"))
    for number in students[:2]:
        seen.type("show", number, "--on", "2026-11-20")
    seen.type("show", students[0], "--on", "2026-11-20", "--format", "json")
    compare(seen, "restricted")


def test_adding(changing: Screens) -> None:
    notice = ("--about", "успеваемость", "--channel", "лично", "--told", "p1")
    mark = ("--kind", "учебный", "--origin", "текущий контроль", "--control", "текущий",
            "--part", "техника", "--mark", "5")  # fmt: skip
    scan = changing.root.parent / "скан.pdf"
    scan.write_bytes(b"%PDF-1.7\nplain\n%%EOF\n")
    paper = ("--kind", "справка", "--title", "Справка", "--medium", "только файл")
    for words in (
        (ID, "notice", *notice, "--date", "2026-06-01", "-n"),
        (ID, "notice", *notice, "--date", "2026-06-01"),
        (ID, "notice", *notice, "--date", "2026-06-01"),
        (ID, "notice", *notice[:-1], "p9", "--date", "2026-06-01"),
        (ID, "notice", "--date", "2026-06-01"),
        (ID, "notice", "--about", "успеваемасть"),
        (ID, "notice", "--date", "31.09.2026"),
        (ID, "notice", "--chanel", "лично"),
        (ID, "result", *mark, "--date", "2026-10-01", "--as", "s002"),
        (ID, "result", *mark, "--date", "2026-05-05"),
        (ID, "result", *mark, "--date", "2026-10-01", "--period", "2026-3"),
        (ID, "result", "--kind", "личностный", "--date", "2026-10-01"),
        (ID, "result", "--resits", "r3", "--mark", "5", "--date", "2026-10-01", "-n"),
        (ID, "document", *paper, "--file", scan, "-n"),
        (ID, "document", *paper, "--file", changing.root / "README.md"),
        (ID, "document", *paper, "--file", changing.root / "нет.pdf"),
        (ID, "lending", "--date", "2026-11-01", "--taken-by", "Б. Б. Чайкин, инспектор"),
        (ID, "enrolment", "--program", "guitar", "--start", "2026-09-01", "-n"),
        (ID, "enrolment", "--program", "gitar", "--start", "2026-09-01"),
        (ID, "notise"),
        ("notise",),
        ("2026-0009", "notice", *notice, "--date", "2026-06-01"),
        ("Абрикосова", "notice", *notice),
        (ID, "notice", *notice, "--date", "2026-06-02", "--save", "--as", "s002"),
        (ID, "notice", *notice, "--date", "2026-06-03", "--save", "--as", "s009"),
    ):
        changing.type("add", *words)
    compare(changing, "add")


def test_fixing_and_ending(changing: Screens) -> None:
    why = ("--reason", "Описка при вводе")
    for words in (
        ("fix", f"{ID}#r3", "mark=5"),
        ("fix", f"{ID}#r3", "mark=5", *why, "-n"),
        ("fix", f"{ID}#r3", "mark=5", *why),
        ("fix", f"{ID}#r3", "mark=5", *why),
        ("fix", f"{ID}#r3", "mark=3", *why),
        ("fix", f"{ID}#r4", "mark=5", *why),
        ("fix", f"{ID}#r4", "marc=5", *why),
        ("fix", f"{ID}#r4", "mark", *why),
        ("fix", f"{ID}#r4", "mark=", *why),
        ("fix", f"{ID}#r4", "id=r7", *why),
        ("fix", f"{ID}#r4", "reason=так", *why),
        ("fix", f"{ID}#r2", "shows.1.level=да", "text=Выступала.", *why),
        ("fix", f"{ID}#r2", "shows.2.level=да", *why),
        ("fix", f"{ID}#r9", "mark=4", *why),
        ("fix", f"{ID}#d2", "sheets=2", *why),
        ("fix", f"{ID}#d2", "sheets=2"),
        ("fix", f"{ID}#d2", "sheets=2"),
        ("fix", f"{ID}#d2", "sheets=два"),
        ("fix", f"{ID}#d1", "file=42a92e4f5bf3.pdf"),
        ("fix", f"{ID}#n1", "about=всё"),
        ("fix", f"{ID}#n1", "about=успеваемость", "about=задолженности"),
        ("fix", f"{ID}#c1", "revoked.date=2026-05-05"),
        ("fix", ID, "name.surname=Лунная", "--until", "01.03.2026", "-n"),
        ("fix", ID, "phone=+70000000002", "--until", "01.03.2026"),
        ("fix", ID, "surname=Абрикосава"),
        ("fix", ID, "phone=+70000000002", "--save", "--as", "s002"),
        ("fix", "2026-0009#r3", "mark=4"),
        ("end", f"{ID}#e1", "--date", "25.11.2026"),
        ("end", f"{ID}#e1", "--date", "25.11.2026", "--reason", "завершение", "-n"),
        ("end", f"{ID}#e1", "--date", "25.11.2026", "--reason", "завершение"),
        ("end", f"{ID}#e1", "--date", "25.11.2026", "--reason", "завершение"),
        ("end", f"{ID}#e1", "--date", "26.11.2026", "--reason", "завершение"),
        ("end", f"{ID}#e1", "--date", "26.11.2026", "--reason", "так"),
        ("end", f"{ID}#c1", "--date", "2026-11-02"),
        ("end", f"{ID}#l1", "--date", "2026-03-01"),
        ("end", f"{ID}#r1", "--date", "2026-03-01"),
        ("end", f"{ID}#e9", "--date", "2026-03-01"),
        ("end", ID),
    ):
        changing.type(*words)
    compare(changing, "fix-end")


def test_what_a_new_name_leaves_behind(archive: Archive, pytestconfig: pytest.Config) -> None:
    archive.edit(CARD, "  given: Аглая\n", "  given: Аглая\n  dative: Абрикосовой Аглае\n")
    seen = Screens(archive.root, pytestconfig)
    seen.type("fix", ID, "surname=Лунная", "--until", "2026-03-01")
    seen.type("fix", ID, "surname=Лунная", "dative=Лунной Аглае", "--until", "2026-03-01", "-n")
    compare(seen, "fix-name")


def test_beginning_new_records(changing: Screens) -> None:
    order = ("--kind", "зачисление", "--number", "5-у", "--heading", "О зачислении",
             "--items.text", "Зачислить", "--items.students", f"{ID}#e1")  # fmt: skip
    for words in (
        ("student",),
        ("studnet",),
        ("student", "--given", "Глаша", "-n"),
        ("order", *order, "--date", "2026-11-02", "-n"),
        ("order", *order, "--date", "2026-11-02"),
        ("order", *order, "--date", "2026-11-02"),
        ("order", "--date", "2026-11-02"),
        ("event", "--date", "2026-12-01", "--title", "Концерт", "--kind", "мероприятие"),
        ("event", "--date", "2027-01-12", "--title", "Концерт", "--kind", "внеурочный план"),
        ("event", "--date", "2026-12-01", "--title", "Концерт", "--kind", "концерт"),
        ("program", "--code", "guitar"),
        ("platform", "--id", "kurs", "--title", "К", "--licence-basis", "Д", "--since",
         "2026-09-01"),
        ("platform", "--id", "stupen", "--title", "Ступень", "--licence-basis", "Договор 1",
         "--since", "2026-09-01"),
    ):  # fmt: skip
        changing.type("new", *words)
    compare(changing, "new")


def test_checking(archive: Archive, pytestconfig: pytest.Config) -> None:
    seen = Screens(archive.root, pytestconfig)
    seen.type("check")
    seen.type("check", "--rev", "HEAD~1", "--format", "json")
    archive.edit(CARD, "sex: женский", "sex: жен")
    archive.edit(NOTICES, "told: p1", "told: p9")
    archive.edit(f"{STUDENT}/awards.yaml", "activity: творческая", "activity: [")
    for words in (
        (),
        ("--since", "HEAD"),
        ("--format", "json"),
        ("--format", "github"),
        ("--fail-on", "fatal"),
        ("--rev", "нет"),
        ("--format", "xml"),
    ):
        seen.type("check", *words)
    compare(seen, "check")


def test_explaining(pytestconfig: pytest.Config) -> None:
    seen = Screens(PROJECT, pytestconfig)
    for word in (
        "SIG_MISSING", "sig_missing", "REF_UNKNOWN_ENTRY", "OBJECT_UNREACHABLE",
        "EXPORT_ROWS_UNUSED", "EXPORT_MERGED_CELLS", "SIG_MISING", "погода",
    ):  # fmt: skip
        seen.type_outside("explain", word)
    everything = papka("explain").out.splitlines()
    assert everything == sorted(everything)
    seen.note(*(line for line in everything if line.startswith(("SIG_M", "EXPORT_MARK"))))
    compare(seen, "explain")


def test_every_code_is_explained(pytestconfig: pytest.Config) -> None:
    """What a finding says, why it matters and what to do, of every code there is."""
    seen = Screens(PROJECT, pytestconfig)
    for code in sorted(CATALOGUE):
        ran = papka("explain", code)
        assert (ran.code, ran.err) == (0, "")
        seen.note(ran.out)
    compare(seen, "explain-all")


def test_giving(changing: Screens) -> None:
    there = changing.root.parent / "выдано"
    for words in (
        ("sheet", "Г-26-1", "--period", "2026-2"),
        ("sheet", "Г-26-1", "--period", "2026-1", "--out", there / "ведомость.xlsx"),
        ("sheet", "Г-26-9", "--period", "2026-2"),
        ("sheet", "Г-26-1", "--period", "2026-9"),
        ("results",),
        ("results", "2026-1", "Г-26-1", "--names", "--out", there),
        ("results", "guitar", "--format", "json", "--out", there),
        ("results", ID, "--out", there / "все.csv"),
        ("results", "погода"),
        ("original", "2026-2/1", "--out", there),
        ("original", "2026-2/9"),
        ("original", "нет"),
        ("package", "2026-0009", "--as", "s001"),
        ("package", ID, "--as", "s002"),
    ):
        ran = papka("give", words[0], "-C", changing.root, *words[1:])
        out = re.sub(r"\(\d+\sбайта?\)", "(… байт)", ran.out)
        changing.note(f"$ papka give {' '.join(map(str, words))}", out, ran.err, f"[{ran.code}]")
    compare(changing, "give")


def test_taking(changing: Screens) -> None:
    folder = changing.root.parent
    head = "Номер дела;Обучение;Техника игры [guitar/техника];Дата\n"
    files = {
        "пусто.csv": b"",
        "письмо.csv": "Просто письмо.\n".encode(),
        "книга.xlsx": xlsx(("Имя", "Сети"), ("Анна", 5)),
        "ведомость.csv": f"{head}{ID};e1;5;01.10.2026\n2026-0404;e1;4;01.10.2026\n".encode(),
        "плохая.csv": f"{head}{ID};e1;9;31.09.2026\n".encode(),
        "верная.csv": f"{head}{ID};e1;5;01.10.2026\n".encode(),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    about = ("--period", "2026-2", "--as", "s002", "--date", "2026-11-20")
    for name in files:
        changing.type("take", folder / name, *about, "-n")
    for words in (
        (folder / "книга.xlsx", *about, "--platform", "нет"),
        (folder / "книга.xlsx", *about, "--platform", "kurs"),
        (folder / "верная.csv", *about[2:]),
        (folder / "верная.csv", "--period", "2027-9"),
        (folder / "нет.csv", *about),
        (folder / "ведомость.csv", *about, "--accept-unmatched", "гость", "-n"),
        (folder / "верная.csv", *about),
        (folder / "верная.csv", *about),
    ):
        changing.type("take", *words)
    changing.type("show", f"{ID}#r4", "--why")
    compare(changing, "take")


def test_taking_from_a_platform(
    archive_with_class: Archive, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """What is new, changed, gone, whose it is not; and a mark's way back to its cell."""
    archive = copied(archive_with_class, tmp_path)
    seen = Screens(archive.root, pytestconfig)

    def taken(name: str, *rows: Sequence[str], more: Sequence[str | Path] = ()) -> None:
        (tmp_path / name).write_bytes(gradebook(*rows))
        seen.type("take", tmp_path / name, "--period", "2026-2", "--platform", "kurs",
                  "--date", "2026-11-20", "--as", "s002", *more)  # fmt: skip

    kim = row("k1", "Ким Листов", born="11.10.2012")
    answers = tmp_path / "answers.yaml"
    answers.write_text("k1: 2026-0003\nx9: пропустить\n", "utf-8")
    stranger = row("x9", "Незнакомцев Ян")
    taken("раз.csv", aglaya(), emil(), kim, stranger, row("", "Тычинкин Эмиль"))
    taken("раз.csv", aglaya(), emil(), kim, stranger, more=("--answers", answers))
    taken("два.csv", aglaya("5", "5", "зачтено"), emil("-", "4", "зачтено"), kim,
          more=("--answers", answers, "-n"))  # fmt: skip
    answers.write_text("k1: 2026-0003\n", "utf-8")
    taken("два.csv", aglaya("5", "5", "зачтено"), emil("-", "4", "зачтено"), kim,
          more=("--answers", answers, "--learn"))  # fmt: skip
    taken("три.csv", aglaya("5", "7", "да"), row("u2", "Эмиль", marks=("5.5", "4", "")),
          ("Среднее", *[""] * 6), more=("--answers", answers))  # fmt: skip
    seen.type("show", f"{ID}#r7", "--why")
    seen.type("show", f"{ID}#r4", "--why", "--format", "json")
    compare(seen, "take-platform")


def test_what_a_terminal_asks(
    archive_with_class: Archive,
    tmp_path: Path,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each question as it is put, what is no answer, and what may still be added."""
    archive = copied(archive_with_class, tmp_path)
    seen = Screens(archive.root, pytestconfig)

    def ask(*words: str | Path, answers: Sequence[str]) -> None:
        monkeypatch.setattr("sys.stdin", Terminal("".join(f"{line}\n" for line in answers)))
        seen.note(*(f"< {answer}" for answer in answers))
        seen.type(*words)

    ask("add", ID, "notice", "--date", "2026-06-01", "-n",
        answers=["погода", "1", "успеваемасть!", "3", "лично", "p7", "1", "?", "погода",
                 "Документ", "d9", "d3", ""])  # fmt: skip
    ask("add", ID, "result", "--date", "2026-10-01", "-n",
        answers=["личностный", "1", "", "", "Мне стало легче.", "shows", "сцена", "да", ""],
        )  # fmt: skip
    ask("new", "student", "-n",
        answers=["Грушева", "Глаша", "", "ж", "1", "31.02.2014", "05.03.2014", "",
                 "representatives", "мать", "", "Анна", "", "нет", "8 (900) 000-00-55",
                 "representatives", "отец", "", "Ким", "", "", "email", "g@school.invalid", ""],
        )  # fmt: skip
    ask("new", "event", "--title", "Концерт", "--date", "2026-12-01", "-n",
        answers=["2", "", "1", ""])  # fmt: skip
    ask("end", f"{ID}#e1", "--date", "2026-11-25", "-n", answers=["так", "1", ""])
    ask("fix", f"{ID}#r3", "mark=5", "-n", answers=["Описка"])
    rows = (row("k1", "Ким Листов", born="11.10.2012"), emil())
    (tmp_path / "раз.csv").write_bytes(gradebook(*rows))
    about = (tmp_path / "раз.csv", "--period", "2026-2", "--platform", "kurs", "--date",
             "2026-11-20", "--as", "s002", "-n")  # fmt: skip
    ask("take", *about, answers=["7", "2026-0003", "да"])
    ask("take", *about, "--learn", answers=["3"])
    compare(seen, "dialogues")


def test_keys_and_trust(archive: Archive, pytestconfig: pytest.Config) -> None:
    seen = Screens(archive.root, pytestconfig)
    keys = archive.root.parent
    for name in ("fresh", "newer", "daily", "spare"):
        generate_key(keys / name, "")
    archive.write(CARD, archive.read(CARD) + "# x\n")
    git(archive.root, "commit", "-q", "-am", "чужая программа")
    unsigned = git(archive.root, "rev-parse", "HEAD").strip()
    accept = ("trust", "accept", unsigned, "--code")
    for words in (
        ("trust", "show"),
        ("trust", "show", "--format", "json"),
        (*accept, "SIG_MISING", "--reason", "Проверено"),
        (*accept, "SIG_UNKNOWN_KEY", "--reason", "Проверено"),
        ("trust", "accept", "нет", "--code", "SIG_MISSING", "--reason", "Проверено"),
        (*accept, "SIG_MISSING", "--reason", "Проверено", "--as", "s002"),
        (*accept, "SIG_MISSING", "--reason", "Проверено"),
        (*accept, "SIG_MISSING", "--reason", "Проверено"),
        ("trust", "add", "s009", keys / "fresh.pub"),
        ("trust", "add", "s002", keys / "нет.pub"),
        ("trust", "add", "s002", keys / "fresh.pub", "--as", "s002"),
        ("trust", "add", "s002", keys / "fresh.pub"),
        ("trust", "add", "s002", keys / "fresh.pub"),
        ("trust", "rotate", "s002", keys / "newer"),
        ("trust", "retire", "s020", "--yes"),
        ("trust", "retire", "s002", "--yes"),
        ("trust", "compromise", "s001", "--after", "root", "--yes"),
        ("trust", "compromise", "s002", "--after", "нет", "--yes"),
        ("trust", "compromise", "s002", "--after", "root", "--yes"),
        ("trust", "show"),
        ("trust", "refound", "--daily", keys / "daily", "--recovery", keys / "spare.pub"),
        ("trust", "refound", "--daily", keys / "daily", "--recovery", keys / "spare.pub", "--yes"),
        ("trust", "show"),
        ("upgrade",),
        ("upgrade", "--keep", "schema/нет.json", "--yes"),
        ("upgrade", "--as", "s009"),
    ):
        seen.type(*words)
    compare(seen, "trust")


def test_words_that_are_no_command(screens: Screens, tmp_path: Path) -> None:
    for words in (
        ("chek",),
        ("погода",),
        ("find", "--нет"),
        ("show",),
        ("fix", ID),
        ("explain", "-C", str(tmp_path)),
        ("-C", str(tmp_path), "explain", "SIG_MISSING"),
        ("-C", str(tmp_path / "нет"), "check"),
        ("give",),
    ):
        ran = papka(*words)
        typed = " ".join(words).replace(str(tmp_path), "ПАПКА")
        told = (ran.out + ran.err).replace(str(tmp_path), "ПАПКА")
        screens.note(f"$ papka {typed}", told, f"[{ran.code}]")
    nowhere = papka("check", "-C", tmp_path)
    screens.note("$ papka check", nowhere.all.replace(str(tmp_path), "ПАПКА"), f"[{nowhere.code}]")
    compare(screens, "no-command")


OWNER = "Индивидуальный предприниматель Ландышева Зоя Зиновьевна"
GIVEN = (
    *("--organization", "Школа «Тучка»", "--head", "Ландышева Зоя", "--place", "г. Тучки"),
    *("--address", "ул. Тихая, д. 2"),
)


def test_making_an_archive(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dialogues and refusals; what a person answers stands behind each question."""
    seen = Screens(tmp_path / "нет", pytestconfig)
    keys = tmp_path / "ключи"

    def init(*words: str | Path, answers: Sequence[str] = ()) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in answers)))
        ran = papka("init", *words)
        typed = " ".join(map(str, words))
        said = [f"  < {answer}" for answer in answers]
        seen.note(f"$ papka init {typed}", *said, ran.out, ran.err, f"[{ran.code}]")

    init(tmp_path / "первая", answers=[OWNER, "", "", "д", "г. Тучки", "Тихая, 2", "", str(keys)])
    init(
        tmp_path / "вторая", "--keys", keys, "--short-name", "Тучка",
        answers=["Школа «Тучка»", "", "Санчес Лопес Мария", "н", "Санчес Лопес", "", "Мария", "",
                 "Директор", "г. Тучки", "Тихая, 2", "31.02", "01.09"],
    )  # fmt: skip
    init(tmp_path / "вторая", *GIVEN, "--keys", keys)
    for day in ("31.09", "29.02", "осень", "09/01", "1.9.2026"):
        init(tmp_path / "пятая", *GIVEN, "--keys", keys, "--year-starts", day)
    init(tmp_path / "пятая", *GIVEN, "--keys", keys, "--legal-form", "школа")
    init(tmp_path / "пятая", "--restricted")
    init(tmp_path / "пятая", "--of", tmp_path / "первая")
    init(tmp_path / "пятая", "--restricted", "--of", tmp_path / "первая")
    init(tmp_path / "шестая", "--restricted", "--of", tmp_path / "пятая")
    init(tmp_path / "шестая", *GIVEN, answers=[])
    for name in ("первая", "вторая", "пятая"):
        for record in ("organization", "staff"):
            text = (tmp_path / name / f"records/{record}.yaml").read_text("utf-8")
            told = [line for line in text.partition("\n# ")[0].splitlines() if line]
            told += re.findall(r"(?m)^  starts: .*", text)
            seen.note(f"== {name}/{record}", *told)
    compare(seen, "init")
