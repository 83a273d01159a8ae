"""Click's own sentences in Russian, whatever the shell's language is.

The catalogue is `locale/ru/LC_MESSAGES/messages.po`; after editing it run
`pybabel compile -D messages -d tools/papka/cli/locale`. A test demands every sentence of the
installed click. Absent on purpose: papka's own sentences, which are Russian where they stand.
"""

from __future__ import annotations

import gettext
import os


def use_russian() -> None:
    """Binds the catalogue for this process; call it once, before click prints anything.

    The file is read at the first sentence, not here. LANGUAGE is gettext's only switch that
    outranks a C locale; programs that papka starts get an environment of their own.
    """
    os.environ["LANGUAGE"] = "ru"
    # no pathlib: its import would cost a tenth of the whole start of `papka --help`
    gettext.bindtextdomain("messages", __file__.removesuffix("translation.py") + "locale")
    gettext.textdomain("messages")
