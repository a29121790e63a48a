"""`curl` without `--fail` takes an error of the server for an answer.

## Why

`curl` ends with 0 as soon as it has *an* answer, also when it is `500 Internal Server Error` or
`404`. A check of the health then passes on a service that is down, a POST that was refused counts
as done, and a file that is saved holds the error page.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step off "Off" { run `curl -sS --max-time 5 -X POST http://flags.example/api/new-checkout/off` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step off "Off" { run `curl -fsS --max-time 5 -X POST http://flags.example/api/new-checkout/off` }
}
```

Where the answer itself is judged, by `contains`, by `jq -e` or by `grep`, an error page does not
pass. It does where what is asked for is in every answer, also in that of an error: `matches ".+"`,
`matches "[0-9]+"` of the status.

## How it can be fooled

Sure where nobody looks at the answer. A variable that is filled by `curl` counts as looked at where
the same text has a test, whatever is tested there; so does a pipe into a program that is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.guards import HEEDS_STATUS
from rbdsl.analysis.http_answers import tells_status
from rbdsl.analysis.judged import judges_nothing, named, takes_errors
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.answers import expectation, is_shrug, looked_at
from rbdsl.rules.silence.changes import changes
from rbdsl.rules.silence.mends import with_option, written

CODE = Code("RB835", "http-error-passes", Severity.WARNING)

_ELSE = ("V", "version", "K", "config", "help")
PROGRAMS = frozenset(HEEDS_STATUS)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for placed in context.calls:
        options = HEEDS_STATUS.get(placed.call.program)
        if options and not placed.call.has(*options, *_ELSE) and _matters(placed):
            yield _report(placed, "--fail" if placed.call.program == "curl" else "--check-status")


def _matters(placed: PlacedCall) -> bool:
    call = placed.call
    if is_shrug(call.otherwise) or (not call.operands and not call.has("url")):
        return False
    words = (word.lstrip("\\\"'") for word in placed.texts[1:])
    addresses = [word for word in words if "://" in word and not word.startswith("-")]
    if addresses and not any(a.startswith(("http", "$")) for a in addresses):
        return False  # `file://`, `telnet://`: no status
    if _takes_errors(placed):
        return True
    return not looked_at(placed) and not (tells_status(call) and _is_taken(call))


def _takes_errors(placed: PlacedCall) -> bool:
    """Whether the answer is compared with something that is in all pages and statuses of errors."""
    own, call = expectation(placed.place), placed.call
    if own is None or own.matcher is None or len(call.pipe) > 1 or call.substituted:
        return False
    alone = all(_is_around(other.call, call) for other in placed.place.calls)
    away = any(redirection.descriptor == 1 for redirection in call.redirections)
    return alone and not away and takes_errors(own.matcher, call)


def _why_unjudged(placed: PlacedCall) -> str:
    """Why a matcher doesn't help, where there is one."""
    own = expectation(placed.place)
    if own is None or own.matcher is None:
        return ""
    if why := judges_nothing(own):
        return f", and {why}"
    return f", and {named(own.matcher)} holds for those, too" if _takes_errors(placed) else ""


def _is_around(other: Call, call: Call) -> bool:
    """Whether a call is this one, or there to have it run: `kubectl exec`, `ssh`."""
    return other is call or (other.start <= call.start and call.end <= other.end)


def _is_taken(call: Call) -> bool:
    """Whether the output goes anywhere but into the log."""
    return (
        bool(call.substituted)
        or len(call.pipe) > call.stage + 1
        or any(r.descriptor == 1 and r.target.text != "/dev/null" for r in call.redirections)
    )


def _report(placed: PlacedCall, option: str) -> Diagnostic:
    call = placed.call
    also = _why_unjudged(placed)
    compare = ', or compare the status: `equals "200"`' if also and tells_status(call) else ""
    saved = any(r.descriptor == 1 and r.target.text != "/dev/null" for r in call.redirections)
    effect = "is saved as if it were the answer" if saved else "passes for success"
    # Where the answer is used, one that is an error may be what is looked for.
    safe = not _is_taken(call) and not _is_kept(call)
    return CODE.at(
        placed.span,
        f"an HTTP error {effect}: `{call.program}` without `{option}` ends with 0 on a 404 or 500"
        f"{also}",
        hint=f"write `{written(placed, option)}`{compare}",
        fix=with_option(placed, option, safe=safe and _is_safe(placed)),
    )


def _is_kept(call: Call) -> bool:
    return call.value("o", "output") not in (None, "/dev/null") or call.has("O", "remote-name")


def _is_safe(placed: PlacedCall) -> bool:
    return changes(placed.call) is False or "DELETE" not in placed.call.text
