"""Options, parameters and secrets."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, one_phase, plan

Compiled = Callable[[str], Scripts]


TRUE = one_phase('step a "A" { run `true` }')


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["extra"],
        ["--scenario", "none"],
        ["--scenario"],
        ["--from", "none"],
        ["--only", "none"],
        ["--region", "eu"],
        ["--jobs", "0"],
        ["--jobs", "many"],
        ["--set", "nothing"],
        ["--set", "none=1"],
        ["--auto"],
        ["--approve", "gate"],
        ["--list=x"],
    ],
)
def test_wrong_usage(compiled: Compiled, arguments: list[str]) -> None:
    scripts = compiled(TRUE)
    result = scripts.run(*arguments)
    assert result.returncode == 2
    assert "--help" in result.stderr or "--list" in result.stderr
    assert scripts.left() == []


@pytest.mark.parametrize("role", ["rollback", "capture", "verify", "monitor"])
def test_help(compiled: Compiled, role: str) -> None:
    result = compiled(TRUE).run("--help", role=role)
    assert result.returncode == 0
    assert result.stdout.startswith(f"Usage: {role}.sh")


PARAMETERS = plan(
    """
  let base = "a $HOME `x` \\"q\\""
  param text: string = "it's"
  param count: int = 3
  param on: bool = true
  param pause: duration = 90s
  param share: ratio = 5%
  param who: name = some-name
  param hosts: list<string> = ["a b", "c"]
  phase work "Work" { budget 10s; step a "A" {
    run `printf '%s\\n' "$base" "$text" "$count" "$on" "$pause" "$share" "$who" "${hosts[@]}" > out` } }
"""
)


def test_values_reach_the_steps(compiled: Compiled) -> None:
    scripts = compiled(PARAMETERS)
    assert scripts.run().returncode == 0
    assert (scripts.folder / "out").read_text().splitlines() == [
        'a $HOME `x` "q"',
        "it's",
        "3",
        "true",
        "90",
        "0.05",
        "some-name",
        "a b",
        "c",
    ]


def test_parameters_can_be_set(compiled: Compiled) -> None:
    scripts = compiled(PARAMETERS)
    sets = [
        "text=$(touch x)=y\nz",
        "count=-7",
        "on=false",
        "pause=1m500ms",
        "share=2.5%",
        "who=x-y",
        "hosts=d,e f",
    ]
    assert scripts.run(*(w for s in sets for w in ("--set", s))).returncode == 0
    assert (scripts.folder / "out").read_text().splitlines() == [
        'a $HOME `x` "q"',
        "$(touch x)=y",
        "z",
        "-7",
        "false",
        "60.500",
        "0.025",
        "x-y",
        "d",
        "e f",
    ]
    assert scripts.left() == [".rbc", "out"]


@pytest.mark.parametrize(
    "wrong",
    [
        "count=x",
        "count=1.5",
        "count=",
        "on=yes",
        "pause=5",
        "pause=5 m",
        "share=a",
        "share=1%%",
        "who=a b",
        "base=x",
        "HOME=/",
        "count",
    ],
)
def test_parameters_are_checked(compiled: Compiled, wrong: str) -> None:
    scripts = compiled(PARAMETERS)
    result = scripts.run("--set", wrong)
    assert result.returncode == 2, result.stdout
    assert wrong.split("=", maxsplit=1)[0] in result.stderr
    assert scripts.left() == []


def test_a_parameter_without_a_value(compiled: Compiled) -> None:
    text = plan(
        'param ns: string\nphase w "W" { budget 9s; step a "A" { run `echo "$ns" > out` } }'
    )
    scripts = compiled(text)
    assert scripts.run().returncode == 2
    assert scripts.run("--set", "ns=x").returncode == 0
    assert (scripts.folder / "out").read_text() == "x\n"


SECRET = plan(
    """
  secret TOKEN "A token"
  phase work "Work" { budget 10s
    step a "A" { run `echo "with $TOKEN inside"; echo "$TOKEN" >&2; exit 1`
      expect `true` } }
