"""Versions of services in commands: which one a step puts in place."""

from __future__ import annotations

import re

from rbdsl.model.plan import Plan, Service
from rbdsl.model.values import Name, Text
from rbdsl.rules.effects import deploys
from rbdsl.rules.graph.starts_and_loads import takes_down
from rbdsl.rules.placed_calls import PlacedCall

_AWAY = re.compile(
    r"(?i)\b(?:delet|remov|stop|drain|scal|clean|purg|evict|tidy|keep|archiv|collect|log|new\b"
    r"|forward|canar|shadow|compar|uninstall|retir|still|mark|forensic|copy)"
)
_DEPLOYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "docker": (("service", "update"),),
    "nomad": (("job", "run"), ("run",)),
    "kamal": (("rollback",), ("deploy",), ("redeploy",)),
    "argocd": (("app", "set"),),
    "aws": (
        ("elasticbeanstalk", "update-environment"),
        ("lambda", "update-function-code"),
        ("lambda", "update-alias"),
    ),
    "eb": (("deploy",),),
    "az": (("webapp", "config"), ("containerapp", "update")),
    "ansible-playbook": ((),),
    "apt-get": (("install",),),
    "apt": (("install",),),
    "dnf": (("install",), ("downgrade",)),
    "yum": (("install",), ("downgrade",)),
    "pip": (("install",),),
    "npm": (("install",),),
}
"""Commands besides `effects.deploys` that put in place the version that they name."""


def has_versions(service: Service) -> bool:
    """Whether the plan says which version comes back, and which one goes."""
    old, new = service.restored, service.replaced
    return bool(old and new and old.plain != new.plain and re.search(r"\d", new.plain))


def about(services: list[Service], names: tuple[Name, ...], plan: Plan) -> list[Service]:
    """The services that something is for; the only one where it does not say."""
    if not names:
        return services if len(plan.services) == 1 else []
    own = {name.text for name in names}
    return [service for service in services if service.name.text in own]


def puts_in_place(placed: PlacedCall) -> bool:
    """Whether a command deploys what it names."""
    call = placed.call
    starts = _DEPLOYS.get(call.program, ())
    known = deploys(call) or any(call.operands[: len(start)] == start for start in starts)
    if takes_down(placed):
        return False
    return known and not any(name == "dry-run" and value != "none" for name, value in call.options)


def is_left_alone(service: Service, titles: tuple[Text, ...]) -> bool:
    """Whether a title speaks of the new version, or of taking something away."""
    return any(
        _AWAY.search(title.plain) or (service.replaced and holds(title.plain, service.replaced))
        for title in titles
    )


def holds(text: str, version: Text) -> bool:
    """Whether a version stands in a text by itself; a bare number tells nothing there."""
    plain = version.plain
    if plain.isdigit():
        return False
    return (
        re.search(rf"(?<![\w.])v?{re.escape(plain.removeprefix('v'))}(?![\w.])", text) is not None
    )
