"""Codes of `verify`: seals and the digests kept on paper."""

from __future__ import annotations

from papka.core.findings import Code, Severity

_TELL_HEAD = (
    "Ничего не сохраняйте и не отправляйте; сообщите руководителю, сверьте архив с зеркалом "
    "(papka mirror status) и с бумажным листом печати"
)

SEAL_MISSING = Code(
    "SEAL_MISSING",
    Severity.ERROR,
    says="печати № {number} в архиве нет целиком: недостаёт {what}",
    hint="Найдите её лист на бумаге и верните архив с зеркала, где она есть: papka mirror status",
    why="Печати нумеруют подряд и никогда не убирают. Пропавшая печать — пропавшее доказательство.",
)
SEAL_KEPT = Code(
    "SEAL_KEPT",
    Severity.ERROR,
    says="файлы печатей пишет только papka, по три сразу, и потом они не меняются",
    hint="Верните файл: git checkout HEAD -- {path}; лишний уберите. Новую печать ставит "
    "руководитель: papka period seal",
    why="Печать — это список, текст и подпись, добавленные одной записью сразу после запечатанной. "
    "Изменённая или убранная печать — потерянное доказательство, поэтому её и не отменяют.",
)
SEAL_UNREADABLE = Code(
    "SEAL_UNREADABLE",
    Severity.FATAL,
    says="печать № {number} записана не по образцу: {detail}",
    hint=_TELL_HEAD,
    why="Текст печати имеет один вид, строка за строкой. В другом можно спрятать двоякое чтение.",
)
SEAL_BAD_SIGNATURE = Code(
    "SEAL_BAD_SIGNATURE",
    Severity.FATAL,
    says="подпись печати № {number} не принята: {detail}",
    hint=_TELL_HEAD,
    why="Печать подписывает руководитель ключом, которому доверяли в запечатанной записи, и тем же "
    "ключом подписана запись, в которой печать появилась.",
)
SEAL_DIGEST_MISMATCH = Code(
    "SEAL_DIGEST_MISMATCH",
    Severity.FATAL,
    says="содержимое архива не то, что под печатью № {number}: {what}",
    hint=_TELL_HEAD,
    why="Свёртки SHA-256 в печати посчитаны по самим файлам и не опираются на SHA-1, на котором "
    "держится git. Если они не сошлись, файлы подменены.",
)
SEAL_CHAIN_BROKEN = Code(
    "SEAL_CHAIN_BROKEN",
    Severity.FATAL,
    says="печать № {number} не продолжает предыдущую: {detail}",
    hint=_TELL_HEAD,
    why="Каждая печать называет свёртку предыдущей. Поэтому лист последней печати доказывает и все "
    "прежние, а заменить одну из середины нельзя.",
)
SEAL_NOT_IN_HISTORY = Code(
    "SEAL_NOT_IN_HISTORY",
    Severity.FATAL,
    says="печать № {number} поставлена на запись {head}, которой в этой истории нет",
    hint=_TELL_HEAD,
    why="Печать настоящая, а история вокруг неё другая: её переписали после запечатывания.",
)
SEAL_MOVED = Code(
    "SEAL_MOVED",
    Severity.FATAL,
    says="печать № {number} стоит не на своём месте: {detail}",
    hint=_TELL_HEAD,
    why="Печать появляется одной записью сразу после запечатанной, только своими тремя файлами, и "
    "больше не меняется.",
)
ANCHOR_MISMATCH = Code(
    "ANCHOR_MISMATCH",
    Severity.FATAL,
    says="{what} с бумаги не подходит ни к чему в этом архиве: {given}",
    hint="Сверьте набранное ещё раз, посимвольно, и убедитесь, что лист — от этого архива. Если "
    "всё верно — это не тот архив: сообщите руководителю",
    why="То, что напечатано и подписано рукой, — единственное, чего не подделать вместе с архивом.",
)
ANCHOR_NOT_GIVEN = Code(
    "ANCHOR_NOT_GIVEN",
    Severity.INFO,
    says="печати есть, последняя — № {number} от {date}, но с бумажным листом они не сверены",
    hint='Наберите свёртку с листа печати: papka verify --anchor "{shape}"',
    why="Тот, у кого все ключи, может переписать архив и запечатать его заново. Бумагу с подписью "
    "руководителя он не изменит.",
)
