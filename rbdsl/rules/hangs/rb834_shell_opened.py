"""A line opens a shell somewhere, and what follows runs here.

`ssh web1`, `sudo -i`, `su - postgres`, `kubectl exec -it pod -- bash` on a line of their own come
from runbooks that people type: the next lines are meant for that shell.

## Why

A step has no input, so the shell ends at once, and the next lines run on the machine of the
rollback, as its user: the service is restarted there, the folder is deleted there.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step restart "Restart" {
    timeout 1m
    run ```
      ssh -o BatchMode=yes -o ConnectTimeout=5 web1
      ln -sfn /srv/releases/41 /srv/current
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step restart "Restart" {
    timeout 1m
    run `ssh -o BatchMode=yes -o ConnectTimeout=5 web1 'ln -sfn /srv/releases/41 /srv/current'`
  }
}
```

## How it can be fooled

By a host that runs a command of its own for every login, and by `ssh` that is only asked whether a
login works (`ssh web1 true` says that better). Tunnels (`-N`) are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.wrappers import SHELLS
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import begins, is_fed, running
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB834", "shell-opened", Severity.ERROR)

PROGRAMS = frozenset(["ssh", "sudo", "su", "chroot", "newgrp", "tmux", "screen", *SHELLS])
_NO_LOGIN = frozenset("NfTOGVQWLRD")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each shell that is opened and given nothing to do."""
    for placed in running(context, PROGRAMS):
        if not is_fed(placed.call) and _opens(placed.call):
            yield _report(placed)


def _opens(call: Call) -> bool:
    words = call.words[1:]
    match call.program:
        case "ssh":
            letters = {c for w in words if _is_short(w) for c in w.text[1:2]}
            return len(call.operands) == 1 and not (letters & _NO_LOGIN) and not call.where
        case "sudo":
            return (
                bool(words)
                and all(_is_short(w) or w.text.startswith("--") for w in words)
                and (call.has("i", "s", "login", "shell"))
            )
        case "su":
            return not call.has("c", "command") and not any(w.text.startswith("-c") for w in words)
        case "tmux":
            return begins(call, "attach|a|attach-session")
        case "screen":
            return call.has("r", "x")
        case "chroot":
            return len(call.operands) == 1
        case "newgrp":
            return True
    return all(word.text in ("-l", "-i", "--login", "-") for word in words)


def _is_short(word: Word) -> bool:
    return word.text.startswith("-") and not word.text.startswith("--")


def _report(placed: PlacedCall) -> Diagnostic:
    call = placed.call
    there = call.where[-1] if call.where else ""
    name = call.operands[0] if call.program == "ssh" and call.operands else ""
    what = f"`{call.program}{' ' + name if name else ''}` opens a shell"
    hints = {
        "ssh": f"write the commands behind it: `ssh {name} '…'`",
        "sudo": "write `sudo -n` before each command",
        "su": "write `sudo -n -u USER` before each command",
    }
    return CODE.at(
        placed.span,
        f"{what}{' in `' + there + '`' if there else ''}, which ends at once: the lines behind it "
        "run here",
        hint=hints.get(call.program, "hand the commands to it: `-c '…'`"),
    )
