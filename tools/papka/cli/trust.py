"""papka trust: tell and change who may sign, and what the head vouches for.

A command whose answer was lost with the process that gave it is answered again, not done twice:
it notes what it is about to do (`desk/command_end`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from papka.cli.context import Context, in_archive, mirror_access, read_clock, ssh_agent
from papka.cli.options import ADDRESS, KEYS, acting, agree, as_text_or_json, require_yes, yes_option
from papka.cli.progress import watcher
from papka.cli.report import (
    as_json,
    count_commits,
    exit_code,
    shortened,
    show_findings,
    warning,
)
from papka.cli.russian_names import BilingualGroup
from papka.cli.sync import exchange
from papka.copies.joining import (
    JoinRequest,
    accept_if_trusted,
    list_staff,
    read_request,
    require_person,
    require_same_archive,
)
from papka.copies.server import revocation_commands
from papka.copies.syncing import Synced
from papka.core.errors import NotFound, Refused
from papka.core.phrases import grouped, printable, quoted
from papka.desk import command_end, key_renewal, trust_changes
from papka.desk.saving import Saved
from papka.desk.trust_changes import (
    KnownKey,
    KnownTrust,
    Refounded,
    actor_by_key,
    find_key,
    find_keys,
    find_signed,
    known_trust,
    list_affected,
    read_past,
)
from papka.proof.chronicle import HistoryStep
from papka.proof.commit_rules import name_last_good
from papka.proof.trusted_keys import ROOT, Revocation, say_key_term
from papka.proof.verify_codes import SIG_KEY_REVOKED
from papka.repository.files import SMALL, NotPlain, read_plain
from papka.repository.git_values import PublicKey
from papka.repository.handle import Remote, is_one_place, is_remote, list_remotes
from papka.repository.signing import (
    SigningActor,
    load_public,
    load_signer,
    make_missing_key,
    waiting_person,
)


def _trust_lines(known: KnownTrust) -> Iterator[str]:
    """Tell the keys, then what was accepted and re-founded."""
    for key in known.keys:
        role = "руководитель" if key.entry.is_head else "сотрудник"
        kind = ", токен" if key.is_token else ""
        yield f"{key.entry.staff}  {role:<12}  {key.fingerprint}{kind}"
        if key.entry.term is not None:
            yield f"      замещает руководителя: действует {say_key_term(key.entry.term)}"
        if key.revocation is not None:
            yield f"      не действует: {_end_text(key.revocation)}"
    for each in known.state.acceptances:
        yield f"Признано: {each.code} у сохранения {each.commit[:12]} — {each.reason}"
    for act in known.state.refoundings:
        number = act.path.rpartition("/")[2]
        yield f"Ключи заменены по акту {number} от {act.date}: {' '.join(grouped(act.digest))}"
    faults = (*known.state.file.faults, *known.state.revocations.faults, *known.state.faults)
    if faults:
        yield "Не всё в records/trust понято; что именно: papka verify"


def _as_values(known: KnownTrust) -> dict[str, object]:
    state = known.state
    return {
        "keys": [_key_values(key) for key in known.keys],
        "accepted": [
            {"commit": each.commit, "code": each.code, "reason": each.reason}
            for each in state.acceptances
        ],
        "refoundings": [
            {"number": each.path.rpartition("/")[2], "date": each.date, "digest": each.digest}
            for each in state.refoundings
        ],
    }


def _hit_lines(hit: Sequence[tuple[HistoryStep, bool]]) -> Iterator[str]:
    """Tell the commits that a revocation makes doubtful."""
    yield f"После этого перестанут считаться верными: {count_commits(len(hit))}"
    lines = []
    for step, can_accept in hit:
        commit = step.commit
        moment = f"{commit.committer.moment:%d.%m.%Y %H:%M}"
        end = "" if can_accept else "  — признать будет нельзя: в ней дела руководителя"
        lines.append(f"  {commit.id[:12]}  {moment}  {_subject_of(step)}{end}")
    yield from shortened(lines, 20)


def _revoked_lines(
    keys: Sequence[KnownKey], known: KnownTrust, mirrors: Iterable[Remote], *, compromised: bool
) -> Iterator[str]:
    """Tell the keys taken out of force, and how a server shuts out people who have none left.

    `known`: trust as it was before. Nothing here reaches the server.
    """
    word = "Ключ отозван" if compromised else "Ключ выведен"
    for each in keys:
        yield f"{word}: {each.entry.staff} {each.fingerprint}"
    left = {each.entry.staff for each in known.in_force if each not in keys}
    gone = sorted({each.entry.staff for each in keys} - left)
    urls = [each.url for each in mirrors if is_remote(each.url)]
    commands = dict.fromkeys(
        line for url in urls for who in gone for line in revocation_commands(url, who)
    )
    if commands:
        yield (
            f"Войти на сервер и прочесть архив {', '.join(gone)} всё ещё может. Пусть тот, кто "
            "ведёт сервер, уберёт там строки ключа входа и пароля:"
        )
        yield from (f"  {line}" for line in commands)


def _refounded_lines(done: Refounded) -> Iterator[str]:
    yield f"Ключи заменены: сохранение {done.commit}"
    yield "Отпечаток акта (наберите его при проверке):"
    groups = grouped(done.digest)
    yield f"  {' '.join(groups[:4])}"
    yield f"  {' '.join(groups[4:])}"
    yield (
        f"Что дальше: напечатайте акт (papka print refounding {done.number}), подпишите от руки и "
        "храните с листом ключей; проверьте: papka verify --refounding "
        f'"{" ".join(groups)}"'
    )


def _subject_of(step: HistoryStep) -> str:
    """Return the subject of a commit, printable: a foreign program may have written anything."""
    return printable(step.commit.subject[:60])


def _end_text(revocation: Revocation) -> str:
    at = name_last_good(revocation)
    if revocation.is_compromised:
        return f"после {at} им могут владеть посторонние"
    return f"выведен после {at}"


def _key_values(key: KnownKey) -> dict[str, Any]:
    revocation = key.revocation
    return {
        "staff": key.entry.staff,
        "head": key.entry.is_head,
        "fingerprint": key.fingerprint,
        "token": key.is_token,
        "term": key.entry.term and [each.isoformat() for each in key.entry.term],
        "revoked": None
        if revocation is None
        else {"compromised": revocation.is_compromised, "commit": revocation.commit},
    }


_FILE = click.Path(dir_okay=False, path_type=Path)


def _signed(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-C`, `--as`, and `--key`: another key of a head, say the one from the safe."""
    command = click.option(
        "--key",
        type=_FILE,
        metavar="ФАЙЛ",
        help="Подписать этим ключом: запасным из сейфа (файл .pub, если ключ в агенте).",
    )(command)
    return in_archive(acting(command))


