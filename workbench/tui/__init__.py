"""The screen."""

import os

# Textual paints on the beat of a clock and leaves one out where a frame took longer than that: at its own 60, a key
# under 20,000 events a second waited up to 33 ms before anything was painted. 62 ms in all then, 27 ms with this
# (95th percentiles, measured). Nothing is painted more often for it, only what changed is.
os.environ.setdefault("TEXTUAL_FPS", "250")
