"""Who signed a commit and when, as the commit itself says.

Absent on purpose: whether it is true. That is what `verify` judges.
"""

from __future__ import annotations

import datetime as dt

from papka.core.history import Commit
from papka.integrity import sshsig


def signing_key(commit: Commit) -> str:
    """The fingerprint of the key that signed; "" when there is no signature to be read."""
    try:
        return sshsig.read(commit.signature or "").key.fingerprint
    except (sshsig.Unreadable, sshsig.Altered):
        return ""


def time_of(commit: Commit) -> dt.datetime:
    """When it was made, in the zone of who made it."""
    zone = dt.datetime.strptime(commit.committer.offset, "%z").tzinfo
    return dt.datetime.fromtimestamp(commit.committer.time, zone)
