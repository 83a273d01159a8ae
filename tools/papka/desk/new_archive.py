"""Create a school's archive: rules, forms, trust and settings, and no student yet.

Invariants: the archive appears whole or not at all (it is built beside and renamed); the first
commit holds no personal file, so that its id can stand on paper for ever; there are two head keys
from the first day, the daily one and one for the safe.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.checks import rules
from papka.checks.editor_names import refresh_names
from papka.core.errors import GitFailed, NotAnArchive, Refused
from papka.core.findings import Severity
from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION
from papka.core.snapshot import DictSnapshot
from papka.desk.edition import HEAD_STAFF, School, edition_files, first_records
from papka.desk.saving import modes_of
from papka.records.archive import load
from papka.records.schemas import SchemaSet
from papka.repository import commit_snapshots, commit_writing, handle, worktree
from papka.repository.git_values import PublicKey
from papka.repository.handle import read_setting
from papka.repository.signing import (
    complete_key,
    find_actor,
    generate_key,
    load_public,
    load_signer,
    remember_actor,
)
from papka.repository.store import locate
from papka.repository.unfinished_work import building_site, sweep_sites


@dataclass(frozen=True, slots=True)
class Created:
    """A new archive; the fingerprints are to be kept on paper."""

    root: Path
    commit: str
    head_fingerprint: str
    recovery_fingerprint: str
    made_keys: tuple[Path, ...]


def init(  # noqa: PLR0913 - what differs between a school and a trial
    target: Path,
    school: School | None,
    *,
    keys: Path,
    now: datetime,
    agent: str | None = None,
    records: Mapping[str, bytes] | None = None,
    staff_keys: Mapping[str, PublicKey] | None = None,
) -> Created:
    """Make the archive at `target`; keys `head` and `recovery` lie in `keys` or are made there.

    `records` stand in place of those written from `school`; `staff_keys` are trusted from the
    start.
    """
    place = _choose_place(target, keys)
    files = edition_files()
    if records is not None:
        files |= records
    else:
        assert school is not None
        files |= first_records(school, now.date())
        _refuse_unsound(files)
    made = _make_missing_keys(keys)
    head, recovery = _load_head_keys(keys, agent)
    files[ALLOWED_SIGNERS] = allowed_signers(head, recovery, staff_keys or {})
    commit = _find_made_before(place, files)
    if commit is None:
        _refuse_taken(target, place)
        with building_site(place) as site:
            site.built.mkdir(mode=0o700)
            commit = _build(site.built, files, keys / "head", now, agent)
            site.finish()
    return Created(target, commit, head.fingerprint, recovery.fingerprint, made)


def keys_of(main: Path) -> Path:
    """Return the folder of the head's two keys, for a restricted archive. Raises Refused."""
    setting = read_setting(main, "user.signingKey")
    keys = Path(setting).expanduser().parent if setting else None
    if keys is None or not all((keys / f"{name}.pub").exists() for name in ("head", "recovery")):
        raise Refused(
            "Ключи руководителя основного архива здесь не найдены",
            "Назовите папку, где лежат head, head.pub и recovery.pub: --keys ПАПКА",
        )
    return keys


def _find_made_before(place: Path, files: Mapping[str, bytes]) -> str | None:
    """Return the only commit of an archive that the same command made before it was killed."""
    try:
        locate(place)
        head = commit_snapshots.head(place)
        if head is None or commit_snapshots.first_commit(place, head) != head:
            return None
        found = commit_snapshots.CommitSnapshot(place, head)
        is_same = dict(found.read_many(found.paths())) == dict(files)
    except (NotAnArchive, GitFailed):
        return None
    sweep_sites(place)
    return head if is_same else None


def _choose_place(target: Path, keys: Path) -> Path:
    """Return the full path of the new archive; raises Refused when it cannot stand there."""
    place = target.resolve()
    if not ((place / ORGANIZATION).exists() and keys.is_dir()):
        _refuse_taken(target, place)
    if any(worktree.is_archive(folder) for folder in place.parents):
        raise Refused(
            f"Папка {target} лежит внутри другого архива", "Укажите место вне этого архива"
        )
    if keys.resolve().is_relative_to(place):
        raise Refused(
            "Ключи нельзя держать в самом архиве: архив копируют, а ключ отдавать нельзя",
            "Укажите для ключей другую папку, например на флешке",
        )
    return place


def _refuse_taken(target: Path, place: Path) -> None:
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise Refused(
            f"Папка {target} не пуста, архив в ней не создать", "Укажите новую или пустую папку"
        )


def _refuse_unsound(files: Mapping[str, bytes]) -> None:
    """Refuse answers with errors: they are signed for ever."""
    snapshot = DictSnapshot(files)
    found = rules.run(load(snapshot, SchemaSet.load(snapshot)))
    wrong = [finding for finding in found if finding.severity >= Severity.ERROR]
    if wrong:
        raise Refused(
            "Сведения об организации не годятся: "
            + "; ".join(finding.message for finding in wrong[:3]),
            "Исправьте ответы и повторите: papka init",
        )


def _load_head_keys(keys: Path, agent: str | None) -> tuple[PublicKey, PublicKey]:
    """Load the two public keys; raises KeyMissing, or Refused unless they are two real keys."""
    head = load_public(keys / "head.pub")
    recovery = load_public(keys / "recovery.pub")
    if head == recovery:
        raise Refused(
            "Ежедневный и запасной ключ — один и тот же ключ: запасного нет",
            f"Уберите {keys / 'recovery'} и {keys / 'recovery.pub'}, программа создаст новый",
        )
    if load_signer(keys / "head", agent=agent).public != head:
        raise Refused(
            f"{keys / 'head.pub'} не от ключа {keys / 'head'}",
            f"Получите открытый ключ заново: ssh-keygen -y -f {keys / 'head'}",
        )
    return head, recovery


def allowed_signers(head: PublicKey, recovery: PublicKey, staff: Mapping[str, PublicKey]) -> bytes:
    """Render the first trust file: both head keys may do everything, staff sign commits."""
    everything = "git,papka-seal,papka-document"
    granted = [(HEAD_STAFF, everything, head), (HEAD_STAFF, everything, recovery)]
    granted += [(name, "git", key) for name, key in staff.items()]
    return "".join(
        f'{name}@papka.invalid namespaces="{spaces}" {key.line}\n' for name, spaces, key in granted
    ).encode()


def _make_missing_keys(keys: Path) -> tuple[Path, ...]:
    keys.mkdir(parents=True, exist_ok=True)
    if os.name != "nt":
        keys.chmod(0o700)
    made = []
    for name in ("head", "recovery"):
        if not (keys / f"{name}.pub").exists() and not (keys / name).exists():
            generate_key(keys / name, f"papka {name}")
            made.append(keys / name)
        elif (keys / name).exists():
            complete_key(keys / name, f"papka {name}")
    return tuple(made)


def _build(
    root: Path, files: Mapping[str, bytes], key: Path, now: datetime, agent: str | None
) -> str:
    handle.init(root)
    handle.write_settings(root, handle.SAFE_ARCHIVE)
    remember_actor(root, HEAD_STAFF, key.resolve(), main=True)
    worktree.lay_out(root, files.items())
    actor = find_actor(root, agent=agent)
    refresh_names(root, files)
    return commit_writing.commit(
        root,
        files,
        "Архив создан\n\nПравила, формы, ключи; личных дел ещё нет.\n",
        author=HEAD_STAFF,
        now=now,
        sign=actor.sign,
        expected_parent=None,
        modes=modes_of(files),
    )
