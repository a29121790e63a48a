"""A command names another environment than the one that the services of the plan are in.

## Why

The plan was rehearsed in staging, and one name was left behind. The command works, and says so: it
rolls back an environment in which nothing was wrong. Production keeps the failed version, and the
verification may even ask the wrong place, too.

## Bad

```rbplan
service mailer in production { version "2.9.4" -> "3.0.0" }
phase back "Back" {
  budget 3m
  step image "Image" {
    for mailer
    run ```
      kubectl -n mail-staging set image deployment/mailer mailer=registry.example.com/mailer:2.9.4
      kubectl -n mail-staging rollout status deployment/mailer --timeout=100s
    ```
  }
}
```

## Good

```rbplan
service mailer in production { version "2.9.4" -> "3.0.0" }
phase back "Back" {
  budget 3m
  step image "Image" {
    for mailer
    run ```
      kubectl -n mail set image deployment/mailer mailer=registry.example.com/mailer:2.9.4
      kubectl -n mail rollout status deployment/mailer --timeout=100s
    ```
  }
}
```

## How it can be fooled

By names: namespaces, contexts, profiles, projects and hosts are read word by word (`mail-staging`,
`web1.stg.example.com`). What is captured, and what deploys for a test, may go elsewhere; so may a
plan whose services are in several environments. A name that stands for more than its words say, as
the slot `staging` of a web app in production does, is not looked at. Each name is reported once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB977", "another-environment", Severity.WARNING)

_ENVIRONMENTS = {
    "production": frozenset(["production", "prod", "prd"]),
    "staging": frozenset(["staging", "stage", "stg"]),
    "preproduction": frozenset(["preprod", "preproduction"]),
    "development": frozenset(["development", "dev"]),
    "acceptance": frozenset(["uat", "qa"]),
    "sandbox": frozenset(["sandbox"]),
}
"""Each with the words that name it."""
_ALSO = {"live": "production"}
"""Words that name one where a service is said to be in it, and may mean anything elsewhere."""
_IN_HOSTS = frozenset(["production", "staging", "preproduction", "acceptance"])
"""Tools for developers have `dev` in the names of their hosts."""
_OPTIONS = {
    "kubectl": ("n", "namespace", "context", "cluster"),
    "helm": ("n", "namespace", "kube-context"),
    "aws": ("profile",),
    "gcloud": ("project", "configuration"),
    "bq": ("project_id",),
    "az": ("subscription", "g", "resource-group"),
    "docker": ("context", "c"),
    "nomad": ("namespace",),
    "terraform": ("var-file",),
    "ansible-playbook": ("i", "inventory", "l", "limit"),
}
"""The options of a program that say where it acts."""
_OPTIONS["oc"] = _OPTIONS["kubectl"]
_ADDRESS = re.compile(r"[a-z+]+://(?:[^\s/@]*@)?([\w.-]+)")
_HOST = re.compile(r"(?:[\w-]+@)?([\w-]+(?:\.[\w-]+)+)")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each name, at the first command that has it."""
    own = {e for service in context.plan.services for e in _of(service.environment.text, _ALSO)}
    if len(own) != 1:
        return
    text = context.plan.source.text.lower()
    others = {word for name, words in _ENVIRONMENTS.items() if name not in own for word in words}
    if not any(word in text for word in others):
        return
    reported: set[str] = set()
    for placed in context.calls:
        place = placed.place
        if place.captures or place.role in (Role.DEPLOY, Role.QUERY):
            continue
        for name, environments in _named(placed):
            if environments and own.isdisjoint(environments) and name not in reported:
                reported.add(name)
                yield _report(placed, name, min(own))


def _of(name: str, also: dict[str, str] | None = None) -> set[str]:
    """The environments that a name has in it."""
    words = set(re.split(r"[^a-z]+", name.lower()))
    found = {e for e, known in _ENVIRONMENTS.items() if not words.isdisjoint(known)}
    return found | {e for word, e in (also or {}).items() if word in words}


def _named(placed: PlacedCall) -> Iterator[tuple[str, set[str]]]:
    """The names that say where a command acts, with the environments that are in them."""
    call = placed.call
    for option in _OPTIONS.get(call.program, ()):
        value = placed.filled(call.value(option) or _behind(call, option))
        if value:
            yield value, _of(value)
    hosts = []
    if call.program in ("terraform", "tofu") and call.operands[:2] == ("workspace", "select"):
        yield from ((word, _of(word)) for word in map(placed.filled, call.operands[-1:]))
    if call.program == "ssh":
        hosts += [placed.filled(word) for word in call.operands[:1]]
    elif call.program in ("scp", "rsync"):
        hosts += [host for w in call.operands if (host := placed.filled(w).partition(":")[0]) != w]
    if call.program in ("curl", "wget", "psql", "mysql", "redis-cli", "mongosh"):
        hosts += [found[1] for text in placed.texts for found in _ADDRESS.finditer(text)]
        hosts += [placed.filled(call.value("h", "host") or "")]
    for host in hosts:
        for found in _HOST.finditer(host):
            if "acme" not in found[1]:
                yield found[1], _of(found[1]) & _IN_HOSTS


def _behind(call: Call, option: str) -> str:
    """The word behind an option whose value is not told apart from the operands."""
    written = f"-{option}" if len(option) == 1 else f"--{option}"
    words = [word.text for word in call.words]
    at = words.index(written) + 1 if written in words else len(words)
    return words[at] if at < len(words) else ""


def _report(placed: PlacedCall, name: str, own: str) -> Diagnostic:
    word = next(
        (w for w in placed.call.words if name in placed.filled(w.text)), placed.call.words[0]
    )
    return CODE.at(
        placed.span_of(word),
        f"`{name}` is another environment: the services of the plan are in {own}",
        hint=f"name that of {own}; if it is meant, say `service … in` for what is there",
    )
