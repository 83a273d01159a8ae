"""Who signed a commit and when, as the commit itself says.

Absent on purpose: whether it is true. That is what `verify` judges.
"""

from __future__ import annotations

from papka.core.history import Commit
from papka.integrity import sshsig


def signing_key(commit: Commit) -> str:
    """The fingerprint of the key that signed; "" when there is no signature to be read."""
    try:
        return sshsig.read(commit.signature or "").key.fingerprint
    except (sshsig.Unreadable, sshsig.Altered):
        return ""
