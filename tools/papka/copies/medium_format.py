"""What lies on a medium with copies of an archive: names, the label, the manifest of a copy.

    FOLDER/papka-medium.txt                          the label: which medium this is
    FOLDER/papka-20260120-101500-0123456789ab/       one copy: when it was made, of which head
        ПРОЧТИ.txt                                   what this is, how to restore with plain git
        manifest.txt                                 head, root, who, when; digest of every file
        archive.bundle                               the whole history
        files/records/…                              the newest state as plain files

Invariants: `sha256sum -c manifest.txt` reads a manifest as it stands (its facts are comments); a
copy that is not proved has a name no reader looks for; text that is not exactly of this form is no
manifest. Absent on purpose: trust. A manifest says what was written, not that it is authentic.

ПРОЧТИ.txt of a copy on a medium: what this is, how to check and restore it with plain git.

Invariants: every command works with coreutils, git and ssh-keygen alone; no name of a student.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from papka.core.phrases import counted
from papka.records.archive import Archive
from papka.records.wording import NONE, day

LABEL = "papka-medium.txt"
MANIFEST = "manifest.txt"
BUNDLE = "archive.bundle"
READ_ME = "ПРОЧТИ.txt"
PLAIN = "files/"
"""Below it lies the newest state, each file by its path in the archive."""
UNFINISHED = ".papka-"
"""How the name of a copy begins that is being written."""

_FIRST = "# papka-copy v1"
_LABEL_FIRST = "papka-medium v1"
_FACTS = ("medium", "kind", "made", "by", "head", "root", "commits", "seal")
_LABELLED = ("medium", "kind", "id")
_COPY = re.compile(r"papka-\d{8}-\d{6}-[0-9a-f]{12}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{40}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,9}", re.ASCII)
_MEDIUM_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_SEAL = re.compile(r"(?P<number>\d{4}) (?P<digest>[0-9a-f]{64})", re.ASCII)
_LINE = re.compile(r"\S(?:[^\n\r]*\S)?")
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_LETTERS = {"\\": "\\", "n": "\n", "r": "\r"}


class BadMedium(ValueError):
    """The text is no manifest or no label; the words say where, for people."""


@dataclass(frozen=True, slots=True)
class Label:
    """`medium` stands on the sticker; `id` is random and tells two media of one name apart."""

    medium: str
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One copy. `by` is of the staff; `head` and `root` are commits; `seal` is the last one's
    number and digest, None when there was none; `files`: path in the copy -> SHA-256."""

    medium: str
    kind: str
    made: datetime
    by: str
    head: str
    root: str
    commits: int
    seal: tuple[str, str] | None
    files: Mapping[str, str]


def copy_name(made: datetime, head: str) -> str:
    """`papka-20260120-101500-0123456789ab`, in universal time."""
    return f"papka-{made.astimezone(UTC):%Y%m%d-%H%M%S}-{head[:12]}"


def is_copy_name(name: str) -> bool:
    return _COPY.fullmatch(name) is not None


def compose_label(label: Label) -> bytes:
    values = (label.medium, label.kind, label.id)
    facts = (f"{key}: {value}" for key, value in zip(_LABELLED, values, strict=True))
    return "\n".join((_LABEL_FIRST, *facts, "")).encode()


def read_label(data: bytes) -> Label:
    """Raises BadMedium."""
    lines = _lines(data)
    if not lines or lines[0] != _LABEL_FIRST or len(lines) != len(_LABELLED) + 1:
        raise BadMedium("это не метка носителя papka")
    medium, kind, id_ = _values(lines[1:], _LABELLED, "")
    return Label(medium, kind, _matching(_MEDIUM_ID, id_, "id"))


def compose_manifest(manifest: Manifest) -> bytes:
    seal = " ".join(manifest.seal) if manifest.seal else "-"
    values = (
        *(manifest.medium, manifest.kind, manifest.made.astimezone(UTC).strftime(_MOMENT)),
        *(manifest.by, manifest.head, manifest.root, str(manifest.commits), seal),
    )
    facts = (f"# {key}: {value}" for key, value in zip(_FACTS, values, strict=True))
    sums = (_sum(path, digest) for path, digest in sorted(manifest.files.items()))
    return "\n".join((_FIRST, *facts, *sums, "")).encode("utf-8", "surrogateescape")


def read_manifest(data: bytes) -> Manifest:
    """Raises BadMedium."""
    lines = _lines(data)
    count = len(_FACTS) + 1
    if not lines or lines[0] != _FIRST or len(lines) <= count:
        raise BadMedium("это не опись копии papka")
    medium, kind, made, by, head, root, commits, seal = _values(lines[1:count], _FACTS, "# ")
    if _NUMBER.fullmatch(commits) is None:
        raise BadMedium(f"commits: «{commits}» — не число")
    files: dict[str, str] = {}
    for line in lines[count:]:
        path, digest = _summed(line)
        if path in files:
            raise BadMedium(f"{path} записан дважды")
        files[path] = digest
    return Manifest(
        medium, kind, _moment(made), by,
        _matching(_ID, head, "head"), _matching(_ID, root, "root"), int(commits),
        None if seal == "-" else _seal(seal), files,
    )  # fmt: skip


