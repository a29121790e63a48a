"""Calls are found wherever bash runs one, with their place and what holds around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbdsl.analysis.calls import Call, calls

EXEC = """! sudo -n kubectl exec -it "$pod" -- sh -c 'psql -c "drop x"' >/dev/null 2>&1 || true &"""


def texts(text: str) -> list[str]:
    return [call.text for call in calls(text)]


def one(text: str, program: str) -> Call:
    (found,) = [call for call in calls(text) if call.program == program]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 'b c' \"d\" e\\ f", ["a b c d e f"]),
        ("sudo -u x env A=1 timeout -k 1 5 nice a b", ["a b"]),
        ("find . | xargs -0 rm -f", ["find .", "rm -f"]),
        ("a $(b `c d`) <(e)", ["a $(b `c d`) <(e)", "b `c d`", "c d", "e"]),
        ("f() { a; }; ( b ) ; { c; }; if d; then e; elif g; then h; else i; fi", list("abcdeghi")),
        ("case x in y) a ;; esac; for i in b; do c; done; until d; do e; done", list("acde")),
        ("# rm x\necho 'rm y' \"rm z\"", ["echo rm y rm z"]),
        ("cat <<EOF\nrm x\nEOF", ["cat"]),
        ("bash -ec 'a; b'", ["a", "b"]),
        ("su - postgres -c 'a; b'", ["a", "b"]),
        ("ssh -p 22 host 'a && b'", ["ssh -p 22 host a && b", "a", "b"]),
        ("ssh host sudo a b", ["ssh host sudo a b", "a b"]),
        ("ssh host <<EOF\na b\nEOF", ["ssh host", "a b"]),
        ("sudo bash -s x <<'EOF'\na b\nEOF", ["a b"]),
        ("kubectl exec -i p -- sh <<EOF\na b\nEOF", ["kubectl exec -i p -- sh", "a b"]),
        ("bash run.sh <<EOF\na b\nEOF", ["bash run.sh"]),
        ("kubectl -n x exec p -c c -- a b", ["kubectl -n x exec p -c c -- a b", "a b"]),
        ("docker compose exec -T db a b", ["docker compose exec -T db a b", "a b"]),
        ("docker exec -e X=1 c a b", ["docker exec -e X=1 c a b", "a b"]),
        ("eval 'a b'", ["a b"]),
        ("bash -s <<'EOF'\na b\nEOF", ["a b"]),
        ("bash script <<'EOF'\na b\nEOF", ["bash script"]),
        ("x=$(a b) || c", ["a b", "c"]),
        ("cat <<EOF | a b\nx\nEOF", ["cat", "a b"]),
        ("a >/dev/null b 2>&1 c </x d", ["a b c d"]),
        ("a && b 2>/dev/null c | d >x e", ["a", "b c", "d e"]),
        ("a <<EOF -b c\nx\nEOF", ["a -b c"]),
        ("x=$(a 2>/dev/null b)", ["a b"]),
        ("sudo -n 2>/dev/null a b", ["a b"]),
        ("sudo -nu x a b; sudo --user x a b; sudo --user=x a b", ["a b", "a b", "a b"]),
        ("flock --timeout 5 /l a b; flock -w5 /l -c 'c d'", ["a b", "c d"]),
        ("xargs --max-args 1 a b; xargs -0n1 c; ionice --class 3 d", ["a b", "c", "d"]),
        ("runuser -u x -- a b; runuser -l x -c 'c d'; gosu x e", ["a b", "c d", "e"]),
        ("ssh host -o A=b -q a b", ["ssh host -o A=b -q a b", "a b"]),
        (
            "find x -exec a b {} ';' -ok c {} +",
            ["find x -exec a b {} ; -ok c {} +", "a b {}", "c {}"],
        ),
        ("trap 'a b; c' EXIT", ["trap a b; c EXIT", "a b", "c"]),
        ("systemd-run -u x --wait a b", ["systemd-run -u x --wait a b", "a b"]),
        ("systemd-run --on-active=5m a b", ["systemd-run --on-active=5m a b"]),
        ("chroot /x a b; nsenter -t 1 -m -- c d", ["a b", "c d"]),
        ("parallel -j4 a {} ::: b c", ["a {}"]),
        ("watch -n 5 'a | b'", ["watch -n 5 a | b", "a", "b"]),
        ("lxc exec x --env A=b -- a b", ["lxc exec x --env A=b -- a b", "a b"]),
        ("kubectl -n run get pods -- a", ["kubectl -n run get pods -- a"]),
        ("kubectl run x --image=y -- --z", ["kubectl run x --image=y -- --z"]),
        ("coproc a b; coproc N { c d; e; }", ["a b", "c d", "e"]),
        ("sudo -l a b; command -v c", ["sudo -l a b", "command -v c"]),
    ],
)
def test_commands_are_found_where_they_run(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_what_holds_around_a_call() -> None:
    psql = one(EXEC, "psql")
    assert psql.where == ("kubectl exec $pod",)
    assert psql.otherwise == ("true",)
    assert psql.background
    assert psql.silenced()  # `2>&1` sends it where the output goes
    assert [word.text for word in psql.wrappers[0]] == ["sudo", "-n"]
    kubectl = one(EXEC, "kubectl")
    assert kubectl.has("t")
    assert kubectl.has("i")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("gcloud compute ssh h --zone z --command='a b'", "ssh h"),
        ("gcloud compute ssh u@h --command 'a b'", "ssh u@h"),
        ("kubectl debug -n x node/y -it --image=z -- a b", "kubectl debug node/y"),
        ("kubectl run --image z x -- a b", "kubectl run x"),
        ("docker run --rm -v v:w -itu root x a b", "docker run x"),
        ("docker -H h container exec -e A=b x a b", "docker exec x"),
        ("podman exec -u root x a b", "podman exec x"),
        ("crictl -r unix:///s exec -i x a b", "crictl exec x"),
        ("incus exec x a b", "incus exec x"),
        ("chroot /x a b", "chroot /x"),
        ("nsenter -t 1 -m a b", "nsenter -t 1 -m"),
        ("parallel -S h1,h2 a b ::: c", "parallel -S h1,h2"),
        ("systemd-run -M m a b", "systemd-run -M m"),
        ("salt -t 9 'web*' cmd.run 'a b'", "salt web*"),
        ("ansible web -b -m shell -a 'a b'", "ansible web"),
        ("ansible web --args='a b'", "ansible web"),
        ("fly ssh console -a x -C 'a b'", "fly ssh console"),
        ("pdsh -R ssh -w h1,h2 a b", "pdsh"),
        ("bolt command run 'a b' -t web", "bolt command run"),
        ("tsh ssh -l root h a b", "tsh ssh h"),
    ],
)
def test_where_a_call_runs(text: str, where: str) -> None:
    found = one(text, "a")
    assert (found.where, found.text) == ((where,), "a b")
    assert text[found.words[0].start : found.words[1].end] == "a b"


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("a", ()),
        ("X=1 Y= a", ("X", "Y")),
        ("X=1 sudo -n Y=2 env -u Q Z=3 a b=c", ("X", "Y", "Z")),
        ("X=1 bash -c 'Y=1 a'", ("X", "Y")),
        ("X=1 ssh h 'Y=1 a'", ("Y",)),
        ("X=1 kubectl exec p -- env Y=1 a", ("Y",)),
        ("X=1; a", ()),
    ],
)
def test_what_is_assigned_for_a_call_alone(text: str, environment: tuple[str, ...]) -> None:
    assert one(text, "a").environment == environment


@pytest.mark.parametrize(
    ("text", "tested"),
    [
        ("a", ""),
        ("a || b", "||"),
        ("a && b", "&&"),
        ("{ a; c; } || b", "||"),
        ("if a; then b; fi", "if"),
        ("while ! a; do b; done", "!"),
        ("until a; do b; done", "while"),
        ("b && a", ""),
        ("if b; then a; fi", ""),
        ("x=$(a) || b", "||"),
    ],
)
def test_who_looks_at_a_failure(text: str, tested: str) -> None:
    assert one(text, "a").tested == tested


@pytest.mark.parametrize(
    ("text", "redirections"),
    [
        ("a >f", [(">", 1, "f")]),
        ("b && a 2>f", [(">", 2, "f")]),
        ("b | a >>f", [(">>", 1, "f")]),
        ("(a; b) >f", [(">", 1, "f")]),
        ("a >f && b", [(">", 1, "f")]),
        ("while a; do b; done <f", [("<", 0, "f")]),
        ("a >f | b", [(">", 1, "f")]),
        ("b <g; a", []),
        ("sh -c 'a' &>f", [("&>", 1, "f")]),
    ],
)
def test_redirections_belong_to_their_command(
    text: str, redirections: list[tuple[str, int, str]]
) -> None:
    found = [(r.operator, r.descriptor, r.target.text) for r in one(text, "a").redirections]
    assert found == redirections


@pytest.mark.parametrize(
    "text",
    [
        "psql <<EOF\nselect 1;\n  drop x\nEOF",
        "cat <<EOF | psql\nselect 1;\n  drop x\nEOF",
        "echo 'select 1; drop x' | psql",
        "psql <<<'select 1; drop x'",
    ],
)
def test_what_a_program_is_given_to_read(text: str) -> None:
    assert one(text, "psql").given == ("select 1", "drop x")


def test_a_command_beside_the_shell_is_in_the_background() -> None:
    assert one("coproc a b", "a").background


def test_the_stages_of_a_pipe() -> None:
    a, b, c = calls("a | sudo b x | c")
    assert a.pipe == b.pipe == c.pipe == ("a", "b", "c")
    assert (a.stage, b.stage, c.stage) == (0, 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        "ssh h <<'E'\nä; rm x\nE",
        "cat <<E | ssh h\nrm x\nE",
        "a; rm x",
        "ä; rm x",
        "ssh h 'ä; rm x'",
        'bash -c "ä; rm x"',
        "ssh h rm x",
        "x=$(ä; rm x)",
    ],
)
def test_a_call_and_its_words_know_where_they_stand(text: str) -> None:
    rm = one(text, "rm")
    assert text[rm.start : rm.end] == "rm x"
    assert text[rm.words[1].start : rm.words[1].end] == "x"


def test_the_shell_of_a_text_is_a_wrapper() -> None:
    wrappers = one("sudo -n bash -euc 'a'", "a").wrappers
    assert [[word.text for word in wrapper][:2] for wrapper in wrappers] == [
        ["sudo", "-n"],
        ["bash", "-euc"],
    ]


def test_a_text_in_double_quotes_is_read_as_its_shell_gets_it() -> None:
    text = 'ssh h "test \\"\\$(a \\"b\\")\\" = c && rm \\"y z\\""'
    assert texts(text)[1:] == ['test $(a "b") = c', "a b", "rm y z"]
    rm = one(text, "rm")
    assert text[rm.start : rm.end] == 'rm \\"y z\\"'
    assert one(text, "a").substituted == "$("


def test_a_word_with_what_is_expanded_stays_in_its_own_place() -> None:
    text = 'ssh h "echo ${x}; rm y"'
    rm = one(text, "rm")
    assert text.index('"echo') <= rm.start <= rm.end <= len(text)


@pytest.mark.parametrize("shell", ["bash -s", "ssh h bash -s", "ssh h 'sudo bash'", "sh"])
def test_what_a_shell_has_read_is_no_input_of_its_commands(shell: str) -> None:
    found = one(f"{shell} <<'EOF'\na b\nEOF", "a")
    assert (found.given, found.documents) == ((), ())


@given(st.text(alphabet=" \n\"'`$(){}|&;<>\\ab#ä=[]!", max_size=40))
def test_any_text_has_calls_in_places_of_it(text: str) -> None:
    for call in calls(text):
        assert 0 <= call.start <= call.end <= len(text)
        assert all(0 <= word.start <= word.end <= len(text) for word in call.words)


@pytest.mark.parametrize(
    ("text", "errexit", "pipefail", "last"),
    [
        ("a", True, True, True),
        ("a; b", True, True, False),
        ("set +e; a", False, True, True),
        ("set +e\nc\nset -e\na", True, True, True),
        ("bash -c 'a; b'", False, False, False),
        ("bash -euo pipefail -c 'a; b'", True, True, False),
        ("ssh h 'set -e; b; a'", True, False, True),
        ("ssh h <<'EOF'\nset -euo pipefail\na\nEOF", True, True, True),
        ("ssh -e none h a", False, False, True),
        ("sh -c 'set -e && a'", True, False, True),
        ("if b; then a; else c; fi", True, True, True),
        ("for i in b; do a; done", True, True, False),
    ],
)
def test_what_a_shell_does_about_a_failure(
    text: str, errexit: bool, pipefail: bool, last: bool
) -> None:
    found = one(text, "a").strictness
    assert (found.errexit, found.pipefail, found.last) == (errexit, pipefail, last)


@pytest.mark.parametrize(
    ("text", "otherwise"),
    [
        ("a || { echo no; exit 1; }", ("exit", "1")),
        ("a || { echo no; }", ("echo", "no")),
        ("a || x=$?", ()),
        ("if ! a; then echo no; fi", ("echo", "no")),
        ("if ! a; then echo no; b; fi", ("b",)),
        ("if a; then b; else echo no; fi", ("echo", "no")),
        ("if a; then b; fi", ()),
    ],
)
def test_what_runs_where_it_fails(text: str, otherwise: tuple[str, ...]) -> None:
    assert one(text, "a").otherwise == otherwise


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        ("x=$(a)", "="),
        ("local x=$(a)", "local"),
        ('export x="y$(a)"', "export"),
        ("for i in $(a); do b; done", "for"),
        ('b "$(a)"', "word"),
    ],
)
def test_what_takes_an_output(text: str, holder: str) -> None:
    assert one(text, "a").holder == holder


def test_calls_in_a_here_document_have_their_own_place() -> None:
    text = "ssh h <<'EOF'\n  b\n  a c\nEOF"
    found = one(text, "a")
    assert text[found.start : found.end] == "a c"
    assert one("psql <<'EOF'\n\\set x\nEOF", "psql").documents[0].text == "\\set x\n"


@pytest.mark.parametrize(
    ("text", "silenced"),
    [
        ("a 2>/dev/null", True),
        ("a >/dev/null", False),
        ("a &>/dev/null", True),
        ("a >/dev/null 2>&1", True),
        ("a 2>&1 >/dev/null", False),
        ("a >log 2>&1", False),
        ("{ a; } 2>/dev/null", True),
    ],
)
def test_errors_that_are_thrown_away(text: str, silenced: bool) -> None:
    assert one(text, "a").silenced() is silenced


def test_the_line_behind_two_assignments_is_no_part_of_them() -> None:
    found = calls("a=0 b=0\nls\nc=1 d=2 e\nf=1 g=2 \\\n  h\n")
    assert [(call.text, call.environment) for call in found] == [
        ("ls", ()),
        ("e", ("c", "d")),
        ("h", ("f", "g")),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a | b | tee "$q"\nkubectl get x >"$r"\ne', ["a", "b", "tee $q", "kubectl get x", "e"]),
        ("a |\n b |\n c\nd >r", ["a", "b", "c", "d"]),
        ("a | b | c # and so on\nd >r", ["a", "b", "c", "d"]),
        ("a | b | c \\\n  x\nd >r", ["a", "b", "c x", "d"]),
        ("a | b | c\nd | e | f\ng 2>h\n", ["a", "b", "c", "d", "e", "f", "g"]),
        ("a | b | c <<END\n| x\nEND\nd >r", ["a", "b", "c", "d"]),
    ],
)
def test_a_pipe_of_three_ends_with_its_line(text: str, expected: list[str]) -> None:
    assert [call.text for call in calls(text)] == expected
