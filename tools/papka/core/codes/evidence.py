"""Codes of `verify`: what was done to papers already kept: orders, scans, texts of acts."""

from __future__ import annotations

from papka.core.findings import Code, Severity

ORDER_NOT_BY_HEAD = Code(
    "ORDER_NOT_BY_HEAD",
    Severity.ERROR,
    says="{what}, а сохранил это не руководитель",
    hint="Верните приказ: git checkout HEAD -- {path}. Описку исправляет руководитель, содержание "
    "меняют новым приказом",
    why="Приказ издаёт руководитель. Сотрудник записывает новый и дополняет список students, а "
    "сохранённый текст меняет только тот, кто подписал бумагу.",
)
EVIDENCE_REPLACED = Code(
    "EVIDENCE_REPLACED",
    Severity.WARNING,
    says="заменён или убран сохранённый файл: скан приказа или текст акта",
    hint="Сверьте с бумагой; прежний файл остался в истории: git show {commit}",
    why="Скан — образ подписанной бумаги. Заменить его может только руководитель, и об этом "
    "говорится при каждой проверке до следующей печати.",
)
WARNED_BEFORE_SEAL = Code(
    "WARNED_BEFORE_SEAL",
    Severity.INFO,
    says="до печати № {number} приказы и сканы меняли, таких записей: {count}",
    hint="Руководителю это показано перед печатью; что именно: papka verify --rev {number}",
    why="Предупреждения о шагах до печати не повторяются каждый раз: их видели, когда её ставили.",
)
