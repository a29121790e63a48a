"""What documents look up in a plan by name, found once: a plan may have thousands of steps."""

from __future__ import annotations

from collections.abc import Mapping

from rbdsl.model.plan import Plan
from rbdsl.model.values import Text, Value, ValueType
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class PlanIndex:
    """A plan with the number of each phase, the path of each artifact, the value of each list."""

    plan: Plan
    phase_numbers: Mapping[str, int]
    artifact_paths: Mapping[str, Text]
    lists: Mapping[str, Value]

    @classmethod
    def of(cls, plan: Plan) -> PlanIndex:
        """The index of a plan; phases are numbered from 1 in order of declaration."""
        return cls(
            plan,
            {phase.name.text: number for number, phase in enumerate(plan.phases, 1)},
            {artifact.name.text: artifact.path for artifact in plan.artifacts},
            {
                v.name.text: v.value
                for v in plan.variables
                if v.value and v.type is ValueType.STRINGS
            },
        )
