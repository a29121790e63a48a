"""A step of the rollback puts a version in place that is neither the old nor the new one.

## Why

The plan of an earlier release was copied, and one of its versions stayed. The service comes up with
a release from before the last one: with data, messages and clients that it has never seen, and
nobody looks for that, since the rollout was a success.

## Bad

```rbplan
service shop in production { version "3.1.4" -> "3.2.0" }
phase back "Back" {
  budget 3m
  step image "Old image" {
    for shop
    run `kubectl -n shop set image deployment/shop shop=registry.example.com/shop:3.0.9`
  }
}
```

## Good

```rbplan
service shop in production { version "3.1.4" -> "3.2.0" }
phase back "Back" {
  budget 3m
  step image "Old image" {
    for shop
    run `kubectl -n shop set image deployment/shop shop=registry.example.com/shop:3.1.4`
  }
}
```

## How it can be fooled

Looked at are images, and `tag=` of a chart, that are called like the service, in commands that
deploy and in `image` of modules. The version has to be written out, as one of as many numbers as
the plan's own. A plan that speaks of that version elsewhere (`3.0.9 is the last one that reads the
old format`) knows what it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Plan, Service
from rbdsl.model.values import Text
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.graph.versions import about, has_versions, holds, is_left_alone, puts_in_place
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.source import Span

CODE = Code("RB552", "third-version", Severity.WARNING)

_VERSION = lazy_pattern(r"v?(\d+(?:\.\d+)+)")
_IMAGE = lazy_pattern(r"(?:(?P<container>[\w.-]+)=)?(?:\S*/)?(?P<name>[\w.-]+):(?P<tag>[\w.-]+)")
_TAG = lazy_pattern(r"(?:[\w-]+\.)*(?:image\.)?(?:image)?[tT]ag=(?P<tag>[\w.-]+)")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each command or argument with an image of a version that nobody named."""
    plan = context.plan
    services = [s for s in plan.services if has_versions(s) and _numbers(s) is not None]
    for phase in plan.phases if services else ():
        for step in phase.all_steps:
            for binding in step.bindings:
                if binding.name.text == "image":
                    subjects = about(services, step.services, plan)
                    titles = (step.title, phase.title)
                    text = binding.value.plain
                    yield from _judged(subjects, plan, titles, (text,), binding.value.span)
    for place in context.places if services else ():
        if place.role is Role.RUN and place.step is not None and not place.step.bindings:
            yield from _of_commands(place, about(services, place.step.services, plan), plan)


def _of_commands(place: Place, subjects: list[Service], plan: Plan) -> Iterator[Diagnostic]:
    if place.step is None or place.phase is None or not subjects:
        return
    titles = (place.step.title, place.phase.title)
    for placed in place.calls:
        if puts_in_place(placed):
            texts = [*placed.texts[1:], *_tags(placed, subjects)]
            yield from _judged(subjects, plan, titles, texts, placed.span)


def _tags(placed: PlacedCall, subjects: Sequence[Service]) -> Iterator[str]:
    """What `--set image.tag=…` says of the chart of the one service, as an image."""
    names = {service.name.text for service in subjects}
    if placed.call.program != "helm" or len(names) != 1 or names.isdisjoint(placed.call.operands):
        return
    for text in placed.texts[1:]:
        for setting in text.split(","):
            if found := _TAG.fullmatch(setting):
                yield f"{next(iter(names))}:{found['tag']}"


def _judged(
    subjects: Sequence[Service],
    plan: Plan,
    titles: tuple[Text, ...],
    texts: Sequence[str],
    span: Span,
) -> Iterator[Diagnostic]:
    for service in subjects:
        if is_left_alone(service, titles):
            continue
        for text in texts:
            found = _IMAGE.fullmatch(text)
            if found is None or service.name.text not in (found["container"], found["name"]):
                continue
            version = _VERSION.match(found["tag"])
            if version is None or not _is_third(service, found["tag"], version[1]):
                continue
            if not any(re.search(rf"(?<![\w.]){re.escape(version[1])}", t) for t in _said(plan)):
                yield _report(span, service, version[1])
                return


def _numbers(service: Service) -> str | None:
    """The numbers of the version that comes back, `3.1.4` of `v3.1.4`."""
    found = _VERSION.fullmatch(service.restored.plain) if service.restored else None
    return found[1] if found else None


def _is_third(service: Service, tag: str, version: str) -> bool:
    """Whether a tag is neither of the two, and counts as they do."""
    old, new = service.restored, service.replaced
    if old is None or new is None or holds(tag, old) or holds(tag, new):
        return False
    return version.count(".") == (_numbers(service) or "").count(".")


def _said(plan: Plan) -> Iterator[str]:
    """What the plan says to people of versions."""
    yield from (text.plain for text in (plan.title, plan.change, plan.note) if text)
    for fact in plan.capture.facts if plan.capture else ():
        yield from (fact.label.plain, fact.value.plain)
    for phase in plan.phases:
        yield from (text.plain for text in (phase.title, phase.note) if text)
        for step in phase.all_steps:
            yield from (text.plain for text in (step.title, step.note) if text)


def _report(span: Span, service: Service, version: str) -> Diagnostic:
    return CODE.at(
        span,
        f"{version} of `{service.name}` is neither what comes back, {service.restored}, nor what "
        f"goes, {service.replaced}",
        labels=(Label(service.span, "the versions of the plan"),),
        hint=f"name {service.restored} here, or say in a note why an older one comes back",
    )
