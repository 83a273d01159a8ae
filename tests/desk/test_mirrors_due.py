"""A mirror that took nothing, said nothing or was not looked at, day after day."""

from __future__ import annotations

import datetime as dt

from papka.desk.deadlines import MirrorSeen, mirrors

BEGAN = dt.date(2026, 1, 1)


def days_of(seen: MirrorSeen, **about: str) -> dict[str, tuple[int, int]]:
    """Code -> the first and the last day on which it is said, counted from the archive's first."""
    found: dict[str, tuple[int, int]] = {}
    for number in range(500):
        for deadline in mirrors(BEGAN + dt.timedelta(days=number), (seen,)):
            assert deadline.code is not None
            assert about.get("text", "") in deadline.text
            first, _ = found.get(deadline.code.name, (number, number))
            found[deadline.code.name] = (first, number)
    return found


def test_what_is_not_sent_warns_after_a_week_and_is_an_error_after_a_month() -> None:
    seen = MirrorSeen("disk", BEGAN, unsent=BEGAN, looked=BEGAN + dt.timedelta(days=499))
    assert days_of(seen, text="с 01.01.2026 на него не отправлено") == {
        "MIRROR_SEND_DUE": (8, 31),
        "MIRROR_SEND_OVERDUE": (32, 499),
    }


def test_a_mirror_that_has_everything_may_be_silent_longer() -> None:
    seen = MirrorSeen("disk", BEGAN, heard=BEGAN, looked=BEGAN + dt.timedelta(days=499))
    assert days_of(seen, text="последний раз отвечало 01.01.2026") == {
        "MIRROR_SEND_DUE": (32, 92),
        "MIRROR_SEND_OVERDUE": (93, 499),
    }


def test_a_mirror_nobody_looked_at_counts_from_the_first_day() -> None:
    late = BEGAN + dt.timedelta(days=499)
    never = MirrorSeen("disk", BEGAN, heard=late)
    assert days_of(never, text="ещё ни разу") == {
        "MIRROR_CHECK_DUE": (93, 366),
        "MIRROR_CHECK_OVERDUE": (367, 499),
    }
    once = MirrorSeen("disk", BEGAN, heard=late, looked=dt.date(2026, 5, 1))
    assert days_of(once, text="с 01.05.2026") == {
        "MIRROR_CHECK_DUE": (120 + 93, 120 + 366),
        "MIRROR_CHECK_OVERDUE": (120 + 367, 499),
    }


def test_a_history_that_parted_is_an_error_at_once() -> None:
    seen = MirrorSeen("disk", BEGAN, parted=True, heard=BEGAN, looked=BEGAN)
    assert next(iter(mirrors(BEGAN, (seen,)))).overdue
    assert days_of(seen)["MIRROR_PARTED"] == (0, 499)
