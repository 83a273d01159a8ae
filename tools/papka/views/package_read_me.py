"""README.md of a leaver's package: what lies where, and how to prove it without this program."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from papka.core.history import Commit
from papka.integrity.trust import DOCUMENT, Entry
from papka.model.archive import Archive
from papka.model.student import Student
from papka.views.wording import NONE, day

_TEXT = """# Личное дело № {student}: пакет

Организация: {organization}
Состояние архива: {day}, запись {commit}
Подписал: {post} {head}, ключ {key}

Это копия собственного личного дела обучающегося, которую можно и прочитать, и обработать
программой. Она принадлежит ему; организация хранит подлинник.

## Что здесь

| Где | Что |
|---|---|
| `personal-file-*.pdf` | личное дело целиком, для чтения и печати |
{issued}| `{folder}/` | записи дела (YAML): карточка, обучение, результаты, поощрения, опись |
| `{folder}/attachments/` | сканы документов из описи |
| `{folder}/raw/` | строки обучающегося из выгрузок платформ, без изменений |
| `records/registers/` | записи книг регистрации о выданных документах |
| `records/programs/`, `records/organization.yaml` | программы, шкалы и периоды, на которые ссылаются записи |
| `schema/` | что значит каждое поле |
| `SHA256SUMS`, `SHA256SUMS.sig` | контрольные суммы всех файлов и подпись руководителя |

Файлы — простой текст (UTF-8), PDF и изображения; для чтения эта программа не нужна.

## Как проверить

Все файлы на месте и не изменены:

    sha256sum -c SHA256SUMS

Список подписан этим ключом:

    ssh-keygen -Y verify -f allowed_signers -I {staff}@papka.invalid -n {namespace} -s SHA256SUMS.sig < SHA256SUMS

Файл `allowed_signers` лежит в самом пакете, поэтому говорит только о том, что пакет не меняли
после подписи. Чей это ключ, скажет организация: сверьте отпечаток

    {key}

с тем, который она назовёт сама — на сайте, по телефону, в письме.

## Для другой организации

Пакет читает `papka take ФАЙЛ.zip --enrolment НОМЕР#e1 --fingerprint {key}`: сопоставит предметы и
предложит зачёт (273-ФЗ, ст. 34). Решение принимает организация.
"""  # noqa: E501 - rows of a table and commands stand on one line


def read_me(
    archive: Archive, student: Student, commit: Commit, signer: Entry, files: Collection[str]
) -> str:
    """The text; `files` are the paths already in the package."""
    organization = archive.organization
    member = archive.staff.get(signer.staff)
    moment = datetime.fromtimestamp(commit.committer.time, UTC)
    issued = "| `issued/` | выданные документы, как напечатаны |\n"
    return _TEXT.format(
        student=student.id,
        organization=organization.name if organization else NONE,
        day=day(moment.date()),
        commit=commit.id[:12],
        post=organization.head_post if organization else "",
        head=member.name.short if member else signer.staff,
        key=signer.key.fingerprint,
        staff=signer.staff,
        namespace=DOCUMENT,
        folder=student.folder,
        issued=issued if any(path.startswith("issued/") for path in files) else "",
    )
