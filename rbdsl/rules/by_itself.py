"""A module that no plan uses yet: the rules that need no more than the shell look at its exports.

What a plan does around them nobody knows, so that the rules about order, backups, later checks and
variables have to wait for the plans that use it.
"""

from __future__ import annotations

from collections.abc import Mapping

from rbdsl.analysis.analyse import analyse
from rbdsl.analysis.policy import LevelPolicy
from rbdsl.model.lowering.exports import Module
from rbdsl.model.lowering.plan import Contents
from rbdsl.model.plan import Level, Phase, Plan
from rbdsl.model.proof import Verification
from rbdsl.model.values import Duration, Name, Text
from rbdsl.rules.context import Context
from rbdsl.source import Span

BY_THEMSELVES = frozenset(
    """
    RB820 RB821 RB822 RB823 RB824 RB825 RB826 RB827 RB828 RB829 RB830 RB831 RB832 RB833 RB834
    RB835 RB836 RB837 RB838 RB839 RB840 RB841 RB842 RB843 RB844 RB845 RB846 RB850 RB853 RB854
    RB855 RB856 RB857 RB858 RB859 RB860 RB862 RB867 RB868 RB872 RB875 RB876 RB877 RB880 RB882 RB884
    RB885 RB891 RB892 RB893 RB918 RB940 RB955
    RB964 RB968 RB970 RB972 RB982 RB992 RB994 RB996 RB998
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""The rules that judge a command by itself."""


def context_of(
    module: Module, contents: Contents, policies: Mapping[int, LevelPolicy]
) -> Context | None:
    """A plan that does all that a module exports, one after the other, for these rules to look at.

    None where it exports nothing that runs.
    """
    if not contents.shells or not policies:
        return None
    span = Span(module.source, 0, 0)
    phases = list(contents.phases)
    if contents.steps:
        own = Name("exported", span)
        phases.append(Phase(own, _text(span), span, Duration(0, span), items=contents.steps))
    proof = Verification(contents.checks, (), (), span) if contents.checks else None
    level = Level(min(policies), span)
    plan = Plan(
        Name("module", span),
        _text(span),
        span,
        module.source,
        level,
        phases=tuple(phases),
        verification=proof,
    )
    analysis, _ = analyse(plan, policies)
    return Context(plan, analysis) if analysis else None


def _text(span: Span) -> Text:
    return Text(("",), span)
