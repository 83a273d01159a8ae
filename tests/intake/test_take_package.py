"""`papka take PACKAGE.zip`: proof first, then a proposal; a credit only by decision (R-2.2.9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from papka.core.errors import NotFound, PapkaError, Refused
from papka.desk.command_end import Written
from papka.desk.entries import LARGEST
from papka.intake.package_file import LIST, MOST_BYTES, SIGNATURE, pack, unpack
from papka.intake.package_taking import (
    ReadPackage,
    Trusted,
    find_receiver,
    read_package,
    trusted_by,
    write_answers_form,
    write_credit,
)
from papka.records.acts import Void
from papka.records.strict_yaml import read
from papka.repository.signing import find_actor
from tests.support.command import papka
from tests.support.packages import FOLDER, MOMENT, NUMBER, Given
from tests.support.school import Archive

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STUDY = f"{NUMBER}#e1"
SUBJECT = "Гитара с нуля: Техника игры"
ANSWERS = f"""applied: 2026-11-20
items:
  - subject: "{SUBJECT}"
    part: техника
    decision: зачесть
    hours: 80
    mark: 4
    reason: Содержание и часы совпадают
"""


@pytest.fixture
def file(given: Given, tmp_path: Path) -> Path:
    path = tmp_path / given.package.name
    path.write_bytes(given.package.data)
    return path


def codes(brought: ReadPackage) -> set[str]:
    return {finding.code.name for finding in brought.proof.findings}


def bring(archive: Archive, file: Path, key: str = "") -> ReadPackage:
    return read_package(archive.root, file, Trusted(frozenset({key} if key else ())))


def credit(
    archive: Archive, brought: ReadPackage, answers: str = ANSWERS, *, save: bool = False
) -> Written:
    to = find_receiver(archive.root, STUDY, brought)
    saving = find_actor(archive.root, "s001") if save else None
    return write_credit(
        archive.root, brought, to, answers.encode(), "answers.yaml",
        now=NOW, saving=saving, dry_run=False,
    )  # fmt: skip


def last(archive: Archive, kind: str) -> dict[str, Any]:
    path = f"{FOLDER}/{kind}.yaml"
    value: dict[str, Any] = read(archive.read(path).encode(), path).value[kind][-1]
    return value


def test_an_unknown_key_is_said_and_the_proposal_still_shown(archive: Archive, file: Path) -> None:
    brought = bring(archive, file)
    assert codes(brought) == {"PACKAGE_KEY_UNKNOWN"}
    assert not brought.proof.is_proven
    offers = find_receiver(archive.root, STUDY, brought).offers
    assert [(each.subject, each.result, each.hours) for each in offers] == [
        (SUBJECT, "4 (четыре); шкала: Пятибалльная", 80),
        ("Гитара с нуля: Музыкальная грамота", "", 34),
    ]
    assert offers[0].ours is not None
    assert offers[0].ours.part == "техника"
    with pytest.raises(Refused, match="не доказана"):
        credit(archive, brought)


def test_the_key_is_known_by_its_fingerprint_or_by_the_organizations_list(
    archive: Archive, file: Path, given: Given, tmp_path: Path
) -> None:
    assert read_package(archive.root, file, trusted_by(None, given.key)).proof.is_proven
    assert read_package(archive.root, file, trusted_by(given.trust, None)).proof.is_proven
    with pytest.raises(Refused, match="не отпечаток"):
        trusted_by(None, "MD5:00")
    trust = tmp_path / "allowed_signers"
    trust.write_bytes(given.trust.read_bytes())
    (tmp_path / "revocations").write_text(f"compromised {given.key} after root\n")
    brought = read_package(archive.root, file, trusted_by(trust, None))
    assert codes(brought) == {"PACKAGE_KEY_REVOKED"}
    assert brought.student is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({f"{FOLDER}/results/2026-1.yaml": b"period: 2026-1\n"}, "PACKAGE_FILE_ALTERED"),
        ({f"{FOLDER}/results/2026-1.yaml": None}, "PACKAGE_FILE_MISSING"),
        ({f"{FOLDER}/results/2026-2.yaml": b"period: 2026-2\n"}, "PACKAGE_FILE_UNLISTED"),
        ({LIST: b""}, "PACKAGE_LIST_UNREADABLE"),
        ({SIGNATURE: b"-----BEGIN SSH SIGNATURE-----\n"}, "PACKAGE_SIGNATURE_BAD"),
    ],
)
def test_what_was_changed_on_the_way_makes_the_package_void(
    changes: Mapping[str, bytes | None], code: str, archive: Archive, given: Given, tmp_path: Path
) -> None:
    brought = bring(archive, given.bent(tmp_path, changes), given.key)
    assert code in codes(brought)
    assert brought.student is None


def test_a_list_made_anew_does_not_fit_the_signature(
    archive: Archive, given: Given, tmp_path: Path
) -> None:
    forged = given.files[f"{FOLDER}/results/2026-1.yaml"].replace(b"mark: 4", b"mark: 5")
    path = given.signed_again(tmp_path, {f"{FOLDER}/results/2026-1.yaml": forged})
    assert bring(archive, path, given.key).proof.is_proven
    honest = given.files[SIGNATURE]
    files = {**unpack(path.read_bytes(), "x"), SIGNATURE: honest}
    path.write_bytes(pack(files, MOMENT))
    brought = bring(archive, path, given.key)
    assert codes(brought) == {"PACKAGE_SIGNATURE_BAD"}
    assert brought.student is None


def test_a_signature_of_something_else_is_none(
    archive: Archive, given: Given, tmp_path: Path
) -> None:
    path = given.signed_again(tmp_path, {}, namespace="git")
    assert codes(bring(archive, path, given.key)) == {"PACKAGE_SIGNATURE_BAD"}


def test_without_a_signature_it_is_shown_as_unproven(
    archive: Archive, given: Given, tmp_path: Path
) -> None:
    brought = bring(archive, given.bent(tmp_path, {SIGNATURE: None}), given.key)
    assert codes(brought) == {"PACKAGE_UNSIGNED"}
    assert brought.student is not None
    with pytest.raises(Refused, match="не доказана"):
        credit(archive, brought)


def test_its_records_are_judged_by_our_schemas_not_by_its_own(
    archive: Archive, given: Given, tmp_path: Path
) -> None:
    path = f"{FOLDER}/enrolments.yaml"
    wild = {path: given.files[path] + b"    grade: 5\n", "schema/enrolments.json": b"true"}
    brought = bring(archive, given.signed_again(tmp_path, wild), given.key)
    assert codes(brought) == {"PACKAGE_RECORD_UNREADABLE"}
    assert brought.student is None


@pytest.mark.parametrize("gone", ["records/organization.yaml", "records/programs/guitar.yaml",
                                  f"{FOLDER}/student.yaml"])  # fmt: skip
def test_a_package_that_lacks_what_it_rests_on_is_refused(
    gone: str, archive: Archive, given: Given, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="не подходит"):
        bring(archive, given.signed_again(tmp_path, {gone: None}), given.key)


def test_a_zip_that_is_no_package_is_refused(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(pack({"grades.csv": b"1;2"}, MOMENT))
    with pytest.raises(Refused, match="не пакет"):
        bring(archive, path)


def test_the_credit_names_their_words_our_decision_and_the_paper(
    archive: Archive, file: Path, given: Given
) -> None:
    written = credit(archive, bring(archive, file, given.key), save=True)
    assert written.saved is not None
    assert written.saved.commit is not None, written.findings
    entry = last(archive, "credits")
    assert entry == {
        "id": "k2", "enrolment": "e1", "applied": "2026-11-20",
        "organisation": "Индивидуальный предприниматель Ландышева Виола Громовна",
        "document": "d4",
        "items": [{
            "their_subject": SUBJECT, "their_result": "4 (четыре); шкала: Пятибалльная",
            "their_hours": 80, "part": "техника", "decision": "зачесть", "hours": 80, "mark": 4,
            "reason": "Содержание и часы совпадают",
        }],
    }  # fmt: skip
    paper = last(archive, "documents")
    assert (paper["kind"], paper["number"]) == ("сертификат", "С-2026-0001")
    assert given.key in paper["note"]
    scan = (archive.root / FOLDER / "attachments" / paper["file"]).read_bytes()
    assert scan == given.files["issued/2026/certificates-0001.pdf"]
    assert papka("check", "-C", archive.root).code == 0
    with pytest.raises(Refused, match="уже есть: 2026-0001#k2"):
        credit(archive, bring(archive, file, given.key))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (ANSWERS.replace("    decision: зачесть\n", ""), "нет решения"),
        (ANSWERS.replace(": зачесть", ": может быть"), "нет решения"),
        (ANSWERS.replace("Техника игры", "Техника"), "в пакете нет"),
        (ANSWERS.replace("Техника игры", "Музыкальная грамота"), "в пакете нет"),
        (ANSWERS + "    their_result: 5 (пять)\n", "лишнее: their_result"),
        (ANSWERS + "documents: d1\n", "лишнее: documents"),
        (ANSWERS + ANSWERS.partition("items:\n")[2], "дважды"),
        ("items: []\n", "ни одного решения"),
        ("items: [\n", "не читается"),
    ],
)
def test_an_answer_that_decides_nothing_or_changes_their_words_is_refused(
    answers: str, said: str, archive: Archive, file: Path, given: Given
) -> None:
    with pytest.raises(Refused, match=said):
        credit(archive, bring(archive, file, given.key), answers)
    assert not archive.save("s001").commit


def test_a_decision_the_rules_forbid_writes_nothing(
    archive: Archive, file: Path, given: Given
) -> None:
    written = credit(archive, bring(archive, file, given.key), ANSWERS.replace("4\n", "9\n"))
    assert written.refused
    assert not written.done
    assert last(archive, "credits")["id"] == "k1"


def test_another_person_or_enrolment_is_refused(archive: Archive, file: Path, given: Given) -> None:
    brought = bring(archive, file, given.key)
    with pytest.raises(NotFound, match="e9"):
        find_receiver(archive.root, f"{NUMBER}#e9", brought)
    with pytest.raises(NotFound, match="не запись об обучении"):
        find_receiver(archive.root, "e1", brought)
    archive.edit(f"{FOLDER}/student.yaml", "2011-05-14", "2011-05-15")
    with pytest.raises(Refused, match="разные люди"):
        find_receiver(archive.root, STUDY, brought)


def test_the_form_of_answers_decides_nothing_by_itself(
    archive: Archive, file: Path, given: Given
) -> None:
    brought = bring(archive, file, given.key)
    asked = write_answers_form(find_receiver(archive.root, STUDY, brought).offers, NOW.date())
    assert read(asked.encode(), "answers.yaml").value == {
        "applied": "2026-11-21",
        "items": [{"subject": SUBJECT, "part": "техника"}],
    }
    with pytest.raises(Refused, match="нет решения"):
        credit(archive, brought, asked)


def paper_of(archive: Archive, brought: ReadPackage) -> dict[str, Any]:
    """The inventory's line that a credit by this package would add."""
    to = find_receiver(archive.root, STUDY, brought)
    written = write_credit(
        archive.root, brought, to, ANSWERS.encode(), "answers.yaml",
        now=NOW, saving=None, dry_run=True,
    )  # fmt: skip
    path = f"{FOLDER}/documents.yaml"
    paper: dict[str, Any] = read(written.step.after[path], path).value["documents"][-1]
    return paper


