"""papka print: what a person types, and what is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.cli.russian_names import FORMS as RUSSIAN
from papka.core.phrases import grouped
from papka.repository import commit_snapshots
from papka.repository.signing import load_public
from tests.support.command import papka
from tests.support.prints import save_unjudged, with_students
from tests.support.school import Archive

ID = "2026-0001"
FORMS = (
    *("personal-file", "certificate", "transcript", "progress", "credit-note", "notice", "card"),
    *("lending-card", "register", "register-certification", "group-sheet", "year-sheet", "order"),
    *("order-extract", "consent", "answer", "student-counts", "management", "attention"),
    *("platform-printout", "needs-plan", "diagnostics-summary", "approval-act"),
    *("keys", "refounding", "seal", "safe-sheet", "backup-act", "media-log"),
    *("destruction-act", "destruction-extract"),
)
OFF = ("self-examination", "self-examination-exact", "order-book", "name-book", "case-list",
       "nomenclature")  # fmt: skip


def test_without_words_every_form_is_listed_with_what_it_needs(built_archive: Archive) -> None:
    ran = papka("print", "-C", built_archive.root)
    assert ran.code == 0
    first = [line.split(" ")[0] for line in ran.out.splitlines()]
    assert first[1 : first.index("")] == list(FORMS)
    assert f"В этой организации не применяются: {', '.join(OFF)}" in ran.out
    assert "номер выданного документа" in ran.out
    assert "papka print ФОРМА НОМЕР" in ran.out


@pytest.mark.parametrize(
    ("form", "needed", "there"),
    [
        ("personal-file", "номер дела", "2026-0001"),
        ("progress", "номер выданного документа", "У-2026-0001"),
        ("group-sheet", "группу", "Г-26-1"),
        ("order", "приказ", "2026/0001, 2026/0002, 2026/0003"),
    ],
)
def test_a_form_alone_says_what_to_name(
    built_archive: Archive, form: str, needed: str, there: str
) -> None:
    ran = papka("print", form, "-C", built_archive.root)
    assert ran.code == 0, ran.all
    assert f"нужно указать {needed}" in ran.out
    assert f"Есть: {there}" in ran.out
    assert f"papka print {form} --all" in ran.out


def test_of_many_addresses_some_are_shown(archive: Archive) -> None:
    with_students(archive, 20)
    ran = papka("print", "notice", "-C", archive.root)
    assert "2026-0012 … всего 20" in ran.out
    assert "2026-0013" not in ran.out


def test_a_form_without_anything_to_print_says_so(built_archive: Archive) -> None:
    ran = papka("print", "certificate", "-C", built_archive.root)
    assert ran.code == 0
    assert "Сейчас печатать её не для чего" in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("personal-fil", ID), "Может быть, «personal-file»?"),
        (("orders",), "Может быть, «order»?"),
        (("personal-file", "2026-001"), "Может быть, «2026-0001»?"),
        (("personal-file", "../../etc/passwd"), "в архиве нет"),
        (("order", "2026/001"), "Может быть, «2026/0001»?"),
        (("group-sheet", "Г-26-2"), "Г-26-1"),
        (("notice", ID, "--rev", "nonsense"), "Сохранения «nonsense» в истории архива нет"),
        (("notice", ID, "--duplex"), "только для личного дела"),
        (("personal-file", ID, "--new-sheets"), "нет прошитых томов"),
        (("personal-file", ID, "--on", "2019-01-01"), "ещё ничего не было"),
        (("notice", ID, "--on", "01.01.2019"), "нет ни одного обучения"),
    ],
)
def test_what_cannot_be_printed_is_answered_with_the_next_step(
    built_archive: Archive, words: tuple[str, ...], said: str
) -> None:
    ran = papka("print", *words, "-C", built_archive.root)
    assert ran.code == 3, ran.all
    assert said in ran.err


def test_a_form_not_in_use_is_refused(archive: Archive) -> None:
    """R-3.3: the organization names its forms."""
    path = "records/organization.yaml"
    archive.write(path, archive.read(path) + "forms:\n  - personal-file\n  - notice\n")
    save_unjudged(archive)
    ran = papka("print", "order", "2026/0001", "-C", archive.root)
    assert ran.code == 3
    assert "Форма order («Приказ») в этой организации не применяется" in ran.err
    assert "records/organization.yaml" in ran.err
    everything = papka("print", "order", "--all", "-C", archive.root)
    assert everything.code == 3
    listed = papka("print", "-C", archive.root).out
    assert "В этой организации не применяются: certificate, " in listed
    allowed = papka("print", "notice", ID, "--html", "-C", archive.root)
    assert allowed.code == 0, allowed.all


def test_a_file_goes_where_it_is_wanted(archive: Archive, tmp_path: Path) -> None:
    assert papka("print", "notice", ID, "-C", archive.root).code == 0
    own = archive.root / "print" / "notice-2026-0001.pdf"
    named = tmp_path / "извещения" / "Абрикосова.pdf"
    ran = papka("print", "notice", ID, "--out", named, "-C", archive.root)
    assert f"Готово: {named} (1\u00a0страница)" in ran.out
    folder = tmp_path / "папка"
    papka("print", "notice", ID, "--out", folder, "-C", archive.root)
    assert named.read_bytes() == own.read_bytes()
    assert (folder / own.name).read_bytes() == own.read_bytes()


def test_words_are_completed(built_archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.shell_completion import ShellComplete

    from papka.cli.main import tree

    monkeypatch.chdir(built_archive.root)

    def offered(*words: str) -> list[str]:
        *before, last = words
        found = ShellComplete(tree, {}, "papka", "_PAPKA").get_completions(before, last)
        return [item.value for item in found]

    assert offered("print", "not") == ["notice"]
    assert set(offered("print", "")) == {*FORMS, *OFF, *RUSSIAN.values()}
    assert offered("print", "извещ") == ["извещение"]
    assert offered("print", "notice", "2026") == [ID]
    assert offered("print", "nonsense", "2") == []
    monkeypatch.chdir(built_archive.keys)
    assert offered("print", "notice", "2") == []


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-02-30", "такого дня нет в календаре"),
        ("30.02.2026", "такого дня нет в календаре"),
        ("завтра", "Дату пишут так: 28.05.2026 или 2026-05-28"),
    ],
)
def test_a_day_that_is_none_is_told_in_russian(built_archive: Archive, day: str, told: str) -> None:
    ran = papka("print", "notice", ID, "--on", day, "-C", built_archive.root)
    assert ran.code == 2
    assert told in ran.err


def test_the_sheet_of_keys_needs_no_number_and_no_leave(archive: Archive) -> None:
    """R-6.1: proof does not depend on which forms the organization uses."""
    path = "records/organization.yaml"
    archive.write(path, archive.read(path) + "forms:\n  - personal-file\n")
    save_unjudged(archive)
    ran = papka("print", "keys", "--html", "-C", archive.root)
    assert ran.code == 0, ran.all
    sheet = (archive.root / "print" / "keys.html").read_text("utf-8")
    first = commit_snapshots.first_commit(archive.root, "HEAD")
    assert " ".join(grouped(first)) in sheet
    assert load_public(archive.keys / "head.pub").fingerprint in sheet
    assert load_public(archive.keys / "recovery.pub").fingerprint in sheet


@pytest.mark.parametrize("out", ["печать", "печать/лист.pdf", "records", "."])
def test_nothing_printed_is_laid_among_the_records(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(archive.root)
    for words in (("notice", ID), ("notice", "--all")):
        ran = papka("print", *words, "--html", "--out", out)
        assert ran.code == 3
        assert f"«{out}» — внутри папки архива" in ran.err
        assert str(archive.root / "print" / Path(out).name) in ran.err
    assert "внутри папки архива" in papka("verify", "--protocol", f"{out}/x.pdf").err
    assert "внутри папки архива" in papka("give", "results", "--out", out).err
    assert commit_snapshots.worktree_changes(archive.root) == ()
    assert papka("print", "notice", ID, "--html", "--out", "print/мои").code == 0
    assert (archive.root / "print" / "мои").is_dir()
