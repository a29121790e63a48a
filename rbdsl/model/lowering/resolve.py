"""Whether every name that a plan mentions is declared, and every shell variable its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from rbdsl.diagnostics import Label, did_you_mean
from rbdsl.model.errors import COLLISION, RESERVED_NAME, UNKNOWN_NAME, WRONG_ORDER
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.plan import Plan, VariableKind
from rbdsl.model.values import Name


def resolve(plan: Plan, reader: Reader) -> None:
    """Reports unknown names, ranges that run backwards, and colliding variables.

    Artifacts that nobody creates are no business of names: the plan can be looked at all the same
    (see RB801).
    """
    phases = [p.name.text for p in plan.phases]
    services = {s.name.text for s in plan.services}
    for phase in plan.phases:
        _known(reader, (*phase.after, *phase.needs), phases, "phase")
    for point in plan.points_of_no_return:
        _known(reader, point.blocks, phases, "phase")
    for scenario in plan.scenarios:
        _known(reader, scenario.only, services, "service")
        for part in scenario.run:
            ends = (part.first,) if part.last is None else (part.first, part.last)
            if _known(reader, ends, phases, "phase") and part.last is not None:
                first, last = (phases.index(n.text) for n in ends)
                if last < first:
                    reader.add(
                        WRONG_ORDER,
                        part.span,
                        f"phase `{part.last}` is declared before `{part.first}`",
                        hint=f"write `{part.last}..{part.first}`",
                    )
    if plan.triggers is not None:
        scenarios = [s.name.text for s in plan.scenarios]
        for trigger in plan.triggers.automatic:
            if trigger.scenario is not None:
                _known(reader, (trigger.scenario,), scenarios, "scenario")
    if plan.regions is not None:
        _reserved_for_regions(reader, (*plan.regions.names, *(p.name for p in plan.phases)))
    _steps(plan, reader, services)
    _channels(plan, reader)
    _collisions(plan, reader)


def _reserved_for_regions(reader: Reader, names: Iterable[Name]) -> None:
    """`regions` is what the generated script calls what stands between the waves."""
    for name in names:
        if name.text == "regions":
            hint = "give it another name"
            reader.add(
                RESERVED_NAME, name.span, "`regions` is a name of the script's own", hint=hint
            )


def _steps(plan: Plan, reader: Reader, services: Collection[str]) -> None:
    for step in plan.steps():
        _known(reader, step.services, services, "service")
    if plan.verification is not None:
        subjects = {*services, *(p.name.text for p in plan.phases)}
        for check in plan.verification.checks:
            _known(reader, check.subjects, subjects, "service or phase")


def _channels(plan: Plan, reader: Reader) -> None:
    channels = [] if plan.communications is None else plan.communications.channels
    known = {c.name.text for c in channels}
    if plan.communications is not None:
        for notice in plan.communications.notices:
            _known(reader, notice.channels, known, "channel")
    for step in plan.steps():
        if step.notify is not None:
            _known(reader, step.notify.channels, known, "channel")


def _known(reader: Reader, names: Iterable[Name], known: Collection[str], what: str) -> bool:
    """Whether all of the names are known; the others are reported."""
    good = True
    for name in names:
        if name.text in known:
            continue
        good = False
        article = "an" if what[0] in "aeiou" else "a"
        hint = did_you_mean(name.text, known)
        if hint is None:
            listed = ", ".join(f"`{k}`" for k in sorted(known)[:12])
            hint = f"known are {listed}" if known else f"the plan declares no {what}"
        reader.add(UNKNOWN_NAME, name.span, f"`{name}` is not {article} {what}", hint=hint)
    return good


def _collisions(plan: Plan, reader: Reader) -> None:
    """Names that become the same shell variable, such as `api-image` and `api_image`."""
    seen: dict[str, Name] = {}
    for name in _variables(plan):
        first = seen.setdefault(name.shell, name)
        if first is not name and first.span != name.span:
            reader.add(
                COLLISION,
                name.span,
                f"`{name}` and `{first}` become the same shell variable `{name.shell}`",
                labels=[Label(name.span, "again here"), Label(first.span, "first here")],
                hint="give one of them another name",
            )


def _variables(plan: Plan) -> Iterator[Name]:
    yield from (v.name for v in plan.variables if v.kind is not VariableKind.SECRET)
    yield from (v.name for v in plan.variables if v.kind is VariableKind.SECRET)
    yield from (a.name for a in plan.artifacts)
