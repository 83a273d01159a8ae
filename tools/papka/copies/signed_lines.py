"""Compare two histories as they were signed, so that an act of destruction does not part them.

A store that has an act holds the commits before it rewritten, one that lacks it holds them as they
were signed. The act's evidence leads from the ones to the others (`proof.layers`), and what both
have in common is named by the signed commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from papka.core.errors import GitFailed, Refused
from papka.proof.clean_room import CleanRoom
from papka.proof.layers import SignedLine, read_line
from papka.repository.git_values import parse_commit
from papka.repository.objects import Objects
from papka.repository.rewritten_commits import list_act_numbers
from papka.repository.runner import run_git


@dataclass(frozen=True, slots=True)
class Meeting:
    """How two histories stand to each other.

    `base`: the last commit, as signed, that both have, "" for none; `ours_more`, `theirs_more`: how
    many each has after it; `act`: number of the newest act that only one of them has, 0 for none;
    `is_theirs`: that one is theirs. `stored`: of the history with the act: a commit as signed ->
    its id in that store; {} without an act, where both are one.
    """

    base: str
    ours_more: int
    theirs_more: int
    act: int = 0
    is_theirs: bool = False
    stored: Mapping[str, str] = field(default_factory=dict)

    def stored_in(self, id_: str) -> str:
        """Return a commit's id in the history with the act."""
        return self.stored.get(id_, id_)


def newest_act(room: CleanRoom, commit: str) -> int:
    """Return the number of the newest act that a commit has, 0 when it has none or is not there."""
    return max(list_act_numbers(room.objects(), commit), default=0)


def signed_commits(room: CleanRoom, head: str) -> frozenset[str]:
    """Return the commits of a history as they were signed; empty for one without an act."""
    if not newest_act(room, head):
        return frozenset()
    line, _ = read_line(room, head)
    return frozenset(line.stored)


def refuse_before_act(room: CleanRoom, chosen: str, known: Iterable[str]) -> None:
    """Refuse to go on from a commit that lacks an act which another known one has."""
    acts = max((newest_act(room, each) for each in known), default=0)
    if newest_act(room, chosen) < acts:
        raise Refused(
            f"Целиком уцелела только копия, сделанная до акта об уничтожении № {acts}: с ней "
            "вернулось бы то, что уничтожено",
            "Назовите копию, сделанную после него: --from КОПИЯ. Эту берегите и сообщите "
            "руководителю",
        )


def meet(room: CleanRoom, ours: str, theirs: str) -> Meeting:
    """Compare two commits and all they descend from; `room` sees both."""
    plain = _merge_base(room, ours, theirs)
    acts = newest_act(room, ours), newest_act(room, theirs)
    if plain in (ours, theirs) or acts[0] == acts[1]:
        more = _count_more(room, ours, theirs)
        act = 0 if acts[0] == acts[1] else max(acts)
        return Meeting(plain, *more, act, acts[1] > acts[0])
    is_theirs = acts[1] > acts[0]
    line, _ = read_line(room, theirs if is_theirs else ours)
    base, other_more = _find_in(room, line, ours if is_theirs else theirs)
    own_more = len(line.commits) - 1 - _place_of(line, base) if base else len(line.commits)
    more = (other_more, own_more) if is_theirs else (own_more, other_more)
    return Meeting(base, *more, max(acts), is_theirs, line.stored)


def is_parted_by_two_acts(room: CleanRoom, met: Meeting, ours: str, theirs: str) -> bool:
    """Whether each history has an act that the other lacks, so that neither can go on."""
    known = newest_act(room, met.base)
    return min(newest_act(room, ours), newest_act(room, theirs)) > known


def _place_of(line: SignedLine, id_: str) -> int:
    return next(at for at, commit in enumerate(line.commits) if commit.id == id_)


def _find_in(room: CleanRoom, line: SignedLine, tip: str) -> tuple[str, int]:
    """Return the newest commit under `tip` that the line holds as signed, and how many lie above;
    "" when the line holds none of them."""
    objects: Objects = room.objects()
    at, above = tip, 0
    while at not in line.stored:
        try:
            parents = parse_commit(at, objects.read(at)[1]).parents
        except (KeyError, ValueError, GitFailed):
            return "", above
        above += 1
        if not parents:
            return "", above
        at = parents[0]
    return at, above


def _merge_base(room: CleanRoom, one: str, other: str) -> str:
    ran = run_git("merge-base", one, other, folder=room.folder, accepted=(0, 1, 128))
    return ran.text.partition("\n")[0]


def _count_more(room: CleanRoom, ours: str, theirs: str) -> tuple[int, int]:
    ran = run_git("rev-list", "--left-right", "--count", f"{ours}...{theirs}", folder=room.folder)
    mine, others = ran.text.split()
    return int(mine), int(others)
