"""Turns the docstrings of the rules into the pages of `docs/rules/` and into `rbc explain`.

A docstring starts with what the rule finds, followed by `##` sections: Why, Bad, Good, How it can
be fooled. The fenced plans in Bad and Good are compiled by the tests: each of the first triggers
the rule, none of the second does. `python -m rbdsl.rules.documentation [--check] FOLDER` writes
the pages, or tells which ones are stale, and so with the table of `rbdsl.rules.needs`.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

from rbdsl.diagnostics import Severity
from rbdsl.record import dataclass
from rbdsl.rules import needs
from rbdsl.rules.registry import FAMILIES, Rule, all_rules

SECTIONS = ("Why", "Bad", "Good", "How it can be fooled")
"""The sections of every documentation, in order."""

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_FENCE = re.compile(
    r"^(?P<fence>`{3,})rbplan(?: file=\"(?P<file>[^\"]+)\")?\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
_HEADER = re.compile(r"^\s*rbplan\s", re.MULTILINE)
_LEVEL = re.compile(r"^\s*level\s+\d", re.MULTILINE)
_PHASE = re.compile(r"^\s*phase\s+\w", re.MULTILINE)
_SOME_PHASE = 'phase restore "Restore" { budget 1m; step load "Load" { run `./load.sh` } }\n'

_INTRODUCTION = """\
# Rules

What `rbc check` finds. `rbc explain RB301` prints one of these pages, `rbc rules` lists them.
Codes are stable and never reused.

An *error* stops compilation, a *warning* does not (unless asked for with `--strict`), *pedantic*
findings are off unless asked for. Some rules report the same code as an error or as a warning,
depending on how bad it is; their pages say so.

The examples are parts of plans: the level is 2, and a phase is there, unless they say otherwise.

A finding that is right and yet wanted is allowed by a comment at the end of its line, or on a line
of its own above it, with the reason:

```rbplan
phase restore "Restore" {
  # rbc: allow RB306 "measured: the dump never takes more than a minute"
  budget 1m
  step load "Load" { timeout 2m; run `./load.sh` }
}
```

`# rbc: allow-file RB306 "…"` is about the whole file, and a comment may name several codes:
`RB306, RB308`. A reason is mandatory (RB911), a comment that allows nothing is a finding (RB910),
and what the language and the level demand can't be allowed (RB912).\
"""

_SEVERITIES = {
    Severity.ERROR: "error (stops compilation)",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
    Severity.PEDANTIC: "pedantic (off unless asked for)",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A fenced plan of a documentation; `text` is as printed, often only a part of a plan."""

    text: str

    @property
    def plan(self) -> str:
        """The example as a whole file: parts are put into a plan of level 2 with a phase."""
        if _HEADER.match(self.text):
            return self.text
        level = "" if _LEVEL.search(self.text) else "level 2\n"
        phase = "" if _PHASE.search(self.text) else _SOME_PHASE
        return f'rbplan 1\nplan example "Example" {{\n{level}{phase}{self.text}}}\n'


def explain(code: str) -> str | None:
    """The page of a rule as Markdown, by its code (`RB301`) or name (`sla-exceeded`), or None."""
    wanted = code.strip().lower()
    for rule in all_rules():
        if wanted in (rule.code.id.lower(), rule.code.name):
            return page(rule)
    return None


def page(rule: Rule) -> str:
    """The documentation of a rule as a Markdown page."""
    code, text = rule.code, rule.documentation.strip()
    facts = f"*{family_title(rule.family)} · {_SEVERITIES[code.severity]}*"
    if rule.family == "level" and rule.check:
        facts += "\n\nA warning where the level only recommends it, or where it is proven in part."
    return f"# {code.id} {code.name}\n\n{facts}\n\n{text}\n"


def index() -> str:
    """The table of all rules as a Markdown page."""
    lines = [_INTRODUCTION]
    for family in FAMILIES:
        rules = [rule for rule in all_rules() if rule.family == family]
        if not rules:
            continue
        title, about = _family(family)
        lines += ["", f"## {title}", "", about, "", "| code | name | severity | what it finds |"]
        lines.append("|---|---|---|---|")
        for rule in rules:
            link = f"[{rule.code.id}]({rule.code.id}.md)"
            row = (link, rule.code.name, rule.code.severity, rule.summary.replace("|", "\\|"))
            lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {"README.md": index()} | {f"{r.code.id}.md": page(r) for r in all_rules()}


def table_of_needs() -> str:
    """What the table of what rules need is to hold: see `rbdsl.rules.needs`."""
    lines = [
        needs.line(rule.module.rpartition(".")[2], rule.needs or frozenset())
        for rule in all_rules()
        if rule.needs is not None or not rule.check
    ]
    return "".join(lines)


def sections(rule: Rule) -> dict[str, str]:
    """The text of each `##` section of a documentation, by its heading."""
    parts = _SECTION.split(rule.documentation)
    return {heading: body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def examples(rule: Rule, section: str) -> list[Example]:
    """The fenced plans of a section."""
    return [Example(match["text"]) for match in _fences(rule, section) if not match["file"]]


def modules(rule: Rule, section: str) -> dict[str, str]:
    """The module files that the examples of a section use, by path (`file="…"` of the fence)."""
    return {match["file"]: match["text"] for match in _fences(rule, section) if match["file"]}


def _fences(rule: Rule, section: str) -> list[re.Match[str]]:
    return list(_FENCE.finditer(sections(rule).get(section, "") + "\n"))


def family_title(family: str) -> str:
    """What a family is called, e.g. `Time and SLA`."""
    return _family(family)[0]


def stale(folder: Path) -> list[str]:
    """The names of the pages that are missing, differ, or should not be there, sorted."""
    wanted = pages()
    there = {path.name for path in folder.glob("*.md")}
    differing = {
        name
        for name, text in wanted.items()
        if name not in there or (folder / name).read_text("utf-8") != text
    }
    return sorted(differing | (there - wanted.keys()))


def _family(family: str) -> tuple[str, str]:
    """The title of a family and what it is about, from the docstring of its folder."""
    text = (import_module(f"rbdsl.rules.{family}").__doc__ or family).split("\n", 1)[0]
    title, _, about = text.partition(": ")
    about = about.strip()
    return title, about[:1].upper() + about[1:]


def main(arguments: list[str], table: Path = Path(needs.TABLE)) -> int:
    """Writes the pages and the table of needs where they are stale.

    With `--check` it only compares them, and returns 1 where one is stale.
    """
    folder = Path(next((a for a in arguments if not a.startswith("-")), "docs/rules"))
    wanted = {folder / name: text for name, text in pages().items()} | {table: table_of_needs()}
    old = [folder / name for name in stale(folder)]
    if not table.is_file() or table.read_text("utf-8") != wanted[table]:
        old.append(table)
    if "--check" in arguments:
        for path in old:
            sys.stderr.write(f"{path} is stale: run python -m {__spec__.name} {folder}\n")
        return 1 if old else 0
    folder.mkdir(parents=True, exist_ok=True)
    for path in old:
        if path in wanted:
            path.write_text(wanted[path], "utf-8", newline="\n")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