ORGANISATION = "Индивидуальный предприниматель Ландышева Виола Громовна"


def test_the_paper_of_the_package_is_described_whole(
    archive: Archive, file: Path, given: Given
) -> None:
    paper = paper_of(archive, bring(archive, file, given.key))
    pdf = given.files["issued/2026/certificates-0001.pdf"]
    digest = sha256(pdf).hexdigest()
    assert paper == {
        "id": "d4", "kind": "сертификат", "number": "С-2026-0001", "date": "2026-11-20",
        "title": f"Сертификат, {ORGANISATION}", "medium": "только файл",
        "note": f"Из пакета личного дела, подпись верна: ключ {given.key}",
        "file": f"{digest[:12]}.pdf", "sha256": digest,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("papers", "chosen"),
    [
        ([("certificates", "0001", 20), ("transcripts", "0001", 1)], ("transcripts", "0001")),
        ([("progress", "0001", 20), ("certificates", "0001", 1)], ("certificates", "0001")),
        ([("progress", "0001", 19), ("progress", "0002", 20)], ("progress", "0002")),
        ([("progress", "0002", 20), ("progress", "0001", 20)], ("progress", "0002")),
        ([("certificates", "0002", 20, "void"), ("progress", "0001", 1)], ("progress", "0001")),
        ([("certificates", "0002", 20, "gone"), ("progress", "0001", 1)], ("progress", "0001")),
        ([("awards", "0002", 20), ("progress", "0001", 1)], ("progress", "0001")),
    ],
)  # fmt: skip
def test_of_several_papers_the_one_that_says_most_and_is_latest_is_taken(
    papers: list[tuple[Any, ...]],
    chosen: tuple[str, str],
    archive: Archive,
    file: Path,
    given: Given,
) -> None:
    brought = bring(archive, file, given.key)
    entry = next(iter(brought.archive.registers.values()))
    registers, files = {}, {p: d for p, d in brought.files.items() if "issued/" not in p}
    for series, number, day, *wrong in papers:
        made = msgspec.structs.replace(
            entry, series=series, number=f"{series}-{number}", date=dt.date(2026, 11, day),
            void=Void(reason="испорчен") if "void" in wrong else None,
        )  # fmt: skip
        registers[f"issued/2026/{series}-{number}"] = made
        if "gone" not in wrong:
            files[f"issued/2026/{series}-{number}.pdf"] = b"%PDF-1.7 " + series.encode()
    brought = replace(brought, files=files, archive=replace(brought.archive, registers=registers))
    paper = paper_of(archive, brought)
    series, number = chosen
    assert paper["number"] == f"{series}-{number}"
    assert paper["sha256"] == sha256(files[f"issued/2026/{series}-{number}.pdf"]).hexdigest()
    kinds = {
        "transcripts": ("справка об обучении", "Справка об обучении"),
        "certificates": ("сертификат", "Сертификат"),
        "progress": ("справка об успеваемости", "Справка об успеваемости"),
    }
    kind, title = kinds[series]
    assert (paper["kind"], paper["title"]) == (kind, f"{title}, {ORGANISATION}")


