"""Bytes of records to values and back: strict YAML, schemas, splices, the archive, derived facts.

yaml is known only to `strict_yaml`, jsonschema and jsonschema_rs only to `schemas`. Nothing here
reads a file, a clock or the network.
"""

from __future__ import annotations
