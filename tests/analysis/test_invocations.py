"""Commands taken apart: what is a word, what an option, and what is handed to which program."""

from __future__ import annotations

import pytest

from rbdsl.analysis.invocations import Invocation, invocations


def shown(invocation: Invocation) -> str:
    """On one line: the host, the program, its words with bars, its options in brackets."""
    options = " ".join(n if v is None else f"{n}={v}" for n, v in invocation.options)
    where = f"{invocation.where}: " if invocation.where else ""
    return f"{where}{' | '.join((invocation.program, *invocation.words))} [{options}]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kubectl drain n1 --force", ["kubectl | drain | n1 [force]"]),
        ("kubectl drain --force n1", ["kubectl | drain | n1 [force]"]),
        (
            "kubectl -n x scale --replicas=0 deployment/y",
            ["kubectl | scale | deployment/y [namespace=x replicas=0]"],
        ),
        (
            'kubectl --context "$c" drain "node-${n}" -- --x',
            ["kubectl | drain | node-$n | --x [context=$c]"],
        ),
        ('kubectl ${c:+--context "$c"} drain x', ["kubectl | drain | x []"]),
        ("queue pause --wait 5s orders", ["queue | pause | orders [wait=5s]"]),
        ("queue pause --fast orders", ["queue | pause | orders [fast]"]),
        ("sudo -u root timeout 5 systemctl --now stop a", ["systemctl | stop | a [now]"]),
        ("A=1 ./x.sh 'two words' a\\ b", ["./x.sh | two words | a b []"]),
        ('psql -c "a - b = c"', ["psql | a - b = c [c]"]),
        ("ssh -p 22 root@h 'sudo stop x'", ["root@h: stop | x []"]),
        ("bash -ec 'stop x; ssh h start y'", ["stop | x []", "h: start | y []"]),
        ("psql <<<'set x'", ["psql []", "psql | set x []"]),
        ("psql -q <<A\nset x;\n set  y\nA\n", ["psql [q]", "psql | set x [q]", "psql | set y [q]"]),
        ("echo 'set x' | psql", ["psql []", "psql | set x []"]),
        ("echo on >/x; echo hello", ["echo | on []"]),
        ("if stop x; then (start $(y)); fi # stop z", ["stop | x []", "start | $(y) []", "y []"]),
        ("$(", []),
        ("", []),
    ],
)
def test_invocations(text: str, expected: list[str]) -> None:
    assert [shown(found) for found in invocations(text)] == expected
