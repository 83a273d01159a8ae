"""Sealing: what the head puts under a signature when a period closes and when a year ends."""
