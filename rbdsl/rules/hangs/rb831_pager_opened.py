"""A command shows its output in a pager where there is a terminal.

`git log`, `git diff`, `systemctl status` and `journalctl` start `less` for people.

## Why

In a step the output is no terminal, and they do not. But the commands of a plan are also typed from
`PLAN.md` by whoever does it by hand, at night, and then the first one stops at `(END)`.

## Bad

```rbplan
phase back "Back" { budget 1m; step look "Look" { timeout 10s; run `git log -3` } }
```

## Good

```rbplan
phase back "Back" { budget 1m; step look "Look" { timeout 10s; run `git --no-pager log -3` } }
```

## How it can be fooled

By `PAGER` and its like in the environment. Off by default, since it stops no script: it is for
plans that are meant to be carried out by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import added, begins, is_set, running, shown, stands_there
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB831", "pager-opened", Severity.PEDANTIC)

_PAGED = {
    "git": ("log|diff|show|reflog|blame|grep|shortlog", "GIT_PAGER"),
    "systemctl": ("status|list-units|list-timers|show|cat", "SYSTEMD_PAGER"),
    "journalctl": ("", "SYSTEMD_PAGER"),
}
PROGRAMS = frozenset(_PAGED)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command whose output is not taken elsewhere."""
    for placed in running(context, PROGRAMS):
        call = placed.call
        verbs, variable = _PAGED[call.program]
        if (verbs and not begins(call, verbs)) or call.has("f", "follow"):
            continue
        taken = call.stage < len(call.pipe) - 1 or call.substituted or _is_redirected(placed)
        mend = "--no-pager"
        if taken or mend in call.text or is_set(placed, variable, "PAGER"):
            continue
        name = shown(placed) if verbs else call.program
        yield CODE.at(
            placed.span,
            f"`{name}` opens a pager where it is typed at a terminal",
            hint=f"write `{call.program} {mend} …`",
            fix=added(placed, mend) if stands_there(placed, call.words[0]) else None,
        )


def _is_redirected(placed: PlacedCall) -> bool:
    return any(r.descriptor == 1 for r in placed.call.redirections)
