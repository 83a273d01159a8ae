"""Text of records: strict YAML in, judged by schemas, changed by splicing.

Each foreign library is known to one module: yaml to `document`, jsonschema and jsonschema_rs to
`schemas`. Nothing here reads a file, a clock or the network.
"""

from __future__ import annotations
