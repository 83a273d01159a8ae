"""Which medium this is: label, journal and file system, by every way they may disagree."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from papka.copies.backup_plan import megabytes, school_year_of
from papka.copies.media import (
    MediumVolume,
    find_label,
    find_last_place,
    find_twin,
    label_for_mirror,
    refuse_number,
    refuse_other_disk,
)
from papka.copies.medium_format import LABEL, Label, compose_label
from papka.core.errors import MediumFailed, NotFound, Refused
from papka.records.acts import Media, MediumCopy
from papka.records.archive import Archive
from tests.support.refusals import refused as told

ID = "0123456789abcdef0123456789abcdef"
ONE, TWO = "uuid:4A21-0B7C", "uuid:9C3E-77D1"


def copy(
    medium: str, day: int = 1, *, head: str | None = "c1", place: str | None = None,
    device: str | None = None,
) -> MediumCopy:  # fmt: skip
    return MediumCopy(
        date=dt.date(2026, 11, day), medium=medium, kind="диск", size=1, sha256="x",
        made_by="s001", head=head, place=place, device=device,
    )  # fmt: skip


def journal(*copies: MediumCopy, later: tuple[MediumCopy, ...] = ()) -> Archive:
    media = {"2027": Media(copies=later), "2026": Media(copies=copies)}
    return Archive(media={year: each for year, each in media.items() if each.copies})


def volume(identity: str) -> MediumVolume:
    return MediumVolume(1, identity, 1 << 30, 4096)


def test_a_new_medium_gets_the_number_and_kind_a_person_names(tmp_path: Path) -> None:
    elsewhere = journal(copy("Н-2"), copy("Н-1", head=None))
    for archive in (Archive(), elsewhere):
        label, is_new = find_label(tmp_path, archive, "Н-1", "диск")
        again, _ = find_label(tmp_path, archive, "Н-1", "диск")
        assert (label.medium, label.kind, is_new) == ("Н-1", "диск", True)
        assert label.id != again.id
        assert len(label.id) == len(ID)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("medium", "kind"), [(None, None), ("Н-1", None), (None, "диск")])
def test_a_medium_nobody_named_is_not_guessed(
    medium: str | None, kind: str | None, tmp_path: Path
) -> None:
    assert told(lambda: find_label(tmp_path, Archive(), medium, kind)) == (
        "Этот носитель ещё не помечен: неизвестно, какой у него номер и что он такое",
        'Назовите его один раз: --medium Н-1 --kind "флеш-накопитель" (номер — на наклейке)',
    )


@pytest.mark.parametrize("wrong", ["", " ", " Н-1", "Н-1 ", "Н  1", "Н\n1", "Н-1\u200b", "Н\t1"])
def test_a_name_that_would_spoil_the_label_is_refused(wrong: str, tmp_path: Path) -> None:
    for key, ask in (
        ("--medium", lambda: find_label(tmp_path, Archive(), wrong, "диск")),
        ("--kind", lambda: find_label(tmp_path, Archive(), "Н-1", wrong)),
    ):
        assert told(ask) == (
            f"{key}: «{wrong}» — не строка без лишних пробелов", "Например: --medium Н-1",
        )  # fmt: skip
    assert find_label(tmp_path, Archive(), "Н 1", "жёсткий диск")[1]


def test_an_empty_folder_is_no_known_medium(tmp_path: Path) -> None:
    archive = journal(copy("Н-1", 3), copy("Н-1", 5), copy("Н-2", 9), later=(copy("Н-1", 7),))
    assert told(lambda: find_label(tmp_path, archive, "Н-1", "диск")) == (
        (
            "На Н-1 уже делали копию 07.11.2026, а здесь метки нет: "
            "подключён не он, или указана другая папка"
        ),
        "Подключите его и укажите ту же папку; новому или очищенному носителю дайте новый номер",
    )


def test_a_label_is_kept_and_only_its_kind_may_be_said_anew(tmp_path: Path) -> None:
    label = Label("Н-1", "диск", ID)
    (tmp_path / LABEL).write_bytes(compose_label(label))
    for medium in (None, "Н-1"):
        assert find_label(tmp_path, journal(copy("Н-1")), medium, None) == (label, False)
    found = find_label(tmp_path, Archive(), None, "флеш-накопитель")
    assert found == (Label("Н-1", "флеш-накопитель", ID), False)
    assert told(lambda: find_label(tmp_path, Archive(), "Н-2", None)) == (
        "Этот носитель помечен как Н-1, а не Н-2", "Подключите Н-2 или уберите ключ --medium",
    )  # fmt: skip
    (tmp_path / LABEL).write_text("papka-medium v1\n", encoding="utf-8")
    for given, name in ((None, "без номера"), ("Н-2", "Н-2")):
        with pytest.raises(MediumFailed) as failed:
            find_label(tmp_path, Archive(), given, None)
        assert failed.value.message.startswith(
            f"Носитель «{name}»: метка в {tmp_path} повреждена: это не метка носителя papka"
        )
        assert failed.value.next_step == (
            "Возьмите другой носитель, а этот проверьте: прежние копии на нём могли уцелеть"
        )


def test_the_last_place_a_medium_was_kept_at() -> None:
    archive = journal(
        copy("Н-1", place="Сейф"), copy("Н-1"), copy("Н-2", place="Дом"),
        later=(copy("Н-1", place="Банк"), copy("Н-1")),
    )  # fmt: skip
    assert find_last_place(archive, "Н-1") == "Банк"
    assert find_last_place(archive, "Н-2") == "Дом"
    assert find_last_place(archive, "Н-3") is None
    assert find_last_place(journal(copy("Н-1")), "Н-1") is None


@pytest.mark.parametrize(
    ("known", "here", "refused"),
    [
        ([], ONE, False), ([ONE], ONE, False), ([ONE], TWO, True), ([TWO, ONE], ONE, False),
        ([ONE, TWO], ONE, True), ([ONE, None], TWO, False), ([ONE], "", False),
    ],
)  # fmt: skip
def test_a_label_copied_to_another_disk_is_seen(
    known: list[str | None], here: str, *, refused: bool
) -> None:
    archive = journal(copy("Н-2", device="uuid:other"), *(copy("Н-1", device=d) for d in known))
    label = Label("Н-1", "диск", ID)
    if not refused:
        assert find_twin(archive, label, volume("uuid:nobody")) == ""
        refuse_other_disk(archive, label, volume(here))
        return
    assert told(lambda: refuse_other_disk(archive, label, volume(here))) == (
        (
            "Это не тот носитель, что записан в журнале как Н-1: файловая система другая, а метка, "
            "видно, переписана вместе с файлами"
        ),
        "Подключите Н-1; с нового носителя уберите метку и дайте ему новый номер",
    )


def test_one_disk_under_two_numbers_is_told_by_the_newest() -> None:
    archive = journal(
        copy("Н-1", device=ONE), copy("Н-2", device=ONE), copy("Н-3", device=TWO),
        copy("Н-4", device=ONE),
    )  # fmt: skip
    twins = {
        name: find_twin(archive, Label(name, "диск", ID), volume(ONE))
        for name in ("Н-1", "Н-4", "Н-9")
    }
    assert twins == {"Н-1": "Н-4", "Н-4": "Н-2", "Н-9": "Н-4"}
    assert find_twin(archive, Label("Н-3", "диск", ID), volume(TWO)) == ""
    assert find_twin(journal(copy("Н-1"), copy("Н-2")), Label("Н-1", "x", ID), volume("")) == ""


def test_the_disk_of_a_mirror_has_a_number_too(tmp_path: Path) -> None:
    refuse_number("")
    assert told(lambda: refuse_number("Н-1")) == (
        "Номер носителя бывает у папки на диске, а это адрес сервера", "Уберите --medium",
    )  # fmt: skip
    made = label_for_mirror(tmp_path, "Н-1")
    assert made is not None
    assert (made.medium, made.kind, len(made.id)) == ("Н-1", "носитель с зеркалом", len(ID))
    for wrong in (" Н-1", "Н-1\n", "Н\x1b1"):
        with pytest.raises(Refused) as refused:
            label_for_mirror(tmp_path, wrong)
        assert refused.value.message == f"--medium: «{wrong}» не годится"
        assert refused.value.next_step == "Номер с наклейки: --medium Н-1"
    (tmp_path / LABEL).write_bytes(compose_label(Label("Н-1", "диск", ID)))
    assert label_for_mirror(tmp_path, "Н-1") is None
    assert told(lambda: label_for_mirror(tmp_path, "Н-2")) == (
        "Этот носитель помечен как Н-1, а не Н-2", "Подключите Н-2 или назовите Н-1",
    )  # fmt: skip
    (tmp_path / LABEL).write_text("x\n", encoding="utf-8")
    assert told(lambda: label_for_mirror(tmp_path, "Н-1")) == (
        f"Метка в {tmp_path} повреждена: это не метка носителя papka", "Возьмите другой носитель",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0,0 МБ"), (1, "0,1 МБ"), (100_000, "0,1 МБ"), (100_001, "0,2 МБ"),
     (1_000_000, "1,0 МБ"), (1_800_000, "1,8 МБ"), (25_650_000, "25,7 МБ")],
)  # fmt: skip
def test_megabytes_are_rounded_up(size: int, words: str) -> None:
    assert megabytes(size) == words


def test_a_school_year_is_one_the_archive_knows() -> None:
    archive = journal(copy("Н-1"), later=(copy("Н-1"),))
    assert school_year_of(archive, "2027") == 2027
    assert school_year_of(Archive(), "2031") == 2031
    for known, asked, there in (
        (archive, "2028", "2026, 2027"), (archive, "27", "2026, 2027"),
        (Archive(), "1999", "ни одного"), (Archive(), "２０２６", "ни одного"),
    ):  # fmt: skip
        with pytest.raises(NotFound) as missing:
            school_year_of(known, asked)
        assert missing.value.message == f"Учебного года «{asked}» нет"
        assert missing.value.next_step == f"Есть: {there}"
