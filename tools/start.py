"""Set-up on a bare machine: `python3 tools/start.py demo|install|test|…`.

Standard library only, any current directory. This file stays readable to old interpreters, so
that they meet a sentence and not a SyntaxError; everything else lies in `starting/`.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the very machine this line is for
    sys.exit(
        "Нужен Python 3.11 или новее, а запущен "
        + sys.version.split()[0]
        + ". Установите новый Python (Debian 12 и новее: apt-get install python3) и повторите."
    )

from starting.jobs import main  # only after the guard: newer syntax begins here

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
