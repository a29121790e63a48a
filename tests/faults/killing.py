"""Kills a run, with all that it started, at a chosen record of its journal."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.runtime.running import JsonObject, Scripts

# A hash is made after every record. This one counts them, and at the wanted one it takes away all
# processes of the session at once, as a power cut does.
HASHING = """
lines=0
for journal in .rbc/runs/*/journal.jsonl; do
  [[ -e $journal ]] && lines=$(/usr/bin/wc -l <"$journal")
done
if [[ -n ${KILL_AT-} ]] && ((lines >= KILL_AT)); then
  mkdir "$HOME/killer.$KILL_AT" 2>/dev/null || exec sleep 60 # one of them is enough
  read -r _ _ _ _ _ session _ </proc/self/stat
  found=yes
  while [[ -n $found ]]; do # what is being started while it looks is found the next time
    found=
    for stat in /proc/[0-9]*/stat; do
      { read -r pid rest <"$stat"; } || continue
      read -r state _ _ theirs _ <<<"${rest##*) }"
      [[ $theirs == "$session" && $pid != "$$" && $state != Z ]] || continue
      kill -KILL "$pid" && found=yes
    done
  done 2>/dev/null
  kill -KILL "$$"
fi
exec /usr/bin/sha256sum "$@"
"""


def run_killed_at(scripts: Scripts, record: int, *arguments: str) -> None:
    """Runs the rollback until so many records stand in its journal, and kills it there."""
    scripts.stub("sha256sum", HASHING)
    with subprocess.Popen(
        [str(scripts.folder / "rollback.sh"), *arguments],
        cwd=scripts.folder,
        env=scripts.environment(KILL_AT=str(record)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        assert process.wait(timeout=60) == -9
        while session_lives(process.pid):
            time.sleep(0.02)


def session_lives(session: int) -> bool:
    """Whether any process of a session is left that is more than a dead entry."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, theirs, *_ = stat.read_text().rpartition(")")[2].split()
            if theirs == str(session) and state not in {"Z", "X"}:
                return True
    return False


def lines_of(scripts: Scripts) -> list[JsonObject]:
    """The journal as far as its lines are whole."""
    journal = scripts.run_folder / "journal.jsonl"
    whole = journal.read_text(encoding="utf-8").rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def words(path: Path) -> list[str]:
    """What steps wrote into a file, a word each."""
    return path.read_text(encoding="utf-8").split() if path.exists() else []
