"""What `papka trust` prints.

papka trust: who may sign, who may no more, and what the head vouches for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from papka.cli.options import KEYS, acting, as_text_or_json, in_archive, require_yes
from papka.cli.report import exit_code, render
from papka.copies.server import shut_out
from papka.core.phrases import counted, grouped
from papka.desk import trust_changes, writing
from papka.desk.saving import Saved
from papka.desk.trust_changes import (
    Known,
    KnownKey,
    Refounded,
    actor_by_key,
    find_key,
    find_keys,
    hit_by,
    known_trust,
    read_past,
)
from papka.proof.chronicle import Step
from papka.proof.trusted_keys import ROOT, Revocation
from papka.proof.verify_codes import SIG_KEY_REVOKED
from papka.repository.handle import Remote, is_elsewhere, remotes
from papka.repository.objects import resolve
from papka.repository.signing import Actor, find_actor, load_public, load_signer
from papka.repository.worktree import find_root

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


_FILE = click.Path(dir_okay=False, path_type=Path)


def _signed(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--as`, and `--key`: another key of a head, say the one from the safe."""
    command = click.option(
        "--key",
        type=_FILE,
        metavar="ФАЙЛ",
        help="Подписать этим ключом: запасным из сейфа (файл .pub, если ключ в агенте).",
    )(command)
    return in_archive(acting(command))


