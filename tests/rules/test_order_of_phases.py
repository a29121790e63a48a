"""What the order of phases makes of commands, in the ways in which people write the commands."""

from __future__ import annotations

import pytest

from rbdsl.diagnostics import Diagnostic
from tests.checking import checked


def reported(code: str, *phases: str) -> list[Diagnostic]:
    """The findings of a code in a plan of these phases."""
    plan = 'rbplan 1\nplan x "X" {\nlevel 2\n' + "\n".join(phases) + "\n}\n"
    return [d for d in checked(plan).diagnostics if d.code == code]


def phase(name: str, shell: str, head: str = "", step: str = "timeout 1m") -> str:
    """A phase with one step."""
    return (
        f'phase {name} "{name}" {{ {head}; budget 2m\n'
        f'step s "S" {{ {step}; run ````\n{shell}\n````\n }} }}'
    ).replace("{ ;", "{")


LIMITS = [
    ("5m", "helm upgrade --install a ./c --wait --timeout=5m0s"),
    ("2m", "helm -n a rollback b 3 --rollback-on-failure --timeout 120s"),
    ("90s", "kubectl -n a rollout status deploy/b --timeout=90s"),
    ("5m", "kubectl wait --for=condition=Ready pod/a --timeout 5m"),
    ("10m", "oc -n a delete deployment b --timeout=10m"),
    ("2m", "curl -fsS -m 120 https://x"),
    ("2m", "ssh web1 'curl -fsS --max-time 120.0 https://x'"),
    ("5m", "argocd app sync a --timeout 300"),
    ("2h", "timeout 2h ./load.sh"),
    ("2m", "sudo timeout --signal=INT -k 9 120 ./load.sh"),
    ("2m", "sleep 120"),
    ("5m", "flock -w 300 9"),
    ("5m", "docker compose up -d --wait --wait-timeout 300 api"),
    ("10m", "terraform apply -input=false -lock-timeout=10m plan.bin"),
    ("2m", "kafka-consumer-groups.sh --timeout 120000 --group a --describe"),
    (None, "kubectl -n a get pods --request-timeout=5m"),
    (None, "helm upgrade a ./c --timeout 9m"),
    (None, "kubectl drain a --timeout=0"),
    (None, "sleep infinity"),
    (None, "sleep 0.5"),
    (None, "docker run --stop-timeout 300 a"),
    (None, "ls --timeout 5m"),
    (None, "curl -fsS --max-time 60 --retry 9 https://x"),
    (None, "wait_for() { sleep 300; }"),
    (None, "timeout -k 300 20 ./load.sh"),
    (None, "printf 'sleep 300'"),
]


@pytest.mark.parametrize(("limit", "shell"), LIMITS)
def test_a_limit_of_a_command_is_known_in_its_own_units(limit: str | None, shell: str) -> None:
    found = reported("RB316", phase("a", shell))
    assert bool(found) == (limit is not None)
    if limit:
        shown = {"90s": "1m30s"}.get(limit, limit)
        assert shown in found[0].message
        assert "is stopped after 1m" in found[0].message


def test_a_command_is_pointed_at_with_the_limit_of_the_plan() -> None:
    shell = 'helm rollback a 3 --wait --timeout "${wait}s"'
    (found,) = reported("RB316", "let wait = 5m", phase("a", shell))
    assert found.span.text == shell
    assert [label.span.text for label in found.labels] == ["1m"]
    assert found.hint == "let the outer limit be more than 5m, or the command's less than 1m"


PURGES = [
    (True, "fastly service purge --all --service-id x"),
    (True, "az afd endpoint purge -g a --profile-name b --endpoint-name c --content-paths '/*'"),
    (True, "gcloud compute url-maps invalidate-cdn-cache web --path '/*'"),
    (True, "ssh -n v1 'varnishadm ban req.http.host == x'"),
    (True, "echo 'ban req.url ~ /a' | varnishadm"),
    (True, "curl -fsS -X BAN http://v1/"),
    (True, "curl -fsS -X POST https://api.fastly.com/service/x/purge_all"),
    (True, "ssh -n v1 'rm -rf /var/cache/nginx/site/*'"),
    (True, "find /data/nginx/page-cache -type f -delete"),
    (True, "http PURGE http://v1/a"),
    (True, "wget --method=PURGE -qO- http://v1/a"),
    (True, "curl -fsS --data-raw {} https://a.example/ccu/v3/invalidate/url/production"),
    (False, "rm -rf /var/cache/apt/archives"),
    (False, "rm -rf /srv/page/old"),
    (False, "aws cloudfront get-invalidation --id a --distribution-id b"),
    (False, "curl -fsS http://v1/purge_cache/status"),
    (False, "curl -fsS -X DELETE http://es/logs-v9"),
    (False, "varnishadm ban.list"),
]


