"""A change that is only begun, and nothing waits for its end: `rollout undo`, `helm rollback`.

## Why

The command hands the change over and comes back within a second. Pods that do not start, a task
that is stopped again and again, a restore that takes an hour: the rollback goes on to the next
phase, often to traffic, on top of what is not there yet.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step undo "Undo" { run `kubectl -n shop rollout undo deployment/shop --to-revision=41` }
  step open "Open" { run `./scripts/traffic.sh open` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step undo "Undo" {
    run    `kubectl -n shop rollout undo deployment/shop --to-revision=41`
    expect `kubectl -n shop rollout status deployment/shop --timeout=120s`
  }
  step open "Open" { run `./scripts/traffic.sh open` }
}
```

`kubectl -n b rollout status deployment/shop` does not wait for what was begun in namespace `a`. It
may also be waited for in a later step or in the verification: what counts is the order in which
phases run. For a request to a search server it has to be before the next step that uses that
server, and of a command that `aws ssm send-command` hands out only its invocation knows the end.

## How it can be fooled

Any expectation of the same step counts, whatever it asks: what it has written itself is RB965's,
and `rollout status --watch=false` is known to wait for nothing. Objects are told apart by their
names, as far as those are written down. A file that is applied (`kubectl apply -f`) may hold
nothing that takes time; any later waiting counts for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.silence.answers import expectation
from rbdsl.rules.silence.early import Early, Where, early
from rbdsl.rules.silence.early_services import only_glances
from rbdsl.rules.silence.later import Looking, asked_again, is_expected, looking
from rbdsl.rules.silence.waiting import elsewhere, is_waiting, waits
from rbdsl.source import Span

CODE = Code("RB847", "not-waited-for", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such change."""
    later: Looking | None = None
    reported: set[Span] = set()
    for placed in context.calls:
        if placed.place.role is not Role.RUN:
            continue
        what = early(placed)
        if what is None or what.where is not Where.ORCHESTRATOR or _is_taken_care_of(placed, what):
            continue
        if placed.place.captures:
            if what.server and not _asked_in_capture(context, placed, what):
                yield _report(placed, what, None)
            continue
        later = later or looking(context, is_waiting, asked_again)
        if not waited_for(placed, what, later):
            found = _report(placed, what, later)
            if found.span not in reported:  # one look may be at several changes
                yield found
            reported.add(found.span)


def _is_taken_care_of(placed: PlacedCall, what: Early) -> bool:
    if placed.call.tested in ("if", "while"):
        return True
    return is_expected(placed.place.step) and not (
        _only_glanced_at(placed) or _only_expected_elsewhere(placed, what)
    )


def _only_expected_elsewhere(placed: PlacedCall, what: Early) -> bool:
    """Whether all that its step expects is of an object of this name in another namespace."""
    step = placed.place.step
    if step is None or step.done_when is not None:
        return False
    return all(_is_elsewhere(placed, place, what) for place in _expected(placed))


def _expected(placed: PlacedCall) -> Iterator[Place]:
    """The expectations of the step of a call."""
    step = placed.place.step
    for own in step.expectations if step else ():
        yield Place(own.shell, Role.EXPECT, step, values=placed.place.values)


def _is_elsewhere(placed: PlacedCall, place: Place, what: Early) -> bool:
    """Whether all that a piece of shell asks is of the object in another namespace."""
    return bool(place.calls) and all(
        elsewhere(placed, other, what)
        or (other.call.stage and other.call.pipe[0] in ("kubectl", "oc"))
        for other in place.calls
    )


def _only_glanced_at(placed: PlacedCall) -> bool:
    """Whether all that its step expects is `rollout status --watch=false`, which never waits."""
    step = placed.place.step
    if step is None or step.done_when is not None:
        return False
    own = [Place(e.shell, Role.EXPECT, step) for e in step.expectations if e.matcher is None]
    return len(own) == len(step.expectations) and all(
        place.calls and all(only_glances(p.call) for p in place.calls) for place in own
    )


