"""A command in a loop over lines reads the lines that the loop has not seen yet.

`while read -r pod; do kubectl exec -i "$pod" …; done <pods`: what reads standard input in such a
loop gets the rest of the list.

## Why

The loop ends after the first line, without an error. One pod is rolled back, the others keep the
version that broke, and the step says that it is done.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step reload "Reload every pod" {
    timeout 1m
    run ```
      kubectl -n shop get pods -o name | while read -r pod; do
        kubectl -n shop exec -i "$pod" -- nginx -s reload
      done
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step reload "Reload every pod" {
    timeout 1m
    run ```
      kubectl -n shop get pods -o name | while read -r pod; do
        kubectl -n shop exec "$pod" -- nginx -s reload </dev/null
      done
    ```
  }
}
```

## How it can be fooled

By a program that reads its input and is none of those known: ssh without `-n`, `exec -i` of
kubectl and docker, `docker compose exec`, mysql and psql without a statement.
A script of your own may, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.loops import Loop, loops
from rbdsl.analysis.options import split
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import running
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB825", "loop-input-eaten", Severity.ERROR)

_ELSEWHERE = lazy_pattern(r"\s-[a-zA-Z]*u|<")
"""A loop that reads another stream: `read -ru3 host`, `read -r host <&3`."""

_NO_STDIN = lazy_pattern(r"(?i)StdinNull[= ]yes")
PROGRAMS = frozenset(
    ["ssh", "kubectl", "oc", "docker", "podman", "docker-compose", "mysql", "mariadb", "psql"]
)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each command that eats the list of its loop."""
    for placed in running(context, PROGRAMS):
        call = placed.call
        if call.substituted == "<(" or not _reads(call):
            continue
        around = [
            loop
            for loop in loops(placed.place.shell.text)
            if loop.reads
            and not _ELSEWHERE.search(loop.head)
            and loop.begin <= call.start < loop.end
        ]
        if around and not _has_its_own(placed, around[-1]):
            loop = around[-1]
            yield CODE.at(
                placed.span,
                f"`{call.program}` reads the lines that the loop around it has not seen yet: the "
                "loop ends after the first one",
                labels=(
                    Label(
                        placed.place.span(loop.start, loop.start + len(loop.head.split()[0])),
                        "this loop reads its list from the same input",
                    ),
                ),
                hint=_hint(call),
            )


def _reads(call: Call) -> bool:
    """Whether it takes what stands in its standard input."""
    host = call.operands[0] if call.operands else call.words[0].text
    match call.program:
        case "ssh":
            end = next(i for i, w in enumerate(call.words) if w.text == host)
            own = split("ssh", [word.text for word in call.words[1:end]])[1]
            letters = {c for name, value in own if value is None for c in name}
            nothing = any(_NO_STDIN.match(value or "") for _, value in own)
            return not call.where and letters.isdisjoint("nfN") and not nothing
        case "kubectl" | "oc":
            return call.operands[:1] == ("exec",) and _asked(call)
        case "docker" | "podman":
            if call.operands[:2] == ("compose", "exec"):
                return True
            return call.operands[:1] in (("exec",), ("run",)) and _asked(call)
        case "docker-compose":
            return call.operands[:1] == ("exec",)
        case "psql":
            return not call.where and not call.has("c", "command", "f", "file", "l", "list")
        case _:
            return not call.where and not call.has("e", "execute")


def _asked(call: Call) -> bool:
    """Whether `-i` stands before what it runs."""
    for word in call.words[2:]:
        if word.text == "--":
            return False
        if word.text in ("-i", "-it", "-ti", "--stdin", "--interactive"):
            return True
    return False


def _has_its_own(placed: PlacedCall, loop: Loop) -> bool:
    """Whether it reads something else: a file, a here-document, the stage before it."""
    call = placed.call
    if call.given:
        return True
    if any(r.descriptor == 0 and r.target.start < loop.end for r in call.redirections):
        return True
    return call.stage > 0 and "while" not in call.pipe[call.stage :] and _fed_inside(placed)


def _fed_inside(placed: PlacedCall) -> bool:
    """Whether the pipe that feeds it begins inside of the loop."""
    call = placed.call
    before = call.pipe[call.stage - 1]
    others = [c.call for c in placed.place.calls if c.call.program == before]
    loop = next(
        each
        for each in reversed(loops(placed.place.shell.text))
        if each.reads and each.begin <= call.start < each.end
    )
    return any(loop.begin <= other.start < call.start for other in others)


def _hint(call: Call) -> str:
    if call.program == "ssh":
        return "write `ssh -n …`, or `</dev/null` behind it"
    if call.program in ("mysql", "mariadb", "psql"):
        return "give it a statement or a file, or `</dev/null`"
    return "leave `-i` out, or write `</dev/null` behind it"
