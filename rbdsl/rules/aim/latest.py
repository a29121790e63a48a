"""What is gone back to by its place in a row: the last but one of a history, or a moving name.

In: the calls of a plan that act. Out: those that take a revision or a file by its place, each with
what goes back to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Word
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import Order, acting, near
from rbdsl.rules.aim.sources import sources
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.backups import Backups
from rbdsl.rules.forms import Form, by_program, matching
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.shell_text import variables_read

ONE_LINE = r"(?:-n ?|-)1\b|--lines=1\b|\b\d+(?:p\b|\{|s\W)|NR ?=="
"""Arguments of `head`, `tail`, `sed` and `awk` that take one line: `-n 1`, `2p`, `2s,/$,,p`."""
_HISTORIES = by_program(
    [
        Form("helm", "history"),
        Form("helm", "hist"),
        Form("kubectl|oc", "rollout history"),
        Form("nomad", "job history"),
        Form("argocd", "app history"),
        Form("heroku", "releases"),
        Form("fly|flyctl", "releases"),
        Form("gcloud", "run revisions list"),
        Form("gcloud", "app versions list"),
        Form("az", "containerapp revision list"),
        Form("aws", "lambda list-versions-by-function"),
        Form("aws", "ecs list-task-definitions"),
        Form("aws", "rds describe-db-snapshots|describe-db-cluster-snapshots"),
        Form("aws", "elasticbeanstalk describe-application-versions"),
        Form("aws", "deploy list-deployments"),
        Form("eb", "appversion"),
    ]
)
_AT_A_PLACE = r"\[-?\d+\]|\blast\b|\bfirst\b|nth\("
_BY_CONTENT = r"select\(|\bgrep\b|test\(|contains\(|\[\?|startswith|==\s*[\"']"
_GOING_BACK = lazy_pattern(
    r"rollback|undo|update|set-traffic|set|revert|promote|deploy|activate|restore|apply|upgrade"
    r"|migrate|switch"
)
_LATEST = lazy_pattern(
    r"(?:^|[/_.=-])(?:latest|newest|current|most[-_]recent|nightly|daily|hourly|yesterday)(?=[/._-]|$)"
)
_OF_DATA = frozenset(
    """
    pg_restore mongorestore psql mysql mariadb gunzip zcat xtrabackup tar aws gsutil rclone sqlite3
    unzip redis-cli zfs
    """.split()  # noqa: SIM905 - a list of words is read as one
)


def by_place(context: Context) -> Iterator[tuple[PlacedCall, str]]:
    """The histories of which one is taken by its place, with what goes back to it."""
    for placed in acting(context, *_HISTORIES):
        if placed.place.captures or not placed.call.substituted:
            continue
        if matching(placed.call, _HISTORIES) and _at_a_place(placed):
            reader = _reader(placed)
            if reader:
                yield placed, reader


def _at_a_place(placed: PlacedCall) -> bool:
    call = placed.call
    later = [
        other.call
        for other in near(placed)
        if other.call.pipe == call.pipe
        and other.call.stage > call.stage
        and other.call.start >= call.start
        and other.call.substituted
    ]
    behind = " ".join(one.text for one in later)
    query = call.value("query", "filter", "format") or ""
    if re.search(_BY_CONTENT, f"{behind} {query} {call.text}"):
        return False
    if re.search(r"\[-?\d+\]", query):
        return True
    return any(
        re.search(_AT_A_PLACE if one.program in ("jq", "yq") else ONE_LINE, one.text)
        for one in later
        if one.program in ("jq", "yq", "head", "tail", "sed", "awk")
    )


def _reader(placed: PlacedCall) -> str:
    """The command that gets the revision, in its words or by a variable; empty where none does."""
    call, text = placed.call, placed.place.shell.text
    before = text[max(0, call.start - 200) : call.start]
    match = re.search(r"(\w+)=[\"']?\$\([^\n]*\Z", before)
    for other in near(placed):
        if other.call is call or not _goes_back(other):
            continue
        for word in other.call.words[1:]:
            inline = word.start <= call.start and call.end <= word.end
            behind = other.call.start > call.start
            if inline or (match and behind and match[1] in variables_read(word.text)):
                return " ".join((other.call.program, *other.call.operands[:2]))
    return ""


def _goes_back(placed: PlacedCall) -> bool:
    return any(_GOING_BACK.search(word.text) for word in placed.call.words[:8])


def by_link(context: Context) -> Iterator[tuple[Word, PlacedCall, str]]:
    """The words by which data is restored from a moving name, though the plan has captured some."""
    found = [
        (word, placed, name)
        for placed in acting(context, *(_OF_DATA & context.acting.keys()))
        if not placed.place.captures
        for word in sources(placed)
        if not word.text.startswith("-") and is_moving(name := placed.place.settled(word.text))
    ]
    if not found or not _is_captured(context):
        return
    artifacts = {artifact.name.shell for artifact in context.plan.artifacts}
    written = "\n".join(p.shell.text for p in context.places if p.captures)
    for word, placed, name in found:
        if artifacts.isdisjoint(variables_read(word.text)) and name not in written:
            yield word, placed, name


def is_moving(name: str) -> bool:
    """Whether a path says that others put another file there; a bare word may be a database."""
    return ("/" in name or "." in name) and _LATEST.search(name) is not None


def _is_captured(context: Context) -> bool:
    return any(backup.placed.place.captures for backup in Backups(context, Order(context)).taken)