def _asked_in_capture(context: Context, placed: PlacedCall, what: Early) -> bool:
    """Whether the capture asks the same server for the end of what it has begun."""
    others = (p for place in context.places if place.captures for p in place.calls)
    return any(waits(other, what) for other in others if other is not placed)


def waited_for(placed: PlacedCall, what: Early, later: Looking) -> bool:
    """Whether something behind a change, in its step or later, waits for its end."""
    if any(_does_wait(placed, other, what) for other in later.behind(placed)):
        return True
    used = _next_use(placed, what, later.context) if what.server else None
    for place, calls in later.after(placed):
        if used is not None and not _comes_first(place, used, later.context):
            continue
        again = asked_again(place) and not what.outcome and _is_about_it(place, what)
        if again and not _is_elsewhere(placed, place, what):
            return True
        if any(_does_wait(placed, other, what) for other in calls):
            return True
    return False


def _does_wait(placed: PlacedCall, other: PlacedCall, what: Early) -> bool:
    """Whether a call waits for a change, and where it was made."""
    return waits(other, what) and not elsewhere(placed, other, what)


def _is_about_it(place: Place, what: Early) -> bool:
    if what.server:
        return what.server in place.shell.text
    return not what.names or any(name in place.shell.text for name in what.names)


def _next_use(placed: PlacedCall, what: Early, context: Context) -> Place | None:
    """The next piece of shell that asks the same server to do something."""
    behind = False
    for place in context.places:
        if place is placed.place:
            behind = True
        elif behind and place.role is Role.RUN and place.phase and what.server in place.shell.text:
            return place
    return None


def _comes_first(place: Place, used: Place, context: Context) -> bool:
    """Whether a piece of shell runs before another one, or is it."""
    own = expectation(place)
    if place is used:
        return own is None
    order = {id(p): at for at, p in enumerate(context.places)}
    return order[id(place)] < order[id(used)]


def _elsewhere(placed: PlacedCall, what: Early, later: Looking) -> tuple[PlacedCall, str] | None:
    """What waits for the object of this name in another namespace, and in which."""
    others = [*later.behind(placed), *(p for place in _expected(placed) for p in place.calls)]
    others += [other for _, calls in later.after(placed) for other in calls]
    found = ((other, elsewhere(placed, other, what)) for other in others if is_waiting(other.call))
    return next(((other, there) for other, there in found if there), None)


def _report(placed: PlacedCall, what: Early, later: Looking | None) -> Diagnostic:
    of = f" of {what.names[0]}" if what.names else ""
    glance = _glance(placed, what)
    if glance is not None:
        return CODE.at(
            glance.span,
            f"`rollout status --watch=false` waits for nothing: `{what.act}` has only begun "
            f"{what.begins}{of}",
            labels=[Label(placed.span, "begun here")],
            hint="leave `--watch=false` out",
        )
    other = _elsewhere(placed, what, later) if later else None
    if other is not None:
        return CODE.at(
            placed.span,
            f"`{what.act}` only begins {what.begins}{of}, and what waits for it asks in {other[1]}",
            labels=[Label(other[0].span, f"this waits in {other[1]}")],
            hint="wait where the change is made",
        )
    told = what.hint.startswith(("leave", "ask"))
    mend = what.hint if told else f"write `{what.hint}`"
    whole = told or what.hint.startswith("--")
    rest = "asks how it ended" if what.outcome else "waits for its end"
    return CODE.at(
        placed.span,
        f"`{what.act}` only begins {what.begins}{of}, and nothing afterwards {rest}",
        hint=mend if whole else f"let the step `expect` it: {mend}",
    )


def _glance(placed: PlacedCall, what: Early) -> PlacedCall | None:
    """The look at the rollout in the same step that comes back at once."""
    if not what.act.startswith(("kubectl", "oc")):
        return None
    step = placed.place.step
    expected = step.expectations if step else ()
    found = [*placed.place.behind(placed)] if "watch" in placed.place.shell.text else []
    for one in expected:
        found += Place(one.shell, Role.EXPECT, step, values=placed.place.values).calls
    return next((p for p in found if only_glances(p.call)), None)
