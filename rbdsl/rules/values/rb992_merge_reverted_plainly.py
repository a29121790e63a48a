"""A merge is reverted without saying which of its parents is to stay.

## Why

A merge commit has two parents, and `git revert` does not choose between them: "is a merge but no -m
option was given". The step fails every time, in the test only where the pull request was squashed
there, and the change stays live while people look up what a mainline is.

## Bad

```rbplan
param merge_commit: string "Hash of the merge commit"
phase back "Back" {
  budget 2m
  step undo "Take the merge back" {
    timeout 1m
    run `git -C /srv/deploy revert --no-edit "$merge_commit"`
  }
}
```

## Good

```rbplan
param merge_commit: string "Hash of the merge commit"
phase back "Back" {
  budget 2m
  step undo "Take the merge back" {
    timeout 1m
    run `git -C /srv/deploy revert --no-edit -m 1 "$merge_commit"`
  }
}
```

## How it can be fooled

That it is a merge is told by the name of the variable, by what describes it, and by where it
comes from (`git log --merges`). What GitHub calls the merge commit of a pull request is none
where it was squashed or rebased: known by that alone it is a note. A plan that speaks of squashing,
or chooses `-m` by the number of parents, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.values import Text
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.shell_text import variables_read

CODE = Code("RB992", "merge-reverted-plainly", Severity.WARNING)

_SPARED = ("m", "mainline", "abort", "quit", "skip", "continue")
_MERGE = re.compile(r"(?i)\bmerge[- ]commits?\b|\bcommit of the merge\b|\bmerge of\b")
_SQUASHED = re.compile(r"(?i)\bsquash|\brebase[- ](?:and[- ])?merge|\bno merge commits?\b")
_OTHER_WORDS = frozenset(["base", "request", "queue", "squash", "squashed", "before", "pre", "no"])
"""Words that make a `merge_base` or `merge_request` of a name, which need be no merge."""
_FROM_MERGES = re.compile(r"(?<!no)(?<!no-)--merges\b|--min-parents=2|\bMERGE_HEAD\b")
_FILE = re.compile(r"(?i)\bcat [^|]*\bmerge[-_](?:commit|sha|hash)|<[^|]*\bmerge[-_](?:commit|sha)")
_FROM_HOST = re.compile(r"(?i)merge_?commit")
_HASH = re.compile(r"[0-9a-f]{7,40}\Z")
_PARENT = re.compile(r"[~^](?!\{)|\.\.")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    calls = [c for c in acting(context, "git") if c.call.operands[:1] == ("revert",)]
    if not calls or any(_SQUASHED.search(text.plain) for text in _texts(context)):
        return
    for placed in calls:
        if placed.call.has(*_SPARED) or _is_chosen(placed):
            continue
        for name in placed.call.operands[1:]:
            severity = _is_merge(context, placed, name)
            if severity is not None:
                yield _report(placed, name, severity)
                break


def _is_chosen(placed: PlacedCall) -> bool:
    """Whether the option may be in an array, or another call of the text reverts with it."""
    if any("[@]" in word.text or "[*]" in word.text for word in placed.call.words):
        return True
    return any(
        other.call.program == "git"
        and other.call.operands[:1] == ("revert",)
        and other.call.has("m", "mainline")
        for other in placed.place.calls
    )


def _is_merge(context: Context, placed: PlacedCall, name: str) -> Severity | None:
    """How sure it is that a name stands for a merge; None where nothing says so."""
    if _PARENT.search(name):
        return None
    if _FROM_MERGES.search(name) or _FILE.search(name):
        return CODE.severity
    if _HASH.match(name) and _is_called_merge(context, name):
        return CODE.severity
    found: Severity | None = None
    for variable in variables_read(name):
        source = _sources(placed.place.shell.text).get(variable, "")
        if "no-merges" in source:
            continue
        if _says_merge(variable) or _is_described(context, variable):
            return CODE.severity
        if _FROM_MERGES.search(source):
            return CODE.severity
        if _FROM_HOST.search(source):
            found = Severity.INFO
    return found


def _says_merge(variable: str) -> bool:
    """`merge`, `merge_commit`, `MERGE_SHA`, and not `merge_base`."""
    words = set(re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", variable))
    lower = {word.lower() for word in words}
    return "merge" in lower and lower.isdisjoint(_OTHER_WORDS)


def _is_described(context: Context, variable: str) -> bool:
    """Whether the description of a variable of the plan calls it a merge."""
    return any(
        known.name.shell == variable
        and known.description is not None
        and _MERGE.search(known.description.plain) is not None
        for known in context.plan.variables
    )


def _is_called_merge(context: Context, commit: str) -> bool:
    """Whether a text calls this very commit a merge, or the plan a variable that holds it."""
    for known in context.plan.variables:
        if known.value and known.value.plain == commit and _says_merge(known.name.shell):
            return True
    return any(
        re.search(rf"(?i)\bmerge(?:[- ]commit)?:? `?{commit[:7]}", text.plain) is not None
        for text in _texts(context)
    )


@lru_cache(maxsize=256)
def _sources(text: str) -> Mapping[str, str]:
    """What the variables of a piece of bash are set to, as it is written."""
    from rbdsl.analysis.shell import parsed
    from rbdsl.analysis.shell_grammar import walk

    found: dict[str, str] = {}
    for node in walk(parsed(text)):
        if node.type in ("variable_assignment", "for_statement"):
            field = "name" if node.type == "variable_assignment" else "variable"
            name, value = node.child_by_field_name(field), node.child_by_field_name("value")
            if name is not None and value is not None:
                known = (name.text or b"").decode("utf-8", "replace")
                found[known] = (value.text or b"").decode("utf-8", "replace")
    return found


def _texts(context: Context) -> Iterator[Text]:
    """What the plan says of its change."""
    plan = context.plan
    yield from (text for text in (plan.change, plan.note) if text)
    for fact in plan.capture.facts if plan.capture else ():
        yield from (fact.label, fact.value)


def _report(placed: PlacedCall, name: str, severity: Severity) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"{shown(name)} is a merge, and `git revert` refuses one that is not told which parent "
        "stays",
        hint="add `-m 1`: the first parent is the branch that was merged into",
        severity=severity,
    )
