"""The good archive with somebody who may get a certificate, and the series it is numbered in."""

from __future__ import annotations

from datetime import datetime

from papka.core.places import ORGANIZATION
from tests.support.school import NOW, STUDENT, Archive

STUDY = "2026-0001#e1"
ENROLMENTS = f"{STUDENT}/enrolments.yaml"
ISSUED = "records/registers/issued/2026"
_SERIES = """
  - series: certificates
    title: Сертификаты
    prefix: С
  - series: transcripts
    title: Справки об обучении
    prefix: О
"""
ORDER = """# yaml-language-server: $schema=../../../schema/order.json
number: 4-к
date: 2026-11-09
kind: отчисление
heading: Об отчислении в связи с завершением обучения
items:
  - text: Отчислить
    students:
      - 2026-0001#e1
signed_by: s001
"""


def graduate(archive: Archive, reason: str = "завершение", now: datetime = NOW) -> None:
    """The study of one part has ended; saved by the head."""
    archive.edit(ORGANIZATION, "    prefix: У\n", f"    prefix: У{_SERIES}")
    archive.write("records/orders/2026/0004.yaml", ORDER)
    archive.edit(
        ENROLMENTS, "    order: 2026/0002\n",
        "    order: 2026/0002\n    individual_parts:\n      - техника\n      - теория\n"
        f"    ended:\n      date: 2026-11-10\n      reason: {reason}\n      order: 2026/0004\n",
    )  # fmt: skip
    saved = archive.save("s001", now)
    assert saved.commit is not None, saved.findings
