"""`rbc check --watch`: checks again whenever a plan, a module or a setting changes.

The one home of watchfiles. Ends when it is interrupted, like any command.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from time import time_ns

import click

from rbdsl.cli.outcomes import Outcome
from rbdsl.cli.watched_settings import NAMES, SettingsSeen
from rbdsl.project.discovery import STDIN, SUFFIX, discover
from rbdsl.project.modules import Shelf

_GATHER_MS = 400
"""For how long changes are gathered at most, such as those of a checkout."""

_AWAKE_MS = 250
"""How often the watcher comes back without a change; the first time, plans are checked."""


def keep_looking(
    arguments: tuple[str, ...],
    settings: Sequence[Path],
    look: Callable[[Shelf], list[Outcome]],
    tell: Callable[[list[Outcome]], int],
) -> None:
    """Check and tell, and again after each change; raises `click.UsageError` for `-`.

    `settings` are the files with settings that the command line names.
    """
    if STDIN in arguments:
        raise click.UsageError("--watch needs files, and `-` can be read only once")
    from watchfiles import watch

    named = {os.path.realpath(argument) for argument in arguments if os.path.isdir(argument)}
    shelf, last = Shelf(), None
    seen = SettingsSeen(settings)
    seen.look_for(arguments, (), time_ns())
    while True:
        # Watched from before the check: a change in between is not missed.
        places = named | _folders(arguments, shelf)
        changes = watch(
            *(places or {"."}),
            watch_filter=lambda _, path: _matters(path),
            recursive=bool(named),
            rust_timeout=_AWAKE_MS,
            yield_on_timeout=True,
            debounce=_GATHER_MS,
        )
        first = True
        for changed in changes:
            news = {path for _, path in changed if not seen.knows(path)}
            settings_changed = seen.changed()
            if not (news or settings_changed or first):
                continue
            first = False
            shelf, begun = Shelf(), time_ns()
            plans = {plan for path in news for plan in _plans(path)}
            names = sorted({os.path.relpath(name) for name in plans | settings_changed})
            outcomes, last = _check(names, partial(look, shelf), tell, last)
            seen.look_for(arguments, outcomes, begun)
            wanted = _folders(arguments, shelf)
            if not all(_covered(folder, places, deep=bool(named)) for folder in wanted):
                break  # a plan uses a module from a folder that is not watched yet


def _check(
    changed: list[str],
    look: Callable[[], list[Outcome]],
    tell: Callable[[list[Outcome]], int],
    last: list[str] | None,
) -> tuple[list[Outcome], list[str] | None]:
    """Check and tell, unless nothing has changed since the last time; what it came to."""
    now = datetime.now().astimezone().strftime("%H:%M:%S")
    try:
        outcomes = look()
    except click.ClickException as problem:
        # A folder may be without a plan for a while.
        click.echo(f"{now} {', '.join(changed) or 'checking'}\n{problem.format_message()}\n")
        sys.stdout.flush()
        return [], None
    found = [repr(d.sort_key) for outcome in outcomes for d in outcome.diagnostics]
    if changed or found != last:
        click.echo(f"{now} {', '.join(changed) or 'checking'}")
        tell(outcomes)
        click.echo()
        sys.stdout.flush()
    return outcomes, found


def _folders(arguments: tuple[str, ...], shelf: Shelf) -> set[str]:
    """The folders of all plans and modules that are there."""
    files = {*discover(arguments).paths, *shelf.places.values()}
    return {os.path.realpath(path.parent) for path in files if os.path.isdir(path.parent)}


def _covered(folder: str, places: set[str], *, deep: bool) -> bool:
    above = (str(parent) for parent in Path(folder).parents) if deep else ()
    return not places.isdisjoint((folder, *above))


def _plans(path: str) -> list[str]:
    """What has changed: the path, or the plans in a folder that has come with them."""
    if not os.path.isdir(path):
        return [path]
    return [os.path.join(path, found) for found in discover((path,)).paths]


def _matters(path: str) -> bool:
    name = os.path.basename(path)
    # A plan may have been written into a new folder before that was watched.
    folder = not name.startswith(".") and os.path.isdir(path)
    plan = name.endswith(SUFFIX) and not name.startswith(".")
    return plan or folder or name in NAMES
