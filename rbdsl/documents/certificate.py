"""What `rbc certify` writes: an in-toto statement (v1) about a plan and what was made of it.

in-toto wants `_type`, `subject`, `predicateType` and `predicate`; the predicate is this project's.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import ConfigDict

from rbdsl.documents.manifest import Compiler
from rbdsl.documents.shape import Count, Instant, PlanIdentity, Seconds, Sha256, Shape

STATEMENT_TYPE: Literal["https://in-toto.io/Statement/v1"] = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Literal["urn:rbdsl:predicate:certificate:1"] = "urn:rbdsl:predicate:certificate:1"


class Digest(Shape):
    """The hash of a subject."""

    sha256: Sha256
    """Of its bytes."""


class Subject(Shape):
    """A file that the statement is about."""

    name: str
    """A source by its path from the plan's folder, or a generated file as `PLAN/path`."""
    digest: Digest
    """Its hash."""


class Level(Shape):
    """What the plan is measured by."""

    number: int
    """The level of the plan."""
    title: str
    """What the policy calls it."""
    policy_sha256: Sha256 | None
    """The hash of the policy file, null for the shipped policy."""
    sla_seconds: Seconds
    """Its SLA."""
    clock_seconds: Seconds
    """The time of the plan that the SLA is compared with."""
    worst_seconds: Seconds
    """The same in the worst case."""


class Requirement(Shape):
    """One requirement of the level."""

    id: str
    """The policy's word, e.g. `staging-test`."""
    code: str
    """The rule that reports it."""
    title: str
    """What the policy calls it."""
    mandatory: bool
    """Whether the level demands it, or only recommends it."""
    status: Literal["proven", "weakened", "stale", "missing"]
    """How far it is met; stale is evidence for another version of the plan."""
    binding: Literal["plan", "run", "stated", "none"]
    """What ties the evidence to this version: the plan itself, a run of it, or only its word."""
    evidence: str
    """The proving element in words, or what is wrong."""
    position: str | None
    """Where the element stands, as `path:line`."""
    run: str | None
    """The run that decided."""


class Run(Shape):
    """A run that was looked at."""

    run: str
    """Its name."""
    plan_sha256: str
    """The hash of the plan that was run."""
    environment: str
    """Where it was rehearsed; empty for a rollback in earnest."""
    scenario: str
    """`full`, or the scenario."""
    started_at: str
    """As the journal says."""
    ended_at: str | None
    """Null where it has not ended."""
    outcome: str | None
    """As the journal says."""
    clock_seconds: Seconds | None
    """The time on the SLA clock."""
    verified: bool
    """Whether its verification passed."""
    worth: Literal["proof", "weak", "failed", "fault", "stale", "none"]
    """What it is worth as evidence."""
    why: str
    """Why."""
    bound_by: Literal["plan", "script"] | None
    """By what it belongs to this version: the plan's hash, or a script that does the same."""
    journal_lines: Count
    """How many lines its journal has."""
    journal_head: Sha256
    """The hash of the last line of its journal, which vouches for all lines."""


class Problem(Shape):
    """An error of the plan that no evidence makes up for."""

    code: str
    """The rule."""
    message: str
    """The fact."""
    position: str
    """Where, as `path:line`."""


class Predicate(Shape):
    """What is said of the subjects."""

    plan: PlanIdentity
    """Which plan."""
    compiler: Compiler
    """What judged it."""
    certified_at: Instant | None
    """The time that was given, else null: then the statement depends on its inputs alone."""
    level: Level
    """What it is measured by."""
    reached: bool
    """Whether the plan reaches its level: every mandatory requirement proven, and no problem."""
    requirements: list[Requirement]
    """All of them, mandatory ones first."""
    runs: list[Run]
    """The runs that were looked at, by their start."""
    problems: list[Problem]
    """Errors."""


def _in_toto(field: str) -> str:
    """The name that in-toto has for a field."""
    return {"type": "_type", "predicate_type": "predicateType"}.get(field, field)


class CertificateDocument(Shape):
    """Which requirement of its level a plan proves, and by what."""

    model_config = ConfigDict(
        title="Certificate of a rollback plan", populate_by_name=True, alias_generator=_in_toto
    )

    type: Literal["https://in-toto.io/Statement/v1"]
    """The version of in-toto's statement."""
    subject: list[Subject]
    """The plan's sources, and the generated files where the plan compiles."""
    predicate_type: Literal["urn:rbdsl:predicate:certificate:1"]
    """The kind of the predicate."""
    predicate: Predicate
    """What is said."""

    def to_json(self) -> str:
        """The document as indented JSON with in-toto's names; beyond ASCII escaped."""
        tree = self.model_dump(mode="json", exclude_unset=True, by_alias=True)
        return json.dumps(tree, indent=2, allow_nan=False) + "\n"
