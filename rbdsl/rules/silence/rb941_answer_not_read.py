"""What a command was refused stands in its answer and not in its status, and nobody reads it.

`aws dynamodb batch-write-item`, `aws lambda invoke`, `socat` to HAProxy, `_bulk` of Elasticsearch.

## Why

These end with 0 as soon as there is an answer. That half of the items were throttled, that the
function threw an exception, that there is `No such server.`, is said in the answer: where it is
thrown away, the step succeeds and some of the old data, or of the traffic, stays where it was.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step write "Write the items back" {
    timeout 1m
    run `aws dynamodb batch-write-item --request-items file://items.json >/dev/null`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step write "Write the items back" {
    timeout 1m
    run ```
      aws dynamodb batch-write-item --request-items file://items.json --output json |
        jq -e '(.UnprocessedItems | length) == 0' >/dev/null
    ```
  }
}
```

What is throttled is best sent again, with a pause, until nothing is left.

## How it can be fooled

An answer counts as read where its field is named in the step, where a program that can fail reads
it, or where the step that takes it into a variable has a test, whatever is tested. A step that asks
afterwards for what it has done (`show stat`, `_count`, the same service of AWS) is believed, and so
is a later check that compares the whole. One that looks at an example is not enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.steps import MatcherKind
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.shell_text import commands
from rbdsl.rules.silence.answers import expectation, is_shrug, looked_at
from rbdsl.rules.silence.told_failures import PROGRAMS as TELLING
from rbdsl.rules.silence.told_failures import Told, told

CODE = Code("RB941", "answer-not-read", Severity.WARNING)

PROGRAMS = TELLING

_COMPARING = r"\b(?:diff|cmp|comm|sha256sum|md5sum)\b"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call that acts, or that is a check."""
    for program in sorted(PROGRAMS):
        for placed in context.calls_by_program.get(program, ()):
            if placed.place.role is Role.BASELINE:
                continue
            what = told(placed)
            if what and not _is_read(placed, what) and not _is_asked_for(context, placed, what):
                yield CODE.at(
                    placed.span,
                    f"`{what.act}` succeeds also where it was refused: {what.tells} says so, and "
                    "nobody reads that",
                    hint=what.hint,
                )


def _is_read(placed: PlacedCall, what: Told) -> bool:
    """Whether somebody looks at the answer: of the call, its function, the `ssh` around it."""
    call, place = placed.call, placed.place
    around = [
        other
        for other in place.calls
        if (other.call.start <= call.start and other.call.end >= call.end)
        or (call.function and other.call.program == call.function)
    ]
    if any(is_shrug(one.call.otherwise) or looked_at(one) for one in around):
        return True
    if any(one.call.holder == "word" for one in around if one is not placed):
        return True
    text = place.shell.text
    others = place.step.shells if place.step else ()
    texts = [
        text[: call.start],
        text[call.end :],
        *(s.text for s in others if s is not place.shell),
    ]
    return any(re.search(what.seen, one) for text in texts for one in commands(text))


def _is_asked_for(context: Context, placed: PlacedCall, what: Told) -> bool:
    """Whether the step asks for what it has done, or a check compares all of it."""
    own = placed.place
    if any(
        re.search(what.asked, "\n".join((other.call.text, *other.call.given)))
        for other in own.behind(placed)
        if told(other) is None
    ):
        return True
    for place in context.places:
        if place is own or place.captures or place.role is Role.QUERY:
            continue
        same = place.step is not None and place.step is own.step
        whole = what.anywhere or (place.check is not None and _compares(place))
        if (same or whole) and re.search(what.asked, place.shell.text):
            return True
    return False


def _compares(place: Place) -> bool:
    own = expectation(place)
    by_file = own is not None and own.matcher and own.matcher.kind is MatcherKind.EQUALS_FILE
    return bool(by_file) or re.search(_COMPARING, place.shell.text) is not None
