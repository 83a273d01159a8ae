"""Paper: what is shown, worded and sorted; its HTML and PDF; printed papers read back and verified.

Words are plain frozen values: a template places them and decides nothing about them. Nothing here
asks the clock; only in the restricted archive itself is anything of it shown (R-4.2, R-2.2.7).
"""

from __future__ import annotations
