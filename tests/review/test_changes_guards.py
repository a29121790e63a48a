"""Commands that notice less than before: lost options, limits and failures, and lesser questions."""

from __future__ import annotations

import pytest

from rbdsl.review.changes.change import Change, Effect
from rbdsl.review.changes.compare import compare
from tests.checking import checked

PLAN = """\
rbplan 1
plan shop "Shop 3.2" {
  level 2
  change "Shop 3.2 goes live."
  service shop in production { version "3.1" -> "3.2" }
  phase back "Back" {
    budget 4m
    step undo "Go back" { for shop; timeout 60s; WAY run ```
      RUN
    ``` }
  }
  phase proof "Proof" { after back; budget 2m; verify }
  verification { check health "Health" { timeout 60s; expect ```
    ASK
  ``` MATCHER } }
}
"""
HEALTH = "curl -fsS --max-time 5 http://shop/health"
COUNT = 'psql -Xd shop -Atc "select count(*) from orders"'
RESTORE = "pg_restore --exit-on-error --single-transaction -d shop shop.dump"

OF_A_STEP = [
    (HEALTH, "curl -sS --max-time 5 http://shop/health", "`curl` has no `--fail` now"),
    (HEALTH, "curl -fsS http://shop/health", "the time limit of `curl` removed, it was 5s"),
    (
        HEALTH,
        "curl -fsS -m 50 http://shop/health",
        "the time limit of `curl` raised from 5s to 50s",
    ),
    (HEALTH, f"{HEALTH} -k", "`curl` has `--insecure` now"),
    (HEALTH, f"{HEALTH} || true", "a failure of `curl` no longer counts"),
    ("timeout 20 ./a", "./a", "the time limit of `a` removed, it was 20s"),
    (RESTORE, "pg_restore -e -d shop shop.dump", "`pg_restore` has no `--single-transaction` now"),
    (RESTORE, "pg_restore -d shop shop.dump", "`pg_restore` no longer ends at the first error"),
    (
        "psql -X -v ON_ERROR_STOP=1 -d shop -f a.sql",
        "psql -X -d shop -f a.sql",
        "`psql` no longer ends at the first error",
    ),
    ("ssh db 'set -e; ./a; ./b'", "ssh db './a; ./b'", "a failure of `a` no longer counts"),
    ("ssh db './a && ./b'", "ssh db './a; ./b'", "a failure of `a` no longer counts"),
    (
        "bash -euo pipefail -c './a | ./b'",
        "bash -euc './a | ./b'",
        "a failure of `a` no longer counts",
    ),
    ("./a\n./b", "set +e\n./a\n./b", "a failure of `a` no longer counts"),
    ("systemctl restart a", "systemctl restart --no-block a", "`systemctl` has `--no-block` now"),
    (
        "docker compose up -d --wait",
        "docker compose up -d",
        "`docker` has no `--wait` now",
    ),
]
OF_A_CHECK = [
    ("", HEALTH, "curl -sS --max-time 5 http://shop/health", "`curl` has no `--fail` now"),
    ("", HEALTH, "curl -fsS http://shop/health", "the time limit of `curl` removed"),
    ('equals "ok"', HEALTH, f"{HEALTH} || true", "a failure of `curl` no longer counts"),
    ('contains "ok"', HEALTH, f"{HEALTH} || :", "a failure of `curl` no longer counts"),
    ('equals "ok"', HEALTH, f"{HEALTH} || echo no", "a failure of `curl` no longer counts"),
    ("", COUNT, 'psql -Xd shop -Atc "select 1"', "looks less closely"),
    ('equals "1"', COUNT, 'psql -Xd shop -Atc "select 1"', "looks less closely"),
    ("", COUNT, "pg_isready -d shop", "looks less closely"),
    (
        'equals "1"',
        f"kubectl -n shop exec db-0 -- {COUNT}",
        'kubectl -n shop exec db-0 -- psql -Xd shop -Atc "select 1"',
        "looks less closely",
    ),
    ("", COUNT, "true", "asks nothing any more"),
    ('equals "ok"', COUNT, "echo ok", "cannot fail any more"),
    ('equals "ok"', HEALTH, "printf ok | cat", "asks nothing any more"),
    ("", "pg_restore --list shop.dump", "test -e shop.dump", "looks less closely"),
    ("", "pg_restore --list shop.dump >/dev/null", "[ -s shop.dump ]", "looks less closely"),
    ("", "test -s a && gzip -t a", "test -s a", "looks less closely"),
    ("", "test -s shop.dump", "test -e shop.dump", "looks less closely"),
]
NEITHER = [
    ("", HEALTH, "curl --fail -sS --max-time 5 http://shop/health"),
    ("", HEALTH, "curl --fail-with-body -sS --max-time 5 http://shop/health"),
    ("", HEALTH, "curl --max-time 5 http://shop/health -fsS"),
    ("", HEALTH, "curl -sS --max-time 5 http://shop/health | grep -q ok"),
    ("", HEALTH, 'curl -fsS --max-time "$LIMIT" http://shop/health'),
    ("", "curl -fsS -m 5 a | jq -e .up", "curl -fsS -m 5 a | jq -e .up_now"),
    ('equals "ok"', HEALTH, "curl -sS --max-time 5 http://shop/health"),
    ('equals "0"', "n=$(grep -c x log)\necho $n", "n=$(grep -c x log || true)\necho $n"),
    ("", "pg_restore --list shop.dump", "test -e other.dump"),
    ("", "test ! -e shop.dump", "test -e shop.dump"),
    ("", "kubectl rollout status deployment/shop", "test -s shop.dump"),
    ("", "./a || { echo bad; exit 1; }", "./a || exit 1"),
    ("", "rm -r x\n./b", "rm -r x || true\n./b"),
    ("", "set -e\n./a\n./b", "./a\n./b"),
    ("", "ssh db './a && ./b'", "ssh db 'set -e; ./a; ./b'"),
    ("", "psql -X -v ON_ERROR_STOP=1 -d shop -f a.sql", 'psql -Xd shop -c "select undo()"'),
    ("", "psql -Xd shop -c 'select undo()'", "psql -Xd shop -v ON_ERROR_STOP=1 -c 'select undo()'"),
    ("", "helm rollback shop 1 --wait", "helm rollback shop 1 --atomic"),
    ('equals "1"', COUNT, 'psql -Xd shop -Atc "select 1 from orders limit 1"'),
    ('equals "1"', COUNT, 'psql -Xd shop -Atc "select check_orders()"'),
]


