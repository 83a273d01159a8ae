"""The act of backup says what the journal says, and no more.

R-6.3
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import NotFound
from papka.paper.forms import backup_act
from papka.paper.forms.backup_act import BackupAct
from papka.records.acts import Inspection, Media, MediumCopy
from tests.paper.forms_school import COPIES, short
from tests.paper.test_forms import state

ONE, TWO = COPIES
RESTORED = with_fields(TWO, restored=TWO.date)


def act(*copies: MediumCopy, year: str = "2026") -> BackupAct:
    archive = replace(short(), media={year: Media(copies=copies)})
    found: BackupAct = backup_act.view(state(archive), year)
    return found


def test_two_restored_media_meet_the_demand_and_nothing_less_does() -> None:
    assert "носителях выполнено" in act(ONE, RESTORED).conclusion
    assert "после пробного восстановления" in act(ONE, TWO).conclusion
    assert "не выполнено" in act(ONE).conclusion
    assert "не выполнено" in act(ONE, with_fields(RESTORED, verified=None)).conclusion


def test_only_what_was_done_to_every_copy_is_said_of_every_copy() -> None:
    unread = with_fields(TWO, verified=None, verified_by=None, restored=None)
    read, drilled = "Каждая копия после записи прочитана", "Из каждой копии архив пробно"
    for copies, has_read, has_drilled, instead in (
        ((RESTORED,), True, True, ()),
        ((ONE, TWO), True, False, ("проведено только там, где это отмечено",)),
        ((ONE, unread), False, False, ("только те копии, у которых это отмечено",)),
        ((unread,), False, False, ("Ни одна копия с носителя не", "восстановления не проводили")),
    ):
        said = act(*copies).text
        assert (read in said, drilled in said) == (has_read, has_drilled)
        assert all(words in said for words in instead)


def test_the_year_is_called_as_the_school_counts_it() -> None:
    assert act(ONE).name == "2026 учебный год"
    assert act(ONE, year="old").name == "old год"


def test_two_labels_on_one_disk_are_one_medium_and_are_named() -> None:
    found = act(ONE, with_fields(RESTORED, device=ONE.device))
    assert "не выполнено" in found.conclusion
    assert "на одном носителе" in found.conclusion
    assert found.remarks == ("Н-1, Н-2 — один и тот же диск: номер файловой системы совпадает.",)


def test_who_copied_and_who_read_back_sign_once_each_and_the_head_first() -> None:
    found = act(ONE, with_fields(TWO, verified_by="s003"))
    assert found.signature.name
    assert [each.heading for each in found.others] == ["Копии сделали:", "С носителей перечитали:"]
    assert [each.heading for each in act(ONE, TWO).others] == ["Копии сделали:"]


def test_an_old_line_without_head_or_proof_is_printed_as_it_is() -> None:
    bare = with_fields(ONE, head=None, device=None, verified=None, verified_by=None, place=None)
    (line,) = act(bare).lines
    assert (line.head, line.verified, line.place, line.device) == ("", "", "", "")


def test_copies_made_before_the_year_ended_are_said_not_to_hold_it() -> None:
    early = with_fields(ONE, date=ONE.date.replace(year=2026), verified=ONE.date)
    assert act(early).conclusion == (
        "В журнале 1\u00a0копия на одном носителе. Учебного года до последнего дня нет ни в одной "
        "из них: копии сделаны раньше, чем он кончился и закрыты его периоды, или не перечитаны. "
        "Требование пункта 6.3 о двух носителях не выполнено."
    )


def test_a_journal_of_drills_alone_has_no_act_and_is_not_offered() -> None:
    drill = Inspection(
        date=ONE.date, store="server", head="0" * 40, made_by="s001", outcome="…", verdict="годна"
    )
    archive = replace(short(), media={"2025": Media(inspections=(drill,))})
    with pytest.raises(NotFound, match="Копий за 2025 год в журнале нет"):
        backup_act.view(state(archive), "2025")
    assert list(backup_act.FORM.targets(archive)) == []


def test_a_year_without_copies_has_no_act() -> None:
    with pytest.raises(NotFound, match="Копий за 2025 год в журнале нет"):
        backup_act.view(state(short()), "2025")


def test_who_did_not_read_back_does_not_sign_for_it() -> None:
    unread = with_fields(TWO, verified_by=None, verified=None, made_by="s002")
    assert [(each.heading, each.name) for each in act(unread).others] == [
        ("Копии сделали:", "Б.\u00a0Б.\u00a0Чайкин")
    ]
    alone = with_fields(unread, made_by="s001")
    assert act(alone).others == ()


def test_several_who_copied_stand_under_one_heading_in_the_order_of_the_copies() -> None:
    by = [with_fields(ONE, made_by=who, verified_by="s001") for who in ("s003", "s404", "s003")]
    assert [(each.heading, each.post) for each in act(*by).others] == [
        ("Копии сделали:", "Педагог"), ("", ""),
    ]  # fmt: skip
