"""Proof of one issued document: what was signed, by whom, and whether they might (R-6.1)."""
