"""The format of a medium with copies: names, label, manifest and ПРОЧТИ.txt of a copy.

    FOLDER/papka-medium.txt                          the label: which medium this is
    FOLDER/papka-20260120-101500-0123456789ab/       one copy: when it was made, of which head
        ПРОЧТИ.txt                                   what this is, a command for each thing
        manifest.txt                                 head, root, who, when; digest of every file
        archive.bundle                               the whole history
        files.tar                                    the newest state: files/records/… in one file
        files.txt                                    digest of every file in it
        proof/                                       how to verify it without the program
        program/                                     the program and its libraries, as wheels

Copies of the first version have a folder `files/` in place of the last two; they are read as ever.
`sha256sum -c manifest.txt` reads a manifest as it stands (its facts are comments), and files.txt
where files.tar was unpacked; text that is not exactly of this form is neither. A manifest says what
was written, not that it is authentic. A copy that is not proved has a name no reader looks for.
Every command in ПРОЧТИ.txt runs as it stands; what is not on the medium is not promised there; it
names no student.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from papka.core.phrases import count_phrase
from papka.records.archive import Archive
from papka.records.wording import NONE, day
from papka.repository.git_values import ID

LABEL = "papka-medium.txt"
MANIFEST = "manifest.txt"
BUNDLE = "archive.bundle"
READ_ME = "ПРОЧТИ.txt"
FILES = "files.tar"
"""The newest state, in one file that every system opens; see `files_tar`."""
LIST = "files.txt"
"""The digest of each file in `FILES`."""
PLAIN = "files/"
"""Below it lies the newest state in `FILES`, each file by its path in the archive. In a copy of the
first version it is a folder."""
KIT = "proof/"
"""Below it lies the program's proof kit."""
PROGRAM = "program/"
"""Below it lie the program's wheel, those of its libraries, the licence."""
UNFINISHED = ".papka-"
"""Prefix of the name of a copy that is still being written."""

_MANIFEST_FIRST = {"# papka-copy v1": 1, "# papka-copy v2": 2}
_LABEL_FIRST = "papka-medium v1"
_MANIFEST_FACTS = ("medium", "kind", "made", "by", "head", "root", "commits", "seal")
_LABEL_FACTS = ("medium", "kind", "id")
_COPY_NAME = re.compile(r"papka-\d{8}-\d{6}-[0-9a-f]{12}", re.ASCII)
_ID = re.compile(ID)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,9}", re.ASCII)
_MEDIUM_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_SEAL = re.compile(r"(?P<number>\d{4}) (?P<digest>[0-9a-f]{64})", re.ASCII)
_LINE = re.compile(r"\S(?:[^\n\r]*\S)?")
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})
_ODD = re.compile(r"[\\\n\r]")
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_LETTERS = {"\\": "\\", "n": "\n", "r": "\r"}


class BadMedium(ValueError):
    """A text is no manifest or no label; the message says where, for people."""


@dataclass(frozen=True, slots=True)
class Label:
    """The label of a medium. `medium` stands on its sticker; `id` is random and tells two media of
    one name apart."""

    medium: str
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a copy. `by`: a staff id; `head`, `root`: last and first commit; `seal`:
    number and digest of the last seal; `files`: path in the copy -> SHA-256; `version`: of the
    layout, 1 with a folder of plain files, 2 with all of them in one."""

    medium: str
    kind: str
    made: datetime
    by: str
    head: str
    root: str
    commits: int
    seal: tuple[str, str] | None
    files: Mapping[str, str]
    version: int = 2


def copy_name(made: datetime, head: str) -> str:
    """Return `papka-20260120-101500-0123456789ab`, in universal time."""
    return f"papka-{made.astimezone(UTC):%Y%m%d-%H%M%S}-{head[:12]}"


def is_copy_name(name: str) -> bool:
    """Tell whether a name has the form of `copy_name`."""
    return _COPY_NAME.fullmatch(name) is not None


def compose_label(label: Label) -> bytes:
    """Compose a label, as `read_label` reads it."""
    values = (label.medium, label.kind, label.id)
    facts = (f"{key}: {value}" for key, value in zip(_LABEL_FACTS, values, strict=True))
    return "\n".join((_LABEL_FIRST, *facts, "")).encode()


def read_label(data: bytes) -> Label:
    """Read a label; raises BadMedium."""
    lines = _split_lines(data)
    if not lines or lines[0] != _LABEL_FIRST or len(lines) != len(_LABEL_FACTS) + 1:
        raise BadMedium("это не метка носителя papka")
    medium, kind, id_ = _read_facts(lines[1:], _LABEL_FACTS, "")
    return Label(medium, kind, _require_match(_MEDIUM_ID, id_, "id"))


def compose_manifest(manifest: Manifest) -> bytes:
    """Compose a manifest, as `read_manifest` reads it and `sha256sum -c` checks it."""
    seal = " ".join(manifest.seal) if manifest.seal else "-"
    values = (
        *(manifest.medium, manifest.kind, manifest.made.astimezone(UTC).strftime(_MOMENT)),
        *(manifest.by, manifest.head, manifest.root, str(manifest.commits), seal),
    )
    facts = (f"# {key}: {value}" for key, value in zip(_MANIFEST_FACTS, values, strict=True))
    first = next(line for line, number in _MANIFEST_FIRST.items() if number == manifest.version)
    sums = (_compose_sum(path, digest) for path, digest in sorted(manifest.files.items()))
    return "\n".join((first, *facts, *sums, "")).encode("utf-8", "surrogateescape")


def compose_list(files: Mapping[str, str]) -> bytes:
    """Compose the list of the files in `FILES`, as `sha256sum -c` checks it."""
    sums = (_compose_sum(path, digest) for path, digest in files.items())
    return "".join(f"{line}\n" for line in sums).encode("utf-8", "surrogateescape")


def read_list(data: bytes) -> dict[str, str]:
    """Read path -> SHA-256 out of the list of the files in `FILES`; raises BadMedium."""
    return _read_sums(_split_lines(data) if data else [])


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest; raises BadMedium."""
    lines = _split_lines(data)
    count = len(_MANIFEST_FACTS) + 1
    if not lines or lines[0] not in _MANIFEST_FIRST or len(lines) <= count:
        raise BadMedium("это не опись копии papka")
    medium, kind, made, by, head, root, commits, seal = _read_facts(
        lines[1:count], _MANIFEST_FACTS, "# "
    )
    if _NUMBER.fullmatch(commits) is None:
        raise BadMedium(f"commits: «{commits}» — не число")
    files = _read_sums(lines[count:])
    return Manifest(
        medium, kind, _read_moment(made), by,
        _require_match(_ID, head, "head"), _require_match(_ID, root, "root"), int(commits),
        None if seal == "-" else _read_seal(seal), files, _MANIFEST_FIRST[lines[0]],
    )  # fmt: skip


