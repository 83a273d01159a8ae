"""Mirrors in folders: adding, sending in the right order, and every way they can stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.copies.mirrors import MirrorStanding, SendOutcome, add, push, status
from papka.core.errors import NotFound, Refused
from papka.repository import handle
from papka.repository.handle import count_unconfirmed_all
from tests.support.clones import refusing
from tests.support.histories import OTHER, RECORD, School, git, main_of
from tests.support.made_once import MadeOnce, mirror_once

RUSSIA = ("Россия",)
MADE_BY_WHOM = (
    "Если их сделал другой сотрудник — papka sync; если никто — проверьте зеркало: papka verify"
)


@pytest.fixture
def mirrored(school: School, made_once: MadeOnce, tmp_path: Path) -> School:
    """Two mirrors, the server primary, both sent everything."""
    mirror_once(made_once, school, tmp_path / "server.git", tmp_path / "usb.git")
    return school


def foreign_commit(store: Path, tmp_path: Path) -> str:
    """Somebody else's commit pushed to a store."""
    copy = tmp_path / "foreign"
    git(tmp_path, "clone", "-q", str(store), str(copy))
    (copy / "x.yaml").write_text("x: 1\n")
    git(copy, "add", ".")
    git(copy, "commit", "-q", "-m", "x")
    git(copy, "push", "-q", "origin", "main")
    return main_of(store)


def states(found: tuple[MirrorStanding, ...]) -> list[tuple[str, str, int]]:
    return [(each.remote.name, each.state, each.count) for each in found]


def test_first_mirror_is_primary_and_stores_are_made_safe(school: School, tmp_path: Path) -> None:
    server = add(school.root, "server", str(tmp_path / "server.git"), "россия", allowed=RUSSIA)
    usb = add(school.root, "usb", str(tmp_path / "usb.git"), "Россия", allowed=RUSSIA)
    assert (server.primary, usb.primary) == (True, False)
    for store in (tmp_path / "server.git", tmp_path / "usb.git"):
        for name in ("receive.denyNonFastForwards", "receive.denyDeletes", "receive.fsckObjects"):
            assert git(store, "config", name).strip() == "true"
        assert git(store, "config", "core.fsync").strip() == "all"


def test_later_primary_replaces_the_first(school: School, tmp_path: Path) -> None:
    add(school.root, "usb", str(tmp_path / "usb.git"), "Россия", allowed=RUSSIA)
    add(school.root, "hub", str(tmp_path / "hub.git"), "Россия", allowed=RUSSIA, primary=True)
    assert [(s.remote.name, s.remote.primary) for s in status(school.root)] == [
        ("hub", True),
        ("usb", False),
    ]


@pytest.mark.parametrize(
    ("name", "url", "country", "words"),
    [
        ("Флешка", "x.git", "Россия", "Имя"),
        ("-x", "x.git", "Россия", "Имя"),
        ("usb", "x.git", "Нидерланды", "152-ФЗ"),
        ("usb", "ext::sh -c touch% /tmp/x", "Россия", "Адрес"),
        ("usb", "--upload-pack=x", "Россия", "Адрес"),
        ("usb", "git://example.invalid/x", "Россия", "Адрес"),
        ("usb", "ssh://-oProxyCommand=x/y", "Россия", "Адрес"),
        ("usb", "no/such/place/x.git", "Россия", "нет"),
        ("usb", "git@h:-x", "Россия", "Адрес"),
        ("usb", "h:x", "Россия", "Адрес"),
        ("usb", "C:\\x", "Россия", "Адрес"),
        ("usb", "C:/x", "Россия", "Адрес"),
        ("usb", "ssh://h.example/a\nb", "Россия", "Адрес"),
        ("usb", "x\r.git", "Россия", "Адрес"),
        ("usb", "x\x1b[2J.git", "Россия", "Адрес"),
        ("usb", "x\u202e.git", "Россия", "Адрес"),
        ("usb", "", "Россия", "Адрес"),
        ("usb", "/proc/x.git", "Россия", "не создать"),
        ("usb", f"/tmp/{'x' * 300}", "Россия", "не создать"),
        ("usb", "/dev/null/x.git", "Россия", "нет"),
    ],
)
def test_mirror_that_may_not_be(  # noqa: PLR0913 - two fixtures and a case
    name: str, url: str, country: str, words: str, school: School, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match=words) as caught:
        add(school.root, name, url, country, allowed=RUSSIA, base=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "keys"]
    assert caught.value.next_step
    with pytest.raises(NotFound):
        status(school.root)


