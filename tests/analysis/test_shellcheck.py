"""What ShellCheck says of the shell of plans and modules, at its place there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from rbdsl.analysis.policy import shipped_policies
from rbdsl.analysis.shellcheck import Script, joined
from rbdsl.analysis.shellcheck_answers import Comment, Place, diagnostics, read_output
from rbdsl.compiler import Checked, check
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.model.values import Shell
from rbdsl.project.files import read_source
from rbdsl.project.modules import ProjectLoader
from rbdsl.project.shellcheck import ShellCheck
from rbdsl.source import Source
from tests.checking import MemoryLoader, in_plan

ROOT = Path(__file__).parents[2]
OWN_FILES = sorted([*ROOT.glob("examples/*/*.rbplan"), *ROOT.glob("stdlib/*.rbplan")])


def linted(text: str, files: Mapping[str, str] | None = None) -> Checked:
    source = Source("a.rbplan", text)
    checked = check(source, MemoryLoader(files or {}), shipped_policies(), None, ShellCheck())
    assert checked.is_module or checked.analysis is not None, checked.diagnostics
    return checked


def in_step(shell: str, body: str = "") -> str:
    """A plan with one step; the shell begins on line 6."""
    phase = f'phase a "A" {{ budget 1m; step s "S" {{ timeout 1s; run ```\n{shell}\n```\n}} }}'
    return in_plan(body, phases=phase)


def shellchecks(checked: Checked) -> list[Diagnostic]:
    return [d for d in checked.diagnostics if d.code.startswith("SC")]


def told(text: str, files: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The findings of ShellCheck as (code, what is underlined)."""
    return [(d.code, d.span.text) for d in shellchecks(linted(text, files))]


def test_a_finding_has_its_severity_its_words_and_its_page() -> None:
    (found,) = shellchecks(linted(in_step("echo $HOME")))
    assert (found.code, found.severity) == ("SC2086", Severity.INFO)
    assert found.message == "Double quote to prevent globbing and word splitting"
    assert found.url == "https://www.shellcheck.net/wiki/SC2086"


@pytest.mark.parametrize(
    ("shell", "severity"),
    [
        ('for f in $(ls); do echo "$f"; done', Severity.ERROR),
        ("f() { local a=$(id -u); echo $((a + 1)); }; f", Severity.WARNING),
        ("echo $HOME", Severity.INFO),
        ('test -n "$(echo a | grep -c b | wc -l)" && x=`date` && echo "$x"', Severity.PEDANTIC),
    ],
)
def test_severities(shell: str, severity: Severity) -> None:
    plan = in_step(shell).replace("```", "````")
    assert severity in {d.severity for d in shellchecks(linted(plan))}


@pytest.mark.parametrize(
    "line",
    [
        "echo $HOME",
        "\techo \t$HOME",
        'echo "äöü 漢字 𝔘" $HOME; echo "é"',
        'if true; then echo "ü"\t\t$HOME; fi',
    ],
)
def test_places_are_exact_with_tabs_and_other_alphabets(line: str) -> None:
    """In a dedented fence, in the middle of it, and between single backticks."""
    text = in_step(f"    true\n    {line}\n      true")
    (found,) = [d for d in shellchecks(linted(text)) if d.code == "SC2086"]
    assert found.span.text == "$HOME"
    assert found.span.begin == (7, len("    " + line.partition("$HOME")[0]) + 1)
    short = in_plan("", phases=f'phase a "A" {{ budget 1m; step s "S" {{ run ` {line} ` }} }}')
    (found,) = [d for d in shellchecks(linted(short)) if d.code == "SC2086"]
    assert found.span.text == "$HOME"


def test_carriage_returns_do_not_shift_places() -> None:
    text = in_step("true\necho $HOME").replace("\n", "\r\n")
    assert told(text) == [("SC2086", "$HOME")]


