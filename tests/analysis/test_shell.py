"""Bash as tree-sitter sees it: what is complete, what is called, what must not be indented."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.analysis.shell import commands_of, fixed_lines, is_empty, problem_in

COMPLETE = [
    "echo hi",
    "cat << EOF\nbody\nEOF",
    "cat <<'E' | grep x\n}\nE",
    "cat <<-EOF\n\tfoo\n\tEOF",
    "echo }",
    "echo '}; touch x; {'",
    'for x in a b; do echo "$x"; done',
    "case $x in a) echo 1 ;; (b) echo 2 ;; *) ;; esac",
    "x=$(case a in a) echo ;; esac)",
    "f() { :; }; f",
    "[[ $x =~ ^a(b|c)$ ]]",
    "diff <(a) <(b)",
    "a &\nwait",
    "# a comment\ntrue",
    "true # }",
    "echo \\\n  b",
    "psql -c \"select 'a'\"",
    "((x++))",
    "echo ${x//\\//_}",
    'echo "$(cat <<E\nx\nE\n)"',
    'gpg --passphrase-fd 3 --symmetric --output "$f" 3<<<"$KEY"',
    'while read -r -u 3 x; do echo "$x"; done 3<<<"$list"',
    "cat <>fifo",
    "exec 3<>fifo",
    "coproc LOG { tail -f x; }",
    "coproc LOG ( tail -f x )",
    "coproc tail -f x",
    "a=0 b=0\nfor x in 1 2; do ls; done",
    "a=0 b=0 # none\nif x; then a=1 b=2\nelse a=3 b=4\nfi",
    "a=0 b=0 \\\n  ls\nfor x in 1 2; do ls; done",
]
BROKEN = [
    ("}; touch /tmp/x; {", (1, 1)),
    ("}", (1, 1)),
    ("cat << EOF\nfoo", None),
    ("cat <<EOF\nfoo\nEOF \nbar", (3, 1)),
    ("echo 'abc", None),
    ('echo "abc', None),
    ("true\necho \\", None),
    ("echo $(foo", None),
    ("if true; then", None),
    ("fi", (1, 1)),
    ("true\nthen", (2, 1)),
    ("{ echo", None),
    ("( echo", None),
    (")", None),
    ("a &&", None),
    ("a |", None),
    ("echo a;; b", None),
    ("a\0b", (1, 2)),
    ('cat 3<<<"$x', None),
    ("echo 3<<<x; fi", (1, 13)),
    ("coproc LOG { tail -f x", None),
    ("shopt -s extglob\ncase x in @(a|b)) ls ;; esac", (2, 11)),
    ("shopt -s extglob\nls !(a)", None),
]


@pytest.mark.parametrize("text", COMPLETE)
def test_complete_bash(text: str) -> None:
    assert problem_in(text) is None
    assert bash_accepts(text)


@pytest.mark.parametrize(("text", "place"), BROKEN)
def test_what_is_not_complete_is_found(text: str, place: tuple[int, int] | None) -> None:
    problem = problem_in(text)
    assert problem is not None
    assert place is None or problem == place


@pytest.mark.parametrize(
    "text",
    [
        "true\n} | { touch x",
        "true; } && { touch x",
        "true; } & { touch x",
        "true; } || { touch x",
        "true; } >/dev/null; { touch x",
        "true; }; touch x; g() { true",
    ],
)
def test_nothing_gets_out_of_its_function(text: str) -> None:
    assert problem_in(text) is not None


def bash_accepts(text: str) -> bool:
    done = subprocess.run(
        ["bash", "-n"], input=f"f() {{\n{text}\n}}\n", capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and not done.stderr


_PIECES = [
    "echo",
    "{",
    "}",
    "(",
    ")",
    "'",
    '"',
    "`",
    "$(",
    "<<E",
    "\n",
    "E",
    ";",
    ";;",
    "&",
    "|",
    "#",
    "if",
    "then",
    "fi",
    "case",
    "esac",
    "in",
    "do",
    "done",
    "for",
    "x",
    "\\",
    "$((",
    "))",
    "[[",
    "]]",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=8))
def test_what_bash_refuses_is_never_taken_for_complete(pieces: list[str]) -> None:
    text = " ".join(pieces).replace(" \n ", "\n")
    if problem_in(text) is None and not is_empty(text):
        assert bash_accepts(text), text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\nb", set()),
        ("a\ncat << E\nx\nE\nb", {2, 3}),
        ("echo 'q\nr'\nc", {1}),
        ('echo "q\nr"\nc', {1}),
        ('x="$(a \\\n  b)"\nc', set()),
        ("x=$'q\nr'", {1}),
    ],
)
def test_lines_inside_of_strings_and_documents(text: str, lines: set[int]) -> None:
    assert fixed_lines(text) == lines


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("sudo -u postgres timeout -k 5 10 psql -c 'rm x'", "psql sudo timeout"),
        ("env A=1 B=2 nice -n 5 pg_dump x", "env nice pg_dump"),
        ("find . | xargs -n 1 rm -f", "find rm xargs"),
        ("bash -c 'curl -f x | jq .a'", "bash curl jq"),
        ("if command -v jq; then jq .; fi", ""),
        ("f() { sed x; }; f; ./scripts/x.sh --y", "./scripts/x.sh sed"),
        ('test "$(psql -c x)" = 1', "psql"),
        ("ssh host 'kubectl get'", "ssh"),
        ('$CMD x; "$tool" y', ""),
        ("A=1 kubectl get | grep y > f && [ -f x ] || exit 1", "grep kubectl"),
        ("cat << E\nnot-a-command\nE", "cat"),
        ("# not-a-command\necho 'nor this'", ""),
        ("cat << E\n$(date)\nE", "cat date"),
        ("sudo -nu nobody a", "a sudo"),
        ("sudo -n --close-from 3 --group adm a", "a sudo"),
        ("flock -w 5 -E 3 /lock -c a", "flock"),
        ("xargs -r -I{} a; xargs --max-procs 2 b", "a b xargs"),
        ('env - HOME="/x" a', "a env"),
        ("stdbuf --output L a; stdbuf -oL b; ionice -c3 c", "a b c ionice stdbuf"),
        ('PATH="$PATH:/opt/x/bin"; a', ""),
        ("find . -exec a {} \\; -o -ok b {} ';' -execdir c -n {} + -print", "a b c find"),
        ("find . -exec sh -c 'a \"$1\"' _ {} \\;", "a find sh"),
        ("find . -name a -delete; find . -exec a {}", "find"),
        ("trap 'a; rm \"$x\"' EXIT; trap - INT; trap '' HUP; f() { :; }; trap f TERM", "a rm"),
        ('trap "a $x" EXIT', ""),
        ("coproc a b; coproc N { c d; }", "a c"),
        ("systemd-run --wait -p A=b --setenv X=1 -u u a b", "a systemd-run"),
        ("systemd-run -M m a; systemd-run --host=h a; systemd-run --shell", "systemd-run"),
        (
            "parallel -j 4 --halt now,fail=1 a {} ::: b c; parallel 'd {} | e' ::: x",
            "a d e parallel",
        ),
        ("parallel ::: a b; parallel -S h a ::: x; parallel -j 2 -- 'a b' c", "parallel"),
        ("watch -n 5 'a | b'; watch -x c d; watch --interval 2 e f", "a b c e watch"),
        ("strace -f -e trace=file -o f a b; ltrace -o f c", "a c ltrace strace"),
        ("taskset -c 0-3 a; taskset 0x3 b; setsid -f c", "a b c setsid taskset"),
        (
            "taskset -cp 0-3 1; ionice -c3 -p 1 2; chrt -p 10 1 ; chrt -f 50 a",
            "a chrt ionice taskset",
        ),
        ("nsenter -t 1 -n a b; unshare -n -- c", "a c nsenter unshare"),
        ("numactl -N 0 --membind 1 a; systemd-inhibit --what x b", "a b numactl systemd-inhibit"),
        # in another root, on another machine, by another PATH: nothing to ask for here
        ("nsenter -t 1 -m a; nsenter --all --target 1 a; unshare -R /x a", "nsenter unshare"),
        ("chroot --userspec=u:g /mnt a b; chroot /mnt", "chroot"),
        ("kubectl run x --image=y --rm -it -- a b; kubectl debug x -it -- a", "kubectl"),
        ("crictl exec -i x a; podman exec -u root x a; lxc exec x -- a", "crictl lxc podman"),
        ("gcloud compute ssh x --zone=z --command='a b'", "gcloud"),
        (
            "su - u -c 'a b'; su -l u -c a; runuser -l u -c a; bash -lc a; sudo -i a",
            "bash runuser su sudo",
        ),
        ("su u -c 'a b'; su u --command='c d'; runuser u -c 'e'", "a c e runuser su"),
        ("sudo -l a; sudo -e a; env -S 'a b' c; script -qc a f", "env script sudo"),
    ],
)
def test_the_commands_of_a_text(text: str, commands: str) -> None:
    assert " ".join(commands_of(text)) == commands
