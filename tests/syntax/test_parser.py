"""What parses, that nothing of the text is lost, and what is said of what does not parse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.source import Source
from rbdsl.syntax.parser import MOST_ERRORS, parse

PLANS = sorted(Path(__file__).parents[2].glob("examples/**/*.rbplan"))

SMALL = """rbplan 1   # the language

plan a-1 "A" { level 2; owner "o" # who
  phase verification "Phases may be called like keywords" {
    budget 1m
    after
    step "S" {
      run ````bash
        cat <<'X'
        ```
        X
      ````
    }
    step t "T" k8s.scale(deployment: "a",
      replicas: 3,   # with a trailing comma
    )
  }
  scenario only "Only" { run verification..verification, step, }
}
"""


def errors(text: str) -> list[tuple[str, str, str, str | None]]:
    source = Source("a.rbplan", text)
    _, found = parse(source)
    return [
        (d.code, f"{d.span.begin.line}:{d.span.begin.column}", d.message, d.hint) for d in found
    ]


def body(text: str) -> str:
    return f'rbplan 1\nplan x "X" {{\n{text}\n}}\n'


def round_trip(text: str) -> bool:
    tree, _ = parse(Source("a.rbplan", text))
    if tree is None:
        return False
    pieces = list(tree.pieces())
    assert "".join(before + token for before, token in pieces) == text
    for before, _ in pieces:
        assert re.fullmatch(r"(?:[\s;]|#[^\n]*)*", before), before
    return True


@pytest.mark.parametrize("path", PLANS, ids=lambda p: p.stem)
def test_the_tree_of_an_example_holds_its_whole_text(path: Path) -> None:
    assert round_trip(path.read_text(encoding="utf-8"))


def test_there_are_examples() -> None:
    assert PLANS


@pytest.mark.parametrize(
    "text",
    [
        SMALL.replace("after\n", "after b\n"),
        SMALL.replace("after\n", "").replace("\n", "\r\n"),
        SMALL.replace("after\n", "after a,\n   b\n"),
        'rbplan 1;plan x "X" { level 2; phase a "A" { budget 1m; }; }',
        '# first\n\n;rbplan 1\nplan x "X" {}\n# last',
        body('let x = [ "a",\n # why\n "b" ,\n]'),
        body('change """\n  Several "quoted" lines\n\n  of `text`, \\"\\"\\" too.\n"""'),
        body("hook start ```\n```\n"),
        body("step: ".replace("step: ", 'phase step "S" { budget 1m; gate gate "G" }')),
    ],
)
def test_what_the_language_allows_parses_and_is_kept_whole(text: str) -> None:
    assert round_trip(text), errors(text)


def test_comments_are_found_wherever_they_stand() -> None:
    tree, _ = parse(Source("a.rbplan", SMALL.replace("after\n", "")))
    assert tree is not None
    assert [c.text for c in tree.comments()] == [
        "# the language",
        "# who",
        "# with a trailing comma",
    ]


def test_a_longer_fence_holds_a_shorter_one() -> None:
    tree, _ = parse(Source("a.rbplan", SMALL.replace("after\n", "")))
    assert tree is not None
    (fence,) = (t for t in tree.root.tokens() if t.type == "FENCE")
    assert fence.startswith("````bash")
    assert fence.endswith("````")
    assert "\n        ```\n" in fence


def test_every_mistake_gets_one_message_at_its_place() -> None:
    text = body(
        """  ownr "me"
  level
  phase a "A" {
    budgett 2m
    step s "S" { run "ls" }
    operation "x"
    foo bar
  }
  phase b B {
    budget 1m; budget = 2m
    step "t" { run `ls }
    timout 3m
  }
  let x "3"
  triggers { automatic { error_rate => 1% } }
  risk 'high'
  scenario q "Q" { claims }"""
    )
    assert errors(text) == [
        ("RB102", "3:3", "unknown statement `ownr` in plan `x`", "did you mean `owner`?"),
        (
            "RB101",
            "4:8",
            "expected a number, duration or date after `level`, found the end of the line",
            None,
        ),
        ("RB102", "6:5", "unknown statement `budgett` in phase `a`", "did you mean `budget`?"),
        (
            "RB101",
            "7:22",
            'expected shell in backticks after `run`, found `"ls"`',
            "shell stands between backticks: `` `…` ``",
        ),
        (
            "RB102",
            "8:5",
            "`operation` is no statement of phase `a`",
            "`operation` belongs into the plan itself",
        ),
        (
            "RB102",
            "9:5",
            "`foo` is no statement of phase `a`",
            (
                "phase `a` can hold `after`, `budget`, `critical`, `ensure`, `gate`, `global`, "
                "`irreversible`, `manual`, `needs`, `note`, `objective`, `off_clock`, `step`, "
                "`timeout` or `verify`"
            ),
        ),
        (
            "RB101",
            "11:11",
            "expected a text in quotes after `b`, found `B`",
            'a text stands in quotes: `"B"`',
        ),
        (
            "RB101",
            "12:23",
            "expected a name or a number, duration or date after `budget`, found `=`",
            "statements have no `=`; only `let` and defaults do",
        ),
        (
            "RB103",
            "13:20",
            "this shell is not closed in its line",
            (
                "close it with a backtick; shell of several lines, or with a backtick in it, stands "
                "between fences of three or more"
            ),
        ),
        ("RB102", "14:5", "unknown statement `timout` in phase `b`", "did you mean `timeout`?"),
        ("RB101", "16:9", 'expected `=` after `x`, found `"3"`', None),
        (
            "RB101",
            "17:37",
            "expected `<=`, `<`, `>=` or `>` after `error_rate`, found `=`",
            "`>=` and `<=` have the `=` behind; equality is no threshold",
        ),
        (
            "RB106",
            "18:8",
            "unexpected character `'`",
            'a text stands between double quotes: `"…"`',
        ),
        (
            "RB101",
            "19:27",
            "expected a number, duration or date after `claims`, found `}`",
            None,
        ),
    ]


def test_a_missing_brace_is_told_by_the_indentation_and_named_once() -> None:
    text = body('  phase c "C" {\n    budget 2m\n  phase d "D" { budget 1m }')
    source = Source("a.rbplan", text)
    _, (only,) = parse(source)
    assert (only.code, only.message) == ("RB103", "phase `c` is not closed before `phase`")
    assert [(label.text, label.span.begin.line) for label in only.labels] == [
        ("this can't stand in it", 5),
        ("phase `c` is opened here", 3),
    ]


@pytest.mark.parametrize(
    ("head", "rest", "place", "words"),
    [
        ('phase b "B"', 'budget 1m\nstep s "S" { run `x` }\n', "4:1", "`phase` has no block here"),
        ("capture", 'step s "S" { run `x` }\n', "4:8", "expected `{` after `capture`"),
        ('scenario s "S"', "run a\n", "4:15", "expected `{` after"),
    ],
)
def test_an_opening_brace_that_is_missing_is_named_once(
    head: str, rest: str, place: str, words: str
) -> None:
    text = body(f'level 2\n{head}\n{rest}}}\nphase c "C" {{ budget 1m }}')
    (found,) = errors(text)
    assert found[:2] == ("RB101", place)
    assert found[2].startswith(words)
    assert found[3] == f"open the block: `{head} {{`"


def test_a_misspelt_statement_of_another_block_is_recognised() -> None:
    assert errors(body("bugdet 3m")) == [
        (
            "RB102",
            "3:1",
            "`bugdet` is no statement of plan `x`",
            "did you mean `budget`? `budget` belongs into a phase",
        )
    ]


@pytest.mark.parametrize(
    ("word", "meant"),
    [("retries", "retry"), ("retires", "retry"), ("timeouts", "timeout"), ("require", "requires")],
)
def test_a_statement_in_the_plural_is_recognised(word: str, meant: str) -> None:
    step = f'phase p "P" {{ budget 1m; step s "S" {{ {word} 2; run `x` }} }}'
    assert errors(body(step))[0][2:] == (
        f"unknown statement `{word}` in step `s`",
        f"did you mean `{meant}`?",
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("triggers { automatic { e => 1% } }", "`>=` and `<=` have the `=` behind"),
        ('phase p "P" { budget 1h 30m }', "write it without a blank: `1h30m`"),
        ('phase p "P" { budget 11 minutes }', "right behind its number: `11m`"),
        ("step go { run `x` }", 'a step has a title in quotes: `step name "Title" {`'),
        ('phase p "P" { budget 1m after q }', "a statement begins in a new line, or behind a `;`"),
        ('phase p "P" { budget 1m, after q }', "between statements stands a `;`, or a new line"),
        ('phase p "P" { budget 1m; before q }', "the order is written in the later phase"),
        ('service s in production { version "a" => "b" }', "an arrow is written `->`"),
        ('service s in production { version "a" to "b" }', "an arrow is written `->`"),
        ('service s in production { version "a" → "b" }', "an arrow is written `->`"),
        ("triggers { automatic { e > 1% => quick } }", "an arrow is written `->`"),
        (
            "verification { metric e < 1% every 5s within 10s }",
            "`within` comes first, and `every` behind it: `within 30s every 5s`",
        ),
        (
            'verification { check c "C" { expect `x` equals "y" every 5s within 10s } }',
            "`within` comes first",
        ),
        ("level three", "write it in digits: `level 3`"),
        ("notify slack on start", "`notify` belongs into a step or the communications block"),
    ],
)
def test_hints_for_common_slips(text: str, hint: str) -> None:
    text = f'phase z "Z" {{ {text} }}' if text.startswith("step") else text
    found = errors(body(text))
    assert len(found) == 1, found
    assert hint in (found[0][3] or "")


@pytest.mark.parametrize("head", ["plan x 'X' {", 'plan plän "X" {', "plan x “X” {"])
def test_a_broken_head_does_not_hide_what_is_in_the_plan(head: str) -> None:
    found = errors(f'rbplan 1\n{head}\n  ownr "me"\n}}\n')
    assert [e[0] for e in found] == ["RB106", "RB102"]


def test_a_second_plan_in_a_file_is_called_that() -> None:
    (only,) = errors(body("level 2") + body("level 3"))
    assert (only[0], only[1], only[2]) == ("RB107", "5:1", "a second plan begins here")


def test_what_turns_the_direction_of_writing_is_refused_in_comments_too() -> None:
    (only,) = errors(body("level 2 # \u202e} {"))
    assert only[:2] == ("RB106", "3:11")


def test_a_stray_sign_behind_a_block_is_all_that_is_reported() -> None:
    text = body('  phase p "P" {\n    step l "L" { run `x` } @\n    budget 1m } "what\n  level 2')
    assert [(e[0], e[1]) for e in errors(text)] == [("RB106", "4:28"), ("RB103", "5:17")]


def test_a_brace_too_many_is_named_once_whatever_follows() -> None:
    text = body('  phase c "C" {\n    budget 2m\n  }}\n  phase d "D" { budget 1m }\n  level 3')
    (only,) = errors(text)
    assert only[0:2] == ("RB107", "6:3")


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("", "RB104", "1:1", "begins with the version"),
        ("# nothing\n\n", "RB104", "3:1", "begins with the version"),
        ('plan x "X" {}', "RB104", "1:1", "begins with the version"),
        ("rbplan 2\n", "RB104", "1:1", "language version `2` is not known"),
        ("rbplan\n", "RB104", "1:1", "version of the language is missing"),
        (body('  phase p "P" {')[:-2], "RB103", "3:15", "phase `p` is never closed"),
        (body("run ```\nx"), "RB102", "3:1", "`run` is no statement of plan `x`"),
        (body("hook start ```\nx"), "RB103", "3:12", "this shell is never closed"),
        (body('change """\nx'), "RB103", "3:8", "this text is never closed"),
        (body("owner “me”"), "RB106", "3:7", "unexpected character `“`"),
        (body("owner me"), "RB101", "3:7", "expected a text in quotes after `owner`"),
        (body('phase "x" "X" { budget 1m }'), "RB101", "3:7", "expected a name after `phase`"),
        (body("note \x1b"), "RB106", "3:6", "unexpected character U+001B"),
    ],
)
def test_messages(text: str, code: str, place: str, words: str) -> None:
    found = errors(text)
    assert found[0][:2] == (code, place), found
    assert words in found[0][2]