"""
)


def test_secrets_reach_no_output_and_no_file(compiled: Compiled) -> None:
    scripts = compiled(SECRET)
    result = scripts.run(env={"TOKEN": "hunter2&*\nsecond[line"})
    assert result.returncode == 1
    everything = result.stdout + result.stderr
    for path in scripts.folder.rglob("*"):
        if path.is_file():
            everything += path.read_text(encoding="utf-8")
    assert "hunter2" not in everything
    assert "second[line" not in everything
    assert "*** inside" in result.stdout


@pytest.mark.parametrize("declared", ["SHORT LONG", "LONG SHORT"])
def test_of_a_secret_that_begins_like_another_nothing_is_left(
    compiled: Compiled, declared: str
) -> None:
    body = 'phase w "W" { budget 9s; step a "A" { run `echo "$LONG and $SHORT"` } }'
    header = "\n".join(f"  secret {name}" for name in declared.split())
    shown = compiled(plan(body, header=header)).run(
        env={"SHORT": "hunter", "LONG": "hunter-long-password"}
    )
    assert "│ *** and ***\n" in shown.stdout


@pytest.mark.parametrize("value", ["pass'word-x", "'quoted'", "tab\there's", "a\"b\\c$d`e'f"])
def test_a_secret_is_masked_as_the_trace_quotes_it(compiled: Compiled, value: str) -> None:
    scripts = compiled(
        plan(
            'phase w "W" { budget 9s; step a "A" { run `x="$TOKEN"; printf "%s\\n" "got $x."` } }',
            header="  secret TOKEN",
        )
    )
    done = scripts.run("--verbose", env={"TOKEN": value})
    assert done.returncode == 0
    log = (scripts.run_folder / "log/w.a.log").read_text()
    assert "+ x=" in log
    assert "got ***." in log
    for part in (value[:5], value[-5:]):
        assert part not in log + done.stdout + done.stderr


def test_a_secret_that_is_not_set(compiled: Compiled) -> None:
    scripts = compiled(SECRET)
    result = scripts.run()
    assert result.returncode == 3
    assert "$TOKEN" in result.stdout
    assert scripts.left() == []


_NAMES = [
    "status",
    "name",
    "key",
    "value",
    "line",
    "path",
    "limit",
    "kind",
    "given",
    "piece",
    "title",
    "unit",
    "step",
    "found",
    "text",
    "word",
    "secret",
    "type",
    "target",
    "i",
    "s",
    "seq",
    "prev",
]


def test_variables_may_have_any_name(compiled: Compiled) -> None:
    lets = "\n".join(f'let {n} = "let-{n}"' for n in _NAMES[::3])
    params = "\n".join(f'param {n}: string = "default"' for n in _NAMES[1::3])
    secrets = "\n".join(f"secret {n}" for n in _NAMES[2::3])
    show = "; ".join(f'echo \\"{n}=${n}\\"' for n in _NAMES).replace('\\"', '"')
    scripts = compiled(
        plan(
            f'{lets}\n{params}\n{secrets}\nphase w "W" {{ budget 9s; step a "A" {{ run `({show}) | tr -d - > out`\n'
            'expect `echo "$status-$name"` equals "${status}-${name}" } }'
        )
    )
    wanted = {n: f"let{n}" for n in _NAMES[::3]}
    wanted |= {n: f"set{n}" for n in _NAMES[1::3]} | {n: f"se{n}" for n in _NAMES[2::3]}
    result = scripts.run(
        *(w for n in _NAMES[1::3] for w in ("--set", f"{n}=set-{n}")),
        env={n: f"se-{n}" for n in _NAMES[2::3]},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    found = dict(line.split("=") for line in (scripts.folder / "out").read_text().splitlines())
    assert found == wanted


def test_expectations_read_variables_as_they_are_when_running(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            'param v: string = "a"\nphase w "W" { budget 9s; step a "A" { run `true`; expect `echo "$v!"` equals "${v}!" } }'
        )
    )
    assert scripts.run("--set", "v=b c").returncode == 0


@pytest.mark.parametrize("arguments", [["--list"], ["--help"]])
def test_what_only_shows_needs_no_parameter(compiled: Compiled, arguments: list[str]) -> None:
    scripts = compiled(
        plan(
            'param ns: string\nparam n: int = 3\nphase w "W" { budget 9s; step a "A" { run `echo "$ns"` } }'
        )
    )
    result = scripts.run(*arguments)
    assert result.returncode == 0, result.stderr
    if arguments == ["--list"]:
        assert "ns: string, has to be given" in result.stdout
        assert "n: int = 3" in result.stdout
    assert scripts.run("--set", "ns=x").returncode == 0
    status = scripts.run("--status")
    assert status.returncode == 0
    assert status.stdout.rstrip().endswith("ended: success")


def test_a_very_short_secret_garbles_nothing(compiled: Compiled) -> None:
    scripts = compiled(SECRET)
    result = scripts.run(env={"TOKEN": "e"})
    assert "with e inside" in result.stdout
    assert "*" not in result.stdout
    assert "the secret $TOKEN is shorter than 4 characters" in result.stdout
    assert "fewer than 4 characters" in scripts.run("--help").stdout
    longer = scripts.run("--run-dir", "second", env={"TOKEN": "e123\n}"})
    assert "with *** inside" not in longer.stdout
    assert "e123" not in longer.stdout
    assert "shorter than" not in longer.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--dry-run", "--resume"], ["--dry-run", "--resume"]),
        (["--resume", "--dry-run"], ["--dry-run", "--resume"]),
        (["--resume=x", "--list"], ["--list", "--resume"]),
        (["--dry-run", "--forward-fix", "gone"], ["--dry-run", "--forward-fix"]),
        (["--forward-fix=gone", "--dry-run"], ["--dry-run", "--forward-fix"]),
        (["--status", "--archive"], ["--status", "--archive"]),
        (["--approve", "go", "--deny=go", "--as", "ann"], ["--approve", "--deny"]),
    ],
)
def test_two_things_to_do_at_once_are_refused(
    compiled: Compiled, arguments: list[str], named: list[str]
) -> None:
    scripts = compiled(
        plan("""  point_of_no_return gone "Gone" { crossed when `true`; blocks work
    forward_fix { step fix "Fix" { run `touch fixed` } } }
  phase work "Work" { budget 9s; step a "A" { run `touch ran; test -e mended` } }""")
    )
    refused = scripts.run(*arguments)
    assert refused.returncode == 2
    for option in named:
        assert option in refused.stderr
    assert scripts.left() == []
    assert scripts.run("--help", *arguments).returncode == 0
    assert scripts.run(*arguments, "--help").stdout.startswith("Usage:")


def test_what_only_looks_runs_nothing_where_it_cannot_be_shown(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""  param word: string = "x"
  phase work "Work" { budget 9s; step a "A" { run `echo "$word" >>ran` } }""")
    )
    assert scripts.run().returncode == 0
    for option in ("--list", "--dry-run", "--status"):
        subprocess.run(
            ["bash", "-c", f"./rollback.sh {option} >/dev/full"],
            cwd=scripts.folder,
            env=scripts.environment(),
            capture_output=True,
            check=False,
        )
    assert (scripts.folder / "ran").read_text() == "x\n"


