"""Marks entered on a page without JavaScript: judged, shown, saved once, never over another's."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.core.places import results_file
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.repository.signing import KeySigner, SigningActor
from papka.web.site import make_site
from tests.support.command import papka
from tests.support.group import GROUP, PERIOD, entering, number, with_group
from tests.support.plain_browser import PlainBrowser, PlainPage
from tests.support.school import TEACHER, Archive, copied

FIRST, SECOND = (f"mark:{number(place)}:e1:ритм" for place in range(2))
CREDIT = f"mark:{number(0)}:e1:слух"


@pytest.fixture(scope="module")
def group_school(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A school with a group of three; tests read it only."""
    return with_group(copied(built_archive, tmp_path_factory.mktemp("group")), people=3)


@pytest.fixture
def school(group_school: Archive, tmp_path: Path) -> Archive:
    return copied(group_school, tmp_path)


def grid(archive: Archive, staff: str = TEACHER) -> PlainPage:
    """The grid of the group as somebody opens it."""
    browser = PlainBrowser(make_site(entering(archive, staff)))
    return browser.open("/enter/marks/", group=GROUP, period=PERIOD)


def marks(archive: Archive, place: int) -> list[tuple[object, ...]]:
    """Part, mark and reason of a person's results, in the order they were entered."""
    path = results_file(number(place), PERIOD)
    found = read((archive.root / path).read_bytes(), path).value["results"]
    return [tuple(each.get(key) for key in ("part", "mark", "reason")) for each in found]


def test_marks_are_judged_shown_and_saved_once(school: Archive) -> None:
    before = commit_snapshots.head(school.root)
    wrong = grid(school).fill({FIRST: "4,0", SECOND: "7", CREDIT: "н/а"}, "preview")
    assert wrong.heading.startswith("Отметки группы")
    assert "«7» — этого нет на шкале «Пятибалльная». Здесь бывает: 1–5" in wrong.text
    assert wrong.fields[FIRST] == "4,0", "what was typed stays"
    assert f'id="{SECOND}" value="7"' in wrong.source
    assert "aria-invalid" in wrong.source.split(f'id="{SECOND}"')[1][:400]
    shown = wrong.fill({SECOND: "5"}, "preview")
    assert shown.heading == "Проверьте и сохраните"
    assert "Аверин Пётр Ритм — 4 (набрано «4,0»)" in shown.text
    assert "Слух — не аттестован (набрано «н/а»)" in shown.text
    assert commit_snapshots.head(school.root) == before, "a preview saves nothing"
    done = shown.send("save")
    assert done.heading == "Сохранено: 3 отметки"
    assert "подпись: Глинкина Дорофея Ильинична" in done.text
    head = commit_snapshots.head(school.root)
    assert head is not None
    made = commit_snapshots.read_commit(school.root, head)
    assert (made.parents, made.author.name) == ((before,), TEACHER)
    assert marks(school, 0) == [("ритм", 4, None), ("слух", "не аттестован", None)]
    again = shown.send("save")
    assert again.heading == done.heading
    assert commit_snapshots.head(school.root) == head, "the form sent twice saved once"
    assert papka("check", "-C", school.root).code == 0
    assert not commit_snapshots.worktree_changes(school.root)


def test_a_correction_needs_a_reason_and_a_mark_is_not_erased(school: Archive) -> None:
    assert grid(school).fill({FIRST: "4"}, "preview").send("save").heading.startswith("Сохранено")
    page = grid(school)
    assert page.fields[FIRST] == "4"
    assert "Отметку не стирают" in page.fill({FIRST: ""}, "preview").text
    shown = grid(school).fill({FIRST: "5"}, "preview")
    assert "Ритм 4 5" in shown.text
    assert "Почему прежние отметки неверны" in shown.text
    refused = shown.send("save")
    assert refused.heading == "Проверьте и сохраните"
    assert "Не сказано, почему прежние отметки неверны" in refused.text
    assert refused.send("save", reason="Описка").heading == "Сохранено: 1 отметка"
    assert marks(school, 0) == [("ритм", 4, None), ("ритм", 5, "Описка")]


