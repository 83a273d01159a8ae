"""ПРОЧТИ.txt of a copy on a medium: what this is, how to check and restore it with plain git.

Invariants: every command works with coreutils, git and ssh-keygen alone; no name of a student.
"""

from __future__ import annotations

from datetime import UTC

from papka.core.medium import BUNDLE, MANIFEST, PLAIN, Manifest
from papka.core.plural import counted
from papka.model.archive import Archive
from papka.views.wording import NONE, day

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