@click.group(
    "trust",
    cls=BilingualGroup,
    options_metavar=KEYS,
    subcommand_metavar="ДЕЙСТВИЕ",
    help="Кто может подписывать: принять, вывести, признать, показать.",
)
def command() -> None:
    """Hold a subcommand for each thing done with trust."""


@command.command("show", options_metavar=KEYS, help="Чьи ключи действуют, чьи нет, что признано.")
@as_text_or_json
@in_archive
def show(here: Context) -> None:
    known = known_trust(here.root)
    if here.style == "json":
        click.echo(as_json(_as_values(known)))
    else:
        click.echo("\n".join(_trust_lines(known)))


@command.command(
    "add",
    options_metavar=KEYS,
    short_help="Принять ключ сотрудника или руководителя.",
    help="Принять ключ: по заявке, которую написал papka join (файл или строка), и сразу отправить "
    "в зеркала; или номером сотрудника и файлом открытого ключа.",
)
@click.argument("person", metavar="ЗАЯВКА|СОТРУДНИК", type=ADDRESS)
@click.argument("public", metavar="[КЛЮЧ.pub]", type=_FILE, required=False)
@click.option(
    "--head",
    is_flag=True,
    help="Ключ руководителя: может всё; кто его замещает — в срок из staff.yaml.",
)
@yes_option
@_signed
def add(  # noqa: PLR0913 - one parameter an option
    here: Context, person: str, public: Path | None, key: Path | None, *, head: bool, yes: bool
) -> int:
    root, actor = here.root, _find_actor(here, key)
    if public is not None:
        return _accept_key(here, actor, person, load_public(public), head=head, yes=yes)
    if head:
        raise click.UsageError(
            "По заявке принимают обычный ключ; ключ руководителя называют файлом: papka trust add "
            "s001 КЛЮЧ.pub --head"
        )
    request = _read_request(person)
    require_same_archive(root, request)
    click.echo("\n".join(_request_lines(root, request)))
    code = 0
    if not _is_accepted(root, request):
        code = _accept_key(here, actor, request.staff, request.key, yes=yes, is_sent=True)
    if code == 0 and waiting_person(root) == request.staff:  # both work at this computer
        accept_if_trusted(root)
    return code or _send_acceptance(here, actor, request)


