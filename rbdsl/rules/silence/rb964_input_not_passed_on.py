"""Input for a command that does not pass it on: `kubectl exec` without `-i`, `ssh -n`.

## Why

`kubectl exec` and `docker exec` connect their standard input only where `-i` asks for it, and
`ssh -n` reads nothing. The program at the other end meets the end of its input at once: `psql`
has nothing to do, ends with 0, and not one row of the dump has been loaded.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step load "Load" {
    run    `kubectl -n shop exec db-0 -- psql -v ON_ERROR_STOP=1 -d shop </backup/shop.sql`
    expect `./count-rows.sh orders` equals "120"
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step load "Load" {
    run    `kubectl -n shop exec -i db-0 -- psql -v ON_ERROR_STOP=1 -d shop </backup/shop.sql`
    expect `./count-rows.sh orders` equals "120"
  }
}
```

## How it can be fooled

Sure where the command itself is fed: by a pipe, a file, a here-document. What a loop reads around
it is not meant for it. `docker compose exec` passes its input on without being asked. A program
that needs no input where it gets some is reported, though nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call, Redirection
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import near
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.remote_options import letters, own_options

CODE = Code("RB964", "input-not-passed-on", Severity.WARNING)

_VERBS = {
    "kubectl": ("exec", "run"),
    "oc": ("exec", "run"),
    "docker": ("exec", "run"),
    "podman": ("exec", "run"),
    "nerdctl": ("exec", "run"),
    "ssh": (),
}
_NOTHING = ("/dev/null", "/dev/tty")
_PIPED = lazy_pattern(r"\|&?\s*(?:\\\n\s*|#[^\n]*\n\s*)*(?:\w+=\S*\s+)*\Z")
_ENDS = lazy_pattern(r"[;\n})|]|&(?!>)|\b(?:done|fi|esac)\b")
_NEAR = 300
"""Characters before a command in which the `|` may stand that feeds it."""
PROGRAMS = frozenset(_VERBS)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    for program, verbs in _VERBS.items():
        for placed in context.calls_by_program.get(program, ()):
            if placed.place.role is not Role.QUERY and _drops_input(placed.call, verbs):
                what = _fed_by(placed)
                if what:
                    yield _report(placed, what)


def _drops_input(call: Call, verbs: tuple[str, ...]) -> bool:
    """Whether the program at the other end gets no input, whatever this one is given."""
    own = [word.text for word in own_options(call)]
    said = {letter for text in own for letter in letters(text)}
    if call.program == "ssh":
        return not said.isdisjoint("nf") and len(call.operands) > 1
    if call.operands[:1] == ("compose",) or (verbs and not set(verbs) & set(call.operands[:2])):
        return False
    attached = any(text.startswith(("--attach", "-a")) for text in own)
    bundled = any(re.fullmatch(r"-[a-zA-Z]*i[a-zA-Z]*", text) for text in own)
    return "i" not in said and not attached and not bundled


def _fed_by(placed: PlacedCall) -> str:
    """What the command itself is given to read; empty where that is nothing."""
    call = placed.call
    if any(words[0].text.rpartition("/")[2] == "xargs" for words in call.wrappers):
        return ""
    text = placed.place.shell.text
    taken = () if _is_first_there(placed) else _of_host(placed)
    own = [
        r for r in call.redirections if r.descriptor == 0 and r.operator == "<" and r not in taken
    ]
    for redirection in own:
        between = text[call.end : redirection.target.start].replace("\\\n", " ")
        if not _ENDS.search(between):
            nothing = redirection.target.text in _NOTHING
            return "" if nothing else f"`<{redirection.target.text}`"
    if call.documents or (call.given and not call.stage):
        return "" if own else "the here-document"
    if call.stage and _ends_pipe(placed):
        return "the pipe"
    return ""


def _ends_pipe(placed: PlacedCall) -> bool:
    """Whether it is itself what the pipe writes to, and not a command of a loop or a group."""
    call = placed.call
    stage = call.pipe[call.stage]
    if call.where and stage == "ssh" and call.program != "ssh":
        return _is_first_there(placed)
    if stage and stage == call.program:
        return True
    start = min([call.start, *(words[0].start for words in call.wrappers if words)])
    return _PIPED.search(placed.place.shell.text[max(0, start - _NEAR) : start]) is not None


def _is_first_there(placed: PlacedCall) -> bool:
    """Whether it is the first command of its text for a host, and gets what the host gets."""
    before = next(placed.place.before(placed), None)
    return before is not None and before.call.start == placed.call.strictness.of


def _of_host(placed: PlacedCall) -> tuple[Redirection, ...]:
    """The redirections of the `ssh` whose text it stands in: another command has read them."""
    of = placed.call.strictness.of
    if of < 0 or not placed.call.redirections:
        return ()
    found = (p.call for p in near(placed) if p.call.start == of and p.call.program == "ssh")
    return next((call.redirections for call in found), ())


def _report(placed: PlacedCall, what: str) -> Diagnostic:
    call = placed.call
    if call.program == "ssh":
        return CODE.at(
            placed.span,
            f"{what} does not reach the host: `ssh -n` reads nothing, and the command there gets "
            "no input",
            hint="leave `-n` out where the command is to read something",
        )
    verb = next(word for word in call.words[1:] if word.text in _VERBS[call.program])
    span = placed.span_of(verb)
    exact = span.text == verb.text
    behind = placed.place.span(verb.end, verb.end)
    return CODE.at(
        placed.span,
        f"{what} does not reach the container: `{call.program} {verb.text}` without `-i` passes "
        "no input on, and the command there has nothing to read",
        hint=f"write `{call.program} {verb.text} -i …`",
        fix=Fix("add `-i`", (Edit(behind, " -i"),)) if exact else None,
    )