@pytest.mark.parametrize("role", ["rollback", "capture", "verify", "monitor"])
@pytest.mark.parametrize("word", ["full", "--", "--no", "-R", "--list names them", "--set NAME"])
def test_a_word_of_the_help_is_no_option(compiled: Compiled, role: str, word: str) -> None:
    scripts = compiled(TRUE)
    refused = scripts.run(word, "--dry-run", role=role)
    assert refused.returncode == 2
    assert f"there is no option `{word}`" in refused.stderr


@pytest.mark.parametrize(
    ("given", "handed_on"),
    [
        ("3%", "0.03"),
        ("0.0001%", "0.000001"),
        ("-12.50%", "-0.125"),
        ("0%", "0"),
        ("100%", "1"),
        ("1020.3%", "10.203"),
        ("0.000001", "0.000001"),
    ],
)
def test_a_ratio_in_percent_is_a_decimal_to_the_step(
    compiled: Compiled, given: str, handed_on: str
) -> None:
    scripts = compiled(PARAMETERS)
    assert scripts.run("--set", f"share={given}").returncode == 0
    assert (scripts.folder / "out").read_text().splitlines()[5] == handed_on


@pytest.mark.needs("localedef", "locales")
@pytest.mark.parametrize("language", ["tr_TR", "az_AZ", "lv_LV"])
def test_the_language_of_the_machine_changes_no_option_and_no_value(
    compiled: Compiled, tmp_path: Path, language: str
) -> None:
    subprocess.run(
        ["localedef", "-i", language, "-f", "UTF-8", str(tmp_path / f"{language}.UTF-8")],
        capture_output=True,
        check=True,
    )
    scripts = compiled(PARAMETERS.replace("share", "limit"))
    done = scripts.run(
        *("--scenario", "full", "--set", "limit=3%", "--set", "who=Izzi", "--set", "pause=1m30s"),
        env={"LOCPATH": str(tmp_path), "LC_ALL": f"{language}.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    assert (scripts.folder / "out").read_text().splitlines()[4:7] == ["90", "0.03", "Izzi"]
