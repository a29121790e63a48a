"""A secret is written as a whole with some of its fields, and the other fields are gone.

## Why

A version of a secret is what one `kv put` has written, as a whole. Where only the old key is
written back, the user, the address and the second key that stood beside it are missing in the new
version, and the application fails where it starts the next time.

## Bad

```rbplan
phase secret "Old key" {
  budget 1m
  step key "Key" {
    timeout 30s
    run ```
      old="$(vault kv get -mount=kv -field=api_key -version=6 shop/sms)"
      printf '%s' "$old" | vault kv put -mount=kv shop/sms api_key=-
    ```
    expect `./key-is-old.sh`
  }
}
```

## Good

```rbplan
phase secret "Old key" {
  budget 1m
  step key "Key" {
    timeout 30s
    run `vault kv rollback -mount=kv -version=6 shop/sms`
    expect `./key-is-old.sh`
  }
}
```

`vault kv patch` changes the fields that it names, and leaves the others.

## How it can be fooled

Which fields a secret has only its store knows: one that has a single field is rightly replaced. So
it is reported only where the plan reads single fields of the same secret (`-field=`) and never the
whole of it, or names others that go with it: `payments/psp` is written with two fields, and a fact
lists five. What comes from a file is taken for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.sums import listed

CODE = Code("RB981", "secret-replaced", Severity.WARNING)

_ONE_KEY = lazy_pattern(r"\{\s*\\?[\"'](\w[\w.-]*)\\?[\"']\s*:\s*[^,{}]*\}")
_LIST = lazy_pattern(r"(?<![\w.-])[\w.-]+(?:\s*(?:,|\band\b)\s*[\w.-]+)+")
_CLUSTER = ("kubectl", "oc")
_AWS = (("put-secret-value",), ("update-secret",))

_HINTS = {
    "vault": "`vault kv patch` leaves the other fields, `vault kv rollback` brings all back",
    "aws": "write all fields, or make the version before current again "
    "(`update-secret-version-stage`)",
    "kubectl": "`kubectl patch secret` with `stringData` leaves the other fields",
}
PROGRAMS = ("vault", "aws", *_CLUSTER)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    by_field: dict[str, set[str]] = {}
    whole: set[str] = set()
    writing = [
        (placed, fields) for placed in acting(context, *PROGRAMS) if (fields := _fields(placed))
    ]
    if not writing:
        return
    for placed in context.calls_by_program.get("vault", ()):
        if placed.call.operands[:2] == ("kv", "get"):
            field = placed.call.value("field")
            if field:
                by_field.setdefault(_secret(placed), set()).add(placed.filled(field))
            else:
                whole.add(_secret(placed))
    for placed, fields in writing:
        known = by_field.get(_secret(placed), set())
        told = _told(context, fields) - fields
        single = len(fields) == 1 and known and _secret(placed) not in whole
        if single or told or (known - fields and _secret(placed) not in whole):
            yield _report(placed, fields, told | (known - fields))


def _fields(placed: PlacedCall) -> set[str]:
    """The fields that a call writes as the whole of a secret; none where not all are known."""
    call = placed.call
    if call.program == "aws":
        if call.operands[:1] != ("secretsmanager",) or call.operands[1:2] not in _AWS:
            return set()
        found = _ONE_KEY.fullmatch(placed.filled(call.value("secret-string") or "").strip())
        return {found[1]} if found else set()
    if call.program in _CLUSTER:
        if call.operands[:2] != ("create", "secret") or call.has("from-file", "from-env-file"):
            return set()
        literals = [value for name, value in call.options if name == "from-literal" and value]
        return {literal.partition("=")[0] for literal in literals}
    pairs = call.operands[3:]
    if call.operands[:2] != ("kv", "put") or not all("=" in pair for pair in pairs):
        return set()
    return {pair.partition("=")[0] for pair in pairs}


def _told(context: Context, fields: set[str]) -> set[str]:
    """The names of fields that a fact lists, where what is written is among them."""
    facts = context.plan.capture.facts if context.plan.capture else ()
    for fact in facts:
        for found in _LIST.finditer(fact.value.plain):
            names = {name for name in re.findall(r"[\w.-]+", found[0]) if name != "and"}
            if fields < names:
                return names
    return set()


def _report(placed: PlacedCall, fields: set[str], gone: set[str]) -> Diagnostic:
    lost = f": {listed(sorted(gone))} {'is' if len(gone) == 1 else 'are'} gone" if gone else ""
    only = listed(sorted(fields))
    return CODE.at(
        placed.span,
        f"{shown(placed.call.text)} replaces the whole secret: it has no field but {only} after "
        f"this{lost}",
        hint=_HINTS.get(placed.call.program, _HINTS["kubectl"]),
    )


def _secret(placed: PlacedCall) -> str:
    """The path of the secret that a call is about, with its mount."""
    call = placed.call
    if call.program == "aws":
        return placed.filled(call.value("secret-id") or "")
    if call.program in _CLUSTER:
        return ""
    path = placed.filled(call.operands[2]) if len(call.operands) > 2 else ""
    mount = call.value("mount")
    return f"{placed.filled(mount)}/{path}" if mount else path
