"""Plans by somebody who had not seen the rules, and what of them rbc finds.

They say how much is missed of what people really write; no rule may be made for one of them. In
`unseen/faulty/` the comment `# defect: what and why` stands above the line that is at fault; found
is what an error or warning stands at. `unseen/good/` holds messy plans that are right. What a level
demands does not count: the authors had not seen the levels. `python -m tests.corpus.unseen` prints
the figures, and each plan that is missed or reported; `--write` writes them into docs/corpus.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from rbdsl.compiler import check
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.project.shellcheck import ShellCheck
from rbdsl.source import Source
from tests.checking import MemoryLoader, shipped_policies
from tests.corpus.run import PAGE

FOLDER = Path(__file__).parent / "unseen"
NOW = datetime(2026, 11, 26, tzinfo=UTC)
"""When the plans were written."""
_MARK = re.compile(r"\s*# defect: \S")
_COUNTED = (Severity.ERROR, Severity.WARNING)
_LEVEL = "RB4"
"""How the codes of the demands of a level begin."""

_ROW = re.compile(r"\| plans of others .*?(?=\n\n)", re.DOTALL)


@dataclass(frozen=True)
class Verdict:
    """What came of a plan: `line` is that of its defect, None in a good one."""

    name: str
    line: int | None
    reported: tuple[Diagnostic, ...]

    @property
    def at_fault(self) -> tuple[Diagnostic, ...]:
        """What is reported at the line of the defect."""
        if self.line is None:
            return ()
        return tuple(
            d
            for d in self.reported
            if d.span.begin.line
            <= self.line
            <= d.span.source.position(max(d.span.start, d.span.end - 1)).line
        )

    @property
    def besides(self) -> tuple[Diagnostic, ...]:
        """What is reported elsewhere."""
        return tuple(d for d in self.reported if d not in self.at_fault)


def judge(path: Path) -> Verdict:
    """Checks a plan, with ShellCheck."""
    text = path.read_text("utf-8")
    marks = [at for at, line in enumerate(text.splitlines(), 1) if _MARK.match(line)]
    if len(marks) != (path.parent.name == "faulty"):
        raise ValueError(f"{path.name}: {len(marks)} marks `# defect: …`")
    source = Source(path.name, text)
    found = check(source, MemoryLoader({}), shipped_policies(), NOW, ShellCheck(1)).diagnostics
    reported = tuple(d for d in found if d.severity in _COUNTED and d.code[:3] != _LEVEL)
    return Verdict(f"{path.parent.name}/{path.name}", marks[0] + 1 if marks else None, reported)


@cache
def verdicts() -> tuple[Verdict, ...]:
    """What came of every plan."""
    return tuple(judge(path) for path in sorted(FOLDER.glob("*/*.rbplan")))


def table() -> str:
    """The figures as a Markdown table."""
    faulty = [v for v in verdicts() if v.line is not None]
    good = [v for v in verdicts() if v.line is None]
    found = sum(bool(v.at_fault) for v in faulty)
    share = f"{found} ({found / len(faulty):.0%})"
    loud = sum(bool(v.besides) for v in good)
    return "\n".join(
        [
            "| plans of others | faulty | found at the line | missed | good | with a finding |",
            "|---|--:|--:|--:|--:|--:|",
            f"| all | {len(faulty)} | {share} | {len(faulty) - found} | {len(good)} | {loud} |",
        ]
    )


def told() -> Iterator[str]:
    """Each plan that is missed, and each finding in a good one, on a line."""
    for verdict in verdicts():
        if verdict.line is not None and not verdict.at_fault:
            yield f"{verdict.name}:{verdict.line}: missed"
        if verdict.line is None:
            for d in verdict.besides:
                yield f"{verdict.name}:{d.span.begin.line}: {d.code} {d.message}"


def main(arguments: list[str]) -> int:
    """Prints the figures, and what is behind them."""
    print(table(), *told(), sep="\n")
    if "--write" in arguments:
        PAGE.write_text(_ROW.sub(lambda _: table(), PAGE.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
