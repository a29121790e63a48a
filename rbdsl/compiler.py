"""The only orchestrator: load → parse → lower → analyse → check → emit.

Pure: reads nothing but what the caller hands in (`Loader`, policies, the time), writes nothing.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

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
    from rbdsl.backends.output import EmitRequest, InputFile, OutputFile
    from rbdsl.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a file after checking it.

    `plan` is None where it has errors of spelling, name or type, or is a module (`is_module`);
    `analysis` is None too where the graph makes no sense. `inputs` are the file and every module
    it was made from, by the path that outputs show. Findings are in order of place; `suppressed`
    are those that comments allow.
    """

    source: Source
    plan: Plan | None
    analysis: Analysis | None
    diagnostics: tuple[Diagnostic, ...]
    inputs: Mapping[str, Source]
    is_module: bool = False
    suppressed: tuple[Suppressed, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing stops compilation."""
        return not has_errors(self.diagnostics)


def check(
    source: Source,
    loader: Loader,
    policies: Mapping[int, LevelPolicy],
    now: datetime | None = None,
) -> Checked:
    """Everything that can be said about a plan or module without running it.

    `now` is what evidence is compared with; without it nothing is said of evidence from the
    future. Never raises for any text.
    """
    shown = posixpath.basename(source.path.replace("\\", "/")) or source.path
    inputs = {shown: source}
    tree, errors = parse(source)
    if tree is None:
        return Checked(source, None, None, tuple(ordered(errors)), inputs)
    modules = Modules(loader)
    used, imports = modules.of(tree, shown)
    inputs.update(modules.inputs)
    if is_module(tree):
        from rbdsl.rules.artifacts.rb810_shell_syntax import problems

        shells, found = read_own_module(tree, used)
        found = ordered([*modules.report, *found, *problems(shells)])
        return Checked(source, None, None, tuple(found), inputs, is_module=True)
    plan, found = lower(tree, used, imports)
    if plan is None or has_errors(modules.report):
        return Checked(source, None, None, tuple(ordered([*modules.report, *found])), inputs)
    analysis, findings, suppressed = _judge(plan, policies, now)
    everything = ordered([*modules.report, *found, *findings])
    return Checked(source, plan, analysis, tuple(everything), inputs, suppressed=suppressed)


def _judge(
    plan: Plan, policies: Mapping[int, LevelPolicy], now: datetime | None
) -> tuple[Analysis | None, list[Diagnostic], tuple[Suppressed, ...]]:
    from rbdsl.analysis.analyse import analyse
    from rbdsl.rules.context import Context
    from rbdsl.rules.registry import run

    analysis, findings = analyse(plan, policies)
    if analysis is None:
        return None, findings, ()
    judged = run(Context(plan, analysis, now))
    return analysis, [*findings, *judged.reported], tuple(judged.suppressed)


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
