"""A variable is read where another shell runs, which does not have it.

In single quotes the text reaches `ssh host '…'`, `kubectl exec … -- sh -c '…'` or `sudo sh -c '…'`
as it stands, and that shell knows nothing of the plan's variables.

## Why

There the variable is empty, and no strict mode says so: `rm -rf /srv/$release` deletes all releases
on the host.

## Bad

```rbplan
let release = "41"
phase back "Back" {
  budget 2m
  step link "Link" {
    timeout 30s
    run `ssh -o BatchMode=yes -o ConnectTimeout=5 web1 'ln -sfn "/srv/$release" /srv/current'`
  }
}
```

## Good

```rbplan
let release = "41"
phase back "Back" {
  budget 2m
  step link "Link" {
    timeout 30s
    run `ssh -o BatchMode=yes -o ConnectTimeout=5 web1 "ln -sfn '/srv/$release' /srv/current"`
  }
}
```

`kubectl exec … -- env release="$release" sh -c '…'` hands a value over by name.

## How it can be fooled

By a host or container that has a variable of that name itself: that is why only names of the plan
and of the step are reported, and a name in capitals as a warning. `ssh -o SendEnv=…`,
`docker exec -e NAME` and `sudo -E` hand over what they name, or all.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.quoted_texts import QuotedText
from rbdsl.analysis.shell_variables import variables
from rbdsl.analysis.wrappers import SHELLS
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.plan import VariableKind
from rbdsl.model.values import ValueType
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place
from rbdsl.rules.values.environment import bound, declared, is_usual, shells

CODE = Code("RB895", "value-not-handed-over", Severity.ERROR)

_STATEMENT = lazy_pattern(r"(?<!\\)\n|;|&&|\|\|")
_OTHER_ROOTS = frozenset(["chroot", "nsenter", "unshare"])
_KEEPING = ("-E", "--preserve-env")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each name and quoted text."""
    known = declared(context.plan)
    lists = {
        v.name.shell
        for v in context.plan.variables
        if v.type is ValueType.STRINGS and v.kind is not VariableKind.SECRET
    }
    for place in shells(context):
        if "$" not in place.shell.text:
            continue
        for quoted in variables(place.shell.text).quoted:
            call = _runs(place, quoted)
            if call is not None:
                yield from _of_text(place, quoted, call, known | bound(place), lists)


def _runs(place: Place, quoted: QuotedText) -> Call | None:
    """The first call that a shell makes of a quoted text; None where no shell runs it."""
    for placed in place.calls:
        call = placed.call
        if quoted.start <= call.start < quoted.end:
            return None if _is_own_shell(call) else call
    return None


def _is_own_shell(call: Call) -> bool:
    """Whether the shell that has the value runs the text itself: `eval '…'`, `trap '…' EXIT`."""
    names = [words[0].text.rpartition("/")[2] for words in call.wrappers]
    return not call.where and ("eval" in names or "trap" in names) and SHELLS.isdisjoint(names)


def _is_apart(call: Call) -> bool:
    """Whether it runs where nothing is handed on; another root gets what is exported here."""
    return any(place.partition(" ")[0] not in _OTHER_ROOTS for place in call.where)


def _of_text(
    place: Place, quoted: QuotedText, call: Call, known: frozenset[str], lists: set[str]
) -> Iterator[Diagnostic]:
    inner = variables(quoted.text)
    outer = variables(place.shell.text)
    sudo = next((w for w in call.wrappers if w[0].text == "sudo"), None)
    cleared = sudo is not None and not any(w.text.startswith(_KEEPING) for w in sudo)
    handed = {*inner.names, *inner.tested, *call.environment} | _handed(place, quoted)
    apart = _is_apart(call)
    reported: set[str] = set()
    for reading in inner.readings:
        name = reading.name
        if reading.guarded or name in handed or name in reported or inner.open or is_usual(name):
            continue
        if name.isdigit() or (name not in known and name not in outer.names):
            continue  # a number is an argument of that very shell
        if not apart and not cleared and name in known - lists:
            continue  # exported: the shell here has it
        if not apart and not cleared and _is_exported(place, name):
            continue
        reported.add(name)
        begin = quoted.start + reading.start
        yield CODE.at(
            place.span(begin, begin + reading.end - reading.start),
            f"`${name}` is empty in {_where(call)}: in quotes it is no value but a name",
            hint="use double quotes, or hand it over by name: `env " + f'{name}="${name}" …`',
            severity=Severity.WARNING if name.isupper() else Severity.ERROR,
        )


def _handed(place: Place, quoted: QuotedText) -> set[str]:
    """The names that stand before the text: `docker exec -e NAME`, `env NAME=…`, `SendEnv=NAME`."""
    statement = _STATEMENT.split(place.shell.text[: quoted.start])[-1]
    words = statement.replace("=", " ").replace('"', " ").split()
    return {word for word in words if word.isidentifier()}


def _is_exported(place: Place, name: str) -> bool:
    text = place.shell.text
    return "export" in text and name in text.partition("export")[2]


def _where(call: Call) -> str:
    if call.where:
        return f"`{call.where[-1]}`"
    return (
        "the shell behind `sudo`"
        if call.wrappers and call.wrappers[0][0].text == "sudo"
        else "that shell"
    )
