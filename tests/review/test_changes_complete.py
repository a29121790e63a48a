"""No field of the plan model can change without a word: each is changed here, one at a time."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from rbdsl.analysis.analyse import analyse
from rbdsl.analysis.results import Analysis
from rbdsl.compiler import Checked
from rbdsl.diagnostics import Severity
from rbdsl.model import bounds, keeping, people, proof, steps, values
from rbdsl.model import metrics as metrics_model
from rbdsl.model import plan as plan_model
from rbdsl.model import regions as regions_model
from rbdsl.model.plan import Plan
from rbdsl.review.changes.compare import PlanChange, compare
from rbdsl.review.changes.meaning import SAYS_NOTHING, fields
from rbdsl.source import Source, Span
from tests.checking import checked, shipped_policies

MODULE = """\
rbplan 1
module "Parts"
step copy(n: int) "Copy" { timeout 9s; run `cp "$n" /srv` }
phase halt(n: int) "Halt" { budget 1m; step off "Off" { timeout 9s; run `stop "$n"` } }
check alive(n: int) "Alive" { expect `ping -c "$n" shop` }
"""

PLAN = """\
rbplan 1
use "parts.rbplan" as parts
plan shop "Shop 3.2" {
  operation "op-1"
  permit "permit-1"
  owner "shop"
  level 2
  created 2025-12-01T10:00:00Z
  updated 2025-12-02T10:00:00Z
  window 2025-12-10T22:00:00Z..2025-12-11T00:00:00Z
  risk high "new schema"
  automation gated
  change "Shop 3.2 goes live."
  note "By night."
  claims 16m
  timeout 20m
  service shop in production { version "3.1" -> "3.2" }
  let image = "shop:3.1"
  param place: string = "here" "Where"
  metrics from prometheus "http://prometheus:9090" { error_rate ratio in percent `rate(errors[1m])` }
  metrics from http "http://metrics/${metric}" json ".value" { free_space ratio; failures count; latency duration in s }
  capture {
    fact "Sessions" is "12"
    baseline `curl -fsS --max-time 5 http://metrics/all`
    step dump "Dump" {
      creates dump "shop.dump" checksum sha256
      timeout 9m; run `pg_dump -Fc shop > "$dump"`
    }
  }
  triggers {
    automatic { error_rate > 1% for 2m -> quick; failures > 3 consecutive; free_space < 10% for 3 consecutive }
    manual { "Orders get lost" }
    every 20s
    cooldown 40m
    no_data alert after 1m
  }
  point_of_no_return migrated "Data is migrated" {
    because "rows are split"
    crossed when `psql -Atc "select 1 from new"`
    blocks data
    forward_fix {
      step mend "Mend" { timeout 10m; run `./mend` }
      manual "Repair" { by "dba"; takes 5m; timeout 9m; note "with care" }
    }
  }
  phase stop "Stop" {
    budget 2m
    timeout 5m
    objective "Nothing is written any more"
    critical "Only by night"
    note "See the map"
    global
    irreversible
    step drain "Drain" {
      for shop
      requires file
      done_when `drained shop`
      timeout 30s; takes 9s; run `kubectl drain shop`; undo `kubectl uncordon shop`
      retry 1 every 5s
      rerunnable
      on_failure continue
      critical "Not by day"
      note "Slow"
    }
    step tell "Tell" { notify slack severity high; timeout 5s }
    step copy "Copy" parts.copy(n: 1)
    ensure step open "Open" { timeout 5s; run `kubectl uncordon shop` }
  }
  phase halt "Halt" parts.halt(n: 1) { after stop }
  phase data "Data" {
    after halt
    needs stop
    budget 3m
    gate sure "Restore?" { approvers "dba", "sre"; timeout 1m; otherwise continue; note "Ask" }
    step restore "Restore" {
      uses dump
      timeout 1m
      run `pg_restore --exit-on-error -d shop "$dump"`
      expect "rows" `psql -Atc "select count(*) from shop"` equals "12" within 9s every 3s
      expect `cat "$dump"` equals_file dump
    }
    manual "Look" { by "dba"; takes 5s; timeout 9s; note "twice" }
  }
  phase proof "Proof" { after data; budget 2m; verify }
  phase tidy "Tidy" { after proof; budget 1m; off_clock; step rest "Rest" { timeout 9s; run `rm x` } }
  scenario quick "Quick" { run stop..proof; only shop; use_when "In a hurry"; claims 9m; note "short" }
  verification {
    check health "Health" {
      for shop
      uses dump
      requires file
      timeout 50s
      note "From outside"
      expect `curl -fsS --max-time 5 http://shop/health` contains "ok"
    }
    check alive "Alive" warn parts.alive(n: 1)
    metric error_rate < 1% warn within 5m every 15s
    metric free_space > baseline - 10%
    metric latency < baseline + 200ms
    metric failures within 10% of baseline
    confirm "An order goes through"
  }
  testing {
    in staging {
      deploy `./deploy`
      passed 2025-12-08T10:00:00Z; took 5m; evidence "https://ci.example/1"; note "with all data"
    }
    in blue as production { failed 2025-12-01T10:00:00Z; passed 2025-12-07T10:00:00Z }
    rehearsal {
      planned 2025-12-08T15:00:00Z; held 2025-12-08T16:00:00Z; duration 1h
      participants "SRE", "DBA"; evidence "https://wiki.example/1"; note "calm"
    }
    checklist { done "Tested"; todo "Told" }
  }
  communications {
    channel slack "#shop" using SLACK_URL
    notify slack on start, failure
    audience "Customers" { within 15m; message "We are back" }
  }
  escalation { rung "First" 0m..5m { contact "sre"; do "call" }; rung "Second" 5m..9m { contact "cto" } }
  validation { window "At once" 0m..5m { group "Users" { "They log in" } } }
  regions { wave one; gate on "Go on?"; wave two, three }
  archive folder "/srv/audit"
  hook failure `page-sre`
}
"""

MODELS: tuple[ModuleType, ...] = (
    bounds, keeping, people, plan_model, proof, regions_model, steps, values, metrics_model,
)  # fmt: skip
SMALL = {
    "Name",
    "Text",
    "Reference",
    "Shell",
    "Duration",
    "Timestamp",
    "Quantity",
    "Value",
    "Level",
}
"""Values, which change as a whole; what a level changes is told as its demands, see `level`."""

FIXED = {
    "Trigger.counts_breaches": "follows from the metric's kind and the word `consecutive`",
    "FromBaseline.near": "another comparison of the bound says so too",
    "PhaseRange.first": "see `Scenario.run`",
    "PhaseRange.last": "see `Scenario.run`",
    "Binding.name": "the module's; changes with it",
}
"""Fields that no plan can change alone."""


@cache
def whole() -> Checked:
    return checked(PLAN, {"parts.rbplan": MODULE})


def parts(value: Any) -> Iterator[Any]:  # noqa: ANN401
    """A record and every one in it."""
    if isinstance(value, tuple):
        for item in value:
            yield from parts(item)
    elif hasattr(type(value), "__match_args__") and not isinstance(value, Source | Span):
        yield value
        if type(value).__name__ not in SMALL:
            for name in type(value).__match_args__:
                yield from parts(getattr(value, name))


def other(value: Any) -> Iterator[Any]:  # noqa: ANN401, C901, PLR0912
    """What a field could be instead."""
    match value:
        case None | Source():
            return
        case bool():
            yield not value
        case Span():
            yield None
        case Enum():
            yield next(member for member in type(value) if member is not value)
        case int():
            yield value + 1
        case str():
            yield f"{value}x"
        case Decimal():
            yield from [value * 2] if value else []
        case values.Name():
            yield dataclasses.replace(value, text=f"{value.text}x")
        case values.Text():
            yield dataclasses.replace(value, parts=(*value.parts, " x" * 40, "y"))
        case values.Shell():
            yield dataclasses.replace(value, text=f"{value.text}; {'true; ' * 20} false")
        case values.Duration():
            yield dataclasses.replace(value, ms=value.ms + 1000)
        case values.Timestamp():
            at = value.at + timedelta(days=1)
            yield dataclasses.replace(value, at=at, span=written(at.isoformat()))
        case values.Quantity():
            yield dataclasses.replace(value, value=value.value * 2, span=written(f"{value} 2"))
        case values.Value():
            items = (*value.items, values.Text(("0",), value.span))
            yield dataclasses.replace(value, written=f"{value.written}0", items=items)
        case tuple():
            yield from (value[:n] + value[n + 1 :] for n in range(len(value)))


def written(text: str) -> Span:
    return Span(Source("b", text), 0, len(text))


def mutants(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Each part of the plan with one field of another value, and the name of the field."""
    if isinstance(value, tuple):
        for number, item in enumerate(value):
            for name, changed in mutants(item):
                yield name, (*value[:number], changed, *value[number + 1 :])
        return
    if not hasattr(type(value), "__match_args__") or type(value).__name__ in {
        *SMALL,
        "Source",
        "Span",
    }:
        return
    for field in fields(value):
        name = f"{type(value).__name__}.{field}"
        if name in FIXED or (name == "Trigger.consecutive" and value.counts_breaches):
            continue
        now = getattr(value, field)
        optional = "None" in str(type(value).__annotations__[field])
        for instead in (*other(now), *((None,) if optional and now is not None else ())):
            yield name, dataclasses.replace(value, **{field: instead})
        for inner, changed in mutants(now):
            yield inner, dataclasses.replace(value, **{field: changed})


