"""`vault kv put` writes one field of a secret, and the other fields are gone.

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

Which fields a secret has only Vault knows: one that has a single field is rightly replaced. So it
is reported only where the plan reads single fields of the same secret (`-field=`), and never the
whole of it. Several fields that are written at once, and what comes from a file, are taken for all.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB981", "secret-replaced", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    by_field: set[str] = set()
    whole: set[str] = set()
    writing = [p for p in acting(context, "vault") if p.call.operands[:2] == ("kv", "put")]
    if not writing:
        return
    for placed in context.calls_by_program.get("vault", ()):
        if placed.call.operands[:2] == ("kv", "get"):
            (by_field if placed.call.has("field") else whole).add(_secret(placed))
    for placed in writing:
        secret = _secret(placed)
        fields = placed.call.operands[3:]
        if len(fields) != 1 or "=" not in fields[0] or secret in whole or secret not in by_field:
            continue
        field = fields[0].partition("=")[0]
        yield CODE.at(
            placed.span,
            f"{shown(placed.call.text)} replaces the whole secret: it has no field but `{field}` "
            "after this",
            hint="`vault kv patch` leaves the other fields, `vault kv rollback` brings all back",
        )


def _secret(placed: PlacedCall) -> str:
    """The path of the secret that a call is about, with its mount."""
    path = placed.filled(placed.call.operands[2]) if len(placed.call.operands) > 2 else ""
    mount = placed.call.value("mount")
    return f"{placed.filled(mount)}/{path}" if mount else path
