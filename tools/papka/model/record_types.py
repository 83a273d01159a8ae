"""Kind of record -> the type its values are built as."""

from __future__ import annotations

from typing import Any

from papka.model.acts import Approval, Events, Order, RegisterEntry
from papka.model.person import Person
from papka.model.program import Program
from papka.model.restricted import Diagnostics, Needs
from papka.model.results import PeriodResults
from papka.model.safekeeping import Import, Media
from papka.model.school import Organization, Platform, Regulation, Staff
from papka.model.standing import Awards, Consents, Documents, Notices
from papka.model.study import Credits, Enrolments

TYPES: dict[str, Any] = {
    "organization": Organization,
    "staff": Staff,
    "platform": Platform,
    "regulation": Regulation,
    "program": Program,
    "events": Events,
    "order": Order,
    "register": RegisterEntry,
    "approval": Approval,
    "import": Import,
    "media": Media,
    "student": Person,
    "enrolments": Enrolments,
    "results": PeriodResults,
    "credits": Credits,
    "awards": Awards,
    "consents": Consents,
    "documents": Documents,
    "notices": Notices,
    "diagnostics": Diagnostics,
    "needs": Needs,
}
