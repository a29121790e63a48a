"""An expectation that fails just where its output is the one that is wanted.

`grep -c` prints 0 and ends with 1, `systemctl is-active` prints `inactive` and ends with 3, `curl
--fail` prints 404 and ends with 22.

## Why

Both have to be right, the output and the status; and in a pipe the status of every part counts. So
the check for no error in the logs is missed when there is none, and a rollback that worked is
reported as failed, or taken back.

## Bad

```rbplan
verification {
  check logs "No error in the logs" {
    expect `kubectl -n shop logs deployment/shop --tail=500 | grep -c ERROR` equals "0"
  }
}
```

## Good

```rbplan
verification {
  check logs "No error in the logs" {
    expect `kubectl -n shop logs deployment/shop --tail=500 | { grep -c ERROR || true; }` equals "0"
  }
}
```

`awk '/ERROR/ { n++ } END { print n + 0 }'` counts, too, and succeeds for 0. `grep … | wc -l` does
not help: the pipe fails with `grep`.

## How it can be fooled

Sure for the programs that it knows: `grep` and its kind, `pgrep`, `pidof`, `jq -e`, `systemctl
is-active` and its kind, `curl --fail` that writes the code. What a file holds that the output is
compared with is not known. Of counts that are kept in a variable (`n="$(grep -c …)"`) those are
reported that are compared with 0 behind it, that pass or are cared for where they are 0 (`[ "$n"
-lt 5 ]`, `if [ "$n" -gt 0 ]`), and, with a note only, that are told and no more (`echo "$n
errors"`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.evidence.kept_counts import only_told, zero_is_fine
from rbdsl.rules.hangs.running import running
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.silence.answers import accepts, matched, readers

CODE = Code("RB918", "fails-when-right", Severity.WARNING)

_GREPS = frozenset(["grep", "egrep", "fgrep", "zgrep", "xzgrep", "bzgrep", "zstdgrep"])
_FINDERS = frozenset(["pgrep", "pidof"])
PROGRAMS = _GREPS | _FINDERS | {"jq", "systemctl", "curl"}

_STATES: dict[str, tuple[tuple[str, ...], str]] = {
    # what `systemctl` is asked → the answers that it ends with a failure for, one that it does not
    "is-active": (("inactive", "failed", "activating", "deactivating", "unknown"), "active"),
    "is-enabled": (("disabled", "masked", "masked-runtime", "linked", "not-found"), "enabled"),
    "is-failed": (("active", "inactive", "activating", "unknown"), "failed"),
    "is-system-running": (
        ("degraded", "starting", "stopping", "maintenance", "initializing", "offline"),
        "running",
    ),
}
_REFUSED = ("404", "401", "403", "410", "400", "429", "500", "502", "503", "504")
_CODE = lazy_pattern(r"\s*%\{(?:http|response)_code\}(?:\\n)?\s*")
_PASSES = frozenset(["tr", "sort", "uniq", "cut", "head", "tee", "cat"])
"""Readers that print of nothing nothing, and of a line the line."""
_CHOOSES = {
    "uniq": ("d", "D", "u", "repeated", "all-repeated", "unique"),
    "cut": ("s", "only-delimited"),
}
"""… but with these options, for which they print nothing of many lines."""
_KEPT = lazy_pattern(r"(\w+)=\"?\$\(")
_NEAR = 1000
"""So many characters around a count, its variable is looked for."""
_MANY = "10"
_ONLY_TOLD = "before the count is told"
"""Whether no match is a failure, then, only who wrote it knows."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such expectation."""
    for placed in running(context, PROGRAMS):
        call = placed.call
        if call.tested or call.background or call.function or _is_sent_away(call):
            continue
        if call.substituted:
            if _is_count(call) and (why := _why_nothing_is_right(placed)):
                yield _of_kept_count(placed, why)
        elif matched(placed.place) and placed.place.role is Role.EXPECT:
            yield from _of_expectation(placed)


def _of_expectation(placed: PlacedCall) -> Iterator[Diagnostic]:
    refused, usual = _outputs(placed)
    for output in refused if _ends_the_text(placed.call) else ():
        printed, normal = _printed(placed, output), _printed(placed, usual)
        if printed is None or normal is None:
            return
        if accepts(placed.place, printed) and not accepts(placed.place, normal):
            yield _report(placed, output, printed)
            return