def test_what_somebody_saved_meanwhile_is_told_and_stays(school: Archive) -> None:
    mine, theirs = grid(school), grid(school)
    shown = grid(school).fill({FIRST: "2", SECOND: "3"}, "preview")
    assert theirs.fill({FIRST: "5"}, "preview").send("save").heading.startswith("Сохранено")
    told = mine.fill({FIRST: "4", SECOND: "3"}, "preview")
    assert "Пока вы вводили, здесь сохранили: 5. Ваше «4» не записано" in told.text
    assert (told.fields[FIRST], told.fields[SECOND]) == ("5", "3"), "theirs stands, mine is kept"
    late = shown.send("save")
    assert "здесь сохранили: 5. Ваше «2» не записано" in late.text
    assert marks(school, 0) == [("ритм", 5, None)]
    assert told.send("preview").send("save").heading == "Сохранено: 1 отметка"
    assert marks(school, 1) == [("ритм", 3, None)]


def test_a_mark_of_who_is_no_longer_there_is_not_dropped_in_silence(group_school: Archive) -> None:
    page = grid(group_school)
    page.fields["mark:2026-0999:e1:ритм"] = "5"
    told = page.fill({FIRST: "4"}, "preview")
    assert "«5» не записано: 2026-0999:e1:ритм в этой таблице больше нет" in told.text
    assert told.fields[FIRST] == "4"


def test_an_edit_in_the_folder_is_shown_and_its_row_locked(school: Archive) -> None:
    grid(school).fill({FIRST: "4"}, "preview").send("save")
    page = grid(school)
    path = results_file(number(0), PERIOD)
    school.edit(path, "mark: 4", "mark: 3")
    lying = school.read(path)
    told = page.fill({FIRST: "5", CREDIT: "+", SECOND: "5"}, "preview")
    assert "в папке лежит несохранённое: 3. Сохраните правку: papka save" in told.text
    assert FIRST not in told.fields
    assert CREDIT not in told.fields
    assert told.fields[SECOND] == "5"
    assert told.send("preview").send("save").heading == "Сохранено: 1 отметка"
    assert school.read(path) == lying


def test_a_guarded_key_asks_in_the_terminal_and_the_page_says_so(group_school: Archive) -> None:
    face = entering(group_school)
    assert face.actor is not None
    signer = face.actor.signer
    face.actor = SigningActor(TEACHER, KeySigner(signer.public, signer.file))
    page = PlainBrowser(make_site(face)).open("/enter/marks/", group=GROUP, period=PERIOD)
    shown = page.fill({FIRST: "4", "day": "20.12.2026"}, "preview")
    assert "Ключ защищён паролем" in shown.text
    assert "в окно терминала, где запущено papka open" in shown.text
    assert "4 Проверьте: Дата 20.12.2026 ещё не наступила" in shown.text, "a doubt stands by it"
    assert "Ключ защищён паролем" not in grid(group_school).fill({FIRST: "4"}, "preview").text


def test_without_a_name_the_marks_are_only_shown(school: Archive) -> None:
    page = grid(school, "")
    assert not page.fields.keys() & {FIRST, SECOND}
    assert "papka open --as s003" in page.text
    forged = grid(school).fields
    browser = PlainBrowser(make_site(entering(school, "")))
    refused = browser.post(page.action, {**forged, FIRST: "5", "do": "save", "ticket": "x"})
    assert (refused.code, refused.heading) == (409, "Архив открыт только для просмотра")
    no_token = PlainBrowser(make_site(entering(school))).post(
        page.action, {**forged, "token": "x", FIRST: "5", "do": "save"}
    )
    assert no_token.code == 403
    assert not (school.root / results_file(number(0), PERIOD)).exists()


@pytest.mark.parametrize(
    ("query", "said"),
    [({"group": "Х-1", "period": PERIOD}, "Группы «Х-1» нет"),
     ({"group": GROUP, "period": "2020-1"}, "Периода «2020-1» нет")],
    ids=["group", "period"],
)  # fmt: skip
def test_an_address_of_nothing_says_so(
    group_school: Archive, query: dict[str, str], said: str
) -> None:
    page = PlainBrowser(make_site(entering(group_school))).open("/enter/marks/", **query)
    assert (page.code, page.heading) == (404, said)
