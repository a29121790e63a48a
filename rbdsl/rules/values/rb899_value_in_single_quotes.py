"""A value is meant, and stands in single quotes, where the shell leaves it as it is.

## Why

The program gets the letters `$weight`: a server refuses them as no number, or takes them as they
are, and a label, a row or a message then holds a dollar sign. It shows when the step runs, as what
is in quotes looks right to everybody who reads it.

## Bad

```rbplan
let weight = 100
phase back "Back" {
  budget 2m
  step weight "Weight" {
    timeout 30s
    run `kubectl -n shop patch vs/shop --type=merge -p '{"spec": {"weight": $weight}}'`
    expect `./weight-is.sh 100`
  }
}
```

## Good

```rbplan
let weight = 100
phase back "Back" {
  budget 2m
  step weight "Weight" {
    timeout 30s
    run `kubectl -n shop patch vs/shop --type=merge -p "{\\"spec\\": {\\"weight\\": $weight}}"`
    expect `./weight-is.sh 100`
  }
}
```

`'{"weight": '"$weight"'}'` says the same, and so does `jq -n --argjson w "$weight" '{weight: $w}'`.

## How it can be fooled

Only programs that have no variables with a dollar themselves are looked at, and only names that
the plan or the same text sets. Go templates, variables of GraphQL, and settings of nginx are
spared, and so is what goes on to `envsubst` or to another shell. What a shell elsewhere gets is
RB895's.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from rbdsl.analysis.quoted_texts import QuotedText
from rbdsl.analysis.shell_variables import variables
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall
from rbdsl.rules.values.environment import bound, declared, is_usual, shells

CODE = Code("RB899", "value-in-single-quotes", Severity.ERROR)

_PLAIN = frozenset(
    """
    argocd aws az clickhouse-client consul curl doctl etcdctl flyctl gcloud gh helm heroku http
    influx kafka-configs kafka-configs.sh kafka-topics kafka-topics.sh kubectl ldapmodify mariadb
    mysql nomad oc patronictl psql rabbitmqadmin rabbitmqctl redis-cli sqlcmd test vault wget
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Programs to which `$name` means nothing."""
_BY_DOCUMENT = frozenset(["psql", "mysql", "mariadb", "redis-cli", "curl", "clickhouse-client"])
_EXPANDING = frozenset(["envsubst", "sh", "bash", "ssh", "eval", "xargs", "sed", "perl"])
_NEAR = 200
"""So many calls before a text are looked at, so that the rule stays linear."""
_OTHERS = r"\{\{|proxy_|\blocation\b|\$\$|\bserver_name\b"
"""Texts of which the dollars are those of Go templates, nginx, or of quotes in SQL."""
_DEFINED = r"\$(\w+)\s*:"
"""GraphQL says of a variable what it is: `query($id: ID!)`."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each text in quotes, at its first name."""
    known = declared(context.plan)
    for place in shells(context):
        if "'" not in place.shell.text or "$" not in place.shell.text:
            continue
        found = variables(place.shell.text)
        own = known | bound(place)
        for quoted in found.quoted:
            names = _names(quoted.text, own | found.names)
            reader = _reader(place, quoted) if names else None
            if reader is not None:
                yield _report(place, quoted, names, reader, own)


def _names(text: str, known: frozenset[str]) -> list[str]:
    """The names with a dollar that a text has, of those that are set."""
    if re.search(_OTHERS, text):
        return []
    plain = re.sub(r"\$\{(\w+)\}", r"$\1", text)
    defined = set(re.findall(_DEFINED, plain)) if "($" in plain else set()
    names = dict.fromkeys(re.findall(r"\$([A-Za-z_]\w*)\b(?!\$)", plain))
    return [n for n in names if n in known and n not in defined and not is_usual(n)]


def _reader(place: Place, quoted: QuotedText) -> PlacedCall | None:
    """The call that gets a text, where it has no use for names; None where it may have."""
    best: tuple[int, PlacedCall] | None = None
    calls = place.calls
    at = bisect_left(calls, quoted.start, key=lambda placed: placed.call.start)
    if at < len(calls) and calls[at].call.start < quoted.end:
        return None  # a shell runs it
    for placed in calls[max(0, at - _NEAR) : at]:
        for word in (*placed.call.words, *placed.call.documents):
            if word.start <= quoted.start and quoted.end <= word.end:
                length = word.end - word.start
                if best is None or length <= best[0]:
                    best = length, placed
    if best is None:
        return None
    placed = best[1]
    call = placed.call
    if call.program not in _PLAIN or not _EXPANDING.isdisjoint(call.pipe[call.stage + 1 :]):
        return None
    in_document = any(w.start <= quoted.start and quoted.end <= w.end for w in call.documents)
    return None if in_document and call.program not in _BY_DOCUMENT else placed


def _report(
    place: Place, quoted: QuotedText, names: list[str], reader: PlacedCall, known: frozenset[str]
) -> Diagnostic:
    first = re.search(rf"\$(?:\{{{names[0]}\}}|{names[0]}\b)", quoted.text)
    begin, end = (first.start(), first.end()) if first else (0, len(quoted.text))
    shown = " and ".join(f"`${name}`" for name in names[:2])
    are, gets = "is no value but a name", "it as it is written"
    if len(names) > 1:
        are, gets = "are no values but names", "them as they are written"
    return CODE.at(
        place.span(quoted.start + begin, quoted.start + end),
        f"{shown} in single quotes {are}: `{reader.call.program}` gets {gets}",
        hint=f"end the quotes for it: `'\"${names[0]}\"'`, or use double quotes",
        severity=Severity.ERROR if names[0] in known else Severity.WARNING,
    )
