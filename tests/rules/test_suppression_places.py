"""What looks like a comment that allows something, in texts and in shell."""

from __future__ import annotations

import pytest

from tests.checking import checked

SHELL = """rbplan 1
plan slow "One phase that may take too long" {{
  level 2
  phase one "One" {{
    {note}
    budget 1m
    step load "Load" {{
      timeout 2m
      run ```
        {code}
        ./load.sh
      ```
    }}
  }}
}}
"""
ALLOW = '# rbc: allow-file RB306 "measured"'


@pytest.mark.parametrize(
    "shell",
    [
        f"cat >x <<EOF\n        a: 1\n        {ALLOW}\n        EOF",
        f"sudo tee /etc/x >/dev/null <<'EOF'\n        {ALLOW}\n        EOF",
        f"echo '{ALLOW}' >x",
        f"printf '%s\\n' 'a: 1\n        {ALLOW}' >x",
    ],
)
def test_what_shell_writes_is_no_comment(shell: str) -> None:
    text = SHELL.format(note="", code=shell)
    found = {d.code for d in checked(text).diagnostics}
    assert "RB306" in found
    assert found & {"RB910", "RB911", "RB912"} == set()


@pytest.mark.parametrize(
    "shell",
    [
        ALLOW,
        f"true {ALLOW}",
        f"cat >x <<EOF\n        a: 1\n        EOF\n        {ALLOW}",
        f"ssh -n host bash -s <<'EOF'\n        ./a\n        {ALLOW}\n        EOF",
    ],
)
def test_comments_of_shell_are_heard(shell: str) -> None:
    found = {d.code for d in checked(SHELL.format(note="", code=shell)).diagnostics}
    assert "RB306" not in found


@pytest.mark.parametrize(
    "note",
    [
        "note '# rbc: allow-file RB306'".replace("'", '"'),
        f'note """\n    see {ALLOW}\n    """',
    ],
)
def test_texts_of_the_plan_hold_no_comments(note: str) -> None:
    found = {d.code for d in checked(SHELL.format(note=note, code="true")).diagnostics}
    assert "RB306" in found
    assert found & {"RB910", "RB911", "RB912"} == set()
