"""Calls that begin with a list of the plan, and shells that read their commands on a host."""

from __future__ import annotations

from rbdsl.analysis.calls import calls
from rbdsl.analysis.list_calls import written_out

LISTS = {"k": ("kubectl", "--context", "prod"), "hosts": ("a", "b")}


def _texts(shell: str) -> list[str]:
    return [call.text for call in written_out(calls(shell), LISTS)]


def test_a_list_at_the_beginning_is_the_command() -> None:
    assert _texts('"${k[@]}" get pods | grep x') == ["kubectl --context prod get pods", "grep x"]


def test_what_it_runs_in_turn_is_found() -> None:
    found = list(written_out(calls('"${k[@]}" exec app -- env A=1 rake db:rollback'), LISTS))
    assert [call.text for call in found][-1] == "rake db:rollback"
    assert found[-1].where == ("kubectl exec app",)


def test_another_list_stays_as_it_is() -> None:
    assert _texts('"${none[@]}" get; for h in "${hosts[@]}"; do echo "$h"; done') == [
        "${none[@]} get",
        "echo $h",
    ]


def test_the_place_is_that_of_the_list() -> None:
    shell = 'true; "${k[@]}" get pods'
    found = list(written_out(calls(shell), LISTS))[-1]
    assert shell[found.start : found.end] == '"${k[@]}" get pods'


def test_a_shell_on_a_host_reads_the_document() -> None:
    shell = "ssh -o BatchMode=yes h sudo -n bash -s <<'END'\nset -e\nrm -f /tmp/x\nEND\n"
    found = calls(shell)[-1]
    assert found.text == "rm -f /tmp/x"
    assert found.where == ("ssh h",)
    assert shell[found.start : found.end] == "rm -f /tmp/x"


def test_the_program_is_named_in_the_whole_pipe() -> None:
    found = list(written_out(calls('x="$("${k[@]}" get pods | jq .)"'), LISTS))
    assert {call.pipe for call in found} == {("kubectl", "jq")}


def test_a_list_before_the_host_holds_options() -> None:
    shell = 'ssh "${options[@]}" "$host" sudo -n systemctl stop "${units[@]}"'
    found = calls(shell)[-1]
    assert (found.program, found.where) == ("systemctl", ("ssh $host",))
    assert found.operands == ("stop", "${units[@]}")
