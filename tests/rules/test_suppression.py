"""Comments take out the findings that they name, there and nowhere else."""

from __future__ import annotations

import pytest

from tests.checking import checked

PLAN = """rbplan 1
plan slow "Two phases that may take too long" {{
  level 2
  {first}
  phase one "One" {{
    {above}
    budget 1m {behind}
    step load "Load" {{ timeout 2m; run `./load.sh` }}
  }}
  phase two "Two" {{
    after one
    budget 1m
    step load "Load" {{ timeout 2m; run `./load.sh` }}
  }}
}}
"""


def lines(code: str, **comments: str) -> list[int]:
    """The lines at which a code is reported, 7 and 12 being the budgets."""
    text = PLAN.format(**{"first": "", "above": "", "behind": "", **comments})
    return [d.span.begin.line for d in checked(text).diagnostics if d.code == code]


def test_without_comments_both_are_reported() -> None:
    assert lines("RB306") == [7, 12]


@pytest.mark.parametrize("place", ["above", "behind"])
def test_a_comment_is_about_its_statement(place: str) -> None:
    assert lines("RB306", **{place: '# rbc: allow RB306 "measured"'}) == [12]


def test_a_comment_for_the_file_is_about_all_of_it() -> None:
    assert lines("RB306", first='# rbc: allow-file RB306 "measured"') == []


def test_several_codes_share_a_comment() -> None:
    comment = '#rbc:allow RB305,RB306 , RB310 "measured"'
    assert lines("RB306", above=comment) == [12]
    assert len(lines("RB910", above=comment)) == 2


def test_without_a_reason_the_finding_stays() -> None:
    assert lines("RB306", above="# rbc: allow RB306") == [7, 12]
    assert lines("RB911", above="# rbc: allow RB306") == [6]


def test_another_code_allows_nothing() -> None:
    assert lines("RB306", above='# rbc: allow RB307 "measured"') == [7, 12]


def test_findings_about_comments_can_not_be_allowed() -> None:
    first = '# rbc: allow-file RB910 "tidy later"'
    assert lines("RB912", first=first) == [4]
    assert lines("RB910", first=first, above='# rbc: allow RB307 "measured"') == [6]


def test_comments_of_a_module_hold_for_its_steps_and_are_not_judged() -> None:
    module = (
        'rbplan 1\nmodule "M"\n'
        'step dump(file: string) "Dump" {\n'
        '  creates dump "before.dump" # rbc: allow RB805, RB806 "the script knows the folder"\n'
        "  run `./dump.sh`\n}\n"
    )
    plan = (
        'rbplan 1\nuse "m.rbplan" as m\nplan x "X" {\n  level 2\n'
        '  capture { step dump "Dump" m.dump(file: "x") }\n'
        '  phase a "A" { budget 1m; step load "Load" { uses dump; run `./load.sh "$dump"` } }\n}\n'
    )
    allowed = {d.code for d in checked(plan, {"m.rbplan": module}).diagnostics}
    reported = {d.code for d in checked(plan, {"m.rbplan": module.replace("rbc:", "")}).diagnostics}
    assert "RB805" in reported
    assert reported - allowed == {"RB805"}
    assert not allowed & {"RB910", "RB911", "RB912"}


def test_what_is_allowed_is_handed_out_with_its_reason() -> None:
    text = PLAN.format(first="", above='# rbc: allow RB310, RB306 "measured: 50 s"', behind="")
    (entry,) = [e for e in checked(text).suppressed if e.diagnostic.code == "RB306"]
    assert (entry.reason, entry.in_source) == ("measured: 50 s", True)
    assert entry.diagnostic.span.begin.line == 7
    assert checked(PLAN.format(first="", above="", behind="")).suppressed == ()


def mended(text: str) -> str:
    """The text without its first comment that allows nothing."""
    found = next(d for d in checked(text).diagnostics if d.code == "RB910")
    assert found.fix
    (edit,) = found.fix.edits
    return text[: edit.span.start] + edit.text + text[edit.span.end :]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_comment_that_allows_nothing_is_removed_with_its_line_or_with_the_blanks_before_it(
    ending: str,
) -> None:
    plain = PLAN.format(first="", above="@", behind="@")
    for above, behind in (('# rbc: allow RB307 "x"', ""), ("", '# rbc: allow RB307 "x"')):
        text = plain.replace("@", above, 1).replace("@", behind, 1).replace("\n", ending)
        expected = plain.replace("    @\n", "" if above else "    \n", 1)
        expected = expected.replace(" @", " " if above else "", 1).replace("\n", ending)
        assert mended(text) == expected


