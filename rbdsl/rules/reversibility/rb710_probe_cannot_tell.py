"""A probe of a point of no return says "not crossed" also where it could not ask, or always.

## Why

A probe ends with 0 once the point is crossed and with 1 before; anything else counts as crossed,
so that a restore does not happen where nobody knows. `psql … | grep -q t` ends with 1 also where
the database can't be reached: the pipe has the status of `grep`, which has found nothing. The
restore goes ahead, over data that it must not touch. So it does where a failure is seen, and the
probe ends with `|| exit 1`, or goes on with `|| echo 0`. A probe that can't say "crossed" at all,
such as `false`, never stops anything.

## Bad

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  crossed when `psql -w -h db1 -d shop -Atc "select version >= 8 from schema" | grep -qx t`
  blocks database
  forward_fix { manual "Deploy the patch" }
}
```

## Good

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  crossed when ```
    crossed="$(psql -w -h db1 -d shop -Atc "select version >= 8 from schema")" || exit 2
    [[ $crossed == t ]]
  ```
  blocks database
  forward_fix { manual "Deploy the patch" }
}
```

## How it can be fooled

Looked at are pipes that end in `grep` and its kin, tests of what a command prints, programs
that are known to end with 1 where they can't ask (`kubectl`, `mysql` …), `exit 1` where what asks
has failed, and answers that are made up then (`|| true`, `|| echo 0`). That a probe never says
"crossed" is seen of what the shell itself answers, not of programs. A probe that is negated, or
that has ended with 2 or more where an earlier question failed, is left alone; so is what a script
of your own does inside.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.unholding import never_holds
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role

CODE = Code("RB710", "probe-cannot-tell", Severity.WARNING)

_SEARCHING = frozenset(["grep", "egrep", "fgrep", "zgrep", "diff", "cmp"])
"""Readers that end with 1 where they are given nothing."""
_SURE = frozenset(["echo", "printf", "date", "hostname", "true", ":", "seq", "pwd", "id", "uname"])
"""What does not fail, or asks nobody."""
_ONE = frozenset(
    """
    kubectl oc helm mysql mariadb redis-cli terraform tofu docker podman mongosh etcdctl consul
    sqlite3 argocd flyway alembic
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Programs that end with 1 for whatever goes wrong, a network that is down among it."""
_ASKING = _ONE | {"psql", "pg_isready", "mysqladmin", "curl", "wget", "ssh", "aws", "gcloud", "az"}
"""Programs whose failure may always be that nobody answers."""
_TESTING = frozenset(["test", "[", "jq", "yq", "pgrep", "ls", "stat", "find"])
"""What ends with 1 where the answer is no."""
_ONES = frozenset(["exit 1", "return 1"])
_ASSIGNED = ("=", "local", "declare", "export", "readonly", "typeset")
_OPENING = lazy_pattern(
    r"(?P<form>\[\[|\[|\btest|\(\()\s+(?P<asks>-[nz]\s+|\S+\s+==?\s+)?[\"']?\$\(\s*\Z|\(\(\s*\$\(\Z"
)
_IF_NOT = lazy_pattern(r"\bif\s+!\s[^\n;]*\Z")
_ENDS_OTHERWISE = lazy_pattern(r"\b(?:exit|return) (?:[2-9]|\d\d)")
"""Somewhere the text ends with a status that counts as crossed: it may be for this."""
_COMPARED = lazy_pattern(r"==|\(\(|\s=\s|-n\s")
_NOTHING = frozenset(["", "0", "f", "false", "no", "none", "null"])
_COMPARING = lazy_pattern(r"\s*\)[\"']?\s*(?P<word>[=!]?=|=~|-[a-z]{2}|)")
_FALSE_OF_NOTHING = frozenset(["=", "==", "=~", ""])
_NUMBERS = frozenset(["-gt", "-ge"])
_NEAR = 200
PARTS = ("points_of_no_return",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each probe that takes a failure for an answer."""
    for place in context.places:
        if place.role is not Role.PROBE:
            continue
        if never_holds(place.shell.text):
            yield _never(place)
        elif "PIPESTATUS" not in place.shell.text:
            found = next(_misleading(place), None)
            if found:
                yield found


def _never(place: Place) -> Diagnostic:
    return CODE.at(
        place.shell.span,
        "this never says that the point is crossed: whatever the state is, it ends with a failure",
        hint="ask for what is only there past the point; without a way to ask, leave the probe out",
    )


