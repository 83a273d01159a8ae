"""What `papka trust` prints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from papka.core.plural import counted
from papka.gates.git.addresses import is_elsewhere
from papka.gates.git.repository import Remote
from papka.integrity.chronicle import Step
from papka.integrity.revocations import ROOT, Revocation
from papka.tasks.hosting.plan import shut_out
from papka.tasks.trust.known import Known, KnownKey
from papka.tasks.trust.refounding import Refounded
from papka.views.grouped import grouped

_SHOWN = 20


def show_lines(known: Known) -> Iterator[str]:
    """Keys, then what was accepted and re-founded."""
    for key in known.keys:
        role = "руководитель" if key.entry.is_head else "сотрудник"
        kind = ", токен" if key.is_token else ""
        yield f"{key.entry.staff}  {role:<12}  {key.fingerprint}{kind}"
        if key.revocation is not None:
            yield f"      не действует: {_ended(key.revocation)}"
    for each in known.state.acceptances:
        yield f"Признано: {each.code} у записи {each.commit[:12]} — {each.reason}"
    for act in known.state.refoundings:
        number = act.path.rpartition("/")[2]
        yield f"Ключи заменены по акту {number} от {act.date}: {' '.join(grouped(act.digest))}"
    faults = (*known.state.file.faults, *known.state.revocations.faults, *known.state.faults)
    if faults:
        yield "Не всё в records/trust понято; что именно: papka verify"


def json_of(known: Known) -> str:
    state = known.state
    told = {
        "keys": [_key(key) for key in known.keys],
        "accepted": [
            {"commit": each.commit, "code": each.code, "reason": each.reason}
            for each in state.acceptances
        ],
        "refoundings": [
            {"number": each.path.rpartition("/")[2], "date": each.date, "digest": each.digest}
            for each in state.refoundings
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def hit_lines(hit: Iterable[tuple[Step, bool]]) -> Iterator[str]:
    """Commits that a revocation makes doubtful."""
    found = list(hit)
    count = counted(len(found), "запись", "записи", "записей")
    yield f"После этого перестанут считаться верными: {count}"
    for step, can in found[:_SHOWN]:
        commit = step.commit
        moment = f"{commit.committer.moment:%d.%m.%Y %H:%M}"
        end = "" if can else "  — признать будет нельзя: в ней дела руководителя"
        yield f"  {commit.id[:12]}  {moment}  {_subject(step)}{end}"
    if len(found) > _SHOWN:
        yield f"  … и ещё {len(found) - _SHOWN}"


def revoked_lines(
    keys: Sequence[KnownKey], known: Known, mirrors: Iterable[Remote], *, compromised: bool
) -> Iterator[str]:
    """Keys taken out of force; of whoever has none left, how a server shuts them out: nothing here
    does that. `known`: as it was before."""
    word = "Ключ отозван" if compromised else "Ключ выведен"
    for each in keys:
        yield f"{word}: {each.entry.staff} {each.fingerprint}"
    left = {each.entry.staff for each in known.in_force if each not in keys}
    gone = sorted({each.entry.staff for each in keys} - left)
    urls = [each.url for each in mirrors if is_elsewhere(each.url)]
    commands = dict.fromkeys(line for url in urls for who in gone for line in shut_out(url, who))
    if commands:
        yield (
            f"Войти на сервер и прочесть архив {', '.join(gone)} всё ещё может. Пусть тот, кто "
            "ведёт сервер, уберёт там строки ключа входа и пароля:"
        )
        yield from (f"  {line}" for line in commands)


def refounded_lines(done: Refounded) -> Iterator[str]:
    yield f"Ключи заменены: запись {done.commit}"
    yield "Отпечаток акта (наберите его при проверке):"
    groups = grouped(done.digest)
    yield f"  {' '.join(groups[:4])}"
    yield f"  {' '.join(groups[4:])}"
    yield (
        f"Что дальше: напечатайте акт (papka print refounding {done.number}), подпишите от руки и "
        "храните с листом ключей; проверьте: papka verify --refounding "
        f'"{" ".join(groups)}"'
    )


def _subject(step: Step) -> str:
    """Printable: a foreign program may have written anything."""
    subject = step.commit.message.partition("\n")[0][:60]
    return "".join(sign if sign.isprintable() else "?" for sign in subject)


def _ended(revocation: Revocation) -> str:
    at = "первой" if revocation.commit == ROOT else revocation.commit[:12]
    if revocation.is_compromised:
        return f"после записи {at} им могут владеть посторонние"
    return f"выведен, последняя запись {at}"


def _key(key: KnownKey) -> dict[str, Any]:
    revocation = key.revocation
    return {
        "staff": key.entry.staff,
        "head": key.entry.is_head,
        "fingerprint": key.fingerprint,
        "token": key.is_token,
        "revoked": None
        if revocation is None
        else {"compromised": revocation.is_compromised, "commit": revocation.commit},
    }


def said_of(done: str, commit: str) -> str:
    """What was done, in which commit, and what comes next."""
    told = click.style(done, fg="green")
    return f"{told}\nЗапись {commit[:12]}\nЧто дальше: отправьте остальным: papka sync"