def _lines(data: bytes) -> list[str]:
    """The lines of a text that ends with the end of a line."""
    text = data.decode("utf-8", "surrogateescape")
    if not text.endswith("\n"):
        raise BadMedium("текст обрывается")
    return text[:-1].split("\n")


def _values(lines: list[str], keys: tuple[str, ...], prefix: str) -> list[str]:
    found = []
    for line, key in zip(lines, keys, strict=True):
        heading = f"{prefix}{key}: "
        value = line.removeprefix(heading)
        if not line.startswith(heading) or _LINE.fullmatch(value) is None:
            raise BadMedium(f"нет строки «{heading.strip()}»")
        found.append(value)
    return found


def _matching(pattern: re.Pattern[str], value: str, key: str) -> str:
    if pattern.fullmatch(value) is None:
        raise BadMedium(f"{key}: «{value}» — не то")
    return value


def _moment(value: str) -> datetime:
    try:
        found = datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise BadMedium(f"made: «{value}» — не время") from None
    if found.strftime(_MOMENT) != value:
        raise BadMedium(f"made: «{value}» — не время")
    return found


def _seal(value: str) -> tuple[str, str]:
    match = _SEAL.fullmatch(value)
    if match is None:
        raise BadMedium(f"seal: «{value}» — не печать")
    return match["number"], match["digest"]


def _sum(path: str, digest: str) -> str:
    """A line as `sha256sum` writes it: odd names escaped, and marked so."""
    escaped = "".join(_ESCAPES.get(sign, sign) for sign in path)
    return f"{'' if escaped == path else chr(92)}{digest}  {escaped}"


def _summed(line: str) -> tuple[str, str]:
    is_escaped = line.startswith("\\")
    digest, gap, name = line.removeprefix("\\").partition("  ")
    if _DIGEST.fullmatch(digest) is None or not gap:
        raise BadMedium("строка не «сумма, два пробела, имя»")
    path = _ESCAPED.sub(_unescape, name) if is_escaped else name
    if not path or path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise BadMedium(f"имя «{path}» ведёт из папки копии")
    if _sum(path, digest) != line:
        raise BadMedium(f"строка о {path} записана не так, как пишет sha256sum")
    return path, digest


def _unescape(match: re.Match[str]) -> str:
    return _LETTERS.get(match[1], "\0")


_TEXT = """КОПИЯ ЭЛЕКТРОННОГО АРХИВА ЛИЧНЫХ ДЕЛ

Организация: {organization}
Носитель: {medium} ({kind})
Копия сделана: {day} в {time} (всемирное время), сотрудник {by}
Последняя запись архива: {head}
Первая запись архива: {root}
Всего: {commits}
Последняя печать: {seal}

На носителе персональные данные: храните его под замком и никому не передавайте
без решения руководителя.


ЧТО ЗДЕСЬ

{bundle}   весь архив со всей историей и подписями, файл программы git
{plain}           те же записи в последнем состоянии: простые файлы, их читает любой
                 редактор; истории и подписей в них нет
{manifest}     контрольные суммы (SHA-256) всех файлов копии


КАК ПРОВЕРИТЬ, что копия цела (в папке копии)

    sha256sum -c --quiet {manifest}


КАК ВОССТАНОВИТЬ без программы papka (нужна только программа git)

    git clone -b main {bundle} НОВАЯ-ПАПКА
    cd НОВАЯ-ПАПКА
    git fsck --full --strict
    git rev-parse HEAD

Последняя команда должна показать:

    {head}

Кто подписал записи (нужна ещё программа ssh-keygen):

    git -c gpg.ssh.allowedSignersFile=records/trust/allowed_signers log --format="%h %G? %GS %s"

G в строке — подпись верна. Ключ руководителя и свёртку печати сличите с листами на бумаге.


КАК ВОССТАНОВИТЬ программой papka

    papka restore НОВАЯ-ПАПКА --from ПАПКА-ЭТОЙ-КОПИИ

Если {bundle} прочитать не удаётся, записи последнего состояния лежат в {plain}
"""


def read_me(archive: Archive, manifest: Manifest) -> str:
    """The text; the manifest's own list of files is not used."""
    organization = archive.organization
    made = manifest.made.astimezone(UTC)
    number, digest = manifest.seal or ("", "")
    return _TEXT.format(
        organization=organization.name if organization else NONE,
        medium=manifest.medium,
        kind=manifest.kind,
        day=day(made.date()),
        time=f"{made:%H:%M}",
        by=manifest.by,
        head=manifest.head,
        root=manifest.root,
        commits=counted(manifest.commits, "запись", "записи", "записей"),
        seal=f"№ {number}, свёртка {digest}" if number else "ещё не ставилась",
        bundle=BUNDLE,
        plain=PLAIN,
        manifest=MANIFEST,
    )
