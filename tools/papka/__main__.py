"""`python -m papka`."""

from papka.cli.main import main

main()
