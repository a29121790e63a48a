"""How many findings of each code there are, and how many of them can be mended by machine."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rbdsl.diagnostics import Diagnostic
from rbdsl.record import dataclass
from rbdsl.review.page import Page


@dataclass(frozen=True, slots=True)
class Count:
    """The findings of one code; `worst` is the worst of their severities."""

    code: str
    name: str
    worst: str
    number: int
    fixable: int


def counts(diagnostics: Iterable[Diagnostic]) -> list[Count]:
    """One for each code, the most frequent first."""
    groups: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        groups.setdefault(diagnostic.code, []).append(diagnostic)
    found = [
        Count(
            code,
            group[0].name,
            min((d.severity for d in group), key=lambda severity: severity.rank),
            len(group),
            sum(d.fix is not None for d in group),
        )
        for code, group in groups.items()
    ]
    return sorted(found, key=lambda count: (-count.number, count.code))


def render(diagnostics: Iterable[Diagnostic], page: Page) -> str:
    """One line for each code in columns, and one with their sum."""
    found = counts(diagnostics)
    total = sum(count.number for count in found)
    width = len(str(total))
    code_width = max((len(count.code) for count in found), default=0)
    name_width = max((len(count.name) for count in found), default=0)
    lines = []
    for count in found:
        name = f"{count.code:<{code_width}}  {count.name:<{name_width}}"
        row = f"{count.number:>{width}}  {name}  {count.worst}"
        if count.fixable:
            row += f", {count.fixable} can be mended by machine"
        lines.append(row)
    lines.append(page.look.strong(f"{total:>{width}}  in all"))
    return "".join(line + "\n" for line in lines)


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """An array of `code`, `name`, `severity` (the worst), `count` and `fixable`."""
    rows = [
        {
            "code": count.code,
            "name": count.name,
            "severity": count.worst,
            "count": count.number,
            "fixable": count.fixable,
        }
        for count in counts(diagnostics)
    ]
    return json.dumps(rows, indent=2) + "\n"