def _read_sums(lines: Iterable[str]) -> dict[str, str]:
    files: dict[str, str] = {}
    for line in lines:
        path, digest = _read_sum(line)
        if path in files:
            raise BadMedium(f"{path} записан дважды")
        files[path] = digest
    return files


def _split_lines(data: bytes) -> list[str]:
    """Split a text into lines; raises BadMedium when the last one is not ended."""
    text = data.decode("utf-8", "surrogateescape")
    if not text.endswith("\n"):
        raise BadMedium("текст обрывается")
    return text[:-1].split("\n")


def _read_facts(lines: list[str], keys: tuple[str, ...], prefix: str) -> list[str]:
    found = []
    for line, key in zip(lines, keys, strict=True):
        heading = f"{prefix}{key}: "
        value = line.removeprefix(heading)
        if not line.startswith(heading) or _LINE.fullmatch(value) is None:
            raise BadMedium(f"нет строки «{heading.strip()}»")
        found.append(value)
    return found


def _require_match(pattern: re.Pattern[str], value: str, key: str) -> str:
    if pattern.fullmatch(value) is None:
        raise BadMedium(f"{key}: «{value}» — не то")
    return value


def _read_moment(value: str) -> datetime:
    with suppress(ValueError):
        found = datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)
        if found.strftime(_MOMENT) == value:
            return found
    raise BadMedium(f"made: «{value}» — не время")


def _read_seal(value: str) -> tuple[str, str]:
    match = _SEAL.fullmatch(value)
    if match is None:
        raise BadMedium(f"seal: «{value}» — не пломба")
    return match["number"], match["digest"]


def _compose_sum(path: str, digest: str) -> str:
    """Compose a line as `sha256sum` writes it: odd names escaped, the line then marked."""
    if _ODD.search(path) is None:
        return f"{digest}  {path}"
    return f"\\{digest}  {path.translate(_ESCAPES)}"


def _read_sum(line: str) -> tuple[str, str]:
    is_escaped = line.startswith("\\")
    digest, gap, name = line.removeprefix("\\").partition("  ")
    if _DIGEST.fullmatch(digest) is None or not gap:
        raise BadMedium("строка не «сумма, два пробела, имя»")
    path = _ESCAPED.sub(lambda m: _LETTERS.get(m[1], "\0"), name) if is_escaped else name
    if not path or path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise BadMedium(f"имя «{path}» ведёт из папки копии")
    if _compose_sum(path, digest) != line:
        raise BadMedium(f"строка о {path} записана не так, как пишет sha256sum")
    return path, digest


