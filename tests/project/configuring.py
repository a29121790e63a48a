"""Makes the settings of a plan from the texts of its configurations."""

from __future__ import annotations

from pathlib import Path

from rbdsl.diagnostics import Code, Severity
from rbdsl.project.configuration import Config, Override
from rbdsl.project.configurations import Configurations
from rbdsl.source import Source


def settings(
    root: Path,
    files: dict[str, str],
    plan: str = "plans/a.rbplan",
    override: Override | None = None,
) -> Config:
    """Writes the files below a folder where the search ends; they have to be right."""
    (root / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    config, problems = Configurations(override).of(root / plan)
    assert problems == ()
    return config


def complaints(root: Path, name: str, text: str, plan: str = "plans/a.rbplan") -> list[str]:
    """What is wrong with a configuration, as `path:line:column message`."""
    (root / ".git").mkdir(exist_ok=True)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
    _, problems = Configurations().of(root / plan)
    return [
        f"{Path(d.span.source.path).relative_to(root)}:{_place(d.span.begin)} {d.message}"
        for d in problems
    ]


def _place(begin: tuple[int, int]) -> str:
    return f"{begin[0]}:{begin[1]}"


def judged(config: Config, code: str, severity: str = "warning", path: str | None = None) -> str:
    """The severity that a finding gets, "off" for none; `path` is where it stands."""
    source = Source(path or str(config.place), "x")
    found = config.judged(Code(code, "some-name", Severity(severity)).at(source.span(0, 1), "x"))
    return found.severity.value if found else "off"
