"""Create a school's archive: rules, forms, trust and settings around no student yet.

Invariants: the archive appears whole or not at all (it is built beside and renamed); the first
commit holds no personal file, so that its id can stand on paper for ever; two head keys from the
first day (the daily one and one for the safe).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka import checks
from papka.core.errors import Refused
from papka.core.findings import Severity
from papka.core.keys import PublicKey
from papka.core.layout import ALLOWED_SIGNERS, ORGANIZATION, STAFF
from papka.core.snapshot import DictSnapshot
from papka.gates import private, worktree
from papka.gates.git import repository, writing
from papka.gates.shipped import ShippedSnapshot
from papka.gates.signing import generate_key, load_public, load_signer
from papka.model.reading import load
from papka.tasks.actor import find_actor, remember_actor
from papka.text.emit import emit
from papka.text.schemas import SchemaSet

HEAD = "s001"
_SCAFFOLD = "templates/archive/"
_OF_THE_PROGRAM = "templates/verification-protocol/"
"""What a suspect archive must have no say in is printed from the program's own copy alone."""
_EXECUTABLE = "100755"


@dataclass(frozen=True, slots=True)
class School:
    """What is asked when an archive is made; `head` is «Фамилия Имя Отчество»."""

    name: str
    short_name: str
    place: str
    address: str
    head: str
    head_post: str


@dataclass(frozen=True, slots=True)
class Created:
    """Fingerprints are what goes on paper."""

    root: Path
    commit: str
    head_fingerprint: str
    recovery_fingerprint: str
    made_keys: tuple[Path, ...]


def init(  # noqa: PLR0913 - what differs between a school and a trial
    target: Path,
    school: School,
    *,
    keys: Path,
    now: datetime,
    agent: str | None = None,
    records: Mapping[str, bytes] | None = None,
    staff_keys: Mapping[str, PublicKey] | None = None,
) -> Created:
    """Make the archive at `target`; keys `head` and `recovery` lie in `keys` or are made there.

    `records` replaces the records written from `school`; `staff_keys` are trusted from the start.
    """
    place = _place(target, keys)
    files = _shipped_files() | (
        dict(records) if records is not None else first_records(school, now.year)
    )
    if records is None:
        _refuse_unsound(files)
    place.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        made = _made_keys(keys)
        head, recovery = _head_keys(keys, agent)
        files[ALLOWED_SIGNERS] = allowed_signers(head, recovery, staff_keys or {})
        commit = _build(building, files, keys / "head", now, agent)
        if place.exists():
            place.rmdir()
        building.replace(place)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return Created(target, commit, head.fingerprint, recovery.fingerprint, made)


def _place(target: Path, keys: Path) -> Path:
    """Where the archive will stand; raises Refused when it cannot stand there."""
    place = target.resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise Refused(
            f"Папка {target} не пуста, архив в ней не создать", "Укажите новую или пустую папку"
        )
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


def _refuse_unsound(files: Mapping[str, bytes]) -> None:
    """What a person answered is signed for ever: it must be right."""
    snapshot = DictSnapshot(files)
    found = checks.run(load(snapshot, SchemaSet.load(snapshot)))
    wrong = [finding for finding in found if finding.severity >= Severity.ERROR]
    if wrong:
        raise Refused(
            "Сведения об организации не годятся: "
            + "; ".join(f"{finding.message}" for finding in wrong[:3]),
            "Исправьте ответы и повторите: papka init",
        )


def _head_keys(keys: Path, agent: str | None) -> tuple[PublicKey, PublicKey]:
    """The two public keys; raises KeyMissing, or Refused when they are not two real keys."""
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
    """The first trust file: both head keys may do everything, staff sign commits."""
    everything = "git,papka-seal,papka-document"
    lines = [
        f'{HEAD}@papka.invalid namespaces="{everything}" {key.line}' for key in (head, recovery)
    ]
    lines += [f'{name}@papka.invalid namespaces="git" {key.line}' for name, key in staff.items()]
    return ("\n".join(lines) + "\n").encode()


def first_records(school: School, year: int) -> dict[str, bytes]:
    """organization.yaml and staff.yaml of a school that starts today."""
    scaffold = ShippedSnapshot("templates")
    declared = scaffold.read("templates/archive/records/organization.yaml").decode()
    about = {
        "format": 1,
        "kind": "обычный",
        "name": school.name,
        "short_name": school.short_name,
        "place": school.place,
        "address": school.address,
        "head": HEAD,
        "head_post": school.head_post,
    }
    names = dict(zip(("surname", "given", "patronymic"), school.head.split(), strict=False))
    if len(names) == 1:
        names = {"given": school.head}
    member = {"id": HEAD, "name": names, "post": school.head_post, "roles": ["руководитель"]}
    periods = {
        "periods": [
            {
                "period": f"{year}-{half}",
                "title": f"{half} полугодие {year} года",
                "school_year": year,
                "start": f"{year}-{start}",
                "end": f"{year}-{end}",
            }
            for half, start, end in ((1, "01-01", "06-30"), (2, "07-01", "12-31"))
        ]
    }
    return {
        ORGANIZATION: (
            "# yaml-language-server: $schema=../schema/organization.json\n"
            f"{emit(about)}{declared}{emit(periods)}"
        ).encode(),
        STAFF: (
            f"# yaml-language-server: $schema=../schema/staff.json\n{emit({'staff': [member]})}"
        ).encode(),
    }


def _made_keys(keys: Path) -> tuple[Path, ...]:
    keys.mkdir(parents=True, exist_ok=True)
    if os.name != "nt":
        keys.chmod(0o700)
    made = []
    for name in ("head", "recovery"):
        if not (keys / f"{name}.pub").exists() and not (keys / name).exists():
            generate_key(keys / name, f"papka {name}")
            made.append(keys / name)
    return tuple(made)


def _shipped_files() -> dict[str, bytes]:
    """Schemas and forms as they are; the scaffold with `dot-` names turned into `.` names."""
    files: dict[str, bytes] = {}
    for shelf in ("schema", "templates"):
        snapshot = ShippedSnapshot("schema" if shelf == "schema" else "templates")
        files |= dict(snapshot.read_many(snapshot.paths()))
    files = {path: data for path, data in files.items() if not path.startswith(_OF_THE_PROGRAM)}
    scaffold = {path: data for path, data in files.items() if path.startswith(_SCAFFOLD)}
    for path, data in scaffold.items():
        del files[path]
        parts = path.removeprefix(_SCAFFOLD).split("/")
        name = "/".join(f".{part[4:]}" if part.startswith("dot-") else part for part in parts)
        if not name.startswith("records/"):
            files[name] = data
    return files


def _build(
    root: Path, files: Mapping[str, bytes], key: Path, now: datetime, agent: str | None
) -> str:
    repository.init(root)
    repository.write_settings(root, repository.SAFE_ARCHIVE)
    remember_actor(root, HEAD, key.resolve(), main=True)
    runnable = {path for path in files if _is_runnable(path)}
    worktree.lay_out(root, files.items())
    for path in runnable:
        private.set_mode(root / path, private.PROGRAM)
    actor = find_actor(root, agent=agent)
    return writing.commit(
        root,
        files,
        "Архив создан\n\nПравила, формы, ключи; личных дел ещё нет.\n",
        author=HEAD,
        now=now,
        sign=actor.sign,
        expected_parent=None,
        modes=dict.fromkeys(runnable, _EXECUTABLE),
    )


def _is_runnable(path: str) -> bool:
    return path.startswith("tools/hooks/") or (path.startswith("tools/") and path.endswith(".sh"))
