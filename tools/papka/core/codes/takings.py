"""Codes of taking an export in: whose a row is, and what it would change (`papka take`).

The path of these findings is the export's; line is a row, column a column, both as a spreadsheet
counts them.
"""

from __future__ import annotations

from papka.core.findings import Code, Severity

EXPORT_ANSWER_UNREADABLE = Code(
    "EXPORT_ANSWER_UNREADABLE",
    Severity.ERROR,
    says="Это не ответ: «{word}»",
    hint="Пишите строками «ключ строки: номер дела», «ключ строки: пропустить» или, для новых "
    "карточек, «ключ строки: новое дело»",
    why="Файл ответов говорит, чья строка выгрузки. Другие слова можно было бы понять по-разному.",
)
EXPORT_ANSWER_STRANGE = Code(
    "EXPORT_ANSWER_STRANGE",
    Severity.ERROR,
    says="Ответ «{word}» ни к чему не относится: нет такой строки или такого дела",
    hint="Проверьте ключ строки (как его назвала papka take) и номер дела",
    why="Опечатка в ответе отправила бы строку не тому человеку или оставила её без хозяина.",
)
EXPORT_ROW_AMBIGUOUS = Code(
    "EXPORT_ROW_AMBIGUOUS",
    Severity.ERROR,
    says="Чья это строка, решите вы: {reason} ({candidates})",
    hint="Ответьте на вопрос на экране или в файле: --answers ФАЙЛ",
    why="Программа никогда не угадывает: отметка, попавшая в чужое дело, хуже непринятой.",
)
EXPORT_ROW_UNMATCHED = Code(
    "EXPORT_ROW_UNMATCHED",
    Severity.ERROR,
    says="Строка ни с кем не сопоставлена: {reason}",
    hint="Впишите ключ платформы в карточку (accounts), ответьте в --answers или примите такие "
    "строки: --accept-unmatched ПРИЧИНА",
    why="Без хозяина отметки из строки никуда не попадут. Принять выгрузку можно, только решив это "
    "явно; период с такими строками закрывает руководитель с причиной.",
)
EXPORT_PERSON_TWICE = Code(
    "EXPORT_PERSON_TWICE",
    Severity.ERROR,
    says="Обучающийся {student} стоит в выгрузке дважды: об этом же сказано в строке {first}",
    hint="Оставьте на платформе одну учётную запись и выгрузите снова или пропустите одну строку "
    "в --answers",
    why="Какая из двух отметок верна, из файла не узнать.",
)
EXPORT_MARK_TWICE = Code(
    "EXPORT_MARK_TWICE",
    Severity.ERROR,
    says="Отметка по части «{part}» есть ещё в столбце {first}",
    hint="Уточните описание выгрузки в records/platforms: какой столбец итоговый, а какой текущий",
    why="У части одна отметка за период. Из двух столбцов какой-то лишний или это разный контроль.",
)
EXPORT_NOT_ENROLLED = Code(
    "EXPORT_NOT_ENROLLED",
    Severity.ERROR,
    says="{student} не учится по программе «{program}»",
    hint="Оформите зачисление (papka add {student} enrolment), исправьте описание выгрузки или "
    "пропустите строку в --answers",
    why="Результат принадлежит зачислению: договору, редакции программы и её шкалам.",
)
EXPORT_NOT_YET = Code(
    "EXPORT_NOT_YET",
    Severity.ERROR,
    says="{student} зачислен на программу «{program}» позже, с {day}",
    hint="Проверьте дату зачисления и день результата в выгрузке",
    why="Результата до зачисления быть не может: ошибка либо в дате, либо в человеке.",
)
EXPORT_STUDENT_LEFT = Code(
    "EXPORT_STUDENT_LEFT",
    Severity.ERROR,
    says="{student} окончил обучение по программе «{program}» {day}, раньше этой отметки",
    hint="Если результат показан до окончания, укажите в выгрузке его день; иначе уберите "
    "человека из курса на платформе или пропустите строку в --answers",
    why="После отчисления или окончания результатов не появляется.",
)
EXPORT_STUDY_AMBIGUOUS = Code(
    "EXPORT_STUDY_AMBIGUOUS",
    Severity.ERROR,
    says="У {student} несколько зачислений на программу «{program}» в этот день: {ids}",
    hint="Закончите лишнее зачисление: papka end {student}#ЗАПИСЬ",
    why="К какому зачислению отнести отметку, из выгрузки не видно.",
)
EXPORT_PART_NOT_STUDIED = Code(
    "EXPORT_PART_NOT_STUDIED",
    Severity.ERROR,
    says="Части «{part}» нет в том, что изучает {student}#{enrolment}",
    hint="Проверьте редакцию программы, индивидуальную траекторию и описание выгрузки",
    why="Шкала отметки известна только по части программы в редакции зачисления.",
)
EXPORT_PERIOD_CLOSED = Code(
    "EXPORT_PERIOD_CLOSED",
    Severity.ERROR,
    says="Период {period} закрыт, а такой отметки в нём нет",
    hint="Новую отметку внесите в открытый период; пересдачу — papka add НОМЕР result --resits "
    "ЗАПИСЬ",
    why="Закрытый период утверждён руководителем: из выгрузки в него попадают только исправления "
    "того, что уже есть (п. 5.6 Порядка).",
)
EXPORT_KEPT_BY_HAND = Code(
    "EXPORT_KEPT_BY_HAND",
    Severity.WARNING,
    says="На платформе {mark}, а в {address} исправлено или внесено человеком: оставлено как есть",
    hint="Если верна платформа, исправьте запись: papka fix {address} mark=ОТМЕТКА",
    why="Исправленное человеком выгрузка не меняет: иначе каждая следующая выгрузка возвращала бы "
    "ошибку платформы.",
)
EXPORT_CARD_WITHOUT_NAME = Code(
    "EXPORT_CARD_WITHOUT_NAME",
    Severity.ERROR,
    says="В строке нет имени: личное дело завести не на кого",
    hint="Заполните фамилию и имя в таблице и примите её снова",
    why="Имя — единственное, без чего личного дела не бывает (п. 1.3 Порядка).",
)
EXPORT_FIELD_MISSING = Code(
    "EXPORT_FIELD_MISSING",
    Severity.ERROR,
    says="Для зачисления не сказано: {what}",
    hint="Добавьте столбец в таблицу и в описание выгрузки (fields) или укажите program в нём",
    why="Зачисление — это программа, её редакция и первый день.",
)
