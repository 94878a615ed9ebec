"""Stepping, breakpoints, the clock and going back, by their keys."""
