"""Scripts for `workbench run`: what the screen's actions do, written down a verb a line (docs/scripts.md)."""
