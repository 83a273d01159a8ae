"""What a person sees while the set-up runs: steps, questions, and why it stopped.

Invariant: every failure is one Russian sentence and an exit code, never a traceback.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator, Sequence

STOPPED = 3
USAGE = 2
INTERRUPTED = 130


class Stop(Exception):
    """The set-up cannot go on; the message says what to do, `code` is the exit code."""

    def __init__(self, message: str, code: int = STOPPED) -> None:
        super().__init__(message)
        self.code = code


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def step(text: str) -> None:
    say(f"→ {text}")


def command(words: Sequence[str]) -> None:
    """Shows what is about to run."""
    say(f"  $ {' '.join(words)}")


def agreed(question: str) -> bool:
    """Asks; anything but a clear yes is a no, and so is an end of input."""
    sys.stdout.write(f"{question} [д/н] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"д", "да", "y", "yes"}


def prepare() -> None:
    """Lets Cyrillic pass through a console of any encoding."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr] # not a TextIO's


@contextlib.contextmanager
def plainly(codes: list[int]) -> Iterator[None]:
    """Turns every expected failure into its sentence; appends the exit code to `codes`."""
    try:
        yield
    except Stop as stop:
        codes.append(_fail(str(stop), stop.code))
    except KeyboardInterrupt:
        codes.append(_fail("Прервано. Повторный запуск начнёт с прерванного шага.", INTERRUPTED))
    except BrokenPipeError:
        # the reader (head, less) left; a second failure at interpreter exit must stay silent too
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        codes.append(1)
    except OSError as error:
        codes.append(_fail(_os_sentence(error), STOPPED))


def _fail(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"\n{message}\n" if code == INTERRUPTED else f"{message}\n")
        sys.stderr.flush()
    return code


def _os_sentence(error: OSError) -> str:
    place = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"На диске кончилось место{place}. Освободите около 500 МБ и повторите."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"Нет права на запись{place}. Проверьте владельца папки проекта и повторите."
    return f"Система отказала: {error.strerror or error}{place}. Устраните причину и повторите."