def _read_request(written: str) -> JoinRequest:
    """Read a request from a file or from the line itself; raises Refused, NotFound."""
    if written.lstrip().startswith("papka-join"):
        return read_request(written)
    try:
        data = read_plain(Path(written), most=SMALL, follow=True)
    except FileNotFoundError as error:
        raise NotFound(
            f"Файла заявки «{printable(written)}» нет",
            "Назовите файл заявки (request-s002.txt) или вставьте её строку целиком; ключ без "
            "заявки принимают так: papka trust add s002 КЛЮЧ.pub",
        ) from error
    except (NotPlain, ValueError) as error:
        raise Refused(
            f"«{printable(written)}» — не файл заявки", "Назовите файл request-s002.txt"
        ) from error
    return read_request(data.decode("utf-8", "replace"))


def _request_lines(root: Path, request: JoinRequest) -> Iterator[str]:
    """Tell the head who wants in, and what would be odd about it."""
    person = require_person(list_staff(root), request.staff)
    yield f"Заявка: {person.id}, {printable(person.name.full)}, {printable(person.post)}"
    others = [
        key for key in known_trust(root).in_force
        if key.entry.staff == request.staff and key.entry.key != request.key
    ]  # fmt: skip
    if any(key.entry.is_head and key.entry.term is None for key in others):
        yield "Под этим номером подписывает руководитель; новый ключ сможет только сохранять записи"
    elif others:
        yield (
            f"У {person.id} уже есть ключ ({', '.join(key.fingerprint for key in others)}): это "
            "второй компьютер? Если прежний потерян или украден, выведите его: papka trust "
            f"compromise {others[0].fingerprint} --after СОХРАНЕНИЕ"
        )
    primary = next((each for each in list_remotes(root) if each.primary), None)
    if (
        primary is not None
        and request.mirror
        and is_remote(primary.url)
        and not is_one_place(primary.url, request.mirror)
    ):
        yield warning(
            f"заявка сделана с зеркала {request.mirror}, а основное здесь {printable(primary.url)}."
            " Основное у всех должно быть одно, иначе записи разойдутся"
        )


def _is_accepted(root: Path, request: JoinRequest) -> bool:
    """Tell whether the very request was accepted before."""
    is_there = any(
        (key.entry.staff, key.entry.key) == (request.staff, request.key)
        for key in known_trust(root).in_force
    )
    if is_there:
        click.echo(f"Ключ уже принят: {request.staff} {request.key.fingerprint}")
    return is_there


def _send_acceptance(here: Context, actor: SigningActor, request: JoinRequest) -> int:
    """Send what was accepted to the mirrors, so that the person needs nothing more of the head."""
    remotes = list_remotes(here.root)
    if not remotes:
        click.echo(f"Что дальше: {request.staff} может сохранять")
        return 0
    code = exchange(here, [actor])
    others = [each for each in remotes if not each.primary and is_remote(each.url)]
    if others:
        click.echo(f"Пусть {request.staff} запишет у себя и остальные зеркала:")
    for each in others:
        url = quoted(printable(each.url))
        click.echo(f"  papka mirror add {each.name} {url} --country {each.country}")
    return code


