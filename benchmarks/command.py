"""The command as a user starts it."""

from __future__ import annotations

import sys
from pathlib import Path

RBC = str(Path(sys.executable).with_name("rbc"))
"""The installed `rbc`: `python -m` would load `runpy` beside it."""
