"""Facts that follow from the records and are computed, never stored."""
