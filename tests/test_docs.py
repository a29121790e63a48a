"""The documentation is true: plans in it compile, and sessions in it go as they are shown.

In the documents of this test a fence `rbplan NAME` or `toml NAME` is a file of that name, `console`
a session: a line after `$ ` is run in a folder with the files so far, and the lines below it are what it
prints, where `…` on a line of its own stands for any lines. Fences `sh` hold commands of this
repository.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import mistune
import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = (
    "docs/diff.md",
    "docs/certify.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "docs/checking.md",
    "docs/ci.md",
    "docs/configuration.md",
    "docs/shellcheck.md",
    "docs/cache.md",
)
ELSEWHERE = {"sh", "text", "yaml", "make", "starlark"}
"""Fences that this test does not run: those of pipelines are held by tests/pipelines."""


class Fence(NamedTuple):
    info: str
    text: str


def fences(document: str) -> Iterator[Fence]:
    """The fences of a document in order, those in lists too."""
    tokens = mistune.create_markdown(renderer=None)((ROOT / document).read_text("utf-8"))
    assert isinstance(tokens, list)
    waiting = tokens[::-1]
    while waiting:
        token = waiting.pop()
        waiting += token.get("children", [])[::-1]
        if token["type"] == "block_code":
            yield Fence(token.get("attrs", {}).get("info", ""), token["raw"])


def session(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a session with what each one prints."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output.strip("\n")


def matches(shown: str, printed: str) -> bool:
    """Whether an output is as shown; `…` on a line of its own stands for any lines."""
    parts = [
        "(?:.*\n)*?" if line.strip() == "…" else re.escape(line) + "\n"
        for line in shown.splitlines()
    ]
    text = printed.strip("\n")
    return re.fullmatch("".join(parts), text and text + "\n") is not None


def in_folder(command: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "NO_COLOR": "1",
            "COLUMNS": "",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_plans_and_sessions_are_as_shown(document: str, tmp_path: Path) -> None:
    (tmp_path / "rbc.toml").touch()
    for info, text in fences(document):
        kind, _, name = info.partition(" ")
        if kind in {"rbplan", "toml"}:
            assert name, f"a file in {document} needs a name: ```{kind} NAME"
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
        elif kind == "console":
            for command, shown in session(text):
                printed = in_folder(command, tmp_path)
                assert matches(shown, printed), f"$ {command}\n{printed}"
        else:
            assert kind in ELSEWHERE, f"{document} has a fence of an unknown kind: {info!r}"


def test_every_command_for_a_checkout_is_a_goal_of_make() -> None:
    goals = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        text = (ROOT / document).read_text("utf-8")
        commands = [t for info, t in fences(document) if info == "sh"]
        used = re.findall(r"\bmake ([a-z]+)", "\n".join(commands + re.findall(r"`[^`\n]*`", text)))
        assert set(used) <= goals, document


def test_every_link_leads_to_something() -> None:
    documents = [ROOT / name for name in DOCUMENTS] + sorted((ROOT / "docs").rglob("*.md"))
    for document in documents:
        text = re.sub(
            r"^(`{3,}).*?^\1", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
        )
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if not re.match(r"[a-z]+:", target):
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_readme_leads_to_every_page() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    pages = [f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))]
    assert [p for p in [*pages, "docs/rules/README.md"] if f"]({p})" not in text] == []


def test_the_readme_names_every_command() -> None:
    from rbdsl.cli.main import commands

    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in commands.list_commands(None) if f"rbc {name}" not in text] == []  # type: ignore[arg-type]
