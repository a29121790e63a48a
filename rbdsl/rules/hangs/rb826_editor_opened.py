"""A command opens an editor.

`git commit` without a message, `git revert` without `--no-edit`, `git rebase -i`, `kubectl edit`,
`crontab -e`: somebody has to write, save and leave.

## Why

There is no terminal, so the editor fails, or sits there until the time limit; git then leaves a
half-made revert behind, in the way of the next attempt. Which editor it is depends on the machine.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step undo "Take the commit back" { timeout 1m; run `git revert 4f2c1d9` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step undo "Take the commit back" { timeout 1m; run `git revert --no-edit 4f2c1d9` }
}
```

## How it can be fooled

By `core.editor` in a configuration of git. `GIT_EDITOR` and its like are believed where the step or
the plan sets them. Since 2.32 git opens no editor for a revert without input, so that is a warning;
what always opens one is an error. A merge and a pull never do in a step, and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rbdsl.analysis.calls import Call
from rbdsl.analysis.options import split
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import added, is_fed, is_set, running, shown, stands_there
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB826", "editor-opened", Severity.ERROR)

_EDITORS = frozenset(["vi", "vim", "nvim", "nano", "emacs", "ed", "visudo", "vipw", "sudoedit"])
_VARIABLES = ("GIT_EDITOR", "EDITOR", "VISUAL", "GIT_SEQUENCE_EDITOR", "KUBE_EDITOR")


class _Opening(NamedTuple):
    """What opens an editor: the verb, the option that makes it so, and those that spare it."""

    verb: str
    spared_by: tuple[str, ...]
    hint: str
    needs: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR


_MESSAGE = ("m", "message", "F", "file", "C", "reuse-message", "no-edit", "fixup")
_ABORTING = ("no-commit", "n", "abort", "quit", "skip")
_OPENINGS: dict[str, tuple[_Opening, ...]] = {
    "git": (
        _Opening("commit", (*_MESSAGE, "dry-run", "squash"), '-m "…"'),
        _Opening("revert", ("no-edit", *_ABORTING), "--no-edit", severity=Severity.WARNING),
        _Opening("rebase", (), "a rebase without `-i`", ("i", "interactive", "edit-todo")),
        _Opening("rebase", (), "-c core.editor=true", ("continue",)),
        _Opening("cherry-pick", ("no-edit",), "--no-edit", ("e", "edit")),
        _Opening("merge", ("no-edit",), "--no-edit", ("e", "edit")),
        _Opening("tag", ("m", "message", "F", "file"), '-m "…"', ("a", "annotate", "s", "sign")),
        _Opening("config", (), "git config NAME VALUE", ("e", "edit")),
    ),
    "kubectl": (_Opening("edit", (), "kubectl patch"),),
    "oc": (_Opening("edit", (), "oc patch"),),
    "systemctl": (_Opening("edit", ("stdin",), "a drop-in file"),),
    "crontab": (_Opening("", (), "crontab FILE", ("e",)),),
    "virsh": (_Opening("edit", (), "virsh define"),),
    "ansible-vault": (_Opening("edit", (), "ansible-vault decrypt"),),
    "az": (),
}
PROGRAMS = _EDITORS | _OPENINGS.keys()


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each call that opens an editor."""
    for placed in running(context, PROGRAMS):
        call = placed.call
        if call.program in _EDITORS:
            if not _is_scripted(call):
                yield CODE.at(
                    placed.span,
                    f"`{call.program}` is an editor, and nobody is there to use it",
                    hint="change the file by a command (`sed -i`, `cp`, `install`)",
                )
            continue
        opening = next((o for o in _OPENINGS[call.program] if _opens(call, o)), None)
        if opening and not is_set(placed, *_VARIABLES) and "core.editor" not in call.text:
            yield _report(placed, opening)


def _is_scripted(call: Call) -> bool:
    """Whether an editor is given its commands: `ed -s file <<'END'`, `vim -es`, `visudo -c`."""
    if call.program == "visudo":
        return call.has("c", "check")
    return is_fed(call) or call.has("batch", "script", "s", "c")


def _opens(call: Call, opening: _Opening) -> bool:
    if opening.verb and _verb(call) != opening.verb:
        return False
    texts = [word.text for word in call.words]
    behind = texts[texts.index(opening.verb) + 1 :] if opening.verb else texts[1:]
    found = {name for name, _ in split(call.program, behind)[1]}
    # `git commit -am "…"`: the letters are in one word.
    found |= {letter for text in behind if _is_bundle(text) for letter in text[1:]}
    if opening.needs and found.isdisjoint(opening.needs):
        return False
    return found.isdisjoint(opening.spared_by)


def _is_bundle(text: str) -> bool:
    return text.startswith("-") and text[1:].isalpha()


def _verb(call: Call) -> str:
    """The first operand: of `git -C folder -c a=b revert` it is `revert`."""
    words = [word.text for word in call.words[1:]]
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in ("-C", "-c", "-n", "--namespace", "--context") else 1
    return words[at] if at < len(words) else ""


def _report(placed: PlacedCall, opening: _Opening) -> Diagnostic:
    call = placed.call
    name = f"{call.program} {opening.verb}".strip() or shown(placed)
    verb = next((word for word in call.words if word.text == opening.verb), None)
    fix = None
    if opening.hint == "--no-edit" and verb and stands_there(placed, verb):
        fix = added(placed, "--no-edit", after=verb)
    verb_of_hint = "add" if opening.hint.startswith("-") else "use"
    return CODE.at(
        placed.span,
        f"`{name}` opens an editor, and nobody is there to use it",
        hint=f"{verb_of_hint} {opening.hint}"
        if opening.hint.startswith("a ")
        else f"{verb_of_hint} `{opening.hint}`",
        severity=opening.severity,
        fix=fix,
    )
