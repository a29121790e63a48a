"""The settings that `rbc check --watch` has seen, and which of them have changed since.

Configurations are looked for in every folder from each plan upwards, where they need not be yet;
policies and baselines are those that a configuration or the command line names. These are few
files, most of them outside of the folders that are watched, so that they are simply looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from rbdsl.cli.outcomes import Outcome
from rbdsl.project.configurations import reachable
from rbdsl.project.settings import NAME, PYPROJECT

NAMES = (NAME, PYPROJECT)

_State = tuple[int, int, int, int] | None

_UNKNOWN: _State = (0, 0, 0, 0)
_COARSE_NS = 50_000_000
"""How far the times of files may lie behind the clock."""


class SettingsSeen:
    """The state of each file when it was last looked at; None for one that was not there."""

    def __init__(self, named: Sequence[Path]) -> None:
        """`named` are those that the command line names."""
        self._named = [os.path.abspath(path) for path in named]
        self._seen: dict[str, _State] = {}

    def look_for(
        self, arguments: Sequence[str], outcomes: Iterable[Outcome], since_ns: int
    ) -> None:
        """From now on, look at the settings of these arguments and of what was found of them.

        A file that was not looked at before counts as changed where it has changed since a time.
        """
        before = self._seen
        self._seen = {
            path: before[path] if path in before else _state_before(path, since_ns)
            for path in self._files(arguments, outcomes)
        }

    def knows(self, path: str) -> bool:
        """Whether a file is one that `changed` tells of."""
        return os.path.realpath(path) in {os.path.realpath(own) for own in self._seen}

    def changed(self) -> set[str]:
        """The files that are not as they were when this was last asked."""
        now = {path: _state(path) for path in self._seen}
        changed = {path for path, state in now.items() if state != self._seen[path]}
        self._seen = now
        return changed

    def _files(self, arguments: Sequence[str], outcomes: Iterable[Outcome]) -> set[str]:
        files = set(self._named)
        starts = {Path(os.path.abspath(argument)) for argument in arguments}
        for outcome in outcomes:
            starts.add(Path(os.path.abspath(outcome.path)))
            if outcome.config:
                named = (outcome.config.policy.value, outcome.config.baseline.value)
                files.update(os.fspath(path) for path in named if path)
        for folder in reachable(starts):
            files.update(os.path.join(folder, name) for name in NAMES)
        return files


def _state_before(path: str, since_ns: int) -> _State:
    state = _state(path)
    return _UNKNOWN if state and state[0] > since_ns - _COARSE_NS else state


def _state(path: str) -> _State:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_ctime_ns, found.st_size, found.st_ino, found.st_mode