def test_a_file_full_of_errors_ends_with_saying_so() -> None:
    found = errors(body("foo\n" * 5000))
    assert len(found) == MOST_ERRORS + 1
    assert found[-1][0] == "RB108"


@pytest.mark.parametrize(
    "text",
    [
        "rbplan 1\n" + "{" * 100_000,
        body("{ phase x " * 50_000),
        body("[" * 100_000),
        body("let a = " + "[" * 50_000),
        body("`" * 100_001),
        body('"""' * 50_001),
        body("foo bar {\n" * 50_000),
        body('step a "A" f(' * 20_000),
        "rbplan 1\n" + "```\n`" * 50_000,
    ],
    ids=lambda t: t[:40].encode().hex(),
)
def test_deep_nesting_is_an_error_and_nothing_worse(text: str) -> None:
    assert errors(text)


WORDS = st.sampled_from(
    ["phase", "step", "a", "b-c", '"T"', "{", "}", "\n", ";", ",", "(", ")", "[", "]", ":", "=",
     "budget", "2m", "run", "`true`", "```\nx\n```", "after", "..", "->", ">", "1%", "#c\n", '"',
     "`", "```", '"""', "plan", "level", "3", "\r\n", "é", "\x00", "module", "use", "std/x"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=60).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_a_whole_tree_or_errors_within_it(text: str) -> None:
    whole = body(text)
    source = Source("a.rbplan", whole)
    tree, found = parse(source)
    assert (tree is None) == bool(found)
    if tree is not None:
        assert round_trip(whole)
    for diagnostic in found:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(whole)
        assert diagnostic.message


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_an_example_with_a_stretch_cut_out_never_breaks_the_parser(data: st.DataObject) -> None:
    text = PLANS[0].read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    cut = text[:start] + text[start + data.draw(st.integers(1, 40)) :]
    _, found = parse(Source("a.rbplan", cut))
    assert len(found) <= MOST_ERRORS + 1
