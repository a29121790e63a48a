"""Which variables hold something secret, by what the plan says and by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rbdsl.model.plan import Plan, VariableKind
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.shell_text import variables_read

_NAME = lazy_pattern(
    r"(?:\w*_)?(?:PASSWORD|PASSWD|PASSWORT|PASSPHRASE|PASS|PW|TOKEN|SECRET|API_?KEY|ACCESS_KEY"
    r"|SECRET_KEY|PRIVATE_KEY|CREDENTIALS?|AUTH_KEY|ROUTING_KEY|PGPASSWORD|WEBHOOK_URL)",
    re.IGNORECASE,
)
_FETCHING = lazy_pattern(
    r"\$\([^)]*(?:vault (?:kv get|read)|secretsmanager get|ssm get-parameter"
    r"|secrets versions access|get secret|op read|pass show"
    r"|cat [^)]*(?:secret|token|passw|credential)(?!\w*?(?:version|_id|name|count)\b))[^)]*\)",
    re.IGNORECASE,
)
_UNSHOWN = lazy_pattern(r"\$\{#\w+\}|\$\{\w+:?\+[^}]*\}")
_APART = lazy_pattern(r"<\([^()]*(?:\([^()]*\)[^()]*)*\)|\$\([^()]*(?:\([^()]*\)[^()]*)*\)")


def declared_secrets(plan: Plan) -> frozenset[str]:
    """The shell names of what the plan calls a secret; their values are masked when it runs."""
    names = {v.name.shell for v in plan.variables if v.kind is VariableKind.SECRET}
    for channel in plan.communications.channels if plan.communications else ():
        if channel.secret:
            names.add(channel.secret.shell)
    return frozenset(names)


def sounds_secret(name: str) -> bool:
    """Whether it is called like a password, a token or a key; a loop over Secrets has `secret`."""
    return name != "secret" and _NAME.fullmatch(name) is not None


def secret_in(text: str, declared: frozenset[str], known: Iterable[str] = ()) -> str | None:
    """The secret that a word shows, as it is written there: `$TOKEN`; None where it shows none.

    What goes through a file of its own (`<(…)`) is not in the word. `known` are the variables whose
    value stands in the plan, for all to see.
    """
    if "$" not in text:
        return None
    fetched = _FETCHING.search(text)
    if fetched:
        return fetched[0]
    for name in sorted(variables_read(_UNSHOWN.sub("", _APART.sub("", text)))):
        if name in declared or (name not in known and sounds_secret(name)):
            return f"${name}"
    return None
