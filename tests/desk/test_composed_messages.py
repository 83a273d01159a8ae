"""The messages that history keeps: of a save and of an upgrade, whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from papka.core.places import FORMAT, ORGANIZATION
from papka.desk.edition import Difference, EditionState, School, first_records
from papka.desk.saving import save_message
from papka.desk.upgrading import UpgradePlan, _compose_message, raise_format
from papka.records.student import Student
from tests.support.derived import result, student

S = "records/students/2026/2026-0001"


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ((f"{S}/student.yaml",), "2026-0001: карточка\n\n2026-0001: карточка\n"),
        ((f"{S}/.salt",), "2026-0001: соль\n\n2026-0001: соль\n"),
        ((f"{S}/enrolments.yaml", f"{S}/results/2026-1.yaml", f"{S}/results/2026-2.yaml"),
         ("2026-0001: зачисления, результаты 2026-1, результаты 2026-2\n\n"
          "2026-0001: зачисления, результаты 2026-1, результаты 2026-2\n")),
        ((f"{S}/attachments/ab.pdf", f"{S}/attachments/cd.pdf", f"{S}/documents.yaml"),
         "2026-0001: сканы, опись\n\n2026-0001: сканы, опись\n"),
        ((f"{S}/credits.yaml", f"{S}/awards.yaml", f"{S}/consents.yaml", f"{S}/notices.yaml"),
         ("2026-0001: поощрения, согласия, зачёт, уведомления\n\n"
          "2026-0001: поощрения, согласия, зачёт, уведомления\n")),
        ((f"{S}/diagnostics.yaml", f"{S}/needs.yaml"),
         ("2026-0001: диагностика, особые потребности\n\n"
         "2026-0001: диагностика, особые потребности\n")),
        (("records/organization.yaml", "records/staff.yaml", "README.md"),
         "README.md; сведения о школе; сотрудники\n\nREADME.md\nсведения о школе\nсотрудники\n"),
        (("records/orders/2026/0001.yaml", "records/programs/guitar.yaml"),
         "приказ 2026/0001; программа guitar\n\nприказ 2026/0001\nпрограмма guitar\n"),
        (("records/events/2026.yaml", "records/approvals/2026-1.yaml", "records/media/2026.yaml"),
         ("утверждение 2026-1; мероприятия 2026; носители 2026\n\n"
          "утверждение 2026-1\nмероприятия 2026\nносители 2026\n")),
        (("records/platforms/kurs.yaml", "records/regulations/order/regulation.yaml"),
         "платформа kurs; локальный акт order\n\nплатформа kurs\nлокальный акт order\n"),
        (("records/trust/allowed_signers", "records/trust/accepted/1.yaml"),
         "принятие 1; ключи\n\nпринятие 1\nключи\n"),
        (("records/registers/issued/2026/certificates-0001.yaml",),
         "реестр issued/2026/certificates-0001\n\nреестр issued/2026/certificates-0001\n"),
    ],
)  # fmt: skip
def test_of_what_was_changed(paths: tuple[str, ...], message: str) -> None:
    assert save_message({}, {}, paths) == message


def test_of_which_entries_are_new_and_which_differ() -> None:
    old = student(result("r1", "2026-05-01", 4), result("r2", "2026-05-02", 4))
    both = with_fields(old.periods["2026-1"][0], mark=5)
    new = replace(old, periods={"2026-1": (both, *old.periods["2026-1"][1:],
                  result("r3", "2026-05-03", 3), result("r4", "2026-05-03", 3))})  # fmt: skip
    path = f"{S}/results/2026-1.yaml"

    def detail(before: Student | None, after: Student) -> str:
        earlier = {"2026-0001": before} if before else {}
        return save_message(earlier, {"2026-0001": after}, [path]).splitlines()[2]

    assert detail(old, old) == "2026-0001: результаты 2026-1"
    assert detail(old, new) == "2026-0001: результаты 2026-1 (+r3 r4, изменены r1)"
    assert detail(None, old) == "2026-0001: результаты 2026-1 (+e1 r1 r2)"
    assert detail(new, old) == "2026-0001: результаты 2026-1 (изменены r1)"


def test_a_subject_is_no_longer_than_a_line() -> None:
    def subject(*paths: str) -> str:
        return save_message({}, {}, paths).partition("\n")[0]

    def act(length: int) -> str:
        return f"records/regulations/{'a' * length}/regulation.yaml"

    assert subject(act(58)) == f"локальный акт {'a' * 58}"
    assert subject(act(59)) == "Прочие записи: 1"
    people = [f"records/students/2026/2026-{n:04}/student.yaml" for n in range(1, 8)]
    assert subject(*people[:3]) == "2026-0001: карточка; 2026-0002: карточка; 2026-0003: карточка"
    assert subject(*people) == "Личные дела: 7"
    assert subject(*people, ORGANIZATION, act(9)) == "Личные дела: 7; прочие записи: 2"
    many = [f"{S}/results/{year}-1.yaml" for year in range(2020, 2026)]
    assert subject(*many) == (
        "2026-0001: результаты 2020-1, результаты 2021-1, результаты 2022-1, рез…"
    )
    assert len(subject(*many)) == 72


FRESH = first_records(
    School("Школа", "Школа", "г. Москва", "Москва", "Ада", "Директор"), dt.date(2026, 3, 1)
)
DECLARED = """\
format: 1
kind: обычный
scales:
  - scale: слова
    title: Слова
    marks: [хорошо, плохо]
    passing_marks: [хорошо]
"""


def test_of_declarations_that_an_upgrade_adds() -> None:
    _, told = raise_format(DECLARED.encode(), (), FRESH)
    organization = [each for each in told if each.startswith(ORGANIZATION)]
    assert organization[0] == f"{ORGANIZATION}: шкала «слова»: отметки от низшей к высшей"
    assert organization[-1] == f"{ORGANIZATION}: формат 1 → 2"
    begins = ("серия ", "цель согласия «", "срок хранения «")
    kinds = [each.removeprefix(f"{ORGANIZATION}: ") for each in organization[1:-1]]
    assert [begin for begin in begins if any(each.startswith(begin) for each in kinds)] == [*begins]
    for said in kinds:
        assert said.startswith(begins)
    assert "серия certificates «Сертификаты об освоении программы», номера С-…" in kinds
    assert all(
        each.endswith("»: прочтите её текст до первой подписи")
        for each in kinds
        if each.startswith("цель")
    )
    assert "срок хранения «личное дело»: не подтверждено" in kinds
    acts = [each for each in told if each not in organization]
    assert acts
    assert all(each.endswith(": заготовка, её утверждает руководитель") for each in acts)


def test_of_an_upgrade() -> None:
    states = ("новый", "обновить", "убрать", "изменён в школе", "изменён в школе",
              "изменён в школе", "оставлен свой")  # fmt: skip
    every = tuple(Difference(f"f{n}", state, b"", b"") for n, state in enumerate(states))  # type: ignore[arg-type] # states
    plan = UpgradePlan("0" * 40, EditionState(every, 1, is_newer=False), {}, ("o: серия",))
    assert _compose_message(plan, frozenset({"f3"}), frozenset({"f4"})) == (
        f"Новая редакция программы, формат {FORMAT}\n\n"
        "новый: f0\nобновить: f1\nубрать: f2\nвзят вместо своего: f3\nоставлен свой: f4\n"
        "не решено: f5\no: серия\n"
    )
