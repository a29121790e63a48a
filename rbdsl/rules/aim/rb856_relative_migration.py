"""A migration is taken back by a number of steps, and not to a version.

## Why

"One back" is from wherever the schema stands. Where the migration that failed was never applied,
it takes back the one before; where the step is run again, it takes back one more each time.

## Bad

```rbplan
phase schema "Schema" {
  budget 2m
  step down "Downgrade" { run `alembic downgrade -1`; expect `./schema-is.sh 41` }
}
```

## Good

```rbplan
phase schema "Schema" {
  budget 2m
  step down "Downgrade" { run `alembic downgrade 8c2f11a9e0d4`; expect `./schema-is.sh 41` }
}
```

## How it can be fooled

A step whose `done_when` looks at the version first is spared: it does not run twice. Tools are
known by name, also behind `bundle exec`, `npx`, `php` and `python -m`. In a
step with `retry` it is RB970's.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, is_retried, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB856", "relative-migration", Severity.WARNING)

_RELATIVE = {
    # words somewhere in the call, in this order → how to name the version
    "alembic downgrade": "alembic downgrade REVISION",
    "rails db:rollback": "rails db:migrate VERSION=…",
    "rake db:rollback": "rails db:migrate VERSION=…",
    "knex migrate:rollback": "knex migrate:down NAME",
    "sequelize db:migrate:undo": "sequelize db:migrate:undo --name NAME",
    "sequelize-cli db:migrate:undo": "sequelize db:migrate:undo --name NAME",
    "artisan migrate:rollback": "a migration by its path: artisan migrate:rollback --path=…",
    "goose down": "goose down-to VERSION",
    "migrate down": "migrate goto VERSION",
    "dbmate down": "a dump of the schema before",
    "dbmate rollback": "a dump of the schema before",
    "flyway undo": "flyway undo -target=VERSION",
    "liquibase rollback-count": "liquibase rollback --tag=TAG",
    "liquibase rollbackCount": "liquibase rollback --tag=TAG",
    "console doctrine:migrations:migrate prev": "doctrine:migrations:migrate VERSION",
    "typeorm migration:revert": "a migration of its own that goes back",
    "mix ecto.rollback": "mix ecto.rollback --to VERSION",
}
_NAMING = ("VERSION=", "--name", "--to", "-target", "--target", "--path", "--tag")
PROGRAMS = frozenset(form.split()[0] for form in _RELATIVE) | {
    "artisan", "bundle", "console", "npx", "php", "pnpm", "poetry", "python", "python3",
    "uv", "yarn",
}  # fmt: skip


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for placed in acting(context, *PROGRAMS):
        step = placed.place.step
        if step is not None and step.done_when is not None:
            continue
        instead = relative(placed)
        if instead and not is_retried(placed):
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)} goes back from wherever the schema stands, and further "
                "with each run",
                hint=f"name the version: `{instead}`",
            )


def relative(placed: PlacedCall) -> str:
    """How to say it otherwise; empty where a call names the version."""
    words = [text.rpartition("/")[2] for text in placed.texts]
    if any(word.startswith(_NAMING) for word in placed.texts[1:]):
        return ""
    for form, instead in _RELATIVE.items():
        rest = _behind(form, words)
        if rest is None:
            continue
        if form == "alembic downgrade":
            return instead if any(w[:1] == "-" and w[1:].isdigit() for w in rest) else ""
        return instead
    return ""


def _behind(form: str, words: list[str]) -> list[str] | None:
    left = iter(words)
    return list(left) if all(word in left for word in form.split()) else None
