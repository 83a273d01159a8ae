"""What `verify` looks at, area by area, and which area a code belongs to.

Invariant: every code has exactly one area; one that no other claims is about the records
themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

from papka.core.findings import Code


@dataclass(frozen=True, slots=True)
class Area:
    """`how` says what was done there; `codes` are names, or beginnings that end in `_`."""

    title: str
    how: str
    codes: tuple[str, ...]

    def claims(self, code: Code) -> bool:
        return any(
            code.name.startswith(name) if name.endswith("_") else code.name == name
            for name in self.codes
        )


COURSE = Area(
    "Ход проверки",
    "состоялась ли каждая часть; о том, что смотрит несостоявшаяся, ниже не сказано ничего",
    ("CHECK_STOPPED",),
)
STORE = Area(
    "Хранилище",
    "каждый объект перечитан, его свёртка сосчитана заново",
    (
        *("OBJECT_", "PACK_", "REF_DAMAGED", "INDEX_", "FSYNC_", "STALE_", "COMMIT_GRAPH_"),
        "PUSH_LEFTOVER",
    ),
)
SETTINGS = Area(
    "Настройки хранилища",
    "подмены, чужие настройки и программы; ни одна не исполнена",
    ("REPO_", "REF_NAME_", "REF_EXTRA", "HEAD_ELSEWHERE", "ATTR_", "GATE_"),
)
HISTORY = Area(
    "История",
    "все записи подряд: порядок, время, состав",
    ("HISTORY_UNREADABLE", "MERGE_", "TIME_", "HEADER_", "SINCE_"),
)
SIGNATURES = Area("Подписи", "подпись каждой записи", ("SIG_", "AUTHOR_", "COMMIT_ACCEPTED"))
TRUST = Area(
    "Доверие",
    "кто вправе подписывать; чей ключ у первой записи",
    ("TRUST_", "SIGNER_", "ROOT_", "REFOUNDING_", "ACCEPTANCE_", "REVOCATION_", "NO_HEAD_LEFT"),
)
SEALS = Area("Печати", "каждая печать и их цепь; сличение с бумагой", ("SEAL_", "ANCHOR_"))
MEMORY = Area(
    "Прежние проверки",
    "сличение с тем, что помнит проверяющий компьютер",
    ("HISTORY_REWRITTEN", "HEAD_BEHIND_", "COPY_OF_", "MEMORY_"),
)
PATHS = Area("Имена файлов", "имена и вид каждого файла во всех записях", ("PATH_", "FILE_"))
FOLDER = Area(
    "Рабочая папка",
    "байты каждого файла против последней записи",
    ("WORKTREE_", "HIDDEN_", "UNTRACKED_"),
)
UNITS = Area(
    "Личные дела",
    "можно ли уничтожить одно дело, не задев других",
    ("SALT_MISSING", "SALT_REUSED", "PERSONAL_", "DESTROYED_", "ACT_INVALID"),
)
MIRRORS = Area("Зеркала", "каждое — своей проверкой и ссылка за ссылкой", ("MIRROR_",))
RECORDS = Area("Записи", "правила изменения: что нельзя стереть и переписать", ("RECORD_",))

AREAS = (
    *(COURSE, STORE, SETTINGS, HISTORY, SIGNATURES, TRUST, SEALS),
    *(MEMORY, PATHS, FOLDER, UNITS, RECORDS, MIRRORS),
)


def area_of(code: Code) -> Area:
    return next((area for area in AREAS if area.claims(code)), RECORDS)
