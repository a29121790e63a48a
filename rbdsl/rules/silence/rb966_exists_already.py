"""Something is created that is there already.

## Why

What the plan has kept before the change exists: the record, the object, the database, the release.
A command that only creates is refused then, and the rollback stops at it, often with half of its
work done. In a rehearsal in an empty environment the same command works.

## Bad

```rbplan
capture {
  step values "Values" { creates values "v.yaml"; run `helm -n shop get values shop > "$values"` }
}
phase back "Back" {
  budget 4m
  step install "Install" {
    uses values
    run `helm -n shop install shop charts/shop-4.0.7.tgz -f "$values" --wait --timeout 3m`
  }
}
```

## Good

```rbplan
capture {
  step values "Values" { creates values "v.yaml"; run `helm -n shop get values shop > "$values"` }
}
phase back "Back" {
  budget 4m
  step upgrade "Upgrade" {
    uses values
    run `helm -n shop upgrade shop charts/shop-4.0.7.tgz -f "$values" --wait --timeout 3m`
  }
}
```

## How it can be fooled

By a change that takes away what it finds: where the plan's `change` says so ("removes the …"), the
rule is silent, and any command before it that deletes or renames something of that name counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.kept_objects import CLUSTER, asked_for, kept_objects, put_back
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.silence.existing import Existing, existing

CODE = Code("RB966", "exists-already", Severity.WARNING)

_TAKES_AWAY = lazy_pattern(r"(?i)\b(?:remov|delet|drop|retire|decommission|uninstall|clean)")
_CREATE = lazy_pattern(r"""Action["']?\s*:\s*["']CREATE["']""")
_DELETE = lazy_pattern(r"""Action["']?\s*:\s*["']DELETE["']""")
PROGRAMS = frozenset([*CLUSTER, "helm", "createdb", "docker", "podman", "ln", "aws", "ldapadd"])

Found = tuple[PlacedCall, str, str]
"""The call, what is there already, and the mend."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    if context.acting.keys().isdisjoint(PROGRAMS):
        return
    change = context.plan.change
    if change and _TAKES_AWAY.search(change.plain):
        return
    known = existing(context)
    for looks in _LOOKS:
        for placed, what, mend in looks(context, known):
            if placed.place.phase is not None and placed.place.role is Role.RUN:
                yield CODE.at(
                    placed.span,
                    f"{what} is there already, as the plan itself uses it before: this is refused",
                    hint=mend,
                )


def _records(context: Context, known: Existing) -> Iterator[Found]:
    """Change batches of Route 53 that create a record that is captured."""
    if not known.records:
        return
    for place in context.places:
        if place.phase is None or "CREATE" not in place.shell.text:
            continue
        if not _CREATE.search(place.shell.text) or _DELETE.search(place.shell.text):
            continue
        for placed in place.calls:
            said = (placed.call.text, *placed.call.given, *(d.text for d in placed.call.documents))
            if any(map(_CREATE.search, said)):
                yield placed, "the record", 'say `"Action": "UPSERT"`, which writes it either way'
                break


def _objects(context: Context, known: Existing) -> Iterator[Found]:
    """`kubectl create` of an object that is kept."""
    kept = kept_objects(context)
    for placed, path in put_back(context, "create"):
        one = kept.get(path)
        if one and not known.is_gone(placed, *one.names, path, *one.kinds):
            yield placed, f"`{one.shown}`", "write `kubectl replace -f`, or `apply -f`"
    names = {(kind, name) for one in kept.values() for kind in one.kinds for name in one.names}
    for placed in known.acting(*CLUSTER) if names else ():
        call = placed.call
        if call.operands[:1] != ("create",) or call.has("dry-run", "filename", "f"):
            continue
        kinds, said = asked_for(placed)
        for kind in kinds:
            if said and (kind, said[-1]) in names and not known.is_gone(placed, said[-1]):
                mend = f"`kubectl create {kind} … --dry-run=client -o yaml | kubectl replace -f -`"
                yield placed, f"`{kind}/{said[-1]}`", mend


def _releases(_: Context, known: Existing) -> Iterator[Found]:
    for placed in known.acting("helm"):
        call = placed.call
        name = placed.filled((*call.operands, "", "")[1])
        if call.operands[:1] != ("install",) or call.has("replace", "dry-run"):
            continue
        if name in known.releases and not known.is_gone(placed, name):
            yield placed, f"the release `{name}`", f"write `helm upgrade {name} …`"


def _databases(_: Context, known: Existing) -> Iterator[Found]:
    for placed in known.acting("createdb"):
        name = placed.filled(placed.call.operands[-1]) if placed.call.operands else ""
        if name in known.databases and not known.is_gone(placed, name):
            mend = "restore over it with `pg_restore --clean --if-exists`, or into another name"
            yield placed, f"the database `{name}`", mend


def _containers(_: Context, known: Existing) -> Iterator[Found]:
    for placed in known.acting("docker", "podman"):
        call = placed.call
        name = placed.filled(call.value("name") or "")
        if call.operands[:1] != ("run",) or call.has("rm", "replace") or not name:
            continue
        if known.is_stopped(placed, name) and not known.is_gone(placed, name):
            mend = f"a stopped container keeps its name: `{call.program} rm {name}` before it"
            yield placed, f"the container `{name}`", mend


def _links(_: Context, known: Existing) -> Iterator[Found]:
    for placed in known.acting("ln"):
        call = placed.call
        if not call.has("s", "symbolic") or call.has("f", "force") or len(call.operands) != 2:
            continue
        path = placed.filled(call.operands[1])
        if path in known.links and not known.is_gone(placed, path):
            mend = f"write `ln -sfn {placed.filled(call.operands[0])} {path}`"
            yield placed, f"the link `{path}`", mend


def _entries(_: Context, known: Existing) -> Iterator[Found]:
    for placed in known.acting("ldapadd"):
        paths = {placed.filled(word).removeprefix("./") for word in placed.call.operands}
        if paths & known.entries and not placed.call.has("c"):
            yield placed, "each of the entries", "delete them before it, or write `ldapmodify`"


_LOOKS: tuple[Callable[[Context, Existing], Iterator[Found]], ...] = (
    _records, _objects, _releases, _databases, _containers, _links, _entries,
)  # fmt: skip
