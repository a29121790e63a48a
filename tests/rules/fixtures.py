"""Reads the fixtures of the rules: several plans in a file, with what is expected beside them.

A fixture `rb301.rbplan` is a sequence of whole plans, each starting with `rbplan 1`. A comment
`# expect RB301 "part of the message"` says that the next line which is no comment gets that
finding; several comments may stand above each other. `# expect RB210 at one.rbplan:2 "…"` names the
place in a module. Plans without a comment are the tempting
ones: they look like the mistake, and must not be reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent
_START = re.compile(r"^(?:#[^\n]*\n)*rbplan \d", re.MULTILINE)
_EXPECT = re.compile(r'^\s*# expect (RB\d{3})(?: at (\S+):(\d+))? "(.*)"$')


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that must be reported at a line of the plan, or of a module (`path`)."""

    path: str | None
    line: int
    code: str
    part: str


@dataclass(frozen=True, slots=True)
class Case:
    """One plan of a fixture, with the line it starts at; lines of `expected` count from there."""

    text: str
    line: int
    expected: tuple[Expected, ...] = field(default=())


def fixture_path(code: str) -> Path:
    """Where the fixture of a rule is, e.g. `rb301.rbplan`."""
    return FOLDER / f"{code.lower()}.rbplan"


def read_cases(path: Path) -> list[Case]:
    """The plans of a fixture, in order."""
    text = path.read_text("utf-8")
    starts = [match.start() for match in _START.finditer(text)]
    ends = [*starts[1:], len(text)]
    return [
        Case(text[start:end], text.count("\n", 0, start) + 1, _expected(text[start:end]))
        for start, end in zip(starts, ends, strict=True)
    ]


def _expected(text: str) -> tuple[Expected, ...]:
    found: list[Expected] = []
    waiting: list[tuple[str, str]] = []  # the code and the part of the message
    for number, line in enumerate(text.splitlines(), start=1):
        match = _EXPECT.match(line)
        if match and match[2]:
            found.append(Expected(match[2], int(match[3]), match[1], match[4]))
        elif match:
            waiting.append((match[1], match[4]))
        elif line.strip() and not line.strip().startswith("#"):
            found.extend(Expected(None, number, code, part) for code, part in waiting)
            waiting = []
    assert not waiting, f"expectations without a line behind them: {waiting}"
    return tuple(found)
