"""Values can't become code: whatever a title, let, param, region or secret is made of."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rbdsl.backends.bash import emit
from rbdsl.backends.quoting import comment_text, sh
from tests.backends.compiling import request_whatever_is_found
from tests.backends.hostile import hostile_plan, literal
from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]

_NASTY = st.text(
    st.one_of(
        st.sampled_from(list("$`\"'\\(){}[]<>|&;!#*?~%=^@\n\t -aA0")),
        st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn"]),
    ),
    min_size=1,
    max_size=30,
).filter(lambda text: text.strip() != "")  # a blank title is an error of the plan
_EXAMPLES = [
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "x\n}; touch pwned; {",
    "${IFS}$(touch${IFS}pwned)",
    "\\",
    "a\\'b",
    "!!",
    "~root",
    "*",
    "RBC_HELP\ntouch pwned\nRBC_HELP",
    "shellcheck disable=all",
    "don't “quote” ‘me’",
    "</script>|`*_",
    "-n",
    "a=b",
    "%s%n\\n",
    "[$(touch pwned)]",
    "x[$(touch pwned)]",
]


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=0, max_size=40))
@example(text="\x00\x01\x7f\x80\u202e\ufeff\u2028")
def test_a_quoted_text_comes_back_byte_by_byte(text: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"printf '%s' {sh(text)}"], capture_output=True, check=True
    )
    assert done.stdout.decode() == text.replace("\0", "\ufffd")


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_a_comment_stays_on_its_line(text: str) -> None:
    made = comment_text(text)
    assert made.splitlines() in ([made], [])
    assert all(c.isprintable() for c in made)


def run_in(folder: Path, text: str) -> tuple[Scripts, subprocess.CompletedProcess[str]]:
    scripts = Scripts(
        folder / "demo",
        plan(
            f"""
  let value = {literal(text)}
  let values = [{literal(text)}, "b"]
  param given: string = {literal(text)} {literal(text)}
  phase work {literal(text)} {{ budget 60s
    objective {literal(text)}
    step one {literal(text)} {{
      critical {literal(text)}
      note {literal(text)}
      run `printf '%s' "$value" > value; printf '%s' "$given" > given; printf '%s' "${{values[0]}}" > item`
      expect {literal(text)} `printf '%s' "$value"` equals {literal(text)}
    }} }}
  scenario part {literal(text)} {{ run work; use_when {literal(text)} }}
  verification {{ confirm {literal(text)} }}
  escalation {{ rung {literal(text)} 0m.. {{ contact {literal(text)}; do {literal(text)} }} }}
"""
        )
        .replace('plan demo "Demo"', f"plan demo {literal(text)}")
        .replace('"op-1"', literal(text)),
    )
    return scripts, scripts.run()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=_NASTY)
@example(text="$(touch pwned)`touch pwned`")
def test_a_run_with_any_text(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scripts, result = run_in(Path(folder), text)
        assert result.returncode == 0, result.stdout + result.stderr
        for name in ("value", "given", "item"):
            assert (scripts.folder / name).read_text(encoding="utf-8") == text
        assert scripts.left() == [".rbc", "given", "item", "value"]
        assert scripts.journal()[-1]["outcome"] == "success"


@pytest.mark.parametrize("text", _EXAMPLES)
def test_texts_that_were_code_elsewhere(tmp_path: Path, text: str) -> None:
    scripts, result = run_in(tmp_path, text)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (scripts.folder / "value").read_text(encoding="utf-8") == text
    for role in ("rollback", "capture", "verify", "monitor"):
        for option in ("--dry-run", "--help"):
            shown = scripts.run(option, role=role)
            assert shown.returncode == 0, shown.stderr
    assert scripts.run("--list").returncode == 0
    assert scripts.run("--status").returncode == 0
    assert not list(scripts.folder.rglob("pwned"))


@pytest.mark.parametrize("text", _EXAMPLES)
def test_every_place_that_takes_a_text(tmp_path: Path, text: str) -> None:
    """All scripts of a plan with every statement are good bash, and show themselves."""
    request = request_whatever_is_found(hostile_plan(text, "true"))
    assert request is not None
    for file in emit(request):
        path = tmp_path / file.path
        path.write_text(file.text, encoding="utf-8")
        path.chmod(0o755)
        parsed = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
        assert (parsed.returncode, parsed.stderr) == (0, "")
        shown = subprocess.run(
            [path, "--dry-run"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/bin:/bin", "TOKEN": "x"},
        )
        assert shown.returncode == 0, shown.stderr
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize("text", _EXAMPLES)
def test_a_parameter_and_a_reason_from_the_command_line(tmp_path: Path, text: str) -> None:
    scripts, _ = run_in(tmp_path, "x")
    result = scripts.run(
        "--set",
        f"given={text}",
        "--auto",
        "--reason",
        text,
        "--metric",
        text,
        "--rehearsal",
        text,
        "--run-dir",
        "second",
    )
    assert result.returncode == 0, result.stderr
    assert (scripts.folder / "given").read_text(encoding="utf-8") == text
    assert not list(scripts.folder.rglob("pwned"))
