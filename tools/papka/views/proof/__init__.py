"""The proof of a printed document in words: what was signed, and where the paper differs."""
