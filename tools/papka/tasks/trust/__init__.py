"""Trust changed by a head: who may sign, who may no more, what is accepted."""
