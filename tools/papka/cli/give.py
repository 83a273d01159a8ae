"""papka give sheet|list|results|management|counts|package|archive|original|checker: hand out."""

from __future__ import annotations

from pathlib import Path

import click

from papka.cli.context import Context, in_archive
from papka.cli.options import ADDRESS, KEYS, acting, out_option
from papka.cli.progress import watcher
from papka.cli.report import count_bytes, count_files, exit_code, show_findings, warning
from papka.cli.russian_names import BilingualGroup
from papka.core.phrases import count_phrase, printable, quoted
from papka.repository import worktree
from papka.repository.git_values import MAIN

_RESULTS = """Результаты таблицей для других программ: строка на результат.

\b
papka give results                        все
papka give results 2026-1 Г-26-1          период и группа
papka give results guitar --format xlsx   программа

Без --names вместо имён номера дел и нет текстов, которые писали люди. Что в какой колонке — лист
«Колонки» в XLSX, columns в JSON, docs/commands.md. CSV — UTF-8, точка с запятой: открывается в Excel.
"""  # noqa: E501 - a paragraph of help is wrapped by click
_PACKAGE = """Пакет выпускника: личное дело в PDF и YAML, сканы, свои строки выгрузок, выданные документы;
контрольные суммы и подпись руководителя (--as s001). Проверяется без papka: см. README.md в нём.
Другой архив читает его командой papka take.
"""  # noqa: E501 - as above
_ARCHIVE = """Весь архив, каким сохранён, для передачи другой организации: папка BagIt (RFC 8493).

В ней все записи и сканы простыми файлами, вся история с подписями и набор для проверки без papka.
Это полная копия персональных данных, поэтому выдаёт её руководитель (--as s001), и она вносится в
журнал копий: после акта об уничтожении напомнят и о ней.
"""


@click.group(
    "give",
    cls=BilingualGroup,
    options_metavar=KEYS,
    subcommand_metavar="ЧТО",
    help="Выдать из архива: пустые ведомость и список людей, результаты, пакет выпускника, весь "
    "архив, подлинник выгрузки; страницу сайта, которая проверяет документы.",
)
def command() -> None:
    """Hold a subcommand for each thing that is handed out."""


@command.command(
    "sheet",
    options_metavar=KEYS,
    short_help="Пустая ведомость группы для педагога",
    help="Пустая ведомость группы (XLSX) для педагога; заполненную берёт papka take.",
)
@click.argument("group", metavar="ГРУППА")
@click.option("--period", metavar="ПЕРИОД", help="Период; по умолчанию открытый сегодня.")
@out_option
@in_archive
def sheet(here: Context, group: str, period: str | None, out: Path | None) -> None:
    from papka.intake.giving import give_sheet as make  # workbooks are slow to import

    made = make(here.root, group, today=here.now.date(), period=period)
    _write(here.root, out, made.name, made.data)
    people = count_phrase(made.rows, "строка", "строки", "строк")
    click.echo(f"Период {made.period}: {people}, частей программы: {made.parts}")
    click.echo(f"Что дальше: заполненную — papka take ФАЙЛ --period {made.period}")


@command.command(
    "list",
    options_metavar=KEYS,
    short_help="Пустой список людей для зачисления",
    help="Пустой список людей (XLSX): столбцы с подсказками, пример, лист «Как заполнять»; "
    "заполненный берёт papka take.",
)
@out_option
@in_archive
def people_list(here: Context, out: Path | None) -> None:
    from papka.intake.giving import people_list as make

    made = make(here.root, today=here.now.date())
    _write(here.root, out, made.name, made.data)
    click.echo("Что дальше: впишите людей и примите: papka take ФАЙЛ")


