"""What all tests have in common."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.apart import write_apart

# How fast the machine is just now says nothing of the code; the first text drawn on a fresh one takes seconds.
settings.register_profile("workbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("workbench")

write_apart()
