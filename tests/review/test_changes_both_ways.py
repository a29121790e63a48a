"""Changes that are weaker one way and stronger the other, and those of which nobody can tell."""

from __future__ import annotations

import pytest

from rbdsl.review.changes.change import Effect
from rbdsl.review.changes.compare import compare
from rbdsl.review.diff_json import render as as_json
from rbdsl.review.diff_markdown import render as as_markdown
from rbdsl.review.diff_text import render as as_text
from rbdsl.review.page import Page
from tests.checking import checked

PLAN = """\
rbplan 1
plan shop "Shop 3.2" {
  level 2
  automation full
  change "Shop 3.2 goes live."
  service shop in production { version "3.1" -> "3.2" }
  metrics from prometheus "http://prometheus:9090" { error_rate ratio `rate(errors[1m])` }
  triggers { automatic { error_rate > 1% for 2m } }
  phase back "Back" {
    budget 4m
    critical "Only by night"
    step undo "Go back" { for shop; timeout 30s; critical "Not by day"; run `./back.sh` }
  }
  phase proof "Proof" { after back; budget 2m; verify }
  verification { check health "Health" { timeout 10s; expect `./health.sh` MATCHER } }
  escalation {
    rung "First" 0m..5m { contact "sre", "dba"; do "Read the log" }
    rung "Second" 5m.. { contact "cto" }
  }
  validation {
    window "First hour" 5m..1h { group "Service" { "No errors"; "Orders come in" } }
  }
}
"""

EDITS = [
    ("timeout 10s", "timeout 50s", "timeout-raised", "raised from 10s to 50s"),
    ("timeout 10s; ", "", "timeout-removed", "timeout removed, it was 10s"),
    ('    critical "Only by night"\n', "", "critical-removed", "was “Only by night”"),
    ('critical "Not by day"; ', "", "critical-removed", "was “Not by day”"),
    ('; "Orders come in"', "", "validation-point-removed", "“Orders come in” is not looked at"),
    ("5m..1h", "5m..20m", "validation-end-lowered", "end lowered from 1h to 20m"),
    ("5m..1h", "30m..1h", "validation-start-raised", "begin raised from 5m to 30m"),
    ('"sre", "dba"', '"sre"', "rung-contact-removed", "“dba” is not called any more"),
    ('; do "Read the log"', "", "rung-action-removed", "“Read the log” is not done any more"),
    ('"Second" 5m..', '"Second" 25m..', "rung-start-raised", "begin raised from 5m to 25m"),
    ('    rung "Second" 5m.. { contact "cto" }\n', "", "rung-removed", "“Second” removed"),
]

WIDER = [
    ('matches "^ok$"', 'matches ".*"'),
    ('matches "^ok$"', 'matches ""'),
    ('matches "^ok$"', 'matches "^.*$"'),
    ('matches "^ok$"', 'matches "o*"'),
    ('matches "^ok$"', 'matches ".+"'),
    ('matches "^ok$"', 'matches "ok"'),
    ('matches "^ok$"', 'matches "^ok"'),
    ('matches "^ok$"', 'matches "k$"'),
    ('matches "^ok$"', 'matches "^(ok|warning)$"'),
    ('matches "^[0-9]+$"', 'matches "[0-9]+"'),
    ('matches "^(ok|up)$"', 'matches "(ok|up)"'),
    ('matches "^(ok|up)$"', 'matches "."'),
    ('equals "ok"', 'matches "^(ok|warning)$"'),
    ('equals "ok"', 'contains ""'),
    ('contains "healthy"', 'matches "health"'),
    ('contains "healthy"', 'matches ".*"'),
]

OTHER = [
    ('matches "^(ok|up)$"', 'matches "^(ok|started)$"'),
    ('matches "^v[0-9]+$"', 'matches "^v[a-z]+$"'),
    ('matches "^ok$"', 'matches "^up$"'),
    ('matches "^ok$"', 'matches "error"'),
    ('contains "ok"', 'matches "v[0-9]"'),
    ('matches "^(a+)+$"', 'matches "^(a+)+b$"'),
]


