"""Codes of `status --due`: what the calendar demands on a day. No check of a change knows them."""

from __future__ import annotations

from papka.core.findings import Code, Severity

_COPY = (
    "Запишите архив на носитель, которого ещё нет среди хороших: papka backup --to ПАПКА; затем "
    "восстановите каждую копию на пробу: papka restore --drill"
)
_TWO_MEDIA = (
    "По окончании учебного года, не позднее срока, информация копируется на два носителя (п. 6.3). "
    "Считаются разные носители, копии на которых сделаны после конца года, перечитаны и "
    "восстановлены на пробу: непроверенная копия — не копия."
)
_SEAL = "Поставьте печать: papka period seal {address}; её лист печатают и подписывают"
_SEALED = (
    "Печать закрепляет состояние архива на бумаге: без неё переписанную украденными ключами "
    "историю отличить не от чего. Её ставят при закрытии периода и по окончании учебного года."
)
_SEND = "Подключите носитель или сервер и отправьте: papka mirror push"
_SENDING = "То, чего нет ни на одном зеркале, пропадёт вместе с этим компьютером."
_LOOK = "Проверьте зеркало целиком: papka verify --mirrors"
_LOOKING = (
    "Носители портятся молча: о порче узнают тогда, когда копия понадобится. Поэтому каждое "
    "зеркало время от времени читают целиком; papka помнит, когда это было, или смотрит в журнал "
    "носителей."
)

COPIES_DUE = Code(
    "COPIES_DUE",
    Severity.WARNING,
    says="учебный год {address} кончился: {text}",
    hint=_COPY,
    why=_TWO_MEDIA,
)
COPIES_OVERDUE = Code(
    "COPIES_OVERDUE",
    Severity.ERROR,
    says="копий за учебный год {address} не хватает: {text}",
    hint=_COPY,
    why=_TWO_MEDIA,
)
PERIOD_NOT_CLOSED = Code(
    "PERIOD_NOT_CLOSED",
    Severity.ERROR,
    says="период {address} не закрыт: {text}",
    hint="Посмотрите, чего не хватает: papka period status {address}; затем руководитель закроет: "
    "papka period close {address}",
    why="Результаты считаются утверждёнными, когда руководитель закрыл период (п. 5.6, 6.7). "
    "До этого на бумаге они черновик.",
)
SEAL_DUE = Code(
    "SEAL_DUE",
    Severity.WARNING,
    says="печати на учебном году {address} нет: {text}",
    hint=_SEAL,
    why=_SEALED,
)
SEAL_OVERDUE = Code(
    "SEAL_OVERDUE", Severity.ERROR, says="печати нет: {address}, {text}", hint=_SEAL, why=_SEALED
)
MIRROR_SEND_DUE = Code(
    "MIRROR_SEND_DUE",
    Severity.WARNING,
    says="зеркало «{address}»: {text}",
    hint=_SEND,
    why=_SENDING,
)
MIRROR_SEND_OVERDUE = Code(
    "MIRROR_SEND_OVERDUE",
    Severity.ERROR,
    says="зеркало «{address}»: {text}",
    hint=_SEND,
    why=_SENDING,
)
MIRROR_PARTED = Code(
    "MIRROR_PARTED",
    Severity.ERROR,
    says="зеркало «{address}»: {text}",
    hint="Ничего не отправляйте, сравните: papka mirror status; затем papka verify --mirrors",
    why="Зеркало подтвердило запись, которой в здешней истории больше нет: одну из историй "
    "переписали или вернули к старой копии.",
)
MIRROR_CHECK_DUE = Code(
    "MIRROR_CHECK_DUE",
    Severity.WARNING,
    says="зеркало «{address}»: {text}",
    hint=_LOOK,
    why=_LOOKING,
)
MIRROR_CHECK_OVERDUE = Code(
    "MIRROR_CHECK_OVERDUE",
    Severity.ERROR,
    says="зеркало «{address}»: {text}",
    hint=_LOOK,
    why=_LOOKING,
)
DEBT_OVERDUE = Code(
    "DEBT_OVERDUE",
    Severity.ERROR,
    says="срок пересдачи прошёл: {address}, {text}",
    hint="Внесите пересдачу или «не аттестован»: papka add НОМЕР result; новый срок: "
    "papka fix {address} resit_by=ДАТА",
    why="Задолженность с прошедшим сроком: либо пересдали, и этого нет в деле, либо нужно решение "
    "(п. 2.2.6).",
)
FILE_NOT_RETURNED = Code(
    "FILE_NOT_RETURNED",
    Severity.ERROR,
    says="бумажное дело не вернули: {address}, {text}",
    hint="Верните дело на место и отметьте: papka end {address}",
    why="Сохранность бумажных дел обеспечивает организация: кто взял, когда вернёт (п. 6.6).",
)
CONSENT_ENDS = Code(
    "CONSENT_ENDS",
    Severity.WARNING,
    says="согласие скоро кончится: {address}, {text}",
    hint="Получите новое согласие или прекратите обработку в этот день; бланк: papka print consent",
    why="После окончания согласия данные для этой цели обрабатывать нельзя (п. 3.1).",
)
RETENTION_ENDED = Code(
    "RETENTION_ENDED",
    Severity.WARNING,
    says="срок хранения прошёл: {address}, {text}",
    hint="Нужно решение руководителя: хранить дальше или уничтожить",
    why="После срока дело хранят до минования надобности: это решение записывают (п. 6.4). Само "
    "по себе оно ничего не уничтожает.",
)
DEADLINE_UNREADABLE = Code(
    "DEADLINE_UNREADABLE",
    Severity.ERROR,
    says="файл не читается: сроки в нём не видны",
    hint="Узнайте, что в нём не так, и исправьте: papka check",
    why="В нечитаемом файле может стоять срок, который уже прошёл.",
)
