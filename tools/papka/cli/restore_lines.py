"""What `papka restore` says: what each copy gave, what was made of it, what is nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from papka.cli.report.as_text import printable
from papka.core.plural import counted
from papka.gates.git.reach import Lost
from papka.tasks.proof.gathering import Gathered
from papka.tasks.proof.heal import Healed
from papka.tasks.restoring.drill import Drilled
from papka.tasks.restoring.newer import LEFT_OVER
from papka.tasks.restoring.recording import Recorded
from papka.tasks.restoring.restore import Above, Restored

_COMMITS = ("запись", "записи", "записей")
_FILES = ("файл", "файла", "файлов")
_OBJECTS = ("объект", "объекта", "объектов")
_SHOWN = 20
_WORDS = {"commit": "запись истории", "tree": "папка", "blob": "файл"}


def gathered_lines(gathered: Sequence[Gathered]) -> Iterator[str]:
    """A line a copy that was read."""
    for each in gathered:
        name = printable(each.name)
        if each.trouble:
            yield f"{name}: взять ничего не удалось, {each.trouble}"
        elif each.broken:
            pieces = counted(
                len(each.broken), "повреждённый кусок", "повреждённых куска", "повреждённых кусков"
            )
            yield f"{name}: прочитано, {pieces}"
        else:
            yield f"{name}: прочитано целиком"


def healed_lines(healed: Healed) -> Iterator[str]:
    if healed.finished:
        yield "Прерванное лечение закончено: новое хранилище на месте"
    if healed.kept is None:
        yield "Хранилище цело, лечить нечего"
        return
    yield from gathered_lines(healed.gathered)
    for ref in healed.dropped:
        yield f"Ссылка {ref} не сохранена: её истории целиком нет нигде"
    yield click.style("Хранилище вылечено", fg="green") + f": последняя запись {healed.head}"
    if healed.is_moved:
        yield f"Раньше последней называлась {healed.before or 'нечитаемая'}"
    yield f"Повреждённое хранилище лежит в {healed.kept}; удалите его, когда всё проверите"
    yield "Что дальше: проверьте архив целиком: papka verify"


def restored_lines(restored: Restored, *, has_settings: bool) -> Iterator[str]:
    """`has_settings`: mirrors and keys were taken over from the archive one stands in."""
    if restored.again:
        yield "Эта же команда здесь уже всё восстановила; архив проверен ещё раз"
    yield from gathered_lines(restored.gathered)
    for head, faults in restored.passed_over.items():
        yield _warning(
            f"история до записи {head[:12]} длиннее, но проверки не прошла и не взята: "
            f"{faults[0].code.name}, {faults[0].message}"
        )
    verified = restored.verified
    size = f"{counted(verified.commits, *_COMMITS)}, {counted(verified.files, *_FILES)}"
    head = (verified.head or "")[:12]
    if restored.is_good:
        told = click.style("Архив восстановлен и проверен", fg="green")
    else:
        told = click.style("Архив собран, но доверять ему нельзя, причины выше", fg="red")
    yield f"{told}: {restored.folder}, {size}, последняя запись {head}"
    if restored.above is not None:
        yield from _above_lines(restored.above)
    yield from _next(restored, has_settings=has_settings)


def _above_lines(above: Above) -> Iterator[str]:
    yield _warning(
        f"есть записи новее восстановленной, но целиком их нет ни в одной копии: прочитать можно "
        f"{above.commits}, последняя из них {above.tip[:12]}"
    )
    yield f"Нет ни в одной копии ({len(above.lost)}):"
    yield from _lost_lines(above.lost)
    if above.laid:
        yield (
            f"Уцелевшие изменения положены в папку как несохранённые: "
            f"{counted(len(above.laid), *_FILES)}. Просмотрите (papka status) и сохраните: "
            "papka save"
        )
    elif not above.is_signed:
        yield "Изменения из этих записей в папку не положены: не все они подписаны как должно"
    if above.gone:
        yield "Нового содержания нет нигде, в папке прежнее:"
        yield from (f"  {printable(path) or 'все файлы'}" for path in above.gone[:_SHOWN])
        if len(above.gone) > _SHOWN:
            yield f"  … и ещё {len(above.gone) - _SHOWN}"
    yield f"Всё уцелевшее из этих записей и полный список утраченного: {LEFT_OVER}"


def _lost_lines(lost: Sequence[Lost]) -> Iterator[str]:
    for each in lost[:_SHOWN]:
        at = f"запись {each.commit[:12]}"
        what = f"{_WORDS[each.kind]} {printable(each.path)}".rstrip()
        yield f"  {at}" if each.kind == "commit" else f"  {what} ({at})"
    if len(lost) > _SHOWN:
        yield f"  … и ещё {len(lost) - _SHOWN}"


def _next(restored: Restored, *, has_settings: bool) -> Iterator[str]:
    place = printable(str(restored.folder))
    if not restored.is_good:
        yield f"Что дальше: papka verify {place}; дайте ещё одну копию: --from КОПИЯ"
        return
    if has_settings:
        yield f"Что дальше: cd {place}, papka mirror status, papka sync"
        return
    yield (
        f"Что дальше: cd {place}; назовите себя и свой ключ (git config user.name s001; "
        "git config user.signingKey ПУТЬ-К-КЛЮЧУ); запишите зеркала: papka mirror add"
    )


def drilled_line(done: Drilled) -> Iterator[str]:
    """What a drill of one copy came to."""
    name = printable(done.source.name)
    if not done.is_good:
        why = "недоступна" if done.is_away else "не восстанавливается"
        yield f"{name}: " + click.style(why, fg="red")
        yield from (f"  {fault}" for fault in done.faults)
        step = (
            "подключите её и повторите"
            if done.is_away
            else "сделайте новую копию, эту не стирайте: papka verify, papka mirror push, "
            "papka backup"
        )
        yield f"  → {step}"
        return
    seconds = f"{max(done.seconds, 0.1):.1f}".replace(".", ",")
    told = (
        f"{counted(done.commits, *_COMMITS)}, {counted(done.objects, *_OBJECTS)}, "
        f"{counted(done.files, *_FILES)} за {seconds} с"
    )
    yield (
        f"{name}: "
        + click.style("восстанавливается", fg="green")
        + f": {told}"
        + (", файлы разложены и перечитаны" if done.laid else "")
    )
    if done.behind:
        lacking = counted(done.behind, "последней записи", "последних записей", "последних записей")
        yield f"  в ней нет {lacking} архива"
    for fault in done.own_faults:
        yield _warning(f"копия верна, но в самом архиве есть замечание: {fault}")


def recorded_lines(told: Recorded) -> Iterator[str]:
    for name in told.unknown:
        yield _warning(
            f"копии {printable(name)} в журнале нет, отметить восстановление негде; "
            "новая попадёт в журнал сама: papka backup"
        )
    if told.saved.commit is None:
        yield click.style("В журнал не внесено", fg="red") + ": исправьте замечания и повторите"
        return
    files = ", ".join(path for path, _ in told.saved.paths)
    yield f"В журнал внесено: {files}, запись {told.saved.commit[:12]}"
    yield "Что дальше: подпишите акт; отправьте запись в зеркала: papka sync"


def _warning(text: str) -> str:
    return click.style("Внимание", fg="yellow") + f": {text}"