def test_variables_of_the_plan_are_declared() -> None:
    body = """
      let image = "a"
      param namespace: string = "b"
      param hosts: list<string> = ["a", "b"]
      secret token
      regions { wave eu }
    """
    shell = (
        'echo "$image" "$namespace" "$token" "$region" "$dump" "$RBC_RUN_DIR" "$RBC_ARTIFACTS"\n'
        'for host in "${hosts[@]}"; do echo "$host"; done'
    )
    text = in_step(shell, body).replace("timeout 1s", 'timeout 1s; creates dump "x.dump"')
    checked = linted(text)
    assert checked.plan is not None, checked.diagnostics
    assert shellchecks(checked) == []


def test_what_nobody_sets_is_found_and_one_piece_does_not_set_it_for_another() -> None:
    phases = """phase a "A" { budget 1m
      step one "One" { run `here=1; echo "$here"` }
      step two "Two" { run `echo "$here"` }
    }"""
    (found,) = [d for d in linted(in_plan("", phases=phases)).diagnostics if "$here" in d.span.text]
    # ShellCheck finds the same (SC2154), and is not heard a second time.
    assert (found.code, found.span.begin.line) == ("RB894", 7)


def test_what_a_rule_states_of_a_line_is_not_stated_by_shellcheck_as_well() -> None:
    shell = 'rm -rf "$RBC_RUN_DIR/$none/"\necho "$none"\nexport here="$(./where.sh)"'
    shell += "\nto=1\nkubectl -n x patch vs/x -p '{\"weight\": $to}'"
    found = [d for d in linted(in_step(shell)).diagnostics if d.span.begin.line > 5]
    codes = [d.code for d in found]
    assert {"RB874", "RB890", "RB845", "RB899"} <= set(codes)
    assert not {"SC2115", "SC2154", "SC2155", "SC2016"} & set(codes)


def test_what_a_rule_shows_by_labels_is_not_stated_by_shellcheck_as_well() -> None:
    shell = 'failed=0\n./list.sh | while read -r one; do\n  ./go.sh "$one" </dev/null ||\n'
    shell += '    failed=1\ndone\nexit "$failed"'
    codes = [d.code for d in linted(in_step(shell)).diagnostics]
    assert "RB996" in codes
    assert not {"SC2030", "SC2031"} & set(codes)


def test_what_is_never_reached_is_said_once_whatever_stands_there() -> None:
    told_of = linted(
        in_step("./a.sh\nexit 0\n./b.sh\nfor one in 1 2; do\n  ./c.sh\ndone")
    ).diagnostics
    assert [d.code for d in told_of if d.code in ("RB940", "SC2317")] == ["RB940"]


def test_an_artifact_that_no_step_makes_is_reported_as_such_and_not_again() -> None:
    text = in_step('cat "$dump"').replace("timeout 1s", "timeout 1s; uses dump")
    codes = [d.code for d in linted(text).diagnostics]
    assert "RB801" in codes
    assert "SC2154" not in codes


def test_a_list_is_an_array() -> None:
    text = in_step("echo $hosts", 'let hosts = ["a", "b"]')
    assert ("SC2128", "$hosts") in told(text)


def test_numbers_need_no_quotes_and_strings_do() -> None:
    body = 'let count = 4\nlet wait = 90s\nlet name = "a b"'
    assert told(in_step("echo $count $wait $name", body)) == [("SC2086", "$name")]


MODULE = """rbplan 1
module "Things"
step wait(seconds: int, hosts: list<string>, what: string) "Wait" {
  run `sleep $seconds; echo "${hosts[@]}" "$what" "$more"`
}
"""