def test_without_an_issued_paper_the_personal_file_stands_for_it(
    archive: Archive, file: Path, given: Given
) -> None:
    brought = bring(archive, file, given.key)
    files = {p: d for p, d in brought.files.items() if not p.endswith(".pdf")}
    both = {"b.pdf": b"%PDF-1.7 b", "a.pdf": b"%PDF-1.7 a", "deep/0.pdf": b"%PDF-1.7 0"}
    paper = paper_of(archive, replace(brought, files={**files, **both}))
    assert paper["kind"] == "личное дело другой организации"
    assert paper["number"] == NUMBER
    assert paper["sha256"] == sha256(both["a.pdf"]).hexdigest()
    assert paper["title"] == f"Личное дело, {ORGANISATION}"
    assert "date" not in paper
    for wrong, why in (
        ({"deep/0.pdf": b"%PDF-1.7"}, "нет ни справки, ни личного дела в PDF"),
        ({"a.pdf": b"<html>"}, "файл a.pdf — не PDF или слишком велик"),
        ({"a.pdf": b"%PDF-".ljust(LARGEST + 1)}, "файл a.pdf — не PDF или слишком велик"),
    ):
        with pytest.raises(Refused) as refused:
            paper_of(archive, replace(brought, files={**files, **wrong}))
        assert refused.value.message == f"Пакет {brought.name} не подходит: {why}"
        assert refused.value.next_step == "Попросите организацию выдать его заново"
    largest = {"a.pdf": b"%PDF-".ljust(LARGEST)}
    assert paper_of(archive, replace(brought, files={**files, **largest}))["number"] == NUMBER


