"""The level policies: what each certification level demands, read from TOML.

`stdlib/levels.toml` is the shipped one; an organisation brings its own file of the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """What one level demands; each level keeps the demands of the ones below it.

    `requires` and `recommends` are requirement ids (`staging-test`); `breach` is what follows
    when the SLA is broken, in the policy's words.
    """

    number: int
    title: str
    sla_ms: int
    target_ms: int
    per_region: bool
    breach: str
    requires: tuple[str, ...]
    recommends: tuple[str, ...]