_READ_ME = """КОПИЯ ЭЛЕКТРОННОГО АРХИВА ЛИЧНЫХ ДЕЛ

Организация: {organization}
Носитель: {medium} ({kind})
Копия сделана: {day} в {time} (всемирное время), сотрудник {by}
Последнее сохранение архива: {head}
Первое сохранение архива: {root}
Всего: {commits}
Последняя пломба: {seal}

На носителе персональные данные: храните его под замком и никому не передавайте
без решения руководителя.


ЧТО ЗДЕСЬ

{bundle}   весь архив со всей историей и подписями, файл программы git
{state}{kit}           как проверить архив без программы papka: описание форматов и сценарии
{program_is}{manifest}     контрольные суммы (SHA-256) всех файлов копии

Команды ниже набирают в папке копии. НОВАЯ-ПАПКА и ПАПКА-ЗАПИСЕЙ — имена папок на вашем
компьютере, которых ещё нет, ПАПКА-КОПИИ — эта папка, полным именем. На самом носителе ничего
не меняйте.


КАК ПРОВЕРИТЬ, что копия цела

    sha256sum -c --quiet {manifest}


{unpack}КАК ПРОВЕРИТЬ, что это тот самый архив, без программы papka (git, ssh-keygen; подробно —
{kit}README.md). ОТПЕЧАТОК — SHA256:… с листа ключей, СУММА — с листа пломбы

{check_seal}    sh {kit}check-signatures.sh . ОТПЕЧАТОК

Код выданного документа (нужны записи, Python и его библиотека cryptography), текст кода —
PAPKA1:…

    python3 -P {kit}check-code.py КОД {records}records/trust ОТПЕЧАТОК


КАК ВОССТАНОВИТЬ без программы papka (нужна только программа git)

    git clone -b main {bundle} НОВАЯ-ПАПКА
    cd НОВАЯ-ПАПКА
    git fsck --full --strict
    git rev-parse HEAD

Последняя команда должна показать:

    {head}

{install}
КАК ПРОВЕРИТЬ И ВОССТАНОВИТЬ программой papka

    papka verify ПАПКА-КОПИИ --anchor ОТПЕЧАТОК
    papka restore НОВАЯ-ПАПКА --from ПАПКА-КОПИИ --anchor ОТПЕЧАТОК

Если {bundle} прочитать не удаётся, записи последнего состояния лежат в {place}
"""


_STATE = {
    1: """\
{plain}           те же записи в последнем состоянии: простые файлы, их читает любой
                 редактор; истории и подписей в них нет
""",
    2: """\
{tar}        те же записи в последнем состоянии: простые файлы, их читает любой
                 редактор; истории и подписей в них нет. Все они в одном файле (tar, без
                 сжатия), его открывает и Проводник Windows 11, и 7-Zip, и любой Linux
{list}        контрольные суммы файлов внутри {tar}
""",
}
_UNPACK = """\
КАК ДОСТАТЬ ЗАПИСИ простыми файлами и проверить, что они целы

    mkdir ПАПКА-ЗАПИСЕЙ
    tar -xf {tar} -C ПАПКА-ЗАПИСЕЙ
    (cd ПАПКА-ЗАПИСЕЙ && sha256sum -c --quiet) < {list}


"""
"""How the newest state lies in a copy of this version, and how it is taken out of the tar."""


_INSTALL = """
КАК ПОСТАВИТЬ программу papka отсюда, без сети (нужны {runs_on} и pip)

    python3 -P -m pip install --no-index --no-compile --find-links {program} \\
        --target НОВАЯ-ПАПКА papka
    PYTHONPATH=НОВАЯ-ПАПКА python3 -P -m papka verify ПАПКА-КОПИИ --anchor ОТПЕЧАТОК

"""
_PROGRAM_IS = """\
{program}         программа papka с её библиотеками и лицензией
"""


def compose_read_me(archive: Archive, manifest: Manifest, runs_on: str = "") -> str:
    """Compose ПРОЧТИ.txt; the manifest's list of files is not used.

    `runs_on`: what the program on the medium needs, "" when there is none.
    """
    organization = archive.organization
    made = manifest.made.astimezone(UTC)
    number, digest = manifest.seal or ("", "")
    has_tar = manifest.version > 1
    names = {"tar": FILES, "list": LIST, "plain": PLAIN}
    return _READ_ME.format(
        organization=organization.name if organization else NONE,
        medium=manifest.medium,
        kind=manifest.kind,
        day=day(made.date()),
        time=f"{made:%H:%M}",
        by=manifest.by,
        head=manifest.head,
        root=manifest.root,
        commits=count_phrase(manifest.commits, "сохранение", "сохранения", "сохранений"),
        seal=f"№ {number}, контрольная сумма {digest}" if number else "ещё не ставилась",
        bundle=BUNDLE,
        state=_STATE[manifest.version].format(**names),
        unpack=_UNPACK.format(**names) if has_tar else "",
        records=f"ПАПКА-ЗАПИСЕЙ/{PLAIN}" if has_tar else PLAIN,
        place=FILES if has_tar else PLAIN,
        manifest=MANIFEST,
        kit=KIT,
        check_seal=f"    sh {KIT}check-seal.sh . {number} СУММА\n" if number else "",
        program_is=_PROGRAM_IS.format(program=PROGRAM) if runs_on else "",
        install=_INSTALL.format(program=PROGRAM, runs_on=runs_on) if runs_on else "",
    )
