"""What the rules about hanging and about values propose mends what they find, and odd shell is no
trouble to them.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.rules.registry import all_rules
from tests.rules.fixtures import read_cases
from tests.rules.test_rules import findings

CODES = [r.code.id for r in all_rules() if r.family in ("hangs", "values")]
PLANS = [
    pytest.param(case.data.decode(), id=f"{code}-line{case.line}")
    for code in CODES
    for case in read_cases(code)
]
PLAN = """rbplan 1
plan x "X" {{
  level 2
  let release = "41"
  secret TOKEN "T"
  phase back "Back" {{
    budget 3m
    step one "One" {{ {limit} run ````
{text}
    ```` }}
  }}
}}
"""
FRAGMENTS = [
    "\n",
    "",
    "",
    "",
    "kubectl",
    "exec",
    "-it",
    "pod",
    "--",
    "sh",
    "-c",
    "'",
    '"',
    ";",
    "\n",
    "|",
    "||",
    "&&",
    "&",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "<<",
    "<<'E'",
    "E",
    "$(",
    "`\n",
    "",
    "",
    "",
    "ssh",
    "web1",
    "sudo",
    "-i",
    "read",
    "-r",
    "x",
    "while",
    "until",
    "true",
    "do",
    "done",
    "if",
    "then",
    "fi",
    "for",
    "in",
    "select",
    "$x",
    "${x:-",
    "${release}\n",
    "",
    "",
    "",
    "docker",
    "run",
    "-ti",
    "compose",
    "up",
    "curl",
    "-u",
    "$TOKEN",
    "-H",
    "echo",
    "tail",
    "-f",
    "timeout",
    "5",
    "git",
    "revert",
    "commit\n",
    "",
    "",
    "",
    "terraform",
    "apply",
    "flock",
    "flock",
    "-w",
    "psql",
    "-W",
    "mysql",
    "-pabcdef",
    "export",
    "A=1",
    "PASSWORD=Kq7violet",
    "set",
    "-x",
    "#",
    "\\\n",
    "",
    "",
    "",
    "((n++))",
    "[[",
    "-v",
    "x",
    "]]",
    "trap",
    "eval",
    "source",
    "helm",
    "--wait",
    "ä",
    "日",
    "\t\n",
]


def run(shell: str, limit: str = "timeout 1m;") -> list[Diagnostic]:
    found = findings(PLAN.format(text=shell, limit=limit))
    return [d for d in found if d.code in CODES]


def mended(text: str, finding: Diagnostic) -> str:
    assert finding.fix
    for edit in sorted(finding.fix.edits, key=lambda e: e.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize("plan", PLANS)
def test_a_proposed_mend_mends(plan: str) -> None:
    before = [d for d in findings(plan) if d.code in CODES]
    for finding in (d for d in before if d.fix):
        left = findings(mended(plan, finding))
        assert not [d for d in left if d.code < "RB300"], finding
        same = (finding.code, finding.message)
        count = [(d.code, d.message) for d in before].count(same)
        assert [(d.code, d.message) for d in left].count(same) < count, finding


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("docker exec -it web nginx -t", "docker exec web nginx -t"),
        ("kubectl exec -it db -- tee /x <f", "kubectl exec -i db -- tee /x <f"),
        ("ssh -tt -o BatchMode=yes -o ConnectTimeout=5 h d", "ssh -o BatchMode=yes -o ConnectTimeout=5 h d"),
        ("sudo -u app reload", "sudo -n -u app reload"),
        ("ssh -o BatchMode=yes -o ConnectTimeout=5 h 'sudo reload'",
         "ssh -o BatchMode=yes -o ConnectTimeout=5 h 'sudo -n reload'"),
        ("scp a h:b", "scp -o BatchMode=yes -o ConnectTimeout=5 a h:b"),
        ("git -C x revert 4f2c1d9", "git -C x revert --no-edit 4f2c1d9"),
        ("wget -q http://x", "wget --timeout=10 --tries=2 -q http://x"),
        ("kubectl -n x rollout status deploy/a", "kubectl -n x rollout status --timeout=54s deploy/a"),
        ('echo "$relaese"', 'echo "$release"'),
        ("az vm delete -g shop -n a", "az vm delete --yes -g shop -n a"),
        ("unzip a.zip -d /srv/a", "unzip -o a.zip -d /srv/a"),
    ],
)  # fmt: skip
def test_what_a_mend_writes(shell: str, line: str) -> None:
    text = PLAN.format(text=shell, limit="timeout 1m;")
    (finding,) = [d for d in findings(text) if d.code in CODES and d.fix]
    assert mended(text, finding) == PLAN.format(text=line, limit="timeout 1m;")


@pytest.mark.parametrize(
    "shell",
    [
        "sql() { kubectl exec -it db -- psql -v ON_ERROR_STOP=1 -d shop; }\nsql < dump.sql",
        "sql() { kubectl exec -it db -- psql -v ON_ERROR_STOP=1 -d shop; }\ncat dump.sql | sql",
        "sql() { kubectl exec -it db -- psql -v ON_ERROR_STOP=1 -d shop; }\nsql",
        "exec < dump.sql\nkubectl exec -it db -- psql -v ON_ERROR_STOP=1 -d shop",
        "exec 0<dump.sql; docker exec -it db psql -v ON_ERROR_STOP=1 -d shop",
        "{ kubectl exec -it db -- psql -v ON_ERROR_STOP=1 -d shop; } < dump.sql",
        "( kubectl exec -it db -- psql -v ON_ERROR_STOP=1 -d shop ) <<<'select 1'",
        "cat dump.sql | { kubectl exec -it db -- psql -v ON_ERROR_STOP=1 -d shop; }",
        "while read -r n; do kubectl exec -it db -- ./load.sh; done < names",
        "if true; then kubectl exec -it db -- tee /x; fi < names",
        "kubectl exec -it db -- tee /x \\\n  < names",
        "ssh -o BatchMode=yes -o ConnectTimeout=5 h 'docker exec -it db tee /x' < names",
        "bash -c 'kubectl exec -it db -- tee /x' < names",
        "source ./redirects.sh; kubectl exec -it db -- tee /x",
        "kubectl run probe -it --rm --restart=Never --image=busybox:1.36 -- true",
    ],
)
def test_only_the_terminal_goes_where_something_may_be_read(shell: str) -> None:
    text = PLAN.format(text=shell, limit="timeout 1m;")
    (finding,) = [d for d in findings(text) if d.code == "RB820"]
    assert finding.fix
    assert mended(text, finding) == text.replace("-it", "-i")


def test_an_ssh_that_is_answered_by_a_program_may_ask() -> None:
    asked = "export SSH_ASKPASS=/opt/answer SSH_ASKPASS_REQUIRE=force\n"
    text = PLAN.format(text=f"{asked}ssh -o ConnectTimeout=5 h uptime", limit="timeout 1m;")
    assert [d for d in findings(text) if d.code == "RB823"] == []


def test_an_option_at_the_beginning_of_a_line_leaves_the_end_of_the_line_before() -> None:
    text = PLAN.format(text="docker exec \\\n-it web nginx -t", limit="timeout 1m;")
    (finding,) = [d for d in findings(text) if d.code == "RB820"]
    assert "docker exec \\\n web nginx -t" in mended(text, finding)


@pytest.mark.parametrize(
    ("shell", "code", "severity"),
    [
        ("docker exec -it web nginx -t", "RB820", Severity.ERROR),
        ("kubectl exec -it web -- nginx -t", "RB820", Severity.WARNING),
        ("read -r x", "RB821", Severity.ERROR),
        ("read -r x || true", "RB821", Severity.WARNING),
        ("curl http://x", "RB827", Severity.INFO),
        ("echo $releese", "RB890", Severity.ERROR),
        ("echo $other", "RB890", Severity.WARNING),
        ("echo $OTHER", "RB890", Severity.INFO),
        ("echo $TOKEN", "RB892", Severity.INFO),
        ("./x --key=ghp_0123456789abcdef0123456789abcdef0123", "RB893", Severity.ERROR),
        ("ssh -o BatchMode=yes -o ConnectTimeout=5 h 'echo $release'", "RB895", Severity.ERROR),
        ("ssh -o BatchMode=yes -o ConnectTimeout=5 h 'echo $TOKEN'", "RB895", Severity.WARNING),
    ],
)
def test_how_sure_a_finding_is(shell: str, code: str, severity: Severity) -> None:
    assert severity in {d.severity for d in run(shell) if d.code == code}


def test_a_step_with_a_limit_may_ask_without_end() -> None:
    loop = "until pg_isready -q; do sleep 2; done"
    assert [d.code for d in run(loop)] == []
    assert [d.code for d in run(loop, limit="")] == ["RB832"]


def test_the_query_of_a_metric_is_no_shell() -> None:
    plan = PLAN.format(text="date", limit="").replace(
        "  level 2\n", '  level 2\n  metrics from prometheus "http://p" { e ratio `read -r $x` }\n'
    )
    assert not [d for d in findings(plan) if d.code in CODES]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14), st.sampled_from(["", "timeout 1m;"]))
def test_odd_shell(words: list[str], limit: str) -> None:
    for finding in run(" ".join(words), limit):
        assert 0 <= finding.span.start < finding.span.end <= len(finding.span.source.text)
        assert finding.message
        assert not finding.message.endswith(".")


@pytest.mark.parametrize(
    "shell",
    [
        "sudo kubectl -n shop exec x -- ls",
        "sudo ssh -o BatchMode=yes -o ConnectTimeout=5 h 'ls; date'",
        "sudo bash -c 'nginx -t; nginx -s reload'",
    ],
)
def test_one_sudo_is_one_finding(shell: str) -> None:
    (finding,) = [d for d in run(shell) if d.code == "RB822"]
    assert finding.message == "`sudo` may ask for a password, and nobody is there to type it"
    assert finding.severity is Severity.WARNING
