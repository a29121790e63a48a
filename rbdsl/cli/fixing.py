"""`rbc check --fix`: mends the texts of plans and modules, and writes them back.

Everything is mended in memory, round by round, until a check of the new texts finds nothing more
to mend; only then is a file written, once, as a whole. What no fix names stays byte for byte.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from errno import EACCES, EBUSY
from pathlib import Path

import click

from rbdsl.cli.outcomes import Outcome, exit_code, findings
from rbdsl.cli.terminal import page
from rbdsl.diagnostics import Diagnostic, Fix, Severity
from rbdsl.project.discovery import STDIN
from rbdsl.project.modules import Shelf
from rbdsl.record import dataclass
from rbdsl.review.difference import unified
from rbdsl.review.mending import fixes, mend
from rbdsl.source import Source

ROUNDS = 20
"""How often texts are mended at most: a mend may make another one possible."""

Look = Callable[[Shelf], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Change:
    """One file (None is standard input) as it was read, and as it should be."""

    path: Path | None
    before: Source
    after: Source

    @property
    def differs(self) -> bool:
        """Whether there is anything to write."""
        return self.before.text != self.after.text


@dataclass(frozen=True, slots=True)
class Fixed:
    """The mended files, how many fixes were made, and what a check finds afterwards."""

    changes: tuple[Change, ...]
    made: int
    outcomes: list[Outcome]


def fix_all(look: Look, *, unsafe: bool) -> Fixed:
    """Mend what is reported and has a fix; `look` checks the plans with the texts of a shelf.

    Raises `click.ClickException` where a fix breaks a plan, which is a fault of rbc.
    """
    shelf = Shelf()
    outcomes = look(shelf)
    changes: dict[str, Change] = {}
    standard = shelf.texts.get(STDIN)
    if standard:
        changes[STDIN] = Change(None, standard, standard)
    made = 0
    for _ in range(ROUNDS):
        found = findings(outcomes)
        wanted = _by_file(found, shelf, unsafe=unsafe)
        if not wanted:
            break
        texts = dict(shelf.texts)
        for key, (source, chosen) in wanted.items():
            after, number = mend(source, chosen)
            before = changes[key].before if key in changes else source
            changes[key] = Change(None if key == STDIN else Path(key), before, after)
            texts[key] = after
            made += number
        shelf = Shelf(texts=texts)
        outcomes = look(shelf)
        _refuse_breakage(found, findings(outcomes))
    return Fixed(tuple(changes.values()), made, outcomes)


def show_all(fixed: Fixed, color: str) -> int:
    """Print what would change as a unified diff; 1 where something would, 2 as `exit_code`."""
    unreadable = [d for d in findings(fixed.outcomes) if exit_code([d], strict=False) == 2]
    if unreadable:
        from rbdsl.cli.report import report

        files = len(fixed.outcomes)
        report(unreadable, files, sys.stderr, output_format="text", color=color, with_summary=False)
    changes = [change for change in fixed.changes if change.differs]
    sheet = page(sys.stdout, color)
    for change in changes:
        lines = unified(change.before.path, _bytes(change.before), _bytes(change.after), sheet)
        click.echo("\n".join(lines), color=True)
    click.echo(_account(fixed.made, len(changes), "can be mended"), err=True)
    return 2 if unreadable else int(bool(changes))


def as_it_is(fixed: Fixed, look: Look) -> list[Outcome]:
    """What a check finds in the files that are there, where not all could be written."""
    standard = [change.after for change in fixed.changes if change.path is None]
    return look(Shelf(texts={STDIN: standard[0]} if standard else {}))


def write_all(fixed: Fixed) -> int:
    """Write the changed files, and the plan of standard input to standard output.

    2 where a file can't be written, after all the others, else 0.
    """
    refused = written = 0
    for change in fixed.changes:
        if change.path is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(_bytes(change.after))
            written += change.differs
        elif change.differs:
            try:
                _rewrite(change.path, _bytes(change.before), _bytes(change.after))
                written += 1
            except OSError as problem:
                words = (problem.strerror or str(problem)).lower()
                click.echo(f"rbc: cannot write `{change.before.path}`: {words}", err=True)
                refused += 1
    if not refused:
        click.echo(_account(fixed.made, written, "mended"), err=True)
    return 2 if refused else 0


def _account(made: int, files: int, words: str) -> str:
    if not made:
        return "nothing to mend"
    return f"{made} finding{'s' * (made != 1)} {words} in {files} file{'s' * (files != 1)}"


def _by_file(
    found: list[Diagnostic], shelf: Shelf, *, unsafe: bool
) -> dict[str, tuple[Source, list[Fix]]]:
    """The fixes of each file by its real path; those of the shipped library are left out."""
    wanted: dict[str, tuple[Source, list[Fix]]] = {}
    for fix in fixes(found, unsafe=unsafe):
        source = fix.edits[0].span.source
        place = shelf.places.get(source)
        if source is shelf.texts.get(STDIN):
            key = STDIN
        elif place is not None:
            key = os.path.realpath(place)
        else:
            continue
        wanted.setdefault(key, (source, []))[1].append(fix)
    return wanted


def _refuse_breakage(before: list[Diagnostic], after: list[Diagnostic]) -> None:
    """No fix may leave a plan that says less than before: one that can't be read any more."""
    known = sum(_is_breakage(d) for d in before)
    broken = [d for d in after if _is_breakage(d)]
    if len(broken) > known:
        raise click.ClickException(
            f"nothing was written: a fix would break `{broken[0].span}` ({broken[0].message}). "
            "This is a bug in rbc, please report it with the plan"
        )


def _is_breakage(diagnostic: Diagnostic) -> bool:
    early = diagnostic.code.startswith(("RB1", "RB2")) or diagnostic.code == "RB810"
    return early and diagnostic.severity is Severity.ERROR


def _bytes(source: Source) -> bytes:
    return (("\ufeff" if source.bom else "") + source.text).encode("utf-8")


def _rewrite(path: Path, before: bytes, after: bytes) -> None:
    """Exchange a file at once, keeping its mode and owner; `path` has no links left in it."""
    status = path.stat()
    if not os.access(path, os.W_OK):
        raise PermissionError(EACCES, os.strerror(EACCES))
    handle, name = tempfile.mkstemp(prefix=".rbc-", dir=path.parent)
    new = Path(name)
    try:
        with open(handle, "wb") as stream:
            stream.write(after)
            stream.flush()
            os.fchmod(stream.fileno(), status.st_mode & 0o7777)
            if os.geteuid() == 0:
                os.fchown(stream.fileno(), status.st_uid, status.st_gid)
            os.fsync(stream.fileno())
        _still_holds(path, before)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _still_holds(path: Path, before: bytes) -> None:
    if path.read_bytes() != before:
        raise OSError(EBUSY, "it has changed since it was read")
