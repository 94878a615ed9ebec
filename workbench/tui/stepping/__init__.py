"""Stopping the world, letting one thing happen at a time, changing what waits, going back: the screen's half."""
