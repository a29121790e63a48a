"""Checks the plans of one side of a comparison, each under the configuration of that side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from rbdsl.analysis.policy import LevelPolicy
from rbdsl.cli.sources import Policies, said
from rbdsl.compiler import Checked, check
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.model.loading import Loader
from rbdsl.project.configuration import Config
from rbdsl.project.configurations import Configurations, Tree
from rbdsl.project.files import Reading
from rbdsl.review.changes.settings import Settings
from rbdsl.source import Source


class Judged(NamedTuple):
    """What is known of a plan, and what the configuration says of it."""

    checked: Checked
    settings: Settings


class Judging:
    """The configurations and policies of one side; `levels` override those of all policies."""

    def __init__(self, levels: dict[int, LevelPolicy] | None, tree: Tree | None = None) -> None:
        """`tree` is where the side's files are, if not on the disk."""
        self._levels = levels
        self._configurations = Configurations(tree=tree)
        self._policies = Policies(tree)

    def of(self, place: Path, reading: Reading, loader: Loader) -> Judged:
        """A source that stands at a place; of one that can't be read or judged, why not."""
        config, problems = self._configurations.of(place)
        levels, faults = self._levels, problems
        if not problems and levels is None:
            levels, faults = self._policies.of(config.policy.value, said(config, None))
        if reading.source is None:
            faults = (*faults, *((reading.diagnostic,) if reading.diagnostic else ()))
        if reading.source is None or levels is None or problems:
            return Judged(_unknown(faults), Settings())
        return Judged(check(reading.source, loader, levels), _settings(config))


def _unknown(faults: tuple[Diagnostic, ...]) -> Checked:
    path = faults[0].span.source.path if faults else ""
    return Checked(Source(path, ""), None, None, faults, {})


def _settings(config: Config) -> Settings:
    place = os.fspath(config.place)
    layers = config.layers_of(place)

    def judge(code: str, usual: Severity) -> Severity | None:
        return config.severity_of(code, usual, place)

    graded = [
        (g.value.selector.start, g.value.severity) for layer in layers for g in layer.severity
    ]
    return Settings(
        tuple(dict.fromkeys(s.value.start for layer in layers for s in layer.select)),
        tuple(dict.fromkeys(s.value.start for layer in layers for s in layer.ignore)),
        tuple(sorted(dict(graded).items())),
        config.strict.value,
        judge,
    )
