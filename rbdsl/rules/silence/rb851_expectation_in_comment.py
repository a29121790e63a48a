"""An expectation that stands only in a comment: `# Expected: "v2.0.8"`.

## Why

Nobody reads the output of a script at night, and the script does not read its comments. Whatever
the command prints, the step is done. An `expect` compares, and fails.

## Bad

```rbplan
phase traffic "Traffic" {
  budget 1m
  step route "Route" {
    run ```
      ./scripts/route.sh v2.0.8
      curl -fsS --max-time 5 http://lb/health | jq -r .active_version
      # Expected: v2.0.8
    ```
  }
}
```

## Good

```rbplan
phase traffic "Traffic" {
  budget 1m
  step route "Route" {
    run    `./scripts/route.sh v2.0.8`
    expect `curl -fsS --max-time 5 http://lb/health | jq -r .active_version` equals "v2.0.8"
  }
}
```

## How it can be fooled

Words at the beginning of a comment are looked for: `Expected:`, `should show`, `make sure that`
with no command behind it, a bound (`# - P99 < 200ms`). Steps with an expectation of their own are
left alone, and so is a comment behind a command that judges by itself (`grep -q`, `test`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.shapes import Stretch, comments
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.silence.answers import looked_at

CODE = Code("RB851", "expectation-in-comment", Severity.WARNING)

_THING = (
    r"(?:(?:the )?(?:expected )?(?:output|result|response|answer|status|value|it|this|which) )?"
)
_EXPECTED = (
    r"(?:expected(?: (?:output|result|response|value|answer))?|expects?|expecting)\s*(?::|=>|=|->)"
    rf"|{_THING}(?:should|must) (?:now )?(?:show|return|print|say|output|contain|display|answer"
    r"|report|read|equal|give)s?\b"
    rf"|{_THING}(?:should|must) (?:now )?be (?:[\d\"'`<>=]|empty|zero|true|false|ok|healthy|up"
    r"|active|running|ready|the same|equal|at least|at most|no\b)"
    r"|(?:output|returns|prints)\s*(?::|=>)"
)
_DEMAND = (
    r"(?:verify|make sure|ensure|confirm|check)(?: that)? .*\b(?:is|are|has|have|returns?|shows?"
    r"|all|no|below|above|equals?)\b|[-*•]\s*[^<>=]{3,40}\s*(?:<|>|<=|>=|==|=)\s*\d"
)
_JUDGES = frozenset(["grep", "egrep", "test", "[", "diff", "cmp", "awk", "timeout"])
_TOKEN = lazy_pattern(r"[\w.:/@-]+")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such comment of a step without `expect`."""
    for place in context.places:
        if place.role is not Role.RUN or "#" not in place.shell.text:
            continue
        if place.step is not None and not place.step.expectations:
            yield from _in(place)


def _in(place: Place) -> Iterator[Diagnostic]:
    text, calls = place.shell.text, place.calls
    end = max((placed.call.start for placed in calls), default=-1)
    at = 0
    listed = -1  # where the last reported demand ends
    for comment in comments(text):
        stated = re.match(_EXPECTED, comment.text, re.IGNORECASE)
        if not stated:
            if comment.start < end or not re.match(_DEMAND, comment.text, re.IGNORECASE):
                continue
            if listed >= 0 and not text[listed : comment.start].strip():
                listed = comment.end
                continue  # one list of demands is one finding
            listed = comment.end
        while at < len(calls) and calls[at].call.start < comment.start:
            at += 1
        last = calls[at - 1] if at else None
        if last is None or not (last.call.program in _JUDGES or looked_at(last)):
            yield _report(place, comment, stated.end() if stated else 0, last)


def _report(place: Place, comment: Stretch, behind: int, last: PlacedCall | None) -> Diagnostic:
    return CODE.at(
        place.span(comment.start, comment.end),
        "an expectation stands only in this comment, and nothing compares with it",
        hint=_hint(comment.text[behind:].strip(" :=>-"), last),
    )


def _hint(value: str, last: PlacedCall | None) -> str:
    quoted = re.match(r"[\"'`]([^\"'`]+)[\"'`]", value)
    token = _TOKEN.match(value)
    if quoted:
        found = quoted[1]
    elif token and (token[0] == value or re.match(r"\d|v\d|true|false", value)):
        found = token[0]
    else:
        return (
            "let the step `expect` it: the command, and `equals`, `contains` or `matches` behind it"
        )
    command = _pipe_of(last) if last else "…"
    command = re.sub(r"\| jq (?!.*-\w*r)", "| jq -r ", command)
    shown = command if len(command) <= 60 else "…"
    return f'write it as `expect` of the step: `{shown}` equals "{found}"'


def _pipe_of(last: PlacedCall) -> str:
    """The pipe that a call ends, as it is written, on one line."""
    start = last.call.start
    if last.call.stage:
        heads = (p.call for p in last.place.before(last) if p.call.pipe == last.call.pipe)
        start = next((call.start for call in heads if call.stage == 0), start)
    return " ".join(last.place.shell.text[start : last.call.end].replace("\\\n", " ").split())