def test_a_paper_that_is_in_the_inventory_already_is_named_and_not_listed_again(
    archive: Archive, file: Path, given: Given
) -> None:
    brought = bring(archive, file, given.key)
    assert credit(archive, brought, save=True).done
    path = f"{FOLDER}/credits.yaml"
    archive.write(path, archive.read(path).partition("  - id: k2\n")[0])
    to = find_receiver(archive.root, STUDY, brought)
    written = write_credit(
        archive.root, brought, to, ANSWERS.encode(), "answers.yaml",
        now=NOW, saving=None, dry_run=True,
    )  # fmt: skip
    assert list(written.step.after) == [path]
    assert written.step.names == (f"{NUMBER}#k2", f"{NUMBER}#d4")
    assert set(written.step.before) > set(written.step.after)


def test_who_is_not_found_is_told_with_what_there_is(
    archive: Archive, file: Path, given: Given
) -> None:
    brought = bring(archive, file, given.key)
    for address, message, step in (
        ("e1", "«e1» — не запись об обучении", "Она пишется так: 2026-0007#e1"),
        (f"{NUMBER}#e9", f"Записи об обучении {NUMBER}#e9 нет",
         f"Все записи: papka show {NUMBER}. Есть: «e1»."),
    ):  # fmt: skip
        with pytest.raises(NotFound) as missing:
            find_receiver(archive.root, address, brought)
        assert (missing.value.message, missing.value.next_step) == (message, step)
    archive.edit(f"{FOLDER}/student.yaml", "2011-05-14", "2011-05-15")
    with pytest.raises(Refused) as refused:
        find_receiver(archive.root, STUDY, brought)
    assert refused.value.message == (
        f"День рождения в пакете и в деле {NUMBER} разный: это разные люди"
    )
    assert refused.value.next_step == (
        "Проверьте номер: --enrolment НОМЕР#e1; если ошибка в карточке — papka fix"
    )
    archive.edit(f"{FOLDER}/student.yaml", "birth_date: 2011-05-15\n", "")
    assert find_receiver(archive.root, STUDY, brought).offers


