"""A secret is printed into the log.

By `echo "$TOKEN"`, by `set -x` or `curl -v` where one is used, by `env` which prints all there is,
by `kubectl get secret -o yaml`.

## Why

What a step prints is kept, archived with the run, and read by everybody who looks into the
incident. The script masks the values of what the plan declares as a `secret`, as they stand; it
knows nothing of others, nor of what has been encoded.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step look "Look" { timeout 10s; run `env` }
}
```

## Good

```rbplan
secret API_TOKEN "Token of the API"
phase back "Back" {
  budget 2m
  step look "Look" { timeout 10s; run `echo "a token is set: ${API_TOKEN:+yes}"` }
}
```

## How it can be fooled

By scripts that print what they are given, and by names that say nothing. What is redirected or goes
into a pipe or a substitution is not in the log. Of a declared secret it is an information,
since its value is masked.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.call_words import SAYING
from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.shell_variables import variables
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall
from rbdsl.rules.values.environment import shells
from rbdsl.rules.values.secrets import declared_secrets, secret_in, sounds_secret

CODE = Code("RB892", "secret-printed", Severity.WARNING)

_ENCODING = frozenset(["base64", "xxd", "od", "hexdump", "rev", "openssl"])
_KEPT = ("o", "output")
_OUTPUTS = ("yaml", "json", "jsonpath", "go-template", "template", "custom-columns")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each command that prints one."""
    declared = declared_secrets(context.plan)
    for place in shells(context):
        for placed in place.calls:
            found = _printed(placed, declared)
            if found:
                yield found


def _printed(placed: PlacedCall, declared: frozenset[str]) -> Diagnostic | None:
    call = placed.call
    if call.program in SAYING:
        return _of_saying(placed, declared)
    if call.program in ("env", "printenv", "export", "set") and len(call.words) == 1:
        if _goes_to_the_log(call):
            return CODE.at(
                placed.span,
                f"`{call.program}` prints the whole environment into the log, secrets and all",
                hint="print the names that matter, one by one",
            )
    elif call.program in ("kubectl", "oc") and call.operands[:1] == ("get",):
        return _of_secret_object(placed)
    elif call.program == "set" and _traces(call):
        return _of_tracing(placed, placed.place, declared)
    return None


def _of_saying(placed: PlacedCall, declared: frozenset[str]) -> Diagnostic | None:
    call = placed.call
    if call.substituted or any(r.descriptor == 1 for r in call.redirections):
        return None
    behind = call.pipe[call.stage + 1 :]
    if behind and not _ENCODING.issuperset(behind):
        return None
    known = {*(placed.place.values or ()), "PASS", "pass"}  # the last two count tests
    words = (
        word for word in call.words[1:] if not word.literal and ":+" not in _source(placed, word)
    )
    secret = next((s for s in (secret_in(word.text, declared, known) for word in words) if s), None)
    if secret is None:
        return None
    masked = secret[1:] in declared and not behind
    how = f", encoded by `{behind[0]}`" if behind else ""
    return CODE.at(
        placed.span,
        f"`{secret}` is printed into the log{how}"
        + (", where its value is masked" if masked else ""),
        hint="say whether it is there, not what it is: `${" + secret[1:] + ":+set}`"
        if masked or behind
        else f"leave it out; what is declared as `secret {secret[1:]}` is masked",
        severity=Severity.INFO if masked else Severity.WARNING,
    )


def _source(placed: PlacedCall, word: Word) -> str:
    return placed.place.shell.text[word.start : word.end]


def _goes_to_the_log(call: Call) -> bool:
    return (
        len(call.pipe) == 1
        and not call.substituted
        and not any(r.descriptor == 1 for r in call.redirections)
    )


def _of_secret_object(placed: PlacedCall) -> Diagnostic | None:
    call = placed.call
    kind = call.operands[1].partition("/")[0] if len(call.operands) > 1 else ""
    form = call.value(*_KEPT) or ""
    if kind not in ("secret", "secrets") or not form.startswith(_OUTPUTS):
        return None
    behind = call.pipe[call.stage + 1 :]
    kept = call.substituted or any(r.descriptor == 1 for r in call.redirections)
    if kept or (behind and behind[-1] not in ("base64", "jq", "grep", "yq", "cat")):
        return None
    return CODE.at(
        placed.span,
        f"`{call.program} get {kind} -o {form.partition('=')[0]}` prints secrets into the log",
        hint="ask for the names only: `-o name`, or write it to an artifact",
    )


def _traces(call: Call) -> bool:
    words = [word.text for word in call.words[1:]]
    return any(w[:1] == "-" and w[:2] != "--" and "x" in w for w in words) or "xtrace" in words


def _of_tracing(placed: PlacedCall, place: Place, declared: frozenset[str]) -> Diagnostic | None:
    """`set -x` prints each command with its values."""
    later = sorted(
        reading.name
        for reading in variables(place.shell.text).readings
        if reading.start > placed.call.start
        and sounds_secret(reading.name)
        and reading.name not in declared
    )
    if not later:
        return None
    return CODE.at(
        placed.span,
        f"`set -x` prints `${later[0]}` into the log",
        hint=f"leave it out; what is declared as `secret {later[0]}` is masked",
    )