def _misleading(place: Place) -> Iterator[Diagnostic]:
    calls = place.calls
    ones = {p.call.function for p in calls if p.call.function and p.call.text in _ONES}
    for at, placed in enumerate(calls):
        call = placed.call
        if _is_guard(call):
            return  # what comes behind was reached
        if call.program in _SURE:
            continue
        if how := _handled(place, call, ones):
            yield _report(placed, how)
        elif call.tested == "!":
            continue
        elif len(call.pipe) > 1 and call.stage + 1 == len(call.pipe):
            if call.program in _SEARCHING and not _is_sure(call):
                writer = next((p for p in place.before(placed) if _feeds(p, call)), placed)
                if writer.call.tested != "!":
                    how = f"the pipe then ends with the 1 of `{call.program}`, which finds nothing"
                    yield _report(writer, how)
        elif call.substituted == "$(" and call.holder not in _ASSIGNED:
            if _is_false_of_nothing(placed):
                yield _report(placed, "there is nothing to compare then, and the test ends with 1")
        elif call.program in _ONE and len(call.pipe) == 1 and _decides(place, at):
            yield _report(placed, f"`{call.program}` itself ends with 1 then")


def _is_guard(call: Call) -> bool:
    """Whether the text ends with 2 or more where a call fails."""
    return call.otherwise[:1] in (("exit",), ("return",)) and call.otherwise[1:2] not in (
        (),
        ("0",),
        ("1",),
    )


def _handled(place: Place, call: Call, ones: set[str]) -> str:
    """How what runs behind a failure makes a "no" of it; empty where it does not."""
    if _asks(call) and (handler := _ends_with_one(place, call, ones)):
        return f"a failure ends it by {handler}"
    if _is_passed_over(place, call):
        return f"`{' '.join(call.otherwise)}` stands for the answer then"
    return ""


def _asks(call: Call) -> bool:
    """Whether a failure of a call says that there is no answer, and is none itself."""
    if call.where or call.pipe[-1] in _SEARCHING or call.program in _SEARCHING:
        return False
    if call.substituted == "$(" and call.holder in _ASSIGNED:
        return call.program not in _TESTING
    return call.program in _ASKING and not call.substituted


def _ends_with_one(place: Place, call: Call, functions: set[str]) -> str:
    """The words by which the text ends with 1 where a call fails; empty where it does not."""
    words = call.otherwise
    before = place.shell.text[max(0, call.start - _NEAR) : call.start]
    if not words or (call.tested == "!" and not _IF_NOT.search(before)):
        return ""  # `! ask || exit 1` ends where it does not fail
    if words[0] in functions:
        return f"`{words[0]}`"
    return f"`{' '.join(words)}`" if " ".join(words) in _ONES else ""


def _is_passed_over(place: Place, call: Call) -> bool:
    """Whether a failure becomes an answer, that of nothing: `|| true`, `|| echo 0`."""
    words, text = call.otherwise, place.shell.text
    if (
        not words
        or call.substituted != "$("
        or not _asks_anybody(call)
        or _ENDS_OTHERWISE.search(text)
    ):
        return False
    if words[0] in ("echo", "printf"):
        return " ".join(words[1:]).removesuffix("\\n") in _NOTHING
    return words in (("true",), (":",)) and _COMPARED.search(text) is not None and "-z" not in text


def _asks_anybody(call: Call) -> bool:
    return not call.where and not {*call.pipe, call.program} & {*_SEARCHING, *_TESTING, *_SURE}


def _is_sure(call: Call) -> bool:
    """Whether nothing in front of the pipe can fail for a reason of its own."""
    return all(program in _SURE for program in call.pipe[:-1])


def _feeds(placed: PlacedCall, reader: Call) -> bool:
    return placed.call.pipe == reader.pipe and placed.call.stage == 0


def _is_false_of_nothing(placed: PlacedCall) -> bool:
    """Whether a test of what a call prints is false, and no error, where it prints nothing."""
    call, text = placed.call, placed.place.shell.text
    if call.where or call.start == call.end:
        return False
    opening = _OPENING.search(text[max(0, call.start - _NEAR) : call.start])
    comparing = _COMPARING.match(text, call.end)
    if opening is None or comparing is None:
        return False
    form, asks = opening["form"] or "((", (opening["asks"] or "").strip()
    word = comparing["word"]
    if form == "((":
        return True
    if asks and not asks.startswith("-n"):
        return asks.endswith("=")
    return word in _FALSE_OF_NOTHING or (form == "[[" and word in _NUMBERS)


def _decides(place: Place, at: int) -> bool:
    """Whether a failure of a call is the status of the probe, or what it is taken from."""
    call = place.calls[at].call
    if call.where or call.tested:
        return False
    if call.substituted:
        return call.holder in _ASSIGNED and call.strictness.errexit
    return call.strictness.errexit or call.strictness.last


def _report(placed: PlacedCall, how: str) -> Diagnostic:
    name = placed.call.program or placed.call.words[0].text
    return CODE.at(
        placed.span,
        f"where `{name}` can't ask, this says that the point is not crossed: {how}",
        hint='write `answer="$(…)" || exit 2`, and compare `$answer` behind it',
    )
