"""Why copies and servers refuse, whole, asked with made-up values: no store is touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from papka.copies import backup_run, healing
from papka.copies.backup_plan import first_commit
from papka.copies.backup_run import _require_same
from papka.copies.drill import Drilled, _compare
from papka.copies.gathering import Gathered
from papka.copies.healing import _refuse_lost, _require_whole
from papka.copies.mirrors import accept_authority
from papka.copies.restoring import RestoreSource, _refuse_fork
from papka.copies.salvage import Lost
from papka.copies.server import _compose_refusal, admit, make_plan
from papka.core.findings import Code, Finding, Location, Severity
from papka.repository.git_values import Installed
from tests.support.refusals import refused as told

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
A, B, C, NONE = "a" * 40, "b" * 40, "c" * 40, "0" * 40


def found(
    name: str, message: str, severity: Severity = Severity.ERROR, **where: str | int
) -> Finding:
    return Finding(Code(name, severity, "", "", ""), message, Location(**where))  # type: ignore[arg-type] # its fields


def test_certificates(tmp_path: Path) -> None:
    file, both = tmp_path / "ca.pem", tmp_path / "both.pem"
    file.write_bytes(b"-----BEGIN CERTIFICATE-----\n")
    both.write_bytes(b"-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n")
    (tmp_path / "x").write_bytes(b"x")
    assert accept_authority("https://h", tmp_path / "." / "ca.pem") == file
    assert told(lambda: accept_authority("ssh://h", file)) == (
        "Сертификат бывает только у адреса https://…",
        "У ssh свой ключ сервера: зайдите на него один раз и сверьте отпечаток",
    )
    for bad in (both, tmp_path / "x"):
        assert told(lambda: accept_authority("https://h", bad)) == (  # noqa: B023 - called at once
            f"{bad} — не сертификат (или в нём лежит закрытый ключ)",
            "Возьмите у того, кто ведёт сервер, файл, который начинается с BEGIN CERTIFICATE",
        )
    assert told(lambda: accept_authority("https://h", tmp_path / "нет"))[0] == (
        f"Не удалось прочитать или записать {tmp_path / 'нет'}: такого файла или папки нет"
    )


@pytest.mark.parametrize(
    ("pushed", "why"),
    [
        ("", "сюда отправляют одну ветвь main, и ничего больше"),
        (f"{A} {B} refs/heads/x\n",
         "сюда отправляют только ветвь main, а прислано лишнее: refs/heads/x"),
        (f"{A} {B} refs/heads/main\n" + "".join(f"{A} {B} refs/{n}\n" for n in range(4)),
         "сюда отправляют только ветвь main, а прислано лишнее: refs/0, refs/1, refs/2 и другое"),
        (f"{A} {B} refs/heads/main\n{A} {B} refs/heads/main\n",
         "сюда отправляют одну ветвь main, и ничего больше"),
        (f"{A} {NONE} refs/heads/main\n", "ветвь main удалить нельзя: в ней весь архив"),
    ],
)  # fmt: skip
def test_refs_that_are_pushed(pushed: str, why: str) -> None:
    assert admit(Path("/нигде"), Path("/нигде"), pushed, now=NOW) == (why,)


def test_a_person_who_runs_the_check_of_a_server() -> None:
    assert told(lambda: admit(Path("/нигде"), None, f"{A} {B} refs/heads/main\n", now=NOW)) == (
        "Эту команду запускает git, когда на сервер отправляют архив", "Запускать её не нужно",
    )  # fmt: skip


def test_what_a_server_answers() -> None:
    def answer(*findings: Finding) -> tuple[str, ...]:
        return _compose_refusal(findings)

    bad = [found(f"BAD_{n}", f"не так {n}") for n in range(6)]
    fatal = found("WORST", "хуже\nвсего\x1b", Severity.FATAL, commit=B, path="a.yaml", line=3)
    act = found("ACT", "повторите с --refounding")
    first = "WORST: сохранение bbbbbbbbbbbb: a.yaml:3: хуже всего?"
    assert answer(found("W", "x", Severity.WARNING)) == ()
    assert answer(*bad[:3]) == tuple(f"BAD_{n}: не так {n}" for n in range(3))
    assert answer(bad[0], bad[0], fatal) == (first, "BAD_0: не так 0")
    assert answer(*bad[:3], fatal) == (
        first, "BAD_0: не так 0", "и ещё 2\u00a0замечания: все покажет papka verify и papka check",
    )  # fmt: skip
    assert answer(*bad)[-1] == "и ещё 4\u00a0замечания: все покажет papka verify и papka check"
    assert answer(act) == (
        (
            "если это замена утраченных ключей, пусть тот, кто ведёт сервер, введёт отпечаток "
            "акта: papka mirror host ПАПКА --refounding …"
        ),
        "ACT: повторите с --refounding",
    )
    for length in (300, 301):
        (line,) = answer(found("L", "я" * (length - len("L: "))))
        assert line == ("L: " + "я" * 297 + ("…" if length > 300 else ""))
    assert answer(found("P", "x", path="b.yaml")) == ("P: b.yaml: x",)


def test_places_of_a_server() -> None:
    opt = Installed("/opt/papka/bin/python", "/opt/papka/tools/papka")
    store = Path("/srv/papka-school/school.git")
    place = "Положите программу в /opt/papka, хранилища — в /srv/papka-ИМЯ"
    for wrong, named in (
        ((Path("/srv/мои/papka-school/school.git"), opt), "/srv/мои/papka-school/school.git"),
        ((store, opt._replace(python="/opt/my papka/python")), "/opt/my papka/python"),
    ):
        assert told(lambda: make_plan(wrong[0], "h", 443, (), wrong[1])) == (  # noqa: B023 - called at once
            f"{named}: в пути могут быть только латинские буквы, цифры и знаки . _ - +", place,
        )  # fmt: skip
    assert make_plan(store, "h", 443, (), opt).store == store


def test_two_histories_of_which_neither_goes_on_from_the_other() -> None:
    def candidate(head: str, *commits: str, named: bool = True) -> Any:  # noqa: ANN401 - what is read of one
        return SimpleNamespace(
            head=head, commits=commits, newer=None, named=named, signed=frozenset()
        )

    one, other = candidate(A, C, A), candidate(B, C, B)
    gathered = [Gathered("hub", A), Gathered("usb", B), Gathered("два", B)]
    told_both = (
        (
            f"Копии хранят разные истории: «hub» кончается сохранением {A[:12]}, «usb, два» — "
            f"сохранением {B[:12]}, и ни одна не продолжает другую"
        ),
        (
            "Проверьте обе (papka verify КОПИЯ) и назовите одну: --from КОПИЯ; вторую восстановите "
            "в другую папку"
        ),
    )
    assert told(lambda: _refuse_fork(one, [one, other], (), gathered)) == told_both
    nameless = told(lambda: _refuse_fork(one, [other], (), []))[0]
    assert f"«{A[:12]}» кончается" in nameless
    goes_on = SimpleNamespace(
        head=A, commits=(A,), named=True, newer=SimpleNamespace(commits=(B,)), signed=frozenset()
    )  # fmt: skip
    fine: tuple[tuple[Any, list[Any], tuple[str, ...]], ...] = (
        (one, [one], ()), (one, [other], (B,)), (one, [candidate(C, C)], ()),
        (one, [candidate(B, B, named=False)], ()), (candidate(A, A, named=False), [other], ()),
        (goes_on, [other], ()),
    )  # fmt: skip
    for chosen, listed, passed in fine:
        _refuse_fork(chosen, listed, passed, gathered)


def test_a_copy_held_against_the_archive() -> None:
    done = Drilled(RestoreSource("hub"), head=A)
    torn = found("OBJECT_MISSING", "объекта нет")
    own = found("SIG_MISSING", "подписи нет")
    small = found("SIG_MISSING", "мелочь", Severity.WARNING)

    def compared(head: str, *findings: Finding) -> tuple[tuple[str, ...], tuple[str, ...], int]:
        held = _compare(replace(done, head=head), findings, (C, B, A), Path(), None)
        assert not held.laid
        return held.faults, held.own_faults, held.behind

    assert compared(C) == ((), (), 0)
    assert compared(A, small) == ((), (), 2)
    assert compared(B, own, torn) == (("объекта нет",), ("подписи нет",), 1)
    assert compared("", own) == (("последнего сохранения в ней нет",), ("подписи нет",), 0)
    assert compared("d" * 40, torn, own) == (
        (
            "объекта нет",
            "она кончается сохранением dddddddddddd, а здесь такого нет: история другая",
            "подписи нет",
        ),
        (),
        0,
    )


def test_a_history_that_does_not_reach_its_beginning() -> None:
    def walked(*parents: tuple[str, ...], unreadable: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - as above
        commits = [SimpleNamespace(id=f"{n}", parents=each) for n, each in enumerate(parents)]
        return SimpleNamespace(commits=commits, unreadable=unreadable)

    assert first_commit(walked((), ("0",))) == "0"
    for wrong in (walked(), walked((), ()), walked((), unreadable=("x",))):
        assert told(lambda: first_commit(wrong)) == (  # noqa: B023 - called at once
            "История архива не читается до первого сохранения, копия была бы неполной",
            "Вылечите архив: papka verify, papka restore --heal",
        )


def test_what_no_copy_has_whole() -> None:
    def refused(lost: tuple[Lost, ...], *gathered: Gathered) -> str:
        return _refuse_lost(lost, gathered).message

    commit, file = Lost(A, "commit", B), Lost(A, "blob", C, "records/a.yaml")
    folder = Lost(A, "tree", C)
    hub, away = Gathered("hub"), Gathered("usb", trouble="нет связи")
    begins = "Целого нет ни в одной копии"
    ends = "Архив не изменён"
    assert refused((), hub, Gathered("два")) == (
        f"{begins} (hub, два): ни одного сохранения, с которого можно продолжить\n{ends}"
    )
    assert refused((commit, file, folder), hub, away) == (
        f"{begins} (hub):\n  сохранение {B[:12]}\n  records/a.yaml (сохранение {C[:12]})\n"
        f"  все файлы (сохранение {C[:12]})\nНе отозвалось «usb»: нет связи\n{ends}"
    )
    assert refused((commit,) * 10, away) == (
        f"{begins}:\n" + f"  сохранение {B[:12]}\n" * 10 + f"Не отозвалось «usb»: нет связи\n{ends}"
    )
    assert f"\n  и ещё 1\n{ends}" in refused((commit,) * 11, hub)
    assert _refuse_lost((), ()).next_step == (
        "Назовите ещё одну копию: papka restore --heal --from ПАПКА-КОПИИ. Если другой копии нет, "
        "вернитесь к последнему целому сохранению, файлы в папке останутся как есть: papka restore "
        "--heal --drop-unsent"
    )


@pytest.mark.parametrize(
    ("code", "severity", "is_own", "refused"),
    [
        ("OBJECT_MISSING", Severity.WARNING, True, True),
        ("SIG_MISSING", Severity.ERROR, True, False),
        ("SIG_MISSING", Severity.ERROR, False, True),
        ("SIG_MISSING", Severity.WARNING, False, False),
        ("REPO_WEAKENED", Severity.ERROR, False, False),
    ],
)
def test_a_store_built_anew(
    monkeypatch: pytest.MonkeyPatch, code: str, severity: Severity, *, is_own: bool, refused: bool
) -> None:
    verified = SimpleNamespace(findings=(found(code, "не так", severity),))
    monkeypatch.setattr(healing, "verify", lambda *_, **__: verified)
    if refused:
        assert told(lambda: _require_whole(Path(), NOW, is_own=is_own)) == (
            "Собранное хранилище не прошло проверки: не так; архив не изменён",
            "Назовите ещё одну копию: papka restore --heal --from ПАПКА-КОПИИ",
        )
    else:
        _require_whole(Path(), NOW, is_own=is_own)


@pytest.mark.parametrize(
    ("is_new", "device", "label", "same"),
    [
        (True, 1, None, True), (True, 2, None, False), (True, 1, "f" * 32, False),
        (False, 1, "f" * 32, True), (False, 2, "f" * 32, False), (False, 1, "e" * 32, False),
        (False, 1, None, False),
    ],
)  # fmt: skip
def test_another_disk_than_the_planned_one(
    monkeypatch: pytest.MonkeyPatch, label: str | None, *, is_new: bool, device: int, same: bool
) -> None:
    text = None if label is None else b"x"
    monkeypatch.setattr("papka.copies.media.read_label_of", lambda _: text)
    monkeypatch.setattr(backup_run, "read_label", lambda _: SimpleNamespace(id=label))
    monkeypatch.setattr(backup_run, "volume_of", lambda _: SimpleNamespace(device=device))
    plan: Any = SimpleNamespace(
        to=Path(), volume=SimpleNamespace(device=1), is_new=is_new,
        label=SimpleNamespace(medium="Н-1", id="f" * 32),
    )  # fmt: skip
    if same:
        _require_same(plan)
    else:
        assert told(lambda: _require_same(plan))[0] == (
            "Носитель «Н-1»: пока готовилась копия, его сменили или отключили. Прежние копии на "
            "нём не тронуты"
        )
