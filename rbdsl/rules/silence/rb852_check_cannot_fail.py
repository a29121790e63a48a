"""An expectation whose command succeeds whatever the state is, also where it could not ask.

## Why

`kubectl get pods` ends with 0 for pods in `CrashLoopBackOff` and for no pods at all; a SELECT does
for every answer. The plan seems to be verified, and the level's demand met, by a check that has
never said no. `! kubectl get pods | grep -q 4.1` holds as well where the cluster can't be reached:
the pipe fails, and its failure is what was wanted. And `diff <(ask a) <(ask b)` finds no difference
where both could not be asked: nobody gets the status of what is in `<( )`, and nothing equals
nothing. `curl -f … || true` has asked, and throws the answer away; so does `if curl -f …; then echo
ok; else echo bad; fi`, since what counts is the status, not what a check prints. After
`x="$(ask)"`, `if [ "$x" != 7 ]; then echo "not 7"; fi` is content with every answer. A `done_when`
that can't fail is worse: the step is taken for done, and never run.

## Bad

```rbplan
verification {
  check pods "All pods run" { expect `kubectl -n shop get pods -l app=shop` }
}
```

## Good

```rbplan
verification {
  check pods "All pods run" {
    expect `kubectl -n shop wait --for=condition=ready pod -l app=shop --timeout=30s`
    expect `kubectl -n shop get pods -l app=shop -o name | wc -l` equals "10"
  }
}
```

## How it can be fooled

Sure for the commands that it knows: those that list, that print, and `jq` without `-e`. `kubectl
get deployment shop` asks whether there is one, and is a check; so is any program that is not
known. A failure counts as lost where the text can be read to the end: what waits for ever, and what
a `trap` ends, is left alone; so is `ask; true`, where the step's own shell ends at `ask`. A negated
pipe into `grep`, and two answers that are compared, are left alone where another expectation asks
by the same program, or the two are asked by different ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.empty_checks import ALWAYS, empty
from rbdsl.analysis.given_up import given_up
from rbdsl.analysis.unfailing import verdict
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.silence.answers import matched
from rbdsl.rules.silence.empty_answers import equal_without_answers

CODE = Code("RB852", "check-cannot-fail", Severity.WARNING)

_ASKED = {
    Role.EXPECT: "this check cannot fail",
    Role.DONE_WHEN: "this always holds, and the step is never run",
}
_CROSSED = "the point always counts as crossed"
_SEARCHING = frozenset(["grep", "egrep", "fgrep"])
_OF_FILES = frozenset(["cat", "ls", "ps", "find", "sort", "tail", "head", "sudo", "set"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such expectation."""
    for place in context.places:
        if place.role is Role.PROBE:
            yield from _of_lost_failure(place)
        if place.role not in _ASKED:
            continue
        yield from _of_two_answers(context, place)
        if matched(place):
            continue
        if lost := [*_of_lost_failure(place)]:
            yield from lost
            continue
        calls = [placed.call for placed in place.calls]
        if found := empty(calls):
            call, why = found
            yield _report(place.calls[calls.index(call)], why)
        yield from _of_negation(context, place)


def _of_lost_failure(place: Place) -> Iterator[Diagnostic]:
    """A question is asked, and the text ends with 0 where it fails, too."""
    lost = verdict(place.shell.text).lost
    if lost is None or given_up(place.shell.text):  # RB957
        return
    when = "whatever `case` finds" if lost.name == "case" else f"where `{lost.name}` fails"
    end = place.shell.text.find("\n", lost.start, lost.end)
    yield CODE.at(
        place.span(lost.start, lost.end if end < 0 else end),
        f"{_ASKED.get(place.role, _CROSSED)}: {when}, the text ends with 0 all the same",
        hint="leave out what takes its failure (`|| true`, `else`), or compare the output: "
        '`equals "…"` behind it',
    )


def _of_two_answers(context: Context, place: Place) -> Iterator[Diagnostic]:
    """A comparison that holds where neither side has an answer."""
    for placed, program in equal_without_answers(place):
        asking = context.calls_by_program.get(program, ())
        if not any(_has_to_answer(c.call) and _is_beside(c.place, place) for c in asking):
            yield CODE.at(
                placed.span,
                f"this holds also where `{program}` can't ask: both sides are empty then, and "
                "nothing equals nothing",
                hint=f'ask first: `one="$({program} …)"` fails with it, and compare `$one` behind '
                "it",
            )


def _has_to_answer(call: Call) -> bool:
    """Whether a failure of a call is one of the text that it stands in."""
    return call.tested not in ("!", "||") and (not call.substituted or call.holder == "=")


def _of_negation(context: Context, place: Place) -> Iterator[Diagnostic]:
    """A question that holds by its failure, where nothing else shows that it could be asked."""
    for placed in place.calls:
        call = placed.call
        if call.tested != "!" or call.stage or call.program in ALWAYS | _OF_FILES:
            continue
        if call.pipe[-1] not in _SEARCHING or not call.strictness.pipefail or call.substituted:
            continue
        if not _is_asked_elsewhere(context, placed):
            name = call.program or call.words[0].text
            yield CODE.at(
                placed.span,
                f"this holds also where `{name}` can't ask: the pipe fails then, which `!` makes a "
                "success",
                hint='ask first, and search behind it: `answer="$(…)" && ! grep -q … <<<"$answer"`',
            )


def _is_asked_elsewhere(context: Context, placed: PlacedCall) -> bool:
    """Whether a question that has to succeed is asked by the same program, beside this one."""
    own = placed.place
    return any(
        other.call.tested not in ("!", "||") and _is_beside(other.place, own)
        for other in context.calls_by_program.get(placed.call.program, ())
        if other is not placed
    )


def _is_beside(other: Place, own: Place) -> bool:
    """Whether a piece of shell is asked with another one: of a step, of the verification."""
    if own.role is Role.DONE_WHEN or other.role is not own.role:
        return other is own
    return other.step is own.step if own.step else other.check is not None


def _report(placed: PlacedCall, why: str) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"{_ASKED[placed.place.role]}: {why}",
        hint='compare its output: `equals "…"`, `contains "…"` or `matches "…"` behind it',
    )
