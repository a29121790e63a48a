"""A request has no time limit of its own.

`curl` waits for an answer as long as the connection stands; `wget` for 15 minutes, twenty times.

## Why

A service that has just been rolled back often takes connections and does not answer. The request
then waits until the step is stopped, and with it goes the time for the other attempts: a check
that should be asked again every five seconds is asked once.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step health "Healthy" { run `curl -fsS https://shop.example/health` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step health "Healthy" { timeout 10s; run `curl -fsS --max-time 5 https://shop.example/health` }
}
```

## How it can be fooled

By a `.curlrc`, and by options in a variable. `timeout 10 curl …` is a limit; a file of options
(`-K`) is believed to have one. Where the step has a `timeout`, that ends a single request, and this
is but an information; but not where it is asked again `within` a time that the `timeout` eats up.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.steps import Expectation
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import added, is_limited, own_timeout, running, stands_there
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB827", "request-without-limit", Severity.WARNING)

_LIMITS = {
    "curl": ("m", "max-time", "K", "config", "speed-limit", "Y", "speed-time", "y"),
    "wget": ("T", "timeout", "read-timeout"),
    "http": ("timeout",),
    "https": ("timeout",),
    "xh": ("timeout",),
    "grpcurl": ("max-time",),
    "ab": ("s",),
}
_ADDED = {
    "curl": "--max-time 10",
    "wget": "--timeout=10 --tries=2",
    "http": "--timeout=10",
    "https": "--timeout=10",
    "xh": "--timeout=10",
    "grpcurl": "-max-time 10",
}
_HELD = {
    "http": "gives up after 30 s only where nothing at all comes",
    "xh": "gives up never",
}
_NO_REQUEST = ("V", "version", "h", "help", "manual")
PROGRAMS = frozenset(_ADDED)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such request."""
    for placed in running(context, PROGRAMS):
        call = placed.call
        if _has_limit(call) or is_limited(call):
            continue
        yield _report(placed)


def _has_limit(call: Call) -> bool:
    names = _LIMITS[call.program]
    if call.has(*(name for name in names if len(name) > 1)) or call.has(*_NO_REQUEST):
        return True
    short = [name for name in names if len(name) == 1]
    if any(_gives(word.text, letter) for word in call.words[1:] for letter in short):
        return True
    return any(
        word.text.startswith("$") and ("opt" in word.text.lower() or "[@]" in word.text)
        for word in call.words[1:]
    )


_WITH_VALUES = frozenset("AbcCdDeEFhHKmoPQrTtuUwxXyYz")
"""Letters of curl behind which the rest of a word is a value: `-XPOST`, `-ume:pw`."""


def _gives(word: str, letter: str) -> bool:
    """Whether a bundle of letters holds one that is no part of a value: `-fsSm5`."""
    if not word.startswith("-") or word.startswith("--"):
        return False
    for each in word[1:]:
        if each == letter:
            return True
        if each in _WITH_VALUES:
            return False
    return False


def _report(placed: PlacedCall) -> Diagnostic:
    call = placed.call
    limit = own_timeout(placed)
    lasts = "waits as long as the connection stands"
    if call.program == "curl" and call.has("connect-timeout"):
        lasts = "limits the connection only, and waits for the answer without end"
    severity = Severity.WARNING
    if limit is not None and not _eats_up(placed, limit.ms):
        severity = Severity.INFO
        lasts += f", up to the whole {limit} of the {'step' if placed.place.step else 'check'}"
    elif limit is not None:
        lasts += f": one request may take the whole {limit}, and is asked once"
    add = _ADDED[call.program]
    first = call.words[0]
    return CODE.at(
        placed.span,
        f"`{call.program}` has no time limit: it {_HELD.get(call.program, lasts)}",
        hint=f"add `{add}`",
        severity=severity,
        fix=added(placed, add, safe=False) if stands_there(placed, first) else None,
    )


def _eats_up(placed: PlacedCall, limit_ms: int) -> bool:
    """Whether a single question may take all the time in which it should be asked again."""
    expectation = _expectation(placed)
    return bool(expectation and expectation.within and limit_ms >= expectation.within.ms)


def _expectation(placed: PlacedCall) -> Expectation | None:
    owner = placed.place.step or placed.place.check
    asked = owner.expectations if owner else ()
    return next((e for e in asked if e.shell is placed.place.shell), None)
