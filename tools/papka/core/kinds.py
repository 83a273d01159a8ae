"""Every kind of record and of other file below `records/`, in one table.

A row says all that the program knows of a kind: where it lies, what it is called, how its entries
are numbered and dated, which chapter prints it. The layout (`places`), reading, `add`, `show`,
`--on`, messages of saves, the sheet of provenance and the personal file follow from it. A kind
without a `type` is kept, shown and printed by the titles of its schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Home = Literal["main", "restricted", "both"]
"""In which archive of a school a kind may stand (R-4.2, R-2.2.7)."""


class Kind(NamedTuple):
    """One kind of record, or of file that no schema judges.

    `path`: below `records/`, `{student}` being a personal folder, `*` a part of the record's key,
    `+` a name that is no part of it, `**` all the rest, `a|b` one of these names. `title`: in
    messages of saves, "" for what they do not name. `type`: its class in `records`. `shelf`: the
    attribute of the archive with all records of the kind by key. `ids`: lists in the file and the
    letter of their entries' ids. `since`: the field with the day from which an entry is there;
    `until`: the one that says what became of it later. `chapter`: the heading on the sheet of
    provenance. `is_judged`: whether the schema of the same name judges it.
    """

    name: str
    path: str
    title: str = ""
    type: str = ""
    shelf: str = ""
    ids: Mapping[str, str] = {}
    since: str = ""
    until: str = ""
    chapter: str = ""
    home: Home = "main"
    is_judged: bool = True

    @property
    def schema(self) -> str:
        """The name of its schema, `schema/<name>.json`; "" when none judges it."""
        return self.name if self.is_judged else ""

    @property
    def heading(self) -> str:
        """Its heading on the sheet of provenance; "" for what is not printed."""
        is_printed = self.is_personal and self.is_judged and self.home != "restricted"
        return self.chapter or (self.title.capitalize() if is_printed else "")

    @property
    def is_personal(self) -> bool:
        """Whether it lies in a personal folder."""
        return self.path.startswith(PERSONAL)

    @property
    def has_entries(self) -> bool:
        """Whether its files hold one list of entries with a type, of the kind's name."""
        return bool(self.type) and self.name in self.ids

    @property
    def is_keyed(self) -> bool:
        """Whether its records, outside personal folders, each have a file and a key."""
        return self.is_judged and not self.is_personal and "*" in self.path


PERSONAL = "{student}/"
_CARD = {"representatives": "p", "paper/lendings": "l", "holds": "h"}
_BOOK = ".salt|order.txt|aggregate.part|book.xlsx|book.ods|book.json"

