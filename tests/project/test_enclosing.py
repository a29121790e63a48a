"""What a finding is about, told without line numbers."""

from __future__ import annotations

import re

import pytest

from rbdsl.project.enclosing import Enclosing
from rbdsl.source import Source

TEXT = """\
rbplan 1
plan shop "Shop" {
  level 2  # of three
  service web in production { version "1" -> "2" }
  phase back "Back" {
    budget   4m
    step load "Load" {
      timeout 1m
      run ```
        set -e
        pg_restore -d shop \\
          --jobs 4   backup.dump
        cat a |
          grep b
        echo `date` done
      ```
    }
    ensure step tidy "Tidy" { run `rm -f lock` }
  }
  verification {
    check health "Healthy" { expect "It answers" `curl x | jq` contains "ok" }
  }
}
"""


def about(part: str, text: str = TEXT) -> tuple[str, str]:
    at = text.index(part)
    return Enclosing(source := Source("a.rbplan", text)).of(source.span(at, at + len(part)))


@pytest.mark.parametrize(
    ("part", "within", "text"),
    [
        ("4m", "phase back", "budget 4m"),
        ("web", "service web", "service web in production"),
        ("back", "phase back", 'phase back "Back"'),
        ("load", "phase back / step load", 'step load "Load"'),
        ("set -e", "phase back / step load", "set -e"),
        ("backup.dump", "phase back / step load", "pg_restore -d shop --jobs 4 backup.dump"),
        ("pg_restore", "phase back / step load", "pg_restore -d shop --jobs 4 backup.dump"),
        ("grep", "phase back / step load", "cat a | grep b"),
        ("cat a", "phase back / step load", "cat a | grep b"),
        ("`date`", "phase back / step load", "echo `date` done"),
        ("-f lock", "phase back / step tidy", "rm -f lock"),
        ("jq", "verification / check health", "curl x | jq"),
        ('"ok"', "verification / check health", 'expect "It answers" `curl x | jq` contains "ok"'),
        ("2", "", "level 2"),
    ],
)
def test_places(part: str, within: str, text: str) -> None:
    assert about(part) == (within, text)


@pytest.mark.parametrize(
    "part", ["4m", "web", "load", "backup.dump", "-f lock", "jq", "grep", "set -e"]
)
def test_moving_and_indenting_lines_changes_nothing(part: str) -> None:
    moved = TEXT.replace("  phase back", "\n\n  # a comment\n  phase back")
    moved = re.sub("^ +", lambda blanks: blanks[0] * 3, moved, flags=re.MULTILINE)
    moved = moved.replace("budget ", "budget\t").replace("--jobs 4 ", "\\\n --jobs  4 ")
    assert about(part, moved) == about(part)


def test_a_command_that_gets_a_block_of_its_own_stays_the_same() -> None:
    apart = TEXT.replace("run `rm -f lock`", "run ```\n  echo first\n  rm -f lock\n```")
    assert about("-f lock", apart) == about("-f lock")


@pytest.mark.parametrize(
    ("part", "before", "after"),
    [
        ("-f lock", "rm -f lock`", "rm -f lock # may not be there`"),
        ("set -e", "set -e\n", "set -e  # ends at once\n"),
        ("grep", "grep b\n", "grep b # the second\n"),
        ("backup.dump", "backup.dump\n", "backup.dump # of yesterday\n"),
    ],
)
def test_a_comment_behind_a_command_changes_nothing(part: str, before: str, after: str) -> None:
    assert before in TEXT
    assert about(part, TEXT.replace(before, after)) == about(part)


def test_what_only_looks_like_a_comment_stays() -> None:
    shell = TEXT.replace("set -e", "curl -fsS 'http://x/ # y' # z")
    assert about("curl -f", shell)[1] == "curl -fsS 'http://x/ # y'"
    alone = TEXT.replace("set -e", "# expected: 4")
    assert about("expected", alone)[1] == "# expected: 4"


def test_text_that_does_not_parse_is_told_by_its_line() -> None:
    assert about("b c", "rbplan 1\n  a  b c {\n") == ("", "a b c {")
    assert about("x", "x") == ("", "x")


def test_a_long_command_is_told_by_its_beginning_and_a_hash() -> None:
    one, two = (TEXT.replace("set -e", f"echo {'x' * 5000}{end}") for end in "ab")
    first, second = about("xxx", one)[1], about("xxx", two)[1]
    assert first != second
    assert len(first) < 200
    assert first.startswith("echo xxxx")
