"""What a protocol says of a verification, and what it must never say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from papka.checks import unchanged_records
from papka.core.findings import Code, Finding, Location
from papka.paper.verification_protocol import (
    AREAS,
    LISTED,
    RECORDS,
    Anchor,
    ExaminedRow,
    Protocol,
    SealTold,
    area_of,
    conclude,
    protocol,
)
from papka.proof import anchors, verify_codes
from papka.records import reading_codes
from tests.paper.test_none_one_two_many import compare, said

KEY = "SHA256:" + "k" * 43
DIGEST = "e7d2dd6e" * 8
WHOLE = ExaminedRow(
    place="/media/disk/archive",
    when=dt.datetime(2027, 3, 15, 11, 20, tzinfo=dt.timezone(dt.timedelta(hours=3))),
    program="papka 1",
    findings=(),
    commits=3,
    objects=12,
    files=4,
    head="1f" * 20,
    root="ab" * 20,
    root_key=KEY,
    transitions=2,
)
BY_KEY = replace(WHOLE, anchors=(Anchor("отпечаток ключа", KEY, is_met=True),))
BY_SEAL = replace(
    WHOLE,
    seals=(SealTold("0001", "20.01.2027", DIGEST, is_anchored=True),),
    anchors=(Anchor("контрольная сумма пломбы", DIGEST, is_met=True),),
)
UNANCHORED = verify_codes.ROOT_UNANCHORED.at(Location(commit="ab" * 20), key=KEY)
LOST = tuple(
    verify_codes.OBJECT_MISSING.at(Location(), id=f"{n:040x}", detail="нужен записи")
    for n in range(LISTED + 41)
)
PROOF = (reading_codes, verify_codes, anchors)


def test_whole_protocols_say_what_was_looked_at(pytestconfig: pytest.Config) -> None:
    """Every verdict, ground and count, each word of it."""
    warned = verify_codes.SINCE_NOT_PROVED.at(Location(commit="cd" * 20), start="cd" * 6)
    unsigned = verify_codes.SIG_MISSING.at(Location(commit="77" * 20), commit="77" * 20)
    linked = reading_codes.PATH_SYMLINK.at(Location("records/a.yaml", commit="77" * 20))
    remembered = replace(BY_SEAL, anchors=(), memory=True, remembered=True)
    two = (*BY_SEAL.seals, SealTold("0002", "21.01.2027", "0" * 64, is_anchored=False))
    found = []
    for name, seen in {
        "nothing given": WHOLE,
        "unanchored": replace(WHOLE, findings=(UNANCHORED,), organization="Школа «Лодка»"),
        "a key from paper": BY_KEY,
        "a seal from paper": replace(BY_SEAL, seals=two, mirrors=("hub",)),
        "a remembered seal": remembered,
        "memory alone": replace(WHOLE, memory=True, remembered=True),
        "a part": replace(WHOLE, since="cd" * 20, findings=(linked, linked)),
        "a part unproved": replace(WHOLE, since="cd" * 20, findings=(warned,)),
        "errors": replace(BY_KEY, findings=(unsigned, *LOST[:2], *[linked] * 5, UNANCHORED)),
        "too many": replace(WHOLE, findings=LOST),
        "a ruin": replace(WHOLE, head="", root="", root_key="", has_folder=False, commits=0),
    }.items():
        told = protocol(seen)
        found += [f"=== {name} ===", *said(replace(told, rows=told.rows[:9]), "protocol")]
    compare("protocol", found, update=pytestconfig.getoption("--update-snapshots"))


def results(told: Protocol) -> dict[str, str]:
    return {row.title: row.result for row in told.areas}


@pytest.mark.parametrize("module", PROOF, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_code_of_proof_has_one_area(module: object) -> None:
    found = [code for code in vars(module).values() if isinstance(code, Code)]
    if module is reading_codes:  # the others are about records
        found = [reading_codes.PATH_SYMLINK]
    claimed = {code.name: sum(area.claims(code) for area in AREAS) for code in found}
    assert [name for name, count in claimed.items() if count != 1] == []


def test_steps_of_records_are_told_as_records() -> None:
    assert area_of(unchanged_records.FOLDER_REMOVED) is RECORDS
    assert area_of(unchanged_records.SALT_CHANGED) is RECORDS


def test_nothing_from_paper_is_never_called_authentic() -> None:
    said = conclude(replace(WHOLE, findings=(UNANCHORED,)))
    assert said.verdict == "АРХИВ ЦЕЛ, ПОДЛИННОСТЬ НЕ УСТАНОВЛЕНА"


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (BY_SEAL, "Контрольная сумма пломбы №\u00a00001"),
        (BY_KEY, "но ни одна пломба"),
        (replace(WHOLE, memory=True, remembered=True), "проверял прежде"),
    ],
)
def test_authentic_names_its_ground(seen: ExaminedRow, said: str) -> None:
    conclusion = conclude(seen)
    assert conclusion.verdict == "АРХИВ ЦЕЛ И ПОДЛИНЕН"
    assert said in conclusion.reasons[0]


def test_one_error_is_enough_whatever_matched() -> None:
    unsigned = verify_codes.SIG_MISSING.at(Location(commit="77" * 20), commit="77" * 20)
    told = protocol(replace(BY_SEAL, findings=(unsigned,)))
    assert told.conclusion.verdict == "АРХИВУ ДОВЕРЯТЬ НЕЛЬЗЯ"
    assert "1\u00a0ошибка" in told.conclusion.reasons[0]
    assert results(told)["Подписи"] == "1\u00a0ошибка"


def test_part_of_the_history_is_said_to_be_a_part() -> None:
    told = protocol(replace(WHOLE, since="cd" * 20))
    assert told.conclusion.verdict == "НОВЫЕ СОХРАНЕНИЯ ЦЕЛЫ, ПРЕЖНИЕ НЕ ПЕРЕПРОВЕРЯЛИСЬ"
    assert ("История", f"только после сохранения {'cd' * 20}") in told.facts
    assert ("Пломбы", "в этот раз не проверялись") in told.facts
    said = results(told)
    assert said["Подписи"] == "в новых сохранениях замечаний нет"
    assert said["Пломбы"] == "не проверялось"
    assert said["Рабочая папка"] == "замечаний нет"


def test_a_beginning_that_nothing_proves_proves_nothing() -> None:
    unproved = verify_codes.SINCE_NOT_PROVED.at(Location(commit="cd" * 20), start="cd" * 6)
    said = conclude(replace(WHOLE, since="cd" * 20, findings=(unproved,)))
    assert said.verdict == "НОВЫЕ СОХРАНЕНИЯ ЦЕЛЫ, ПОДЛИННОСТЬ НЕ УСТАНОВЛЕНА"


def test_what_was_not_looked_at_is_not_without_remarks() -> None:
    told = results(protocol(replace(WHOLE, has_folder=False)))
    for area in ("Зеркала", "Прежние проверки", "Рабочая папка"):
        assert told[area] == "не проверялось"
    whole = replace(WHOLE, mirrors=("диск",), memory=True)
    assert set(results(protocol(whole)).values()) == {"замечаний нет"}


def test_of_a_store_without_a_head_only_the_store_was_looked_at() -> None:
    broken: tuple[Finding, ...] = LOST[:1]
    told = results(protocol(replace(WHOLE, head="", commits=0, findings=broken)))
    assert told.pop("Хранилище") == "1\u00a0нарушение"
    assert told.pop("Настройки хранилища") == "замечаний нет"
    assert set(told.values()) == {"не проверялось"}


def test_the_worst_comes_first_and_what_is_left_out_is_counted() -> None:
    told = protocol(replace(WHOLE, findings=(UNANCHORED, *LOST)))
    assert told.rows[0].code == "OBJECT_MISSING"
    assert len(told.rows) == LISTED
    assert str(len(LOST) + 1) in told.left
    assert results(told)["Хранилище"] == f"{len(LOST)}\u00a0нарушение"


def test_a_next_step_is_told_once_for_a_run_of_the_same() -> None:
    told = protocol(replace(WHOLE, findings=LOST[:3]))
    assert [bool(row.hint) for row in told.rows] == [True, False, False]


def test_a_mismatch_is_told_beside_what_was_typed() -> None:
    given = (Anchor("контрольная сумма пломбы", DIGEST, is_met=False), *BY_KEY.anchors)
    rows = protocol(replace(WHOLE, anchors=given)).anchors
    assert [row.result for row in rows] == ["НЕ СОВПАЛО", "совпало"]
    assert rows[0].text.split(" ") == ["e7d2dd6e"] * 8


def test_no_name_turns_or_breaks_a_line() -> None:
    path = "records/a\u202eb\nc\udcff.yaml"
    differs = reading_codes.PATH_SYMLINK.at(Location(path, commit="77" * 20))
    told = protocol(replace(WHOLE, findings=(differs,), organization="А\u202eБ", place=path))
    shown = "".join((told.rows[0].place, told.rows[0].message, told.organization, told.facts[0][1]))
    assert not {"\u202e", "\n", "\udcff"} & set(shown)
