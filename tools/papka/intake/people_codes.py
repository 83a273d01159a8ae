"""Codes of a list of people: told at the cell of the person's own file.

The path of a finding is the list's; line is a row, column a column, both as a spreadsheet counts.
"""

from __future__ import annotations

from papka.core.findings import Code, Severity

LIST_CELL_UNREADABLE = Code(
    "LIST_CELL_UNREADABLE",
    Severity.ERROR,
    says="{cell}: «{value}» не читается",
    hint="Здесь пишут {wanted}",
    why="Список читается, только когда каждая ячейка понятна: неверный день или телефон попал бы в "
    "личное дело.",
)
LIST_EMPTY = Code(
    "LIST_EMPTY",
    Severity.ERROR,
    says="Под заголовками нет ни одной строки",
    hint="Впишите людей; строку со словом «пример» программа не читает",
    why="Пустой список похож на принятый, хотя из него никто не записан.",
)
LIST_COLUMN_UNKNOWN = Code(
    "LIST_COLUMN_UNKNOWN",
    Severity.WARNING,
    says="Ячейка {cell}: столбец «{name}» не прочитан, такого названия программа не знает",
    hint="Названия столбцов — в образце: papka give list.{may_be}",
    why="Сведения из столбца с другим названием пропали бы молча, поэтому о нём сказано.",
)
LIST_COLUMN_TWICE = Code(
    "LIST_COLUMN_TWICE",
    Severity.ERROR,
    says="Ячейка {cell}: столбец «{name}» повторяет сведения столбца с заголовком в {other}",
    hint="Оставьте один из двух столбцов",
    why="Из двух столбцов с одним смыслом неясно, который верен.",
)
LIST_RELATIVE_NAMELESS = Code(
    "LIST_RELATIVE_NAMELESS",
    Severity.ERROR,
    says="{cell}: «{value}», а имени представителя в строке нет",
    hint="Впишите имя представителя в его столбец: Пробкина Ольга Сергеевна; или очистите эту "
    "ячейку",
    why="Представителя записывают по имени: согласие подписывает человек, а не телефон.",
)
LIST_NAME_MISSING = Code(
    "LIST_NAME_MISSING",
    Severity.ERROR,
    says="{cell}: {value}; без имени личное дело завести не на кого",
    hint="Впишите фамилию и имя, как в документе; строку, которая не о человеке, удалите",
    why="Имя — единственное, без чего личного дела не бывает (п. 1.3 Порядка).",
)
LIST_NAME_ALONE = Code(
    "LIST_NAME_ALONE",
    Severity.ERROR,
    says="{cell}: {value}; кроме имени в строке ничего нет, а в архиве такого человека нет",
    hint="Впишите день рождения или программу; подпись под списком и примечание удалите",
    why="Личное дело завелось бы и на подпись под списком.",
)
LIST_NUMBER_STRANGE = Code(
    "LIST_NUMBER_STRANGE",
    Severity.ERROR,
    says="{cell}: дела {number} нет, или оно заведено на другого человека",
    hint="Проверьте номер: papka find ФАМИЛИЯ; у новых обучающихся столбец «Номер дела» пустой",
    why="Номер дела называет человека точнее имени; ошибка в нём изменила бы чужое дело.",
)
LIST_WORD_UNKNOWN = Code(
    "LIST_WORD_UNKNOWN",
    Severity.ERROR,
    says="{cell}: {what} «{value}» в архиве нет",
    hint="{how}{may_be}",
    why="Программы, их редакции и группы объявлены в архиве; опечатка завела бы лишнюю.",
)
LIST_GROUP_OF_OTHER = Code(
    "LIST_GROUP_OF_OTHER",
    Severity.ERROR,
    says="{cell}: группа «{group}» — программы «{program}», а не «{wanted}»",
    hint="Здесь пишут группу программы из этой строки{may_be}; или исправьте программу",
    why="Группа учится по одной программе; обучающийся чужой программы пропал бы из ведомостей.",
)
LIST_STUDY_INCOMPLETE = Code(
    "LIST_STUDY_INCOMPLETE",
    Severity.ERROR,
    says="{cell}: {value}, а для зачисления нужно и это: {what}",
    hint="Здесь пишут {wanted}",
    why="Зачисление — это программа, её редакция и первый день.",
)
LIST_STUDY_UNKNOWN = Code(
    "LIST_STUDY_UNKNOWN",
    Severity.ERROR,
    says="{cell}: {value}, и непонятно, о каком обучении речь: {what}",
    hint="Впишите сюда первый день этого обучения{may_be}",
    why="Перевод и окончание относятся к одному обучению; выбирать из двух программа не станет.",
)
LIST_TRANSFER_UNDATED = Code(
    "LIST_TRANSFER_UNDATED",
    Severity.ERROR,
    says="{cell}: в архиве группа «{known}», а здесь «{group}»: с какого дня перевод, не сказано",
    hint="Впишите день в столбец «В группе с» или верните прежнюю группу",
    why="Ведомость прошлого периода показывает прежнюю группу, поэтому у перевода есть день.",
)
LIST_ALREADY_DIFFERS = Code(
    "LIST_ALREADY_DIFFERS",
    Severity.ERROR,
    says="{cell}: {value}, а в архиве иначе: {what} {known}",
    hint="Если верен список, исправьте запись: papka fix; если архив — исправьте ячейку",
    why="Записанное о зачислении, окончании и рождении список не меняет: это делают явно.",
)
LIST_STUDIES_TWICE = Code(
    "LIST_STUDIES_TWICE",
    Severity.WARNING,
    says="{cell}: {value}, а {student} уже учится по программе «{program}» с {day}: записано ещё "
    "одно зачисление",
    hint="Если прежнее обучение закончилось, запишите это: papka end {student}#{entry}; если это "
    "то же обучение, исправьте первый день в списке и отмените: papka undo",
    why="Два действующих зачисления на одну программу бывают редко.",
)
LIST_REASON_MISSING = Code(
    "LIST_REASON_MISSING",
    Severity.ERROR,
    says="{cell}: {value}; обучение закончилось {day}, а почему, не сказано",
    hint="Здесь пишут: завершение, отчисление или перевод",
    why="От причины зависит и приказ, и какой документ выдают.",
)
LIST_ORDER_UNSURE = Code(
    "LIST_ORDER_UNSURE",
    Severity.ERROR,
    says="{cell}: под номером «{value}» несколько приказов: {known}",
    hint="Назовите приказ файлом, например 2026/0018, или добавьте день: 18-к от 31.08.2026",
    why="Номера приказов повторяются каждый год; какой из них нужен, решает человек.",
)
LIST_SIGNER_MISSING = Code(
    "LIST_SIGNER_MISSING",
    Severity.ERROR,
    says="{cell}: {value}; за несовершеннолетнего согласие подписывает представитель, а его в "
    "строке нет",
    hint="Впишите имя представителя в столбец «Мать», «Отец» или «Родитель 1» или очистите эту "
    "ячейку",
    why="Согласие несовершеннолетнего даёт законный представитель (152-ФЗ).",
)
LIST_CASES_STALE = Code(
    "LIST_CASES_STALE",
    Severity.ERROR,
    says="{cell}: {value}; имя меняется, а в карточке {student} записаны падежи прежнего имени",
    hint="Смените имя сами: papka fix {student} surname=… dative=… --until ДАТА",
    why="Склонение, записанное вручную, осталось бы от прежнего имени.",
)