def _accept_key(  # noqa: PLR0913 - whose key is accepted, and as what
    here: Context,
    actor: SigningActor,
    person: str,
    new: PublicKey,
    *,
    head: bool = False,
    yes: bool,
    is_sent: bool = False,
) -> int:
    root = here.root
    done = f"Ключ принят: {person} {new.fingerprint}"
    asked = f"trust add {person} {new.fingerprint} {head}".encode()
    if _answer_again(root, asked, is_sent=is_sent):
        return 0
    term = trust_changes.term_of_head_key(root, person, here.now.date()) if head else None
    may = "сможет всё, как руководитель," if head else "сможет сохранять"
    if term is not None:
        days = say_key_term(term)
        may += f" но только {days} и не принимая и не выводя ключей руководителя,"
        done += f", действует {days}"
    agree(
        f"Сверьте отпечаток с тем, что {person} назовёт сам:\n  {new.fingerprint}\n"
        f"Кто владеет этим ключом, {may} от имени {person}; запись об этом останется навсегда. "
        "Принять ключ?",
        yes=yes,
    )
    command_end.note_trust(root, asked, done, [person, new.line])
    saved = trust_changes.add(root, actor, person, new, head=head, now=here.now)
    return _show_saved(root, asked, saved, done, is_sent=is_sent)


@command.command(
    "retire",
    options_metavar=KEYS,
    help="Вывести ключ: человек ушёл или сменил ключ. Подписанное раньше остаётся верным.",
)
@click.argument("whose", metavar="СОТРУДНИК|ОТПЕЧАТОК", type=ADDRESS)
@click.option(
    "--at",
    "commit",
    default="HEAD",
    metavar="СОХРАНЕНИЕ",
    help="Последнее сохранение, до которого ключ считается; по умолчанию последнее в архиве.",
)
@yes_option
@_signed
def retire(here: Context, whose: str, commit: str, key: Path | None, *, yes: bool) -> int:
    return _revoke(here, whose, commit, key, compromised=False, yes=yes)


@command.command(
    "compromise",
    options_metavar=KEYS,
    help="Ключ украден или мог попасть в чужие руки: после названного сохранения ему не верят.",
)
@click.argument("whose", metavar="СОТРУДНИК|ОТПЕЧАТОК", type=ADDRESS)
@click.option(
    "--after",
    "commit",
    required=True,
    metavar="СОХРАНЕНИЕ",
    help="Последнее сохранение, за которое ручаетесь; root — только за первое.",
)
@yes_option
@_signed
def compromise(here: Context, whose: str, commit: str, key: Path | None, *, yes: bool) -> int:
    return _revoke(here, whose, commit, key, compromised=True, yes=yes)


