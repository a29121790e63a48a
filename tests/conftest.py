"""What holds for all tests: property-based ones are repeatable in CI, and never timed; SIGINT
stops the programs that they start.
"""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # The tests run in the background of a script: what they start would inherit that for good.
    signal.signal(signal.SIGINT, signal.default_int_handler)
