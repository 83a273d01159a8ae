"""What is said of work that cannot be done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from papka.core.errors import PapkaError


def refused(ask: Callable[[], object]) -> tuple[str, str]:
    """The sentence and the next step of the error that asking raises."""
    with pytest.raises(PapkaError) as error:
        ask()
    return error.value.message, error.value.next_step
