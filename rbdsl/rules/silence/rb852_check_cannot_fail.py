"""An expectation whose command succeeds whatever the state is, also where it could not ask.

## Why

`kubectl get pods` ends with 0 for pods in `CrashLoopBackOff` and for no pods at all; a SELECT does
for every answer. The plan seems to be verified, and the level's demand met, by a check that has
never said no. `! kubectl get pods | grep -q 4.1` holds as well where the cluster can't be reached:
the pipe fails, and its failure is what was wanted. So does `[ -z "$(kubectl get pods -o name)" ]`:
what could not be asked has printed nothing. And `diff <(ask a) <(ask b)` finds no difference where
both could not be asked: nobody gets the status of what is in `<( )`, and nothing equals nothing.
`curl -f … || true` has asked, and throws the answer away, `curl … || echo ok` says itself what
`contains "ok"` asks for; so does `if curl -f …; then echo ok; else echo bad; fi`, since what counts
is the status, not what a check prints. A matcher helps only where an answer can be wrong: `matches
".*"` and `contains ""` take every one, `^[0-9]+$` every count, and ``expect `echo ok` equals "ok"``
has asked nobody. After `x="$(ask)"`, `if [ "$x" != 7 ]; then echo "not 7"; fi` is content with
every answer. A `done_when` that can't fail is worse: the step is taken for done, and never run.

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
get deployment shop` asks whether there is one, and is a check; so is any program that is not known.
A text that goes through a variable or a pipe (`x=ok; echo "$x"`) is not taken for the plan's own; a
status is judged where the pattern refuses `000`, `404` or `503`. A failure counts as lost where the
text can be read to the end: what waits for ever, and what a `trap` ends, is left alone; so is `ask;
true`, where the step's own shell ends at `ask`. A negated pipe into `grep`, an answer that has to
be empty, and two that are compared, are left alone where another expectation asks by the same
program, or the two are asked by different ones. `! curl -f …` may mean that nothing is to answer,
and is pedantic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.empty_checks import SAYING, empty
from rbdsl.analysis.given_up import given_up
from rbdsl.analysis.held_by_failure import held_by_failure, held_without_answer
from rbdsl.analysis.judged import judges_nothing
from rbdsl.analysis.matching import takes_anything
from rbdsl.analysis.own_answers import own_answer
from rbdsl.analysis.unfailing import verdict
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.silence.answers import expectation, matched

CODE = Code("RB852", "check-cannot-fail", Severity.WARNING)

_Beside = Callable[[str], Iterable[Call]]
_ASKED = {
    Role.EXPECT: "this check cannot fail",
    Role.DONE_WHEN: "this always holds, and the step is never run",
}
_CROSSED = "the point always counts as crossed"
_HTTP = frozenset(["curl", "wget", "http", "https"])
"""Their status is that of the answer, where it is asked for (`--fail`); else RB835 tells."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such expectation."""
    for place in context.places:
        if place.role is Role.PROBE:
            yield from _of_lost_failure(place)
        if place.role not in _ASKED:
            continue
        beside = _asked_with(context, place)
        yield from _of_two_answers(place, beside)
        yield from _of_own_answer(place)
        if matched(place):
            continue
        own = expectation(place)
        besides = judges_nothing(own) if own else None
        if lost := [*_of_lost_failure(place, besides)]:
            yield from lost
            continue
        calls = [placed.call for placed in place.calls]
        if found := empty(calls):
            call, why = found
            yield _report(place.calls[calls.index(call)], why, besides)
        elif own and own.matcher and takes_anything(own.matcher) and not place.programs & _HTTP:
            yield CODE.at(
                own.matcher.span,
                f"{besides}: what is left of this check is the exit status",
                hint="compare with what is right, or leave the matcher out",
                severity=Severity.INFO,
            )
        for failed in held_by_failure(place.shell.text, calls, beside):
            yield CODE.at(
                place.calls[calls.index(failed.asked)].span,
                f"this holds also where `{failed.program}` can't ask: {failed.how}",
                hint=failed.mend,
                severity=CODE.severity if failed.surely else Severity.PEDANTIC,
            )


def _of_lost_failure(place: Place, besides: str | None = None) -> Iterator[Diagnostic]:
    """A question is asked, and the text ends with 0 where it fails, too."""
    lost = verdict(place.shell.text).lost
    if lost is None or given_up(place.shell.text):  # RB957
        return
    when = "whatever `case` finds" if lost.name == "case" else f"where `{lost.name}` fails"
    end = place.shell.text.find("\n", lost.start, lost.end)
    yield CODE.at(
        place.span(lost.start, lost.end if end < 0 else end),
        f"{_ASKED.get(place.role, _CROSSED)}: {when}, the text ends with 0 all the same"
        f"{_also(besides)}",
        hint="leave out what takes its failure (`|| true`, `else`), or compare the output: "
        '`equals "…"` behind it',
    )


def _also(besides: str | None) -> str:
    """Why the matcher doesn't help, where there is one."""
    return f", and {besides}" if besides else ""


def _of_own_answer(place: Place) -> Iterator[Diagnostic]:
    """What is asked for is said by the check itself, where nothing answers."""
    own = expectation(place)
    answer = own_answer(own) if own else None
    if answer is not None:
        said = place.shell.text[slice(*answer)]
        yield CODE.at(
            place.span(*answer),
            f"this holds also where nothing answers: `{said}` says then what is asked for",
            hint="leave out the `||` and what is behind it, so that the failure is one",
        )


def _of_two_answers(place: Place, beside: _Beside) -> Iterator[Diagnostic]:
    """A comparison that holds where neither side has an answer."""
    calls = [placed.call for placed in place.calls]
    for call, program in held_without_answer(place.shell.text, calls, beside):
        yield CODE.at(
            place.calls[calls.index(call)].span,
            f"this holds also where `{program}` can't ask: both sides are empty then, and "
            "nothing equals nothing",
            hint=f'ask first: `one="$({program} …)"` fails with it, and compare `$one` behind it',
        )


def _asked_with(context: Context, place: Place) -> _Beside:
    """Gives the calls of a program that are asked together with a piece of shell."""
    return lambda program: (
        placed.call
        for placed in context.calls_by_program.get(program, ())
        if _is_beside(placed.place, place)
    )


def _is_beside(other: Place, own: Place) -> bool:
    """Whether a piece of shell is asked with another one: of a step, of the verification."""
    if own.role is Role.DONE_WHEN or other.role is not own.role:
        return other is own
    return other.step is own.step if own.step else other.check is not None


def _report(placed: PlacedCall, why: str, besides: str | None) -> Diagnostic:
    says = placed.call.program in SAYING
    return CODE.at(
        placed.span,
        f"{_ASKED[placed.place.role]}: {why}{_also(besides)}",
        hint="ask the system, by a command that fails or prints something else where it is wrong"
        if says
        else 'compare its output: `equals "…"`, `contains "…"` or `matches "…"` behind it',
    )