def test_shell_of_modules_knows_its_parameters_by_itself_and_in_a_plan() -> None:
    assert told(MODULE) == [("SC2154", "$more")]
    call = 'step s "S" m.wait(seconds: 1, hosts: ["a"], what: "b") { timeout 1s }'
    plan = in_plan("", phases=f'phase a "A" {{ budget 1m; {call} }}')
    plan = plan.replace("rbplan 1\n", 'rbplan 1\nuse "m.rbplan" as m\n')
    checked = linted(plan, {"m.rbplan": MODULE.replace('"$what"', "$what")})
    (found,) = shellchecks(checked)
    assert (found.code, found.span.source.path, found.span.begin.line) == ("SC2086", "m.rbplan", 4)
    # In a plan it is the rule that tells of what nobody sets, with what is known of the plan.
    (found,) = [d for d in checked.diagnostics if d.code == "RB890"]
    assert (found.span.source.path, found.span.text) == ("m.rbplan", "$more")


def test_every_kind_of_shell_is_looked_at() -> None:
    text = in_plan(
        """
        capture { baseline `echo $HOME/1`
          step keep "K" { run `echo $HOME/2` } }
        point_of_no_return p "P" { because "x"; crossed when `echo $HOME/3`; blocks a
          forward_fix { step f "F" { run `echo $HOME/4` } } }
        verification { check c "C" { expect `echo $HOME/5` } }
        """,
        phases="""phase a "A" { budget 1m
          step s "S" { run `echo $HOME/6`; undo `echo $HOME/7`; done_when `echo $HOME/8`
                       expect `echo $HOME/9` }
          ensure step e "E" { run `echo $HOME/10` } }""",
    )
    checked = linted(text)
    lines = [d.span.begin.line for d in shellchecks(checked)]
    assert checked.plan is not None, checked.diagnostics
    assert len(lines) == 10, lines


def test_its_own_directives_are_honoured() -> None:
    one = "# shellcheck disable=SC2086\necho $HOME\necho $PWD"
    assert told(in_step(f"true\n{one}")) == [("SC2086", "$PWD")]
    assert told(in_step(one, 'let x = "a"').replace("echo $PWD", 'echo "$x" $PWD')) == []


def test_a_comment_of_rbc_allows_a_finding() -> None:
    allowed = 'true\n# rbc: allow SC2086 "one word"\necho $HOME'
    assert told(in_step(allowed)) == []
    behind = 'run `echo $HOME` # rbc: allow SC2086 "one word"'
    text = in_plan("", phases=f'phase a "A" {{ budget 1m; step s "S" {{ {behind}\n}} }}')
    checked = linted(text)
    assert checked.plan is not None
    assert shellchecks(checked) == []


def test_a_comment_that_allows_nothing_is_a_finding_where_shellcheck_was_asked() -> None:
    text = in_step('# rbc: allow SC2086 "in vain"\necho "$HOME"')
    assert "RB910" in {d.code for d in linted(text).diagnostics}
    source = Source("a.rbplan", text)
    unasked = check(source, MemoryLoader({}), shipped_policies())
    assert "RB910" not in {d.code for d in unasked.diagnostics}


def test_a_module_allows_its_own_findings() -> None:
    allowed = MODULE.replace("  run", '  # rbc: allow SC2154 "set by the caller"\n  run')
    assert told(allowed) == []
    codes = {d.code for d in linted(allowed.replace('"$more"', "")).diagnostics}
    assert codes == {"RB910"}


def test_shell_that_is_no_bash_is_reported_once_and_the_rest_is_looked_at() -> None:
    phases = """phase a "A" { budget 1m
      step one "One" { run `echo "never closed $HOME` }
      step two "Two" { run `echo $HOME` }
    }"""
    found = linted(in_plan("", phases=phases)).diagnostics
    assert [d.code for d in found if d.code[:3] in ("RB8", "SC1", "SC2")] == ["RB810", "SC2086"]


@pytest.mark.parametrize(
    "shell",
    ['local x=1; echo "$x"', "source ./lib.sh", 'source "$HOME/lib.sh"', "#!/bin/sh\ntrue"],
)
def test_a_piece_is_not_blamed_for_being_one(shell: str) -> None:
    assert told(in_step(shell)) == []


