"""An `after` says nothing new: another one already implies it.

Naming the same phase twice in `after` is a warning. An order that follows from others is only
pedantic, and so is an `after` beside a `needs` of the same phase: who reads `needs` may think that
it is about scenarios alone.

## Why

Each order is a statement that someone has to check when a phase moves. Those that hold anyway
hide the ones that matter.

## Bad

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { after stop; budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" {
  after stop, database
  budget 2m
  step deploy "Deploy" { run `./deploy.sh` }
}
```

## Good

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { after stop; budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" { after database; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
```

## How it can be fooled

It can't be: `needs` is never redundant, because it also binds the scenarios.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.graph import redundant_orders
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Label, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.source import Span

CODE = Code("RB502", "redundant-order", Severity.PEDANTIC)

_BEFORE = lazy_pattern(
    r"(?P<word>\bafter[ \t]+)(?P<others>[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*[ \t]*,[ \t]*)?\Z"
)
_COMMA = lazy_pattern(r"[ \t]*,[ \t]*(?=[\w-])")
_END = lazy_pattern(r"[ \t]*(?:;[ \t]*|(?=\r?\n|\}|#))")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such `after`."""
    for order in redundant_orders(context.plan):
        name, via = order.reference, order.via
        again = via.text == name.text
        twice = again and via not in order.phase.needs
        yield CODE.at(
            name.span,
            f"phase `{order.phase.name}` already comes after `{name}`"
            + ("" if again else f" by way of `{via}`"),
            labels=(
                Label(via.span, "named here before" if again else f"this comes after `{name}`"),
            ),
            hint=f"remove `{name}` here",
            severity=Severity.WARNING if twice else Severity.PEDANTIC,
            fix=_removal(name.span),
        )


def _removal(name: Span) -> Fix | None:
    """Takes the name out of its `after`, or the whole statement where it is the only one.

    None where line ends or comments stand in between.
    """
    source, text = name.source, name.source.text
    begin = source.line_starts[name.begin.line - 1]
    before = _BEFORE.search(text[begin : name.start])
    if not before:
        return None
    comma = _COMMA.match(text, name.end)
    if comma:
        start, end = name.start, comma.end()
    elif before["others"]:
        start = begin + before.start("others") + len(before["others"].rstrip(" \t,"))
        end = name.end
    else:
        statement = _statement(text, begin, begin + before.start(), name.end)
        if statement is None:
            return None
        start, end = statement
    return Fix(f"remove `{name.text}` here", (Edit(source.span(start, end), ""),))


def _statement(text: str, begin: int, start: int, end: int) -> tuple[int, int] | None:
    """A statement with its separator, or with its line where nothing else is on it."""
    behind = _END.match(text, end)
    if not behind:
        return None
    lead = text[begin:start].rstrip(" \t")
    separated = behind[0].strip() == ";"
    alone = not lead and text[behind.end() : behind.end() + 2].startswith(("\n", "\r\n"))
    if alone:
        return begin, text.index("\n", behind.end()) + 1
    if not separated and lead.endswith(";"):
        return begin + len(lead) - 1, end
    return start, behind.end()
