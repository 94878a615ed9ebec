"""Functions for tests, and how to build them."""
