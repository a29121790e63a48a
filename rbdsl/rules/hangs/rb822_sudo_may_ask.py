"""`sudo` may ask for a password.

With `-n` it never asks: it fails at once where it would.

## Why

At a terminal `sudo` waits for somebody to type the password of whoever started the rollback,
until the time limit of the step is over; without one it fails with "a terminal is required". In
the rehearsal the password was still remembered from a minute before. On another host there is no
terminal, so that it fails at once; that is a note.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step restart "Restart" { timeout 1m; run `sudo systemctl restart nginx` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step restart "Restart" { timeout 1m; run `sudo -n systemctl restart nginx` }
}
```

Whether it will work can be asked beforehand: a step at the beginning that runs `sudo -n true`.

## How it can be fooled

By a `sudoers` that needs no password: then `-n` changes nothing, and says so to the reader.
`sudo -S` reads the password from where it is given one, and `sudo -A` asks a program.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Word
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB822", "sudo-may-ask", Severity.WARNING)

_SAFE = frozenset("nSA")
_LONG = ("--non-interactive", "--stdin", "--askpass")
PROGRAMS = ("sudo", "doas")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each `sudo` that may ask: at the call where it is first seen, the outermost.

    What that call runs elsewhere (`sudo kubectl exec`) has it among its wrappers, too.
    """
    seen: set[tuple[int, int]] = set()
    for placed in context.calls:
        if placed.place.role is Role.QUERY:
            continue
        for words in (*placed.call.wrappers, placed.call.words):
            program = words[0].text.rpartition("/")[2]
            if program not in PROGRAMS or _never_asks(words):
                continue
            here = (id(placed.place), words[0].start)
            if here not in seen:
                seen.add(here)
                yield _report(placed, words, program)


def _never_asks(words: tuple[Word, ...]) -> bool:
    texts = [word.text for word in words[1:]]
    letters = {c for text in texts if text[:1] == "-" and text[:2] != "--" for c in text[1:]}
    forgets = texts in (["-k"], ["-K"])
    return forgets or bool(letters & _SAFE) or not {*_LONG}.isdisjoint(texts)


def _report(placed: PlacedCall, words: tuple[Word, ...], program: str) -> Diagnostic:
    first = words[0]
    span = placed.span_of(first)
    fix = None
    if span.text == first.text:
        edit = Edit(placed.place.span(first.end, first.end), " -n")
        fix = Fix(f"write `{program} -n`", (edit,))
    elsewhere = placed.call.where
    text = f"`{program}` may ask for a password, and nobody is there to type it"
    if elsewhere:
        host = elsewhere[-1]
        text = f"`{program}` fails where it wants a password: `{host}` gives it no terminal"
    return CODE.at(
        span,
        text,
        hint=f"write `{program} -n`: it fails at once where it would ask",
        severity=Severity.INFO if elsewhere else Severity.WARNING,
        fix=fix,
    )
