"""The only orchestrator: load → parse → lower → analyse → check → emit.

Pure: reads nothing but what the caller hands in (`Loader`, policies, the time), writes nothing.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from rbdsl import __version__
from rbdsl.diagnostics import Diagnostic, Suppressed, has_errors, ordered
from rbdsl.model.loading import Loader, Modules, is_module, read_own_module
from rbdsl.model.lowering.plan import lower
from rbdsl.record import dataclass
from rbdsl.source import Source
from rbdsl.syntax.parser import parse

if TYPE_CHECKING:
    from rbdsl.analysis.policy import LevelPolicy
    from rbdsl.analysis.results import Analysis
    from rbdsl.analysis.shellcheck import Script
    from rbdsl.analysis.shellcheck_answers import Answers
    from rbdsl.backends.output import EmitRequest, InputFile, OutputFile
    from rbdsl.model.plan import Plan
    from rbdsl.rules.context import Context


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a file after checking it.

    `plan` is None where it has errors of spelling, name or type, or is a module (`is_module`);
    `analysis` is None too where the graph makes no sense or the level is unknown. `inputs` are the
    file and every module it was made from, by the path that outputs show. Findings are in order of
    place; they stay the same until the time passes one of `moments`. `suppressed` are those that
    comments allow.
    """

    source: Source
    plan: Plan | None
    analysis: Analysis | None
    diagnostics: tuple[Diagnostic, ...]
    inputs: Mapping[str, Source]
    is_module: bool = False
    suppressed: tuple[Suppressed, ...] = ()
    moments: tuple[datetime, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing stops compilation."""
        return not has_errors(self.diagnostics)


@dataclass(frozen=True, slots=True)
class Examined:
    """A file as far as it can be looked at before its shell is: what `conclude` goes on with.

    `found` are the findings of the earlier stages; `scripts` is what ShellCheck is to be asked;
    `exported` is what a module exports, as a plan. `level_known` is False where the `context` is
    of a level that demands nothing.
    """

    source: Source
    inputs: Mapping[str, Source]
    found: tuple[Diagnostic, ...]
    plan: Plan | None = None
    context: Context | None = None
    is_module: bool = False
    scripts: tuple[Script, ...] = ()
    exported: Context | None = None
    level_known: bool = True


class Linter(Protocol):
    """Asks ShellCheck, which this module does not start: `rbdsl.project.shellcheck` does."""

    def ask(self, texts: Iterable[str]) -> Callable[[], Answers]:
        """Begin to look at some scripts; what comes back waits for the answers."""
        ...

    def stop(self) -> None:
        """End what is not needed any more."""
        ...


def check(
    source: Source,
    loader: Loader,
    policies: Mapping[int, LevelPolicy],
    now: datetime | None = None,
    linter: Linter | None = None,
) -> Checked:
    """Everything that can be said about a plan or module without running it.

    `now` is what evidence is compared with; without it nothing is said of evidence from the
    future. Without a `linter` nothing is said of what ShellCheck would find. Never raises for any
    text.
    """
    examined = examine(source, loader, policies, now)
    if linter is None:
        return conclude(examined)
    try:
        return conclude(examined, linter.ask(s.text for s in examined.scripts))
    finally:
        linter.stop()


def examine(
    source: Source,
    loader: Loader,
    policies: Mapping[int, LevelPolicy],
    now: datetime | None = None,
) -> Examined:
    """The stages up to the analysis; see `check`. Several files can so be asked about at once."""
    shown = posixpath.basename(source.path.replace("\\", "/")) or source.path
    inputs = {shown: source}
    tree, errors = parse(source)
    if tree is None:
        return Examined(source, inputs, tuple(errors))
    modules = Modules(loader)
    used, imports = modules.of(tree, shown)
    inputs.update(modules.inputs)
    if is_module(tree):
        from rbdsl.analysis.shellcheck import module_scripts
        from rbdsl.rules.artifacts import rb810_shell_syntax
        from rbdsl.rules.by_itself import context_of
        from rbdsl.rules.values import rb897_shell_too_long

        module, contents, found = read_own_module(tree, used)
        shells = contents.shells
        found = [*modules.report, *found]
        # A parameter with an error is none, and every use of it would be reported as well.
        asked = () if has_errors(found) else tuple(module_scripts(module, shells))
        found += [*rb810_shell_syntax.problems(shells), *rb897_shell_too_long.problems(shells)]
        alone = None if has_errors(found) else context_of(module, contents, policies)
        return Examined(source, inputs, tuple(found), is_module=True, scripts=asked, exported=alone)
    plan, found = lower(tree, used, imports)
    everything = (*modules.report, *found)
    if plan is None or has_errors(modules.report):
        return Examined(source, inputs, everything)
    from rbdsl.analysis.analyse import analyse, at_no_level
    from rbdsl.analysis.shellcheck import scripts
    from rbdsl.rules.context import Context

    analysis, unsound = analyse(plan, policies)
    found = [*everything, *unsound]
    judged = analysis or at_no_level(plan, policies)
    if judged is None:
        return Examined(source, inputs, tuple(found), plan)
    return Examined(
        source,
        inputs,
        tuple(found),
        plan,
        Context(plan, judged, now),
        scripts=tuple(scripts(plan)),
        level_known=analysis is not None,
    )


def conclude(examined: Examined, answers: Callable[[], Answers] | None = None) -> Checked:
    """The rules, what ShellCheck said, and what the file allows by name; see `check`.

    `answers` is called when the rules are through: ShellCheck may work as long as they do.
    """
    context, source = examined.context, examined.source
    found: list[Diagnostic] = []
    suppressed: tuple[Suppressed, ...] = ()
    if context or examined.is_module:
        from rbdsl.rules.registry import run, run_by_itself, unless_allowed

        found = run(context) if context else []
        if examined.exported:
            found = run_by_itself(examined.exported, source)
        if answers and examined.scripts:
            from rbdsl.analysis.shellcheck_answers import diagnostics
            from rbdsl.rules.said_once import said_once

            said = list(diagnostics(examined.scripts, answers()))
            found.extend(said_once(found, said) if context else said)
        if asked := context or examined.exported:
            from rbdsl.rules.at_use import at_use

            found = at_use(found, asked.plan)
        judged = unless_allowed(
            found,
            source,
            rules=context is not None and examined.level_known,
            shellcheck=answers is not None,
            shells=[shell.span for shell in context.shells()] if context else (),
        )
        found, suppressed = judged.reported, tuple(judged.suppressed)
    return Checked(
        source,
        examined.plan,
        context.analysis if context and examined.level_known else None,
        tuple(ordered([*examined.found, *found])),
        examined.inputs,
        examined.is_module,
        suppressed,
        tuple(context.moments) if context else (),
    )


def emit(checked: Checked, targets: Iterable[str] | None = None) -> list[OutputFile]:
    """The generated files of a plan without errors, for some targets or for all.

    Raises ValueError where there is nothing to emit from; the caller looks at `ok` first.
    """
    from rbdsl.backends.registry import emit as emit_targets

    return emit_targets(emit_request(checked), targets)


def emit_request(checked: Checked) -> EmitRequest:
    """What backends get; see `emit`."""
    from rbdsl.backends.output import EmitRequest, InputFile

    if checked.analysis is None or not checked.ok:
        raise ValueError(f"{checked.source.path} has errors or holds no plan")
    inputs = tuple(InputFile(path, sha256_of(source)) for path, source in checked.inputs.items())
    return EmitRequest(
        checked.analysis,
        inputs,
        plan_sha256(inputs),
        checked.diagnostics,
        __version__,
    )


def sha256_of(source: Source) -> str:
    """The SHA-256 of a source's bytes, as `sha256sum` prints it for the file."""
    import hashlib

    mark = "\ufeff" if source.bom else ""
    return hashlib.sha256((mark + source.text).encode("utf-8")).hexdigest()


def plan_sha256(inputs: Iterable[InputFile]) -> str:
    """What identifies a plan with all it imports: the SHA-256 over `hash  path` lines."""
    import hashlib

    lines = [f"{i.sha256}  {i.path}\n" for i in inputs]
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()
