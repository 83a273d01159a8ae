"""`python -m papka`."""

from __future__ import annotations

from papka.cli.main import main

main()
