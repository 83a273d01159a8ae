"""The school's own server: the store that is pushed to, and the check that is its only way in."""