def test_the_mend_quotes_the_variable_and_nothing_else() -> None:
    text = in_step("echo é $HOME")
    (found,) = shellchecks(linted(text))
    assert found.fix is not None
    assert not found.fix.safe
    for edit in sorted(found.fix.edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert 'echo é "$HOME"' in text
    assert shellchecks(linted(text)) == []


def piece(text: str) -> Script:
    source = Source("a.rbplan", f"`{text}`")
    shell = Shell(text, source.span(0, len(source.text)), (1,))
    return Script(shell, text, (1,))


def test_where_shellcheck_gives_up_there_is_one_finding() -> None:
    comments = [
        Comment(
            1009, "info", "The mentioned syntax error was in this if expression.", Place(1, 1, 1, 1)
        ),
        Comment(1073, "error", "Couldn't parse this.", Place(1, 1, 1, 1)),
        Comment(1072, "error", "Expected a command.", Place(1, 6, 1, 6)),
    ]
    one = piece("true | odd")
    (found,) = diagnostics([one], {one.text: comments})
    assert (found.code, found.span.begin.column) == ("SC1072", 7)
    assert found.severity is Severity.ERROR


def test_a_place_behind_the_last_line_is_the_end_of_the_piece() -> None:
    one = piece("true")
    comments = [Comment(1036, "error", "x", Place(5, 3, 5, 3))]
    (found,) = diagnostics([one], {one.text: comments})
    assert 0 < found.span.start < found.span.end <= len(found.span.source.text)


@pytest.mark.parametrize("output", ["", "[]", "{}", '{"comments": [{"file": "a"}]}', "null"])
def test_what_is_no_output_of_shellcheck_is_refused(output: str) -> None:
    with pytest.raises(ValueError):
        read_output(output)


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: path.stem)
def test_examples_and_the_library_are_clean(path: Path) -> None:
    """Also of what is a matter of taste."""
    source, _ = read_source(path)
    assert source is not None
    checked = check(source, ProjectLoader(path), shipped_policies(), None, ShellCheck())
    assert [f"{d.span} {d.code} {d.message}" for d in shellchecks(checked)] == []


def test_a_megabyte_of_shell_is_not_looked_at_and_is_said_to_be_so() -> None:
    lines = 'echo "some forty characters to a line, say" $HOME\n' * 21_000
    found = [
        d for d in linted(in_step(lines)).diagnostics if d.code[:2] == "SC" or d.code == "RB897"
    ]
    assert [(d.code, d.severity) for d in found] == [("RB897", Severity.WARNING)]


def test_a_document_that_is_meant_to_be_filled_in_here_is_not_reported() -> None:
    values = 'tag=7\nssh h bash -s <<END\ndocker pull "web:$tag"\nEND'
    escaped = (
        'tag=7\nssh h bash -s <<END\nname="\\$(docker ps -lq)"; echo "$(echo $tag) \\$name"\nEND'
    )
    asking = 'ssh h bash -s <<END\ncp "/srv/$(hostname)" /etc/x\nEND'
    other = "ssh h bash -s <<END\nls $(ls /srv)\nEND"
    told = []
    for shell in (values, escaped, asking, other):
        codes = {d.code for d in linted(in_step(shell)).diagnostics}
        told.append(("SC2087" in codes, "RB991" in codes))
    assert told == [(False, False), (False, False), (False, True), (True, False)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (" && ".join(["a"] * 600), 600),
        (" || ".join(["a"] * 600), 600),
        ("\n".join(["a || b"] * 600), 2),
        (" && ".join(["a"] * 499), 0),
        ("; ".join(["a"] * 600), 0),
    ],
)
def test_how_many_commands_a_list_joins(text: str, count: int) -> None:
    assert joined(text) == count


def test_a_list_that_takes_too_long_is_not_asked_about() -> None:
    found = linted(in_step(" && ".join(f'a "$x{i}"' for i in range(501)))).diagnostics
    assert [d.message[:20] for d in found if d.code == "RB897"] == ["this shell joins 501"]
    assert not [d for d in found if d.code[:2] == "SC"]
