"""`papka take PACKAGE.zip`: proof first, then a proposal; a credit only by decision (R-2.2.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from papka.core.errors import NotFound, Refused
from papka.gates.zipped import pack, unpack
from papka.intake.credit import form
from papka.intake.package import LIST, SIGNATURE
from papka.tasks.actor import find_actor
from papka.tasks.take.package import receiver, write_credit
from papka.tasks.take.package_reading import Brought, Trusted, read_package, trusted_by
from papka.tasks.write import Written
from papka.text.document import read
from tests.support.command import papka
from tests.support.packages import FOLDER, MOMENT, NUMBER, Given, give
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


@pytest.fixture(scope="module")
def given(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Given:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        return give(built_archive, tmp_path_factory.mktemp("given"))


@pytest.fixture
def file(given: Given, tmp_path: Path) -> Path:
    path = tmp_path / given.package.name
    path.write_bytes(given.package.data)
    return path


def codes(brought: Brought) -> set[str]:
    return {finding.code.name for finding in brought.proof.findings}


def bring(archive: Archive, file: Path, key: str = "") -> Brought:
    return read_package(archive.root, file, Trusted(frozenset({key} if key else ())))


def credit(
    archive: Archive, brought: Brought, answers: str = ANSWERS, *, save: bool = False
) -> Written:
    to = receiver(archive.root, STUDY, brought)
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
    offers = receiver(archive.root, STUDY, brought).offers
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
        receiver(archive.root, f"{NUMBER}#e9", brought)
    with pytest.raises(NotFound, match="не запись об обучении"):
        receiver(archive.root, "e1", brought)
    archive.edit(f"{FOLDER}/student.yaml", "2011-05-14", "2011-05-15")
    with pytest.raises(Refused, match="разные люди"):
        receiver(archive.root, STUDY, brought)


def test_the_form_of_answers_decides_nothing_by_itself(
    archive: Archive, file: Path, given: Given
) -> None:
    brought = bring(archive, file, given.key)
    asked = form(receiver(archive.root, STUDY, brought).offers, NOW.date())
    assert read(asked.encode(), "answers.yaml").value == {
        "applied": "2026-11-21",
        "items": [{"subject": SUBJECT, "part": "техника"}],
    }
    with pytest.raises(Refused, match="нет решения"):
        credit(archive, brought, asked)
