"""Runs single steps and checks of a module as a generated script would: their own shell, strict
bash, the arguments of the call as shell variables.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from rbdsl.model.plan import Plan
from rbdsl.model.proof import Check
from rbdsl.model.steps import Expectation, MatcherKind
from rbdsl.model.values import Binding, Shell, Text, ValueType
from tests.checking import checked

PROOF = 'phase proof "Proof" { budget 1m; verify }'


def plan_of(module: str, steps: str, checks: str = "", variables: str = "") -> Plan:
    """A plan that calls what `std/<module>` exports, as `m.…`."""
    text = (
        f'rbplan 1\nuse std/{module} as m\nplan x "X" {{\nlevel 2\n{variables}\n'
        f'phase work "Work" {{\nbudget 10m\n{steps}\n}}\n{PROOF}\n'
        f'verification {{\n{checks}\nconfirm "Seen"\n}}\n}}\n'
    )
    found = checked(text)
    assert found.plan is not None, [d.message for d in found.diagnostics]
    return found.plan


class Bench:
    """Runs shell in a folder with an environment; artifacts are plain variables there."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], variables: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.environment = {**os.environ, **environment}
        self.variables = dict(variables)

    def shell(
        self, shell: Shell | None, bindings: Iterable[Binding] = ()
    ) -> subprocess.CompletedProcess[str]:
        """One piece of shell, in strict bash, for at most 30 seconds."""
        assert shell is not None
        lines = ["set -euo pipefail"]
        lines += [f"{name}={shlex.quote(value)}" for name, value in self.variables.items()]
        lines += [self._assignment(binding) for binding in bindings]
        return subprocess.run(
            ["bash", "-c", "\n".join([*lines, shell.text])],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def run(self, plan: Plan, step: str) -> None:
        """A step: what it runs, then everything it expects, which must hold."""
        found = next(s for s in plan.phases[0].steps if s.name.text == step)
        done = self.shell(found.run, found.bindings)
        assert done.returncode == 0, done.stderr
        for expectation in found.expectations:
            assert self.holds(expectation, found.bindings)

    def undo(self, plan: Plan, step: str) -> None:
        """The way back of a step."""
        found = next(s for s in plan.phases[0].steps if s.name.text == step)
        done = self.shell(found.undo, found.bindings)
        assert done.returncode == 0, done.stderr

    def is_done(self, plan: Plan, step: str) -> bool:
        """What `done_when` of a step says."""
        found = next(s for s in plan.phases[0].steps if s.name.text == step)
        return self.shell(found.done_when, found.bindings).returncode == 0

    def passes(self, check: Check) -> bool:
        """Whether all that a check expects holds."""
        return all(self.holds(e, check.bindings) for e in check.expectations)

    def holds(self, expectation: Expectation, bindings: Iterable[Binding]) -> bool:
        """Whether an expectation holds at once; the output is trimmed as the language says."""
        done = self.shell(expectation.shell, bindings)
        matcher = expectation.matcher
        if done.returncode != 0 or matcher is None:
            return done.returncode == 0
        wanted = self.value(matcher.value)
        if matcher.kind is MatcherKind.EQUALS_FILE:
            return done.stdout.strip() == (self.folder / wanted).read_text().strip()
        if matcher.kind is MatcherKind.MATCHES:
            return re.search(wanted, done.stdout.strip()) is not None
        assert matcher.kind is MatcherKind.EQUALS
        return done.stdout.strip() == wanted

    def value(self, text: Text) -> str:
        """A text with its references read from the bench's variables."""
        return "".join(
            part if isinstance(part, str) else self.variables[part.shell] for part in text.parts
        )

    def _assignment(self, binding: Binding) -> str:
        items = [shlex.quote(self.value(item)) for item in binding.value.items]
        if binding.value.type is ValueType.STRINGS:
            return f"{binding.name.shell}=({' '.join(items)})"
        return f"{binding.name.shell}={items[0]}"
