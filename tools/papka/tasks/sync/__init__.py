"""Several computers: what came in judged and taken, one's own saves put after it."""