def difference(old: Plan, new: Plan) -> PlanChange:
    return compare(_checked(old), _checked(new), "a", "a")


def _checked(plan: Plan) -> Checked:
    known = whole().analysis
    assert known is not None
    analysis: Analysis | None
    try:
        analysis, _ = analyse(plan, shipped_policies())
    except (KeyError, ValueError, AttributeError, IndexError):
        analysis = None
    analysis = analysis or dataclasses.replace(known, plan=plan)
    return dataclasses.replace(whole(), plan=plan, analysis=analysis, inputs={}, diagnostics=())


def test_the_plan_of_this_test_has_no_error() -> None:
    assert [d.message for d in whole().diagnostics if d.severity is Severity.ERROR] == []


def test_the_plan_of_this_test_says_everything_that_a_plan_can_say() -> None:
    plan = whole().plan
    assert plan is not None
    seen: set[str] = set()
    for part in parts(plan):
        for name in fields(part):
            if getattr(part, name) not in (None, (), False):
                seen.add(f"{type(part).__name__}.{name}")
    records = [
        kind
        for module in MODELS
        for kind in vars(module).values()
        if inspect.isclass(kind)
        and kind.__module__ == module.__name__
        and hasattr(kind, "__match_args__")
        and not issubclass(kind, Enum)
    ]
    silent = {
        f"{kind.__name__}.{name}"
        for kind in records
        if kind.__name__ not in SMALL
        for name in kind.__match_args__
        if name not in SAYS_NOTHING and f"{kind.__name__}.{name}" not in SAYS_NOTHING
    }
    assert " ".join(sorted(silent - seen)) == ""


