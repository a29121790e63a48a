"""Everything around the phases as declarations of a script: scenarios, checks, channels,
escalation.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbdsl.analysis.results import Analysis, ScenarioResult
from rbdsl.backends.bash_metrics import bound_call
from rbdsl.backends.bash_phases import Section, add_expectations, check_commands
from rbdsl.backends.bash_pieces import piece
from rbdsl.backends.bash_words import Call, duration, seconds, text_word
from rbdsl.backends.quoting import comment_text, sh
from rbdsl.backends.safety import was_tested
from rbdsl.model.plan import Automation, Plan
from rbdsl.model.proof import Check
from rbdsl.model.regions import Regions
from rbdsl.model.steps import Artifact, Gate
from rbdsl.model.values import show_ms


def scenario_calls(plan: Plan, result: ScenarioResult) -> list[Call]:
    """A scenario: the phases that it runs whole, and of others the steps."""
    order = [phase.name.text for phase in plan.phases]
    scenario = result.scenario
    call = Call("scenario", scenario.name.text, sh(scenario.title.plain))
    call.put("use_when", scenario.use_when.plain if scenario.use_when else None)
    call.put("time", show_ms(result.timeline.total_ms))
    call.names("blocked_by", (p.name.text for p in result.blocked_by))
    call.names("skips", result.skipped_checks)
    calls = [call]
    whole = []
    for entry in result.timeline.phases:
        phase = entry.phase
        if _is_whole(result, order, phase.name.text):
            whole.append(phase.name.text)
        else:
            names = (step.name.text for step in entry.steps)
            calls.append(Call("part", phase.name.text, *names))
    if whole:
        calls.append(Call("whole", *whole))
    return calls


def _is_whole(result: ScenarioResult, order: list[str], name: str) -> bool:
    for span in result.scenario.run:
        first = order.index(span.first.text)
        last = order.index(span.last.text) if span.last else first
        if first <= order.index(name) <= last:
            return True
    return False


def region_calls(regions: Regions) -> list[Call]:
    """The waves in order, with their gates."""
    calls = []
    for entry in regions.entries:
        if isinstance(entry, Gate):
            call = Call("wave_gate", entry.name.text, sh(entry.title.plain))
            call.put("timeout", duration(entry.timeout))
            call.put("approvers", ", ".join(a.plain for a in entry.approvers))
            calls.append(call.flag("continue", entry.continue_otherwise))
        else:
            calls.append(Call("wave", *(r.text for r in entry.regions)))
    return calls


def artifact_calls(plan: Plan, artifacts: Iterable[Artifact]) -> list[Call]:
    """The artifacts; `captured` ones are there before the rollback begins."""
    capture = plan.capture
    captured = {a.name.text for s in capture.steps for a in s.creates} if capture else set()
    own = {capture.baseline.artifact.name.text} if capture and capture.baseline else set()
    used = {n.text for s in plan.steps() for n in s.uses}
    calls = []
    for artifact in artifacts:
        call = Call("artifact", artifact.name.shell, text_word(artifact.path))
        call.flag("captured", artifact.name.text in captured | own)
        call.flag("own", artifact.name.text in own)
        call.put("checksum", artifact.checksum.text if artifact.checksum else None)
        calls.append(call.flag("used", artifact.name.text in used))
    return calls


def verification_section(plan: Plan) -> Section:
    """The checks, the bounds of metrics and the manual checklist."""
    section = Section(["Verification"], "rbc_checks_of_plan")
    verification = plan.verification
    if verification is None:
        return section
    for check in verification.checks:
        _add_check(section, check)
    for bound in verification.bounds:
        section.call(bound_call(bound))
    for confirm in verification.confirms:
        section.call(Call("confirm", sh(confirm.plain)))
    return section


def _add_check(section: Section, check: Check) -> None:
    call = Call("check", check.name.text, sh(check.title.plain)).flag("warn", check.warn)
    call.put("timeout", duration(check.timeout)).names("uses", (u.shell for u in check.uses))
    shells = [e.shell for e in check.expectations]
    section.call(call.names("commands", check_commands(shells, check.requires)))
    function = f"check.{check.name}"
    add_expectations(section, function, function, check.expectations, check.bindings)


def about_call(analysis: Analysis, sha256: str, compiler: str, commands: Iterable[str]) -> Call:
    """What the runtime has to know of the plan as a whole."""
    plan = analysis.plan
    operation = plan.operation.plain if plan.operation else plan.name.text
    call = Call("about", f"name={plan.name}", f"title={sh(plan.title.plain)}")
    call.put("operation", operation).put("lock", lock_name(operation))
    call.put("permit", plan.permit.plain if plan.permit else None)
    call.put("sha256", sha256).put("compiler", compiler)
    call.put("sla", str(-(-analysis.sla_ms // 1000))).put("breach", analysis.policy.breach)
    call.put("time", show_ms(analysis.whole_ms))
    limit = plan.timeout.ms if plan.timeout else max(analysis.worst_whole_ms, analysis.sla_ms)
    call.put("limit", seconds(limit)).put("tested", "true" if was_tested(plan) else "false")
    call.names("commands", commands).flag("confirm", plan.automation is not Automation.FULL)
    call.flag("per_region", plan.regions and analysis.policy.per_region)
    return call


def lock_name(operation: str) -> str:
    """An operation as a file name that is unlike that of any other operation."""
    from hashlib import sha256

    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in operation)
    if safe == operation and not safe.startswith(".") and len(safe) <= 100:
        return safe
    return f"{safe[:100].lstrip('.')}-{sha256(operation.encode()).hexdigest()[:12]}"


def channel_calls(plan: Plan) -> list[Call]:
    """Channels, and what they are told of."""
    communications = plan.communications
    if communications is None:
        return []
    calls = []
    for channel in communications.channels:
        call = Call("channel", channel.name.text, text_word(channel.target))
        kind = channel.name.text if channel.name.text in _KINDS else "webhook"
        call.put("kind", kind)
        calls.append(call.put("secret", channel.secret.shell if channel.secret else None))
    for notice in communications.notices:
        names = [c.text for c in notice.channels]
        calls += [Call("notice", event.text, *names) for event in notice.events]
    return calls


_KINDS = frozenset(["slack", "pagerduty", "email", "webhook"])


def escalation_calls(plan: Plan) -> list[Call]:
    """The rungs of the ladder."""
    return [
        Call(
            "rung",
            str(rung.start.ms // 1000),
            str(rung.end.ms // 1000) if rung.end else "-",
            sh(rung.title.plain),
            sh(", ".join(c.plain for c in rung.contacts)),
            sh("; ".join(a.plain for a in rung.actions)),
        )
        for rung in plan.escalation
    ]


def archive_calls(plan: Plan) -> list[Call]:
    """Where the records of a run are kept."""
    archive = plan.archive
    return [Call("archive", archive.kind.text, text_word(archive.target))] if archive else []


def hook_section(plan: Plan) -> Section:
    """The hooks, numbered by event."""
    section = Section(["Hooks"], "rbc_hooks_of_plan")
    counts: dict[str, int] = {}
    for hook in plan.hooks:
        event = hook.event.text
        counts[event] = counts.get(event, 0) + 1
        about = [comment_text(f"On {event}")]
        section.pieces.append(piece(f"hook.{event}.{counts[event]}", hook.shell, (), about))
    for event, count in counts.items():
        section.call(Call("hooks", event, str(count)))
    return section
