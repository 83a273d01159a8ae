"""Codes of `verify`: who may sign, who may no more, and what was accepted."""

from __future__ import annotations

from papka.core.findings import Code, Severity

SIG_KEY_REVOKED = Code(
    "SIG_KEY_REVOKED",
    Severity.FATAL,
    says="запись подписана ключом {key}, а он больше не действует: {how}",
    hint="Спросите того, чей это ключ. Запись честная — руководитель признаёт её: papka trust "
    "accept НОМЕР --code SIG_KEY_REVOKED; чужая — сначала верните содержание новой записью",
    why="Ключ выведен (сотрудник ушёл, ключ заменён) или мог попасть в чужие руки. Всё, что "
    "подписано им раньше, остаётся верным; что позже — мог подписать кто угодно.",
)
COMMIT_ACCEPTED = Code(
    "COMMIT_ACCEPTED",
    Severity.INFO,
    says="отклонение {code} признано руководителем: {file}",
    hint="Причина записана в этом файле",
    why="Честную ошибку (чужая программа, сбившиеся часы) руководитель признаёт подписанной "
    "записью: ровно одна запись истории и ровно один код. Повреждений, переписанной истории, "
    "печатей и доверия так не признают.",
)
ACCEPTANCE_VOID = Code(
    "ACCEPTANCE_VOID",
    Severity.ERROR,
    says="признать {code} нельзя",
    hint="Признают: {codes}",
    why="Признание годится для честных ошибок. Подпись, не подходящую к записи, повреждение, "
    "изменение доверия и печатей признать нельзя: за ними может стоять подлог.",
)
TRUST_FILE_INVALID = Code(
    "TRUST_FILE_INVALID",
    Severity.ERROR,
    says="файл не по образцу или не на своём месте, он ничего не значит",
    hint="Уберите его; ключи, признания и отзывы записывает papka trust",
    why="В records/trust лежат только allowed_signers, revocations, accepted/<n>.yaml (commit, "
    "code, reason) и refoundings/<nnnn>. Остальное не прочесть, а значит, и не исполнить.",
)
REVOCATION_INVALID = Code(
    "REVOCATION_INVALID",
    Severity.ERROR,
    says="строка отзыва ключа не принята: {detail}",
    hint="Строка должна быть такой: retired SHA256:… at НОМЕР-ЗАПИСИ или compromised SHA256:… "
    "after НОМЕР-ЗАПИСИ. Отзыв записывает papka trust retire",
    why="Тот, кто писал строку, хотел отозвать ключ, а ключ остался в силе.",
)
NO_HEAD_LEFT = Code(
    "NO_HEAD_LEFT",
    Severity.ERROR,
    says="после этого не останется ни одного действующего ключа руководителя",
    hint="Сначала добавьте новый: papka trust rotate. Если потеряны оба — papka trust refound",
    why="Без ключа руководителя в архиве больше никого нельзя ни принять, ни вывести, ни "
    "утвердить результаты.",
)
REFOUNDING_ACCEPTED = Code(
    "REFOUNDING_ACCEPTED",
    Severity.INFO,
    says="ключи руководителя заменены по бумажному акту {digest}…",
    hint="Сверьте весь отпечаток акта с подписанной бумагой",
    why="Оба прежних ключа были утрачены. Новым верят только потому, что предъявлен отпечаток "
    "акта, подписанного от руки.",
)
REFOUNDING_UNKNOWN = Code(
    "REFOUNDING_UNKNOWN",
    Severity.FATAL,
    says="по предъявленному акту {digest}… ключи в этом архиве не меняли",
    hint="Сверьте отпечаток с бумагой посимвольно. Если он верен — это другой архив или старая "
    "его копия",
    why="Отпечаток акта должен совпасть с файлом records/trust/refoundings, который добавлен "
    "записью ровно того вида, какой описан в акте.",
)
