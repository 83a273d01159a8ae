"""Papers that cannot be made: what happened and what to do now, whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import PapkaError
from papka.desk import sealing
from papka.desk.numbers import Waiting
from papka.paper import issuing
from papka.paper.issued_contents import Request
from papka.paper.issuing import annul, issue_drafts, make_void, request_again, require_head
from papka.paper.limited_process import Limits, Overran
from papka.paper.pdf import Layout, PrintFailed
from papka.paper.personal_file_layout import ScanNotPrinted, _miscount_error
from papka.paper.press import as_last_bound
from papka.proof.trusted_keys import HEAD, TrustEntry
from papka.records.archive import Archive
from papka.records.student import Document, Paper, Volume
from papka.repository.dot_papka import KeptDraft
from papka.repository.git_values import ED25519, PublicKey
from tests.paper.counted_school import ID, SCHOOLS
from tests.support.refusals import refused as told

ROOT = Path("/нигде")
DAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Archive:
    """A school with issued documents, as if it were saved."""
    found = SCHOOLS["many"]()
    monkeypatch.setattr(issuing, "load_saved", lambda _root, _student="": (found, "0" * 40))
    return found


def alive(archive: Archive) -> str:
    return next(
        entry.number
        for entry in archive.registers.values()
        if entry.void is None and entry.form.startswith("certificate")
        and not any(each.duplicate_of == entry.number for each in archive.registers.values())
    )  # fmt: skip


def test_a_page() -> None:
    error = PrintFailed("templates/a.css:3: такого свойства нет")
    assert (error.message, error.next_step) == (
        "Страница не печатается: templates/a.css:3: такого свойства нет",
        (
            "Исправьте файл в templates/ и сохраните: papka save (печатается только сохранённое). "
            "Странице доступны только стили и шрифты из этой папки"
        ),
    )
    assert told(lambda: Layout((), {"a": 1}, None).page_of("b"))[0] == (
        'Страница не печатается: в шаблоне нет раздела id="b"'
    )
    over = Overran(Limits(180.4, 5 << 20))
    assert (over.message, over.next_step) == (
        (
            "Страница не печатается: её вёрстка заняла больше 180 с работы процессора или 5 МБ "
            "памяти и остановлена"
        ),
        (
            "Обычно виноват шаблон: число в colspan или rowspan, таблица или текст без конца. "
            "Посмотрите, что меняли: git log -- templates, и верните прежнее: papka undo"
        ),
    )


def test_a_scan_and_a_count_that_does_not_fit() -> None:
    student = SCHOOLS["two"]().students[ID]
    paper = Document(id="d3", kind="справка", title="Справка", medium="только файл", file="ab.pdf")
    error = ScanNotPrinted(student, paper, "рисунок повреждён")
    assert (error.message, error.next_step) == (
        (
            f"Скан не печатается: рисунок повреждён. Документ d3 «Справка», файл {student.folder}/"
            "attachments/ab.pdf"
        ),
        (
            "Отсканируйте документ заново (PDF, PNG или JPEG без пароля) и замените файл. Если "
            "копия на бумаге и вшивается от руки, уберите у этого документа в documents.yaml "
            "строки file и sha256 и укажите sheets"
        ),
    )
    assert (
        "Документ  «Справка»" in ScanNotPrinted(student, with_fields(paper, id=None), "x").message
    )
    assert (_miscount_error().message, _miscount_error().next_step) == (
        "Число листов в описи не сходится с числом отпечатанных листов",
        (
            "Если шаблоны templates/personal-file не меняли, сообщите разработчикам: это ошибка "
            "программы"
        ),
    )


def test_new_sheets_without_old_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    student = SCHOOLS["two"]().students[ID]
    someone = student.person
    assert someone is not None

    def ask(*days: int) -> tuple[str, str]:
        volumes = tuple(
            Volume(volume=n, bound=dt.date(2026, 5, n), sheets=9, signed_by="s001") for n in days
        )
        person = with_fields(someone, paper=Paper(place="шкаф", volumes=volumes))
        bound = replace(student, person=person)
        return told(lambda: as_last_bound(ROOT, "HEAD", None, bound))  # type: ignore[arg-type] # not read

    asked: list[dt.datetime] = []
    monkeypatch.setattr(
        "papka.paper.press.commit_before", lambda _root, _tip, day: asked.append(day)
    )
    assert ask() == (
        f"В деле {ID} нет прошитых томов: новых листов не бывает без старых",
        "Напечатайте дело целиком, без --new-sheets; прошитое записывает papka bind",
    )
    assert ask(7, 9, 8) == (
        "В истории архива нет состояния на 09.05.2026, когда прошит последний том",
        "Напечатайте дело целиком, без --new-sheets",
    )
    assert asked == [dt.datetime.combine(dt.date(2026, 5, 9), dt.time.max)]


def test_a_document_issued_again(archive: Archive) -> None:
    number = alive(archive)
    entry = next(each for each in archive.registers.values() if each.number == number)
    assert request_again(ROOT, number, None, None) == ("certificate", entry.student)
    assert request_again(ROOT, number, "certificate", entry.student) == (
        "certificate", entry.student,
    )  # fmt: skip
    known = "Уберите форму и номер дела: их знает книга регистрации"
    is_this = f"Документ № {number} — это certificate {entry.student}, а не "
    for form, address, named in (
        ("transcript", entry.student, f"transcript {entry.student}"),
        ("transcript", None, "transcript"), (None, "2026-0404#e1", "2026-0404#e1"),
    ):  # fmt: skip
        assert told(lambda: request_again(ROOT, number, form, address)) == (is_this + named, known)  # noqa: B023 - called at once
    key = next(key for key, each in archive.registers.items() if each.number == number)
    archive.registers[key] = with_fields(entry, form="diploma@1")  # type: ignore[index] # a dictionary
    assert told(lambda: request_again(ROOT, number, None, None)) == (
        f"Документ № {number} — формы diploma@1, заново её не выдать",
        "Выдают: certificate, transcript, progress",
    )


def test_a_document_ended(archive: Archive) -> None:
    number = alive(archive)

    def ask(**words: object) -> tuple[str, str]:
        said = {"reason": "ошибка", "order": None, "spoiled": False, **words}
        return told(lambda: annul(ROOT, None, number, now=NOW, date=DAY, **said))  # type: ignore[arg-type] # nobody signs

    assert ask() == (
        f"Выданный документ № {number} аннулируют приказом",
        "Назовите приказ: --order 2026/0016; испорченный и не выданный — с ключом --spoiled",
    )
    assert ask(spoiled=True, reason=None) == (
        f"Почему № {number} недействителен?", 'Назовите причину: --reason "…"',
    )  # fmt: skip
    message, step = ask(order="2026/0404")
    assert message == "Приказа 2026/0404 среди сохранённых записей нет"
    assert step.startswith("Приказ указывают по имени файла: 2026/0001.")
    ended = next(each for each in archive.registers.values() if each.void is not None)
    assert ended.void is not None
    assert told(lambda: make_void(archive, ended.number, reason="x")) == (
        f"Документ № {ended.number} уже недействителен: {ended.void.reason}",
        f"Что о нём записано: papka find {ended.number}",
    )
    assert make_void(archive, number, reason="x", kind="испорчен", order=None) == {
        "reason": "x", "kind": "испорчен",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("signers", "who", "option"),
    [
        (b"", "его ключа в архиве нет", "s001"),
        (b'{0}@papka.invalid namespaces="git,papka-seal,papka-document" {1}\n', "s007", "s007"),
    ],
)
def test_who_may_sign(
    signers: bytes, who: str, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "G" * 43
    text = signers.decode().replace("{0}", "s007").replace("{1}", key)
    monkeypatch.setattr(issuing, "require_head_commit", lambda _: "0" * 40)
    monkeypatch.setattr(issuing, "blob_at", lambda *_: text.encode())
    actor = SimpleNamespace(staff="s002", signer=SimpleNamespace(public="другой"))
    assert told(lambda: require_head(ROOT, actor, DAY)) == (  # type: ignore[arg-type] # what is read of it
        "Документы подписывает руководитель, а ключ сотрудника s002 этого не может",
        f"Пусть выдаст руководитель ({who}): ключ --as {option}",
    )


def test_who_acts_for_the_head_signs_papers_of_the_term(monkeypatch: pytest.MonkeyPatch) -> None:
    public = PublicKey(ED25519, bytes([7]) * 32)
    term = (DAY - dt.timedelta(days=9), DAY - dt.timedelta(days=1))
    line = TrustEntry("s002", HEAD, public, term).line.encode()
    monkeypatch.setattr(issuing, "require_head_commit", lambda _: "0" * 40)
    monkeypatch.setattr(issuing, "blob_at", lambda *_: line)
    actor = SimpleNamespace(staff="s002", signer=SimpleNamespace(public=public))
    for day in term:
        require_head(ROOT, actor, day)  # type: ignore[arg-type] # what is read of it
        sealing.require_head(line, actor, "Пломбу ставит", day)  # type: ignore[arg-type] # as above
    assert told(lambda: require_head(ROOT, actor, DAY)) == (  # type: ignore[arg-type] # as above
        "Ключ s002 подписывает документы с 11.11.2026 по 19.11.2026, а этот — 20.11.2026",
        "Пусть выдаст руководитель; продлён срок — пусть примет другой ключ: papka trust add",
    )
    assert told(lambda: sealing.require_head(line, actor, "Пломбу ставит", DAY)) == (  # type: ignore[arg-type] # as above
        "Пломбу ставит только руководитель, а ключ s002 дан на срок с 11.11.2026 по 19.11.2026",
        "Попросите руководителя; со своим ключом в этой копии он добавит --as s001",
    )


def test_requests_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = [KeptDraft(name, {}) for name in ("a1", "b2", "c3")]
    request = Request("certificate", f"{ID}#e1", DAY)
    read = {
        "a1": None,
        "b2": request,
        "c3": replace(request, is_dated=True, date=dt.date(2026, 1, 2)),
    }
    made: list[dt.date] = []
    for name, job in (
        ("list_drafts", lambda _: drafts), ("is_own", lambda _root, draft: draft.name == "b2"),
    ):  # fmt: skip
        monkeypatch.setattr(f"papka.paper.issuing.dot_papka.{name}", job)
    monkeypatch.setattr(issuing, "is_request", lambda _: True)
    monkeypatch.setattr(issuing, "_read", lambda draft: read[draft.name])
    monkeypatch.setattr(issuing, "require_head", lambda *_: None)

    def issue(_root: Path, _actor: object, asked: Request, **_: object) -> str:
        made.append(asked.date)
        return "выдан"

    def agree(waiting: Waiting) -> bool:
        own.append(waiting.is_own)
        return waiting.is_own

    monkeypatch.setattr(issuing, "issue", issue)
    own: list[bool] = []
    found = issue_drafts(ROOT, None, agreed=agree, now=NOW)  # type: ignore[arg-type] # nobody signs
    answers = {
        name: (each.message, each.next_step) if isinstance(each, PapkaError) else each
        for name, each in found
    }
    assert answers == {
        "a1": ("это не заявка на документ", "Уберите его: .papka/drafts/a1"),
        "b2": "выдан",
        "c3": ("его не подписали", "Прочтите его или уберите: .papka/drafts/c3"),
    }
    assert (own, made) == ([True, False], [NOW.date()])
