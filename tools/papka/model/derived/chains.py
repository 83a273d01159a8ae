"""Which results count: corrections and re-sits form chains, the last of a chain is what holds.

Invariants: a replaced result counts nowhere, a re-sat one was true and is better now; a re-sit of
a result that was corrected belongs to the correction. A reference to nothing leads to nothing;
a circle of references ends where it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from papka.model.results import Result


def corrections(results: Iterable[Result]) -> Mapping[str, Result]:
    """Id of a result -> the entry that replaces it."""
    return {result.replaces: result for result in results if result.replaces}


def resits(results: Iterable[Result]) -> Mapping[str, Result]:
    """Id of a valid result -> the valid re-sit of it."""
    known = tuple(results)
    by = corrections(known)
    return {
        holding_id(result.resits, by): result
        for result in known
        if result.resits and result.id not in by
    }


def true_results(results: Iterable[Result]) -> tuple[Result, ...]:
    """Results that no correction has replaced, in the order given."""
    known = tuple(results)
    by = corrections(known)
    return tuple(result for result in known if result.id not in by)


def counting(results: Iterable[Result]) -> tuple[Result, ...]:
    """Results that count: not replaced, and the last attempt of their chain."""
    known = tuple(results)
    later = resits(known)
    return tuple(result for result in true_results(known) if result.id not in later)


def holding_id(result_id: str, by: Mapping[str, Result]) -> str:
    """The id that stands for `result_id` after all its corrections."""
    seen = set()
    while result_id in by and result_id not in seen:
        seen.add(result_id)
        result_id = by[result_id].id or result_id
    return result_id
