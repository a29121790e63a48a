"""A comparison looks in the direction that contradicts the name of its metric.

Of what is called success, availability or hits more is better; of errors, failures, latency or lag
less. A trigger fires on the worse side, a bound of the verification holds on the better one.

## Why

`success_rate > 90%` as a trigger fires while all is well, and starts a rollback of a change that
works; when everything breaks it is silent. The line looks like protection, and was copied from the
verification, where it is right.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { success_rate ratio `successes` }
triggers { automatic { success_rate > 90% for 2m } }
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" { success_rate ratio `successes` }
triggers { automatic { success_rate < 90% for 2m } }
```

## How it can be fooled

By a name that says the opposite of what is measured. Names with words of both kinds are not judged,
nor those with `no`, `zero`, `missing`, `free`, `budget` and the like, nor a metric that another
comparison of the same block bounds on the other side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.bounds import FromBaseline
from rbdsl.model.steps import Comparison
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.thresholds import UPWARD, shown
from rbdsl.source import Span

CODE = Code("RB614", "wrong-direction", Severity.WARNING)

_BETTER = frozenset(
    """
    success successes successful succeeded availability available uptime healthy hit hits ok
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_WORSE = frozenset(
    """
    crash crashes denied error errors exception exceptions fail failed failing fails failure
    failures lag latency loss lost refused rejected rejections timeouts
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_PERCENTILE = r"p(?:50|75|9\d{1,3})|5xx"
_TURNS = frozenset(
    """
    absent avoided below budget dropped empty expired false few free handled invalid low missed
    missing never no non not null prevented recovered stale suppressed unexpected without wrong
    zero
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""What turns a word round, or may: `zero_hits`, `missing_ok`, `recovered_errors`."""
_OTHER = {
    Comparison.GREATER: Comparison.LESS,
    Comparison.GREATER_EQUAL: Comparison.LESS_EQUAL,
    Comparison.LESS: Comparison.GREATER,
    Comparison.LESS_EQUAL: Comparison.GREATER_EQUAL,
}
PARTS = ("triggers", "metric_sources")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such trigger and bound."""
    plan = context.plan
    triggers = plan.triggers.automatic if plan.triggers else ()
    watched = {(t.metric.text, t.comparison in UPWARD) for t in triggers}
    for trigger in triggers:
        name, upward = trigger.metric.text, trigger.comparison in UPWARD
        better = _more_is_better(name)
        if better is upward and (name, not upward) not in watched and not trigger.counts_breaches:
            fact = f"`{shown(trigger)}` fires while all is well"
            right = f"{name} {_OTHER[trigger.comparison]} {trigger.threshold}"
            yield _report(trigger.span, name, fact, right, more=better)
    bounds = plan.verification.bounds if plan.verification else ()
    wanted = {(b.metric.text, b.comparison in UPWARD) for b in bounds}
    for bound in bounds:
        if bound.comparison is None or isinstance(bound.bound, FromBaseline):
            continue
        name, upward = bound.metric.text, bound.comparison in UPWARD
        better = _more_is_better(name)
        if better is not None and better is not upward and (name, not upward) not in wanted:
            fact = f"`{name} {bound.comparison} {bound.bound}` holds while nothing works"
            right = f"{name} {_OTHER[bound.comparison]} {bound.bound}"
            yield _report(bound.span, name, fact, right, more=better)


def _report(span: Span, name: str, fact: str, right: str, *, more: bool) -> Diagnostic:
    return CODE.at(
        span,
        f"{fact}: by its name {'more' if more else 'less'} of `{name}` is better",
        hint=f"did you mean `{right}`?",
    )


def _more_is_better(name: str) -> bool | None:
    """What the words of a name say; None where they say nothing, or both."""
    words = set(re.split(r"[_-]+", name.lower()))
    better = not words.isdisjoint(_BETTER)
    worse = not words.isdisjoint(_WORSE) or any(re.fullmatch(_PERCENTILE, w) for w in words)
    if better == worse or not words.isdisjoint(_TURNS):
        return None
    return better
