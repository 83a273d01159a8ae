"""Codes of the rules about what records of one state say together (`papka check`)."""

from papka.core.findings import Code, Severity

REF_UNKNOWN_SERIES = Code(
    "REF_UNKNOWN_SERIES",
    Severity.ERROR,
    says="Серии документов «{name}» нет",
    hint="Серии объявлены в records/organization.yaml.{may_be}",
    why="Каждый вид выдаваемых документов нумеруется своей серией без пропусков (п. 5.4.3).",
)
REF_UNKNOWN_IMPORT = Code(
    "REF_UNKNOWN_IMPORT",
    Severity.ERROR,
    says="Выгрузки {name} нет",
    hint="Выгрузки лежат в records/imports/<период>/<номер>/.{may_be}",
    why="Результат, взятый с платформы, ссылается на сохранённую выгрузку (п. 6.2 Порядка).",
)
REF_UNKNOWN_OUTCOME = Code(
    "REF_UNKNOWN_OUTCOME",
    Severity.ERROR,
    says="В программе «{program}», редакция {edition}, нет планируемого результата «{name}»",
    hint="Планируемые результаты перечислены в planned_results программы.{may_be}",
    why="Оценивают только планируемые результаты; целевые ориентиры не оцениваются и не "
    "сравниваются (п. 4.1 Порядка), поэтому сослаться на них нельзя.",
)
REF_UNKNOWN_NUMBER = Code(
    "REF_UNKNOWN_NUMBER",
    Severity.ERROR,
    says="Документа с номером «{name}» в реестрах нет",
    hint="Выданные документы лежат в records/registers/.{may_be}",
    why="Взамен испорченного или утраченного выдают документ с новым номером; книга показывает, "
    "с каким (п. 2.2.11 Порядка).",
)
ACT_TEXT_MISSING = Code(
    "ACT_TEXT_MISSING",
    Severity.ERROR,
    says="Файла {name} с текстом редакции рядом нет",
    hint="Положите файл рядом с regulation.yaml или уберите поле file",
    why="Редакции Порядка и актов хранят вместе с текстом: по нему через годы видно, какие "
    "правила действовали (п. 7.1 Порядка).",
)
STAFF_NOT_IN_OFFICE = Code(
    "STAFF_NOT_IN_OFFICE",
    Severity.ERROR,
    says="Сотрудник {name} в этот день ({date}) не работал",
    hint="Исправьте дату или сотрудника; срок работы — since и until в records/staff.yaml",
    why="Оценивает и подписывает тот, кто в этот день работал в организации.",
)
ORIGIN_MISMATCH = Code(
    "ORIGIN_MISMATCH",
    Severity.ERROR,
    says="Источник результата — «{origin}», а {event} — «{kind}»",
    hint="Исправьте origin или event",
    why="Результат называет то, в ходе чего получен, одним и тем же словом (п. 4.5 Порядка).",
)
RESULT_AFTER_END = Code(
    "RESULT_AFTER_END",
    Severity.WARNING,
    says="Результат датирован {date}, а обучение по {enrolment} окончено {ended}",
    hint="Проверьте дату результата и зачисление, к которому он относится",
    why="После окончания обучения появляются только пересдачи и исправления.",
)
LENDING_OVERLAP = Code(
    "LENDING_OVERLAP",
    Severity.ERROR,
    says="Бумажное дело выдано {date}, хотя прежняя выдача ещё не возвращена",
    hint="Запишите день возврата (returned) у прежней выдачи",
    why="Бумажное дело одно: пока его не вернули, выдать его снова нельзя (п. 6.6 Порядка).",
)
LENDING_LATE = Code(
    "LENDING_LATE",
    Severity.INFO,
    says="Бумажное дело вернули {returned}, позже срока {due}",
    hint="Исправлять нечего, если даты верны",
    why="Запись сохраняет, что дело вернули с опозданием (п. 6.6 Порядка).",
)
NUMBER_MISMATCH = Code(
    "NUMBER_MISMATCH",
    Severity.ERROR,
    says="Номер документа «{number}», а по серии, году и имени файла он «{expected}»",
    hint="Исправьте number или переименуйте файл, если документ ещё не выдан",
    why="Номер — это начало серии, год и порядковый номер: по номеру находят файл и наоборот.",
)
NUMBER_GAP = Code(
    "NUMBER_GAP",
    Severity.WARNING,
    says="В серии «{series}» за {year} год нет номера {missing}",
    hint="Верните запись из истории; испорченный бланк записывают с void, а не пропускают",
    why="Выданные документы нумеруются подряд: пропуск похож на изъятую запись (п. 5.4.3).",
)
HOURS_SUM = Code(
    "HOURS_SUM",
    Severity.ERROR,
    says="В редакции {edition} указано часов: {hours}, а по частям выходит {sum}",
    hint="Исправьте hours редакции или частей",
    why="Объём программы — сумма объёмов её частей; его печатают в документах.",
)
CREDIT_HOURS = Code(
    "CREDIT_HOURS",
    Severity.ERROR,
    says="По части «{part}» зачтено часов: {credited}, а в ней всего {hours}",
    hint="Исправьте hours в зачёте",
    why="Зачесть можно не больше, чем отведено на часть программы (п. 2.2.9 Порядка).",
)
PART_NOT_STUDIED = Code(
    "PART_NOT_STUDIED",
    Severity.ERROR,
    says="Части «{part}» нет в индивидуальном плане зачисления {enrolment}",
    hint="Исправьте часть или добавьте её в individual_parts",
    why="По индивидуальному плану осваивают только названные в нём части (п. 2.2.1 Порядка).",
)
EDITION_NOT_YET = Code(
    "EDITION_NOT_YET",
    Severity.ERROR,
    says="Редакция {edition} программы «{program}» утверждена {approved}, после зачисления",
    hint="Укажите редакцию, действовавшую в день зачисления, или исправьте дату",
    why="Учат по редакции, которая в день зачисления уже была утверждена.",
)
ORDER_KIND_MISMATCH = Code(
    "ORDER_KIND_MISMATCH",
    Severity.ERROR,
    says="Приказ {order} — «{kind}», а здесь нужен: {wanted}",
    hint="Укажите другой приказ или исправьте вид приказа",
    why="Зачисляют, отчисляют, поощряют и засчитывают приказами своего вида.",
)
ORDER_NOT_NAMING = Code(
    "ORDER_NOT_NAMING",
    Severity.WARNING,
    says="В приказе {order} нет {address}",
    hint="Добавьте {address} в students того пункта приказа, который об этом говорит",
    why="Приказ и запись называют друг друга: по приказу находят всех, кого он касается.",
)
SNILS_CHECKSUM = Code(
    "SNILS_CHECKSUM",
    Severity.ERROR,
    says="Контрольное число СНИЛС не сходится",
    hint="Сверьте номер с документом: ошибка хотя бы в одной цифре",
    why="Последние две цифры СНИЛС вычисляются по остальным и ловят описки.",
)
NAME_MIXED_SCRIPT = Code(
    "NAME_MIXED_SCRIPT",
    Severity.WARNING,
    says="В одном слове имени смешаны русские и латинские буквы",
    hint="Наберите слово заново одной раскладкой: похожие буквы (а, е, о, р, с, у, х) разные",
    why="Русская и латинская «а» выглядят одинаково, но поиск и сверка с платформой не найдут "
    "такого имени.",
)
NAME_SUSPICIOUS = Code(
    "NAME_SUSPICIOUS",
    Severity.WARNING,
    says="В имени есть знак, которого в именах не бывает",
    hint="Оставьте буквы, дефис, апостроф и пробел; примечание об имени запишите в другое поле",
    why="Имя печатают в документах так, как оно записано.",
)
PERSONAL_DATA_OUTSIDE_UNIT = Code(
    "PERSONAL_DATA_OUTSIDE_UNIT",
    Severity.ERROR,
    says="Здесь записаны личные сведения ({what}) из дела {student}",
    hint="Назовите человека номером дела, например 2026-0007, а сведения оставьте в его деле",
    why="Личные сведения хранят только в личных делах, приказах, реестрах и оригиналах выгрузок: "
    "всё это можно уничтожить в срок. Из общих записей их потом не убрать.",
)
PHOTO_WITHOUT_CONSENT = Code(
    "PHOTO_WITHOUT_CONSENT",
    Severity.ERROR,
    says="В карточке есть фотография, а согласия на неё нет или оно отозвано",
    hint="Добавьте согласие в consents.yaml или уберите поле photo",
    why="Фотография хранится и печатается только с согласия (п. 3.1 Порядка); цель согласия "
    "узнаётся по тому, что в её составе данных названа фотография.",
)
DUPLICATE_CHAIN = Code(
    "DUPLICATE_CHAIN",
    Severity.ERROR,
    says="Дело {student} само отмечено как повторное или это то же самое дело",
    hint="В duplicate_of назовите дело, которое ведётся",
    why="Повторно заведённое дело отсылает к тому, что ведётся, в один шаг.",
)
CHAIN_CYCLE = Code(
    "CHAIN_CYCLE",
    Severity.ERROR,
    says="Записи ссылаются друг на друга по кругу: {ids}",
    hint="Исправьте {field} у той записи, что появилась раньше",
    why="Пересдача и исправление называют более раннюю запись; круг не даёт понять, что верно.",
)
CHAIN_FORK = Code(
    "CHAIN_FORK",
    Severity.ERROR,
    says="Запись «{name}» уже названа в {field} записи «{first}»",
    hint="Назовите последнюю запись цепочки",
    why="Вторая пересдача пересдаёт первую, второе исправление исправляет первое: иначе неясно, "
    "какая запись действует.",
)
ATTEMPT_MISMATCH = Code(
    "ATTEMPT_MISMATCH",
    Severity.ERROR,
    says="У записи другое поле {key}, чем у «{name}», которую она называет в {field}",
    hint="Пересдача и исправление относятся к тому же: исправьте {key} или {field}",
    why="Пересдают ту же часть того же зачисления в том же периоде; исправление повторяет "
    "прежнюю запись целиком.",
)
SALT_REUSED = Code(
    "SALT_REUSED",
    Severity.ERROR,
    says="Файл .salt тот же, что в деле {student}",
    hint="Удалите .salt у дела, которого ещё нет в истории: papka save создаст новый",
    why="У каждого дела свои случайные байты: иначе по оставшимся контрольным суммам одного дела "
    "можно угадать содержимое другого, уничтоженного.",
)
RESTRICTED_RECORD = Code(
    "RESTRICTED_RECORD",
    Severity.ERROR,
    says="В {kind} архиве таких записей не бывает",
    hint="Перенесите запись в другой архив: её место — в {other}",
    why="Педагогическая диагностика и особые потребности видны не всем (пп. 2.2.7, 4.2 Порядка): "
    "они лежат в отдельном архиве, потому что git не ограничивает доступ по папкам.",
)
