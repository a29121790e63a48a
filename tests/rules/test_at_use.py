"""What is found in the library stands where the plan uses it: the library can't be changed."""

from __future__ import annotations

from rbdsl.compiler import check
from rbdsl.diagnostics import Diagnostic
from rbdsl.model.loading import Loaded
from rbdsl.source import Source
from tests.checking import shipped_policies

LIBRARY = """\
rbplan 1
module "Things"
step restart(wait: duration = 90s "How long") "Restart" {
  timeout 2m
  rerunnable
  run ```
    kubectl rollout restart deployment/shop
    kubectl rollout status deployment/shop --timeout="${wait}s"
  ```
}
phase all(wait: duration = 90s "How long") "All" {
  budget 1h
  step one "One" { timeout 2m; rerunnable; run `kubectl rollout status d/x --timeout="${wait}s"` }
}
"""
PLAN = """\
rbplan 1
use std/things as things
plan p "P" {
  level 2
  phase back "Back" {
    budget 1h
    step a "A" things.restart(wait: 30m)
    step b "B" things.restart(wait: 1m)
  }
}
"""


class OneModule:
    """Finds the same module under every name."""

    def load(self, path: str, *, standard: bool, importer: Source) -> Loaded:
        del standard, importer
        return Loaded(path, Source(path, LIBRARY))


def late(text: str) -> list[Diagnostic]:
    """What is said of a time limit that is longer than the one around it."""
    checked = check(Source("p.rbplan", text), OneModule(), shipped_policies())
    return [found for found in checked.diagnostics if found.code == "RB316"]


def test_a_finding_in_the_library_stands_at_the_call() -> None:
    (found,) = late(PLAN)
    assert found.span.source.path == "p.rbplan"
    assert found.span.text == "things.restart(wait: 30m)"
    assert found.notes[-1].startswith("it is about line 8 of `std/things`: kubectl rollout status")
    assert found.fix is None


def test_each_call_has_its_own() -> None:
    both = late(PLAN.replace("wait: 1m", "wait: 40m"))
    assert [found.span.text[-4:] for found in both] == ["30m)", "40m)"]


def test_a_finding_in_a_phase_of_the_library_stands_at_the_phase() -> None:
    phase = 'phase back "Back" things.all(wait: 30m)'
    start = PLAN.index("  phase back")
    (found,) = late(f"{PLAN[:start]}  {phase}\n}}\n")
    assert found.span.source.path == "p.rbplan"
    assert found.span.begin.line == 5


def test_a_call_may_allow_it() -> None:
    allowed = PLAN.replace("    step a", '    # rbc: allow RB316 "nobody waits for it"\n    step a')
    assert late(allowed) == []


def test_a_module_of_ones_own_is_shown_itself() -> None:
    (found,) = late(PLAN.replace("std/things", '"things.rbplan"'))
    assert found.span.source.path == "things.rbplan"
