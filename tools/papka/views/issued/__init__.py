"""Issued documents: what an entry of the register says, and how it looks on paper (R-5.4.3)."""
