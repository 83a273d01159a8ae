"""What the archive gives out: sheets, results, packages, raw originals; one a module."""
