"""Accepting an honest accident: one commit of the head that names commits, a code and a reason.

Invariants: only what is really found, and only what an acceptance has effect on; a commit that the
primary has and sync refuses is taken together with the head's word for it. Absent on purpose:
accepting in advance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.gates.git.points import resolve
from papka.gates.git.runner import SshAccess
from papka.integrity.acceptances import ACCEPTABLE
from papka.integrity.trust_state import ACCEPTED
from papka.tasks import mirror
from papka.tasks.actor import Actor
from papka.tasks.save import Saved, save_changes
from papka.tasks.sync.incoming import Vouched
from papka.tasks.sync.sync import Synced, sync
from papka.tasks.trust.known import Known, known_trust
from papka.tasks.trust.past import read_past
from papka.text.emit import emit

_SCHEMA = "# yaml-language-server: $schema=../../../schema/acceptance.json\n"
_FULL = 40


def accept_commits(  # noqa: PLR0913 - what is accepted, by whom, and how the primary is reached
    root: Path,
    actor: Actor,
    named: Sequence[str],
    codes: Sequence[str],
    reason: str,
    *,
    now: datetime,
    access: SshAccess | None = None,
    told: Callable[[Synced], None] = lambda _: None,
) -> Saved:
    """Accepts `codes` of commits (ids, or whole ids of what only the primary has), of each those
    that it has; raises Refused.

    `told` hears what was taken from the primary on the way.
    """
    never = sorted(set(codes) - ACCEPTABLE)
    if never:
        raise Refused(
            f"Признать {', '.join(never)} нельзя: за этим может стоять подлог или порча",
            f"Признают: {', '.join(sorted(ACCEPTABLE))}",
        )
    if not reason.strip():
        raise Refused("Причина пуста", 'Напишите её: --reason "…", без имён и адресов')
    commits = _commits(root, actor, named, codes, now, access, told)
    past, said = read_past(root, now=now), list[tuple[str, str]]()
    for commit in commits:
        if commit not in past.by_id:
            raise NotFound(f"В истории архива нет записи {commit}", "Посмотрите: papka verify")
        has = [code for code in dict.fromkeys(codes) if code in past.codes_of(commit)]
        if not has:
            found = ", ".join(sorted(past.codes_of(commit))) or "ничего"
            raise Refused(
                f"У записи {commit[:12]} замечания {', '.join(codes)} нет, признавать нечего",
                f"Найдено у неё: {found}. Подробнее: papka verify",
            )
        if not all(past.can_accept(commit, code) for code in has):
            raise Refused(
                f"Запись {commit[:12]} меняет то, что вправе менять только руководитель, "
                "а его подписи под ней нет: признать её нельзя",
                "Восстановите архив с зеркала, где этой записи ещё нет",
            )
        said += [(commit, code) for code in has]
    known = known_trust(root)
    changes = _files(known, said, reason)
    subject = f"Признано: {', '.join(dict.fromkeys(codes))}, записей {len(commits)}"
    expected = dict.fromkeys(changes)
    return save_changes(root, actor, changes, now=now, message=subject, expected=expected)


def _commits(  # noqa: PLR0913 - as accept_commits
    root: Path,
    actor: Actor,
    named: Sequence[str],
    codes: Sequence[str],
    now: datetime,
    access: SshAccess | None,
    told: Callable[[Synced], None],
) -> list[str]:
    """Full ids, with what only the primary has taken from it first."""
    strange = frozenset(name for name in named if len(name) == _FULL and not _is_here(root, name))
    if strange:
        mirror.known(root)
        vouched = Vouched(accepted=frozenset((name, code) for name in strange for code in codes))
        synced = sync(root, [actor], now=now, access=access, vouched=vouched)
        told(synced)
        if synced.is_stopped:
            raise Refused(
                "Записи с зеркала не получены, признание не записано",
                "Устраните причины выше и повторите; все замечания записи признают разом, каждое "
                "своим --code",
            )
    return list(dict.fromkeys(resolve(root, name) for name in named))


def _is_here(root: Path, commit: str) -> bool:
    try:
        resolve(root, commit)
    except NotFound:
        return False
    return True


def _files(known: Known, said: Sequence[tuple[str, str]], reason: str) -> dict[str, bytes | None]:
    names = (path.removeprefix(ACCEPTED) for path in known.files if path.startswith(ACCEPTED))
    numbers = (int(stem) for name in names if (stem := name.removesuffix(".yaml")).isdigit())
    last = max(numbers, default=0)
    return {
        f"{ACCEPTED}{number}.yaml": (
            _SCHEMA + emit({"commit": commit, "code": code, "reason": reason.strip()})
        ).encode()
        for number, (commit, code) in enumerate(said, last + 1)
    }
