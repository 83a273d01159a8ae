"""The personal file as it is printed (R-1.4.2): cover, inner inventory, personal card, results by
period, summary, copies of documents, certifying sheet, binding label.

It is worded in two parts. The numbered sheets do not depend on how many sheets there are, so they
are laid out and counted once; the frame around them says the counts.
"""
