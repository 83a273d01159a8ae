"""papka: an archive of students' personal files, kept as plain files in git."""

__version__ = "0.1.0"
