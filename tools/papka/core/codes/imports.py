"""Codes of the rules about kept exports: their parts, and the cells results were taken from."""

from papka.core.findings import Code, Severity

IMPORT_LIST_BROKEN = Code(
    "IMPORT_LIST_BROKEN",
    Severity.ERROR,
    says="Список частей выгрузки {name} {trouble}",
    hint="Верните файл из истории: git checkout HEAD -- {path}",
    why="parts.txt называет каждую часть выгрузки и её контрольную сумму с солью. Без списка "
    "нельзя ни проверить, ни собрать исходный файл (п. 6.2 Порядка).",
)
IMPORT_PART_MISSING = Code(
    "IMPORT_PART_MISSING",
    Severity.ERROR,
    says="Нет файла {path} — части {number} выгрузки {name}",
    hint="Верните файл из истории: git checkout HEAD -- {path}",
    why="Выгрузку платформы хранят целиком, разложенной по частям. Часть исчезает только вместе с "
    "личным делом, по акту об уничтожении (пп. 6.2, 6.4 Порядка).",
)
IMPORT_PART_ALTERED = Code(
    "IMPORT_PART_ALTERED",
    Severity.ERROR,
    says="Часть {number} выгрузки {name} изменена",
    hint="Верните файл из истории: git checkout HEAD -- {path}",
    why="Строки платформы хранят байт в байт: по ним проверяют отметки. Контрольная сумма с солью "
    "из parts.txt больше не сходится (п. 6.2 Порядка).",
)
IMPORT_PART_UNLISTED = Code(
    "IMPORT_PART_UNLISTED",
    Severity.ERROR,
    says="Ни в одном списке частей нет этого файла",
    hint="Удалите файл, если он лишний: git rm {path}; выгрузки загружает команда papka take",
    why="Строки, которых нет в списке частей выгрузки, ничем не подтверждены и не уничтожатся "
    "вместе с нею.",
)
IMPORT_PART_TWICE = Code(
    "IMPORT_PART_TWICE",
    Severity.ERROR,
    says="Часть {number} выгрузки {name} названа дважды: {what}",
    hint="Верните список из истории: git checkout HEAD -- {path}",
    why="У каждого обучающегося в выгрузке одна часть, у каждой части свой номер: иначе исходный "
    "файл не собрать однозначно.",
)
IMPORT_CELL_UNKNOWN = Code(
    "IMPORT_CELL_UNKNOWN",
    Severity.ERROR,
    says="В строках обучающегося из выгрузки {name} нет {what}",
    hint="Исправьте row и column; строки считают внутри {file}, а не всего файла",
    why="Результат, взятый с платформы, указывает на ячейку, из которой он взят: иначе его нечем "
    "подтвердить (п. 6.2 Порядка).",
)
IMPORT_CELL_DIFFERS = Code(
    "IMPORT_CELL_DIFFERS",
    Severity.ERROR,
    says="В выгрузке {name} в этой ячейке стоит другое",
    hint="Верните в raw текст ячейки без изменений: строка {row}, столбец {column} файла {file}",
    why="raw повторяет ячейку дословно; исправляют отметку новой записью с replaces и reason, а не "
    "правкой источника (п. 6.2 Порядка).",
)