def test_every_field_that_changes_is_told() -> None:
    plan = whole().plan
    assert plan is not None
    made = list(mutants(plan))
    assert len(made) > 300
    untold = {
        name
        for name, changed in made
        for old, new in ((plan, changed), (changed, plan))
        if not difference(old, new).changes
    }
    assert " ".join(sorted(untold)) == ""


def test_nothing_is_told_of_a_plan_that_stands_elsewhere() -> None:
    moved = checked("# further down\n\n" + PLAN, {"parts.rbplan": MODULE})
    assert compare(whole(), moved, "a", "b").changes == ()


ONE_BY_ONE = [
    ("rate(errors[1m])", "rate(errors[9m])", "neutral", "metric `error_rate`"),
    ("http://prometheus:9090", "http://elsewhere:9090", "neutral", "`address`"),
    ('json ".value"', 'json ".other"', "neutral", "`json`"),
    ("      rerunnable\n", "", "neutral", "`rerunnable` removed"),
    ("within 15m; message", "within 9h; message", "weaker", "raised from 15m to 9h"),
    ("severity high", "severity low", "weaker", "severity `low`, was `high`"),
    ("duration 1h", "duration 2h", "neutral", "`duration`"),
    ('; evidence "https://wiki.example/1"', "", "weaker", "no longer says where the result is"),
    ('evidence "https://wiki.example/1"', 'evidence "x"', "neutral", "the result is at “x”"),
    ("timeout 10m; run `./mend`", "timeout 100m; run `./mend`", "weaker", "from 10m to 1h40m"),
    ('"shop.dump"', '"other.dump"', "neutral", "`path` “other.dump”, was “shop.dump”"),
    ("deploy `./deploy`", "deploy `./other`", "neutral", "`deploy`"),
    ("In a hurry", "With time", "neutral", "`use_when`"),
    ("passed 2025-12-08T10", "passed 2024-01-01T10", "weaker", "was 2025-12-08T10:00:00Z"),
    ("held 2025-12-08", "held 2024-12-08", "weaker", "was 2025-12-08T16:00:00Z"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "effect", "words"), ONE_BY_ONE)
def test_what_was_called_the_same(before: str, after: str, effect: str, words: str) -> None:
    assert before in PLAN
    new = checked(PLAN.replace(before, after), {"parts.rbplan": MODULE})
    told = [c for c in compare(whole(), new, "a", "a").changes if c.effect == effect]
    assert any(words in f"{change.where}: {change.what}" for change in told), told