KINDS: tuple[Kind, ...] = (
    # a personal folder, in the order of the sheet of provenance
    Kind("student", "{student}/student.yaml", "карточка", "Person", ids=_CARD,
         chapter="Личная карточка"),
    Kind("enrolments", "{student}/enrolments.yaml", "зачисления", "Enrolments",
         ids={"enrolments": "e"}, since="start", until="ended", chapter="Обучение"),
    Kind("transfers", "{student}/transfers.yaml", "переводы", "Transfers", ids={"transfers": "t"},
         since="date", chapter="Переводы из группы в группу"),
    Kind("results", "{student}/results/*.yaml", "результаты", "PeriodResults",
         ids={"results": "r"}, since="date", chapter="Результаты"),
    Kind("credits", "{student}/credits.yaml", "зачёт", "Credits", ids={"credits": "k"},
         since="applied", chapter="Зачёт результатов других организаций"),
    Kind("awards", "{student}/awards.yaml", "поощрения", "Awards", ids={"awards": "a"},
         since="date", chapter="Поощрения"),
    Kind("consents", "{student}/consents.yaml", "согласия", "Consents", ids={"consents": "c"},
         since="date", until="revoked", chapter="Согласия"),
    Kind("documents", "{student}/documents.yaml", "опись", "Documents", ids={"documents": "d"},
         since="date", until="certified", chapter="Документы дела"),
    Kind("attachment", "{student}/attachments/*", "сканы", chapter="Документы дела",
         is_judged=False),
    Kind("notices", "{student}/notices.yaml", "уведомления", "Notices", ids={"notices": "n"},
         since="date", chapter="Извещения"),
    Kind("requests", "{student}/requests.yaml", "обращения", "DataRequests",
         ids={"requests": "z"}, since="date", until="answered",
         chapter="Обращения о персональных данных"),
    Kind("diagnostics", "{student}/diagnostics.yaml", "диагностика", "Diagnostics",
         ids={"diagnostics": "g"}, since="date", home="restricted"),
    Kind("needs", "{student}/needs.yaml", "особые потребности", "Needs", ids={"needs": "s"},
         since="date", home="restricted"),
    Kind("raw", "{student}/raw/*", "строки выгрузки", chapter="Выгрузки", is_judged=False),
    Kind("destroyed", "{student}/destroyed/*", is_judged=False),
    Kind("salt", "{student}/.salt", home="both", is_judged=False),
    # what all personal files share
    Kind("order", "orders/*/*.yaml", "приказ", "Order", "orders", home="both",
         chapter="Приказы, на которые ссылается дело"),
    Kind("program", "programs/*.yaml", "программа", "Program", "programs", chapter="Программы"),
    Kind("events", "events/*.yaml", "мероприятия", "Events", chapter="Мероприятия"),
    Kind("approval", "approvals/*.yaml", "утверждение", "Approval", "approvals",
         chapter="Утверждение периодов"),
    Kind("approval-entries", "approvals/*.entries", is_judged=False),
    Kind("organization", "organization.yaml", "сведения о школе", "Organization", home="both"),
    Kind("staff", "staff.yaml", "сотрудники", "Staff", home="both"),
    Kind("platform", "platforms/*.yaml", "платформа", "Platform", "platforms"),
    Kind("regulation", "regulations/*/regulation.yaml", "локальный акт", "Regulation",
         "regulations", home="both"),
    Kind("regulation-file", "regulations/*/+", home="both", is_judged=False),
    Kind("order-scan", "orders/*/*", home="both", is_judged=False),
    Kind("register", "registers/*/*/*.yaml", "реестр", "RegisterEntry", "registers"),
    Kind("media", "media/*.yaml", "носители", "Media", "media", home="both"),
    Kind("import", "imports/*/*/manifest.yaml", "", "Import", "imports"),
    Kind("import-part", "imports/*/*/header.part|parts.txt", is_judged=False),
    Kind("import-original", f"imports/*/*/original/{_BOOK}", is_judged=False),
    Kind("import-unmatched", "imports/*/*/unmatched/.salt|rows.part", is_judged=False),
    # proof
    Kind("allowed-signers", "trust/allowed_signers", "ключи", home="both", is_judged=False),
    Kind("acceptance", "trust/accepted/*.yaml", "принятие", "Acceptance", home="both"),
    Kind("trust", "trust/**", home="both", is_judged=False),
    Kind("seal", "seals/**", home="both", is_judged=False),
    Kind("act", "acts/*/act.yaml", "акт об уничтожении", "Destruction", "destruction_acts",
         home="both"),
    Kind("purges", "acts/*/purged.yaml", "очистка хранилищ", "Purges", "purges", home="both"),
    Kind("act-evidence", "acts/*/evidence.pack", home="both", is_judged=False),
)  # fmt: skip

KIND_OF: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
SCHEMA_OF: Mapping[str, str] = {kind.name: kind.schema for kind in KINDS if kind.schema}
"""Kind of record -> name of its schema in `schema/<name>.json`."""
ENTRY_KINDS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind.has_entries)
"""Kinds whose entries the program has types for, outside the card."""
LIST_KINDS: tuple[Kind, ...] = tuple(kind for kind in ENTRY_KINDS if "*" not in kind.path)
"""Those of which a personal folder has one file, and not one a period."""
LETTERS: Mapping[str, str] = {f"/{at}": letter for kind in KINDS for at, letter in kind.ids.items()}
"""Pointer of a list in a personal folder -> letter of its entries' ids."""
LETTER_OF: Mapping[str, str] = {at.rpartition("/")[2]: letter for at, letter in LETTERS.items()}
"""Name of a list, as `x-refers-to` says it -> letter of its entries' ids."""
RESTRICTED_KINDS = frozenset(kind.name for kind in KINDS if kind.home == "restricted")
"""Kinds of record that only a restricted archive may hold."""

REFERRED: frozenset[str] = frozenset(
    {
        *(kind.name for kind in KINDS if kind.is_keyed),
        *(at.rpartition("/")[2] for kind in KINDS for at in kind.ids),
        *("staff", "scales", "groups", "periods", "series", "events"),
        *("student", "number", "source"),
    }
)
"""What `x-refers-to` of a field may name: a kind whose records have keys, a list whose entries have
ids, a personal folder or an entry of it (`student`), the number of an issued document, what an
import may come from."""


def is_at_home(kind: str, *, restricted: bool) -> bool:
    """Whether a kind of record may stand in an archive that is, or is not, restricted."""
    return KIND_OF[kind].home in ("both", "restricted" if restricted else "main")
