"""The commands that the page about the examples shows work as they stand there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_commands_of_the_page_work_one_after_another(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ (.+)$", page, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        words = shlex.split(command)
        if words[0] == "rbc":
            words[:1] = [sys.executable, "-m", "rbdsl.cli.main"]
        done = subprocess.run(
            words, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_table_names_every_example_and_its_level() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[([\w.-]+)\]\(([\w./-]+)\) \| (\d) \|", page, re.MULTILINE)
    assert sorted(name for name, _, _ in rows) == sorted(
        folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()
    )
    for _, path, level in rows:
        text = (EXAMPLES / path).read_text(encoding="utf-8")
        assert re.search(rf"^  level +{level}$", text, re.MULTILINE)
