"""Commands that stand in for a cluster, a registry, a cloud and the plans' own scripts.

Each one notes how it was called, in order, and answers as a healthy system would once it has been
rolled back; they lie in `commands`. What they cannot show (that a step does the right thing to a
real server) is tested with the standard library's modules.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_COMMANDS = Path(__file__).with_name("commands")

_ON_PATH = [
    "aws",
    "create-incident",
    "createdb",
    "curl",
    "docker",
    "dropdb",
    "git",
    "kubectl",
    "pg_dump",
    "pg_restore",
    "psql",
    "redis-cli",
    "terraform",
]

_IN_FOLDER = [
    "scripts/cache-warmup.sh",
    "scripts/compare-metrics.sh",
    "scripts/compensate.sh",
    "scripts/disable-rollback-monitoring.sh",
    "scripts/enable-rollback-monitoring.sh",
    "scripts/global-traffic.sh",
    "scripts/point-name.sh",
    "scripts/publish-aliases.sh",
    "scripts/rollback-verify.sh",
    "scripts/status-page.sh",
    "scripts/traffic-shift.sh",
    "tests/smoke-test.sh",
]

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
        self.commands = folder / "commands"
        self.scripts = scripts
        self._calls = folder / "calls"
        self._calls.touch()
        for root, names in ((self.commands, _ON_PATH), (self.folder, _IN_FOLDER)):
            for name in names:
                own = _COMMANDS / Path(name).name
                place = root / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(own if own.exists() else _COMMANDS / "silent")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("RBC_", "PG"))},
            **SECRETS,
            "PATH": f"{self.commands}{os.pathsep}{os.environ['PATH']}",
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

    def replace(self, command: str, body: str) -> None:
        """Lets a command do something else from now on; its calls are still noted."""
        note = (_COMMANDS / "silent").read_text().split("\nif", 1)[0]
        (self.commands / command).unlink()
        (self.commands / command).write_text(f"{note}\n{body}\n")
        (self.commands / command).chmod(0o755)

    @property
    def calls(self) -> list[str]:
        """Every call of a stand-in so far, in order, on a line each."""
        return self._calls.read_text().splitlines()

    def files(self) -> set[str]:
        """What lies in the folder."""
        return {str(p.relative_to(self.folder)) for p in self.folder.rglob("*")}
