"""Which runs are evidence for a plan, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import zip_longest

from rbdsl.analysis.journal import FoundRun, Run
from rbdsl.analysis.results import Analysis
from rbdsl.model.values import show_ms
from rbdsl.record import dataclass

_IDENTITY = re.compile(
    r"^# Compiled by .*$|^# sha256 [0-9a-f]{64}$|\bsha256=[0-9a-f]{64} compiler=\S+( \S+')?"
    r"|\btested=(true|false)\b",
    re.MULTILINE,
)
"""What of a script names its sources, and whether they were tested: nothing of what it does."""
_EDITED = (
    "the script that it kept is not what the plan compiles to, but was edited, or compiled under "
    "other levels: they differ"
)
_COMPILER = re.compile(r"\bsha256=[0-9a-f]{64} compiler=(\S+( \S+')?)")
_SCRIPT_OF = re.compile(r"\bsha256=([0-9a-f]{64}) compiler=")


class Worth(StrEnum):
    """What a run is worth as evidence that the plan was tried."""

    PROOF = "proof"
    WEAK = "weak"
    FAILED = "failed"
    FAULT = "fault"
    STALE = "stale"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A run, what it is worth, and why in words. `bound` says by what it belongs to the plan."""

    run: Run
    worth: Worth
    why: str
    bound: str


def judge(
    found: Iterable[FoundRun], analysis: Analysis, plan_sha256: str, script: str | None
) -> tuple[JudgedRun, ...]:
    """The runs of rollbacks in the order in which they were started.

    A run belongs to the plan where its hash is that of the plan, or where the script that it kept
    is the plan's `script` but for the lines that name the sources: then only what stands around
    the procedure has changed, such as the note of the test itself. A kept script that has the
    hash of the plan and does something else was changed by hand.
    """
    judged = [
        _judge(f.run, f.script, analysis, plan_sha256, script)
        for f in found
        if isinstance(f.run, Run)
    ]
    return tuple(sorted(judged, key=lambda j: (j.run.started, j.run.run)))


def _judge(
    run: Run, kept: str, analysis: Analysis, plan_sha256: str, script: str | None
) -> JudgedRun:
    bound = ""
    if run.plan_sha256 == plan_sha256:
        bound = "plan"
    elif script and _same_script(kept, script, run.plan_sha256):
        bound = "script"
    worth, why = _worth(run, analysis, bound=bool(bound))
    if bound == "plan" and script and worth in {Worth.PROOF, Worth.WEAK}:
        if not kept:
            worth, why = Worth.WEAK, "its script is missing, so nobody can tell what was run"
        elif _compiler(kept) == _compiler(script):
            line = _first_difference(kept, script)
            if line:
                worth, why = Worth.FAULT, f"{_EDITED} at line {line}"
    return JudgedRun(run, worth, why, bound)


def _worth(run: Run, analysis: Analysis, *, bound: bool) -> tuple[Worth, str]:
    if run.plan != analysis.plan.name.text:
        return Worth.NONE, f"of another plan, `{run.plan}`"
    if not run.rehearsal:
        return Worth.NONE, "no rehearsal, but a rollback in earnest"
    if run.outcome is None:
        return Worth.NONE, "has not ended"
    if not bound:
        return Worth.STALE, f"of another version of the plan, {run.plan_sha256[:12]}"
    if run.outcome not in {"success", "sla_breach"}:
        return Worth.FAILED, f"ended with `{run.outcome}`"
    took = (run.clock_seconds or 0) * 1000
    weakness = _part(run)
    if not weakness and not run.verified:
        weakness = "was not verified"
    if not weakness and (run.outcome == "sla_breach" or took > analysis.sla_ms):
        weakness = f"took {show_ms(took)}, the SLA is {show_ms(analysis.sla_ms)}"
    if weakness:
        return Worth.WEAK, weakness
    return Worth.PROOF, f"done in {show_ms(took)} on the clock, verified"


def _part(run: Run) -> str:
    """What of the plan alone was run, or nothing where it was all of it."""
    parts = [] if run.scenario == "full" else [f"scenario {run.scenario}"]
    parts += [f"region {run.region}"] if run.region else []
    parts += [run.part] if run.part else []
    parts += [f"mode {run.mode}"] if run.mode not in {"run", "resume"} else []
    return f"only a part: {', '.join(parts)}" if parts else ""


def _compiler(script: str) -> str:
    found = _COMPILER.search(script)
    return found[1] if found else ""


def _first_difference(kept: str, script: str) -> int:
    """The first line in which two scripts do something else, 0 without one."""
    pairs = zip_longest(_IDENTITY.sub("", kept).split("\n"), _IDENTITY.sub("", script).split("\n"))
    return next((number for number, (one, other) in enumerate(pairs, 1) if one != other), 0)


def _same_script(kept: str, script: str, sha256: str) -> bool:
    """Whether a kept script is that of the run, and does what the script of the plan does."""
    own = _SCRIPT_OF.search(kept)
    if own is None or own[1] != sha256:
        return False
    return _IDENTITY.sub("", kept) == _IDENTITY.sub("", script)