@command.command("results", options_metavar=KEYS, short_help="Результаты таблицей", help=_RESULTS)
@click.argument("wanted", metavar="[ПЕРИОД|ГРУППА|ПРОГРАММА|ДЕЛО]...", nargs=-1, type=ADDRESS)
@click.option(
    "--format",
    "form",
    type=click.Choice(("csv", "xlsx", "json")),
    default="csv",
    show_default=True,
    help="Вид файла.",
)
@click.option("--names", is_flag=True, help="С именами и словами людей: персональные данные.")
@out_option
@in_archive
def results(
    here: Context, wanted: tuple[str, ...], form: str, out: Path | None, *, names: bool
) -> None:
    from papka.intake.giving import give_results as make

    made = make(here.root, wanted, form, names=names)  # type: ignore[arg-type]  # one of the choices
    _write(here.root, out, made.name, made.data)
    count = count_phrase(made.count, "результат", "результата", "результатов")
    about = "с именами: это персональные данные" if names else "без имён"
    click.echo(f"{count}, {about}; как в сохранении {made.commit[:12]}")


@command.command(
    "management",
    options_metavar=KEYS,
    short_help="Сведения для управления книгой XLSX",
    help="Сведения для управления за период или учебный год книгой XLSX, без имён: те же таблицы, "
    "что печатает papka print management.",
)
@click.argument("period", metavar="ПЕРИОД")
@out_option
@in_archive
def management(here: Context, period: str, out: Path | None) -> None:
    from papka.intake.giving import give_management as make

    made = make(here.root, period, here.now)
    _write(here.root, out, made.name, made.data)
    click.echo(
        f"{count_phrase(made.sheets, 'лист', 'листа', 'листов')}; как в сохранении "
        f"{made.commit[:12]}"
    )


@command.command(
    "counts",
    options_metavar=KEYS,
    short_help="Численность по программам таблицей",
    help="Сколько обучающихся по каждой программе сегодня, таблицей для сайта, без имён: те же "
    "числа, что печатает papka print student-counts.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("csv", "xlsx")),
    default="csv",
    show_default=True,
    help="Вид файла.",
)
@out_option
@in_archive
def counts(here: Context, form: str, out: Path | None) -> None:
    from papka.intake.giving import give_counts as make

    made = make(here.root, form, here.now)  # type: ignore[arg-type]  # one of the choices
    _write(here.root, out, made.name, made.data)
    click.echo(
        f"{count_phrase(made.programs, 'программа', 'программы', 'программ')}; как в сохранении "
        f"{made.commit[:12]}"
    )


@command.command(
    "package", options_metavar=KEYS, short_help="Подписанный пакет выпускника", help=_PACKAGE
)
@click.argument("student", metavar="НОМЕР", type=ADDRESS)
@out_option
@acting
@in_archive
def package(here: Context, student: str, out: Path | None) -> None:
    from papka.intake.package_giving import make_package as make  # prints

    made = make(here.root, student, here.actor, today=here.now.date())
    _write(here.root, out, made.name, made.data)
    for path in made.unsaved:
        click.echo(f"Не сохранено и потому не вошло: {path}")
    click.echo(
        f"{count_phrase(len(made.files), 'файл', 'файла', 'файлов')}, подписано ключом {made.key}"
    )
    click.echo("Что дальше: передайте пакет под подпись и назовите отпечаток ключа")


