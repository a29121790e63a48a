"""A package of the service is installed without its version.

## Why

Without a version the package manager takes the newest that it finds, which in a rollback is the
one to go; where that is installed already, it does nothing and ends with 0. `downgrade` without one
goes to the version before whatever is there, which after a hotfix is another one.

## Bad

```rbplan
service shop in production { version "3.1.4" -> "3.2.0" }
phase back "Back" {
  budget 2m
  step install "Install" { for shop; run `apt-get install -y --allow-downgrades shop` }
}
```

## Good

```rbplan
service shop in production { version "3.1.4" -> "3.2.0" }
phase back "Back" {
  budget 2m
  step install "Install" { for shop; run `apt-get install -y --allow-downgrades shop=3.1.4-1` }
}
```

## How it can be fooled

Only packages count whose name has a word in common with a service that the plan takes back to a
version. A repository that holds nothing but that version, or a pin in the preferences of `apt`, is
a false alarm: say the version all the same, so that it is to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.service_names import belong_together

CODE = Code("RB975", "package-without-version", Severity.WARNING)


class _Manager(NamedTuple):
    """The verbs that install, what in a name says the version, options that do, how to say it."""

    verbs: tuple[str, ...]
    version: str
    options: tuple[str, ...]
    form: str


_DEBIAN = _Manager(("install", "reinstall"), r"=|/", ("t", "target-release"), "{}=VERSION")
_REDHAT = _Manager(("install", "reinstall", "downgrade"), r"-\d|=", (), "{}-VERSION")
_NODE = _Manager(("install", "i", "add"), r".@", ("tag",), "{}@VERSION")
_PYTHON = _Manager(("install",), r"[=<>@~]", ("c", "constraint"), "{}==VERSION")
_MANAGERS: dict[str, _Manager] = {
    "apt": _DEBIAN,
    "apt-get": _DEBIAN,
    "aptitude": _DEBIAN,
    "yum": _REDHAT,
    "dnf": _REDHAT,
    "microdnf": _REDHAT,
    "zypper": _Manager(("install", "in"), r"[=<>]|-\d", (), "{}=VERSION"),
    "apk": _Manager(("add",), r"[=<>~]", (), "{}=VERSION"),
    "npm": _NODE,
    "pnpm": _NODE,
    "pip": _PYTHON,
    "pip3": _PYTHON,
    "gem": _Manager(("install",), r":\d", ("v", "version"), "{} -v VERSION"),
    "choco": _Manager(("install", "upgrade"), r"\A\Z", ("version",), "{} --version=VERSION"),
    "snap": _Manager(
        ("install", "refresh"), r"\A\Z", ("revision", "channel"), "{} --revision=NUMBER"
    ),
}
_FILE = r"[/*$]|\.(?:deb|rpm|apk|whl|tgz|gem|txt)\Z|://"
"""A package in a file, or one whose name is not known."""
PROGRAMS = frozenset(_MANAGERS)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such package."""
    services = [s.name.text for s in context.plan.services if s.restored]
    for placed in acting(context, *PROGRAMS) if services else ():
        manager = _MANAGERS[placed.call.program]
        if placed.place.captures or placed.call.has("download-only", "simulate", *manager.options):
            continue
        for name in _packages(placed, manager):
            if belong_together([name], services):
                yield CODE.at(
                    placed.span,
                    f"{shown(placed.call.text)} says no version of `{name}`: it takes the newest "
                    "that it finds",
                    hint=f"name it: `{manager.form.format(name)}`",
                )


def _packages(placed: PlacedCall, manager: _Manager) -> Iterator[str]:
    """The packages that a call installs without saying their version."""
    operands = placed.call.operands
    if operands[:1] == () or operands[0] not in manager.verbs:
        return
    for operand in operands[1:]:
        name = placed.place.settled(operand)
        if not re.search(manager.version, name) and not re.search(_FILE, name):
            yield name
