"""What `--fix` does when fixes meet, never end, break a plan, or someone else writes the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rbdsl.cli import fixing
from rbdsl.cli.outcomes import Outcome
from rbdsl.diagnostics import Code, Edit, Fix, Severity
from rbdsl.project.modules import Shelf
from rbdsl.source import Source

CODE = Code("RB999", "for-tests", Severity.WARNING)


def outcomes(shelf: Shelf, path: Path, edit: tuple[int, int, str], code: Code) -> list[Outcome]:
    """A check with one finding whose fix makes an edit; broken where the text says so."""
    text = path.read_text()
    source = shelf.texts.get(str(path)) or Source(str(path), text)
    shelf.places[source] = path
    span = source.span(edit[0], edit[1])
    found = [CODE.at(span, "x", fix=Fix("x", (Edit(span, edit[2]),)))]
    if "broken" in source.text:
        found.append(code.at(span, "unexpected"))
    return [Outcome(path, tuple(found))]


def test_a_fix_that_breaks_a_plan_is_a_bug_and_nothing_is_written(tmp_path: Path) -> None:
    path = Path(os.path.realpath(tmp_path)) / "a.rbplan"
    path.write_text("abc\n")
    syntax = Code("RB101", "unexpected-word", Severity.ERROR)
    with pytest.raises(Exception, match="nothing was written: a fix would break"):
        fixing.fix_all(
            lambda shelf: outcomes(shelf, path, (0, 1, "broken "), syntax),
            unsafe=False,
        )
    assert path.read_text() == "abc\n"


def test_a_fix_in_a_module_that_several_plans_use_is_made_once(tmp_path: Path) -> None:
    """Each plan has its own reading of the module, and its own finding in it."""
    path = Path(os.path.realpath(tmp_path)) / "m.rbplan"
    path.write_text("abc\n")

    def look(shelf: Shelf) -> list[Outcome]:
        if shelf.texts:
            return []
        return [
            *outcomes(shelf, path, (1, 2, "X"), CODE),
            *outcomes(shelf, path, (1, 2, "X"), CODE),
        ]

    fixed = fixing.fix_all(look, unsafe=False)
    assert (fixed.made, fixed.changes[0].after.text) == (1, "aXc\n")


def test_a_module_of_the_library_is_never_mended(tmp_path: Path) -> None:
    def look(shelf: Shelf) -> list[Outcome]:
        del shelf
        span = Source("std/kubernetes", "abc").span(0, 1)
        found = CODE.at(span, "x", fix=Fix("x", (Edit(span, "y"),)))
        return [Outcome(tmp_path / "a.rbplan", (found,))]

    assert fixing.fix_all(look, unsafe=False).changes == ()


def test_fixes_that_never_end_are_stopped(tmp_path: Path) -> None:
    path = Path(os.path.realpath(tmp_path)) / "a.rbplan"
    path.write_text("abc\n")
    fixed = fixing.fix_all(lambda shelf: outcomes(shelf, path, (0, 0, "x"), CODE), unsafe=False)
    assert fixed.changes[0].after.text == "x" * fixing.ROUNDS + "abc\n"


def test_a_file_that_changed_meanwhile_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(os.path.realpath(tmp_path)) / "a.rbplan"
    path.write_text("abc\n")
    fixed = fixing.fix_all(lambda shelf: outcomes(shelf, path, (0, 0, "x"), CODE), unsafe=False)
    path.write_text("someone else's\n")
    assert fixing.write_all(fixed) == 2
    assert "it has changed since it was read" in capsys.readouterr().err
    assert path.read_text() == "someone else's\n"
    assert len(list(tmp_path.iterdir())) == 1
