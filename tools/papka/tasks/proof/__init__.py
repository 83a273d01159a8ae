"""Proof: what can be shown to someone who trusts nobody."""
