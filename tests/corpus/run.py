"""Checks the plans of the corpus and counts, per family, what is found, missed and false.

`faulty/<family>-<slug>.rbplan` is a whole plan with one defect; the comment `# defect RBnnn` stands
above the line that must be reported. `good/<family>-<slug>.rbplan` has nothing to find. False is a
plan with an error or warning that is not the marked one. `python -m tests.corpus.run` prints the
table, with `--write` it writes it into docs/corpus.md, and it exits with 1 below the bounds.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from rbdsl.compiler import check
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.source import Source
from tests.checking import MemoryLoader, shipped_policies

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "corpus.md"
LEAST_FOUND = 0.95
"""So much of the faulty plans must be found at least."""
MOST_FALSE = 0.03
"""So much of all plans must be false at most, exclusive."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)

_MARK = re.compile(r"^[^\S\n]*# defect (RB\d{3})[^\S\n]*$")
_COUNTED = (Severity.ERROR, Severity.WARNING)


@dataclass(frozen=True)
class Entry:
    """A plan of the corpus; `code` and `line` say what must be found, None where nothing must."""

    family: str
    name: str
    text: str
    code: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What came of a plan: whether its defect was found, and what was reported besides."""

    entry: Entry
    found: bool
    false: tuple[Diagnostic, ...]

    def __str__(self) -> str:
        """What is wrong with it, one line each; nothing where all is right."""
        one = self.entry
        lines = [f"{one.name}:{d.span.begin.line}: false {d.code} {d.message}" for d in self.false]
        if one.code and not self.found:
            lines.insert(0, f"{one.name}:{one.line}: missed {one.code}")
        return "\n".join(lines)


@dataclass
class Row:
    """The figures of a family."""

    faulty: int = 0
    found: int = 0
    good: int = 0
    false: int = 0

    def add(self, verdict: Verdict) -> None:
        """Counts one plan."""
        faulty = verdict.entry.code is not None
        self.faulty += faulty
        self.good += not faulty
        self.found += faulty and verdict.found
        self.false += bool(verdict.false)

    @property
    def found_part(self) -> float:
        """The part of the faulty plans whose defect was found."""
        return self.found / self.faulty if self.faulty else 1.0

    @property
    def false_part(self) -> float:
        """The part of all plans with something false."""
        return self.false / max(1, self.faulty + self.good)


def read(path: Path) -> Entry:
    """A plan of the corpus. A faulty one without exactly one mark is an error of the corpus."""
    text = path.read_text("utf-8")
    name = f"{path.parent.name}/{path.name}"
    family = path.stem.partition("-")[0]
    lines = text.splitlines()
    marks = [(m[1], at) for at, line in enumerate(lines, start=1) if (m := _MARK.match(line))]
    if len(marks) != (path.parent.name == "faulty"):
        raise ValueError(f"{name}: {len(marks)} marks `# defect RBnnn`")
    code, at = marks[0] if marks else (None, None)
    return Entry(family, name, text, code, at and at + 1)


def entries() -> list[Entry]:
    """The whole corpus."""
    return [read(path) for path in sorted(FOLDER.glob("*/*.rbplan"))]


@cache
def judge(entry: Entry) -> Verdict:
    """Checks a plan."""
    source = Source(entry.name, entry.text)
    reported = check(source, MemoryLoader({}), shipped_policies(), NOW).diagnostics
    marked = [d for d in reported if d.code == entry.code and d.span.begin.line == entry.line]
    false = tuple(d for d in reported if d.severity in _COUNTED and d not in marked)
    return Verdict(entry, bool(marked), false)


@cache
def verdicts() -> tuple[Verdict, ...]:
    """What came of every plan."""
    return tuple(map(judge, entries()))


def rows(judged: Iterable[Verdict]) -> dict[str, Row]:
    """The figures by family, and of all of them under `all`."""
    found: dict[str, Row] = {}
    whole = Row()
    for verdict in sorted(judged, key=lambda v: v.entry.family):
        found.setdefault(verdict.entry.family, Row()).add(verdict)
        whole.add(verdict)
    return {**found, "all": whole}


def table(judged: Iterable[Verdict]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| family | faulty | found | missed | good | false |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for family, row in rows(judged).items():
        found = f"{row.found} ({row.found_part:.0%})" if family == "all" else str(row.found)
        false = f"{row.false} ({row.false_part:.1%})" if family == "all" else str(row.false)
        missed = row.faulty - row.found
        lines.append(f"| {family} | {row.faulty} | {found} | {missed} | {row.good} | {false} |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Prints the table and what is wrong; 1 where too little is found or too much is false."""
    judged = verdicts()
    print(table(judged))
    wrong = [str(verdict) for verdict in judged if str(verdict)]
    if wrong:
        print("\n" + "\n".join(wrong))
    if "--write" in arguments:
        shown = re.sub(
            r"\| family .*?(?=\n\n)", table(judged), PAGE.read_text("utf-8"), flags=re.DOTALL
        )
        PAGE.write_text(shown, "utf-8")
    whole = rows(judged)["all"]
    return int(whole.found_part < LEAST_FOUND or whole.false_part >= MOST_FALSE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
