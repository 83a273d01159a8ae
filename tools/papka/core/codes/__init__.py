"""The catalogue of codes: what each finding means and what to do. A name is never reused.

Each sibling module holds the codes of one field as module constants; CATALOGUE gathers them.
"""

from __future__ import annotations

from types import MappingProxyType

from papka.core.codes import consistency, history, records, schema, steps, yaml
from papka.core.findings import Code

__all__ = ["CATALOGUE", "consistency", "history", "records", "schema", "steps", "yaml"]

CATALOGUE = MappingProxyType(
    {
        code.name: code
        for module in (yaml, schema, records, consistency, steps, history)
        for code in vars(module).values()
        if isinstance(code, Code)
    }
)
