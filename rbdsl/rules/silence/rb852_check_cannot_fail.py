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

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.given_up import given_up
from rbdsl.analysis.unfailing import verdict
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.silence.answers import is_passive, matched
from rbdsl.rules.silence.changes import sql
from rbdsl.rules.silence.empty_answers import equal_without_answers

CODE = Code("RB852", "check-cannot-fail", Severity.WARNING)

_ASKED = {
    Role.EXPECT: "this check cannot fail",
    Role.DONE_WHEN: "this always holds, and the step is never run",
}
_CROSSED = "the point always counts as crossed"
_ALWAYS = frozenset(["echo", "printf", "true", ":", "date", "sleep", "ps", "df", "free", "uptime"])
_LISTS: dict[str, frozenset[str]] = {
    "docker": frozenset(["ps", "images"]),
    "podman": frozenset(["ps", "images"]),
    "docker-compose": frozenset(["ps"]),
    "helm": frozenset(["list", "ls"]),
    "git": frozenset(["log", "status", "branch"]),
    "terraform": frozenset(["show"]),
}
_SEARCHING = frozenset(["grep", "egrep", "fgrep"])
_OF_FILES = frozenset(["cat", "ls", "ps", "find", "sort", "tail", "head", "sudo", "set"])
_FROM = lazy_pattern(r"\bfrom\b", re.IGNORECASE)
_RAISES = lazy_pattern(r"\braise\b|1\s*/|\bassert\b|pg_sleep", re.IGNORECASE)


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
        yield from _in(place)
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
        if call.tested != "!" or call.stage or call.program in _ALWAYS | _OF_FILES:
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


def _in(place: Place) -> Iterator[Diagnostic]:
    calls = [p for p in place.calls if not _runs_others(p)]
    if not calls:
        return
    if any(p.call.substituted for p in calls):
        return  # who takes it may judge it
    if all(_always(p.call) or (p.call.stage and is_passive(p.call)) for p in calls):
        first = next(p for p in calls if not p.call.stage or not is_passive(p.call))
        yield _report(first, _why(first.call))
    elif (last := calls[-1]).call.program == "jq" and _picks(last):
        yield _report(last, "`jq` without `-e` succeeds for every value, `null` too")


def _runs_others(placed: PlacedCall) -> bool:
    """Whether a call is there to run another one that is found, too: `kubectl exec`, `ssh`."""
    call = placed.call
    inner = next(placed.place.behind(placed), None)
    if inner is None or len(inner.call.where) <= len(call.where):
        return False
    return call.start <= inner.call.start and inner.call.end <= call.end


def _always(call: Call) -> bool:
    """Whether a call ends with 0 whatever the state is, as long as the system answers."""
    if call.tested == "!" or call.program in ("[", "test"):
        return False
    if call.program in _ALWAYS:
        return True
    if call.program in ("kubectl", "oc"):
        return _lists_pods(call)
    if call.program in ("psql", "mysql", "mariadb"):
        said = sql(call)
        return bool(said) and all(
            text.lower().startswith("select") and _FROM.search(text) and not _RAISES.search(text)
            for text in said
        )
    if call.program == "docker" and call.operands[:2] == ("compose", "ps"):
        return True
    return bool(call.operands) and call.operands[0] in _LISTS.get(call.program, ())


def _lists_pods(call: Call) -> bool:
    """Whether it is `kubectl get KIND`, without a name that has to exist."""
    words = [word for word in call.operands if word != "get"]
    if "get" not in call.operands or call.has("filename", "raw", "f"):
        return False
    return len(words) == 1 and "/" not in words[0]


def _picks(placed: PlacedCall) -> bool:
    """Whether `jq` is to find a value, and is the last in a pipe whose status counts."""
    call = placed.call
    if not call.stage or call.stage + 1 != len(call.pipe) or is_passive(call) is False:
        return False
    program = call.operands[0] if call.operands else "."
    if any(word in program for word in ("error", "halt_error")):
        return False
    return not call.tested and not call.substituted


def _why(call: Call) -> str:
    if call.program in _ALWAYS:
        return f"`{call.program}` always succeeds"
    if call.program in ("psql", "mysql", "mariadb"):
        return f"`{call.program}` ends with 0 whatever the query finds"
    what = " ".join((call.program, *call.operands[:2]))
    return f"`{what}` only lists, and succeeds for every state, also for an empty list"


def _report(placed: PlacedCall, why: str) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"{_ASKED[placed.place.role]}: {why}",
        hint='compare its output: `equals "…"`, `contains "…"` or `matches "…"` behind it',
    )
