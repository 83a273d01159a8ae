"""The command line: one command a file; nothing here decides, it asks and shows."""
