"""Codes of the schemas: a readable file whose values are not what the archive's format asks for.

Messages name the field and its title, never the value: it may be a person's data.
"""

from __future__ import annotations

from papka.core.findings import Code, Severity

SCHEMA_MISSING_FIELD = Code(
    "SCHEMA_MISSING_FIELD",
    Severity.ERROR,
    says="Нет обязательного поля {field}{reason}",
    hint="Добавьте строку «{name}: …»",
    why="Без этого поля запись неполна: по ней нельзя напечатать документ или понять, о чём она.",
)
SCHEMA_UNKNOWN_FIELD = Code(
    "SCHEMA_UNKNOWN_FIELD",
    Severity.ERROR,
    says="Здесь не бывает поля {field}",
    hint="{cure}",
    why="Незнакомое поле программа не прочтёт и не напечатает; обычно это опечатка в имени или "
    "неверный отступ.",
)
SCHEMA_FORBIDDEN_FIELD = Code(
    "SCHEMA_FORBIDDEN_FIELD",
    Severity.ERROR,
    says="Поле {field} в этой записи лишнее{reason}",
    hint="Уберите его или исправьте поля, с которыми оно не сочетается",
    why="Поле само по себе известно, но вместе с другими полями этой записи оно противоречиво.",
)
SCHEMA_BAD_FIELD_NAME = Code(
    "SCHEMA_BAD_FIELD_NAME",
    Severity.ERROR,
    says="Имя поля записано не так{reason}",
    hint="Исправьте имя до двоеточия",
    why="Где имена полей свободны, схема задаёт их вид.",
)
SCHEMA_NULL = Code(
    "SCHEMA_NULL",
    Severity.ERROR,
    says="У поля {field} нет значения",
    hint="Впишите значение или удалите строку: чего не знаем, того не пишем",
    why="Отсутствие поля уже значит «не известно или не было». Пустое поле — недописанная строка.",
)
SCHEMA_WRONG_TYPE = Code(
    "SCHEMA_WRONG_TYPE",
    Severity.ERROR,
    says="{field}: ожидается {expected}, а записано {found}{reason}",
    hint="{cure}",
    why="Вид значения — текст, число, список, набор полей — определён схемой. Номера пишут в "
    "кавычках, чтобы не потерять нули.",
)
SCHEMA_NOT_IN_ENUM = Code(
    "SCHEMA_NOT_IN_ENUM",
    Severity.ERROR,
    says="{field}: такого значения нет в перечне{reason}",
    hint="{cure}",
    why="Значения таких полей выбирают из перечня: по ним программа считает и печатает.",
)
SCHEMA_BAD_DATE = Code(
    "SCHEMA_BAD_DATE",
    Severity.ERROR,
    says="{field}: такого дня нет в календаре",
    hint="Проверьте день и месяц; дата пишется как год-месяц-день, например 2026-01-15",
    why="Дата должна существовать: 30 февраля — описка.",
)
SCHEMA_BAD_PATTERN = Code(
    "SCHEMA_BAD_PATTERN",
    Severity.ERROR,
    says="{field}: значение записано не так{reason}",
    hint="Исправьте значение по образцу",
    why="У номеров, кодов, дат и адресов записи строгий вид: по нему их находят.",
)
SCHEMA_OUT_OF_RANGE = Code(
    "SCHEMA_OUT_OF_RANGE",
    Severity.ERROR,
    says="{field}: число должно быть {bound}{reason}",
    hint="Исправьте число",
    why="Схема задаёт границы там, где иное число — описка.",
)
SCHEMA_TOO_SHORT = Code(
    "SCHEMA_TOO_SHORT",
    Severity.ERROR,
    says="{field}: {bound}{reason}",
    hint="Дополните или удалите поле целиком",
    why="Пустой список или текст ничего не сообщает: поле, которого нет, не пишут.",
)
SCHEMA_TOO_LONG = Code(
    "SCHEMA_TOO_LONG",
    Severity.ERROR,
    says="{field}: {bound}{reason}",
    hint="Сократите",
    why="Длина ограничена местом на печатном бланке или смыслом поля.",
)
SCHEMA_DUPLICATE_ITEM = Code(
    "SCHEMA_DUPLICATE_ITEM",
    Severity.ERROR,
    says="{field}: такая же запись уже есть в этом списке, под номером {first}",
    hint="Удалите повтор",
    why="В этом списке записи не повторяются.",
)
SCHEMA_FORBIDDEN_COMBINATION = Code(
    "SCHEMA_FORBIDDEN_COMBINATION",
    Severity.ERROR,
    says="{field}: поля не сочетаются друг с другом{reason}",
    hint="Сверьте запись с описанием: наведите курсор на имя поля в редакторе",
    why="Схема связывает поля между собой: одно требует или исключает другое.",
)
SCHEMA_ENGINES_DISAGREE = Code(
    "SCHEMA_ENGINES_DISAGREE",
    Severity.ERROR,
    says="Две проверки схемы {schema} разошлись: быстрая отвергла запись, подробная — нет",
    hint="Сообщите разработчикам papka номер версии и имя схемы; до тех пор запись не принята",
    why="Запись проверяют две независимые программы. Если их мнения разошлись, верить нельзя ни "
    "одной.",
)

AT_KEY = frozenset({SCHEMA_UNKNOWN_FIELD, SCHEMA_FORBIDDEN_FIELD, SCHEMA_BAD_FIELD_NAME})
"""Findings whose pointer means the key, not the value."""
