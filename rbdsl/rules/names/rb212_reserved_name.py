"""A variable would overwrite one of the shell's, or of the generated script's own.

## Why

`let PATH = "…"` would leave every step without its commands.

## Bad

```rbplan
let PATH = "/srv/app"
phase apps "Apps" { budget 2m; step deploy "Deploy" { run `./deploy.sh "$PATH"` } }
```

## Good

```rbplan
let app_path = "/srv/app"
phase apps "Apps" { budget 2m; step deploy "Deploy" { run `./deploy.sh "$app_path"` } }
```

## How it can be fooled

By a name that a program which a step calls reads from its environment.
"""

from rbdsl.model.errors import RESERVED_NAME as CODE

__all__ = ("CODE",)