def effects(old: str, new: str) -> dict[str, tuple[Effect, str]]:
    found = compare(checked(old), checked(new), "a.rbplan", "a.rbplan").changes
    return {change.kind: (change.effect, change.what) for change in found}


def of_matchers(old: str, new: str) -> dict[str, tuple[Effect, str]]:
    return effects(*(PLAN.replace("MATCHER", matcher) for matcher in (old, new)))


@pytest.mark.parametrize(("before", "after", "kind", "words"), EDITS)
def test_weaker_and_the_way_back(before: str, after: str, kind: str, words: str) -> None:
    old = PLAN.replace("MATCHER", 'equals "ok"')
    assert before in old
    new = old.replace(before, after)
    effect, what = effects(old, new)[kind]
    assert (effect, words in what) == (Effect.WEAKER, True), what
    back = [found for found, _ in effects(new, old).values()]
    assert Effect.STRONGER in back
    assert Effect.WEAKER not in back


@pytest.mark.parametrize(("narrow", "wide"), WIDER)
def test_a_wider_matcher_is_weaker(narrow: str, wide: str) -> None:
    assert of_matchers(narrow, wide)["expectation-weakened"][0] is Effect.WEAKER
    assert of_matchers(wide, narrow)["expectation-tightened"][0] is Effect.STRONGER


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_of_other_patterns_only_a_reader_can_tell(one: str, other: str) -> None:
    why = "only a reader can say which of them lets more answers pass"
    for old, new in ((one, other), (other, one)):
        before, after = (checked(PLAN.replace("MATCHER", m)) for m in (old, new))
        found = compare(before, after, "a.rbplan", "a.rbplan")
        (change,) = [c for c in found.changes if c.kind.startswith("expectation-")]
        assert (change.kind, change.effect) == ("expectation-changed", Effect.NEUTRAL)
        assert why in change.what
        page = Page(wrap=False)
        for text in (as_text([found], page), as_markdown([found]), as_json([found], "a", "b")):
            assert why in " ".join(text.split())


def test_others_who_are_called_are_told_and_are_no_less() -> None:
    old = PLAN.replace("MATCHER", 'equals "ok"')
    found = effects(old, old.replace('"sre", "dba"', '"sre", "shop"'))
    assert found == {
        "rung-contacts-changed": (Effect.NEUTRAL, "`contacts` “sre, shop”, was “sre, dba”")
    }


def test_triggers_that_do_not_start_the_rollback_any_more_are_weaker() -> None:
    plan = PLAN.replace("MATCHER", 'equals "ok"')
    gated = plan.replace("automation full", "automation gated")
    manual = plan.replace("automation full", "automation manual")
    for new in (gated, manual):
        assert effects(plan, new)["automation-changed"][0] is Effect.WEAKER
        assert effects(new, plan)["automation-changed"][0] is Effect.NEUTRAL
    assert effects(gated, manual)["automation-changed"][0] is Effect.NEUTRAL
    nothing = "  triggers { automatic { error_rate > 1% for 2m } }\n"
    untriggered = effects(plan.replace(nothing, ""), gated.replace(nothing, ""))
    assert untriggered["automation-changed"][0] is Effect.NEUTRAL


def test_a_phase_that_is_only_after_another_one_no_longer_needs_it() -> None:
    after = PLAN.replace("MATCHER", "")
    plans = checked(after.replace("after back", "needs back")), checked(after)
    there = compare(plans[0], plans[1], "a", "a").changes
    back = compare(plans[1], plans[0], "a", "a").changes
    assert [(c.effect, c.what) for c in there if c.where == "phase `proof`"] == [
        (Effect.WEAKER, "is only `after` `back` now, and no longer `needs` it")
    ]
    assert [(c.effect, c.what) for c in back if c.where == "phase `proof`"] == [
        (Effect.STRONGER, "`needs` `back` now, was only `after` it")
    ]