def test_same_name_twice(mirrored: School, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="уже есть"):
        add(mirrored.root, "usb", str(tmp_path / "usb2.git"), "Россия", allowed=RUSSIA)


def test_folder_with_something_else_is_no_mirror(school: School, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "x.jpg").touch()
    with pytest.raises(Refused, match="не хранилище"):
        add(school.root, "usb", str(tmp_path / "photos"), "Россия", allowed=RUSSIA)


@pytest.mark.parametrize("place", [".", ".git", ".git/usb.git", "records/usb.git", "..", "../a/.."])
def test_archive_is_no_mirror_of_itself(place: str, school: School, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(school.root / "records")
    with pytest.raises(Refused, match="сам архив"):
        add(school.root, "usb", place, "Россия", allowed=RUSSIA, base=school.root)
    (tmp_path / "link").symlink_to(school.root)
    with pytest.raises(Refused, match="сам архив"):
        add(school.root, "usb", place, "Россия", allowed=RUSSIA, base=tmp_path / "link")


@pytest.mark.parametrize(
    "spellings",
    [
        ("usb.git", "./usb.git/"),
        ("usb.git", "link.git"),
        ("usb.git", "file://{base}/usb.git"),
        ("ssh://git@h.example/a/b.git", "ssh://git@H.example:22/a/b"),
        ("git@h.example:a/b.git", "https://h.example/a/b"),
    ],
)
def test_one_place_under_two_names_is_no_second_copy(
    spellings: tuple[str, str], school: School, tmp_path: Path
) -> None:
    (tmp_path / "link.git").symlink_to(tmp_path / "usb.git")
    one, other = (each.format(base=tmp_path) for each in spellings)
    add(school.root, "one", one, "Россия", allowed=RUSSIA, base=tmp_path)
    with pytest.raises(Refused, match="уже стоит зеркало «one»"):
        add(school.root, "other", other, "Россия", allowed=RUSSIA, base=tmp_path)


def test_different_places_are_different_mirrors(school: School, tmp_path: Path) -> None:
    places = {
        "a": "ssh://one@h.example/x",
        "b": "ssh://two@h.example/x",
        "c": "ssh://one@h.example:2222/x",
        "d": "ssh://one@other.example/x",
        "e": "e.git",
        "f": "E2.git",
    }
    for name, url in places.items():
        add(school.root, name, url, "Россия", allowed=RUSSIA, base=tmp_path)
    assert [remote.name for remote in handle.list_remotes(school.root)] == [*places]


def test_relative_path_starts_where_papka_does(school: School, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    made = add(school.root, "usb", "usb.git", "Россия", allowed=RUSSIA, base=tmp_path / "media")
    assert made.url == str(tmp_path / "media" / "usb.git")
    with pytest.raises(Refused, match="Адрес"):
        add(school.root, "hub", "hub.git", "Россия", allowed=RUSSIA)


def test_unreadable_organization_blames_no_country(school: School, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"organization\.yaml не читается") as caught:
        add(school.root, "usb", str(tmp_path / "usb.git"), "Россия", allowed=None)
    assert "papka check" in caught.value.next_step


def test_push_sends_to_all_and_reads_back(mirrored: School, tmp_path: Path) -> None:
    mirrored.save({RECORD: b"x: 1\n"}, late=70)
    assert states(status(mirrored.root)) == [("server", "behind", 1), ("usb", "behind", 1)]
    told: list[SendOutcome] = []
    done = push(mirrored.root, progress=told.append)
    assert [outcome.sent for outcome in done.outcomes] == ["sent", "sent"]
    assert [outcome.remote.name for outcome in told] == ["server", "usb"]
    assert {main_of(tmp_path / "server.git"), main_of(tmp_path / "usb.git")} == {mirrored.head}
    assert states(status(mirrored.root)) == [("server", "equal", 0), ("usb", "equal", 0)]
    assert [outcome.sent for outcome in push(mirrored.root).outcomes] == ["already", "already"]


def test_empty_mirror(school: School, tmp_path: Path) -> None:
    add(school.root, "usb", str(tmp_path / "usb.git"), "Россия", allowed=RUSSIA)
    assert states(status(school.root)) == [("usb", "empty", 0)]


def test_unplugged_mirror_undoes_nothing_elsewhere(mirrored: School, tmp_path: Path) -> None:
    mirrored.save({RECORD: b"x: 1\n"}, late=70)
    (tmp_path / "usb.git").rename(tmp_path / "unplugged")
    done = push(mirrored.root)
    assert [outcome.sent for outcome in done.outcomes] == ["sent", "unreachable"]
    assert done.is_unreachable
    assert not done.is_good
    assert main_of(tmp_path / "server.git") == mirrored.head
    assert states(status(mirrored.root)) == [("server", "equal", 0), ("usb", "unreachable", 0)]
    (tmp_path / "unplugged").rename(tmp_path / "usb.git")
    assert push(mirrored.root).is_good


def test_primary_unplugged_others_get_only_what_it_confirmed(
    mirrored: School, tmp_path: Path
) -> None:
    confirmed = mirrored.head
    mirrored.save({RECORD: b"x: 1\n"}, late=70)
    (tmp_path / "server.git").rename(tmp_path / "unplugged")
    done = push(mirrored.root)
    assert [outcome.sent for outcome in done.outcomes] == ["unreachable", "already"]
    assert main_of(tmp_path / "usb.git") == confirmed


def test_primary_never_reached_others_wait(school: School, tmp_path: Path) -> None:
    add(school.root, "server", str(tmp_path / "server.git"), "Россия", allowed=RUSSIA)
    add(school.root, "usb", str(tmp_path / "usb.git"), "Россия", allowed=RUSSIA)
    (tmp_path / "server.git").rename(tmp_path / "unplugged")
    done = push(school.root)
    assert [outcome.sent for outcome in done.outcomes] == ["unreachable", "waiting"]
    assert states(status(school.root))[1] == ("usb", "empty", 0)


def test_primary_has_what_we_lack(mirrored: School, tmp_path: Path) -> None:
    theirs = foreign_commit(tmp_path / "server.git", tmp_path)
    assert states(status(mirrored.root)) == [("server", "ahead", 1), ("usb", "equal", 0)]
    done = push(mirrored.root)
    assert [outcome.sent for outcome in done.outcomes] == ["refused", "already"]
    assert "papka sync" in done.outcomes[0].next_step
    assert main_of(tmp_path / "server.git") == theirs


def test_histories_that_went_apart_are_never_overwritten(mirrored: School, tmp_path: Path) -> None:
    theirs = foreign_commit(tmp_path / "server.git", tmp_path)
    mirrored.save({OTHER: b"x: 1\n"}, late=70)
    assert states(status(mirrored.root))[0] == ("server", "diverged", 1)
    done = push(mirrored.root)
    assert done.outcomes[0].sent == "refused"
    assert not done.is_unreachable
    assert main_of(tmp_path / "server.git") == theirs
    objects = git(mirrored.root, "cat-file", "--batch-check", "--batch-all-objects")
    assert theirs not in objects  # looking left nothing of theirs in the archive


def test_mirror_that_refuses(mirrored: School, tmp_path: Path) -> None:
    usb = tmp_path / "usb.git"
    mirrored.save({RECORD: b"x: 1\n"}, late=70)
    with refusing(usb):
        done = push(mirrored.root)
    assert [outcome.sent for outcome in done.outcomes] == ["sent", "refused"]
    assert "занято" in done.outcomes[1].reason
    assert ".lock" in done.outcomes[1].next_step
    assert states(status(mirrored.root)) == [("server", "equal", 0), ("usb", "behind", 1)]


def test_a_lock_that_a_killed_git_left_in_a_folder_stops_nobody(
    mirrored: School, tmp_path: Path
) -> None:
    (tmp_path / "usb.git" / "refs" / "heads" / "main.lock").touch()
    mirrored.save({RECORD: b"x: 1\n"}, late=70)
    assert push(mirrored.root).is_good
    assert states(status(mirrored.root)) == [("server", "equal", 0), ("usb", "equal", 0)]


def test_branch_too_many_in_a_mirror_is_told(mirrored: School, tmp_path: Path) -> None:
    git(tmp_path / "usb.git", "branch", "another", "main")
    assert status(mirrored.root)[1].extra == ("refs/heads/another",)


def test_no_mirror_at_all(school: School) -> None:
    for ask in (push, status):
        with pytest.raises(NotFound, match="зеркала"):
            ask(school.root)


def test_configuration_cannot_make_a_push_execute(mirrored: School, tmp_path: Path) -> None:
    mark, program = tmp_path / "executed", tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    hooks = mirrored.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-push", "reference-transaction"):
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    with (mirrored.root / ".git" / "config").open("a") as config:
        config.write(
            f'[remote "usb"]\n\treceivepack = {program}\n\tuploadpack = {program}\n'
            f"[core]\n\thooksPath = {hooks}\n\tfsmonitor = {program}\n"
        )
    mirrored.save({RECORD: b"x: 1\n"}, late=70)
    assert push(mirrored.root).is_good
    assert not mark.exists()


def told(each: MirrorStanding | SendOutcome) -> tuple[str, str]:
    return each.reason, each.next_step


@pytest.mark.parametrize(
    ("name", "place", "country", "allowed", "message", "step"),
    [
        ("usb", "x.git", "Россия", None,
         "organization.yaml не читается: неизвестно, в каких странах можно держать зеркала",
         "Узнайте, что в нём не так, и исправьте: papka check"),
        ("usb", "x.git", "Китай", ("Россия", "RU"),
         "Зеркало в стране «Китай» держать нельзя: по закону 152-ФЗ (ст. 18 ч. 5) "  # noqa: ISC004 - one sentence
         "персональные данные хранят здесь: Россия, RU",
         "Выберите другое место или измените список стран в records/organization.yaml"),
        ("Флешка", "x.git", "Россия", RUSSIA, "Имя зеркала «Флешка» не годится",
         "Латинские строчные буквы, цифры, дефис: usb, hub"),
        ("a" * 32, "x.git", "Россия", RUSSIA, f"Имя зеркала «{'a' * 32}» не годится",
         "Латинские строчные буквы, цифры, дефис: usb, hub"),
        ("server", "x.git", "Россия", RUSSIA, "Зеркало «server» уже есть",
         "Выберите другое имя: papka mirror status"),
        ("again", "server.git", "Россия", RUSSIA,
         "По этому адресу уже стоит зеркало «server»: второй копии не получится",
         "Укажите другое место: другой носитель или сервер"),
    ],
)  # fmt: skip
def test_a_mirror_that_may_not_be_is_told_why_and_what_to_do(  # noqa: PLR0913 - two fixtures and a case
    name: str,
    place: str,
    country: str,
    allowed: tuple[str, ...] | None,
    message: str,
    step: str,
    school: School,
    tmp_path: Path,
) -> None:
    add(school.root, "server", "server.git", "Россия", allowed=RUSSIA, base=tmp_path)
    with pytest.raises(Refused) as refused:
        add(school.root, name, place, country, allowed=allowed, base=tmp_path)
    assert (refused.value.message, refused.value.next_step) == (message, step)
    assert [each.name for each in handle.list_remotes(school.root)] == ["server"]


def test_a_mirror_written_down_once_is_answered_again(school: School, tmp_path: Path) -> None:
    for name in ("one", "a" * 31):
        add(school.root, name, f"{name}.git", "Россия", allowed=RUSSIA, base=tmp_path)
    one, other = handle.list_remotes(school.root)
    assert (one.primary, other.primary) == (True, False)
    for primary in (True, False):
        again = add(
            school.root, "one", "./one.git", "РОССИЯ", allowed=(), base=tmp_path, primary=primary
        )
        assert again == one
    with pytest.raises(Refused, match="уже есть"):
        add(school.root, other.name, other.url, "Россия", allowed=RUSSIA, primary=True)
    for url, country, medium in (
        (other.url, "Россия", ""), (one.url, "Китай", ""), (one.url, "Россия", "M-01"),
    ):  # fmt: skip
        with pytest.raises(Refused, match="Зеркало «one» уже есть"):
            add(school.root, "one", url, country, allowed=RUSSIA, medium=medium)


def test_how_a_mirror_stands_is_told_with_what_to_do(mirrored: School, tmp_path: Path) -> None:
    (empty, equal) = (tmp_path / "empty.git", tmp_path / "usb.git")
    add(mirrored.root, "empty", str(empty), "Россия", allowed=RUSSIA)
    assert [told(each) for each in status(mirrored.root)] == [
        ("", ""), ("", ""), ("оно пусто", "Отправьте архив: papka mirror push"),
    ]  # fmt: skip
    for number, words in ((1, "1\xa0сохранение"), (2, "2\xa0сохранения")):
        mirrored.save({RECORD: f"x: {number}\n".encode()}, late=70 + number)
        (standing, *_) = status(mirrored.root)
        assert (standing.state, standing.count) == ("behind", number)
        assert told(standing) == (f"отстаёт на {words}", "Отправьте их: papka mirror push")
    git(mirrored.root, "reset", "-q", "--hard", "HEAD~2")
    foreign_commit(equal, tmp_path)
    assert told(status(mirrored.root)[1]) == (
        "на зеркале новее: 1\xa0сохранение, которых здесь нет", "Получите их: papka sync",
    )  # fmt: skip
    mirrored.save({RECORD: b"x: 9\n"}, late=90)
    assert told(status(mirrored.root)[1]) == (
        "истории разошлись: на зеркале 1\xa0сохранение, которых здесь нет, а здесь есть свои",
        MADE_BY_WHOM,
    )
    (sent, refused, *_) = push(mirrored.root).outcomes
    assert (sent.sent, refused.sent) == ("sent", "refused")
    assert told(refused) == told(status(mirrored.root)[1])
    assert refused.before == refused.after == main_of(equal)
    equal.rename(tmp_path / "away")
    away = status(mirrored.root)[1]
    assert (away.state, away.count, away.extra) == ("unreachable", 0, ())
    assert away.reason
    assert away.next_step
    equal.mkdir()
    (equal / "x").touch()
    unfit = status(mirrored.root)[1]
    assert unfit.state in ("unfit", "unreachable")
    assert unfit.reason


def test_what_was_on_a_mirror_before_and_is_after_is_told(mirrored: School, tmp_path: Path) -> None:
    old, new = mirrored.head, mirrored.save({RECORD: b"x: 1\n"}, late=70)
    add(mirrored.root, "third", str(tmp_path / "third.git"), "Россия", allowed=RUSSIA)
    assert [(each.name, count) for each, count in count_unconfirmed_all(mirrored.root)] == [
        ("server", 1), ("usb", 1), ("third", len(git(mirrored.root, "rev-list", "main").split())),
    ]  # fmt: skip
    done = push(mirrored.root)
    assert done.head == new
    assert [(each.before, each.after, told(each)) for each in done.outcomes] == [
        (old, new, ("", "")), (old, new, ("", "")), (None, new, ("", "")),
    ]  # fmt: skip
    assert [(each.sent, each.before) for each in push(mirrored.root).outcomes] == [
        ("already", new)
    ] * 3
    assert [count for _, count in count_unconfirmed_all(mirrored.root)] == [0, 0, 0]


def test_what_the_primary_did_not_take_waits_elsewhere(school: School, tmp_path: Path) -> None:
    for name in ("server", "usb"):
        add(school.root, name, str(tmp_path / f"{name}.git"), "Россия", allowed=RUSSIA)
    (tmp_path / "server.git").rename(tmp_path / "unplugged")
    seen: list[SendOutcome] = []
    done = push(school.root, progress=seen.append)
    assert told(done.outcomes[1]) == (
        "сначала изменения должно принять основное зеркало «server»", "papka mirror push",
    )  # fmt: skip
    assert (done.outcomes[0].before, done.outcomes[0].after) == (None, None)
    assert tuple(seen) == done.outcomes
    assert (done.is_good, done.is_unreachable) == (False, True)


class Forgetful:
    """A witness that cannot write."""

    def confirmed(self, *_: object) -> str:
        return "нет места"


def test_a_mirror_that_took_all_is_good_whatever_could_not_be_remembered(
    mirrored: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrored.save({RECORD: b"x: 1\n"}, late=70)
    on_disk = "зеркало приняло всё, но запомнить это на компьютере не вышло: нет места"
    here = "зеркало приняло всё, но запомнить это здесь не вышло: диск полон"
    done = push(mirrored.root, witness=Forgetful())  # type: ignore[arg-type] # it only refuses
    assert [each.reason for each in done.outcomes] == [on_disk] * 2
    monkeypatch.setattr("papka.copies.mirrors.note_confirmed", lambda *_: "диск полон")
    assert [each.reason for each in push(mirrored.root).outcomes] == [here] * 2
    done = push(mirrored.root, witness=Forgetful())  # type: ignore[arg-type] # it only refuses
    assert [each.reason for each in done.outcomes] == [f"{here}; {on_disk}"] * 2
    assert done.is_good


def test_a_mirror_that_shows_something_else_than_it_took_is_no_copy(
    mirrored: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = mirrored.head, mirrored.save({RECORD: b"x: 1\n"}, late=70)
    monkeypatch.setattr("papka.copies.transport.push_forward", lambda *_: None)
    done = push(mirrored.root, witness=Forgetful())  # type: ignore[arg-type] # never asked
    assert new != old
    for each in done.outcomes[:1]:
        assert (each.sent, each.before, each.after) == ("refused", old, old)
        assert told(each) == (
            "зеркало приняло сохранение, но прочитано с него другое", "papka mirror status",
        )  # fmt: skip


def test_nowhere_to_send_and_nothing_to_send_say_what_to_do(school: School, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as missing:
        status(school.root)
    assert (missing.value.message, missing.value.next_step) == (
        "У архива нет ни одного зеркала",
        "Добавьте два, первое станет основным: papka mirror add ИМЯ АДРЕС --country RU",
    )
    git(tmp_path, "init", "-q", "-b", "main", "empty")
    for ask in (push, status):
        with pytest.raises(NotFound) as missing:
            ask(tmp_path / "empty")
        assert (missing.value.message, missing.value.next_step) == (
            "В архиве ещё нет ни одного сохранения", "Сохраните его: papka save",
        )  # fmt: skip
