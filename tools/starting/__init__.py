"""What `tools/start.py` does, with the standard library alone."""
