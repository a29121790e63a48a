"""A step of the rollback puts the version in place that has to go.

## Why

One of two names that look alike (`image` and `release`, `good` and `new`) stands where the other
one was meant. The deployment finds the new version running, takes its work for done, and all of the
rollback is green but for a verification that asks for the version, where there is one.

## Bad

```rbplan
service chat in production { version "4.2.2" -> "4.3.0" }
phase back "Back" {
  budget 3m
  step image "Old image" {
    for chat
    run `kubectl -n chat set image deployment/chat chat=registry.example.com/chat:4.3.0`
  }
}
```

## Good

```rbplan
service chat in production { version "4.2.2" -> "4.3.0" }
phase back "Back" {
  budget 3m
  step image "Old image" {
    for chat
    run `kubectl -n chat set image deployment/chat chat=registry.example.com/chat:4.2.2`
  }
}
```

## How it can be fooled

Both versions have to be in the plan (`version "old" -> "new"`), and the step or check has to be for
that service, or it is the only one. Looked at are the arguments `image`, `version`, `tag` and the
like of modules, the commands that deploy, and what a check of the verification compares with. What
speaks of the new version, or of removing, in its title is left alone, and so is an `undo`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Plan, Service
from rbdsl.model.steps import MatcherKind
from rbdsl.model.values import Binding, Text
from rbdsl.rules.context import Context
from rbdsl.rules.graph.versions import about, has_versions, holds, is_left_alone, puts_in_place
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.source import Span

CODE = Code("RB548", "new-version-deployed", Severity.WARNING)

_TARGETS = frozenset(
    """
    image version tag target ref release chart build package to to_version image_tag restored
    desired target_version target_image
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Parameters of modules that name what a step puts in place."""
_ASKED = _TARGETS | {"value", "expected", "answer"}
"""Those that name what a check asks for."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step and check that names the version that has to go."""
    services = [s for s in context.plan.services if has_versions(s)]
    if not services:
        return
    for phase in context.plan.phases:
        for step in phase.all_steps:
            if step.bindings:
                subjects = about(services, step.services, context.plan)
                yield from _of_arguments(
                    subjects, step.bindings, _TARGETS, (step.title, phase.title)
                )
    for one in context.plan.verification.checks if context.plan.verification else ():
        subjects = about(services, one.subjects, context.plan)
        yield from _of_arguments(subjects, one.bindings, _ASKED, (one.title,))
        for found in () if one.bindings else one.expectations:
            if found.matcher and found.matcher.kind is MatcherKind.EQUALS:
                for service in subjects:
                    text = found.matcher.value.plain
                    if _is_of(service, text) and not is_left_alone(service, (one.title,)):
                        yield _report(found.matcher.span, service)
    for place in context.places:
        if place.phase is not None and place.role is Role.RUN and place.step is not None:
            yield from _of_calls(services, place, context.plan)


def _of_arguments(
    services: list[Service],
    bindings: tuple[Binding, ...],
    wanted: frozenset[str],
    titles: tuple[Text, ...],
) -> Iterator[Diagnostic]:
    for binding in bindings:
        if binding.name.text not in wanted:
            continue
        for service in services:
            if _is_of(service, binding.value.plain) and not is_left_alone(service, titles):
                yield _report(binding.value.span, service)
                return


def _of_calls(services: list[Service], place: Place, plan: Plan) -> Iterator[Diagnostic]:
    step, phase = place.step, place.phase
    if step is None or phase is None or step.bindings:
        return
    subjects = about(services, step.services, plan)
    if not subjects or any(is_left_alone(s, (step.title, phase.title)) for s in subjects):
        return
    for placed in place.calls:
        if not puts_in_place(placed):
            continue
        for service in subjects:
            if service.replaced and service.replaced.plain.isdigit() and not _has_numbers(placed):
                continue
            if any(_is_named(service, text) for text in placed.texts[1:]):
                if not any(_is_restored(other, placed) for other in subjects):
                    yield _report(placed.span, service)
                break


def _has_numbers(placed: PlacedCall) -> bool:
    """Whether its versions are bare numbers; elsewhere such a number may be anything."""
    return placed.call.operands[:1] == ("lambda",)


def _is_of(service: Service, text: str) -> bool:
    """Whether a text is the version that has to go, or an image, package or option with it."""
    old, new = service.restored, service.replaced
    if old is None or new is None or "$" in new.plain:
        return False
    if text.removeprefix("v") == new.plain.removeprefix("v"):
        return True
    return holds(text, new) and not holds(text, old)


def _is_named(service: Service, text: str) -> bool:
    """Whether a word of a command names the version, and not an object that is called like it."""
    version = (service.replaced.plain if service.replaced else "").removeprefix("v")
    if not _is_of(service, text):
        return False
    return re.search(rf"(?:\A|[:=@])v?{re.escape(version)}(?![\w.])", text) is not None


def _is_restored(service: Service, placed: PlacedCall) -> bool:
    """Whether a command names the version that comes back, too: of a service beside."""
    old = service.restored
    return old is not None and any(holds(text, old) for text in placed.texts[1:])


def _report(span: Span, service: Service) -> Diagnostic:
    return CODE.at(
        span,
        f"this is {service.replaced}, the version of `{service.name}` that has to go; "
        f"the rollback brings {service.restored} back",
        labels=(Label(service.span, "what comes back, and what goes"),),
        hint=f"name {service.restored} here",
    )
