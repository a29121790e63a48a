"""A secret is an argument of a command.

`-p"$PASSWORD"`, `--password=$TOKEN`, `curl -u "user:$SECRET"`, `-H "Authorization: Bearer $TOKEN"`.

## Why

Arguments are in the process list, for every user of the machine and in every monitoring agent that
collects it. During an incident more people than usual look there, and keep what they see.

## Bad

```rbplan
secret API_TOKEN "Token of the API"
phase back "Back" {
  budget 2m
  step off "Switch it off" {
    timeout 10s
    run `curl -fsS --max-time 5 -H "Authorization: Bearer $API_TOKEN" -X POST http://api/off`
  }
}
```

## Good

```rbplan
secret API_TOKEN "Token of the API"
phase back "Back" {
  budget 2m
  step off "Switch it off" {
    timeout 10s
    run `curl -fsS --max-time 5 -H @- -X POST http://api/off <<<"Authorization: Bearer $API_TOKEN"`
  }
}
```

psql reads `PGPASSWORD`, mysql `MYSQL_PWD`, redis-cli `REDISCLI_AUTH`; docker and helm take
`--password-stdin`.

## How it can be fooled

By a name that says nothing (`$KEY1`), and by one that says too much (`$TOKEN` for a token of a
parser). What `--lock-token`, `--next-token` and the like take opens nothing. Builtins such as
`printf`, and functions, are in no process list. Some programs blot out such arguments a moment
after they start.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.commands import BUILTINS
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.values.environment import shells
from rbdsl.rules.values.secrets import declared_secrets, secret_in

CODE = Code("RB891", "secret-in-argument", Severity.WARNING)

_SHOWING = ("sudo", "sshpass")
_NO_SECRETS = frozenset(
    f"--{name}-token"
    for name in (
        *("lock", "next", "starting", "client", "client-request", "idempotency", "page"),
        *("pagination", "continuation", "request", "change", "update"),
    )
)
"""Options whose tokens open nothing: they say which state, page or request is meant."""
_BY_ENVIRONMENT = {
    "psql": "PGPASSWORD",
    "pg_dump": "PGPASSWORD",
    "pg_restore": "PGPASSWORD",
    "mysql": "MYSQL_PWD",
    "mysqldump": "MYSQL_PWD",
    "mariadb": "MYSQL_PWD",
    "mysqladmin": "MYSQL_PWD",
    "redis-cli": "REDISCLI_AUTH",
    "sshpass": "SSHPASS",
    "dbmate": "DATABASE_URL",
    "sqlx": "DATABASE_URL",
    "flyway": "FLYWAY_PASSWORD",
}


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each word, of the outermost command that shows it."""
    declared = declared_secrets(context.plan)
    for place in shells(context):
        if "$" not in place.shell.text:
            continue
        functions = {c.call.function for c in place.calls if c.call.function}
        reported: list[tuple[int, int]] = []
        for placed in place.calls:
            call = placed.call
            if any(begin <= call.start < end for begin, end in reported):
                continue
            for word in _shown(call, functions):
                secret = secret_in(word.text, declared, place.values or ())
                if secret:
                    reported.append((call.start, call.end))
                    yield _report(placed, word, secret)


def _shown(call: Call, functions: set[str]) -> Iterator[Word]:
    """The words that are in the process list."""
    for words in call.wrappers:
        if words[0].text in _SHOWING and not call.where:
            yield from words[1:]
    names_secret = not {"secret", "secrets"}.isdisjoint(call.operands)
    gives_value = call.has("from-literal", "token", "password")
    if call.program in ("kubectl", "oc") and names_secret and not gives_value:
        return
    if call.program not in BUILTINS and call.program not in functions:
        before = ""
        for word in call.words[1:]:
            named = word.text.partition("=")[0] if word.text.startswith("--") else before
            if not (word.literal and not call.where) and named not in _NO_SECRETS:
                yield word
            before = word.text


def _report(placed: PlacedCall, word: Word, secret: str) -> Diagnostic:
    program = placed.call.program
    if any(word in words for words in placed.call.wrappers):
        program = next(w[0].text for w in placed.call.wrappers if word in w)
    return CODE.at(
        placed.span_of(word),
        f"`{secret}` is an argument of `{program}`, which every user of the machine can read",
        hint=_hint(placed, program, word, secret),
    )


def _hint(placed: PlacedCall, program: str, word: Word, secret: str) -> str:
    if program == "curl" and ":" in word.text and "://" not in word.text:
        if placed.call.has("H", "header") and " " in word.text:
            return f'hand it over on standard input: `-H @- <<<"{word.text}"`'
        return "hand it over in a file of its own: `-K <(printf 'user = \"%s\"' …)`"
    if program in _BY_ENVIRONMENT:
        name = _BY_ENVIRONMENT[program]
        return f'hand it over by the environment: `{name}="{secret}" {program} …`'
    if program in ("docker", "podman", "helm"):
        return f'hand it over on standard input: `--password-stdin <<<"{secret}"`'
    return "hand it over on standard input, by a file or by the environment"
