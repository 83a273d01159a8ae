"""The protocol of a verification, told on paper."""
