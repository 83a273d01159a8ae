"""Codes of the rules about records (`papka check`)."""

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