def _sure(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--yes", is_flag=True, help="Не спрашивать подтверждения.")(command)


@click.group(
    "trust",
    options_metavar=KEYS,
    subcommand_metavar="ДЕЙСТВИЕ",
    help="Кто может подписывать: принять, вывести, признать, показать.",
)
def command() -> None:
    """What is done with trust is a subcommand."""


@command.command("show", options_metavar=KEYS, help="Чьи ключи действуют, чьи нет, что признано.")
@as_text_or_json
@in_archive
def show(folder: Path, style: str) -> None:
    known = known_trust(find_root(folder))
    click.echo(json_of(known) if style == "json" else "\n".join(show_lines(known)))


@command.command("add", options_metavar=KEYS, help="Принять ключ сотрудника или руководителя.")
@click.argument("person", metavar="СОТРУДНИК")
@click.argument("public", metavar="КЛЮЧ.pub", type=_FILE)
@click.option("--head", is_flag=True, help="Ключ руководителя: может всё.")
@_signed
def add(  # noqa: PLR0913 - one parameter an option
    folder: Path, person: str, public: Path, staff: str | None, key: Path | None, *, head: bool
) -> int:
    root = find_root(folder)
    actor = _actor(root, staff, key)
    new = load_public(public)
    done = f"Ключ принят: {person} {new.fingerprint}"
    asked = f"trust add {person} {new.fingerprint} {head}".encode()
    if _repeated(root, asked):
        return 0
    writing.note_trust(root, asked, done, [person, new.line])
    return _told(
        root, asked, trust_changes.add(root, actor, person, new, head=head, now=_now()), done
    )


@command.command(
    "retire",
    options_metavar=KEYS,
    help="Вывести ключ: человек ушёл или сменил ключ. Подписанное раньше остаётся верным.",
)
@click.argument("whose", metavar="СОТРУДНИК|ОТПЕЧАТОК")
@click.option(
    "--at",
    "commit",
    default="HEAD",
    metavar="ЗАПИСЬ",
    help="Последняя запись, до которой ключ считается; по умолчанию последняя в архиве.",
)
@_sure
@_signed
def retire(  # noqa: PLR0913 - one parameter an option
    folder: Path, whose: str, commit: str, staff: str | None, key: Path | None, *, yes: bool
) -> int:
    return _revoke(folder, whose, commit, staff, key, compromised=False, yes=yes)


@command.command(
    "compromise",
    options_metavar=KEYS,
    help="Ключ украден или мог попасть в чужие руки: после названной записи ему не верят.",
)
@click.argument("whose", metavar="СОТРУДНИК|ОТПЕЧАТОК")
@click.option(
    "--after",
    "commit",
    required=True,
    metavar="ЗАПИСЬ",
    help="Последняя запись, за которую ручаетесь; root — только за первую.",
)
@_sure
@_signed
def compromise(  # noqa: PLR0913 - one parameter an option
    folder: Path, whose: str, commit: str, staff: str | None, key: Path | None, *, yes: bool
) -> int:
    return _revoke(folder, whose, commit, staff, key, compromised=True, yes=yes)


@command.command(
    "accept",
    options_metavar=KEYS,
    help="Признать честную ошибку: записи истории, код замечания, причина.",
)
@click.argument("commits", metavar="ЗАПИСЬ...", nargs=-1, required=True)
@click.option(
    "--code", "codes", required=True, multiple=True, metavar="КОД",
    help="Что признаётся, например SIG_MISSING; если замечаний у записи несколько, каждое.",
)  # fmt: skip
@click.option(
    "--reason",
    required=True,
    prompt="Что произошло и почему этому можно верить (без имён)",
    metavar="ТЕКСТ",
    help="Что произошло и почему этому можно верить; без имён.",
)
@_signed
def accept(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    commits: tuple[str, ...],
    codes: tuple[str, ...],
    reason: str,
    staff: str | None,
    key: Path | None,
) -> int:
    from papka.cli.context import mirror_access as access  # noqa: PLC0415 - a mirror is rarely asked
    from papka.copies.syncing import Synced  # noqa: PLC0415 - as above
    from papka.desk.trust_changes import accept_commits  # noqa: PLC0415 - as above

    def told(synced: Synced) -> None:
        click.echo(render("text", synced.findings, {}, synced.source), nl=False)
        if not synced.is_stopped:
            name = synced.primary.name
            click.echo(f"Получено с «{name}»: {counted(synced.received, *_RECORDS)}")

    root = find_root(folder)
    actor = _actor(root, staff, key)
    asked = f"trust accept {' '.join(commits)} {' '.join(codes)} {reason}".encode()
    if _repeated(root, asked):
        return 0
    done = f"Признано: {', '.join(codes)}, {counted(len(set(commits)), *_RECORDS)}"
    writing.note_trust(root, asked, done, [*commits, *codes])
    saved = accept_commits(
        root, actor, commits, codes, reason, now=_now(), access=access(), told=told
    )
    return _told(root, asked, saved, done)


_RECORDS = ("запись", "записи", "записей")


@command.command(
    "rotate", options_metavar=KEYS, help="Заменить ключ новым: потерян, устарел, новый компьютер."
)
@click.argument("whose", metavar="СОТРУДНИК|ОТПЕЧАТОК")
@click.argument("new", metavar="НОВЫЙ-КЛЮЧ", type=_FILE)
@_signed
def rotate(folder: Path, whose: str, new: Path, staff: str | None, key: Path | None) -> int:
    root = find_root(folder)
    actor = _actor(root, staff, key)
    signer = load_signer(new, agent=_agent())
    asked = f"trust rotate {whose} {signer.fingerprint}".encode()
    if _repeated(root, asked):
        return 0
    old = find_key(known_trust(root), whose)
    done = f"Ключ заменён: {old.entry.staff} {signer.fingerprint}"
    writing.note_trust(root, asked, done, [signer.public.line])
    saved = trust_changes.rotate(root, actor, old, signer, now=_now())
    code = _told(root, asked, saved, done)
    if saved.commit is not None and old.entry.is_head:
        click.echo("Перепишите новый отпечаток на бумагу: papka print keys")
    return code


@command.command(
    "refound",
    options_metavar=KEYS,
    help="Оба ключа руководителя утрачены: новые по бумажному акту, подписанному от руки.",
)
@click.option(
    "--daily", required=True, type=_FILE, metavar="КЛЮЧ", help="Новый ежедневный ключ (закрытый)."
)
@click.option(
    "--recovery", required=True, type=_FILE, metavar="КЛЮЧ.pub", help="Новый запасной (открытый)."
)
@_sure
@acting
@in_archive
def refound(folder: Path, daily: Path, recovery: Path, staff: str | None, *, yes: bool) -> None:
    from papka.desk.trust_changes import refound as make  # noqa: PLC0415 - done once, if ever
    from papka.repository.signing import acting_staff  # noqa: PLC0415 - beside what it is for

    root = find_root(folder)
    signer = load_signer(daily, agent=_agent())
    if not yes:
        require_yes(
            "Это делают, когда потеряны оба ключа. Все прежние ключи руководителя будут выведены, "
            "а новым поверят только по бумажному акту. Продолжить?"
        )
    done = make(root, acting_staff(root, staff), signer, load_public(recovery), now=_now())
    click.echo("\n".join(refounded_lines(done)))


def _revoke(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    whose: str,
    commit: str,
    staff: str | None,
    key: Path | None,
    *,
    compromised: bool,
    yes: bool,
) -> int:
    root = find_root(folder)
    actor = _actor(root, staff, key)
    asked = f"trust revoke {whose} {commit} {compromised}".encode()
    if _repeated(root, asked):
        return 0
    known = known_trust(root)
    keys = find_keys(known, whose)
    at = ROOT if compromised and commit == ROOT else resolve(root, commit)
    lines = [Revocation(each.fingerprint, at, is_compromised=compromised) for each in keys]
    hit = hit_by(read_past(root, now=_now()), lines)
    if hit:
        click.echo("\n".join(hit_lines(hit)))
        if not yes:
            require_yes("Записать отзыв?")
    done = "\n".join(revoked_lines(keys, known, remotes(root), compromised=compromised))
    writing.note_trust(root, asked, done, [line.line for line in lines])
    saved = trust_changes.revoke(root, actor, keys, at, compromised=compromised, now=_now())
    code = _told(root, asked, saved, done)
    good = [step.commit.id for step, can in hit if can]
    if saved.commit is not None and good:
        click.echo(
            "Проверьте каждую из этих записей. Честные признайте: papka trust accept "
            f"{' '.join(id_[:12] for id_ in good)} --code {SIG_KEY_REVOKED.name}"
        )
    return code


def _told(root: Path, asked: bytes, saved: Saved, done: str) -> int:
    click.echo(render("text", saved.findings, {}, saved.source), nl=False)
    if saved.commit is None:
        click.echo(click.style("Не записано", fg="red") + ": причины выше.")
        writing.answered(root, asked)
        return exit_code(saved.findings, "error")
    click.echo(said_of(done, saved.commit))
    writing.answered(root, asked)
    return 0


def _repeated(root: Path, asked: bytes) -> bool:
    """Answers what the same command has done before its answer was lost."""
    found = writing.trust_noted(root, asked)
    if found is not None:
        click.echo(said_of(found[1], found[0]))
        writing.answered(root, asked)
    return found is not None


def _actor(root: Path, staff: str | None, key: Path | None) -> Actor:
    if key is None:
        return find_actor(root, staff, agent=_agent())
    return actor_by_key(known_trust(root), load_signer(key, agent=_agent()))


def _agent() -> str | None:
    return os.environ.get("SSH_AUTH_SOCK")


def _now() -> datetime:
    return datetime.now().astimezone()
