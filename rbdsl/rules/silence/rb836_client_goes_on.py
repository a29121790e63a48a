"""A client of a database goes on after an error.

## Why

`psql` that reads a file or its input runs every statement that comes after a failed one, and ends
with 0. `pg_restore` restores what it still can. What is left is a database between two versions
that nobody knows to be one: the step is done, or has failed after all the damage was.

## Bad

```rbplan
phase database "Database" {
  budget 2m
  step undo "Undo the migration" { run `psql -d shop -f undo-008.sql` }
}
```

## Good

```rbplan
phase database "Database" {
  budget 2m
  step undo "Undo the migration" { run `psql -v ON_ERROR_STOP=1 -d shop -f undo-008.sql` }
}
```

One statement by `psql -c` fails by itself and needs no option; of several `-c` only the last one
does.

## How it can be fooled

Sure for `psql`, `pg_restore`, `sqlcmd`, `mysql --force`, and for `mongosh` and `sqlplus` that are
given their commands to read. A `~/.psqlrc` may set `ON_ERROR_STOP`, and a script of `sqlplus`, or
of `psql`, may do so in a file that is not seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.sql import statements_of
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.answers import looked_at
from rbdsl.rules.silence.mends import with_option, written

CODE = Code("RB836", "client-goes-on", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for placed in context.calls:
        fact = goes_on(placed)
        if fact:
            _, option, hint = _CLIENTS[placed.call.program]
            yield CODE.at(
                placed.span,
                fact,
                hint=f"write `{written(placed, option)}`" if option else hint,
                fix=with_option(placed, option, safe=False) if option else None,
            )


def goes_on(placed: PlacedCall) -> str:
    """What says that a call goes on after an error; empty where it ends, or is no such client."""
    found = _CLIENTS.get(placed.call.program)
    return found[0](placed) if found else ""


def _psql(placed: PlacedCall) -> str:
    call = placed.call
    values = [value or "" for name, value in call.options if name in ("set", "variable")]
    if any(v.startswith("ON_ERROR_STOP") and v[14:] not in ("0", "off") for v in values):
        return ""
    if any("ON_ERROR_STOP" in word for word in placed.texts):  # `-vON_ERROR_STOP=1`, `$options`
        return ""
    if any("ON_ERROR_STOP" in text for text in (*call.given, *(d.text for d in call.documents))):
        return ""
    commands = len(statements_of(call))
    if call.has("l", "list", "version", "help", "V"):
        return ""
    if call.has("f", "file"):
        return "`psql -f` without `ON_ERROR_STOP` goes on after an error, and ends with 0"
    if commands > 1:
        return f"of {commands} `-c` only the failure of the last one is noticed by `psql`"
    if commands == 0 and _reads_statements(call) and not looked_at(placed):
        return "`psql` without `ON_ERROR_STOP` goes on after an error in its input, and ends with 0"
    return ""


def _reads_statements(call: Call) -> bool:
    """Whether a client is given statements to read."""
    return bool(call.given) or call.stage > 0 or any(r.operator == "<" for r in call.redirections)


def _pg_restore(placed: PlacedCall) -> str:
    call = placed.call
    if call.has("e", "exit-on-error", "1", "single-transaction"):
        return ""
    if call.has("l", "list", "f", "file", "version", "help"):
        return ""  # it writes a script or a list, and touches no database
    return "`pg_restore` goes on after an error, and leaves a database that is restored in part"


def _mysql(placed: PlacedCall) -> str:
    if not placed.call.has("force", "f"):
        return ""
    return "`mysql --force` goes on after an error in a statement"


def _sqlcmd(placed: PlacedCall) -> str:
    if placed.call.has("b", "?"):
        return ""
    return "`sqlcmd` without `-b` ends with 0 when a statement fails"


def _sqlplus(placed: PlacedCall) -> str:
    call = placed.call
    if any("whenever" in text.lower() for text in call.given):
        return ""
    if not call.given and not any(word.startswith("@") for word in call.operands):
        return ""
    if not call.given:
        return ""  # the script may say it itself
    return "`sqlplus` goes on after an error and ends with 0: nothing says `WHENEVER SQLERROR`"


def _mongo(placed: PlacedCall) -> str:
    call = placed.call
    if call.has("eval", "f", "file") or not _reads_statements(call):
        return ""
    return f"`{call.program}` reads this as if typed: it goes on after an error, and ends with 0"


_Client = tuple[Callable[[PlacedCall], str], str, str]
_CLIENTS: dict[str, _Client] = {
    "psql": (_psql, "-v ON_ERROR_STOP=1", ""),
    "pg_restore": (_pg_restore, "--exit-on-error", ""),
    "mysql": (_mysql, "", "leave `--force` out"),
    "mariadb": (_mysql, "", "leave `--force` out"),
    "sqlcmd": (_sqlcmd, "-b", ""),
    "sqlplus": (_sqlplus, "", "begin with `WHENEVER SQLERROR EXIT FAILURE ROLLBACK`"),
    "mongosh": (_mongo, "", "give it the commands by `--file` or `--eval`"),
    "mongo": (_mongo, "", "give it the commands as a file or by `--eval`"),
}
PROGRAMS = frozenset(_CLIENTS)