def test_nothing_is_offered_by_a_package_that_may_not_be_believed(
    archive: Archive, given: Given, tmp_path: Path
) -> None:
    brought = bring(archive, given.bent(tmp_path, {LIST: b""}), given.key)
    to = find_receiver(archive.root, STUDY, brought)
    assert (to.offers, to.enrolment.id, brought.organization) == ((), "e1", "")
    with pytest.raises(Refused) as refused:
        credit(archive, brought)
    assert refused.value.message == ("Подлинность пакета не доказана, зачёт по нему не записывают")
    assert refused.value.next_step == (
        "Узнайте отпечаток ключа у самой организации и повторите: --fingerprint SHA256:…"
    )


def test_what_was_credited_once_is_told_with_what_to_do(
    archive: Archive, file: Path, given: Given
) -> None:
    brought = bring(archive, file, given.key)
    credit(archive, brought, save=True)
    with pytest.raises(Refused) as refused:
        credit(archive, brought)
    assert refused.value.message == f"Решение по предмету «{SUBJECT}» уже есть: {NUMBER}#k2"
    assert refused.value.next_step == (
        "Исправить его: papka fix; остальное оставьте в файле ответов и повторите"
    )


def test_the_day_of_the_application_is_todays_unless_it_is_said(
    archive: Archive, file: Path, given: Given
) -> None:
    brought = bring(archive, file, given.key)
    answers = ANSWERS.partition("\n")[2]
    written = credit(archive, brought, answers)
    assert written.done
    assert str(last(archive, "credits")["applied"]) == "2026-11-21"


def test_what_is_no_package_of_this_program_is_told_with_what_to_do(
    archive: Archive, tmp_path: Path, given: Given
) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(pack({"grades.csv": b"1;2"}, MOMENT))
    with pytest.raises(Refused) as refused:
        bring(archive, path)
    assert refused.value.message == "Файл export.zip — ZIP, но не пакет личного дела"
    assert refused.value.next_step == (
        "Пакет выдаёт papka give package; выгрузку платформы сначала распакуйте"
    )
    with pytest.raises(PapkaError) as failed:
        bring(archive, tmp_path / "gone.zip")
    assert "gone.zip" in failed.value.message
    with path.open("r+b") as large:
        large.truncate(MOST_BYTES + 1)
    with pytest.raises(Refused) as refused:
        bring(archive, path)
    assert refused.value.message == "Файл export.zip слишком большой"
    assert refused.value.next_step == "Проверьте, тот ли это файл"
    with pytest.raises(Refused) as refused:
        trusted_by(None, "MD5:00")
    assert refused.value.message == "«MD5:00» — не отпечаток ключа"
    assert refused.value.next_step == "Отпечаток начинается с SHA256:"
    for gone, why in (
        ("records/organization.yaml", "нет сведений об организации"),
        ("records/programs/guitar.yaml", "нет программ guitar"),
        (f"{FOLDER}/student.yaml", "в нём должно быть одно личное дело с карточкой"),
    ):
        with pytest.raises(Refused) as refused:
            bring(archive, given.signed_again(tmp_path, {gone: None}), given.key)
        assert refused.value.message == f"Пакет package.zip не подходит: {why}"
    two = {f"{FOLDER.replace('0001', '0002')}/student.yaml": given.files[f"{FOLDER}/student.yaml"]
           .replace(b"2026-0001", b"2026-0002")}  # fmt: skip
    with pytest.raises(Refused, match="одно личное дело"):
        bring(archive, given.signed_again(tmp_path, two), given.key)


def test_a_key_is_trusted_by_its_fingerprint_and_by_the_list_together(given: Given) -> None:
    trusted = trusted_by(given.trust, "SHA256:another")
    assert {given.key, "SHA256:another"} <= trusted.keys
    assert trusted.revoked == frozenset()
    staff = find_actor(given.archive.root, "s002").signer.fingerprint
    assert staff not in trusted.keys
    assert trusted_by(None, None) == Trusted()
