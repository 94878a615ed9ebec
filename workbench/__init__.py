"""The EDGELESS workbench: watch, build and host EDGELESS functions, and see every message they exchange."""

__version__ = "0.1.0"
