"""`ssh` may ask a question, or wait for a host that does not answer.

`BatchMode=yes` makes ssh, scp, sftp and rsync fail instead of asking for a password, a passphrase
or whether to trust the host; `ConnectTimeout` limits how long they try to connect.

## Why

A rollback is run while hosts are down. A connection to one that drops packets takes more than two
minutes to fail; where the limit of the step is shorter than that, it ends it, and only `--pedantic`
says so. And a host that was built anew has a new key, about which ssh asks at the terminal.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step restart "Restart" { timeout 1m; run `ssh web1 ./back.sh` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step restart "Restart" {
    timeout 1m
    run `ssh -o BatchMode=yes -o ConnectTimeout=5 web1 ./back.sh`
  }
}
```

## How it can be fooled

By a `~/.ssh/config` that says both, on the machine where the rollback happens to run. A
configuration that the command names (`-F`), an array of options and `GIT_SSH_COMMAND` are trusted.
It is sure that the command can wait, not that it will.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.list_calls import list_named
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.values import Duration
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import added, is_limited, is_set, running, stands_there
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB823", "ssh-may-wait", Severity.WARNING)

PROGRAMS = frozenset(["ssh", "scp", "sftp", "rsync", "ssh-copy-id", "autossh"])
_BATCH, _CONNECT = "-o BatchMode=yes", "-o ConnectTimeout=5"
_REMOTE = lazy_pattern(r"(?:[\w.$-]+@)?[\w.$\[\]-]+:(?!//)|[\w.$-]+@[\w.$-]+")
_DAEMON = lazy_pattern(r"\A[^/]*::")
"""A module of an rsync server, which is reached without ssh."""
_SPELLED = lazy_pattern(r"\$\{?\w*(?:opt|arg|flag)\w*", re.IGNORECASE)
_CONNECTING = 130_000
"""Milliseconds until Linux gives up on a host that does not answer (`tcp_syn_retries` is 6)."""
_TALKING = ("-V", "-G", "-O", "-Q")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command, which names what is missing."""
    for placed in running(context, PROGRAMS):
        call = placed.call
        text = " ".join((*placed.texts, *_listed(placed))).lower()
        if _is_elsewhere_configured(call) or not _connects(call):
            continue
        missing = []
        answers = "sshpass" in _wrapped(call) or is_set(placed, "SSH_ASKPASS")
        if "batchmode" not in text and not answers and not _is_batch(call):
            missing.append(_BATCH)
        if "connecttimeout" not in text and not is_limited(call) and not _has_time_limit(call):
            missing.append(_CONNECT)
        if missing and not (call.program == "rsync" and is_set(placed, "RSYNC_RSH")):
            yield _report(placed, missing)


def _report(placed: PlacedCall, missing: list[str]) -> Diagnostic:
    call = placed.call
    options = " ".join(missing)
    limit = _own_limit(placed)
    soon = missing == [_CONNECT] and limit is not None and limit.ms <= _CONNECTING
    facts = {
        _BATCH: "may ask at the terminal",
        _CONNECT: f"waits for a host that is down until the limit of {limit} ends it"
        if soon
        else "waits minutes for a host that is down",
    }
    rsync = call.program == "rsync"
    option = f'-e "ssh {options}"' if rsync else options
    fits = not rsync and call.program != "ssh-copy-id" and stands_there(placed, call.words[0])
    return CODE.at(
        placed.span,
        f"`{call.program}` {' and '.join(facts[one] for one in missing)}",
        hint=f"write `{call.program} {option} …`",
        severity=Severity.PEDANTIC if soon else Severity.WARNING,
        fix=added(placed, options, safe=missing == [_BATCH]) if fits else None,
    )


def _own_limit(placed: PlacedCall) -> Duration | None:
    """What the plan allows the step or check that it stands in."""
    holder = placed.place.step or placed.place.check
    return holder.timeout if holder else None


def _listed(placed: PlacedCall) -> Iterator[str]:
    """The items of the plan's own lists among the words: `"${options[@]}"`."""
    lists = placed.place.lists or {}
    for word in placed.call.words[1:]:
        yield from lists.get(list_named(word.text), ())


def _connects(call: Call) -> bool:
    """Whether another host is spoken to: `scp` and `rsync` may copy on this one."""
    words = [word.text for word in call.words[1:]]
    if call.program in ("scp", "rsync"):
        return any(
            _REMOTE.match(word) and not (call.program == "rsync" and _DAEMON.search(word))
            for word in words
            if not word.startswith("-")
        )
    return bool(call.operands) and not any(word in _TALKING for word in words)


def _is_elsewhere_configured(call: Call) -> bool:
    if any(word.text[:2] == "-F" or _SPELLED.match(word.text) for word in call.words[1:]):
        return True
    remote_shell = call.value("e", "rsh") if call.program == "rsync" else None
    return remote_shell is not None and remote_shell.startswith("$")


def _is_batch(call: Call) -> bool:
    """Whether an option of its own keeps it from asking: `scp -B`, `sftp -b file`."""
    return (call.program == "scp" and call.has("B")) or (call.program == "sftp" and call.has("b"))


def _has_time_limit(call: Call) -> bool:
    return call.program == "rsync" and any(w.text.startswith("--contimeout") for w in call.words)


def _wrapped(call: Call) -> set[str]:
    return {words[0].text for words in call.wrappers}
