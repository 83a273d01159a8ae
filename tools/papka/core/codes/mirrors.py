"""Codes of `verify --mirrors`: each copy, looked at where it is and compared with the archive."""

from __future__ import annotations

from papka.core.findings import Code, Severity

_TELL_HEAD = (
    "Ничего не отправляйте и не получайте; сообщите руководителю и проверьте обе копии: "
    "papka verify и papka verify ПАПКА-ЗЕРКАЛА"
)
_NEW_MIRROR = (
    "Носителю или серверу больше не доверяйте. Сделайте копию в другом месте: papka mirror add "
    "ИМЯ АДРЕС --country RU, затем papka mirror push; если на этом зеркале есть записи, которых "
    "нет нигде, не удаляйте его: papka restore --heal --from {mirror}"
)

MIRROR_UNREACHABLE = Code(
    "MIRROR_UNREACHABLE",
    Severity.WARNING,
    says="зеркало «{mirror}» не проверено, оно недоступно: {detail}",
    hint="{step}; затем повторите: papka verify --mirrors",
    why="Непроверенная копия — не копия: о её порче узнают тогда, когда она понадобится.",
)
MIRROR_BEHIND = Code(
    "MIRROR_BEHIND",
    Severity.WARNING,
    says="зеркало «{mirror}» отстаёт на {count}",
    hint="Отправьте их: papka mirror push",
    why="Записи, которых нет ни на одном зеркале, пропадут вместе с этим компьютером.",
)
MIRROR_AHEAD = Code(
    "MIRROR_AHEAD",
    Severity.INFO,
    says="на зеркале «{mirror}» новее: {count}, которых здесь ещё нет",
    hint="Получите их: papka sync",
    why="Так бывает, когда архив ведут с нескольких компьютеров. Новые записи зеркала проверены, "
    "подписи их верны.",
)
MIRROR_ROLLED_BACK = Code(
    "MIRROR_ROLLED_BACK",
    Severity.ERROR,
    says="зеркало «{mirror}» приняло запись {known}, а теперь его последняя запись — {head}",
    hint="Узнайте, кто возвращал хранилище к старой копии; затем отправьте архив снова: "
    "papka mirror push и papka verify --mirrors",
    why="Зеркало подтвердило запись, значит, она там была. Назад хранилище идёт, только когда его "
    "восстановили из старой копии или переписали.",
)
MIRROR_DIVERGED = Code(
    "MIRROR_DIVERGED",
    Severity.FATAL,
    says="зеркало «{mirror}» разошлось с архивом: {detail}",
    hint="Если записи сделал другой сотрудник: papka sync. Если никто, ничего не отправляйте: "
    "сообщите руководителю и проверьте обе копии: papka verify и papka verify ПАПКА-ЗЕРКАЛА",
    why="У копий разная история. Либо двое сохранили каждый своё, либо одну из историй переписали: "
    "подписи украденным ключом этого не покажут, а сравнение хранилищ показывает.",
)
MIRROR_NOT_TRUSTED = Code(
    "MIRROR_NOT_TRUSTED",
    Severity.FATAL,
    says="на зеркале «{mirror}» есть записи, которым доверять нельзя: {detail}",
    hint=_TELL_HEAD,
    why="Зеркало ушло вперёд, но новые его записи не проходят проверки истории и подписей. "
    "papka sync таких записей не принимает.",
)
MIRROR_DAMAGED = Code(
    "MIRROR_DAMAGED",
    Severity.FATAL,
    says="зеркало «{mirror}» повреждено: {detail}",
    hint=_NEW_MIRROR,
    why="Ссылки зеркала могут быть верны, а объекты под ними испорчены: отправка этого не "
    "замечает. Поэтому каждый объект зеркала читается и сверяется со своим именем.",
)
MIRROR_REF_MISSING = Code(
    "MIRROR_REF_MISSING",
    Severity.ERROR,
    says="на зеркале «{mirror}» нет ссылки {ref}",
    hint="Отправьте архив: papka mirror push; если она там была — узнайте, кто её удалил",
    why="Без ссылки зеркало хранит объекты, но не знает, какая запись последняя.",
)
MIRROR_REF_EXTRA = Code(
    "MIRROR_REF_EXTRA",
    Severity.ERROR,
    says="на зеркале «{mirror}» есть лишняя ссылка {ref}",
    hint="papka таких ссылок не отправляет: узнайте, кто её создал, и удалите на зеркале: "
    "git update-ref -d {ref}",
    why="У архива одна история — ветвь main. Через лишнюю ссылку на зеркале хранится то, чего "
    "никто не проверял, и не уничтожается то, что уничтожить обязаны.",
)
MIRROR_WEAKENED = Code(
    "MIRROR_WEAKENED",
    Severity.WARNING,
    says="у хранилища зеркала «{mirror}» ослаблены настройки: {settings}",
    hint="papka вернёт их при следующей отправке: papka mirror push",
    why="С этими настройками хранилище ждёт, пока записанное ляжет на диск, и не даёт переписать "
    "или удалить историю обычным git. Кто-то их изменил.",
)
MIRROR_DUBIOUS_OWNER = Code(
    "MIRROR_DUBIOUS_OWNER",
    Severity.WARNING,
    says="папка зеркала «{mirror}» принадлежит другому пользователю этого компьютера",
    hint="Проверка прошла и так. Чтобы git отправлял в неё, сделайте папку своей: "
    "sudo chown -R ВАШЕ-ИМЯ {folder}",
    why="git отказывается работать в чужой папке («dubious ownership»): её настройки могли бы "
    "запустить чужую программу. Обычная причина — диск, который подключали на другом компьютере.",
)
