"""papka bind: what was printed is bound, and stays as it was bound (R-6.5)."""

from __future__ import annotations

from datetime import UTC, datetime

from papka.records.strict_yaml import read
from tests.support.command import Ran, papka
from tests.support.school import STUDENT, Archive

ID = "2026-0001"
CARD, PAPERS = f"{STUDENT}/student.yaml", f"{STUDENT}/documents.yaml"
NEW = """\
  - id: d90
    kind: заявление
    title: Заявление
    medium: подлинник
    sheets: 2
"""


def printed(archive: Archive, *words: str) -> Ran:
    return papka("print", "-C", archive.root, "personal-file", *(words or (ID,)))


def bound(archive: Archive, *words: str) -> Ran:
    return papka("bind", "-C", archive.root, ID, *words)


def volumes(archive: Archive) -> list[dict[str, object]]:
    document = read(archive.read(CARD).encode(), CARD)
    assert isinstance(document.value, dict)
    found: list[dict[str, object]] = document.value["paper"]["volumes"]
    return found


def add_paper(archive: Archive) -> None:
    archive.write(PAPERS, archive.read(PAPERS) + NEW)


def test_what_is_bound_stays_as_it_is_until_it_is_bound_anew(archive: Archive) -> None:
    """Of a closed period too: what its act approves is as old as the sheets that say so."""
    late = ("add", ID, "result", "--resits", "r3", "--mark", "5", "--date", "2026-10-05", "--save")
    approve = ("period", "approve", "2026-1", "--yes", "--as", "s001")
    for words in (late, approve):
        ran = papka(*words, "-C", archive.root)
        assert ran.code == 0, ran.all
    told = printed(archive).out
    assert f"papka bind {ID} --rev " in told
    rev = told.rpartition("--rev ")[2].split()[0]
    assert "перешивать нечего" in bound(archive, "--rebind", "--reason", "порвано").err
    ran = bound(archive, "--rev", rev)
    assert "Записано: дело 2026-0001, том 1, " in ran.out, ran.all
    (first,) = volumes(archive)
    assert (first["volume"], str(first["head"])[:12]) == (1, rev)
    papers = first["papers"]
    assert isinstance(papers, list)
    assert papers[0] == {"title": "Личная карточка обучающегося", "on_sheets": "1"}
    assert {"title": "Договор об оказании платных образовательных услуг, № 1/26"} in [
        {"title": each["title"]} for each in papers
    ]
    assert "уже записан" in bound(archive, "--rev", rev).err

    for options in ((), ("--all",)):
        assert "прошито: том 1" in printed(archive, *options).all
    assert "ничего не изменилось" in printed(archive, ID, "--new-sheets").err
    assert "вместе не имеют смысла" in printed(archive, ID, "--rebind", "--new-sheets").err

    add_paper(archive)
    assert archive.save("s001", now=datetime.now(UTC)).commit
    ran = bound(archive)
    assert ran.code == 0, ran.all
    second = volumes(archive)[1]["papers"]
    assert isinstance(second, list)
    assert {"title": "Заявление", "on_sheets": "1–2"} in second

    assert bound(archive, "--rebind").code == 2
    ran = bound(archive, "--rebind", "--reason", "переплёт порван")
    assert ran.code == 0, ran.all
    assert [(each["volume"], each.get("reason")) for each in volumes(archive)] == [
        (1, None), (2, None), (1, "переплёт порван"),
    ]  # fmt: skip
    assert "прошито: том 1" in printed(archive).err
    assert "ничего не изменилось" in printed(archive, ID, "--new-sheets").err


def test_what_is_not_on_the_sheets_is_not_recorded_as_bound(archive: Archive) -> None:
    assert bound(archive, "--date", "2099-01-01").code == 3
    add_paper(archive)
    assert "несохранённые правки" in bound(archive).err
    before, _, after = archive.read(CARD).partition("paper:\n")
    archive.write(CARD, before + after.partition("returned: 2026-02-12\n")[2])
    assert "не записано, где стоит" in bound(archive).err


def test_uncounted_paper_is_told_before_anything_is_bound(archive: Archive) -> None:
    archive.write(PAPERS, archive.read(PAPERS) + NEW.replace("    sheets: 2\n", ""))
    assert archive.save("s001", now=datetime.now(UTC)).commit
    told, refused = printed(archive), bound(archive)
    assert "papka bind" not in told.out
    assert (told.code, refused.code) == (0, 3)
    for said in (told.out, refused.err):
        assert f"впишите: papka fix {ID}#ДОКУМЕНТ sheets=ЧИСЛО (номера: papka show {ID})" in said
