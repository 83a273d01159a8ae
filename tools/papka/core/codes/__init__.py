"""The catalogue of codes: what each finding means and what to do. A name is never reused.

Each sibling module holds the codes of one field as module constants; CATALOGUE gathers them.
"""

from __future__ import annotations

from types import MappingProxyType

from papka.core.codes import (
    calendar,
    consistency,
    documents,
    evidence,
    exports,
    foreign_files,
    history,
    imports,
    mappings,
    memory,
    mirrors,
    packages,
    records,
    repository,
    schema,
    seals,
    steps,
    takings,
    trust,
    units,
    yaml,
)
from papka.core.findings import Code

__all__ = [
    "CATALOGUE",
    "calendar",
    "consistency",
    "evidence",
    "exports",
    "foreign_files",
    "history",
    "imports",
    "mappings",
    "memory",
    "mirrors",
    "records",
    "repository",
    "schema",
    "seals",
    "steps",
    "takings",
    "trust",
    "units",
    "yaml",
]

CATALOGUE = MappingProxyType(
    {
        code.name: code
        for module in (
            *(yaml, schema, foreign_files, records, consistency, steps, history),
            *(trust, seals, memory, repository, units, mirrors, evidence),
            *(documents, packages, exports, mappings, imports, takings),
            calendar,
        )
        for code in vars(module).values()
        if isinstance(code, Code)
    }
)