def _outputs(placed: PlacedCall) -> tuple[tuple[str, ...], str]:
    """The outputs that a call ends with a failure behind, and one that comes with success."""
    call = placed.call
    program = call.program
    if program in _GREPS or program in _FINDERS:
        if program in _GREPS and call.has("q", "quiet", "silent", "L", "files-without-match"):
            return (), ""
        return (("0",), _MANY) if _is_count(call) else (("",), "found 10")
    if program == "jq" and call.has("e", "exit-status"):
        return ("false", "null", ""), "true"
    if program == "systemctl":
        asked = next((word for word in call.operands if word in _STATES), "")
        quiet = call.has("q", "quiet")
        return _STATES[asked] if asked and not quiet else ((), "")
    if program == "curl" and call.has("f", "fail", "fail-with-body"):
        return (_REFUSED, "200") if _prints_code_only(call) else ((), "")
    return (), ""


def _is_count(call: Call) -> bool:
    return call.program in (*_GREPS, "pgrep") and call.has("c", "count")


def _prints_code_only(call: Call) -> bool:
    """Whether nothing but the status of the answer is printed."""
    said = call.value("w", "write-out") or ""
    return _CODE.fullmatch(said) is not None and call.has("o", "output")


def _is_sent_away(call: Call) -> bool:
    """Whether what it prints goes to a file."""
    return any(r.descriptor == 1 and r.operator.startswith((">", "&>")) for r in call.redirections)


def _ends_the_text(call: Call) -> bool:
    """Whether a text ends with the failure of a call, if its pipe does."""
    return call.strictness.errexit or call.strictness.last


def _printed(placed: PlacedCall, output: str) -> str | None:
    """What is printed in the end where a call prints this; None where its failure is not seen."""
    found: str | None = output
    one: PlacedCall | None = placed
    while one is not None and found is not None:
        behind = list(readers(one))
        if behind and not one.call.strictness.pipefail:
            return None
        if one.call.tested or not _ends_the_text(one.call):
            return None
        found = _through(behind, found)
        one = _outer(one)
    return found


def _through(behind: list[Call], output: str) -> str | None:
    """What the readers of a pipe make of an output; None where that is not known."""
    for reader in behind:
        if _is_sent_away(reader):
            return None
        if reader.program == "wc" and reader.has("l", "lines"):
            output = _MANY if output else "0"
        elif reader.program not in _PASSES or reader.has(*_CHOOSES.get(reader.program, ())):
            return None
    return output


def _outer(placed: PlacedCall) -> PlacedCall | None:
    """The call that has the text run in which a call stands; None where it is the step's own."""
    begin = placed.call.strictness.of
    if begin < 0:
        return None
    return next((p for p in placed.place.before(placed) if p.call.start == begin), None)


def _why_nothing_is_right(placed: PlacedCall) -> str:
    """What follows of a count that is kept in a variable and may well be 0; empty for others."""
    call = placed.call
    if call.holder != "=" or call.strictness.of >= 0 or not call.strictness.errexit:
        return ""
    text = placed.place.shell.text
    names = _KEPT.findall(text, max(0, call.start - _NEAR), call.start)
    if not names or list(readers(placed)):
        return ""
    name = re.escape(names[-1])
    behind = text[call.end : call.end + _NEAR]
    compared = (
        rf"\$\{{?{name}\}}?\"?\s+(?:-eq|-le|==?)\s+[\"']?0\b|\(\(\s*\$?{name}\s*(?:==|<=)\s*0\b"
    )
    if re.search(compared, behind):
        return "before the count is compared with 0"
    if matched(placed.place):
        return ""
    if zero_is_fine(behind, names[-1]):
        return "and 0 is as good as any other"
    return _ONLY_TOLD if only_told(behind, names[-1]) else ""


def _report(placed: PlacedCall, output: str, printed: str) -> Diagnostic:
    call = placed.call
    wanted = f"`{printed}`" if printed else "no output"
    if call.program in _GREPS | _FINDERS:
        why = f"`{call.program}` ends with 1 where it finds nothing"
    elif call.program == "curl":
        why = f"`curl --fail` ends with 22 where the server answers {output}"
    else:
        what = "systemctl " + next((w for w in call.operands if w in _STATES), "")
        what = "jq -e" if call.program == "jq" else what
        why = f"`{what}` ends with a failure where it says `{output}`"
    return CODE.at(
        placed.span,
        f"this fails just where all is well: {wanted} is wanted, and {why}",
        hint=_hint(call),
    )


def _hint(call: Call) -> str:
    if call.program == "jq":
        return "leave out `-e`: the output is compared"
    if call.program == "curl":
        return "leave out `--fail`: the code is compared"
    return f"`{{ {call.program} … || true; }}`: the output is compared, the status need not be"


def _of_kept_count(placed: PlacedCall, why: str) -> Diagnostic:
    program = placed.call.program
    return CODE.at(
        placed.span,
        f"where `{program}` counts 0 it ends with 1, and the text ends here, {why}",
        hint=f'write `"$({program} … || true)"`',
        severity=Severity.INFO if why is _ONLY_TOLD else None,
    )
