"""A command names another environment than the one that the services of the plan are in.

## Why

The plan was rehearsed in staging, and one name was left behind. The command works, and says so: it
rolls back an environment in which nothing was wrong. Production keeps the failed version. Or the
verification asks staging, which is green whatever production does.

## Bad

```rbplan
service mailer in production { version "2.9.4" -> "3.0.0" }
phase back "Back" {
  budget 3m
  step image "Image" {
    for mailer
    run ```
      kubectl -n mail-staging set image deployment/mailer mailer=registry.example.com/mailer:2.9.4
      kubectl -n mail-staging rollout status deployment/mailer --timeout=100s
    ```
  }
}
```

## Good

```rbplan
service mailer in production { version "2.9.4" -> "3.0.0" }
phase back "Back" {
  budget 3m
  step image "Image" {
    for mailer
    run ```
      kubectl -n mail set image deployment/mailer mailer=registry.example.com/mailer:2.9.4
      kubectl -n mail rollout status deployment/mailer --timeout=100s
    ```
  }
}
```

## How it can be fooled

By names: namespaces, contexts, profiles, projects, hosts and addresses are read word by word
(`mail-staging`, `https://web.stg.example.com/health`), in commands, in the arguments of modules, in
variables such as `AWS_PROFILE` and `PGHOST` that the shell sets, and in the address of metrics.
What is captured, and what deploys for a test, may go elsewhere; so may a plan whose services are in
several environments. A name that stands for more than its words say, as the slot `staging` of a web
app in production does, is not looked at. Each name is reported once.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.aim.environments import (
    ALSO,
    ENVIRONMENTS,
    environments_of,
    in_address,
    named,
    told,
)
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.source import Span

CODE = Code("RB977", "another-environment", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each name, where it first stands."""
    services = context.plan.services
    own = {e for s in services for e in environments_of(s.environment.text, ALSO)}
    if len(own) != 1:
        return
    text = context.plan.source.text.lower()
    others = {word for name, words in ENVIRONMENTS.items() if name not in own for word in words}
    if not any(word in text for word in others):
        return
    reported: set[str] = set()
    for span, name, environments in _names(context):
        if environments and own.isdisjoint(environments) and name not in reported:
            reported.add(name)
            yield CODE.at(
                span,
                f"`{name}` is another environment: the services of the plan are in {min(own)}",
                hint=f"name that of {min(own)}; if it is meant, say `service … in` for what is "
                "there",
            )


def _names(context: Context) -> Iterator[tuple[Span, str, set[str]]]:
    """The names that say where something acts or is asked, each with its place."""
    for source in context.plan.metric_sources:
        yield source.address.span, *in_address(source.address.plain)
    for place in context.places:
        if place.captures or place.role in (Role.DEPLOY, Role.QUERY):
            continue
        for variable, name, environments in told(place):
            at = place.shell.text.find(f"{variable}=")
            yield place.span(at, at + len(variable)), name, environments
        for placed in place.calls:
            for name, environments in named(placed):
                yield _place(context, placed, name), name, environments


def _place(context: Context, placed: PlacedCall, name: str) -> Span:
    """Where a name stands: in a word of the command, or in the argument of a module."""
    place = placed.place
    owner = place.step or place.check
    if place.shell.span.source is context.plan.source or owner is None:
        words = placed.call.words
        word = next((w for w in words if name in place.settled(w.text)), words[0])
        return placed.span_of(word)
    return next(_saying(context, place, name), owner.name.span)


def _saying(context: Context, place: Place, name: str) -> Iterator[Span]:
    """The arguments in the plan that have a name in them."""
    owner = place.step or place.check
    for binding in owner.bindings if owner else ():
        value = binding.value
        if value.span.source is context.plan.source and name in place.filled(value.plain):
            yield value.span
