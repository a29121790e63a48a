"""What ShellCheck gets to see of a plan or module: each piece of shell as a script of its own.

Pure. A piece runs in a bash of its own, so nothing that one of them sets is there in the next. What
comes back is read by `shellcheck_answers`; the program is run by `rbdsl.project.shellcheck`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rbdsl.analysis.shell import parsed, syntax_problem
from rbdsl.model.lowering.exports import Module
from rbdsl.model.plan import Plan
from rbdsl.model.proof import Check
from rbdsl.model.steps import Step
from rbdsl.model.values import Binding, Shell, ValueType
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

Declared = Mapping[str, ValueType]
"""Shell variables that a piece finds set, by name."""

LONGEST = 100_000
"""The most characters of a piece that ShellCheck is asked about: 4 s and 200 MB, and both grow with
the length (measured with 0.11).
"""
MOST_JOINED = 500
"""The most commands that a list of it joins by `&&` and `||`: 2 s, growing with the square."""

_SHEBANG = "#!/bin/bash -eu"
_WORD = lazy_pattern(r"[A-Za-z_]\w*", re.ASCII)
_DIRECTIVE = lazy_pattern(r"\s*#\s*shellcheck\s")
_FROM_RUNTIME = "RBC_"
_STAND_INS = {
    # Values that can't fall apart into words, so that ShellCheck asks for no quotes around them.
    ValueType.INT: "1",
    ValueType.BOOL: "true",
    ValueType.DURATION: "1",
    ValueType.RATIO: "0.1",
    ValueType.NAME: "name",
}


@dataclass(frozen=True, slots=True)
class Script:
    """A piece of shell as ShellCheck gets it.

    `origins[i]` is the line of the piece (from 1) that line i of `text` is a copy of, or 0 for
    what stands in no piece.
    """

    shell: Shell
    text: str
    origins: tuple[int, ...]


def scripts(plan: Plan) -> list[Script]:
    """All the shell of a plan that is complete bash, with the variables that each piece sees."""
    declared = _declared(plan)
    return _made((shell, {**declared, **own}) for shell, own in _pieces(plan))


def module_scripts(module: Module, shells: Iterable[Shell]) -> list[Script]:
    """The same for the shell in a module's own exports, with their parameters declared."""
    return _made(
        (shell, {p.name.shell: p.type for p in export.parameters})
        for shell in shells
        # That of another module, which this one calls, is looked at there.
        if shell.span.source is module.source
        for export in module.exports.values()
        if export.node.start <= shell.span.start < export.node.end
    )


def _made(pieces: Iterable[tuple[Shell, Declared]]) -> list[Script]:
    fit = ((s, d) for s, d in pieces if not too_long(s) and syntax_problem(s) is None)
    return list(dict.fromkeys(script(shell, declared) for shell, declared in fit))


def too_long(shell: Shell) -> bool:
    """Whether ShellCheck is not asked about a piece, as that would take too long."""
    return len(shell.text) > LONGEST or joined(shell.text) > MOST_JOINED


def joined(text: str) -> int:
    """How many commands the longest list of a text joins by `&&` and `||`, where it may be long."""
    if text.count("&&") + text.count("||") < MOST_JOINED:
        return 0
    most = 0
    waiting = [(parsed(text), 1)]
    while waiting:
        node, count = waiting.pop()
        is_list = node.type == "list"
        most = max(most, count + is_list)
        waiting.extend((c, count + 1 if is_list and c.type == "list" else 1) for c in node.children)
    return most


def script(shell: Shell, declared: Declared) -> Script:
    """A piece behind a strict shebang and what declares the variables that it mentions.

    A directive at the very top of the piece is about the whole piece: it has to stand above the
    declarations, too.
    """
    lines = shell.text.split("\n")
    top, origins = [_SHEBANG], [0]
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        if _DIRECTIVE.match(line):
            top.append(line)
            origins.append(number)
    names = sorted(set(_WORD.findall(shell.text)))
    kinds = {n: declared[n] for n in names if n in declared}
    kinds |= {n: ValueType.STRING for n in names if n.startswith(_FROM_RUNTIME)}
    if kinds:
        top.append("; ".join(_declaration(name, kind) for name, kind in kinds.items()))
        origins.append(0)
    text = "\n".join([*top, *lines, ""])
    return Script(shell, text, (*origins, *range(1, len(lines) + 1)))


def _declaration(name: str, kind: ValueType) -> str:
    if kind is ValueType.STRINGS:
        return f"read -r -a {name}"
    if kind in _STAND_INS:
        return f"{name}={_STAND_INS[kind]}"
    return f"read -r {name}"


def _declared(plan: Plan) -> dict[str, ValueType]:
    """The variables that every piece of a plan sees."""
    found = {artifact.name.shell: ValueType.STRING for artifact in plan.artifacts}
    found |= {variable.name.shell: variable.type for variable in plan.variables}
    if plan.regions:
        found["region"] = ValueType.STRING
    return found


def _pieces(plan: Plan) -> Iterator[tuple[Shell, Declared]]:
    """Every piece of shell with the parameters of the module that it comes from."""
    for phase in plan.phases:
        for step in phase.all_steps:
            own = {**_parameters(phase.bindings), **_seen(step)}
            yield from ((shell, own) for shell in step.shells)
    inside = {id(step) for phase in plan.phases for step in phase.all_steps}
    for step in plan.steps():
        if id(step) not in inside:
            yield from ((shell, _seen(step)) for shell in step.shells)
    for check in plan.verification.checks if plan.verification else ():
        yield from ((e.shell, _seen(check)) for e in check.expectations)
    loose = [p.crossed_when for p in plan.points_of_no_return]
    loose += [hook.shell for hook in plan.hooks]
    loose += [run.deploy for run in plan.testing.runs] if plan.testing else []
    loose += [plan.capture.baseline.shell] if plan.capture and plan.capture.baseline else []
    yield from ((shell, {}) for shell in loose if shell is not None)


def _seen(part: Step | Check) -> dict[str, ValueType]:
    """Its parameters and what it uses: that no step makes this is reported as such."""
    used = {name.shell: ValueType.STRING for name in part.uses}
    return {**used, **_parameters(part.bindings)}


def _parameters(bindings: Iterable[Binding]) -> dict[str, ValueType]:
    return {binding.name.shell: binding.value.type for binding in bindings}
