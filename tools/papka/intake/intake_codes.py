"""Codes of understanding a platform's export and of proving another archive's package.

The path of an EXPORT finding is the export's; line is a row, column a column, both as a spreadsheet
counts them. A message about a cell names it, its heading and what stands there, for the person who
holds the file; only the file itself is kept, never a message.
"""

from __future__ import annotations

from papka.core.findings import Code, Severity

_LAYOUT = "records/platforms/{platform}.yaml, раздел exports"

EXPORT_NOT_RECOGNISED = Code(
    "EXPORT_NOT_RECOGNISED",
    Severity.ERROR,
    says="Это не похоже ни на одну выгрузку платформы {platform}{closest}",
    hint="Проверьте, та ли платформа и тот ли файл; новую раскладку описывают в " + _LAYOUT,
    why="Выгрузку узнают по заголовкам, перечисленным в раскладке (recognise). Угадывать, что в "
    "незнакомой колонке, нельзя: чужая отметка попала бы в личное дело.",
)
EXPORT_LAYOUT_AMBIGUOUS = Code(
    "EXPORT_LAYOUT_AMBIGUOUS",
    Severity.ERROR,
    says="К файлу одинаково подходят раскладки {layouts}",
    hint="Назовите нужную: papka take … --export КОД; чтобы программа различала их сама, добавьте "
    "в recognise заголовок, который есть только в одной, или имя файла (file)",
    why="У разных курсов бывают одинаковые заголовки, например «Итоговая оценка за курс». По какой "
    "раскладке читать, решает человек.",
)
EXPORT_LAYOUT_UNKNOWN = Code(
    "EXPORT_LAYOUT_UNKNOWN",
    Severity.ERROR,
    says="У платформы {platform} нет раскладки «{layout}»",
    hint="Раскладки перечислены в " + _LAYOUT + ".{may_be}",
    why="Раскладка описывает, какая колонка что значит; без неё выгрузку не прочесть.",
)
EXPORT_HEADER_MISSING = Code(
    "EXPORT_HEADER_MISSING",
    Severity.ERROR,
    says="Не найдена строка заголовков раскладки «{layout}»: {what}",
    hint="Проверьте, тот ли это файл; если платформа переименовала колонки, добавьте в файл "
    "платформы новую редакцию раскладки",
    why="Все колонки находят по строке заголовков.",
)
EXPORT_HEADER_TWICE = Code(
    "EXPORT_HEADER_TWICE",
    Severity.ERROR,
    says="Строка заголовков повторяется среди строк обучающихся",
    hint="Похоже, два файла склеены в один: возьмите их по отдельности",
    why="После второй строки заголовков колонки могут стоять иначе, и отметки попадут не туда.",
)
EXPORT_COLUMN_MISSING = Code(
    "EXPORT_COLUMN_MISSING",
    Severity.ERROR,
    says="Нет колонки «{name}»",
    hint="Если платформа её переименовала или убрала, добавьте новую редакцию раскладки.{may_be}",
    why="Раскладка ждёт эту колонку. Без неё часть отметок или сведений пропала бы молча.",
)
EXPORT_COLUMN_TWICE = Code(
    "EXPORT_COLUMN_TWICE",
    Severity.ERROR,
    says="Колонка «{name}» встречается в файле дважды",
    hint="Переименуйте одну из них на платформе и выгрузите снова; если порядок колонок постоянен, "
    "перечислите их в positions и назовите вторую «{name}#2»",
    why="По заголовку не понять, которая из двух нужна, а выбирать наугад нельзя.",
)
EXPORT_COLUMN_MOVED = Code(
    "EXPORT_COLUMN_MOVED",
    Severity.ERROR,
    says="Колонки стоят не так, как в раскладке: здесь ожидается «{expected}», а стоит «{found}»",
    hint="Сверьте порядок колонок на платформе и добавьте новую редакцию раскладки",
    why="В этой выгрузке колонки различают по месту. Стоит платформе вставить одну, и все "
    "следующие отметки окажутся чужими.",
)
EXPORT_COLUMN_UNKNOWN = Code(
    "EXPORT_COLUMN_UNKNOWN",
    Severity.INFO,
    says="Колонка «{name}» в раскладке не названа и не читается",
    hint="Если она нужна, добавьте её в columns; если нет — в ignored",
    why="Новое задание на платформе — новая колонка. Программа сообщает о ней, чтобы отметки не "
    "пропали незаметно.",
)
EXPORT_ROWS_UNUSED = Code(
    "EXPORT_ROWS_UNUSED",
    Severity.INFO,
    says="Строк, к которым не относится ни одно правило: {count} (в колонке «{name}» — «{text}»)",
    hint="Если это нужный курс, добавьте в columns правило с этим текстом (when)",
    why="В одном отчёте бывает много курсов; о тех, что никуда не отнесены, программа сообщает.",
)
EXPORT_PART_UNKNOWN = Code(
    "EXPORT_PART_UNKNOWN",
    Severity.ERROR,
    says="Раскладка относит колонку «{name}» к тому, чего нет: {what}",
    hint="Исправьте program, part или edition этой колонки в файле платформы.{may_be}",
    why="Отметка стоит у части программы; её шкала объявлена в программе.",
)
EXPORT_SCALE_UNSURE = Code(
    "EXPORT_SCALE_UNSURE",
    Severity.ERROR,
    says="У части «{part}» в разных редакциях программы разные шкалы",
    hint="Укажите у колонки редакцию программы (edition)",
    why="Пока строка не соотнесена с делом, редакция неизвестна, а отметки разных шкал не "
    "пересчитывают (п. 2.2.3).",
)
EXPORT_PART_WITHOUT_SCALE = Code(
    "EXPORT_PART_WITHOUT_SCALE",
    Severity.ERROR,
    says="У части «{part}» нет шкалы: её результаты описывают словами",
    hint="Уберите колонку из columns или объявите шкалу в новой редакции программы",
    why="Отметка без шкалы ничего не значит.",
)
EXPORT_RULE_MISSING = Code(
    "EXPORT_RULE_MISSING",
    Severity.ERROR,
    says="Для колонки «{name}» не сказано, как её значение становится отметкой",
    hint="Добавьте правило (conversion) этой колонке или всей раскладке",
    why="Без объявленного правила ничего не пересчитывают (п. 2.2.3).",
)
EXPORT_SCALE_NEEDS_BANDS = Code(
    "EXPORT_SCALE_NEEDS_BANDS",
    Severity.ERROR,
    says="Процент не ставят на шкалу «{scale}» без порогов",
    hint="Добавьте в правило колонки «{name}» пороги (bands): с какого процента какая отметка",
    why="Прямо процент ставят только на шкалу от 0 до 100. Сколько процентов — пятёрка, решает "
    "организация, и это должно быть записано (п. 2.2.3).",
)
EXPORT_MAXIMUM_UNKNOWN = Code(
    "EXPORT_MAXIMUM_UNKNOWN",
    Severity.ERROR,
    says="Неизвестно, из скольких баллов колонка «{name}»",
    hint="Впишите наибольшее число баллов (of) в правило колонки",
    why="Баллы значат что-то лишь рядом с наибольшим возможным числом.",
)
EXPORT_COLUMN_WITHOUT_POINTS = Code(
    "EXPORT_COLUMN_WITHOUT_POINTS",
    Severity.INFO,
    says="Колонка «{name}» не читается: по строке наибольших баллов, в ней их 0",
    hint="Если это нужная оценка, задайте на платформе, из скольких она баллов",
    why="Из нуля баллов отметки не посчитать. Так платформы помечают задания без оценки.",
)
EXPORT_VALUE_UNREADABLE = Code(
    "EXPORT_VALUE_UNREADABLE",
    Severity.ERROR,
    says="Ячейка {cell}, «{name}»: «{value}» — {what}",
    hint="Здесь бывает: {may}. {advice}",
    why="Значение, смысл которого не объявлен, отметкой или записью не становится.",
)
EXPORT_VALUE_OUT_OF_RANGE = Code(
    "EXPORT_VALUE_OUT_OF_RANGE",
    Severity.ERROR,
    says="Ячейка {cell}, «{name}»: «{value}» вне границ: {what}",
    hint="Здесь бывает: {may}. Если дополнительные баллы разрешены, раскладка говорит "
    "above_maximum: наибольшее. {advice}",
    why="Больше наибольшего не бывает: либо ошибка в оценке, либо раскладка понимает колонку "
    "не так, либо платформа даёт дополнительные баллы, и это надо объявить.",
)
EXPORT_MARK_OFF_SCALE = Code(
    "EXPORT_MARK_OFF_SCALE",
    Severity.ERROR,
    says="Ячейка {cell}, «{name}»: «{value}» — {what}",
    hint="Здесь бывает: {may}. {advice}",
    why="Отметка — число или слово шкалы, объявленной у части программы (п. 2.2.3).",
)
EXPORT_DATE_UNREADABLE = Code(
    "EXPORT_DATE_UNREADABLE",
    Severity.ERROR,
    says="Ячейка {cell}, «{name}»: «{value}» — {what}",
    hint="День пишут так: 28.05.2026, 2026-05-28, 28 мая 2026. {advice}",
    why="Дату, записанную иначе, легко понять неверно: 03/04/2026 — это и март, и апрель. Какой "
    "из двух порядков у платформы, говорит раскладка (dates).",
)
EXPORT_DATE_UNKNOWN = Code(
    "EXPORT_DATE_UNKNOWN",
    Severity.ERROR,
    says="Неизвестен день результатов колонки «{name}»",
    hint="Назовите день выгрузки: --date ГГГГ-ММ-ДД, или укажите в раскладке колонку с "
    "датой (date)",
    why="У каждого результата есть день, и учебный период проверяется по нему.",
)
EXPORT_ROW_WITHOUT_STUDENT = Code(
    "EXPORT_ROW_WITHOUT_STUDENT",
    Severity.ERROR,
    says="В строке не сказано, о ком она: все колонки обучающегося пусты",
    hint="Если это вторая строка заголовков или строка средних, опишите её в раскладке: maxima, "
    "aggregates или skipped",
    why="Строку без обучающегося некуда отнести, а пропустить её молча нельзя.",
)
EXPORT_STUDENT_TWICE = Code(
    "EXPORT_STUDENT_TWICE",
    Severity.ERROR,
    says="Этот обучающийся уже есть в строке {first}: та же отметка названа дважды",
    hint="Выгрузите без повторов; если у человека две учётные записи, соедините их на платформе; "
    "если попыток бывает несколько, раскладка говорит, какая считается (attempts)",
    why="Какая из двух отметок верна, программа не решает.",
)
EXPORT_STUDENT_DIFFERS = Code(
    "EXPORT_STUDENT_DIFFERS",
    Severity.ERROR,
    says="Номер на платформе тот же, что в строке {first}, а имя другое",
    hint="Проверьте на платформе, чья это учётная запись",
    why="Один номер — один человек; иначе чужие отметки попадут в личное дело.",
)
EXPORT_JOIN_MISSING = Code(
    "EXPORT_JOIN_MISSING",
    Severity.ERROR,
    says="В списке «{table}» нет записи, на которую ссылается строка",
    hint="Возьмите с платформы оба списка целиком и соедините в одном файле",
    why="Без второго списка неизвестно, чья это строка.",
)