@command.command(
    "accept",
    options_metavar=KEYS,
    help="Признать честную ошибку: сохранения, код замечания, причина.",
)
@click.argument("commits", metavar="СОХРАНЕНИЕ...", nargs=-1, required=True)
@click.option(
    "--code", "codes", required=True, multiple=True, metavar="КОД",
    help="Что признаётся, например SIG_MISSING; если замечаний у сохранения несколько, каждое.",
)  # fmt: skip
@click.option(
    "--reason",
    required=True,
    prompt="Что произошло и почему этому можно верить (без имён)",
    metavar="ТЕКСТ",
    help="Что произошло и почему этому можно верить; без имён.",
)
@yes_option
@_signed
def accept(  # noqa: PLR0913 - one parameter an option
    here: Context,
    commits: tuple[str, ...],
    codes: tuple[str, ...],
    reason: str,
    key: Path | None,
    *,
    yes: bool,
) -> int:

    def show_received(synced: Synced) -> None:
        show_findings(synced.findings, synced.source)
        if not synced.is_stopped:
            name = synced.primary.name
            click.echo(f"Получено с «{name}»: {count_commits(synced.received)}")

    root, actor = here.root, _find_actor(here, key)
    asked = f"trust accept {' '.join(commits)} {' '.join(codes)} {reason}".encode()
    if _answer_again(root, asked):
        return 0
    agree(
        f"Замечания {', '.join(codes)} к {', '.join(commits)} проверка больше не сочтёт ошибкой; "
        "признание и причина останутся навсегда. Признать?",
        yes=yes,
    )
    done = f"Признано: {', '.join(codes)}, {count_commits(len(set(commits)))}"
    command_end.note_trust(root, asked, done, [*commits, *codes])
    saved = trust_changes.accept_commits(
        root, actor, commits, codes, reason,
        now=here.now, access=mirror_access(watcher()), told=show_received,
    )  # fmt: skip
    return _show_saved(root, asked, saved, done)


@command.command(
    "rotate", options_metavar=KEYS, help="Заменить ключ новым: потерян, устарел, новый компьютер."
)
@click.argument("whose", metavar="СОТРУДНИК|ОТПЕЧАТОК", type=ADDRESS)
@click.argument("new", metavar="НОВЫЙ-КЛЮЧ", type=_FILE)
@yes_option
@_signed
def rotate(here: Context, whose: str, new: Path, key: Path | None, *, yes: bool) -> int:
    root, actor = here.root, _find_actor(here, key)
    signer = load_signer(new, agent=ssh_agent())
    asked = f"trust rotate {whose} {signer.fingerprint}".encode()
    if _answer_again(root, asked):
        return 0
    old = find_key(known_trust(root), whose)
    agree(
        f"Прежний ключ {old.entry.staff} {old.fingerprint} больше не сможет подписывать, вместо "
        f"него — {signer.fingerprint}. Заменить?",
        yes=yes,
    )
    done = f"Ключ заменён: {old.entry.staff} {signer.fingerprint}"
    command_end.note_trust(root, asked, done, [signer.public.line])
    saved = trust_changes.rotate(root, actor, old, signer, now=here.now)
    code = _show_saved(root, asked, saved, done)
    if saved.commit is not None and old.entry.is_head:
        click.echo("Перепишите новый отпечаток на бумагу: papka print keys")
    return code


@command.command(
    "renew",
    options_metavar=KEYS,
    short_help="Обновить оба ключа руководителя ключами другого вида.",
    help="Обновить оба ключа руководителя ключами другого вида; прежние выводятся, подписанное ими "
    "остаётся верным. Файла ещё нет — papka создаст в нём ключ ecdsa на 384 бита.",
)
@click.argument("daily", metavar="ЕЖЕДНЕВНЫЙ", type=_FILE)
@click.argument("recovery", metavar="ЗАПАСНОЙ", type=_FILE)
@yes_option
@_signed
def renew(here: Context, daily: Path, recovery: Path, key: Path | None, *, yes: bool) -> int:
    root, actor = here.root, _find_actor(here, key)
    agree(
        f"Вместо ключей руководителя {actor.staff} станут действовать {daily} и {recovery}; "
        "прежние больше не смогут подписывать. Обновить?",
        yes=yes,
    )
    for file, name in ((daily, "daily"), (recovery, "recovery")):
        make_missing_key(file, f"papka {name}")
    signer = load_signer(daily, agent=ssh_agent())
    spare = load_signer(recovery, agent=ssh_agent()).public
    done = key_renewal.renew(root, actor, signer, spare, now=here.now)
    if done.saved is not None and done.saved.commit is None:
        show_findings(done.saved.findings, done.saved.source)
        click.echo(click.style("Не записано", fg="red") + ": причины выше.")
        return exit_code(done.saved.findings)
    click.echo("\n".join(_renewed_lines(actor.staff, signer.public, spare, done.until)))
    return 0


