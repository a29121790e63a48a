"""What a command does to databases, caches and services, and what runs before it.

Known by program, verb and SQL, as tables. What is not in them has no effect that is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.model.steps import Step
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.quiet import says_quiet

_SQL = frozenset(["psql", "mysql", "mariadb", "mycli", "usql"])
_MUTATES = lazy_pattern(r"(?i)^\s*(?:drop|truncate|delete\s+from|update|alter\s+table|insert)\b")
_DOWNGRADES: dict[str, tuple[str, ...]] = {
    "alembic": ("downgrade",),
    "flyway": ("undo",),
    "liquibase": ("rollback", "rollback-count", "rollbackcount", "rollback-to-date"),
    "rails": ("db:rollback", "db:migrate:down"),
    "rake": ("db:rollback", "db:migrate:down"),
    "knex": ("migrate:rollback", "migrate:down"),
    "sequelize": ("db:migrate:undo", "db:migrate:undo:all"),
    "sequelize-cli": ("db:migrate:undo", "db:migrate:undo:all"),
    "typeorm": ("migration:revert",),
    "goose": ("down", "down-to"),
    "dbmate": ("down", "rollback"),
    "migrate": ("down", "goto"),
    "sqitch": ("revert",),
    "artisan": ("migrate:rollback",),
    "flask": ("downgrade",),
    "mix": ("ecto.rollback",),
    "sqlx": ("revert",),
    "diesel": ("revert",),
    "phinx": ("rollback",),
    "atlas": ("down",),
    "node-pg-migrate": ("down",),
}
_STARTERS = frozenset(
    ["bundle", "npx", "python", "python3", "php", "poetry", "pipenv", "uv", "yarn"]
)
DOWNGRADING = frozenset([*_DOWNGRADES, *_STARTERS, "manage.py"])
"""The programs that may take a schema back."""
_DEPLOYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "kubectl": (("set", "image"), ("rollout", "undo")),
    "oc": (("set", "image"), ("rollout", "undo"), ("rollback",)),
    "helm": (("rollback",), ("upgrade",)),
    "nomad": (("job", "revert"),),
    "docker": (("service", "update"), ("service", "rollback")),
    "aws": (("ecs", "update-service"),),
    "cf": (("rollback",), ("push",)),
    "heroku": (("rollback",), ("releases:rollback",)),
    "fly": (("deploy",),),
    "flyctl": (("deploy",),),
    "argocd": (("app", "rollback"),),
    "kamal": (("rollback",), ("deploy",)),
    "eb": (("deploy",),),
    "gcloud": (
        ("run", "deploy"),
        ("run", "services", "update-traffic"),
        ("app", "services", "set-traffic"),
    ),
    "az": (("containerapp", "update"), ("webapp", "deployment", "slot", "swap")),
}
DUMPING = frozenset(["pg_dump", "mysqldump", "mariadb-dump", "mongodump", "pg_dumpall"])
"""The programs that write what is in a database."""
_REDIS = frozenset(["redis-cli", "valkey-cli"])
_SENDERS = frozenset(["nc", "ncat", "telnet"])
FLUSHING = _REDIS | _SENDERS | {"php", "artisan", "memcflush", "wp"}
"""The programs that may empty a cache."""


def in_phases(context: Context) -> Iterator[PlacedCall]:
    """The commands that the phases run, in the order in which they are written."""
    for call in context.calls:
        if call.place.phase is not None and call.place.role is Role.RUN:
            yield call


def downgrades(call: Call) -> bool:
    """Whether it takes a schema back by its migrations."""
    words = [word.text for word in call.words]
    while len(words) > 1 and words[0].rpartition("/")[2] in _STARTERS:
        words = words[2 if words[1] in ("exec", "run", "-m") else 1 :]
    program = words[0].rpartition("/")[2] if words else ""  # `bundle exec` and nothing else
    if program == "manage.py":  # Django goes back where it is told the migration to go to
        names = [word for word in words[1:] if not word.startswith("-")]
        return names[:1] == ["migrate"] and len(names) > 2
    return not set(_DOWNGRADES.get(program, ())).isdisjoint(words[1:])


def deploys(call: Call) -> bool:
    """Whether it puts another version of a service in place."""
    starts = _DEPLOYS.get(call.program)
    return starts is not None and any(call.operands[: len(start)] == start for start in starts)


def flushes(call: Call) -> bool:
    """Whether it empties a cache as a whole."""
    words = {text.lower() for text in (*call.operands, *call.given)}
    if call.program in _REDIS:
        return not words.isdisjoint(["flushdb", "flushall"])
    if call.program in _SENDERS:
        return "flush_all" in words
    if call.program in ("php", "artisan"):
        return "cache:clear" in words
    return call.program == "memcflush" or (
        call.program == "wp" and call.operands[:2] == ("cache", "flush")
    )


def dumps(call: Call) -> bool:
    """Whether it writes what is in a database."""
    return call.program in DUMPING


def restores_over(call: Call) -> bool:
    """Whether it loads a dump over what is there: it drops first what it then creates."""
    match call.program:
        case "pg_restore":
            return call.has("clean") or ("c" in call.bundled and not call.has("create"))
        case "mongorestore":
            return call.has("drop")
        case "mysql" | "mariadb":
            return any(r.operator == "<" for r in call.redirections)
    return False


def mutates(call: Call) -> bool:
    """Whether it changes what is in a database: SQL that does, a restore, a downgrade."""
    if call.program in _SQL:
        statements = (part for text in (*_sql(call), *call.given) for part in text.split(";"))
        return any(_MUTATES.match(statement) for statement in statements)
    return restores_over(call) or downgrades(call)


def database(call: Call) -> str:
    """The name of the database that a command works on, empty where it does not say."""
    named = call.value("d", "dbname", "D", "database")
    if named is None and call.program in DUMPING | {"mysql", "mariadb"}:
        named = (call.operands or ("",))[0]
    return named or ""


def made(context: Context) -> set[str]:
    """The databases that the plan creates, and all other words of the commands that do."""
    found: set[str] = set()
    for call in context.calls:
        texts = (*call.texts, *(call.filled(text) for text in call.call.given))
        if call.call.program == "createdb":
            found.update(texts)
        for text in texts:
            if "create database" in text.lower():
                found.update(re.findall(r"[\w.$-]+", text))
    return found


def comes_before(context: Context, first: PlacedCall, second: PlacedCall) -> bool:
    """Whether one command of a phase has run when the other one begins."""
    one, other = first.place.phase, second.place.phase
    if one is None or other is None or first is second:
        return False
    if one is not other:
        return context.runs_before(one, other)
    if first.place is second.place:
        return first.call.start < second.call.start
    return first.place.shell.span.start < second.place.shell.span.start and (
        first.place.step is not second.place.step
    )


def quiet_before(context: Context, call: PlacedCall) -> bool:
    """Whether something before a command may have stopped those who write, or the traffic."""
    own = call.place.phase
    if own is None or any(context.runs_before(phase, own) for phase in context.quieting):
        return True
    if says_quiet(f"{own.name} {own.title} {own.objective or ''} {own.critical or ''}"):
        return True
    for item in own.items:
        if item is call.place.step:
            break
        run = item.run if isinstance(item, Step) else None  # its way back is for failures
        if says_quiet(item.span.text) or (run is not None and says_quiet(run.text)):
            return True
    first = call.place.quiet_from
    return first is not None and first < call.call.start


def _sql(call: Call) -> Iterator[str]:
    """The statements on the command line: behind `-c` and `-e`, in any bundle."""
    for word, following in zip(call.words, call.words[1:], strict=False):
        if re.fullmatch(r"-[A-Za-z]*[ce]|--command|--execute", word.text):
            yield following.text
        elif word.text.startswith(("--command=", "--execute=")):
            yield word.text.partition("=")[2]
    last = call.words[-1].text
    if last.startswith(("--command=", "--execute=")):
        yield last.partition("=")[2]