@command.command(
    "archive", options_metavar=KEYS, short_help="Весь архив папкой BagIt", help=_ARCHIVE
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="ПАПКА",
    required=True,
    help="Папка, которой ещё нет, на подключённом носителе.",
)
@click.option(
    "--medium",
    metavar="НОМЕР",
    required=True,
    help="Номер для журнала копий, которого там ещё нет: Н-9.",
)
@click.option(
    "--place", metavar="МЕСТО", required=True, help="Кому передана или где будет храниться."
)
@acting
@in_archive
def archive(here: Context, out: Path, medium: str, place: str) -> int:
    from papka.copies.bag import give_bag as make  # proves the whole history

    made = make(
        here.root, here.actor, out.resolve(), medium=medium, to=place, now=here.now,
        watch=watcher(),
    )  # fmt: skip
    proof, saved = made.proof, made.saved
    click.echo(
        f"{click.style('Готово', fg='green')}: {printable(str(made.place))}, папка BagIt 1.0: "
        f"{count_files(proof.files)}, {count_bytes(proof.size)}; перечитана и проверена"
    )
    if proof.findings:
        click.echo(
            warning("копия верна, но в самом архиве есть замечания: их назовёт papka verify")
        )
    kept_apart = " и то, что хранят отдельно: диагностика, особые потребности"
    click.echo(
        warning(
            "это полная копия персональных данных"
            f"{kept_apart if made.is_restricted else ''}: имена, оценки, сканы и вся история"
        )
    )
    if saved is not None:
        show_findings(saved.findings, saved.source)
        if saved.commit is None:
            click.echo(
                "В журнал не внесена: исправьте замечания выше и повторите ту же команду, копию "
                "она найдёт"
            )
            return exit_code(saved.findings)
        click.echo(f"В журнал внесено: {made.journal}, сохранение {saved.commit[:12]}")
    else:
        click.echo(f"В журнале {made.journal} она уже есть")
    click.echo(
        "После акта об уничтожении о ней будут напоминать, пока руководитель не впишет в "
        "purged.yaml рядом с актом, что она уничтожена или заменена"
    )
    data = quoted(made.place / "data")
    click.echo(
        f"Что дальше: папку проверит и получатель, своей программой BagIt; здесь — papka verify "
        f"{data}"
    )
    return 0


@command.command(
    "original",
    options_metavar=KEYS,
    short_help="Подлинник выгрузки байт в байт",
    help="Подлинник выгрузки байт в байт, собранный из частей: papka give original 2026-1/1",
)
@click.argument("taken", metavar="ВЫГРУЗКА")
@click.option("--remaining", is_flag=True, help="Что осталось, если часть строк уничтожена.")
@out_option
@in_archive
def original(here: Context, taken: str, out: Path | None, *, remaining: bool) -> None:
    from papka.intake.export_parts import restore_original as make
    from papka.repository.commit_snapshots import CommitTree

    made = make(CommitTree(here.root, MAIN), taken, remaining=remaining)
    _write(here.root, out, _file_name(made.name, taken), made.data)
    if made.missing:
        count = count_phrase(len(made.missing), "части", "частей", "частей")
        click.echo(f"Это не подлинник: {count} уже нет, остальное как было.")


@command.command(
    "checker",
    options_metavar=KEYS,
    short_help="Страница сайта, которая проверяет документы",
    help="Страница для сайта школы: проверяет код сертификата или справки в браузере, без papka и "
    "без сети: с камеры, по снимку или по тексту. В ней ключи руководителя на сегодня; после "
    "смены, вывода или утраты ключа сделайте её заново.",
)
@out_option
@in_archive
def checker(here: Context, out: Path | None) -> None:
    from papka.paper.checker_page import make_page as make
    from papka.proof.memory import known_acts, memory  # judges the history, as verify does

    made = make(here.root, now=here.now, refoundings=known_acts(memory(), here.root))
    _write(here.root, out, "checker.html", made)
    click.echo(
        "Что дальше: проверьте этой страницей свой документ в браузере и положите её на сайт"
    )


def _file_name(name: str, taken: str) -> str:
    """Return the name the file came with, unless no folder could hold it."""
    plain = "".join(sign for sign in name if sign.isprintable() and sign not in '<>:"/\\|?*')
    return plain.strip(" .") or f"{taken.replace('/', '-')}.bin"


def _write(root: Path, out: Path | None, name: str, data: bytes) -> None:
    """Write to `out` if it is a file with the same ending, else into it as a folder."""
    place = worktree.place_for(root, out)
    target = place if place.suffix == Path(name).suffix else place / name
    worktree.write(target.parent, target.name, data)
    click.echo(f"{click.style('Готово', fg='green')}: {target} ({count_bytes(len(data))})")
