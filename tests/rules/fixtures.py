"""Reads the fixtures of the rules: several plans in a file, with what is expected beside them.

A fixture `rb301.rbplan` is a sequence of whole plans, each starting with `rbplan 1`. A comment
`# expect RB301 "part of the message"` says that the next line which is no comment gets that
finding; several comments may stand above each other. `# expect RB210 at one.rbplan:2 "…"` names the
place in a module. Plans without a comment are the tempting
ones: they look like the mistake, and must not be reported.

Some rules are about something else than the text of a plan. `rb100.bin` is such a sequence too, of
bytes that need not be text; `rb299.toml` is one of level policies, each starting with `format`,
`rb298.toml` one of configurations, each starting with `required-version`; a `.json` is one of
baselines, each starting with `{`, whose comments are blank lines to the reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent
_STARTS = {
    ".rbplan": re.compile(rb"^(?:#[^\n]*\n)*rbplan \d", re.MULTILINE),
    ".bin": re.compile(rb"^(?:\xef\xbb\xbf)?(?:#[^\n]*\n)*rbplan \d", re.MULTILINE),
    ".toml": re.compile(rb"^(?:#[^\n]*\n)*(?:format|required-version)\b", re.MULTILINE),
    ".json": re.compile(rb"^(?:#[^\n]*\n)*\{", re.MULTILINE),
}
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
    """One plan of a fixture, with the line it starts at; lines of `expected` count from there.

    `kind` is the suffix of the fixture.
    """

    data: bytes
    line: int
    kind: str
    expected: tuple[Expected, ...] = field(default=())


def fixtures() -> list[Path]:
    """Every fixture that there is."""
    return sorted(path for path in FOLDER.iterdir() if path.suffix in _STARTS)


def read_cases(code: str) -> list[Case]:
    """The plans in the fixture of a rule, in order; none where it has no fixture."""
    return [case for path in fixtures() if path.stem == code.lower() for case in _cases(path)]


def _cases(path: Path) -> list[Case]:
    data = path.read_bytes()
    starts = [match.start() for match in _STARTS[path.suffix].finditer(data)]
    ends = [*starts[1:], len(data)]
    return [
        Case(
            data[start:end],
            data.count(b"\n", 0, start) + 1,
            path.suffix,
            _expected(data[start:end].decode("utf-8", "replace")),
        )
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
