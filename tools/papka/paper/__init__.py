"""What to print, already worded and sorted: plain frozen values, no markup.

A template places these words; it decides nothing about them. Absent on purpose: HTML, the clock,
anything from the restricted archive (R-4.2, R-2.2.7).
"""

from __future__ import annotations
