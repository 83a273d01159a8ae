"""Restoring: an archive made again from its copies, and the rehearsal of that (R-6.3, R-6.7)."""
