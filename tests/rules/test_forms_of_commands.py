"""Commands that destroy, or hit the wrong thing, are known in every way of writing them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rbdsl.analysis.calls import calls
from rbdsl.diagnostics import Diagnostic, Fix, Severity
from rbdsl.rules.forms import Form, by_program, matching, objects
from tests.checking import checked

SEED = Path(__file__).parents[1] / "seed"
FAMILIES = ("RB85", "RB86", "RB87", "RB88", "RB97", "RB98")
FORMS = by_program(
    [
        Form("aws", "s3 rm", "objects", options="recursive r", without="dryrun"),
        Form("kubectl|oc", "delete ns|namespace", "all"),
        Form("docker", "compose .. down", "volumes", options="v volumes"),
        Form("topics", "", "messages", options="delete", names="topic"),
    ]
)


def form(text: str) -> str:
    matched = matching(calls(text)[0], FORMS)
    return matched.loses if matched else ""


@pytest.mark.parametrize(
    ("text", "loses"),
    [
        ("aws --region x s3 rm s3://b/p --recursive", "objects"),
        ("aws s3 rm --recursive=true s3://b/p", "objects"),
        ("aws s3 rm s3://b/p", ""),
        ("aws s3 rm --recursive --dryrun s3://b/p", ""),
        ("aws s3 ls --recursive s3://b/p", ""),
        ("oc delete namespace a", "all"),
        ("kubectl -n x delete ns a --wait=false", "all"),
        ("kubectl delete pod a", ""),
        ("docker compose -f a.yml -p b down -v", "volumes"),
        ("docker compose down --volumes=false", ""),
        ("docker compose up -d", ""),
        ("echo aws s3 rm --recursive", ""),
    ],
)
def test_a_command_has_a_form_or_not(text: str, loses: str) -> None:
    assert form(text) == loses


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("kubectl delete ns a b", ("a", "b")),
        ("topics --delete --topic t", ()),
        ("topics --delete --topic=t", ("t",)),
    ],
)
def test_what_a_command_is_about(text: str, about: tuple[str, ...]) -> None:
    call = calls(text)[0]
    matched = matching(call, FORMS)
    assert matched
    assert objects(matched, call) == about


def in_step(shell: str, before: str = "") -> list[Diagnostic]:
    plan = (
        f'rbplan 1\nplan x "X" {{\nlevel 2\n{before}\nphase p "P" {{ budget 2m; irreversible\n'
        f'step s "S" {{ timeout 1m; run ````\n{shell}\n````\n expect `./check.sh` }} }}\n}}\n'
    )
    return [d for d in checked(plan).diagnostics if d.code.startswith(FAMILIES)]


def mended(shell: str) -> str:
    """The shell with the mend of its one finding made."""
    (found,) = [d for d in in_step(shell) if d.fix]
    assert isinstance(found.fix, Fix)
    text = found.span.source.text
    for edit in sorted(found.fix.edits, key=lambda e: e.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text.split("````")[1].strip()


@pytest.mark.parametrize(
    ("bad", "good", "safe"),
    [
        ('rm -rf "$x/cache"', 'rm -rf "${x:?}/cache"', True),
        ('sudo -n rm -rf "${x}"/*', 'sudo -n rm -rf "${x:?}"/*', True),
        ("git push --force origin main", "git push --force-with-lease origin main", False),
        ("helm -n a uninstall b", "helm -n a uninstall --keep-history b", False),
        ("kubectl -n a apply -f b --record", "kubectl -n a apply -f b", False),
    ],
)
def test_a_mend_changes_the_command_and_nothing_else(bad: str, good: str, safe: bool) -> None:
    assert mended(bad) == good
    assert [d.fix.safe for d in in_step(bad) if d.fix] == [safe]
    assert [d for d in in_step(good) if d.fix] == []


def test_what_was_measured_before_a_cache_is_emptied_is_pointed_at() -> None:
    before = 'capture { step count "Count" { timeout 5s; run `redis-cli -h cache INFO clients` } }'
    (found,) = in_step("redis-cli -h cache FLUSHALL", before)
    assert [label.text for label in found.labels] == [
        "counted before the change, and gone after this"
    ]


def test_a_call_of_a_module_is_judged_by_its_arguments() -> None:
    module = (
        'rbplan 1\nmodule "M"\nstep set(image: string) "Set" {\n'
        '  run `kubectl -n a set image deployment/b b="$image"`\n}\n'
    )
    plan = (
        'rbplan 1\nuse "m.rbplan" as m\nplan x "X" {\nlevel 2\nphase p "P" { budget 2m\n'
        'step good "G" m.set(image: "shop:3.1")\nstep bad "B" m.set(image: "shop:latest") }\n}\n'
    )
    found = [d for d in checked(plan, {"m.rbplan": module}).diagnostics if d.code == "RB857"]
    assert [(d.span.source.path, d.message) for d in found] == [
        ("m.rbplan", "`latest` is moved to whatever is pushed")
    ]


def said_of(name: str) -> list[tuple[str, str]]:
    """What is found in a plan of the seed: code, and the line that it is found in."""
    text = (SEED / f"{name}-as-written.rbplan").read_text(encoding="utf-8")
    return [
        (d.code, text.splitlines()[d.span.begin.line - 1].strip())
        for d in checked(text).diagnostics
        if 855 <= int(d.code[2:]) < 890 and d.severity is not Severity.PEDANTIC
    ]


def test_the_plans_of_the_seed_hit_the_wrong_thing_and_destroy() -> None:
    version = "SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1;"
    count = "SELECT COUNT(*) FROM users;"
    assert said_of("api-v2-1") == [
        ("RB864", f'psql -c "{version}"'),
        ("RB884", "api=api:v2.0.8 --record"),
        ("RB884", "auth=auth:v1.5.2 --record"),
        ("RB865", "redis-cli FLUSHDB"),
        ("RB859", "aws s3 cp rollback-logs-*.txt s3://audit-logs/rollbacks/op-12345/"),
        ("RB864", f'expect `psql -t -c "{version}" | xargs` equals "20251201120000"'),
        ("RB864", f'expect `psql -t -c "{count}" | xargs` equals_file "pre-rollback-counts.txt"'),
    ]
    assert said_of("kubernetes") == [
        ("RB855", "run `kubectl rollout undo deployment/$SERVICE_NAME -n $NAMESPACE`")
    ]
    assert said_of("terraform") == [("RB869", "run `cp $PREVIOUS_STATE terraform.tfstate`")]
    assert said_of("n8n") == []


@pytest.mark.parametrize(
    ("shell", "code"),
    [
        ("docker exec chat php artisan migrate:rollback --step=2", "RB856"),
        ("docker compose run --rm web rake db:rollback", "RB856"),
        ("docker compose exec -T web rails db:drop", "RB868"),
        ("ssh -o BatchMode=yes web 'php artisan migrate:fresh'", "RB868"),
    ],
)
def test_what_runs_in_a_container_is_told_once(shell: str, code: str) -> None:
    assert [d.code for d in in_step(shell) if d.code == code] == [code]
