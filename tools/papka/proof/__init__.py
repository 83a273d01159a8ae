"""Proof: whether an archive is what the people trusted with it signed, whole and unaltered.

`chronicle` judges each commit's signature once, by the trust in force at its parent; the rules over
history (`history_rules.RULES`) read the result. Nothing here shares code with the writer in
`repository`, so a writer's bug cannot hide.
"""

from __future__ import annotations
