"""An alias gets the old index, and nothing takes the new one out of it.

## Why

An alias of Elasticsearch or OpenSearch may stand for several indices. `add` alone leaves the one
that is to be taken back in it: every search answers out of both, with everything twice and the
broken half among it, and writes are refused, for no index is the one to write to.

## Bad

```rbplan
phase alias "Alias" {
  budget 1m
  step alias "Alias" {
    run ```
      curl -fsS --max-time 9 --json '{"actions": [
        {"add": {"index": "shop-v6", "alias": "shop"}}]}' http://es:9200/_aliases
    ```
    expect `curl -fsS --max-time 9 http://es:9200/_alias/shop | jq -r 'keys[]'` equals "shop-v6"
  }
}
```

## Good

```rbplan
phase alias "Alias" {
  budget 1m
  step alias "Alias" {
    run ```
      curl -fsS --max-time 9 --json '{"actions": [
        {"remove": {"index": "shop-v7", "alias": "shop"}},
        {"add": {"index": "shop-v6", "alias": "shop"}}]}' http://es:9200/_aliases
    ```
    expect `curl -fsS --max-time 9 http://es:9200/_alias/shop | jq -r 'keys[]'` equals "shop-v6"
  }
}
```

## How it can be fooled

A plan that removes anything from an alias, deletes an index or adds several to one alias is left
alone, and so is an alias that nothing else in the plan names: it may be a new one. Bodies out of
files or of `jq` are not read.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import acting
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB978", "alias-keeps-both", Severity.WARNING)

_BODIES = ("data", "d", "data-raw", "data-binary", "json")
_ACTIONS = lazy_pattern(r"/_aliases\b")
_ONE = lazy_pattern(r"/(?P<index>[^/?\s]+)/_alias(?:es)?/(?P<alias>[^/?\s]+)")
_ADD = lazy_pattern(r"[\"']?add[\"']?\s*:\s*\{(?P<what>[^{}]*)\}")
_REMOVE = lazy_pattern(r"\bremove(?:_index)?\b")
_ALIAS = lazy_pattern(r"\balias\"\s*:\s*\"(?P<name>[^\"]+)\"")
PROGRAMS = ("curl",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each call that only adds to an alias."""
    calls = [placed for placed in acting(context, *PROGRAMS) if not placed.place.captures]
    asking = [placed for placed in calls if _is_about_aliases(placed)]
    if not asking or any(map(_takes_away, calls)):
        return
    adding = [(placed, alias) for placed in asking for alias in _added(placed)]
    times = Counter(alias for _, alias in adding)
    named = _named(context) if adding else {}
    for placed, alias in adding:
        if placed.place.phase is None or placed.place.role is not Role.RUN or times[alias] > 1:
            continue  # two are to stand for it
        if named.get(alias, set()) - {id(placed.call)}:
            yield CODE.at(
                placed.span,
                f"this only adds to the alias `{alias}`: the index that is taken back stays in it, "
                "and searches answer out of both",
                hint='put `{"remove": {"index": …, "alias": …}}` into the same `actions`: they are '
                "done together",
            )


def _is_about_aliases(placed: PlacedCall) -> bool:
    return any("/_alias" in word for word in placed.call.operands)


def _method(call: Call) -> str:
    return (call.value("X", "request") or "").upper()


def _body(placed: PlacedCall) -> str:
    """What a call sends, as far as it stands in the plan."""
    call = placed.call
    parts = [value for name, value in call.options if name in _BODIES and value]
    parts += [word.text for word in call.documents] or list(call.given)
    return placed.place.settled("\n".join(parts).replace('\\"', '"'))


def _takes_away(placed: PlacedCall) -> bool:
    if _method(placed.call) == "DELETE":
        return True
    return _is_about_aliases(placed) and _REMOVE.search(_body(placed)) is not None


def _added(placed: PlacedCall) -> Iterator[str]:
    """The aliases that a call adds an index to, each as often as it does."""
    addresses = [placed.place.settled(word) for word in placed.call.operands]
    if any(map(_ACTIONS.search, addresses)):
        for add in _ADD.finditer(_body(placed)):
            name = _ALIAS.search(add["what"])
            if name:
                yield from [name["name"]] * (2 if "indices" in add["what"] else 1)
    elif _method(placed.call) in ("PUT", "POST"):
        yield from (found["alias"] for a in addresses if (found := _ONE.search(a)))


def _named(context: Context) -> dict[str, set[int]]:
    """The parts of addresses in the plan, with the calls that have them."""
    found: dict[str, set[int]] = defaultdict(set)
    for placed in context.calls_by_program.get("curl", ()):
        for word in placed.call.operands:
            for part in re.split(r"[/?,\s]", placed.filled(word)):
                found[part].add(id(placed.call))
    return found
