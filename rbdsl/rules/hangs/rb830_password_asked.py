"""A command asks for a password.

`psql -W`, `mysql -p`, `docker login`, `gpg` with a passphrase: they ask at the terminal.

## Why

Nobody is there to type it. psql, mysql and their like open the terminal itself, past all
redirections, so that the step stands still until its time limit, at a prompt that no log shows.

## Bad

```rbplan
phase database "Database" {
  budget 3m
  step load "Load" { timeout 2m; run `mysql -u root -p shop <before.sql` }
}
```

## Good

```rbplan
secret MYSQL_PWD "Password of the database"
phase database "Database" {
  budget 3m
  step load "Load" { timeout 2m; run `MYSQL_PWD="$MYSQL_PWD" mysql -u root shop <before.sql` }
}
```

The programs of PostgreSQL read `PGPASSWORD` or a `.pgpass`, those of MySQL a file that
`--defaults-extra-file` names.

## How it can be fooled

By servers that ask although no option says so: `-w` keeps psql from that. By `mysql -p word`, where
the word is the database and not the password, it is not: that is what it finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import begins, is_fed, running
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB830", "password-asked", Severity.ERROR)


class _Prompt(NamedTuple):
    """What asks: the words that make it ask, the verb, what spares it, the mend."""

    hint: str
    words: tuple[str, ...] = ()
    verb: tuple[str, ...] = ()
    spared_by: tuple[str, ...] = ()


_PG = _Prompt(
    "leave it out, and give the password by `PGPASSWORD` or a `.pgpass`", ("-W", "--password")
)
_PSQL_BUNDLE = lazy_pattern(r"-[1AabeELnqSstxXz]+W")
_MYSQL = _Prompt(
    "leave it out, and give the password by `MYSQL_PWD` or `--defaults-extra-file`",
    ("-p", "--password"),
)
_MONGO = _Prompt("give it by a configuration file: `--config FILE`", ("-p", "--password"))
_LDAP = _Prompt("read it from a file: `-y FILE`", ("-W",))
_ANSIBLE = _Prompt(
    "give it by a file: `--become-password-file`, `--vault-password-file`",
    ("-k", "-K", "--ask-pass", "--ask-become-pass", "--ask-vault-pass", "--ask-vault-password"),
)
_PROMPTS: dict[str, _Prompt] = {
    **dict.fromkeys(
        ("psql", "pg_dump", "pg_dumpall", "pg_restore", "pg_basebackup", "createdb", "dropdb",
         "vacuumdb", "reindexdb", "pgbench", "pg_isready"), _PG),
    **dict.fromkeys(
        ("mysql", "mariadb", "mysqldump", "mariadb-dump", "mysqladmin", "mysqlimport",
         "mysqlbinlog", "mysqlcheck", "mycli"), _MYSQL),
    **dict.fromkeys(("ldapmodify", "ldapadd", "ldapdelete", "ldapsearch"), _LDAP),
    **dict.fromkeys(("ansible", "ansible-playbook"), _ANSIBLE),
    "redis-cli": _Prompt("give it by `REDISCLI_AUTH`", ("--askpass",)),
    "docker": _Prompt(
        'add `--username … --password-stdin <<<"$TOKEN"`', (), ("login",),
        ("password-stdin", "p", "password")),
    "podman": _Prompt(
        'add `--password-stdin <<<"$TOKEN"`', (), ("login",), ("password-stdin", "p", "password")),
    "helm": _Prompt(
        'add `--password-stdin <<<"$TOKEN"`', (), ("registry", "login"),
        ("password-stdin", "password", "p")),
    "passwd": _Prompt("use `chpasswd`", (), (), ("l", "u", "S", "stdin", "d", "e")),
    "kinit": _Prompt("use a keytab: `kinit -kt FILE …`", (), (), ("k", "R", "t")),
    "htpasswd": _Prompt("add `-i`, and hand it the password", (), (), ("i", "b", "D", "v")),
    "gh": _Prompt("add `--with-token`", (), ("auth", "login"), ("with-token",)),
    "vault": _Prompt("hand it the token: `vault login -`", (), ("login",), ("method",)),
}  # fmt: skip
PROGRAMS = _PROMPTS.keys() | {"curl", "gpg"}


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each call that asks."""
    for placed in running(context, PROGRAMS):
        call = placed.call
        if call.program == "curl":
            yield from _of_curl(placed)
        elif call.program == "gpg":
            yield from _of_gpg(placed)
        else:
            prompt = _PROMPTS[call.program]
            if _asks(call, prompt):
                yield _report(placed, prompt.hint)


def _asks(call: Call, prompt: _Prompt) -> bool:
    words = [word.text for word in call.words[1:]]
    if prompt.words:
        bundled = prompt is _PG and any(_PSQL_BUNDLE.fullmatch(word) for word in words)
        return bundled or any(word in words for word in prompt.words)
    if prompt.verb and not begins(call, *prompt.verb):
        return False
    if call.has(*prompt.spared_by) or is_fed(call):
        return False
    return not (call.program == "vault" and len(call.operands) > 1)


def _report(placed: PlacedCall, hint: str) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"`{placed.call.program}` asks for a password, and nobody is there to type it",
        hint=hint,
    )


def _of_curl(placed: PlacedCall) -> Iterator[Diagnostic]:
    """`curl -u name` without a colon asks for the password."""
    words = placed.call.words
    for option, value in pairwise(words):
        if option.text in ("-u", "--user") and value.literal and ":" not in value.text:
            yield _report(placed, f"write `{option.text} {value.text}:` for none, or use `--netrc`")


def _of_gpg(placed: PlacedCall) -> Iterator[Diagnostic]:
    """A passphrase, which the agent asks for at the terminal."""
    call = placed.call
    asking = call.has("c", "symmetric", "d", "decrypt", "s", "sign", "clearsign", "detach-sign")
    if asking and not call.has("batch", "passphrase-file", "passphrase-fd", "passphrase"):
        yield _report(placed, "add `--batch --pinentry-mode loopback --passphrase-file FILE`")
