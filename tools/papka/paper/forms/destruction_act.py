"""The act of destruction and the extract from the log of events (приказ РКН № 179, R-6.4).

The archive knows of what is gone its numbers alone. So the act with names is worded by the command
that destroys (`word_act`), while they are there; printed later, it names nobody, and says of each
store whether it was purged. The act made beforehand leaves that to a pen. The extract says what the
archive's own history says: what was taken out, and which store was purged when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from papka.core.errors import NotFound
from papka.core.phrases import natural_key, suggest
from papka.paper.form import PrintedForm, SignatureLine, State, of_head
from papka.paper.plain_sheet import PLAIN, PlainSheet, plain_sheet
from papka.paper.sections import ScreenTable, lines
from papka.records.acts import DestroyedThing, Destruction, Purge, Purges, StoreToPurge
from papka.records.archive import Archive
from papka.records.derived.leadership import school_on, signatory_on
from papka.records.derived.statutory_terms import end_of_term
from papka.records.wording import day, long_day, name_destroyed, order, staff

BLANK = "_" * 24
"""A place for a pen."""
_STORES = {
    "own": "папка архива на компьютере школы",
    "folder": "зеркало в папке или на диске",
    "server": "зеркало на сервере",
    "other": "зеркало на сервере без papka",
}
_SYSTEM = "электронный архив личных дел (papka)"
_KEPT = (
    "Акт и выгрузку из журнала регистрации событий хранят три года со дня уничтожения (приказ "
    "Роскомнадзора от 28.10.2022 № 179)."
)
_REASONS = {
    "срок хранения": "истёк срок хранения",
    "согласие отозвано": "согласие отозвано",
    "неправомерные данные": "данные получены неправомерно",
    "цель достигнута": "цель обработки достигнута",
    "требование субъекта": "требование субъекта персональных данных",
}


def word_act(
    state: State,
    number: str,
    act: Destruction,
    names: Mapping[str, str],
    purged: Purges | None = None,
) -> PlainSheet:
    """Word the act; `purged` None: the stores are yet to be.

    `names`: path of a unit, or address of a document in it -> whose data they are.
    """
    archive = state.archive
    school = school_on(archive.organization, act.date) if archive.organization else None
    left = ", ".join(f"«{each.name}»" for each in _list_open(act, purged))
    return plain_sheet(
        state,
        f"АКТ № {number}",
        "об уничтожении персональных данных",
        title=f"Акт об уничтожении персональных данных № {number}",
        date=long_day(act.date),
        facts=(
            ("Оператор", school.name if school else ""),
            ("Адрес оператора", (school.address if school else "") or BLANK),
            ("Основание", order(archive, act.order)),
            ("Информационная система", _SYSTEM),
            ("Способ уничтожения", act.method),
            ("Дата уничтожения", long_day(act.date)),
            ("Листов бумажных дел", _count_sheets(act)),
        ),
        texts=(_say_done(act, left if purged else ""),),
        tables=(
            ScreenTable(
                "destroyed",
                "Что уничтожено",
                ("№", "Чьи данные", "Категории данных", "Причина", "Срок"),
                tuple(_word_thing(n, each, names) for n, each in enumerate(act.what, 1)),
            ),
            ScreenTable(
                "purged",
                "Откуда удалено",
                ("Хранилище", "Что это", "Очищено"),
                tuple(_word_store(each, purged) for each in act.stores),
            ),
            ScreenTable(
                "blocked",
                "Носители, на которых копии остались",
                ("Носитель", "Что с ним"),
                tuple(_word_media(archive, act, purged)),
            ),
            ScreenTable(
                "remaining",
                "Что остаётся и на каком основании",
                ("Что", "Основание", "Хранить по"),
                tuple(
                    (each.what, each.basis, day(each.until) if each.until else "")
                    for each in act.remains
                ),
            ),
        ),
        notes=(_KEPT,),
        signatures=tuple(_list_signers(archive, act)),
    )  # fmt: skip


def _say_done(act: Destruction, left: str) -> str:
    """Say what those who sign vouch for; `left`: the stores that are not purged yet."""
    if left:
        return f"Уничтожение не закончено: не очищено {left}."
    if len(act.commission) > 1:
        return "Комиссия удостоверяет, что перечисленные данные уничтожены."
    return "Удостоверяю, что перечисленные данные уничтожены."


def _count_sheets(act: Destruction) -> str:
    sheets = sum(each.sheets or 0 for each in act.what)
    return str(sheets) if sheets else ""


def _word_thing(place_: int, each: DestroyedThing, names: Mapping[str, str]) -> tuple[str, ...]:
    word = "хранить по" if each.basis == "срок хранения" else "уничтожить не позднее"
    return (
        str(place_),
        lines(names.get(each.entry or each.path), name_destroyed(each.path, each.entry)),
        ", ".join(each.categories),
        _REASONS[each.basis],
        f"{word} {day(each.due)}",
    )


def _word_store(store: StoreToPurge, purged: Purges | None) -> tuple[str, ...]:
    if purged is None:
        return store.name, _STORES[store.kind], BLANK
    done = _find_purge(purged, store=store.name)
    return store.name, _STORES[store.kind], day(done.date) if done else "нет"


def _word_media(
    archive: Archive, act: Destruction, purged: Purges | None
) -> Iterator[tuple[str, ...]]:
    school = archive.organization
    for medium in act.media:
        done = _find_purge(purged, medium=medium) if purged else None
        if done:
            yield medium, f"{day(done.date)}: {done.how}"
        elif school:
            last = end_of_term(school, "уничтожение заблокированных данных", act.date).last
            yield medium, f"заблокирован; очистить или заменить не позднее {day(last)}"


def _find_purge(purged: Purges, *, store: str = "", medium: str = "") -> Purge | None:
    wanted = (store or None, medium or None)
    return next((each for each in purged.purges if (each.store, each.medium) == wanted), None)


def _list_open(act: Destruction, purged: Purges | None) -> list[StoreToPurge]:
    return [
        each
        for each in act.stores
        if purged is None or _find_purge(purged, store=each.name) is None
    ]


def _list_signers(archive: Archive, act: Destruction) -> Iterator[SignatureLine]:
    """Yield lines to sign for the commission, and for the head above them."""
    signatory = signatory_on(archive, act.date, act.signed_by)
    head = signatory.staff if signatory else act.signed_by
    yield of_head(archive, act.date, staff_id=act.signed_by)
    heading = "Члены комиссии:"
    for each in act.commission:
        if each != head:
            member = archive.staff.get(each)
            yield SignatureLine(member.post if member else "", staff(archive, each), heading)
            heading = ""


def view_act(state: State, address: str) -> PlainSheet:
    """Word the act as it is kept, by numbers alone. Raise NotFound."""
    act = _find_act(state.archive, address)
    return word_act(state, address, act, {}, _purges_of(state.archive, address))


def view_extract(state: State, address: str) -> PlainSheet:
    """Word the extract from the log of events about one act. Raise NotFound."""
    archive = state.archive
    act = _find_act(archive, address)
    purged = _purges_of(archive, address)
    whose = lines(*(name_destroyed(each.path, each.entry) for each in act.what))
    return plain_sheet(
        state,
        "ВЫГРУЗКА",
        f"из журнала регистрации событий об уничтожении по акту № {address}",
        title=f"Выгрузка из журнала регистрации событий, акт № {address}",
        date=long_day(act.date),
        facts=(("Информационная система", _SYSTEM),),
        tables=(
            ScreenTable(
                "destroyed",
                "Чьи данные и какие",
                ("№", "Чьи данные", "Категории данных", "Причина", "Дата"),
                tuple(
                    (
                        str(n),
                        name_destroyed(each.path, each.entry),
                        ", ".join(each.categories),
                        _REASONS[each.basis],
                        day(act.date),
                    )
                    for n, each in enumerate(act.what, 1)
                ),
            ),
            ScreenTable(
                "logged",
                "События",
                ("Дата", "Событие", "Где", "Кто"),
                tuple(_list_events(archive, act, purged, len(whose.splitlines()))),
            ),
        ),
        notes=(
            f"Сведения, которых в журнале нет, стоят в акте № {address}.",
            _KEPT,
        ),
        signatures=(of_head(archive, act.date, staff_id=act.signed_by),),
    )


def _list_events(
    archive: Archive, act: Destruction, purged: Purges, count: int
) -> Iterator[tuple[str, ...]]:
    yield (
        day(act.date),
        f"удалено из записей и из истории, позиций: {count}",
        "архив",
        staff(archive, act.signed_by),
    )
    for each in sorted(purged.purges, key=lambda one: one.date):
        where = f"хранилище «{each.store}»" if each.store else f"носитель {each.medium}"
        yield day(each.date), each.how, where, staff(archive, each.by)


def _purges_of(archive: Archive, number: str) -> Purges:
    return archive.purges.get(number) or Purges(purges=())


def _find_act(archive: Archive, number: str) -> Destruction:
    act = archive.destruction_acts.get(number)
    if act is None:
        raise NotFound(
            f"Акта об уничтожении «{number}» нет",
            f"Его составляет papka destroy.{suggest(number, _list_acts(archive))}",
        )
    return act


def _list_acts(archive: Archive) -> Iterable[str]:
    return sorted(archive.destruction_acts, key=natural_key)


FORM = PrintedForm(
    "destruction-act", "Акт об уничтожении", "акт об уничтожении", view_act, _list_acts,
    is_of_proof=True, layout=PLAIN,
)  # fmt: skip
EXTRACT = PrintedForm(
    "destruction-extract", "Выгрузка из журнала событий об уничтожении", "акт об уничтожении",
    view_extract, _list_acts, is_of_proof=True, layout=PLAIN,
)  # fmt: skip