def test_a_reason_that_names_codes_is_no_list_of_codes() -> None:
    comment = '# rbc: allow RB307 "see RB306, RB308"'
    text = PLAN.format(first="", above="", behind=comment)
    assert mended(text) == text.replace(f" {comment}", "")


@pytest.mark.parametrize(("shell", "safe"), [("`./a.sh`", True), ("```\n{}\n```", False)])
def test_in_shell_it_is_not_safe(shell: str, safe: bool) -> None:
    comment = '# rbc: allow RB307 "x"'
    text = PLAN.format(first="", above="", behind="").replace("`./load.sh` }", f"{shell} }}", 1)
    text = (
        text.replace("{}", comment)
        if not safe
        else text.replace("budget 1m", f"budget 1m {comment}", 1)
    )
    (found,) = [d for d in checked(text).diagnostics if d.code == "RB910"]
    assert found.fix
    assert found.fix.safe is safe


@pytest.mark.parametrize(
    ("comment", "words", "mended"),
    [
        (
            "allow RB306,RB310 internal",
            "the reason to allow `RB306, RB310` does not stand in double quotes",
            'allow RB306, RB310 "internal"',
        ),
        (
            "allow RB306 'it is measured'",
            "does not stand in double quotes",
            'allow RB306 "it is measured"',
        ),
        ('allow RB306 "measured', "does not stand in double quotes", 'allow RB306 "measured"'),
        (
            "allow RB306: see RB310 of the docs",
            "does not stand in double quotes",
            'allow RB306 "see RB310 of the docs"',
        ),
        ('allow rb306 "x"', "`rb306` is written in capital letters, as `RB306`", 'allow RB306 "x"'),
        (
            'allow worst-case-over-budget "x"',
            "`worst-case-over-budget` is the name of `RB306`, and a comment names the code",
            'allow RB306 "x"',
        ),
        (
            'allow RB30 "x"',
            "`RB30` is the start of codes, and a comment names each code",
            'allow RB301 "x"',
        ),
        (
            'allow RB306 "a" RB310 "b"',
            "`RB306, RB310` are to be allowed for 2 reasons, not for one",
            'allow RB306, RB310 "a; b"',
        ),
        (
            'allow RB306 RB310 "x"',
            "`RB306, RB310` are to be allowed, and commas part them",
            'allow RB306, RB310 "x"',
        ),
        (
            'allow worst-case-over-budgt "x"',
            "there is no rule `worst-case-over-budgt`",
            'allow RB306 "x"',
        ),
        ("allow", "this allows nothing: it names no rule", 'allow CODE "why it is right here"'),
        (
            "allow-file RB306",
            "`RB306` is to be allowed without a reason",
            'allow-file RB306 "why it is right here"',
        ),
    ],
)
def test_what_is_wrong_with_a_comment_is_said_with_the_comment_that_was_meant(
    comment: str, words: str, mended: str
) -> None:
    text = PLAN.format(first="", above="", behind=f"# rbc: {comment}")
    (found,) = [d for d in checked(text).diagnostics if d.code == "RB911"]
    assert words in found.message
    assert found.hint is not None
    assert f"`# rbc: {mended}`" in found.hint
    assert lines("RB911", behind=f"# rbc: {mended}") == [] or "CODE" in mended


def test_a_mark_in_capitals_is_not_passed_over() -> None:
    text = PLAN.format(first="", above="", behind='# RBC: Allow RB306 "x"')
    (found,) = [d for d in checked(text).diagnostics if d.code == "RB911"]
    assert found.message == "`RBC: Allow` allows nothing: it is written in small letters"
    assert found.hint == 'write `# rbc: allow RB306 "x"`'
    assert lines("RB306", behind='# RBC: Allow RB306 "x"') == [7, 12]
    assert lines("RB911", behind="# RBC: red blood cells") == []
