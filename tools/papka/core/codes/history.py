"""Codes of `verify`: store, repository, history, signatures, trust, paths, work tree."""

from __future__ import annotations

from papka.core.findings import Code, Severity

_FROM_MIRROR = (
    "Не сохраняйте ничего поверх. Вылечите хранилище: papka restore --heal соберёт целое из этой "
    "копии и зеркал, а повреждённое оставит рядом"
)
_TELL_HEAD = (
    "Ничего не сохраняйте и не отправляйте; сообщите руководителю и сверьте архив с зеркалом: "
    "papka mirror status"
)

OBJECT_CORRUPT = Code(
    "OBJECT_CORRUPT",
    Severity.FATAL,
    says="объект хранилища {id} повреждён: {detail}",
    hint=_FROM_MIRROR,
    why="Содержимое объекта не совпадает с его именем: сбой диска, памяти или чужая рука. "
    "Сам git этого при записи, просмотре и отправке не замечает.",
)
OBJECT_MISSING = Code(
    "OBJECT_MISSING",
    Severity.FATAL,
    says="в хранилище нет объекта {id}: {detail}",
    hint=_FROM_MIRROR,
    why="История ссылается на файл, папку или запись, которых в хранилище больше нет. Недостающий "
    "объект — такая же потеря, как и повреждённый.",
)
PACK_DAMAGED = Code(
    "PACK_DAMAGED",
    Severity.FATAL,
    says="повреждён пакет объектов {pack}: {detail}",
    hint=_FROM_MIRROR,
    why="В пакете лежат многие объекты сразу; его контрольная сумма не сходится.",
)
REF_DAMAGED = Code(
    "REF_DAMAGED",
    Severity.FATAL,
    says="ссылка {ref} повреждена: {detail}",
    hint="Вылечите хранилище: papka restore --heal найдёт последнюю запись по журналу и зеркалам",
    why="Ссылка говорит, какая запись последняя. Без неё история есть, но её конец не известен.",
)
HEAD_ELSEWHERE = Code(
    "HEAD_ELSEWHERE",
    Severity.ERROR,
    says="архив открыт не на ветви main (HEAD: {head})",
    hint="Вернитесь на неё: {step}; если при этом что-то изменится в файлах — сообщите "
    "руководителю",
    why="Проверяют и печатают последнюю запись ветви main. Другие команды git смотрят туда, куда "
    "указывает HEAD: там может быть запись, которой никто не подписывал.",
)
REF_NAME_UNSAFE = Code(
    "REF_NAME_UNSAFE",
    Severity.ERROR,
    says="имя ссылки опасно: {ref}",
    hint="Удалите её файл в папке .git/refs",
    why="Имя вроде --upload-pack=… программы принимают за ключ командной строки.",
)
REF_EXTRA = Code(
    "REF_EXTRA",
    Severity.WARNING,
    says="в архиве есть лишняя ссылка {ref}, она не проверялась",
    hint="Если она не нужна, удалите её: git update-ref -d {ref}",
    why="У архива одна история — ветвь main. Всё остальное никто не проверяет и не защищает.",
)
REPO_REPLACE_REFS = Code(
    "REPO_REPLACE_REFS",
    Severity.ERROR,
    says="в хранилище есть подмены объектов ({refs})",
    hint="Удалите их: git replace -d ИМЯ; проверка шла по настоящим объектам",
    why="Подмена (git replace) заставляет git показывать вместо одного объекта другой.",
)
REPO_COMMONDIR = Code(
    "REPO_COMMONDIR",
    Severity.ERROR,
    says="файл commondir отсылает git за ссылками и объектами в другую папку",
    hint="Удалите файл .git/commondir и проверьте ещё раз: papka verify; проверялось то, что "
    "видит git",
    why="Такой файл нужен только во второй рабочей папке (git worktree). В самом архиве он "
    "незаметно подменяет историю другой.",
)
REPO_GRAFTS = Code(
    "REPO_GRAFTS",
    Severity.ERROR,
    says="в хранилище подменено родство записей (info/grafts)",
    hint="Удалите файл .git/info/grafts; проверка шла по настоящему родству",
    why="Файл grafts заставляет git видеть у записи других родителей.",
)
REPO_SHALLOW = Code(
    "REPO_SHALLOW",
    Severity.ERROR,
    says="это неполная копия: история в ней обрезана",
    hint="Получите всю историю: git fetch --unshallow",
    why="По обрезанной истории нельзя проверить, с чего она началась и кому в ней доверяли.",
)
REPO_ALTERNATES = Code(
    "REPO_ALTERNATES",
    Severity.ERROR,
    says="хранилище не держит объекты само, а берёт их из другого места ({files}); проверить его "
    "нельзя",
    hint="Сделайте полную копию: git clone --no-local --dissociate АРХИВ НОВАЯ-ПАПКА",
    why="Такой архив цел, только пока цела чужая папка; без неё в нём может не быть ничего. Канал "
    "на месте файла остановил бы и git, и проверку.",
)
REPO_PARTIAL = Code(
    "REPO_PARTIAL",
    Severity.ERROR,
    says="это частичная копия ({marks}): недостающие файлы она добирает с зеркала",
    hint="Сделайте полную копию: git clone АДРЕС-ЗЕРКАЛА НОВАЯ-ПАПКА",
    why="git считает частичную копию целой, даже если в ней нет ни одного файла.",
)
WORKTREE_DIFFERS = Code(
    "WORKTREE_DIFFERS",
    Severity.WARNING,
    says="файл отличается от сохранённого: {what}",
    hint="Сохраните изменение: papka save; или верните файл: git checkout HEAD -- {path}",
    why="В папке не то, что в последней подписанной записи. Байты сравниваются целиком, "
    "показаниям индекса git проверка не верит.",
)
UNTRACKED_FILE = Code(
    "UNTRACKED_FILE",
    Severity.WARNING,
    says="файл не сохранён в архиве",
    hint="Сохраните его: papka save; или уберите из папки архива",
    why="Файла нет в последней подписанной записи: его нет и на зеркалах.",
)
HISTORY_UNREADABLE = Code(
    "HISTORY_UNREADABLE",
    Severity.FATAL,
    says="запись не прочесть: {detail}",
    hint=_FROM_MIRROR,
    why="Байты записи не складываются в запись git, поэтому ни её, ни более ранние не проверить.",
)
MERGE_COMMIT = Code(
    "MERGE_COMMIT",
    Severity.ERROR,
    says="запись соединяет две истории: у неё {count} родителя",
    hint="В архиве соединения не делают. Выясните, кто его сделал: git log -1 {commit}",
    why="История архива — одна линия. В соединении легко спрятать изменение, которого нет ни в "
    "одной из двух историй.",
)
TIME_BACKWARDS = Code(
    "TIME_BACKWARDS",
    Severity.ERROR,
    says="запись датирована раньше предыдущей на {minutes} мин",
    hint="Выясните у подписавшего, чьи часы ошиблись; если никто — сообщите руководителю",
    why="Записи делают по порядку, и papka не ставит время раньше предыдущего. Запись задним "
    "числом — признак подделки.",
)
TIME_SLIGHTLY_BACKWARDS = Code(
    "TIME_SLIGHTLY_BACKWARDS",
    Severity.WARNING,
    says="запись датирована раньше предыдущей на {seconds} с",
    hint="Проверьте часы компьютеров, на которых сохраняют архив",
    why="Часы двух компьютеров разошлись меньше чем на 10 минут.",
)
TIME_FUTURE = Code(
    "TIME_FUTURE",
    Severity.ERROR,
    says="запись датирована будущим: на {minutes} мин вперёд",
    hint="Проверьте часы этого компьютера; если они верны — спросите подписавшего",
    why="Время записи больше чем на 10 минут опережает время проверки.",
)
HEADER_UNEXPECTED = Code(
    "HEADER_UNEXPECTED",
    Severity.FATAL,
    says="в записи есть лишнее или переставленное: {headers}",
    hint=_TELL_HEAD,
    why="Заголовки записи ровно такие: tree, parent, author, committer, gpgsig. В прочих можно "
    "спрятать то, чего не видно и что не подписано.",
)
SIG_MISSING = Code(
    "SIG_MISSING",
    Severity.ERROR,
    says="запись не подписана",
    hint="Выясните, кто её сделал: git log -1 {commit}. Сохраняйте изменения только через papka "
    "save",
    why="Каждая запись архива подписана тем, кто её сделал. Неподписанную мог сделать кто угодно.",
)
SIG_BAD = Code(
    "SIG_BAD",
    Severity.FATAL,
    says="подпись записи неверна: {detail}",
    hint=_TELL_HEAD,
    why="Подпись не подходит к содержимому: запись изменили после подписи или подпись взяли от "
    "другой записи.",
)
SIG_MALLEABLE = Code(
    "SIG_MALLEABLE",
    Severity.FATAL,
    says="подпись записана не в единственно допустимом виде: {detail}",
    hint=_TELL_HEAD,
    why="Подпись верна, но её вид изменён: так получают вторую запись с тем же содержимым и другим "
    "именем или прячут посторонний текст. ssh-keygen и git этого не замечают.",
)
SIG_UNKNOWN_KEY = Code(
    "SIG_UNKNOWN_KEY",
    Severity.FATAL,
    says="запись подписана ключом {key}, которому к тому времени никто не доверил",
    hint=_TELL_HEAD,
    why="Запись судят по списку доверенных ключей её родителя: ключ, который вписывает себя сам, "
    "доверенным от этого не становится.",
)
AUTHOR_MISMATCH = Code(
    "AUTHOR_MISMATCH",
    Severity.ERROR,
    says="запись подписал {signer}, а {role} в ней — {named}",
    hint="Спросите подписавшего; сохраняйте под своим именем: papka save --as СОТРУДНИК",
    why="Автор, записавший и подписавший — один человек. Иначе под чужим именем останется чужая "
    "работа.",
)
SIGNER_NOT_ALLOWED = Code(
    "SIGNER_NOT_ALLOWED",
    Severity.ERROR,
    says="{signer} — не руководитель и {what} не вправе",
    hint="Изменение должен сделать или отменить руководитель",
    why="Сотрудники ведут личные дела, выгрузки, журналы, мероприятия и приказы. Доверие, "
    "печати, утверждения, программы, настройки и правила — дело руководителя.",
)
RECORD_UNREADABLE = Code(
    "RECORD_UNREADABLE",
    Severity.ERROR,
    says="запись архива перестала читаться: что в ней изменено, не видно",
    hint="Посмотрите изменение: git show {commit} -- {path}; верните файл и сохраните: papka save",
    why="papka save такого не сохранит. Нечитаемым файл делают и затем, чтобы следующим "
    "сохранением незаметно убрать из него записи; поэтому дальше он сличается с тем, что в нём "
    "читалось последним.",
)
TRUST_NOT_AUTHORISED = Code(
    "TRUST_NOT_AUTHORISED",
    Severity.FATAL,
    says="список доверенных ключей изменён без права: {what}",
    hint=_TELL_HEAD,
    why="Список доверенных меняет только руководитель, чей ключ уже в нём есть, и только добавляя: "
    "уход и потеря ключа записываются отдельно, иначе старые записи потеряют проверку.",
)
TRUST_LINE_INVALID = Code(
    "TRUST_LINE_INVALID",
    Severity.ERROR,
    says="строка списка доверенных не принята: {detail}",
    hint='Строка должна быть такой: s003@papka.invalid namespaces="git" ssh-ed25519 AAAA…',
    why="Одна строка — один сотрудник, явные назначения, один ключ, ничего больше. Подстановочные "
    "знаки и прочие настройки доверили бы больше, чем видно.",
)
ROOT_UNANCHORED = Code(
    "ROOT_UNANCHORED",
    Severity.WARNING,
    says="подлинность не установлена: первую запись подписал ключ {key}, сверить его не с чем",
    hint='Возьмите отпечаток ключа с бумаги и проверьте: papka verify --anchor "SHA256:…"',
    why="Архив, целиком созданный заново, выглядит безупречно. Отличить его можно только по "
    "отпечатку ключа, записанному вне архива.",
)
PATH_SUBMODULE = Code(
    "PATH_SUBMODULE",
    Severity.ERROR,
    says="вместо папки — чужой репозиторий (submodule)",
    hint="Уберите его: git rm -r --cached {path}, затем papka save",
    why="Содержимого вложенного репозитория в архиве нет, только его номер.",
)
PATH_UNSAFE = Code(
    "PATH_UNSAFE",
    Severity.ERROR,
    says="недопустимое имя файла или папки: {detail}",
    hint="Переименуйте: латинские буквы, цифры, точка, дефис, подчёркивание",
    why="Такое имя на другом компьютере прочтут иначе, не создадут вовсе или примут за команду.",
)
PATH_NOT_NFC = Code(
    "PATH_NOT_NFC",
    Severity.ERROR,
    says="имя записано разложенными знаками Unicode (не NFC)",
    hint="Переименуйте: латинские буквы, цифры, точка, дефис, подчёркивание",
    why="Одно и то же на вид имя хранится двумя способами; на части систем это один файл, на части "
    "— два.",
)
PATH_COLLISION = Code(
    "PATH_COLLISION",
    Severity.ERROR,
    says="имя отличается от «{other}» только регистром или начертанием",
    hint="Переименуйте один из двух",
    why="На Windows и macOS это один и тот же файл: один из двух потеряется.",
)
FILE_MODE = Code(
    "FILE_MODE",
    Severity.WARNING,
    says="файл помечен исполняемым",
    hint="Снимите отметку: git update-index --chmod=-x {path}, затем papka save",
    why="Записи архива — тексты и сканы, исполнять в них нечего; отметка меняет отпечаток папки.",
)