@pytest.mark.parametrize(("purges", "shell"), PURGES)
@pytest.mark.parametrize(
    "origin",
    [
        "aws s3 sync out/ s3://site/",
        "rsync -a out/ web1:/srv/site/",
        "gcloud storage rsync out gs://site --recursive",
        "kubectl set image deploy/a a=r/a:1",
    ],
)
def test_a_purge_before_the_origin_is_found(purges: bool, shell: str, origin: str) -> None:
    found = reported("RB530", phase("cdn", shell), phase("origin", origin, "after cdn"))
    assert bool(found) == purges
    assert not reported("RB530", phase("origin", origin), phase("cdn", shell, "after origin"))


STATES = [
    ("kubectl config use-context a", "kubectl config set-context --current --namespace=b"),
    ("gcloud container clusters get-credentials a --zone z", "az aks get-credentials -n b -g c"),
    ("gcloud config configurations activate a", "gcloud config configurations activate b"),
    ("az account set -s a", "az account set --subscription b"),
    ("aws configure set region a", "aws configure set region b --profile default"),
    ("tofu workspace select a", "tofu workspace select b"),
    ("cd /srv/a && git switch one", "git -C /srv/a reset --hard 4f2a9c1"),
]


@pytest.mark.parametrize(("first", "second"), STATES)
def test_what_a_client_remembers_is_changed_by_one_phase_at_a_time(first: str, second: str) -> None:
    start = phase("start", "./start.sh")
    beside = (start, phase("a", first, "after start"), phase("b", second, "after start"))
    (found,) = reported("RB532", *beside)
    assert found.message.startswith("phases `a` and `b` may run at the same time")
    assert found.hint is not None
    way = "have a folder of its own" if "git" in first else "command say it by an option"
    assert found.hint.startswith(f"let each {way}")
    assert not reported("RB532", start, phase("a", first), phase("b", second, "after a"))


APART = [
    ("KUBECONFIG=a.yaml kubectl config use-context a", "kubectl config use-context b"),
    ("git -C /srv/a checkout one -- etc/", "git -C /srv/a checkout two"),
    ("git -C /srv/a checkout one", "git -C /srv/b checkout two"),
    ("gcloud config set project a", "gcloud config set account b"),
    ('cd "$(mktemp -d)" && git checkout one', "git checkout two"),
]


@pytest.mark.parametrize(("first", "second"), APART)
def test_states_that_are_apart_are_left_alone(first: str, second: str) -> None:
    start = phase("start", "./start.sh")
    beside = (start, phase("a", first, "after start"), phase("b", second, "after start"))
    assert not reported("RB532", *beside)


DELETIONS = [
    (True, "kubectl -n a delete deployment b-v9"),
    (True, "gcloud sql instances delete a --quiet"),
    (True, "az webapp delete -n a -g b"),
    (True, "ssh web1 'rm -rf /srv/shop/releases/9'"),
    (True, "dropdb --if-exists shop_v9"),
    (True, "kafka-topics.sh --bootstrap-server k:1 --delete --topic a"),
    (False, "kubectl -n a delete job/copy"),
    (False, "kubectl -n a delete deployment b --dry-run=server"),
    (False, "rm -f run.log"),
    (False, 'rm -rf "$tmp"'),
    (False, "aws s3 ls s3://a"),
]


@pytest.mark.parametrize(("deletes", "shell"), DELETIONS)
def test_what_is_deleted_for_good_waits_for_the_verification(deletes: bool, shell: str) -> None:
    proof = 'phase proof "P" { after a; budget 1m; verify }'
    check = 'verification { check c "C" { expect `./c.sh` } }'
    early = phase("last", shell, "after a; off_clock")
    late = phase("last", shell, "needs proof; off_clock")
    found = reported("RB539", phase("a", "./a.sh"), proof, early, check)
    assert [d.hint for d in found] == ["say `needs proof` in `last`"] * deletes
    assert not reported("RB539", phase("a", "./a.sh"), proof, late, check)