EXPORT_ANSWER_UNREADABLE = Code(
    "EXPORT_ANSWER_UNREADABLE",
    Severity.ERROR,
    says="Это не ответ: «{word}»",
    hint="Пишите строками «ключ строки: номер дела», «строка 12: пропустить», «строка 12: к "
    "зачислению e2» или, для новых карточек, «ключ строки: новое дело»",
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
    hint="Ответьте в --answers: «строка {row}: к зачислению e2»; если о редакции программы говорит "
    "колонка, назовите её в раскладке (edition_column); лишнее зачисление закончите: papka end "
    "{student}#ЗАПИСЬ",
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
TYPED_CHANGED_MEANWHILE = Code(
    "TYPED_CHANGED_MEANWHILE",
    Severity.ERROR,
    says="Пока отметку вводили, здесь сохранили другое: {now}",
    hint="Отметка {mark} не записана; если верна она, введите её снова",
    why="Чужую отметку, которой человек не видел, его отметка не заменяет.",
)
TYPED_MARK_LOCKED = Code(
    "TYPED_MARK_LOCKED",
    Severity.ERROR,
    says="Здесь отметку не меняют: {why}",
    hint="{what}",
    why="Утверждённое исправляют записью с причиной, которую утверждает руководитель (п. 5.6 "
    "Порядка); на экране группы это сделать нельзя.",
)
TYPED_WITHOUT_REASON = Code(
    "TYPED_WITHOUT_REASON",
    Severity.ERROR,
    says="Отметка {before} меняется на {mark}, а почему прежняя неверна, не сказано",
    hint="Напишите причину: она останется в деле рядом с новой отметкой",
    why="Прежняя отметка остаётся читаемой, поэтому рядом с новой должно стоять, почему прежняя "
    "неверна.",
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


_AGAIN = "Не принимайте пакет; попросите организацию выгрузить его заново и передать без изменений"

PACKAGE_UNSIGNED = Code(
    "PACKAGE_UNSIGNED",
    Severity.WARNING,
    says="пакет не подписан",
    hint="Попросите пакет с подписью руководителя: papka give package",
    why="Без подписи руководителя содержимое пакета мог составить кто угодно. Сопоставление "
    "показывают, но зачёт по нему не записывают.",
)
PACKAGE_KEY_UNKNOWN = Code(
    "PACKAGE_KEY_UNKNOWN",
    Severity.WARNING,
    says="подпись верна, но чей это ключ, неизвестно: {key}",
    hint="Узнайте отпечаток ключа у самой организации (сайт, телефон, письмо), а не из пакета, и "
    "повторите: --fingerprint {key} или --trust ФАЙЛ",
    why="Ключ, лежащий в пакете, доказывает только, что пакет не меняли после подписи. Чей он, "
    "знает организация; пока этого не узнали, содержимое не доказано и зачёт не записывают.",
)
PACKAGE_KEY_REVOKED = Code(
    "PACKAGE_KEY_REVOKED",
    Severity.ERROR,
    says="пакет подписан отозванным ключом: {key}",
    hint="Попросите организацию подписать пакет действующим ключом",
    why="Отозванным ключом мог подписать тот, кто им завладел; когда подписан пакет, сам по себе "
    "он не говорит.",
)
PACKAGE_SIGNATURE_BAD = Code(
    "PACKAGE_SIGNATURE_BAD",
    Severity.ERROR,
    says="подпись пакета неверна: {detail}",
    hint=_AGAIN,
    why="Подпись покрывает список контрольных сумм. Если она не сходится, список подменили или "
    "подпись взята от другого пакета.",
)
PACKAGE_LIST_UNREADABLE = Code(
    "PACKAGE_LIST_UNREADABLE",
    Severity.ERROR,
    says="в пакете нет списка контрольных сумм или он испорчен",
    hint=_AGAIN,
    why="SHA256SUMS — строки «сумма, два пробела, путь». По нему видно, что все файлы на месте и "
    "не изменены, и его подписывает руководитель.",
)
PACKAGE_FILE_MISSING = Code(
    "PACKAGE_FILE_MISSING",
    Severity.ERROR,
    says="файла из списка в пакете нет",
    hint=_AGAIN,
    why="Список контрольных сумм называет все файлы пакета. Недостающий потеряли или убрали.",
)
PACKAGE_FILE_ALTERED = Code(
    "PACKAGE_FILE_ALTERED",
    Severity.ERROR,
    says="файл изменён: контрольная сумма не та",
    hint=_AGAIN,
    why="Содержимое файла не то, для которого записана сумма: его изменили после выгрузки.",
)
PACKAGE_FILE_UNLISTED = Code(
    "PACKAGE_FILE_UNLISTED",
    Severity.ERROR,
    says="файла нет в списке контрольных сумм",
    hint=_AGAIN,
    why="Файл добавили после того, как пакет подписали.",
)
PACKAGE_RECORD_UNREADABLE = Code(
    "PACKAGE_RECORD_UNREADABLE",
    Severity.ERROR,
    says="запись пакета не читается: {detail}",
    hint="Попросите организацию проверить архив (papka check) и выгрузить пакет заново",
    why="Записи чужого пакета читают так же строго, как свои: по нашим схемам. Что им не отвечает, "
    "нельзя ни показать верно, ни зачесть.",
)
