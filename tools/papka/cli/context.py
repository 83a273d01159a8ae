"""The context of a command: its archive, the time, whose key signs, how findings are reported.

The archive and the actor are looked up when a command first asks for them, so that wrong usage is
told before a missing archive, and a missing archive before a missing key. Only `papka.cli` reads
the clock and the ssh agent's socket; everything below it is given them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papka.cli.options import in_folder
from papka.core.errors import NotOwner, PapkaError
from papka.core.phrases import printable
from papka.repository.git_values import MAIN
from papka.repository.objects import shared_reading
from papka.repository.store import refuse_unwritten
from papka.repository.worktree import find_root, off_main, stands_on_main

if TYPE_CHECKING:
    from papka.repository.git_values import Commit
    from papka.repository.runner import SshAccess, Watch
    from papka.repository.signing import SigningActor


def read_clock() -> datetime:
    """Return the moment, with this computer's time zone."""
    return datetime.now().astimezone()


def ssh_agent() -> str | None:
    """Return the socket of the ssh agent, if one runs."""
    return os.environ.get("SSH_AUTH_SOCK")


def mirror_access(watch: Watch | None = None) -> SshAccess:
    """Return what git needs from this person's environment to reach a mirror.

    `watch`: who is told how far each push and fetch is (`progress.watcher`).
    """
    from papka.core.installation import given  # who only looks needs no mirror
    from papka.repository.runner import SshAccess

    return SshAccess(
        agent=ssh_agent(),
        home=str(Path.home()),
        command=given("GIT_SSH_COMMAND"),
        authority=given("GIT_SSL_CAINFO"),
        watch=watch,
    )


_READING = frozenset(("show", "check", "find", "verify", "restore"))
"""Commands that only read the archive's store, or take it for one copy of several."""


class Context:
    """`staff`, `style` and `fail_on` are the values of `--as`, `--format` and `--fail-on`."""

    def __init__(
        self, folder: Path, staff: str | None = None, style: str = "text", fail_on: str = "error"
    ) -> None:
        self.folder = folder
        self.staff = staff
        self.style = style
        self.fail_on = fail_on
        self.last_commit: Commit | None = None
        """The last commit of main, where a command that changes nothing has read it."""
        self._knows_of_clock = False

    @cached_property
    def root(self) -> Path:
        """The archive that the folder lies in; raises NotAnArchive, and Refused where a command
        that does more than read meets a store that papka does not write."""
        found = find_root(self.folder)
        asked = click.get_current_context(silent=True)
        if asked is None or asked.info_name not in _READING:
            refuse_unwritten(found)
        return found

    def warn_of_obstacles(self) -> None:
        """Tell what would stop a save, in the words in which saving refuses: a folder that shows no
        last save, one of another user, a clock that is behind."""
        if self.style != "text" or "root" not in self.__dict__:
            return
        if not stands_on_main(self.root):
            self.warn(off_main())
        self._warn_of_destruction()
        try:
            self._warn_of_clock()
        except NotOwner as error:
            self.warn(error)
        except (PapkaError, OSError):
            return  # an archive without a readable last commit is told of by whoever reads it

    def _warn_of_destruction(self) -> None:
        """Tell of a destruction that is not finished: until then what should be gone is there."""
        from papka.desk.destruction_note import find_unfinished  # reads the note alone

        note = find_unfinished(self.root)
        if note is not None:
            self.warn(
                PapkaError(
                    f"Уничтожение по приказу {printable(note.order[:40])} не закончено",
                    "Закончите его: papka destroy --resume",
                )
            )

    def _warn_of_clock(self) -> None:
        """Tell of a clock that the last commit shows to be wrong; raise NotOwner.

        One look is enough: what the command then commits is dated no worse than that.
        """
        if self._knows_of_clock:
            return
        from papka.repository.commit_snapshots import read_commit  # runs git
        from papka.repository.commit_writing import clock_ahead, clock_behind

        last = self.last_commit or read_commit(self.root, MAIN)
        wrong = clock_behind(last, self.now) or clock_ahead(last, self.now)
        self._knows_of_clock = True
        if wrong is not None:
            self.warn(wrong)

    def warn(self, error: PapkaError) -> None:
        """Tell what would stop a save, without stopping."""
        click.echo(f"Внимание: {error.message}. {error.next_step}", err=True)

    @cached_property
    def now(self) -> datetime:
        """The moment at which the command first asked; the same afterwards."""
        return read_clock()

    @cached_property
    def actor(self) -> SigningActor:
        """Who signs, with a usable key; raises KeyMissing, KeyWaits or Refused.

        A key that waits to be accepted is asked after at the primary mirror first.
        """
        from papka.repository.signing import (  # who only looks needs no key
            find_actor,
            waiting_person,
        )

        self._warn_before_signing()
        waiting = waiting_person(self.root)
        if waiting and self.staff in (None, waiting):
            from papka.copies.joining import require_accepted  # for a new key alone

            require_accepted(self.root, now=self.now, access=mirror_access())
            click.echo(f"Ключ {waiting} принят руководителем", err=True)
        return find_actor(self.root, self.staff, agent=ssh_agent())

    def _warn_before_signing(self) -> None:
        """Tell of a clock that is years ahead before anything is dated by it."""
        if self.style == "text":
            with suppress(PapkaError, OSError):
                self._warn_of_clock()

    def tidy(self) -> None:
        """Pack the archive's store when it is time, after what somebody signed was done."""
        if "actor" in self.__dict__:
            from papka.repository.packing import tidy  # who only looks changes no store

            tidy(self.root)

    @cached_property
    def acting_staff(self) -> str:
        """Whose id stands for this copy, "" when nobody's does; needs no key."""
        from papka.repository.signing import acting_staff

        return acting_staff(self.root, self.staff)


def in_archive(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `-C`, and its context as the argument `here`.

    The values of `--as`, `--format` and `--fail-on` are in the context and no arguments.
    """

    @wraps(command)
    def run(*args: Any, folder: Path, **values: Any) -> Any:  # noqa: ANN401 - click's callback
        said = {name: values.pop(name) for name in ("staff", "style", "fail_on") if name in values}
        here = Context(folder, **said)
        with shared_reading():
            result = command(*args, here=here, **values)
            here.warn_of_obstacles()
            here.tidy()
        return result

    return in_folder(run)
