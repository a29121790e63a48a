"""The same sources give the same bytes in any locale and time zone, wherever one stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backends.compiling import EXAMPLES

ROOT = EXAMPLES.parent

SCRIPT = """
import sys
from hashlib import sha256
from pathlib import Path
from rbdsl.analysis.policy import shipped_policies
from rbdsl.backends.registry import emit
from rbdsl.compiler import check, emit_request
from rbdsl.project.modules import ProjectLoader
from rbdsl.source import Source
path = Path(sys.argv[1])
source = Source(str(path), path.read_text("utf-8"))
request = emit_request(check(source, ProjectLoader(path), shipped_policies()))
for file in emit(request, ["json", "markdown", "report"]):
    print(file.path, sha256(file.text.encode()).hexdigest())
"""


def hashes(path: Path, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("name", ["api-v2.1", "multi-region"])
def test_locale_zone_hash_seed_and_folder_change_nothing(name: str, tmp_path: Path) -> None:
    (path,) = (EXAMPLES / name).glob("*.rbplan")
    reference = hashes(path, tmp_path, LC_ALL="C", TZ="UTC", PYTHONHASHSEED="0")
    assert len(reference.splitlines()) == 8
    assert reference == hashes(
        path, tmp_path, LC_ALL="tr_TR.UTF-8", TZ="Pacific/Chatham", PYTHONHASHSEED="42"
    )
    assert reference == hashes(Path(path.name), path.parent, PYTHONHASHSEED="7")
    assert reference == hashes(path.relative_to(ROOT), ROOT, PYTHONHASHSEED="8")