def said(old: str, new: str) -> list[Change]:
    """What is told of the commands alone: findings of rules and of the level have their own tests."""
    found = compare(checked(old), checked(new), "a.rbplan", "a.rbplan").changes
    return [c for c in found if not c.kind.startswith(("finding-", "requirement-", "level"))]


def of_step(run: str, way: str = "") -> str:
    text = run.replace("\n", "\n      ")
    return filled(way=way, run=text, ask="./health.sh", matcher="")


def of_check(ask: str, matcher: str) -> str:
    return filled(way="", run="./back.sh", ask=ask.replace("\n", "\n    "), matcher=matcher)


def filled(**parts: str) -> str:
    plan = PLAN
    for name, text in parts.items():
        plan = plan.replace(name.upper(), text)
    return plan


@pytest.mark.parametrize(("before", "after", "words"), OF_A_STEP)
def test_a_step_that_notices_less_is_weaker(before: str, after: str, words: str) -> None:
    weaker = [c for c in said(of_step(before), of_step(after)) if c.effect is Effect.WEAKER]
    assert words in [c.what for c in weaker]
    assert all(c.why for c in weaker)
    back = [c.effect for c in said(of_step(after), of_step(before))]
    assert (Effect.STRONGER in back, Effect.WEAKER in back) == (True, False)


@pytest.mark.parametrize(("matcher", "before", "after", "words"), OF_A_CHECK)
def test_a_check_that_sees_less_is_weaker(
    matcher: str, before: str, after: str, words: str
) -> None:
    old, new = of_check(before, matcher), of_check(after, matcher)
    weaker = [c.what for c in said(old, new) if c.effect is Effect.WEAKER]
    assert any(what.startswith(words) for what in weaker), weaker
    back = [c.effect for c in said(new, old)]
    assert (Effect.STRONGER in back, Effect.WEAKER in back) == (True, False)


@pytest.mark.parametrize(("matcher", "before", "after"), NEITHER)
def test_what_guards_as_before_is_to_be_read(matcher: str, before: str, after: str) -> None:
    for old, new in ((before, after), (after, before)):
        changes = said(of_check(old, matcher), of_check(new, matcher))
        assert [c.effect for c in changes] == [Effect.NEUTRAL]


def test_done_when_and_undo_that_notice_less() -> None:
    for way in ("done_when", "undo"):
        old, new = (
            of_step("./back.sh", f"{way} `curl {options} --max-time 5 http://shop/done`;")
            for options in ("-fsS", "-sS")
        )
        kinds = {c.kind: c.effect for c in said(old, new)}
        assert kinds["guard-removed"] is Effect.WEAKER


def test_the_same_of_several_commands_is_told_once() -> None:
    old = of_step("curl -f -m 5 http://a\ncurl -f -m 5 http://b")
    new = of_step("curl -m 5 http://a\ncurl -m 5 http://b")
    assert [c.kind for c in said(old, new)] == ["commands-changed", "guard-removed"]
