"""A step that runs in each region names one of them, so that the others are never touched.

## Why

The step runs once in every region, each time against the same one. It succeeds three times, the
check behind it looks at the same cluster three times, and the plan ends well: two regions still
have the version that was to be taken back. In the test there was one region.

## Bad

```rbplan
level 4
regions { wave eu-west-1; wave us-east-1 }
phase back "Back" {
  budget 1m
  step undo "Undo" { run `helm --kube-context eu-west-1 -n shop rollback shop 41 --wait` }
}
```

## Good

```rbplan
level 4
regions { wave eu-west-1; wave us-east-1 }
phase back "Back" {
  budget 1m
  step undo "Undo" { run `helm --kube-context "$region" -n shop rollback shop 41 --wait` }
}
```

What there is only once belongs into a phase that says `global`.

## How it can be fooled

A step that reads `$region` anywhere, or names two regions, is left alone, and so are services of a
cloud that are all in one region (`aws iam`, `route53`, `cloudfront`), and what is only read from a
bucket or a registry. Names of hosts count where another command of the same program has `$region`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.regions import Regions
from rbdsl.model.steps import Step
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.shell_text import commands, variables_read

CODE = Code("RB974", "one-region-in-each", Severity.WARNING)

_TARGETS = ("context", "kube-context", "cluster", "region", "datacenter", "location", "zone",
    "kubeconfig", "profile", "namespace")  # fmt: skip
"""Options, and parameters of modules, that say where a command works."""
_CLOUDS = frozenset(["aws", "gcloud", "az", "kubectl", "oc", "helm", "nomad", "consul", "terraform",
    "argocd", "flux", "eksctl", "ecs-cli", "cf", "fly", "flyctl", "doctl"])  # fmt: skip
_IN_ONE_REGION = frozenset(
    """
    acm cloudfront ecr iam organizations route53 route53domains s3 s3api sts support waf wafv2
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_READING = ("curl", "wget", "ssh", "scp", "rsync", "psql", "mysql", "mariadb", "redis-cli",
    "mongosh", "etcdctl")  # fmt: skip
PARTS = ("regions",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each piece of shell, or argument of a module's step."""
    regions = context.plan.regions
    if regions is None or len(regions.names) < 2:
        return
    named = _pattern(regions)
    regional: set[str] | None = None
    seen: set[int] = set()
    for place in context.places:
        if not _runs_in_each(context, place):
            continue
        owner = place.step or place.check
        if owner is not None and owner.bindings:
            if isinstance(owner, Step) and id(owner) not in seen:
                seen.add(id(owner))
                yield from _of_arguments(owner, named, regions)
        elif "region" not in variables_read(place.shell.text):
            if regional is None:
                regional = _regional(context)
            yield from _of_calls(place, named, regions, regional)


def _pattern(regions: Regions) -> re.Pattern[str]:
    names = "|".join(
        sorted((re.escape(name.text) for name in regions.names), key=len, reverse=True)
    )
    return re.compile(rf"(?<![A-Za-z0-9])({names})-?[a-f]?(?![A-Za-z0-9])")


def _runs_in_each(context: Context, place: Place) -> bool:
    """Whether a piece of shell runs in every region by itself."""
    if place.check is not None:
        return all(phase.run_once is None for phase in context.verifying)
    acts = place.role in (Role.RUN, Role.UNDO, Role.EXPECT, Role.DONE_WHEN)
    return acts and place.phase is not None and place.phase.run_once is None


def _of_arguments(step: Step, named: re.Pattern[str], regions: Regions) -> Iterator[Diagnostic]:
    references = {r.shell for b in step.bindings for text in b.value.items for r in text.references}
    if "region" in references:
        return
    for binding in step.bindings:
        found = named.search(binding.value.plain) if binding.name.text in _TARGETS else None
        if found:
            yield CODE.at(
                binding.value.span,
                _fact(f"`{binding.name}`", found[1], regions),
                labels=(_label(found[1], regions),),
                hint=f'write `"{_with_region(binding.value.plain, found, "${region}")}"`, or say '
                "`global` in the phase",
            )


def _of_calls(
    place: Place, named: re.Pattern[str], regions: Regions, regional: set[str]
) -> Iterator[Diagnostic]:
    said = "\n".join(commands(place.shell.text))  # without comments
    if len({match[1] for match in named.finditer(place.settled(said))}) > 1:
        return  # it goes through them itself
    for placed in place.calls:
        found = _named(placed, named, hosts=placed.call.program in regional)
        if found:
            yield CODE.at(
                placed.span,
                _fact(shown(placed.call.text), found[1], regions),
                labels=(_label(found[1], regions),),
                hint=f'write `"{_with_region(found.string, found, "$region")}"`, or say `global` '
                "in the phase",
            )
            return


def _named(placed: PlacedCall, named: re.Pattern[str], *, hosts: bool) -> re.Match[str] | None:
    """The region that a call names as the place where it works."""
    call, place = placed.call, placed.place
    if call.program in _CLOUDS:
        if call.program == "aws" and not _IN_ONE_REGION.isdisjoint(call.operands[:1]):
            return None
        values = [value for name, value in call.options if name in _TARGETS and value]
    elif hosts and call.program in _READING:
        values = [word.text for word in call.words[1:]]
    else:
        return None
    return next((m for value in values if (m := named.search(place.settled(value)))), None)


def _regional(context: Context) -> set[str]:
    """The programs that the plan calls with `$region` somewhere."""
    return {
        program
        for program in _READING
        for placed in context.calls_by_program.get(program, ())
        if any("$region" in word.text for word in placed.call.words)
    }


def _fact(what: str, region: str, regions: Regions) -> str:
    others = [f"`{name}`" for name in regions.names if name.text != region]
    stay = "stays as it is" if len(others) == 1 else "stay as they are"
    return f"{what} is for `{region}` in every region: {', '.join(others)} {stay}"


def _label(region: str, regions: Regions) -> Label:
    return Label(regions.span, f"`{region}` is one of {len(regions.names)} regions")


def _with_region(text: str, found: re.Match[str], variable: str) -> str:
    return text[: found.start(1)] + variable + text[found.end(1) :]