def _renewed_lines(staff: str, daily: PublicKey, recovery: PublicKey, until: str) -> Iterator[str]:
    yield click.style(f"Ключи руководителя обновлены: {staff}", fg="green")
    for name, new in (("ежедневный", daily), ("запасной", recovery)):
        yield f"  {name:<10}  {new.fingerprint}  {new.kind}"
    yield f"Подписанное прежними ключами до сохранения {until[:12]} остаётся верным"
    yield (
        "Что дальше: запасной ключ — в сейф, с компьютера его уберите; отправьте остальным: papka "
        "sync; напечатайте лист ключей и храните вместе с прежними: papka print keys"
    )


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
@yes_option
@acting
@in_archive
def refound(here: Context, daily: Path, recovery: Path, *, yes: bool) -> None:
    root = here.root
    signer = load_signer(daily, agent=ssh_agent())
    if not yes:
        require_yes(
            "Это делают, когда потеряны оба ключа. Все прежние ключи руководителя будут выведены, "
            "а новым поверят только по бумажному акту. Продолжить?"
        )
    staff, new = here.acting_staff, load_public(recovery)
    done = trust_changes.refound(root, staff, signer, new, now=here.now)
    click.echo("\n".join(_refounded_lines(done)))


def _revoke(  # noqa: PLR0913 - one parameter an option
    here: Context, whose: str, commit: str, key: Path | None, *, compromised: bool, yes: bool
) -> int:
    root, actor = here.root, _find_actor(here, key)
    asked = f"trust revoke {whose} {commit} {compromised}".encode()
    if _answer_again(root, asked):
        return 0
    known = known_trust(root)
    keys = find_keys(known, whose)
    at = ROOT if compromised and commit == ROOT else find_signed(root, commit)
    lines = [Revocation(each.fingerprint, at, is_compromised=compromised) for each in keys]
    hit = list_affected(read_past(root, now=here.now), lines)
    if hit:
        click.echo("\n".join(_hit_lines(hit)))
        if not yes:
            require_yes("Записать отзыв?")
    done = "\n".join(_revoked_lines(keys, known, list_remotes(root), compromised=compromised))
    command_end.note_trust(root, asked, done, [line.line for line in lines])
    saved = trust_changes.revoke(root, actor, keys, at, compromised=compromised, now=read_clock())
    code = _show_saved(root, asked, saved, done)
    good = [step.commit.id for step, can_accept in hit if can_accept]
    if saved.commit is not None and good:
        click.echo(
            "Проверьте каждое из этих сохранений. Честные признайте: papka trust accept "
            f"{' '.join(id_[:12] for id_ in good)} --code {SIG_KEY_REVOKED.name}"
        )
    return code


def _show_saved(root: Path, asked: bytes, saved: Saved, done: str, *, is_sent: bool = False) -> int:
    show_findings(saved.findings, saved.source)
    if saved.commit is None:
        click.echo(click.style("Не записано", fg="red") + ": причины выше.")
    else:
        _show_done(done, saved.commit, is_sent=is_sent)
    command_end.answered(root, asked)
    return 0 if saved.commit else exit_code(saved.findings)


def _answer_again(root: Path, asked: bytes, *, is_sent: bool = False) -> bool:
    """Tell what the same command has done before its answer was lost; return whether it has."""
    found = command_end.trust_noted(root, asked)
    if found is not None:
        commit, done = found
        _show_done(done, commit, is_sent=is_sent)
        command_end.answered(root, asked)
    return found is not None


def _show_done(done: str, commit: str, *, is_sent: bool) -> None:
    """`is_sent`: the command itself goes on to send it."""
    click.secho(done, fg="green")
    click.echo(f"Сохранение {commit[:12]}")
    if not is_sent:
        click.echo("Что дальше: отправьте остальным: papka sync")


def _find_actor(here: Context, key: Path | None) -> SigningActor:
    if key is None:
        return here.actor
    return actor_by_key(known_trust(here.root), load_signer(key, agent=ssh_agent()))
