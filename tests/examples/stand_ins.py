"""Commands that stand in for a cluster, a registry, a cloud and the plans' own scripts.

Each one notes how it was called, in order, and answers as a healthy system would that has been rolled
back. What they cannot show (that a step does the right thing to a real server) is tested with the
standard library's modules.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_NOTE = """#!/bin/bash
printf '%s' "${0##*/}" "${@/#/ }" | tr '\\n' ' ' >>"$CALLS"
echo >>"$CALLS"
"""

_KUBECTL = r"""
case "$*" in
  *" logs "*) echo "a line of a log" ;;
  *rollout*history*image*) echo "registry.example.com/payment-service:v3.1.8" ;;
  *--output=json | *--output=json\ *) for kind; do shift; [[ $kind == get ]] && break; done; printf '{"kind": "%s", "metadata": {"name": "%s"}}\n' "$1" "$2" ;;
  *endpointslices*) echo 10.0.0.1 ;;
  *get\ service\ api-service*) echo v2.0.8 ;;
  *get\ service\ auth-service*) echo v1.5.2 ;;
  *.spec.replicas*) echo 0 ;;
  *.spec.paused*) echo false ;;
  *status.replicas*api-service* | *api-service*status.replicas*) echo 10 10 ;;
  *auth-service*status.replicas*) echo 5 5 ;;
  *payment-service*status.replicas*) echo 4 4 ;;
  *get\ deployment\ api-service*image*) echo api:v2.0.8 ;;
  *get\ deployment\ auth-service*image*) echo auth:v1.5.2 ;;
  *get\ deployment\ edge-gateway*image*) echo registry.example.com/edge-gateway:v4.9.2 ;;
  *payment-service*image*) echo registry.example.com/payment-service:v3.1.8 ;;
  *get\ --raw*health*) echo '{"status": "healthy"}' ;;
esac
"""

_PSQL = r"""
for argument; do
  case $argument in
    *between* | *handouts*) echo 0 ;;
    *max\(version\)*) [[ "$*" == *routing* ]] && echo 20251101090000 || echo 20251201120000 ;;
    *default_transaction_read_only*) echo off ;;
    *pg_constraint* | *pg_index*) echo 0 ;;
    select\ 1) echo 1 ;;
  esac
done
[[ "$*" == *" -c "* ]] || case $(cat) in
  *:\"table\"*) echo 7 ;;
  *filter*) echo '0|1' ;;
esac
"""

_CURL = r"""
previous='' output=''
for argument; do
  case $previous in --output | -o) output=$argument ;; esac
  [[ $argument == @- || $previous == --config || $previous == -K ]] && [[ $argument == *- ]] && request=$(cat)
  previous=$argument
done
answer() { if [[ -n $output && $output != /dev/null ]]; then cat >"$output"; else cat; fi; }
case "$* ${request-}" in
  *prometheus*) echo '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1765287000,"0.0001"]}]}}' | answer ;;
  *metrics-api/snapshot*) echo '{"error_rate": 0.0004}' | answer ;;
  *metrics-api/*) echo '{"value": 0.0001}' | answer ;;
  */health*) echo '{"status": "healthy"}' | answer ;;
  */api/v1/workflows/*) echo '{"id": "1", "name": "onboarding", "nodes": [{}], "connections": {}, "settings": {}, "active": true}' | answer ;;
esac
"""

_PG_DUMP = r"""
for argument; do [[ $argument == --file=* ]] && echo "a dump" >"${argument#--file=}"; done
true
"""

_TERRAFORM = r"""
case "$*" in
  *state\ pull*) echo '{"lineage": "3f1c"}' ;;
  *output*load_balancer_id*) echo lb-0a1b2c3d ;;
  *plan*-out=*) for argument; do [[ $argument == -out=* ]] && echo "a plan" >"${argument#-out=}"; done ;;
esac
true
"""

_GIT = r"""
[[ "$*" == *describe* ]] && echo lb-2025-11-20
true
"""

_GLOBAL_TRAFFIC = r"""
[[ "$*" == *--show=weight* ]] && echo 100
true
"""

COMMANDS = {
    "kubectl": _KUBECTL,
    "psql": _PSQL,
    "curl": _CURL,
    "pg_dump": _PG_DUMP,
    "pg_restore": "",
    "createdb": "",
    "dropdb": "",
    "redis-cli": '[[ "$*" == *--scan* ]] || cat >/dev/null',
    "docker": "",
    "aws": "",
    "create-incident": "",
    "terraform": _TERRAFORM,
    "git": _GIT,
}

SCRIPTS = {
    "scripts/rollback-verify.sh": "",
    "scripts/enable-rollback-monitoring.sh": "",
    "scripts/disable-rollback-monitoring.sh": "",
    "scripts/cache-warmup.sh": "",
    "scripts/traffic-shift.sh": "",
    "scripts/compare-metrics.sh": "",
    "scripts/compensate.sh": "",
    "scripts/status-page.sh": "",
    "scripts/global-traffic.sh": _GLOBAL_TRAFFIC,
    "scripts/publish-aliases.sh": "",
    "scripts/point-name.sh": "",
    "tests/smoke-test.sh": "",
}

SECRETS = {
    "CACHE_PASSWORD": "not-shown-1",
    "N8N_API_KEY": "not-shown-2",
    "SLACK_WEBHOOK_URL": "https://hooks.example.com/not-shown-3",
    "PAGERDUTY_ROUTING_KEY": "not-shown-4",
    "SMTP_URL": "smtp://mail.example.com/not-shown-5",
}


class Site:
    """A folder to work in, with the stand-ins on PATH and the generated scripts of a plan."""

    def __init__(self, folder: Path, scripts: Path) -> None:
        self.folder = folder / "work"
        self.scripts = scripts
        self._calls = folder / "calls"
        self._calls.touch()
        commands = folder / "commands"
        for root, programs in ((commands, COMMANDS), (self.folder, SCRIPTS)):
            for name, body in programs.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(_NOTE + body)
                path.chmod(0o755)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("RBC_", "PG"))},
            **SECRETS,
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "CALLS": str(self._calls),
        }

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a generated script in the folder, without a terminal, for two minutes at most."""
        return subprocess.run(
            [str(self.scripts / script), *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        """Every call of a stand-in so far, in order, on a line each."""
        return self._calls.read_text().splitlines()

    def files(self) -> set[str]:
        """What lies in the folder."""
        return {str(p.relative_to(self.folder)) for p in self.folder.rglob("*")}
