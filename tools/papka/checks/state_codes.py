"""Codes of the rules about one state of the records (`papka check`)."""

from __future__ import annotations

from papka.core.findings import Code, Severity

TEMPLATE_BROKEN = Code(
    "TEMPLATE_BROKEN",
    Severity.ERROR,
    says="Форма не напечатается: {reason}",
    hint="Исправьте шаблон; формы этой программы руководитель вернёт так: papka upgrade",
    why="Сохранённая форма печатает все дела. Неисправную сохранять нельзя: печать остановится.",
)
PATH_MISMATCH = Code(
    "PATH_MISMATCH",
    Severity.ERROR,
    says="В файле указано «{inside}», а имя файла или папки говорит «{outside}»",
    hint="Исправьте одно из двух: переименуйте файл или измените значение",
    why="Имя файла и запись внутри называют одно и то же. Расхождение значит, что файл "
    "скопировали или переименовали и забыли поправить.",
)
CARD_MISSING = Code(
    "CARD_MISSING",
    Severity.ERROR,
    says="В личном деле нет карточки student.yaml",
    hint="Верните файл из истории или создайте карточку: papka new student",
    why="Без карточки неизвестно, чьё это дело (п. 5.2 Порядка).",
)
ID_DUPLICATE = Code(
    "ID_DUPLICATE",
    Severity.ERROR,
    says="Номер записи «{id}» в этом личном деле уже занят",
    hint="Уберите строку id у новой записи: papka save даст ей свободный номер",
    why="На записи ссылаются по номеру (2026-0007#r12): в приказах, реестрах, QR-коде. Два "
    "одинаковых номера делают ссылку двусмысленной.",
)
DECLARED_TWICE = Code(
    "DECLARED_TWICE",
    Severity.ERROR,
    says="«{name}» уже объявлено выше в этом же перечне",
    hint="Уберите повтор или дайте другое имя",
    why="Шкалы, периоды, группы, цели, сотрудники, части программ, события объявляются один раз.",
)
NUMBER_DUPLICATE = Code(
    "NUMBER_DUPLICATE",
    Severity.ERROR,
    says="Номер «{number}» в этом году уже занят",
    hint="Дайте следующий свободный номер; занятый номер не освобождается никогда",
    why="Номер приказа и номер выданного документа не повторяются (п. 5.4.3 Порядка).",
)
REF_UNKNOWN_PROGRAM = Code(
    "REF_UNKNOWN_PROGRAM",
    Severity.ERROR,
    says="Программы «{name}» нет",
    hint="Программы лежат в records/programs/.{may_be}",
    why="Зачисление называет код программы — имя файла в records/programs/ без «.yaml».",
)
REF_UNKNOWN_EDITION = Code(
    "REF_UNKNOWN_EDITION",
    Severity.ERROR,
    says="У программы «{program}» нет редакции {edition}",
    hint="Укажите редакцию, действовавшую в день зачисления.{may_be}",
    why="Программа меняется редакциями; обучающийся учится по той, что закреплена за ним в день "
    "зачисления.",
)
REF_UNKNOWN_PART = Code(
    "REF_UNKNOWN_PART",
    Severity.ERROR,
    says="В программе «{program}», редакция {edition}, нет части «{part}»",
    hint="Части перечислены в файле программы.{may_be}",
    why="Результат и зачёт называют часть программы той редакции, по которой учится человек.",
)
REF_UNKNOWN_SCALE = Code(
    "REF_UNKNOWN_SCALE",
    Severity.ERROR,
    says="Шкалы «{name}» нет",
    hint="Шкалы объявлены в records/organization.yaml.{may_be}",
    why="Шкала объявляется один раз, с проходной отметкой (п. 2.2.3 Порядка).",
)
REF_UNKNOWN_STAFF = Code(
    "REF_UNKNOWN_STAFF",
    Severity.ERROR,
    says="Сотрудника «{name}» нет",
    hint="Сотрудники перечислены в records/staff.yaml.{may_be}",
    why="Записи называют сотрудника его номером (s003); имя стоит только в records/staff.yaml.",
)
REF_UNKNOWN_ORDER = Code(
    "REF_UNKNOWN_ORDER",
    Severity.ERROR,
    says="Приказа {name} нет",
    hint="Приказ называют годом и порядковым номером файла: records/orders/2026/0001.yaml — "
    "это 2026/0001.{may_be}",
    why="Зачисление, отчисление, зачёт, поощрение и редакция программы ссылаются на приказ.",
)
REF_UNKNOWN_EVENT = Code(
    "REF_UNKNOWN_EVENT",
    Severity.ERROR,
    says="Мероприятия {name} нет",
    hint="Мероприятия перечислены в records/events/<год>.yaml.{may_be}",
    why="Результаты и поощрения называют мероприятие, в ходе которого получены (п. 4.5 Порядка).",
)
REF_UNKNOWN_PERIOD = Code(
    "REF_UNKNOWN_PERIOD",
    Severity.ERROR,
    says="Учебного периода «{name}» нет",
    hint="Периоды объявлены в records/organization.yaml.{may_be}",
    why="Периоды объявляет школа; файл результатов назван именем периода.",
)
REF_UNKNOWN_GROUP = Code(
    "REF_UNKNOWN_GROUP",
    Severity.ERROR,
    says="Группы «{name}» нет",
    hint="Группы объявлены в records/organization.yaml.{may_be}",
    why="Группа объявляется один раз, чтобы опечатка не создала новую.",
)
REF_UNKNOWN_PLATFORM = Code(
    "REF_UNKNOWN_PLATFORM",
    Severity.ERROR,
    says="Образовательной платформы «{name}» нет",
    hint="Платформы описаны в records/platforms/.{may_be}",
    why="Платформа — источник результатов с основанием использования (п. 1.4.4 Порядка).",
)
REF_UNKNOWN_PURPOSE = Code(
    "REF_UNKNOWN_PURPOSE",
    Severity.ERROR,
    says="Цели обработки «{name}», редакция {edition}, нет",
    hint="Цели и тексты согласий объявлены в records/organization.yaml.{may_be}",
    why="Одно согласие — одна цель; текст согласия хранится редакциями (п. 3.1 Порядка).",
)
REF_UNKNOWN_AWARD = Code(
    "REF_UNKNOWN_AWARD",
    Severity.ERROR,
    says="В акте «{act}» нет поощрения «{award}» по пункту {clause}",
    hint="Виды поощрений перечислены в принятых редакциях акта в records/regulations/; проект "
    "(protocol: не подтверждено) не в счёт: впишите протокол и день.{may_be}",
    why="Поощрение ссылается на пункт локального акта и на приказ (пп. 2.2.10, 4.8 Порядка).",
)
REF_UNKNOWN_ENTRY = Code(
    "REF_UNKNOWN_ENTRY",
    Severity.ERROR,
    says="Записи «{name}» в этом деле нет или она другого рода",
    hint="Поле {field} называет номер записи этого же дела.{may_be}",
    why="Ссылки внутри дела: e — зачисление, r — результат, d — документ, p — представитель.",
)
REF_UNKNOWN_STUDENT = Code(
    "REF_UNKNOWN_STUDENT",
    Severity.ERROR,
    says="Записи {name} в архиве нет",
    hint="Проверьте номер дела и номер записи в нём, например 2026-0007#e1",
    why="Приказ и реестр называют человека номером дела и записи, а не именем.",
)
REF_UNKNOWN_RECORD = Code(
    "REF_UNKNOWN_RECORD",
    Severity.ERROR,
    says="Записи «{name}» среди записей вида «{kind}» нет",
    hint="Поле {field} называет такую запись по имени её файла или папки.{may_be}",
    why="Схема архива говорит словом x-refers-to, что стоит в поле: имя другой записи.",
)
DATE_ORDER = Code(
    "DATE_ORDER",
    Severity.ERROR,
    says="{later_name} ({later}) раньше, чем {earlier_name} ({earlier})",
    hint="Исправьте ту из двух дат, которая записана неверно",
    why="Даты одного дела идут в порядке событий: рождение, зачисление, результат, окончание.",
)
ATTACHMENT_MISSING = Code(
    "ATTACHMENT_MISSING",
    Severity.ERROR,
    says="Файла {name} нет в папке attachments",
    hint="Верните файл из истории или исправьте поле file",
    why="Документ описи назван, а скана нет: доказать его содержание будет нечем (п. 5.5).",
)
ATTACHMENT_ALTERED = Code(
    "ATTACHMENT_ALTERED",
    Severity.ERROR,
    says="Содержимое файла {name} не то, что записано в описи",
    hint="Верните файл из истории; новый скан добавьте новым документом",
    why="Имя и sha256 скана вычислены по его содержимому; они не сошлись.",
)
ATTACHMENT_UNLISTED = Code(
    "ATTACHMENT_UNLISTED",
    Severity.ERROR,
    says="Файл лежит в папке attachments, но в описи его нет",
    hint="Добавьте документ в documents.yaml или уберите файл",
    why="Каждый документ дела стоит в описи (п. 5.5 Порядка).",
)
MARK_NOT_ON_SCALE = Code(
    "MARK_NOT_ON_SCALE",
    Severity.ERROR,
    says="На шкале «{scale}» нет отметки {mark}",
    hint="Отметки этой шкалы: {marks}, а также «не аттестован»",
    why="Отметка ставится по шкале части программы и не переводится в другую (п. 2.2.3 Порядка).",
)
MARK_WITHOUT_SCALE = Code(
    "MARK_WITHOUT_SCALE",
    Severity.ERROR,
    says="У части «{part}» нет шкалы: её результаты только описывают словами",
    hint="Уберите mark и опишите результат в поле text",
    why="Часть программы без шкалы не оценивается отметкой.",
)


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
SCALE_ORDER = Code(
    "SCALE_ORDER",
    Severity.ERROR,
    says="Шкала «{scale}»: проходные отметки ({passing}) — не последние в списке marks",
    hint="Перечислите marks от низшей к высшей: сперва непроходные, в конце проходные",
    why="По порядку отметок судят, выше или ниже новая отметка прежней: перевёрнутый список "
    "печатает успех как падение (п. 2.2.4 Порядка).",
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
COPIES_NOT_APART = Code(
    "COPIES_NOT_APART",
    Severity.WARNING,
    says="Носители {media} — один и тот же диск: номер файловой системы у них общий",
    hint="Сделайте вторую копию на другой диск: papka backup --to ПАПКА --medium НОМЕР",
    why="Копии учебного года хранят на двух носителях (п. 6.3 Порядка). Две наклейки на одном "
    "диске — один носитель: пропадёт диск, пропадут обе копии.",
)
COPIES_ON_ONE_MEDIUM = Code(
    "COPIES_ON_ONE_MEDIUM",
    Severity.WARNING,
    says="Копий в журнале {count}, а носитель один: {medium}",
    hint="Сделайте копию на второй носитель: papka backup --to ПАПКА --medium НОМЕР",
    why="Копии учебного года хранят на двух носителях (п. 6.3 Порядка). Вторая копия на том же "
    "носителе пропадёт вместе с первой.",
)
