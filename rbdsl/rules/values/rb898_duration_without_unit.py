"""A duration of the plan is handed to an option that wants a unit.

The shell gets a duration in plain seconds: `150`, as `sleep` and `timeout` read it.

## Why

Programs written in Go read `150s` and `2m30s`, and refuse `150`: "time: missing unit in duration".
The command ends before it has done anything, in the middle of the rollback.

## Bad

```rbplan
let patience = 150s
phase back "Back" {
  budget 4m
  step wait "Wait" {
    timeout 3m
    run `kubectl -n shop rollout status deployment/api --timeout="$patience"`
  }
}
```

## Good

```rbplan
let patience = 150s
phase back "Back" {
  budget 4m
  step wait "Wait" {
    timeout 3m
    run `kubectl -n shop rollout status deployment/api --timeout="${patience}s"`
  }
}
```

## How it can be fooled

By a variable of the shell that holds the duration of the plan, and by programs and options that
are not in its table. `--request-timeout` of kubectl takes plain seconds, and so does
`argocd app wait --timeout`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rbdsl.analysis.calls import Word
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.model.values import ValueType
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role

CODE = Code("RB898", "duration-without-unit", Severity.ERROR)

_KUBECTL = "timeout duration since pod-running-timeout"
_SERVICE = """
    health-interval health-timeout health-start-period update-delay update-monitor rollback-delay
    rollback-monitor restart-delay restart-window stop-grace-period
    """
_WITH_UNIT: Mapping[str, frozenset[str]] = {
    # program → its options that Go's or Prometheus' reader of durations takes
    program: frozenset(names.split())
    for programs, names in {
        "kubectl oc": _KUBECTL,
        "helm helmfile": "timeout",
        "flux": "timeout interval retry-interval",
        "istioctl": "readiness-timeout timeout",
        "cilium": "wait-duration timeout",
        "linkerd": "wait",
        "docker podman nerdctl": _SERVICE,
        "terraform tofu": "lock-timeout",
        "nomad": "deadline",
        "etcdctl": "command-timeout dial-timeout keepalive-time keepalive-timeout",
        "velero": "ttl timeout item-operation-timeout resource-timeout",
        "kubeadm": "ttl upgrade-timeout",
        "amtool": "duration d",
        "logcli": "since",
        "stern": "since s",
        "skopeo": "command-timeout",
        "restic": "retry-lock",
        "cosign": "timeout",
        "cockroach": "drain-wait",
        "goose": "timeout",
        "dbmate": "wait-timeout",
        "nats": "timeout",
        "kind": "wait",
        "minikube": "wait-timeout",
    }.items()
    for program in programs.split()
}
PROGRAMS = frozenset(_WITH_UNIT)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such value."""
    of_plan = {
        variable.name.shell: variable.value.plain if variable.value else "150"
        for variable in context.plan.variables
        if variable.type is ValueType.DURATION
    }
    for program in PROGRAMS & context.calls_by_program.keys():
        for placed in context.calls_by_program[program]:
            if placed.place.role is not Role.QUERY and "$" in placed.call.text:
                yield from _of_call(placed, {**of_plan, **_bound(placed.place)})


def _bound(place: Place) -> dict[str, str]:
    """The durations that a step or check of a module was given."""
    owner = place.step or place.check
    return {
        binding.name.shell: binding.value.plain
        for binding in (owner.bindings if owner else ())
        if binding.value.type is ValueType.DURATION
    }


def _of_call(placed: PlacedCall, durations: Mapping[str, str]) -> Iterator[Diagnostic]:
    wanted = _WITH_UNIT[placed.call.program]
    option = ""
    for word in placed.call.words[1:]:
        name, equals, value = word.text.lstrip("-").partition("=")
        if not word.text.startswith("-"):
            name, value = option, word.text
        elif not equals:
            option = name
            continue
        option = ""
        variable = value.removeprefix("$")
        if name in wanted and value.startswith("$") and variable in durations:
            yield _report(placed, word, name, variable, durations[variable])


def _report(placed: PlacedCall, word: Word, option: str, variable: str, seconds: str) -> Diagnostic:
    dashes = "-" if len(option) == 1 or placed.call.program in ("terraform", "tofu") else "--"
    span = placed.span_of(word)
    with_unit = f"${{{variable}}}s"
    text, made = re.subn(
        rf"\$(?:\{{{variable}\}}|{variable}\b)", lambda _: with_unit, span.text, count=1
    )
    return CODE.at(
        span,
        f"`{dashes}{option}` gets `{seconds}`, and `{placed.call.program}` wants a unit: "
        "a duration of the plan is plain seconds in the shell",
        hint=f"write `{with_unit}`",
        fix=Fix("write the unit", (Edit(span, text),)) if made else None,
    )
