"""`rbc clean`: remove the cache."""

from __future__ import annotations

import click

_EPILOG = """\b
Examples:
  rbc clean
"""


@click.command("clean", epilog=_EPILOG)
def command() -> None:
    """Remove what rbc keeps to be quicker next time: the entries in .rbc_cache.

    It lies in the current folder, or in the folder above it that the project begins in. There is
    no need to do this: what is out of date is not used, and dropped after 30 days.
    """
    from rbdsl.project.cache import Cache, folder_for

    cache = Cache(folder_for("."))
    try:
        removed = cache.clear()
    except OSError as problem:
        words = (problem.strerror or str(problem)).lower()
        raise click.ClickException(f"cannot remove {problem.filename!r}: {words}") from problem
    entries = "1 entry" if removed == 1 else f"{removed} entries"
    click.echo(f"{entries} removed from {cache.folder}" if removed else "nothing is kept")
