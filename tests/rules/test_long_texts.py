"""Texts that are long in one way are checked in a time that grows with their length.

Nothing is timed: each text is so long that a walk over all pairs would take many minutes, and the
process that checks it is given a few.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.test_rules import findings

ROOT = Path(__file__).parents[2]
PLAN = """\
rbplan 1
plan shop "Shop" {{
  level 2
  phase back "Back" {{ budget 5m; step go "Go" {{ timeout 1m; run ```
{text}
  ``` }} }}
}}
"""
PROGRAM = """
import sys
from tests.rules.test_rules import findings
print(len(findings(sys.stdin.read())))
"""
LONG = {
    "a word": "echo " + "x" * 500_000,
    "hexadecimal": f"echo {'0a1b2c3d' * 60_000} | xxd -r -p > /srv/key",
    "an argument of SQL": f'psql -d shop -v ON_ERROR_STOP=1 -c "{"x" * 500_000}"',
    "a pipe": "|".join(["cat"] * 3_000),
    "blanks": "echo" + " " * 100_000 + "x",
    "empty lines": "ls" + "\n" * 60_000 + "ls",
    "a name of a header": "curl -fsS --max-time 5 -H " + "X-" * 200_000 + " http://shop.example",
}


@pytest.mark.parametrize("name", LONG)
def test_a_text_that_is_long(name: str) -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command,
        input=PLAN.format(text=LONG[name]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=150,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().isdigit()


@pytest.mark.parametrize("joint", ["&&", "||", ";", "|"])
def test_a_list_that_is_long_is_no_deep_one(joint: str) -> None:
    text = f" {joint} ".join(["test -e /srv/shop"] * 2_000)
    assert not [d for d in findings(PLAN.format(text=text)) if d.code < "RB300"]
