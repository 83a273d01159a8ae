"""Two people's work on the same files brought together: pure values, judged afterwards like a save.

What cannot be brought together without choosing for somebody is a conflict, never a guess.
"""
