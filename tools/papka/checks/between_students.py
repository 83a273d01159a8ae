"""The rules that compare personal files, and which files each must see to say what it would of all.

Every other rule looks at one personal file at a time, beside the school's records: of a file that
it was once content with it is content while neither changed. A rule that compares two files is
asked about those alone that share what it compares, as their facts tell (`StudentFacts`); it finds
in them exactly what it would find in the whole archive.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise

from papka.checks import duplicates, false_facts, personal_data, plausibility, safekeeping
from papka.checks.duplicates import check_duplicates
from papka.checks.false_facts import check_shared_evidence, list_own_scans
from papka.checks.personal_data import check_personal_data, list_clues, list_signs, list_texts
from papka.checks.plausibility import check_people_alike
from papka.checks.safekeeping import check_salts
from papka.core.findings import Finding
from papka.records.archive import Archive
from papka.records.derived.student_facts import StudentFacts, cut_signs, facts_of, sign
from papka.records.student import Student

Facts = Mapping[str, StudentFacts]
"""Number of a personal file -> its facts; of all files of an archive."""
_Suspects = Callable[[Facts, Archive, bytes], Iterable[str]]


def gather_facts(student: Student, files: int, secret: bytes) -> StudentFacts:
    """Return the facts of a personal file of so many `files`."""
    clues = (clue for _, clue in list_clues(student))
    return facts_of(student, files, list_own_scans(student), clues, secret)


def list_suspects(facts: Facts, archive: Archive, secret: bytes) -> set[str]:
    """Return all personal files that must be read for the rules that compare them.

    `archive`: the school's records as they are now, whichever personal files were read with them.
    """
    return {each for pick in BETWEEN.values() for each in pick(facts, archive, secret)}


def _list_sharing(of: Callable[[StudentFacts], bytes]) -> _Suspects:
    def pick(facts: Facts, _: Archive, __: bytes) -> Iterator[str]:
        # numbers in one list, for there are thirty of each of tens of thousands
        signs = array("Q", b"".join(map(of, facts.values()))).tolist()
        signs.sort()
        shared = {one for one, other in pairwise(signs) if one == other}
        for student, known in facts.items() if shared else ():
            if not shared.isdisjoint(array("Q", of(known))):
                yield student

    return pick


def _list_chained(facts: Facts, _: Archive, __: bytes) -> Iterator[str]:
    """List files that point at a file which itself points at one, and that file."""
    for student, known in facts.items():
        kept = known.duplicate_of
        if kept is not None and kept in facts and facts[kept].duplicate_of is not None:
            yield from (student, kept)


def _list_told(facts: Facts, archive: Archive, secret: bytes) -> Iterator[str]:
    """List files of which something stands in a text of the school."""
    signs = {sign(each, secret) for _, _, text in list_texts(archive) for each in list_signs(text)}
    for student, known in facts.items():
        if not signs.isdisjoint(cut_signs(known.clues)):
            yield student


BETWEEN: Mapping[Callable[[Archive], Iterable[Finding]], _Suspects] = {
    check_duplicates: _list_chained,
    check_salts: _list_sharing(lambda known: known.salt),
    check_shared_evidence: _list_sharing(lambda known: known.scans),
    check_people_alike: _list_sharing(lambda known: known.looks),
    check_personal_data: _list_told,
}
"""Rule -> what tells whom it must see."""
COMPARED = frozenset(
    (
        *(duplicates.DUPLICATE_CHAIN, safekeeping.SALT_REUSED, false_facts.SCAN_OF_OTHER),
        *(plausibility.PERSON_ALIKE, personal_data.PERSONAL_DATA_OUTSIDE_UNIT),
    )
)
"""What they find; it says nothing of one personal file by itself."""
