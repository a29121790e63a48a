"""`rbc diff`: what changed between two versions of plans, and what got weaker."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rbdsl.cli.options import color, one_of, policy

_PATHS = "rbdsl.paths"

_EPILOG = """\b
Examples:
  rbc diff old.rbplan new.rbplan         two files, or two folders
  rbc diff main                          the working tree with a revision
  rbc diff main...HEAD                   a branch with where it began
  rbc diff v1 v2 -- plans/api.rbplan     one plan in two revisions
  rbc diff main --output-format markdown        a comment for a review
  rbc diff main --fail-on weaker         in CI: exit 1 where a plan got weaker

\b
Exit codes: 0 compared, 1 weaker with --fail-on weaker, 2 wrong usage, or a plan of either
side that cannot be read and has changed.
"""


class _BehindDashes(click.Command):
    """Keeps what stands behind `--` apart: these are paths, and what is before it revisions."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta[_PATHS] = args[at + 1 :]
            args = args[:at]
        return super().parse_args(ctx, args)


@click.command("diff", cls=_BehindDashes, epilog=_EPILOG)
@click.argument("sides", metavar="OLD [NEW] [-- PATH...]", nargs=-1, required=True)
@one_of(("text", "markdown", "json"), "For a terminal, for a comment in a review, for programs.")
@click.option(
    "--fail-on",
    type=click.Choice(["weaker"]),
    default=None,
    help="Exit 1 where a plan got weaker.",
)
@policy
@color
@click.pass_context
def command(
    ctx: click.Context,
    sides: tuple[str, ...],
    output_format: str,
    fail_on: str | None,
    policy_file: Path | None,
    color: str,
) -> None:
    """Say what changed between two versions of plans: what it means, not which lines moved.

    OLD and NEW are files, folders, or revisions of the git repository here; without NEW a revision
    is compared with the working tree. Modules are read from the same version as the plan.
    """
    from rbdsl.cli.report import report
    from rbdsl.cli.sides import sides as sides_of
    from rbdsl.cli.sources import policies_of
    from rbdsl.review.changes.change import Effect
    from rbdsl.review.changes.compare import State, compare_all

    if "" in sides:
        raise click.UsageError("a side is empty; is a variable not set?")
    levels, problems = policies_of(policy_file) if policy_file else (None, [])
    if problems:
        report(problems, 1, sys.stderr, output_format="text", color=color, with_summary=False)
        ctx.exit(2)
    compared = sides_of(sides, ctx.meta.get(_PATHS), levels)
    plans = compare_all(
        {path: judged.checked for path, judged in compared.before.items()},
        {path: judged.checked for path, judged in compared.now.items()},
        {path: judged.settings for path, judged in compared.before.items()},
        {path: judged.settings for path, judged in compared.now.items()},
    )
    if output_format == "json":
        from rbdsl.review.diff_json import render as as_json

        click.echo(as_json(plans, compared.old, compared.new), nl=False)
    elif output_format == "markdown":
        from rbdsl.review.diff_markdown import render as as_markdown

        click.echo(as_markdown(plans), nl=False)
    else:
        from rbdsl.cli.terminal import page
        from rbdsl.review.diff_text import render as as_text

        click.echo(as_text(plans, page(sys.stdout, color)), color=True)
    if any(plan.state is State.UNREADABLE for plan in plans):
        ctx.exit(2)
    weaker = any(plan.having(Effect.WEAKER) for plan in plans)
    ctx.exit(1 if fail_on and weaker else 0)
