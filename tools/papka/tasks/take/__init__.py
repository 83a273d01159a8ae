"""Exports of platforms taken in: planned whole, then written in one save."""
