# -*- coding: utf-8 -*-  # noqa: UP009 - Python 2 meets a sentence too
"""Set-up on a bare machine: `python3 tools/start.py demo|install|test|…`.

Standard library only, any current directory. This file stays readable to old interpreters, so
that they meet a sentence and not a SyntaxError; everything else lies in `starting/`.
"""

import sys

# All that the tests were run with; for others the lists of libraries name no wheels.
SUPPORTED = ((3, 11), (3, 12), (3, 13), (3, 14), (3, 15))

if sys.version_info[:2] not in SUPPORTED:
    sys.exit(
        "Нужен Python "
        + ", ".join(".".join(map(str, version)) for version in SUPPORTED)
        + ", а запущен "
        + sys.version.split()[0]
        + ". Установите один из них (Debian 12 и 13: apt-get install python3) и повторите."
    )

from starting.jobs import main  # noqa: E402 - only after the guard: newer syntax begins here

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
