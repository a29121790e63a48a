"""Phases, steps, gates and points of no return as declarations and functions of a script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rbdsl.analysis.shell import commands_of
from rbdsl.backends.bash_decisions import decision, decision_lines
from rbdsl.backends.bash_pieces import Piece, mentions, piece
from rbdsl.backends.bash_words import Call, duration, seconds, text_word
from rbdsl.backends.quoting import comment_text, sh
from rbdsl.model.plan import Phase, PointOfNoReturn
from rbdsl.model.steps import Expectation, MatcherKind, Step, Verify
from rbdsl.model.values import Binding, Shell, show_ms

_NO_SHELL = Shell(":", None, (0,))  # type: ignore[arg-type]


@dataclass(slots=True)
class Section:
    """A stretch of a script: heading, the function that declares it, the functions of its shell."""

    heading: list[str]
    name: str
    calls: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    def call(self, call: Call) -> None:
        """Adds a call to the declaration."""
        self.calls += call.lines()


def phase_section(
    phase: Phase,
    number: int,
    count: int,
    limit_ms: int,
    points: Sequence[PointOfNoReturn] = (),
) -> Section:
    """The section of a phase; `limit_ms` is its time limit, `points` are those of the plan."""
    heading = [*_heading(phase, number, count), *_blocking(phase, points), *decision_lines(phase)]
    section = Section(heading, f"phase.{phase.name}")
    call = Call("phase", phase.name.text, sh(phase.title.plain))
    call.put("budget", seconds(phase.budget.ms)).put("limit", seconds(limit_ms))
    call.names("after", dict.fromkeys(n.text for n in (*phase.after, *phase.needs)))
    call.names("needs", (n.text for n in phase.needs))
    call.put("critical", phase.critical.plain if phase.critical else None)
    call.flag("off_clock", phase.off_clock).flag("irreversible", phase.irreversible)
    call.flag("global", phase.run_once)
    section.call(call)
    for item in phase.items:
        if isinstance(item, Step):
            add_step(section, phase.name.text, item, phase.bindings)
        elif isinstance(item, Verify):
            section.call(Call("verify"))
        else:
            section.call(decision(item))
    for step in phase.ensure:
        add_step(section, phase.name.text, step, phase.bindings, "ensure")
    return section


def _heading(phase: Phase, number: int, count: int) -> list[str]:
    lines = [f"Phase {number} of {count}: {phase.title.plain} (budget {phase.budget})"]
    if phase.objective:
        lines.append(f"Objective: {phase.objective.plain}")
    if phase.critical:
        lines.append(f"CRITICAL: {phase.critical.plain}")
    if phase.note:
        lines += phase.note.plain.strip().split("\n")
    return _safe(lines)


def _blocking(phase: Phase, points: Sequence[PointOfNoReturn]) -> list[str]:
    """What must not be crossed when somebody runs the commands of a phase by hand."""
    return _safe(
        f"NEVER past the point of no return `{point.name}` ({point.title.plain}): "
        f"see probe.{point.name} below"
        for point in points
        if any(name.text == phase.name.text for name in point.blocks)
    )


def add_step(
    section: Section,
    owner: str,
    step: Step,
    outer: Sequence[Binding] = (),
    kind: str = "step",
    *,
    regional: bool = False,
) -> None:
    """Adds the declaration of a step and the functions of its shell. A `regional` step of the
    capture is run in every region.
    """
    bindings = merged(outer, step.bindings)
    if step.notify and not step.run and kind == "step":
        kind = "tell"
    call = Call(kind, step.name.text, sh(step.title.plain))
    call.put("timeout", duration(step.timeout))
    if step.retry:
        call.put("retry", step.retry.count).put("every", seconds(step.retry.delay_ms))
    call.flag("done_when", step.done_when).flag("undo", step.undo)
    call.flag("per_region", regional).flag("rerunnable", step.rerunnable).flag(
        "continue", step.continue_on_failure
    )
    call.names("uses", (u.shell for u in step.uses))
    call.names("creates", (a.name.shell for a in step.creates))
    call.names("commands", _commands(step.shells, step.requires))
    call.put("critical", step.critical.plain if step.critical else None)
    if step.notify:
        call.names("notify", step.notify.channels)
        call.put("severity", step.notify.severity.text if step.notify.severity else None)
    section.call(call)
    name = f"{owner}.{step.name}"
    comment = step_comment(step)
    if step.done_when:
        about = [f"Already done when this ends with 0: {step.title.plain}"]
        section.pieces.append(piece(f"done.{name}", step.done_when, bindings, _safe(about)))
    if step.run:
        section.pieces.append(piece(f"step.{name}", step.run, bindings, comment))
    elif kind != "tell":
        section.pieces.append(Piece(f"step.{name}", tuple(comment), ("  :",)))
    add_expectations(section, step.name.text, f"expect.{name}", step.expectations, bindings)
    if step.undo:
        about = [f"Takes it back: {step.title.plain}"]
        section.pieces.append(piece(f"undo.{name}", step.undo, bindings, _safe(about)))


def looks_at_region(step: Step) -> bool:
    """Whether what a step does or makes depends on the region."""
    texts = [a.path for a in step.creates]
    texts += [item for b in step.bindings for item in b.value.items]
    return any(mentions(s.text, "region") for s in step.shells) or any(
        r.name == "region" for text in texts for r in text.references
    )


def merged(outer: Sequence[Binding], inner: Sequence[Binding]) -> tuple[Binding, ...]:
    """The bindings of a phase and of a step in it; the inner one of a name holds."""
    return tuple({b.name.text: b for b in (*outer, *inner)}.values())


def step_comment(step: Step) -> list[str]:
    """What stands above the function of a step."""
    about = [step.title.plain]
    if step.services:
        about[0] += f" ({', '.join(s.text for s in step.services)})"
    if step.takes:
        about[0] += f", takes {show_ms(step.takes.ms)}"
    if step.critical:
        about.append(f"CRITICAL: {step.critical.plain}")
    if step.note:
        about += step.note.plain.strip().split("\n")
    return _safe(about)


def _safe(lines: Iterable[str]) -> list[str]:
    return [comment_text(line) for line in lines]


def add_expectations(
    section: Section,
    owner: str,
    function: str,
    expectations: Sequence[Expectation],
    bindings: Sequence[Binding],
) -> None:
    """Adds what must hold: a declaration with the matcher, a function with the shell."""
    for number, expectation in enumerate(expectations, 1):
        label = expectation.label.plain if expectation.label else ""
        matcher = expectation.matcher
        call = Call("expect", owner, sh(label))
        if matcher is None:
            call.words += ["succeeds", "''"]
        else:
            call.words += [matcher.kind.value, text_word(matcher.value)]
            if matcher.kind is MatcherKind.EQUALS_FILE and matcher.artifact:
                call.words[-1] = f'"${matcher.artifact.shell}"'
        call.put("within", duration(expectation.within)).put("every", duration(expectation.every))
        section.call(call)
        about = [f"Must hold: {label or wanted(expectation)}"]
        section.pieces.append(
            piece(f"{function}.{number}", expectation.shell, bindings, _safe(about))
        )


def wanted(expectation: Expectation) -> str:
    """What an expectation without a label asks for."""
    matcher = expectation.matcher
    return f"{matcher.kind.value} {matcher.value.plain}" if matcher else "it succeeds"


def _commands(shells: Iterable[Shell], requires: Iterable[object]) -> list[str]:
    found = {str(r) for r in requires}
    for shell in shells:
        found.update(commands_of(shell.text))
    return sorted(found)


def check_commands(shells: Iterable[Shell], requires: Iterable[object]) -> list[str]:
    """The commands that a check needs, sorted."""
    return _commands(shells, requires)


def point_section(point: PointOfNoReturn) -> Section:
    """The section of a point of no return: its probe, and the forward fix."""
    heading = [f"Point of no return: {point.title.plain}"]
    if point.because:
        heading.append(f"Because: {point.because.plain}")
    section = Section(_safe(heading), f"point.{point.name}")
    call = Call("point", point.name.text, sh(point.title.plain))
    call.put("because", point.because.plain if point.because else None)
    call.names("blocks", point.blocks).flag("probe", point.crossed_when)
    section.call(call)
    if point.crossed_when:
        about = ["Crossed when this ends with 0; only a 1 says that it is not."]
        section.pieces.append(piece(f"probe.{point.name}", point.crossed_when, (), about))
    for item in point.forward_fix:
        if isinstance(item, Step):
            add_step(section, f"point.{point.name}", item)
        else:
            section.call(decision(item))
    return section
