"""Fronts without a screen: run, build, doctor, new."""
