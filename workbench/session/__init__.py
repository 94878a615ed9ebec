"""The session: the one object a front drives."""
