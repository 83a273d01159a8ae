"""The catalogue of codes: what each finding means and what to do. A name is never reused.

Each sibling module holds the codes of one field as module constants; CATALOGUE gathers them.
"""

from __future__ import annotations

from types import MappingProxyType

from papka.core.codes import history, records, schema, yaml
from papka.core.findings import Code

__all__ = ["CATALOGUE", "history", "records", "schema", "yaml"]

CATALOGUE = MappingProxyType(
    {
        code.name: code
        for module in (yaml, schema, records, history)
        for code in vars(module).values()
        if isinstance(code, Code)
    }
)
