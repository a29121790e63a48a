"""What is started in the background on a host keeps the output of the session: ssh waits for it.

## Why

ssh ends when nobody has its output any more. A server that was started by `nohup … &` and writes to
what it was given holds it as long as it runs: the service is up, the command never returns, and
the step is stopped at its time limit as a failure.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step start "Start" {
    timeout 1m
    run `ssh -n -o BatchMode=yes -o ConnectTimeout=5 web1 'nohup /srv/shop/server &'`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step start "Start" {
    timeout 1m
    run `ssh -n -o BatchMode=yes -o ConnectTimeout=5 web1 'nohup /srv/shop/server >/tmp/out 2>&1 &'`
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

By a program that closes its output itself, as daemons do, and by one that soon ends. What is waited
for in the same text, and what `timeout` ends, is spared, and so is `ssh` with a terminal (`-t`) or
with `-f`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, near, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB955", "session-kept-open", Severity.WARNING)

_SOON_OVER = frozenset(
    """
    cd chmod chown cp echo exit export find kill ln mkdir mv printf rm set sleep sync systemctl tar
    test touch true wait
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_AWAY = (">", ">>", ">|", "&>", "&>>", ">&")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such program."""
    for placed in acting(context):
        call = placed.call
        if not call.background or not call.where or not call.where[-1].startswith("ssh "):
            continue
        kept = [
            name for name, number in (("stdout", 1), ("stderr", 2)) if not _is_sent(call, number)
        ]
        if kept and not _is_over(placed):
            yield CODE.at(
                placed.span,
                f"{shown(call.text)} keeps the {' and '.join(kept)} of the session: ssh waits for "
                "as long as it runs",
                hint="add `>FILE 2>&1 </dev/null` before the `&`",
            )


def _is_sent(call: Call, descriptor: int) -> bool:
    """Whether its output goes elsewhere."""
    return any(
        r.operator in _AWAY and (r.descriptor == descriptor or r.operator.startswith("&"))
        for r in call.redirections
    ) or (descriptor == 1 and call.stage + 1 < len(call.pipe))


def _is_over(placed: PlacedCall) -> bool:
    """Whether it ends by itself soon, or something else holds."""
    call = placed.call
    if not call.program or call.program in _SOON_OVER:
        return True
    if any(words[0].text == "timeout" for words in call.wrappers):
        return True
    for other in near(placed):
        one = other.call
        if one.program == "wait" and one.where == call.where and one.start > call.start:
            return True
        if one.program == "ssh" and one.start < call.start < one.end and one.has("f", "t"):
            return True
    return False
