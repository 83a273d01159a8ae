"""Codes of another archive's package: what its check sums and its signature prove."""

from __future__ import annotations

from papka.core.findings import Code, Severity

_AGAIN = "Не принимайте пакет; попросите организацию выгрузить его заново и передать без изменений"

PACKAGE_UNSIGNED = Code(
    "PACKAGE_UNSIGNED",
    Severity.WARNING,
    says="пакет не подписан",
    hint="Попросите пакет с подписью руководителя: papka give package",
    why="Без подписи руководителя содержимое пакета мог составить кто угодно. Сопоставление "
    "показывают, но зачёт по нему не записывают.",
)
PACKAGE_KEY_UNKNOWN = Code(
    "PACKAGE_KEY_UNKNOWN",
    Severity.WARNING,
    says="подпись верна, но чей это ключ, неизвестно: {key}",
    hint="Узнайте отпечаток ключа у самой организации (сайт, телефон, письмо), а не из пакета, и "
    "повторите: --fingerprint {key} или --trust ФАЙЛ",
    why="Ключ, лежащий в пакете, доказывает только, что пакет не меняли после подписи. Чей он, "
    "знает организация; пока этого не узнали, содержимое не доказано и зачёт не записывают.",
)
PACKAGE_KEY_REVOKED = Code(
    "PACKAGE_KEY_REVOKED",
    Severity.ERROR,
    says="пакет подписан отозванным ключом: {key}",
    hint="Попросите организацию подписать пакет действующим ключом",
    why="Отозванным ключом мог подписать тот, кто им завладел; когда подписан пакет, сам по себе "
    "он не говорит.",
)
PACKAGE_SIGNATURE_BAD = Code(
    "PACKAGE_SIGNATURE_BAD",
    Severity.ERROR,
    says="подпись пакета неверна: {detail}",
    hint=_AGAIN,
    why="Подпись покрывает список контрольных сумм. Если она не сходится, список подменили или "
    "подпись взята от другого пакета.",
)
PACKAGE_LIST_UNREADABLE = Code(
    "PACKAGE_LIST_UNREADABLE",
    Severity.ERROR,
    says="в пакете нет списка контрольных сумм или он испорчен",
    hint=_AGAIN,
    why="SHA256SUMS — строки «сумма, два пробела, путь». По нему видно, что все файлы на месте и "
    "не изменены, и его подписывает руководитель.",
)
PACKAGE_FILE_MISSING = Code(
    "PACKAGE_FILE_MISSING",
    Severity.ERROR,
    says="файла из списка в пакете нет",
    hint=_AGAIN,
    why="Список контрольных сумм называет все файлы пакета. Недостающий потеряли или убрали.",
)
PACKAGE_FILE_ALTERED = Code(
    "PACKAGE_FILE_ALTERED",
    Severity.ERROR,
    says="файл изменён: контрольная сумма не та",
    hint=_AGAIN,
    why="Содержимое файла не то, для которого записана сумма: его изменили после выгрузки.",
)
PACKAGE_FILE_UNLISTED = Code(
    "PACKAGE_FILE_UNLISTED",
    Severity.ERROR,
    says="файла нет в списке контрольных сумм",
    hint=_AGAIN,
    why="Файл добавили после того, как пакет подписали.",
)
PACKAGE_RECORD_UNREADABLE = Code(
    "PACKAGE_RECORD_UNREADABLE",
    Severity.ERROR,
    says="запись пакета не читается: {detail}",
    hint="Попросите организацию проверить архив (papka check) и выгрузить пакет заново",
    why="Записи чужого пакета читают так же строго, как свои: по нашим схемам. Что им не отвечает, "
    "нельзя ни показать верно, ни зачесть.",
)
