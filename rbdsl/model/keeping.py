"""What is saved before the change, and where the records of a run are kept."""

from __future__ import annotations

from rbdsl.model.steps import Artifact, Step
from rbdsl.model.values import Name, Shell, Text
from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class Fact:
    """`fact "Active user sessions" is "~12,000"`."""

    label: Text
    value: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Baseline:
    """`baseline` and a command: what it prints before the change is the artifact `baseline`."""

    shell: Shell
    artifact: Artifact
    span: Span


@dataclass(frozen=True, slots=True)
class Capture:
    """What is saved before the change."""

    facts: tuple[Fact, ...]
    steps: tuple[Step, ...]
    baseline: Baseline | None
    span: Span


@dataclass(frozen=True, slots=True)
class Archive:
    """`archive s3 "s3://bucket/prefix/"` or `archive folder "/srv/audit"`."""

    kind: Name
    target: Text
    span: Span
